"""Secrets of the settings: from the environment or a file, never a well-known word, and shown nowhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from typer.testing import CliRunner

from api import secret_settings
from api.cli import app as program
from api.secret_settings import WELL_KNOWN, passwords_of, secret_names
from api.settings import PREFIX, Settings, load_settings, unknown_variables
from api.settings_page import page
from kyodo_geo.errors import InputError
from tests.conftest import ROOT

PLANTED = "Himitsu-7f3k-Kagi"
SECRETS = secret_names(Settings)
FILES = {f"{PREFIX}{name.upper()}_FILE" for name in SECRETS} | {
    f"{PREFIX}{name.upper()}" for name in secret_settings.SECRET_FILES
}
SOUNDS_SECRET = ("password", "secret", "token", "private", "credential")


def value_of(name: str) -> str:
    """A value with the planted word, as the setting takes it."""
    if name.startswith("smtp_url"):
        return f"smtps://user:{PLANTED}@127.0.0.1:9"
    return f"postgresql://user:{PLANTED}@127.0.0.1:9/none" if name.endswith("_url") else PLANTED


@pytest.fixture(autouse=True)
def no_variables(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """None but what the setting that is looked at cannot go without: an owner of no database is refused for itself."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    if "owner_database_url" in request.node.name.lower():
        monkeypatch.setenv("KYODO_DATABASE_URL", value_of("database_url"))


def test_every_setting_that_sounds_secret_is_marked() -> None:
    plain = [
        name for name, field in Settings.model_fields.items()
        if any(word in name for word in SOUNDS_SECRET) and name not in SECRETS and Path not in get_args(field.annotation)
    ]  # fmt: skip
    assert plain == [], "declare it with repr=False"
    assert {"database_url", "owner_database_url", "read_database_url", "smtp_url", "smtp_password"} <= set(
        SECRETS
    )


