"""The map of grants (取組7, 10): what was decided is on page, map, CSV and GeoJSON, of every year, and staff's alone."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from geodata.cluster import Cluster
from kyodo_geo.roles import Role
from tests.api.conftest import PAGE, client_of
from tests.api.test_staff_grants import FORM, RUNS, calculated, force, in_force
from tests.api.test_staff_records import send
from tests.api.test_support import script_of
from tests.api.ticket_world import sign_in
from tests.browser.numbers import Figures, disagreements, drawn_in, shapes_of, sheet_of, table_of
from tests.fixtures_db import DatabaseUrls, copied

PATHS = ("/maps/grants", "/maps/grants.js", "/maps/grants.csv", "/maps/grants.geojson")
COLUMNS = {
    "incentive": {
        "協働推進奨励金の額（円）": "amount_yen", "人口 1 人あたり（円）": "per_head", "人口": "population",
        "額のある団体": "recipients", "計算できない団体": "unknown", "うち支払済み（円）": "paid_yen",
    },
    "community": {
        "コミュニティ活動費補助金の額（円）": "amount_yen", "人口 1 人あたり（円）": "per_head", "人口": "population",
        "件数": "recipients", "額が不明の件数": "unknown", "うち支払済み（円）": "paid_yen",
    },
}  # fmt: skip
OF_10 = """
    INSERT INTO kyodo.area_figure (municipality_code, area_kind, area_key, measure, fiscal_year, value, unit, quality)
    SELECT '03201', 'district', no, 'community_grant_yen', year, yen, '円', 'real'
    FROM (VALUES ('1', 2026, 150000), ('2', 2026, 0), ('3', 2026, 60000), ('1', 2025, 90000),
                 ('77', 2026, 5000)) f (no, year, yen)
"""
CASES = """
    INSERT INTO kyodo.grant_case (municipality_code, case_no, scheme, fiscal_year, district_no, applicant, title, state,
                                  requested_yen, decided_yen, settled_yen, paid_yen, entered_by)
    SELECT '03201', no, 'community', 2026, 1, '組織' || no, '活動', state, 100000, decided, settled, paid, 'hana'
    FROM (VALUES (1, 'paid', 100000, 90000, 90000), (2, 'granted', 60000, NULL, 0),
                 (3, 'refused', NULL, NULL, 0)) c (no, state, decided, settled, paid)
