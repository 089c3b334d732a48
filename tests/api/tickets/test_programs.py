"""Tickets of partners' programs: asked with a key, answered to the office of the key."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from api.tickets.gate import PER_LOGIN
from geodata.database import Audience
from geodata.partner_keys import issue
from kyodo_geo.roles import Role
from tests.api import city
from tests.api.ticket_world import (
    PERSON,
    SECRETS,
    act,
    sign_in,
    stored,
)
from tests.fixtures_db import DatabaseUrls


def key_of(desk: TestClient, office: str | None) -> dict[str, str]:
    with desk.app.state.services.database.write(Audience.AUTH) as conn:
        _, key = issue(conn, city.CODE, "試験", by="test", office_id=office)
    return {"authorization": f"Bearer {key}", "accept": "application/json"}


def test_a_program_asks_and_reads_its_offices_answers(desk: TestClient, town: DatabaseUrls) -> None:
    mine, other = key_of(desk, "o1"), key_of(desk, "o2")
    body = {"question": SECRETS["question"], "association_id": "a11", "customer": PERSON, "consent": True}
    receipt = desk.post("/api/v1/referrals", json=body, headers=mine)
    assert receipt.status_code == 200, receipt.text
    no = receipt.json()["ticket_no"]
    [row] = stored(town)
    assert (row["channel"], row["office_id"], row["customer_email"]) == ("partner", "o1", SECRETS["email"])
    assert str(row["asked_by"]).startswith("key:")
    sign_in(desk, Role.PLANNER)
    act(desk, no, "state", to="answered", answer=SECRETS["answer"])
    sign_in(desk, None)
    answer = desk.get("/api/v1/referrals", headers=mine)
    assert answer.headers["cache-control"] == "private, no-store"
    [found] = answer.json()["tickets"]
    assert (found["ticket_no"], found["state"], found["answer"]) == (no, "answered", SECRETS["answer"])
    assert [value for value in PERSON.values() if value in answer.text] == []
    assert desk.get("/api/v1/referrals", headers=other).json() == {"tickets": [], "next": None}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"question": "q", "customer": {"name": "n"}}, 400),
        ({"question": " "}, 400),
        ({"question": "q", "association_id": "nosuch"}, 400),
        ({"question": "q", "office_id": "o2"}, 422),
        ({"question": "q" * 2001}, 422),
        ({"question": "q", "consent": "yes"}, 422),
    ],
)
def test_programs_are_told_what_is_wrong(
    desk: TestClient, town: DatabaseUrls, body: dict[str, object], status: int
) -> None:
    answer = desk.post("/api/v1/referrals", json=body, headers=key_of(desk, "o1"))
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert stored(town) == []


def test_a_key_without_an_office_and_a_browsers_session_do_not_do(
    desk: TestClient, town: DatabaseUrls
) -> None:
    assert desk.get("/api/v1/referrals", headers=key_of(desk, None)).status_code == 403
    sign_in(desk, Role.PARTNER, "o1")
    assert desk.post("/api/v1/referrals", json={"question": "q"}).status_code == 403
    assert stored(town) == []


def test_a_program_that_runs_wild_is_stopped(desk: TestClient, town: DatabaseUrls) -> None:
    headers = key_of(desk, "o1")
    codes = [
        desk.post("/api/v1/referrals", json={"question": "q"}, headers=headers).status_code
        for _ in range(PER_LOGIN + 1)
    ]
    assert codes == [200] * PER_LOGIN + [429]
