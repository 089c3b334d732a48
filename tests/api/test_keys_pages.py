"""Keys in the browser: issued and shown once, replaced with an overlap, revoked at once; an office sees its own alone."""

from __future__ import annotations

import re
from collections.abc import Callable

import psycopg
import pytest
from starlette.testclient import TestClient

from api.auth.principals import Principal
from geodata import key_use, partner_keys
from geodata.database import Audience
from kyodo_geo.errors import TooManyRequestsError
from kyodo_geo.roles import Role
from tests.api.conftest import HOST, another
from tests.api.signing import token_of
from tests.api.test_live import within
from tests.api.ticket_world import add_offices, sign_in
from tests.fixtures_db import DatabaseUrls

PAGE = "/staff/keys"
OWN = "/partner/keys"
KEY = re.compile(r"k[gp]_[0-9a-f]{12}_[0-9A-Za-z_-]{43}")
QUESTION = {"lon": 141.105, "lat": 39.702}
FORM = {
    "label": "店の検索",
    "office": "o1",
    "kind": "secret",
    "scope": ["lookup", "batch"],
    "origins": "",
    "until": "",
    "rate": "",
}


@pytest.fixture
def staff(serve: Callable[..., TestClient], town: DatabaseUrls) -> TestClient:
    add_offices(town)
    client = serve()
    client.headers["accept"] = "text/html"
    sign_in(client, Role.PLANNER)
    return client


def send(client: TestClient, path: str, form: str = PAGE, **fields: object):
    data = {"csrf_token": token_of(client.get(form).text), **fields}
    return client.post(path, data=data, headers={"origin": HOST})


def issue(client: TestClient, **fields: object) -> str:
    answer = send(client, PAGE, **{**FORM, **fields})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    found = KEY.findall(answer.text)
    assert len(found) == 1
    return found[0]


def asks(client: TestClient, key: str, **headers: str):
    program = another(client)
    program.headers["accept"] = "application/json"
    return program.post(
        "/api/v1/lookup", json=QUESTION, headers={"authorization": f"Bearer {key}", **headers}
    )


def the_id(key: str) -> str:
    return key.split("_")[1]


def test_a_key_is_shown_once_and_works_as_it_was_asked_for(staff: TestClient, town: DatabaseUrls) -> None:
    key = issue(staff, until="2099-03-31", rate="5")
    assert key.startswith("kg_")
    listed = staff.get(PAGE).text
    assert key not in listed and f"kg_{the_id(key)}_…" in listed and "2099" in listed
    answer = asks(staff, key)
    assert answer.status_code == 200
    assert (answer.headers["ratelimit-limit"], answer.headers["ratelimit-remaining"]) == ("5", "4")
    for _ in range(4):
        asks(staff, key)
    late = asks(staff, key)
    assert late.status_code == 429 and 1 <= int(late.headers["retry-after"]) <= 60
    assert late.headers["ratelimit-remaining"] == "0"
    with psycopg.connect(town.superuser) as conn:
        kept = str(conn.execute("SELECT * FROM kyodo.partner_key, kyodo.audit").fetchall())
    assert key not in kept and key.rpartition("_")[2] not in kept, "nowhere in the database"


def test_a_key_for_a_page_works_from_its_sites(staff: TestClient) -> None:
    key = issue(staff, kind="publishable", origins="https://www.agent.example https://b.example")
    assert asks(staff, key, origin="https://b.example").status_code == 200
    assert asks(staff, key, origin="https://c.example").status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"label": ""}, {"label": "x" * 101}, {"until": "yesterday"}, {"until": "2020-01-01"}, {"rate": "many"},
        {"rate": "0"}, {"rate": "9999999"}, {"office": "nobody"}, {"scope": []}, {"kind": "publishable"},
        {"origins": "https://a.example"}, {"kind": "publishable", "origins": "javascript:1"}, {"until": "9999-12-31"},
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_in_the_form(staff: TestClient, wrong: dict[str, object]) -> None:
    answer = send(staff, PAGE, **{**FORM, **wrong})
    assert answer.status_code == 400 and "できませんでした" in answer.text
    assert not KEY.search(answer.text)