"""


@pytest.fixture(scope="module")
def shared(cluster: Cluster, city_template: DatabaseUrls) -> Iterator[TestClient]:
    """A city with the incentive of 2026 decided, typed amounts of 2023, and two granted cases of 取組10."""
    with copied(cluster, city_template) as urls:
        with psycopg.connect(urls.superuser) as conn:
            conn.execute(OF_10)
            conn.execute(CASES)
            conn.execute(
                "INSERT INTO kyodo.area_figure VALUES ('03201', 'district', '2', 'grant_incentive', 2023, 40000, '円', 'real', "
                "'決算'), ('03201', 'city', '03201', 'grant_incentive_total', 2023, 70000, '円', 'real', '決算')"
            )
        settings = Settings(database_url=urls.app, owner_database_url=urls.owner, database_pool_size=4)
        with client_of(create_app(settings)) as client:
            sign_in(client, Role.PLANNER)
            in_force(client)
            send(client, f"{calculated(client)}/decide", decided_on="2026-04-10")
            client.cookies.clear()
            yield client


@pytest.fixture
def visitor(shared: TestClient) -> Iterator[TestClient]:
    yield shared
    shared.cookies.clear()


def rows(client: TestClient, query: str) -> list[dict[str, str]]:
    text = client.get(f"/maps/grants.csv?{query}").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def amounts(client: TestClient, query: str, name: str = "amount_yen") -> list[Any]:
    found = json.loads(client.get(f"/maps/grants.geojson?{query}").content)
    return [feature["properties"][name] for feature in found["features"]]


@pytest.mark.parametrize("role", [None, Role.PARTNER, Role.COUNTER, Role.FEDERATION, Role.ADVISORY])
def test_the_map_is_for_staff_alone(visitor: TestClient, role: Role | None) -> None:
    sign_in(visitor, role)
    for path in PATHS:
        for scheme in COLUMNS:
            assert visitor.get(f"{path}?scheme={scheme}", headers=PAGE).status_code in (303, 403), path


def test_nobody_may_store_it(visitor: TestClient) -> None:
    sign_in(visitor, Role.FACILITY_STAFF)
    for path in PATHS:
        found = visitor.get(path)
        assert (found.status_code, found.headers["cache-control"]) == (200, "private, no-store")


@pytest.mark.parametrize("year", [2026, 2023, 2025])
@pytest.mark.parametrize("scheme", COLUMNS)
def test_page_map_csv_and_geojson_say_the_same(visitor: TestClient, scheme: str, year: int) -> None:
    sign_in(visitor, Role.PLANNER)
    query = f"scheme={scheme}&fiscal_year={year}"
    answer = visitor.get(f"/maps/grants?{query}")
    if answer.status_code == 404:
        assert (scheme, year) in {("incentive", 2025), ("community", 2023)}, "the other grant's year"
        return
    table = table_of(answer.text, id="figures")
    columns = COLUMNS[scheme]
    assert table.columns == list(columns)
    drawn, _ = drawn_in(script_of(visitor, answer.text, "grants"))
    forms: dict[str, Figures] = {
        "map": {key: value for key, value in drawn.items() if key[1] in columns},
        "GeoJSON": shapes_of(visitor.get(f"/maps/grants.geojson?{query}").content, columns, set()),
        "CSV": sheet_of(visitor.get(f"/maps/grants.csv?{query}").content),
    }
    assert len(table.rows) == 4
    assert disagreements(table.figures, forms, {form: set(columns) for form in forms}) == []


def test_a_decided_calculation_is_on_the_map_with_the_sums_of_its_page(visitor: TestClient) -> None:
    sign_in(visitor, Role.PLANNER)
    run = list(csv.DictReader(io.StringIO(visitor.get(f"{RUNS}/1/list.csv").content.decode("utf-8-sig"))))
    sums = [sum(int(row["額（円）"]) for row in run if row["地区の番号"] == str(no)) for no in range(1, 5)]
    assert amounts(visitor, "scheme=incentive") == sums and all(sums)
    assert amounts(visitor, "scheme=incentive", "recipients") == [2, 2, 2, 2]
    assert amounts(visitor, "scheme=incentive", "paid_yen") == [0, 0, 0, 0]
    page = visitor.get("/maps/grants").text
    assert f"令和8年度(2026年度)の協働推進奨励金の額は、市全体で {sum(sums):,} 円です" in page
    years = {row["年度"]: row["協働推進奨励金の額（円）"] for row in rows(visitor, "part=places")}
    assert years == {"令和5年度(2023年度)": "70000", "令和8年度(2026年度)": str(sum(sums))}


def test_typed_amounts_alone_tell_no_recipients_and_what_has_no_district_is_said(visitor: TestClient) -> None:
    sign_in(visitor, Role.PLANNER)
    query = "scheme=incentive&fiscal_year=2023"
    assert amounts(visitor, query) == [None, 40_000, None, None]
    assert amounts(visitor, query, "recipients") == [None] * 4
    page = visitor.get(f"/maps/grants?{query}").text
    assert "市全体で 70,000 円" in page and "合計のうち 30,000 円は、地区が未登録" in page
    assert "額のわからない地区が 3 あります" in page and "4 地区は、額だけが登録されているか" in page
    assert {row["数が不明の地区の数"] for row in rows(visitor, query)} == {"3"}


def test_cases_of_10_are_counted_and_a_district_without_one_was_granted_nothing(visitor: TestClient) -> None:
    sign_in(visitor, Role.PLANNER)
    assert amounts(visitor, "scheme=community") == [150_000, 0, 60_000, 0]
    assert amounts(visitor, "scheme=community", "recipients") == [2, 0, None, 0], "an amount without a case"
    assert amounts(visitor, "scheme=community", "paid_yen") == [90_000, 0, None, 0]
    assert amounts(visitor, "scheme=community&fiscal_year=2025") == [90_000, 0, 0, 0]
    page = visitor.get("/maps/grants?scheme=community").text
    assert "市全体で 215,000 円" in page and "合計のうち 5,000 円は" in page
    assert "1 地区は、額だけが登録されているか" in page


def test_the_amounts_of_10_are_a_theme_for_everybody_and_those_of_7_are_not(visitor: TestClient) -> None:
    found = json.loads(visitor.get("/downloads/support.geojson?theme=community&fiscal_year=2026").content)
    assert [item["properties"]["amount_yen"] for item in found["features"]] == [150_000, 0, 60_000, 0]
    assert "recipients" not in found["features"][0]["properties"], "how many applied is not public"
    sign_in(visitor, Role.PLANNER)
    secret = {str(yen) for yen in amounts(visitor, "scheme=incentive")}
    visitor.cookies.clear()
    for path in ("/maps/support?theme=community", "/downloads/support.csv?theme=community", "/districts/1"):
        text = visitor.get(path).text
        assert not any(yen in text or f"{int(yen):,}" in text for yen in secret), path


def test_a_payment_shows_at_once_though_no_page_of_the_public_changes(visitor: TestClient) -> None:
    """Nothing that is paid bumps the revision: what stands behind the amounts is part of what the map is kept under."""
    sign_in(visitor, Role.PLANNER)
    sums = amounts(visitor, "scheme=incentive")
    assert send(visitor, f"{RUNS}/1/pay", paid_on="2026-05-01").status_code == 303
    assert amounts(visitor, "scheme=incentive", "paid_yen") == sums
    form = {**FORM, "part-1-formula": "9,000円", "act": "save"}
    draft = "/staff/grants/rules/incentive/2026/draft"
    version = visitor.get(draft).text.split('name="version" value="')[1].split('"')[0]
    assert send(visitor, draft, version=version, **form).status_code == 303
    force(visitor, reason="訂正")
    second = str(send(visitor, f"{RUNS}/1/correct", reason="誤り").headers["location"]).partition("?")[0]
    send(visitor, f"{second}/decide", decided_on="2026-06-01")
    assert amounts(visitor, "scheme=incentive") == [yen - 2_000 for yen in sums], "1,000 less for each of two"
    assert amounts(visitor, "scheme=incentive", "paid_yen") == sums, "not asked back yet"
    send(visitor, f"{second}/pay", paid_on="2026-06-02")
    assert amounts(visitor, "scheme=incentive", "paid_yen") == [yen - 2_000 for yen in sums]


@pytest.mark.parametrize(
    ("query", "status"),
    [("scheme=hall-rent", 404), ("scheme=A", 400), ("fiscal_year=1999", 404), ("nosuch=1", 400)],
)
def test_what_does_not_exist_is_said(visitor: TestClient, query: str, status: int) -> None:
    sign_in(visitor, Role.PLANNER)
    assert visitor.get(f"/maps/grants?{query}").status_code == status
