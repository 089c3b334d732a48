"""What federations see of the tickets: counts of their area, and nobody."""

from __future__ import annotations

import re
from datetime import date

import psycopg
import pytest
from starlette.testclient import TestClient

from api.routes.federation import season
from geodata import federation_areas
from geodata.database import Audience
from kyodo_geo.errors import NotFoundError
from kyodo_geo.roles import Role
from kyodo_geo.small_counts import MARK
from tests.api import city
from tests.api.ticket_world import (
    SECRETS,
    ask,
    sign_in,
    wish,
)
from tests.fixtures_db import DatabaseUrls


def test_federations_see_counts_of_their_area_and_nobody(desk: TestClient, town: DatabaseUrls) -> None:
    for _ in range(3):
        wish(desk, name=SECRETS["name"], phone=SECRETS["phone"])
        wish(desk, association="a31")
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.join_wish SET received_at = '2026-03-10T03:00Z'")
    sign_in(desk, Role.FEDERATION)
    whole = desk.get("/federation/joins?year=2026")
    assert whole.status_code == 200
    assert "全市" in whole.text and "2-1町内会" in whole.text and "3-1町内会" in whole.text
    assert "3月9日〜3月15日" in whole.text
    assert [value for value in SECRETS.values() if value in whole.text] == []
    database = desk.app.state.services.database
    with database.write(Audience.AUTH) as conn:
        federation_areas.set_area(conn, city.CODE, "federation-x", [2], by="test")
    part = desk.get("/federation/joins?year=2026").text
    assert "2-1町内会" in part and "3-1町内会" not in part
    assert "この期間の取次はありません" in desk.get("/federation/joins?year=2025").text
    with database.write(Audience.AUTH) as conn, pytest.raises(NotFoundError):
        federation_areas.set_area(conn, city.CODE, "nobody", [2], by="test")


def cells(html: str, table: str) -> list[list[str]]:
    """The figures of a table's lines."""
    found = re.search(rf'<table[^>]* id="{table}".*?</table>', html, re.DOTALL)
    assert found is not None
    return [re.findall(r'<td class="numeric">(.*?)</td>', row) for row in found[0].split("<tr>")[2:]]


def test_small_counts_are_for_those_who_handle_tickets(desk: TestClient, town: DatabaseUrls) -> None:
    """One wish in a21, four in a31, five in a32: a21 and what would give it away are withheld, for federations alone."""
    with psycopg.connect(town.superuser) as conn:
        for association, number, day in (("a21", 1, "17"), ("a31", 4, "10"), ("a32", 5, "10")):
            conn.execute(
                "INSERT INTO kyodo.join_wish (municipality_code, ticket_no, association_id, purpose, consent_at, "
                "received_at) SELECT '03201', nextval('kyodo.ticket_no_seq'), %s, 'p', now(), %s "
                "FROM generate_series(1, %s)",
                (association, f"2026-03-{day}T03:00Z", number),
            )
    sign_in(desk, Role.FEDERATION)
    html = desk.get("/federation/joins?year=2026").text
    mark = [MARK] * 5
    assert cells(html, "districts") == [mark, mark]
    assert cells(html, "associations") == [mark, mark, mark]
    assert cells(html, "weeks").count(mark) == 2
    assert '<span class="figure-value">10 件</span>' in html and "差し引きでわかってしまう" in html
    sign_in(desk, Role.PLANNER)
    html = desk.get("/federation/joins?year=2026").text
    assert [row[0] for row in cells(html, "associations")] == ["1", "4", "5"]
    assert MARK not in html


def test_the_years_of_the_federations_page_have_an_end(desk: TestClient) -> None:
    sign_in(desk, Role.FEDERATION)
    year, seen = 2022, []
    while year is not None:
        seen.append(year)
        html = desk.get(f"/federation/joins?year={year}").text
        year = next(
            (int(y) for y in re.findall(r"/federation/joins\?year=(\d+)", html) if int(y) < year), None
        )
    assert seen == [2022, 2021]
    assert desk.get("/federation/joins?year=2020").status_code == 400


def test_the_staffs_ticket_names_its_district(desk: TestClient) -> None:
    no = ask(desk, association="a11")
    sign_in(desk, Role.PLANNER)
    assert ">1 第1地区</a>" in desk.get(f"/staff/tickets/{no}").text


@pytest.mark.parametrize(
    ("day", "year"), [(date(2027, 2, 28), 2026), (date(2027, 3, 1), 2027), (date(2027, 12, 31), 2027)]
)
def test_the_season_shown_is_the_newest_that_has_begun(day: date, year: int) -> None:
    assert season(day) == year