def test_the_old_key_goes_on_beside_its_successor(staff: TestClient, town: DatabaseUrls) -> None:
    old = issue(staff)
    answer = send(staff, f"{PAGE}/{the_id(old)}/rotate", overlap_days="7", until="2099-03-31")
    new = KEY.findall(answer.text)[0]
    assert asks(staff, old).status_code == asks(staff, new).status_code == 200
    again = send(staff, f"{PAGE}/{the_id(old)}/rotate", overlap_days="7", until="")
    assert again.status_code == 400 and "すでに新しい鍵に替えて" in again.text
    with psycopg.connect(town.superuser) as conn:
        row = conn.execute(
            "SELECT o.expires_at - now() < interval '7 days 1 minute', n.scopes = o.scopes, n.office_id, n.replaces "
            "FROM kyodo.partner_key o, kyodo.partner_key n WHERE o.key_id = %s AND n.key_id = %s",
            (the_id(old), the_id(new)),
        ).fetchone()
        assert row == (True, True, "o1", the_id(old))
        conn.execute("UPDATE kyodo.partner_key SET expires_at = now() WHERE key_id = %s", (the_id(old),))
    assert within(1, lambda: asks(staff, old).status_code == 401)
    assert asks(staff, new).status_code == 200


def test_with_no_overlap_the_old_key_stops_at_once(staff: TestClient) -> None:
    old = issue(staff)
    new = KEY.findall(send(staff, f"{PAGE}/{the_id(old)}/rotate", overlap_days="0", until="").text)[0]
    assert within(1, lambda: asks(staff, old).status_code == 401)
    assert asks(staff, new).status_code == 200


@pytest.mark.parametrize("days", ["-1", "91", "x", "", "1e3"])
def test_an_overlap_has_bounds(staff: TestClient, days: str) -> None:
    old = issue(staff)
    assert send(staff, f"{PAGE}/{the_id(old)}/rotate", overlap_days=days, until="").status_code == 400
    assert asks(staff, old).status_code == 200


def test_a_revoked_key_is_refused_within_a_second(staff: TestClient) -> None:
    key = issue(staff)
    assert asks(staff, key).status_code == 200
    assert send(staff, f"{PAGE}/{the_id(key)}/revoke").status_code == 200
    assert within(1, lambda: asks(staff, key).status_code == 401)
    assert send(staff, f"{PAGE}/{the_id(key)}/revoke").status_code == 400
    assert "取り消した" in staff.get(PAGE).text


@pytest.mark.parametrize("with_successors", [False, True])
def test_a_key_is_revoked_alone_or_with_what_came_in_its_place(
    staff: TestClient, with_successors: bool
) -> None:
    old = issue(staff)
    words = "この鍵から替えた新しい鍵も取り消す"
    assert words not in staff.get(PAGE).text
    new = KEY.findall(send(staff, f"{PAGE}/{the_id(old)}/rotate", overlap_days="7", until="").text)[0]
    newest = KEY.findall(send(staff, f"{PAGE}/{the_id(new)}/rotate", overlap_days="7", until="").text)[0]
    other = issue(staff)
    assert staff.get(PAGE).text.count(words) == 2
    answer = send(staff, f"{PAGE}/{the_id(old)}/revoke", **({"successors": "yes"} if with_successors else {}))
    assert answer.status_code == 200
    assert within(1, lambda: asks(staff, old).status_code == 401)
    goes_on = 401 if with_successors else 200
    assert {asks(staff, key).status_code for key in (new, newest)} == {goes_on}
    assert asks(staff, other).status_code == 200


def test_a_key_about_to_end_is_said(staff: TestClient, town: DatabaseUrls) -> None:
    key = issue(staff)
    assert "30 日以内に使えなくなる" not in staff.get(PAGE).text
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.partner_key SET expires_at = now() + interval '9 days'")
    assert "30 日以内に使えなくなる鍵（1）" in staff.get(PAGE).text
    with staff.app.state.services.database.read(Audience.AUTH) as conn:
        assert [item.key_id for item in partner_keys.keys(conn, "03201", ending_within_days=30)] == [
            the_id(key)
        ]


