"""Settings come from KYODO_* variables, are documented, and are never made at import."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.settings import PREFIX, Settings, load_settings, unknown_variables
from api.settings_page import page
from kyodo_geo.errors import InputError
from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)


def test_everything_has_a_default() -> None:
    settings = load_settings()
    assert (settings.municipality, settings.host, settings.port) == ("03201", "127.0.0.1", 8000)
    assert settings.basemap == "none"


def test_a_variable_sets_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KYODO_PORT", "9000")
    monkeypatch.setenv("KYODO_TRUSTED_HOSTS", "map.example.lg.jp, 10.0.0.1")
    settings = load_settings()
    assert settings.port == 9000
    assert settings.trusted_hosts == ["map.example.lg.jp", "10.0.0.1"]


def test_the_command_line_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KYODO_PORT", "9000")
    assert load_settings(port=9001, host=None).port == 9001


def test_an_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KYODO_DATABASE_URL", "")
    assert load_settings().database_url is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KYODO_PORT", "0"),
        ("KYODO_PORT", "65536"),
        ("KYODO_PORT", "eighty"),
        ("KYODO_WORKERS", "-1"),
        ("KYODO_MUNICIPALITY", "3201"),
        ("KYODO_BASEMAP", "google"),
        ("KYODO_BASE_URL", "example.lg.jp"),
        ("KYODO_COOKIE_SECURE", "perhaps"),
    ],
)
def test_a_wrong_value_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InputError, match=name) as refused:
        load_settings()
    assert refused.value.details["field"] == name


def test_an_owner_without_the_services_database_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the command would make, and act on, a private database of its own."""
    monkeypatch.setenv("KYODO_OWNER_DATABASE_URL", "postgresql://kyodo_owner@db/kyodo")
    with pytest.raises(InputError, match="KYODO_DATABASE_URL"):
        load_settings()
    monkeypatch.setenv("KYODO_DATABASE_URL", "postgresql://kyodo_app@db/kyodo")
    assert load_settings().owner_url() == "postgresql://kyodo_owner@db/kyodo"


def test_a_slip_of_the_pen_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KYODO_PROT", "9000")
    monkeypatch.setenv("KYODO_PORT", "9000")
    assert unknown_variables() == ["KYODO_PROT"]


def test_passwords_in_urls_do_not_show_when_settings_are_printed() -> None:
    settings = Settings(
        database_url="postgresql://u:himitsu@h/d", owner_database_url="postgresql://o:himitsu@h/d"
    )
    assert "himitsu" not in repr(settings)


# -- databases ----------------------------------------------------------------------------------------------


def test_without_a_url_the_private_cluster_is_used(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path)
    cluster = settings.cluster()
    assert cluster is not None
    assert cluster.layout.state_dir == tmp_path
    assert settings.app_url() == cluster.url("kyodo_app")
    assert settings.owner_url() == cluster.url("kyodo_owner")


def test_a_database_of_ones_own_needs_no_cluster() -> None:
    settings = Settings(database_url="postgresql://app@h/d", owner_database_url="postgresql://owner@h/d")
    assert settings.cluster() is None
    assert settings.app_url() == "postgresql://app@h/d"
    assert settings.owner_url() == "postgresql://owner@h/d"
    assert Settings(database_url="postgresql://app@h/d").owner_url() == "postgresql://app@h/d"


# -- addresses and cookies ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"host": "::1", "port": 80}, "http://[::1]:80"),
        ({"base_url": "https://map.example.lg.jp"}, "https://map.example.lg.jp"),
    ],
)
def test_the_address_people_use(given: dict[str, object], expected: str) -> None:
    assert Settings(**given).public_url == expected  # type: ignore[arg-type]


def test_cookies_are_secure_behind_https_unless_told_otherwise() -> None:
    assert not Settings().secure_cookies
    assert Settings(base_url="https://map.example.lg.jp").secure_cookies
    assert Settings(cookie_secure=True).secure_cookies


# -- documentation ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_is_described_and_listed(name: str) -> None:
    assert Settings.model_fields[name].description
    assert f"`{PREFIX}{name.upper()}`" in (ROOT / "docs" / "SETTINGS.md").read_text(encoding="utf-8")


def test_the_page_of_settings_is_current() -> None:
    assert (ROOT / "docs" / "SETTINGS.md").read_text(encoding="utf-8") == page(), "run `make docs`"


def test_a_setting_without_a_description_would_be_seen() -> None:
    class Planted(Settings):
        planted: int = 1

    assert not Planted.model_fields["planted"].description


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_is_used(name: str) -> None:
    """A setting nobody reads promises the operator something that does not happen."""
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "api").rglob("*.py")]
    assert any(re.search(rf"\b(?:settings|self)\.{name}\b", source) for source in sources)