@pytest.mark.parametrize("name", SECRETS)
def test_each_can_stand_in_a_file(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(value_of(name) + "\n")
    file.chmod(0o600)
    variable = f"{PREFIX}{name.upper()}_FILE"
    monkeypatch.setenv(variable, str(file))
    settings = load_settings()
    assert unknown_variables() == []
    if f"{name}_file" in Settings.model_fields:
        assert getattr(settings, f"{name}_file") == file, "read when it is used"
    else:
        assert getattr(settings, name) == value_of(name)
        monkeypatch.setenv(f"{PREFIX}{name.upper()}", value_of(name))
        with pytest.raises(InputError, match="どちらか一方"):
            load_settings()
        monkeypatch.delenv(f"{PREFIX}{name.upper()}")
        for wrong in (b"", b"a\nb\n", b"\xff", b"x" * 70_000):
            file.write_bytes(wrong)
            with pytest.raises(InputError, match=variable) as caught:
                load_settings()
            assert PLANTED not in caught.value.message
        monkeypatch.setenv(variable, str(tmp_path / "nosuch"))
        with pytest.raises(InputError, match=variable):
            load_settings()


@pytest.mark.parametrize("variable", sorted(FILES))
def test_a_file_that_others_may_read_or_change_is_refused(
    variable: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    name = variable.removeprefix(PREFIX).removesuffix("_FILE").lower()
    file.write_text(value_of(name))
    monkeypatch.setenv(variable, str(file))
    for mode in (0o604, 0o602, 0o620, 0o644, 0o666):
        file.chmod(mode)
        with pytest.raises(InputError, match=variable) as refused:
            load_settings()
        assert "chmod 600" in refused.value.message and PLANTED not in refused.value.message, oct(mode)
    for mode in (0o400, 0o440, 0o600, 0o640):
        file.chmod(mode)
        load_settings()


def test_what_a_container_platform_hands_over_is_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "database"
    file.write_text(value_of("database_url"))
    file.chmod(0o444)
    monkeypatch.setattr(secret_settings, "HANDED_OVER", tmp_path)
    monkeypatch.setenv("KYODO_DATABASE_URL_FILE", str(file))
    assert load_settings().database_url == value_of("database_url")


def test_every_file_of_a_secret_is_looked_at() -> None:
    plain = [
        name for name, field in Settings.model_fields.items()
        if Path in get_args(field.annotation) and any(word in name for word in SOUNDS_SECRET)
        and name not in secret_settings.SECRET_FILES
    ]  # fmt: skip
    assert plain == []


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("weak", ["postgres", "Password", "changeme", "short1", "aaaaaaaaaaaa", "kyodo_app"])
def test_a_word_that_anybody_would_try_is_refused(
    name: str, weak: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{PREFIX}{name.upper()}", value_of(name).replace(PLANTED, weak))
    with pytest.raises(InputError) as refused:
        load_settings()
    assert (
        f"{PREFIX}{name.upper()}" in refused.value.message
        and "パスワードが初期値のままか" in refused.value.message
    )
    if weak not in WELL_KNOWN | {"kyodo_app", "postgres"}:
        assert weak not in refused.value.message


def test_a_connection_without_a_password_is_no_weak_one() -> None:
    """Certificates, `peer`, and password files of libpq."""
    assert passwords_of("database_url", "postgresql://user@/db?host=/run/postgresql") == []
    assert passwords_of("database_url", "host=/run dbname=x") == []
    assert passwords_of("database_url", "host=db password=postgres") == ["postgres"]
    assert passwords_of("database_url", "postgresql://u:p%40ss@h/d") == ["p@ss"]


def test_none_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """In `repr`, in what is refused, in the documentation, in help, and in the table of settings."""
    given = {name: value_of(name) for name in SECRETS}
    for name, value in given.items():
        monkeypatch.setenv(f"{PREFIX}{name.upper()}", value)
    settings = load_settings()
    assert all(getattr(settings, name) == value for name, value in given.items())
    assert PLANTED not in repr(settings) and PLANTED not in str(settings) and PLANTED not in page()
    monkeypatch.setenv("KYODO_PORT", "x")
    monkeypatch.setenv("KYODO_SMTP_URL", f"ftp://u:{PLANTED}@h")
    with pytest.raises(InputError) as refused:
        load_settings()
    assert "KYODO_SMTP_URL" in refused.value.message
    assert PLANTED not in refused.value.message + repr(refused.value) + str(refused.value.details)
    for words in (["--help"], ["serve", "--help"], ["db", "--help"], ["key", "--help"]):
        assert PLANTED not in CliRunner().invoke(program, words).output


COMMANDS = [["key", "list"], ["db", "upgrade"], ["db", "status"], ["audit", "verify"], ["purge", "--dry-run"]]


def test_none_is_said_by_a_command_that_fails() -> None:
    """Real processes whose database is not there, side by side: each waits for it some seconds."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
    environment |= {f"{PREFIX}{name.upper()}": value_of(name) for name in SECRETS} | {"PYTHONPATH": str(ROOT)}
    begun = [
        subprocess.Popen(
            [sys.executable, "-m", "api.cli", *words], cwd=ROOT, env=environment, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )
        for words in COMMANDS
    ]  # fmt: skip
    for words, process in zip(COMMANDS, begun, strict=True):
        told, _ = process.communicate(timeout=60)
        assert process.returncode != 0, words
        assert PLANTED not in told
        assert "Traceback" not in told


def test_none_leaves_by_an_answer_or_a_log(
    town, settings_for, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Readiness, an error page, a crash, the OpenAPI, metrics, with every secret set (the database's stay those of the test)."""
    import logging

    from starlette.testclient import TestClient

    from api.app import create_app
    from tests.api.conftest import HOST, client_of

    caplog.set_level(logging.DEBUG)
    others = {name: value_of(name) for name in SECRETS if not name.endswith("database_url")}
    app = create_app(settings_for(town, **others, log_level="debug", mail_from="a@example.jp"))
    with client_of(app) as client:

        def crash(*args: object, **kwargs: object) -> None:
            raise RuntimeError(f"could not sign in to {value_of('smtp_url')}")

        answers = [
            client.get(path, headers={"accept": accept})
            for path in (
                "/readyz",
                "/healthz",
                "/nosuch",
                "/metrics",
                "/api/v1/openapi.json",
                "/about",
                "/staff",
            )
            for accept in ("text/html", "application/json")
        ]
        monkeypatch.setattr("api.pages.Pages.render", crash)
        crashing = TestClient(app, base_url=HOST, raise_server_exceptions=False)
        crashing.portal = client.portal
        answers.append(crashing.get("/maps", headers={"accept": "text/html"}))
    assert answers[-1].status_code == 500
    for answer in answers:
        assert PLANTED not in answer.text + str(dict(answer.headers)), answer.request.url
    assert PLANTED not in caplog.text