def test_the_last_use_is_written_once_a_second_and_wakes_nobody(
    staff: TestClient, town: DatabaseUrls
) -> None:
    key = issue(staff)
    services = staff.app.state.services
    asks(staff, key)
    with psycopg.connect(town.superuser, autocommit=True) as conn:
        conn.execute("LISTEN kyodo_keys")
        services.counters.flush()
        found = conn.execute(
            "SELECT key_id, last_used_at > now() - interval '9 s' FROM kyodo.partner_key_use"
        ).fetchall()
        assert found == [(the_id(key), True)]
        assert list(conn.notifies(timeout=0.2)) == [], "no worker forgets its keys for that"
    assert "まだ使っていない" not in staff.get(PAGE).text


def test_an_office_sees_and_replaces_its_own_keys_alone(staff: TestClient) -> None:
    mine, theirs = issue(staff, until="2099-03-31"), issue(staff, office="o2")
    office = another(staff)
    sign_in(office, Role.PARTNER, "o1")
    page = office.get(OWN).text
    assert the_id(mine) in page and the_id(theirs) not in page and mine not in page
    refused = send(office, f"{OWN}/{the_id(theirs)}/rotate", OWN)
    assert refused.status_code == 400 and not KEY.search(refused.text)
    new = KEY.findall(send(office, f"{OWN}/{the_id(mine)}/rotate", OWN).text)[0]
    assert (
        asks(staff, new).status_code
        == asks(staff, mine).status_code
        == asks(staff, theirs).status_code
        == 200
    )
    with staff.app.state.services.database.read(Audience.AUTH) as conn:
        held = partner_keys.find_by_id(conn, "03201", the_id(new))
    assert held.expires_at is not None and held.expires_at.year == 2099, "the office cannot prolong its key"


def test_an_office_that_left_gets_no_key(staff: TestClient) -> None:
    with psycopg.connect(staff.app.state.services.database.url) as conn:
        conn.execute(
            "SET ROLE kyodo_staff; UPDATE kyodo.partner_office SET closed_on = current_date WHERE office_id = 'o1'"
        )
    assert send(staff, PAGE, **FORM).status_code == 400


def test_the_bound_holds_over_all_workers(serve: Callable[..., TestClient], town: DatabaseUrls) -> None:
    """Two services as two workers; what one answered, the other knows once both have told (each second by themselves)."""
    first, second = serve(), serve()
    one, two = (client.app.state.services for client in (first, second))
    for services in (one, two):
        services.counters.stop()  # told by hand, so that nothing depends on the clock
    program = Principal(frozenset({Role.PARTNER}), key_id="0" * 12, rows_per_minute=10)
    minute = 29_000_000 * 60.0
    for services in (one, two):
        services.rates._clock = lambda: minute + 5
    assert one.rates.take(program, 6)["RateLimit-Remaining"] == "4"
    assert two.rates.take(program, 1)["RateLimit-Remaining"] == "9", "not told yet"
    one.counters.flush()
    two.counters.flush()
    assert two.rates.take(program, 1)["RateLimit-Remaining"] == "2"
    with pytest.raises(TooManyRequestsError) as caught:
        two.rates.take(program, 3)
    assert caught.value.details["remaining"] == 2 and caught.value.details["retry_after"] == 55
    two.counters.flush()
    one.counters.flush()
    assert one.rates.take(program, 2)["RateLimit-Remaining"] == "0"
    minute += 60
    assert one.rates.take(program, 9)["RateLimit-Remaining"] == "1", "another minute"
    one.counters.flush()
    with one.database.write(Audience.AUTH) as conn:
        assert key_use.share_minute(conn, "03201", 29_000_000, {"0" * 12: 5}) == {}, (
            "late for its minute: told nothing"
        )


def test_keys_go_on_while_the_database_is_away(serve: Callable[..., TestClient]) -> None:
    client = serve()
    services = client.app.state.services
    program = Principal(frozenset({Role.PARTNER}), key_id="0" * 12, rows_per_minute=10)
    services.rates.take(program, 6)
    services.counters.used("0" * 12)
    services.counters._database = None  # fails as nothing else would
    services.counters.flush()
    assert services.rates.take(program, 4)["RateLimit-Remaining"] == "0"
