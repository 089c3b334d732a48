"""The register of buildings in answers: the same for page, API, batches and files; for offices, counters and the city alone."""

from __future__ import annotations

import csv
import io

import psycopg
import pytest
from starlette.testclient import TestClient

from geodata import buildings
from geodata.database import Audience
from geodata.partner_keys import issue
from kyodo_geo.buildings import Fact, JoinsAs
from kyodo_geo.roles import Role
from tests.api import city
from tests.api.conftest import HOST
from tests.api.signing import token_of
from tests.api.ticket_world import add_offices, sign_in
from tests.fixtures_db import DatabaseUrls

AGREES, OPEN, AGAINST = "メゾン・ド・試験", "新築荘", "食違ハイツ"
PLACE = "試験町一丁目5番"
QUESTIONS = [f"{PLACE} メゾンド試験", "メゾンド試験 203号室", f"試験町一丁目 {OPEN}", f"{PLACE} {AGAINST}"]
REMEMBERED = [("one", ["a11"]), ("one", ["a11"]), ("one", ["a12"]), ("several", ["a11", "a21"])]
PLAIN = [("one", ["a11"]), ("not_understood", []), ("several", ["a11", "a12"]), ("one", ["a11"])]
AGENT = "https://www.agent.example"
LOOKUP = "/api/v1/lookup"


@pytest.fixture(scope="module")
def keys(client: TestClient, shared_town: DatabaseUrls) -> dict[str, dict[str, str]]:
    """Headers of an office's key, of a key without an office, and of the office's page; the register is filled."""
    add_offices(shared_town)
    database = client.app.state.services.database
    with database.write(Audience.STAFF) as conn:
        for name, address, association in (
            (AGREES, PLACE, "a11"),
            (OPEN, "試験町一丁目", "a12"),
            (AGAINST, PLACE, "a21"),
        ):
            fact = Fact(association, JoinsAs.WHOLE_BUILDING, "家賃と一緒")
            buildings.enter(conn, city.CODE, name, address, fact, by="planner")
    with database.write(Audience.AUTH) as conn:
        found = {
            "office": issue(conn, city.CODE, "店", by="test", office_id="o1")[1],
            "nobody": issue(conn, city.CODE, "試験", by="test")[1],
            "page": issue(conn, city.CODE, "サイト", by="test", office_id="o1", origins=[AGENT])[1],
        }
    headers = {name: {"authorization": f"Bearer {key}"} for name, key in found.items()}
    headers["page"]["origin"] = AGENT
    return {**headers, "public": {}}


def said(answer: dict) -> tuple[str, list[str]]:
    return answer["outcome"], [item["id"] for item in answer["associations"]]


def columns(row: dict) -> tuple[str, list[str]]:
    one = row["association_id"]
    return row["outcome"], [one] if one else [item["id"] for item in row["candidates"]]


def test_an_offices_program_hears_what_the_register_says(client: TestClient, keys) -> None:
    posted = [client.post(LOOKUP, json={"address": text}, headers=keys["office"]) for text in QUESTIONS]
    asked = [client.get(LOOKUP, params={"address": text}, headers=keys["office"]) for text in QUESTIONS]
    rows = client.post(
        f"{LOOKUP}/batch", json={"rows": [{"address": text} for text in QUESTIONS]}, headers=keys["office"]
    ).json()["rows"]
    assert [said(answer.json()) for answer in posted] == REMEMBERED
    assert [answer.json() for answer in asked] == [answer.json() for answer in posted]
    assert [columns(row["result"]) for row in rows] == REMEMBERED
    assert [row["result"]["message"] for row in rows] == [answer.json()["message"] for answer in posted]
    assert all(answer.headers["cache-control"] == "private, no-store" for answer in posted)


def test_the_answer_says_how_the_building_joins(client: TestClient, keys) -> None:
    answer = client.post(LOOKUP, json={"address": QUESTIONS[2]}, headers=keys["office"]).json()
    (building,) = answer["buildings"]
    assert building == {
        "name": OPEN,
        "address": "試験町一丁目",
        "association_id": "a12",
        "joins_as": "whole-building",
        "joins_as_label": "建物全体で加入している",
        "fee_way": "家賃と一緒",
        "conflict": False,
    }
    assert answer["associations"][0]["basis"] == "memory"


@pytest.mark.parametrize("who", ["public", "nobody", "page"])
def test_the_public_a_key_without_an_office_and_a_widget_hear_nothing_of_it(
    client: TestClient, keys, who: str
) -> None:
    client.cookies.clear()
    for text, expected in zip(QUESTIONS, PLAIN, strict=True):
        answer = client.post(LOOKUP, json={"address": text}, headers=keys[who])
        assert said(answer.json()) == expected, text
        assert "物件台帳" not in answer.text and "buildings" not in answer.json()
        assert "家賃" not in answer.text


