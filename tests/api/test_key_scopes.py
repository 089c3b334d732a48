"""What a key may do: every set of scopes on every route that is for keys."""

from __future__ import annotations

from itertools import combinations

import psycopg
import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.access import allowed
from api.access_table import EVERYBODY, KEY_SCOPES, SCOPE_LABELS
from api.cli import app as program
from geodata import migrate
from geodata.database import Audience
from geodata.partner_keys import SCOPES, issue
from kyodo_geo.errors import InputError
from kyodo_geo.roles import Role
from tests.api import city
from tests.api.ticket_world import add_offices
from tests.fixtures_db import DatabaseUrls

SETS = [chosen for size in (1, 2, 3) for chosen in combinations(SCOPES, size)]
ASK = {"address": "試験町一丁目5番1号"}
SENT = {
    ("POST", "/api/v1/lookup"): {"json": ASK},
    ("GET", "/api/v1/lookup"): {"params": ASK},
    ("POST", "/api/v1/lookup/batch"): {"json": {"rows": [ASK]}},
    ("GET", "/api/v1/referrals"): {},
    ("POST", "/api/v1/referrals"): {"json": {"question": "会費はいくらですか。"}},
}


@pytest.fixture(scope="module")
def offices(shared_town: DatabaseUrls) -> None:
    add_offices(shared_town)


def headers(client: TestClient, **options) -> dict[str, str]:
    with client.app.state.services.database.write(Audience.AUTH) as conn:
        _, key = issue(conn, city.CODE, "試験", by="test", office_id="o1", **options)
    return {"authorization": f"Bearer {key}", "accept": "application/json"}


@pytest.mark.parametrize("scopes", SETS, ids="+".join)
@pytest.mark.usefixtures("offices")
def test_a_key_does_what_it_may_and_no_more(client: TestClient, scopes: tuple[str, ...]) -> None:
    held = headers(client, scopes=scopes)
    assert set(SENT) == set(KEY_SCOPES)
    for (method, path), sent in SENT.items():
        answer = client.request(method, path, headers=held, **sent)
        wanted = KEY_SCOPES[method, path]
        if wanted in scopes:
            assert answer.status_code == 200, (path, answer.text)
        else:
            assert answer.status_code == 403, path
            assert answer.headers["content-type"] == "application/problem+json"
            assert SCOPE_LABELS[wanted] in answer.json()["detail"] and wanted in answer.json()["detail"]
    assert client.get("/api/v1/districts", headers=held).status_code == 200, "public data need no scope"


@pytest.mark.usefixtures("offices")
def test_a_key_made_without_saying_does_everything(client: TestClient) -> None:
    held = headers(client)
    assert {client.request(*at, headers=held, **sent).status_code for at, sent in SENT.items()} == {200}


def test_every_route_that_takes_keys_is_in_the_table() -> None:
    from api.access_table import ACCESS

    assert set(KEY_SCOPES.values()) == set(SCOPES) == set(SCOPE_LABELS)
    partners = {
        at for at, roles in ACCESS.items()
        if at[1].startswith("/api/v1/") and Role.PARTNER in roles and (roles != EVERYBODY or "lookup" in at[1])
    }  # fmt: skip
    # the houses that an owner told somebody of are a person's to see, who is signed in
    assert partners - {("GET", "/api/v1/consented-houses")} == set(KEY_SCOPES)
    assert all(Role.PARTNER in allowed(*at) for at in KEY_SCOPES)


@pytest.mark.parametrize("wrong", [("everything",), ("lookup", "x"), ()])
def test_scopes_that_do_not_exist(client: TestClient, wrong: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="lookup、batch、referral"):
        headers(client, scopes=wrong)


def test_a_key_of_a_web_page_only_looks_up(client: TestClient) -> None:
    with pytest.raises(InputError, match="使えないもの：batch"):
        headers(client, scopes=("lookup", "batch"), origins=["https://www.agent.example"])


@pytest.mark.parametrize("scopes", ["{everything}", "{}", "{lookup,everything}"])
def test_the_database_takes_no_other_scope(shared_town: DatabaseUrls, scopes: str) -> None:
    with psycopg.connect(shared_town.superuser) as conn, pytest.raises(psycopg.errors.CheckViolation):
        conn.execute(
            "INSERT INTO kyodo.partner_key (municipality_code, key_id, key_hash, label, created_by, scopes) "
            "VALUES ('03201', 'x', decode(repeat('00', 32), 'hex'), 'x', 'x', %s)",
            (scopes,),
        )


def test_keys_are_issued_and_listed_with_their_scopes(town: DatabaseUrls, monkeypatch) -> None:
    monkeypatch.setenv("KYODO_DATABASE_URL", town.app)
    monkeypatch.setenv("KYODO_OWNER_DATABASE_URL", town.owner)
    made = CliRunner().invoke(program, ["key", "issue", "店", "--scope", "lookup", "--scope", "referral"])
    assert made.exit_code == 0, made.output
    with psycopg.connect(town.superuser) as conn:
        assert conn.execute("SELECT scopes FROM kyodo.partner_key").fetchone() == (["lookup", "referral"],)
    listed = CliRunner(env={"COLUMNS": "200"}).invoke(program, ["key", "list"]).output
    assert "lookup" in listed and "referral" in listed and "batch" not in listed


def test_keys_from_before_still_do_what_they_did(blank_database: DatabaseUrls) -> None:
    migrate.upgrade(blank_database.owner, "0010")
    with psycopg.connect(blank_database.owner) as conn:
        conn.execute("INSERT INTO kyodo.municipality VALUES ('03201', '盛岡市', '岩手県', 6678)")
        for number, (kind, origins) in enumerate((("secret", "{}"), ("publishable", "{https://a.example}"))):
            conn.execute(
                "INSERT INTO kyodo.partner_key (municipality_code, key_id, key_hash, label, created_by, kind, origins) "
                "VALUES ('03201', %s, decode(repeat(%s, 32), 'hex'), 'x', 'x', %s, %s)",
                (kind, f"0{number}", kind, origins),
            )
    migrate.upgrade(blank_database.owner)
    with psycopg.connect(blank_database.owner) as conn:
        found = dict(conn.execute("SELECT kind, scopes FROM kyodo.partner_key").fetchall())
    assert found == {"secret": list(SCOPES), "publishable": ["lookup"]}
