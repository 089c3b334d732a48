"""`kyodo-geo user`, `key` and `lookup` as an operator types them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from kyodo_geo.errors import ConflictError, InputError, NotFoundError
from tests.fixtures_db import DatabaseUrls

Run = Callable[..., Result]


@pytest.fixture
def run(town: DatabaseUrls, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command line on this test's own town; failures of the domain are raised as they are."""
    monkeypatch.setenv("KYODO_DATABASE_URL", town.app)
    monkeypatch.setenv("KYODO_OWNER_DATABASE_URL", town.owner)

    def invoke(*arguments: str) -> Result:
        result = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200"})
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


def test_a_user_is_added_listed_changed_and_disabled(run: Run) -> None:
    added = run("user", "add", "hanako", "--name", "盛岡 花子", "--role", "planner", "--role", "counter")
    assert re.search(r"http://127\.0\.0\.1:8000/welcome\?token=[0-9A-Za-z_-]{43}", added.stdout)
    listed = run("user", "list").stdout
    assert "hanako" in listed and "市民協働推進課" in listed and "パスワード未設定" in listed
    assert "施設担当" in run("user", "roles", "hanako", "--role", "facility_staff").stdout
    assert "市民協働推進課" not in run("user", "list").stdout
    run("user", "disable", "hanako")
    assert "停止" in run("user", "list").stdout
    with pytest.raises(ConflictError):
        run("user", "link", "hanako")
    run("user", "disable", "hanako", "--undo")
    assert "/welcome?token=" in run("user", "link", "hanako").stdout


def test_a_federations_area_is_set_and_taken_back(run: Run) -> None:
    run("user", "add", "rengo", "--name", "連合会", "--role", "federation")
    assert "27、28 地区" in run("user", "area", "rengo", "-d", "28", "-d", "27", "-d", "27").stdout
    assert "全市" in run("user", "area", "rengo").stdout
    with pytest.raises(NotFoundError):
        run("user", "area", "nobody")


@pytest.mark.parametrize("login", ["", "a b", "花子", "x" * 81, "a'; DROP TABLE app_user; --", "<img>"])
def test_logins_that_cannot_be(run: Run, login: str) -> None:
    with pytest.raises(InputError):
        run("user", "add", login, "--name", "x", "--role", "planner")
    assert login not in run("user", "list").stdout or login == ""


def test_what_does_not_exist_or_exists_already(run: Run) -> None:
    with pytest.raises(InputError, match="planner"):
        run("user", "add", "x", "--name", "x", "--role", "king")
    with pytest.raises(NotFoundError):
        run("user", "link", "nobody")
    run("user", "add", "x", "--name", "x", "--role", "planner")
    with pytest.raises(ConflictError):
        run("user", "add", "x", "--name", "x", "--role", "planner")
    with pytest.raises(NotFoundError):
        run("key", "revoke", "000000000000")
    with pytest.raises(InputError):
        run("key", "issue", "x", "--office", "nowhere")


def test_a_key_is_shown_once(run: Run) -> None:
    issued = run("key", "issue", "検索画面", "--until", "2099-03-31")
    key = (
        issued.stdout.strip().splitlines()[0]
        if issued.stdout.startswith("kg_")
        else re.search(r"kg_\S+", issued.output)[0]
    )  # type: ignore[index]
    listed = run("key", "list").stdout
    assert "検索画面" in listed and "2099" in listed and "使える" in listed
    assert key.rpartition("_")[2] not in listed
    run("key", "revoke", key.split("_")[1])
    assert "取り消し" in run("key", "list").stdout


def test_lookup_in_words_and_as_json(run: Run) -> None:
    words = run("lookup", "試験町一丁目5番1号").stdout
    assert "1-1町内会" in words and "見本データ（架空）" in words
    answer = json.loads(run("lookup", "--lon", "141.105", "--lat", "39.705", "--json").stdout)
    assert answer["outcome"] == "several"


@pytest.mark.parametrize(
    "arguments",
    [[], ["x", "--lon", "1", "--lat", "1"], ["--lon", "1"], ["--lon", "nan", "--lat", "1"], ["--lon", "inf", "--lat", "1"],
     ["--lon", "200", "--lat", "1"], ["x" * 201], [""]],
)  # fmt: skip
def test_questions_that_cannot_be_answered(run: Run, arguments: list[str]) -> None:
    with pytest.raises(InputError):
        run("lookup", *arguments)


def test_a_municipality_that_is_not_there(run: Run) -> None:
    with pytest.raises(NotFoundError):
        run("lookup", "x", "--municipality", "99999")