@pytest.mark.parametrize(
    ("role", "office", "reads"),
    [
        (Role.PARTNER, "o1", True),
        (Role.PARTNER, None, False),
        (Role.COUNTER, None, True),
        (Role.PLANNER, None, True),
        (Role.FEDERATION, None, False),
        (Role.ASSOCIATION_OFFICER, None, False),
        (Role.ADVISORY, None, False),
        (None, None, False),
    ],
)
def test_who_finds_a_building_on_the_page_and_among_the_suggestions(
    client: TestClient, keys, role: Role | None, office: str | None, reads: bool
) -> None:
    sign_in(client, role, office)
    page = client.post(
        "/lookup", data={"address": QUESTIONS[3]}, headers={"origin": HOST, "accept": "text/html"}
    )
    typed = client.post("/lookup/suggest", json={"text": "メゾンド"}, headers={"origin": HOST})
    sheet = client.post(
        "/lookup/sheet.pdf",
        data={"address": QUESTIONS[1]},
        headers={"origin": HOST, "accept": "application/json"},
    )
    client.cookies.clear()
    assert ("物件台帳では2-1町内会です" in page.text) is reads
    assert ("候補が 2 件あります" in page.text) is reads
    assert typed.json() == {"suggestions": [{"text": AGREES, "kind": "building"}] if reads else []}
    assert typed.headers["cache-control"] == "private, no-store"
    assert (sheet.status_code == 200) is reads, "the paper says what the page says"


def test_a_file_of_an_office_gets_the_same_answers(client: TestClient, keys) -> None:
    from tests.api.test_batch_upload import started, work

    table = "住所\r\n" + "\r\n".join(QUESTIONS)
    for role, office, expected in (
        (Role.PARTNER, "o1", REMEMBERED),
        (Role.PLANNER, None, REMEMBERED),
        (Role.PARTNER, None, PLAIN),
    ):
        sign_in(client, role, office)
        client.headers["accept"] = "text/html"
        path = started(client, table.encode("cp932"), column="0")
        assert work(client) == 1
        got = client.get(f"{path}/result").content.decode("cp932")
        rows = list(csv.DictReader(io.StringIO(got)))
        found = [
            (row["outcome"], [part.split()[0] for part in (row["association_id"] or row["candidates"]).split("|") if part])
            for row in rows
        ]  # fmt: skip
        assert found == expected, role
        client.post(
            f"{path}/delete", data={"csrf_token": token_of(client.get(path).text)}, headers={"origin": HOST}
        )
    client.headers["accept"] = "application/json"
    client.cookies.clear()


def test_a_contradiction_goes_to_the_staff_and_is_counted_as_a_fault(
    client: TestClient, keys, shared_town: DatabaseUrls
) -> None:
    services = client.app.state.services
    services.counters.flush()
    with psycopg.connect(shared_town.superuser, autocommit=True) as conn:
        conn.execute("DELETE FROM kyodo.lookup_count")
        client.post(LOOKUP, json={"address": QUESTIONS[3]}, headers=keys["office"])
        services.counters.flush()
        counted = conn.execute(
            "SELECT outcome, lookups, data_faults, office_id FROM kyodo.lookup_count"
        ).fetchall()
    assert counted == [("several", 1, 1, "o1")]
    sign_in(client, Role.PLANNER)
    page = client.get("/staff/buildings", headers={"accept": "text/html"}).text
    client.cookies.clear()
    assert AGAINST in page and "2-1町内会" in page and "1-1町内会" in page
    assert AGREES not in page and OPEN not in page


def test_a_widgets_lookups_count_for_its_office(client: TestClient, keys, shared_town: DatabaseUrls) -> None:
    services = client.app.state.services
    services.counters.flush()
    with psycopg.connect(shared_town.superuser, autocommit=True) as conn:
        conn.execute("DELETE FROM kyodo.lookup_count")
        assert client.post(LOOKUP, json={"address": PLACE}, headers=keys["page"]).status_code == 200
        services.counters.flush()
        counted = conn.execute("SELECT channel, office_id, lookups FROM kyodo.lookup_count").fetchall()
    assert counted == [("widget", "o1", 1)]


def test_the_register_is_not_asked_for_the_public(client: TestClient, keys, monkeypatch) -> None:
    def asked(*_: object) -> None:
        raise AssertionError("a look at the register for somebody who may not read it")

    for name in ("remembered", "all_remembered", "names_beginning", "search"):
        monkeypatch.setattr(buildings, name, asked)
    client.cookies.clear()
    for text in QUESTIONS:
        assert client.post(LOOKUP, json={"address": text}).status_code == 200
        assert client.post("/lookup", data={"address": text}, headers={"origin": HOST}).status_code == 200
        assert (
            client.post("/lookup/suggest", json={"text": text[:20]}, headers={"origin": HOST}).status_code
            == 200
        )
