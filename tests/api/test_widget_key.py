"""Publishable keys: bound to their origins, can only look up, and are readable by no other site's page."""

from __future__ import annotations

import re
from collections.abc import Callable

import psycopg
import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.access_table import ACCESS
from api.cli import app as program
from geodata.database import Audience
from geodata.partner_keys import issue, normal_origin, revoke
from kyodo_geo.errors import InputError, NotFoundError
from tests.api import city
from tests.api.conftest import HOST
from tests.api.test_access import is_nobodys
from tests.api.test_live import within
from tests.fixtures_db import DatabaseUrls

PATH = "/api/v1/lookup"
AGENT, OTHER = "https://www.agent.example", "https://evil.example"
QUESTION = {"address": "試験町一丁目5番1号"}


def cors(answer) -> set[str]:
    return {name for name in answer.headers if name.startswith("access-control-")}


@pytest.fixture(scope="module")
def key(client: TestClient) -> str:
    with client.app.state.services.database.write(Audience.AUTH) as conn:
        _, found = issue(conn, city.CODE, "店のサイト", by="test", origins=[AGENT + "/", AGENT.upper()])
    assert found.startswith("kp_")
    return found


def ask(client: TestClient, key: str, origin: str | None, **options):
    headers = {"authorization": f"Bearer {key}", **({"origin": origin} if origin is not None else {})}
    return client.post(PATH, json=options.pop("json", QUESTION), headers=headers, **options)


def preflight(
    client: TestClient,
    origin: str,
    method: str = "POST",
    headers: str = "authorization,content-type",
    path: str = PATH,
):
    return client.options(
        path,
        headers={
            "origin": origin,
            "access-control-request-method": method,
            "access-control-request-headers": headers,
        },
    )


def test_a_page_of_its_origin_may_look_up_and_read_the_answer(client: TestClient, key: str) -> None:
    answer = ask(client, key, AGENT)
    assert (answer.status_code, answer.json()["outcome"]) == (200, "one")
    assert answer.headers["access-control-allow-origin"] == AGENT
    assert "access-control-allow-credentials" not in answer.headers
    assert "origin" in answer.headers["vary"].lower()
    assert answer.headers["cache-control"] == "private, no-store"


def test_failures_are_readable_there_too(client: TestClient, key: str) -> None:
    answer = ask(client, key, AGENT, json={"address": ""})
    assert answer.status_code == 422
    assert answer.headers["access-control-allow-origin"] == AGENT


@pytest.mark.parametrize(
    "origin",
    [None, "", "null", OTHER, "http://www.agent.example", AGENT + ":8443", AGENT + ".evil.example",
     "https://agent.example", AGENT + "/"],
)  # fmt: skip
def test_other_origins_are_refused_and_cannot_read_why(
    client: TestClient, key: str, origin: str | None
) -> None:
    answer = ask(client, key, origin)
    assert answer.status_code == 403
    assert cors(answer) == set()
    assert "登録されたサイト" in answer.json()["detail"]


def test_without_a_publishable_key_no_page_elsewhere_reads_anything(client: TestClient) -> None:
    with client.app.state.services.database.write(Audience.AUTH) as conn:
        _, secret = issue(conn, city.CODE, "プログラム", by="test")
    for answer in (
        ask(client, secret, AGENT),
        client.post(PATH, json=QUESTION, headers={"origin": AGENT}),
        client.get(f"{PATH}?lon=141.105&lat=39.702", headers={"origin": AGENT}),
    ):
        assert answer.status_code == 200
        assert cors(answer) == set()
        assert "origin" in answer.headers["vary"].lower()


def test_it_opens_nothing_but_the_single_lookup(client: TestClient, key: str) -> None:
    headers = {"authorization": f"Bearer {key}", "origin": AGENT, "accept": "application/json"}
    paths = {
        "{no}": "1",
        "{name}": "membership",
        "{association_id}": "a11",
        "{job_id}": "0" * 24,
        "{collection_id}": "projects",
    }
    tried = 0
    for method, template in ACCESS:
        if "{path:path}" in template or (method, template) == ("POST", PATH) or is_nobodys(method, template):
            continue
        path = template
        for name, value in paths.items():
            path = path.replace(name, value)
        body = {"rows": [QUESTION]} if "batch" in path else None
        answer = client.request(method, path, headers=headers, json=body)
        assert answer.status_code == 403, (method, path, answer.status_code)
        assert "access-control-allow-origin" not in answer.headers or path == PATH
        tried += 1
    assert tried > 40


def test_the_browser_is_answered_before_it_asks(client: TestClient, key: str) -> None:
    answer = preflight(client, AGENT)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == AGENT
    assert answer.headers["access-control-allow-methods"] == "POST"
    assert answer.headers["access-control-allow-headers"] == "Authorization, Content-Type"
    assert "access-control-allow-credentials" not in answer.headers
    assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize(
    "asked",
    [
        {"origin": OTHER},
        {"origin": "null"},
        {"origin": AGENT, "method": "GET"},
        {"origin": AGENT, "method": "DELETE"},
        {"origin": AGENT, "headers": "authorization,x-more"},
        {"origin": AGENT, "path": "/api/v1/lookup/batch"},
        {"origin": AGENT, "path": "/api/v1/districts"},
        {"origin": AGENT, "path": "/login"},
        {"origin": "https://" + "a" * 5000},
    ],
)  # fmt: skip
def test_other_preflights_get_no_permission(client: TestClient, key: str, asked: dict[str, str]) -> None:
    answer = preflight(client, **asked)
    assert answer.status_code == 405
    assert cors(answer) == set()


