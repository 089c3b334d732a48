"""The agreement's map: the figures of the staff's tables by district and month, and no small count to who may not see it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from geodata.cluster import Cluster
from kyodo_geo.roles import Role
from kyodo_geo.small_counts import MARK
from tests.api.conftest import PAGE, client_of
from tests.api.test_agreement import plant
from tests.api.ticket_world import sign_in
from tests.fixtures_db import DatabaseUrls, copied

FULL, LESS = Role.PLANNER, Role.FACILITY_STAFF
YEAR = "fiscal_year=2026"
PATHS = ("/maps/agreement", "/maps/agreement.js", "/maps/agreement.csv", "/maps/agreement.geojson")
PEOPLE = ("referrals", "wishes", "joined")


@pytest.fixture(scope="module")
def shared(cluster: Cluster, city_template: DatabaseUrls) -> Iterator[TestClient]:
    """One service with lookups, leaflets, two questions and two wishes of 2026."""
    with copied(cluster, city_template) as urls:
        plant(urls)
        with psycopg.connect(urls.superuser) as conn:
            conn.execute(
                "UPDATE kyodo.lookup_count SET town = 'ひみつ町' WHERE municipality_code = '03201' AND town <> ''"
            )
        settings = Settings(database_url=urls.app, owner_database_url=urls.owner, database_pool_size=4)
        with client_of(create_app(settings)) as client:
            yield client


@pytest.fixture
def visitor(shared: TestClient) -> Iterator[TestClient]:
    yield shared
    shared.cookies.clear()


def shapes(client: TestClient, query: str) -> list[dict[str, Any]]:
    found = json.loads(client.get(f"/maps/agreement.geojson?{query}").content)
    return [feature["properties"] for feature in found["features"]]


def rows(client: TestClient, query: str) -> list[dict[str, str]]:
    text = client.get(f"/maps/agreement.csv?{query}").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("role", [None, Role.PARTNER, Role.COUNTER, Role.FEDERATION, Role.ADVISORY])
def test_the_map_is_for_staff_alone(visitor: TestClient, role: Role | None) -> None:
    sign_in(visitor, role)
    for path in PATHS:
        assert visitor.get(path, headers=PAGE).status_code in (303, 403), path


@pytest.mark.parametrize("role", [FULL, LESS])
def test_nobody_may_store_it_and_no_place_or_office_is_in_it(visitor: TestClient, role: Role) -> None:
    sign_in(visitor, role)
    for path in PATHS:
        found = visitor.get(f"{path}?{YEAR}")
        assert (found.status_code, found.headers["cache-control"]) == (200, "private, no-store")
        for secret in ("ひみつ町", "事業所o1", '"o1"'):
            assert secret not in found.text


def test_page_csv_and_geojson_say_the_same(visitor: TestClient) -> None:
    sign_in(visitor, FULL)
    found = shapes(visitor, YEAR)
    assert [shape["count"] for shape in found] == [7, 7, 4, 0]
    assert [shape["per_1000"] for shape in found] == [7.0, 3.5, 1.33, 0.0]
    assert [line["検索（件）"] for line in rows(visitor, YEAR)] == ["7", "7", "4", "0"]
    page = visitor.get(f"/maps/agreement?{YEAR}").text
    assert "市全体で 21 件" in page
    assert "地区のわからない検索が 3 件" in page
    assert [shape["wishes"] for shape in found] == [2, 0, 0, 0]


def test_rows_and_notes_add_up_to_the_total(town: DatabaseUrls, serve: Callable[..., TestClient]) -> None:
    """Lookups of a district that the generation has no more are in the total, so they are told beside the table."""
    plant(town)
    with psycopg.connect(town.superuser) as conn:
        conn.execute(
            "INSERT INTO kyodo.lookup_count (municipality_code, day, channel, outcome, town, key_id, office_id, "
            "district_no, lookups, data_faults) VALUES ('03201', '2026-05-07', 'page', 'one', '', '', '', 99, 4, 0)"
        )
    client = serve()
    sign_in(client, FULL)
    page = client.get(f"/maps/agreement?{YEAR}").text
    assert "市全体で 25 件" in page
    assert sum(shape["count"] for shape in shapes(client, YEAR)) == 25 - 3 - 4
    assert "地区のわからない検索が 3 件" in page
    assert "地区 99 （いまはない地区）の件数（検索 4 件）も、合計には入り" in page
    asked = client.get(f"/maps/agreement?{YEAR}&measure=referrals").text
    assert "地区のわからない取次が 1 件" in asked and "ほかに検索 3 件です" in asked
    assert "99 （いまはない地区）" in client.get(f"/staff/agreement?{YEAR}").text
    sign_in(client, LESS)
    alone = client.get(f"/maps/agreement?{YEAR}&month=5&measure=wishes").text
    assert f"検索 4 件、取次 {MARK} 件" in alone, "a 0 would tell of a month's single people"


def test_a_month_alone(visitor: TestClient) -> None:
    sign_in(visitor, FULL)
    assert [shape["count"] for shape in shapes(visitor, f"{YEAR}&month=5&measure=leaflets")] == [0, 1, 0, 0]
    assert "2026年度) 5月" in visitor.get(f"/maps/agreement?{YEAR}&month=5").text
    assert [line["月"] for line in rows(visitor, f"{YEAR}&part=places")] == ["2026年4月", "2026年5月"]


@pytest.mark.parametrize("measure", ["lookups", *PEOPLE])
@pytest.mark.parametrize("month", [0, 4, 5])
def test_small_counts_of_people_are_nowhere_for_who_does_not_handle_tickets(
    visitor: TestClient, measure: str, month: int
) -> None:
    """2 wishes, 1 joined, 2 questions: all small. In a month not even which district has none is told."""
    sign_in(visitor, LESS)
    query = f"{YEAR}&measure={measure}&month={month}"
    found = shapes(visitor, query)
    for key in PEOPLE:
        values = [shape["count" if key == measure else key] for shape in found]
        if month:
            assert values == [None] * 4
        else:
            assert not {1, 2} & set(values)
    page = visitor.get(f"/maps/agreement?{query}").text
    script = page.split('src="/maps/agreement.js')[1].split('"')[0].replace("&amp;", "&")
    assert MARK in page
    for text in (page, visitor.get(f"/maps/agreement.js{script}").text):
        for unit in ("取次（件）", "加入の申込み（件）", "うち加入（件）"):
            assert f"{unit} 1" not in text and f"{unit} 2" not in text


def test_lookups_count_nobody_and_are_for_all_staff(visitor: TestClient) -> None:
    sign_in(visitor, LESS)
    assert [shape["count"] for shape in shapes(visitor, YEAR)] == [7, 7, 4, 0]


def test_one_readers_map_is_not_anothers(visitor: TestClient) -> None:
    """Drawn maps are kept in memory: who sees all comes first, who sees less must not get that one."""
    query = f"{YEAR}&measure=wishes"
    sign_in(visitor, FULL)
    assert [shape["count"] for shape in shapes(visitor, query)] == [2, 0, 0, 0]
    sign_in(visitor, LESS)
    assert shapes(visitor, query)[0]["count"] is None


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("measure=nosuch", 404),
        ("fiscal_year=2020", 404),
        ("month=13", 400),
        ("measure=Lookups", 400),
        ("x=1", 400),
    ],
)
def test_what_does_not_exist_is_said(visitor: TestClient, query: str, status: int) -> None:
    sign_in(visitor, FULL)
    assert visitor.get(f"/maps/agreement?{query}").status_code == status


def test_the_samples_figures_are_marked_and_gone_with_the_sample(
    cluster: Cluster, city_template: DatabaseUrls
) -> None:
    """Invented sums of fiscal year 2024 show while the associations are a sample, beside what was really counted."""
    with copied(cluster, city_template) as urls:
        plant(urls)
        with psycopg.connect(urls.superuser) as conn:
            for measure, year, count in (
                ("agreement_one_04", 2024, 40), ("agreement_by_page_04", 2024, 40), ("agreement_referral_04", 2024, 5),
                ("agreement_one_04", 2026, 100),
            ):  # fmt: skip
                conn.execute(
                    "INSERT INTO kyodo.area_figure VALUES ('03201', 'district', '2', %s, %s, %s, '件', 'sample', '見本')",
                    (measure, year, count),
                )
        settings = Settings(database_url=urls.app, owner_database_url=urls.owner, database_pool_size=4)
        with client_of(create_app(settings)) as client:
            sign_in(client, FULL)
            before = "fiscal_year=2024"
            assert [shape["count"] for shape in shapes(client, before)] == [0, 40, 0, 0]
            assert [shape["count"] for shape in shapes(client, YEAR)] == [7, 107, 4, 0], (
                "added to what was counted"
            )
            assert [line["検索（件）"] for line in rows(client, before)] == ["0", "40", "0", "0"]
            assert {line["データの品質"] for line in rows(client, before)} == {"見本データ（架空）"}
            assert "見本データ（架空）が含まれます" in client.get(f"/maps/agreement?{before}").text
            assert "<td>40</td>" in client.get(f"/staff/agreement?{before}").text.replace(
                ' class="numeric"', ""
            )

            with psycopg.connect(urls.superuser) as conn:
                conn.execute("SET session_replication_role = replica")
                conn.execute("UPDATE kyodo.dataset SET quality = 'real' WHERE kind = 'associations'")
                conn.execute("SET session_replication_role = origin")
                conn.execute(
                    "UPDATE kyodo.district_plan SET note = note"
                )  # a new revision, as an activation makes
            assert [shape["count"] for shape in shapes(client, before)] == [0, 0, 0, 0]
            assert [shape["count"] for shape in shapes(client, YEAR)] == [7, 7, 4, 0]
            assert "見本データ（架空）が含まれます" not in client.get(f"/maps/agreement?{before}").text