def test_revoked_or_ended_it_is_over_within_a_second(
    serve: Callable[..., TestClient], town: DatabaseUrls
) -> None:
    client = serve()
    database = client.app.state.services.database
    with database.write(Audience.AUTH) as conn:
        key_id, key = issue(conn, city.CODE, "店", by="test", origins=[AGENT])
    assert within(1, lambda: preflight(client, AGENT).status_code == 204)
    assert ask(client, key, AGENT).status_code == 200
    with database.write(Audience.AUTH) as conn:
        revoke(conn, city.CODE, key_id, by="test")
    assert within(1, lambda: preflight(client, AGENT).status_code == 405)
    assert within(1, lambda: ask(client, key, AGENT).status_code == 401)
    with database.write(Audience.AUTH) as conn:
        issue(conn, city.CODE, "店", by="test", origins=[AGENT])
    assert within(1, lambda: preflight(client, AGENT).status_code == 204)
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.partner_key SET expires_at = now()")
    assert within(1, lambda: preflight(client, AGENT).status_code == 405)


def test_too_many_are_told_so_that_the_page_can_read_it(serve: Callable[..., TestClient]) -> None:
    client = serve(widget_lookups_per_minute=1)
    with client.app.state.services.database.write(Audience.AUTH) as conn:
        _, key = issue(conn, city.CODE, "店", by="test", origins=[AGENT])
    first, second = ask(client, key, AGENT), ask(client, key, AGENT)
    assert (first.status_code, first.headers["ratelimit-remaining"]) == (200, "0")
    assert second.status_code == 429
    assert 1 <= int(second.headers["retry-after"]) <= 60
    assert second.headers["access-control-allow-origin"] == AGENT
    assert "RateLimit-Remaining" in second.headers["access-control-expose-headers"]


def test_lookups_of_pages_are_counted_apart(client: TestClient, key: str) -> None:
    services = client.app.state.services
    ask(client, key, AGENT)
    services.counters.flush()
    with services.database.read(Audience.AUTH) as conn:
        row = conn.execute(
            "SELECT sum(lookups) AS n FROM lookup_count WHERE channel = 'widget' AND key_id = %s",
            (key.split("_")[1],),
        ).fetchone()
    assert row["n"] >= 1


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://www.example.jp", "https://www.example.jp"),
        ("https://WWW.Example.jp/", "https://www.example.jp"),
        ("https://www.example.jp:443", "https://www.example.jp"),
        ("https://www.example.jp:8443", "https://www.example.jp:8443"),
        ("https://例え.jp", "https://xn--r8jz45g.jp"),
        ("http://localhost:3000", "http://localhost:3000"),
    ],
)
def test_origins_are_kept_as_browsers_send_them(text: str, origin: str) -> None:
    assert normal_origin(text) == origin


@pytest.mark.parametrize(
    "text",
    ["", "*", "null", "www.example.jp", "http://www.example.jp", "https://*.example.jp", "https://a.jp/path", "https://a.jp?x",
     "https://u@a.jp", "https://a.jp:99999", "https://", "ftp://a.jp", "https://a b.jp", "https://[::1]"],
)  # fmt: skip
def test_what_is_no_origin(text: str) -> None:
    with pytest.raises(InputError):
        normal_origin(text)


def test_the_database_refuses_a_key_for_pages_without_origins(town: DatabaseUrls) -> None:
    add = (
        "INSERT INTO kyodo.partner_key (municipality_code, key_id, key_hash, label, created_by, kind, origins, scopes) "
        "VALUES ('03201', 'x', sha256('x'), 'x', 'x', %s, %s, %s)"
    )
    for kind, origins, scopes in (
        ("publishable", [], ["lookup"]),
        ("secret", [AGENT], ["lookup"]),
        ("publishable", [AGENT], ["lookup", "more"]),
        ("other", [], ["lookup"]),
    ):
        with pytest.raises(psycopg.errors.CheckViolation), psycopg.connect(town.superuser) as conn:
            conn.execute(add, (kind, origins, scopes))


def test_issued_and_listed_on_the_command_line(town: DatabaseUrls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KYODO_DATABASE_URL", town.app)
    monkeypatch.setenv("KYODO_OWNER_DATABASE_URL", town.owner)

    def run(*arguments: str):
        result = CliRunner().invoke(program, ["key", *arguments], env={"COLUMNS": "200"})
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    issued = run("issue", "店のサイト", "--publishable", "--origin", AGENT, "--origin", "https://b.example")
    assert re.fullmatch(r"kp_[0-9a-f]{12}_[0-9A-Za-z_-]{43}", issued.stdout.strip())
    listed = run("list").stdout
    assert "ページ用" in listed and AGENT in listed and "https://b.example" in listed
    for wrong in (["--publishable"], ["--origin", AGENT], ["--publishable", "--origin", "*"]):
        with pytest.raises(InputError):
            run("issue", "x", *wrong)
    with pytest.raises(NotFoundError):
        run("revoke", "000000000000")


def test_the_script_may_be_loaded_by_other_sites(client: TestClient) -> None:
    answer = client.get("/widget/v1.js")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert "set-cookie" not in answer.headers
    assert len(answer.content) <= 15_000
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "localStorage", "sessionStorage",
                      "indexedDB", "document.cookie", "eval(", "new Function", ".style."):  # fmt: skip
        assert forbidden not in answer.text


def test_the_page_shows_the_line_to_copy(client: TestClient) -> None:
    text = client.get("/partner/widget", headers={"accept": "text/html"}).text
    assert f"&lt;script src=&quot;{HOST}/widget/v1.js&quot; data-key=" in text
    assert "connect-src" in text
