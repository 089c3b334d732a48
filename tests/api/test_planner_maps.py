"""Plan states on any day, change of membership, denominators and projects: one set of figures in all forms."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta

import psycopg
import pytest
from starlette.testclient import TestClient

from api.clock import today
from geodata.database import Audience
from geodata.queries.districts import districts
from geodata.queries.generation import resolve
from geodata.queries.plan_records import plan_records
from kyodo_geo.plan_states import standing_on
from maps.text import day
from tests.api import city
from tests.api.test_live import SEEN_WITHIN_S, within
from tests.api.test_pages import get, rows_of_csv, rows_of_page
from tests.fixtures_db import DatabaseUrls

MAPS = [
    ("plan-adoption", "?on=2024-05-01"),
    ("membership", "?fiscal_year=2019"),
    ("membership", "?fiscal_year=2020&compare_year=2019"),
    ("membership", "?fiscal_year=2020&denominator=census"),
    ("projects", "?fiscal_year=2024"),
    ("facility-coverage", "?radius=500"),
]


def add_records(conn: psycopg.Connection) -> None:
    """Later plan states of districts 1 and 3, projects in two districts."""
    conn.execute("SET search_path = kyodo, public")
    town = city.Builder(conn)
    conn.execute("UPDATE district_plan SET valid_to = '2024-04-01' WHERE district_no = 1")
    town.row(
        "district_plan", district_no=1, record_no=2, state="revised", title=city.HOSTILE, valid_from="2024-04-01",
        document_url="https://example.jp/plan.pdf", quality="real",
    )  # fmt: skip
    steps = [
        ("in_preparation", "2022-04-01", "2023-04-01"),
        ("adopted", "2023-04-01", "2025-04-01"),
        ("expired", "2025-04-01", None),
    ]
    for number, (state, first, last) in enumerate(steps, start=1):
        town.row(
            "district_plan", district_no=3, record_no=number, state=state, valid_from=first, valid_to=last,
            note="話し合いをしています", quality="real",
        )  # fmt: skip
    for number, (no, yen) in enumerate([(1, 300_000), (1, None), (2, 100_000)], start=1):
        town.row(
            "project", project_id=f"p{number}", district_no=no, fiscal_year=2024, title="事業", grant_yen=yen,
            participants=10, quality="real", source="事業の台帳",
        )  # fmt: skip


@pytest.fixture(scope="module")
def world(shared_town: DatabaseUrls, client: TestClient) -> TestClient:
    with psycopg.connect(shared_town.superuser) as conn:
        add_records(conn)
    assert within(SEEN_WITHIN_S, lambda: client.get("/maps/projects?fiscal_year=2024").status_code == 200)
    return client


def shown_in(value: object) -> set[str]:
    """How a property may read in a table: a share as percent, a number with its digits."""
    if isinstance(value, float):
        return {f"{value * 100:.1f}", f"{value:.1f}", f"{value:.2f}"}
    return {str(value)}


@pytest.mark.parametrize(("name", "query"), MAPS)
def test_table_map_csv_and_geojson_say_the_same(world: TestClient, name: str, query: str) -> None:
    page = rows_of_page(world, name, query)
    sheet = {row["番号"]: list(row.values()) for row in rows_of_csv(world, f"/downloads/{name}.csv{query}")}
    file = world.get(f"/downloads/{name}.geojson{query}").json()
    script = world.get(f"/maps/{name}.js{query}").text
    line = next(x for x in script.splitlines() if x.startswith("geo_json_districts_add("))
    drawn = {
        f["id"]: f["properties"] for f in json.loads(line[len("geo_json_districts_add(") : -2])["features"]
    }

    assert set(page) == set(sheet) == {str(f["id"]) for f in file["features"]} == {str(key) for key in drawn}
    for feature in file["features"]:
        key = str(feature["id"])
        first, written = page[key][0], sheet[key][2]
        number = written.replace("-", "−") if first.startswith("−") else written
        plain = first.replace(",", "").removesuffix(" %").removeprefix("+").removeprefix("±")
        assert plain == number, "page and sheet"
        assert first in drawn[feature["id"]]["label"], "page and map"
        values = {text for value in feature["properties"].values() for text in shown_in(value)}
        assert plain.replace("−", "-") in values, "page and GeoJSON"


@pytest.mark.parametrize(
    ("day", "states"),
    [
        ("2021-02-28", ["不明", "不明", "不明", "不明"]),
        ("2021-03-01", ["策定", "未策定", "不明", "未策定"]),
        ("2022-04-01", ["策定", "未策定", "準備中", "未策定"]),
        ("2024-03-31", ["策定", "未策定", "策定", "未策定"]),
        ("2024-04-01", ["改定", "未策定", "策定", "未策定"]),
        ("2025-04-01", ["改定", "未策定", "期間終了", "未策定"]),
    ],
)
def test_any_past_day_can_be_shown(world: TestClient, day: str, states: list[str]) -> None:
    rows = rows_of_page(world, "plan-adoption", f"?on={day}")
    assert [cells[0] for _, cells in sorted(rows.items())] == states
    file = world.get(f"/downloads/plan-adoption.geojson?on={day}").json()
    adopted = {"策定": True, "改定": True, "不明": None}
    assert [f["properties"]["plan_adopted"] for f in file["features"]] == [
        adopted.get(s, False) for s in states
    ]


def test_the_query_and_the_rule_agree_on_every_day(world: TestClient) -> None:
    """The state in SQL (pages of districts) and the rule in Python (the map) are the same."""
    with world.app.state.services.database.read(Audience.PUBLIC) as conn:
        ref = resolve(conn, city.CODE)
        records = plan_records(conn, ref)
        for day in (date(2021, 2, 1), date(2021, 3, 1), date(2023, 4, 1), date(2024, 4, 1), date(2026, 1, 1)):
            for row in districts(conn, ref, None, with_geometry=False, on=day):
                standing = standing_on(records.get(row.no, []), day)
                assert row.plan_state == (standing.record.state if standing else None), (row.no, day)


def test_a_plans_document_is_linked_and_its_title_is_text(world: TestClient) -> None:
    text = get(world, "/maps/plan-adoption?on=2024-05-01")
    assert '<a href="https://example.jp/plan.pdf">&lt;img src=x' in text
    assert "<img src=x" not in text
    row = rows_of_csv(world, "/downloads/plan-adoption.csv?on=2024-05-01")[0]
    assert row["計画の名前と文書（リンク）"] == "https://example.jp/plan.pdf"


def test_what_a_district_does_instead_stands_in_every_form(world: TestClient) -> None:
    """District 3 prepares its plan in 2022: state, day and note on the page, in CSV, GeoJSON and the map's details."""
    query = "?on=2022-05-01"
    wanted = ["準備中", "令和4年4月1日", "なし", "なし", "話し合いをしています"]
    assert rows_of_page(world, "plan-adoption", query)["3"][:5] == wanted
    row = next(
        row for row in rows_of_csv(world, f"/downloads/plan-adoption.csv{query}") if row["番号"] == "3"
    )
    assert list(row.values())[2:7] == wanted
    file = world.get(f"/downloads/plan-adoption.geojson{query}").json()
    held = next(f["properties"] for f in file["features"] if f["id"] == 3)
    assert [held[key] for key in ("plan", "since", "version", "title", "note")] == wanted
    assert "話し合いをしています" in world.get(f"/maps/plan-adoption.js{query}").text.encode().decode(
        "unicode_escape"
    )


def test_a_decision_that_is_to_come_is_nowhere_public(shared_town: DatabaseUrls, world: TestClient) -> None:
    """Staff may enter next year's state of a plan; until it holds only they see it."""
    coming = today() + timedelta(days=90)
    before = world.get("/maps/plan-adoption").headers["etag"]
    with psycopg.connect(shared_town.superuser) as conn:
        conn.execute("SET search_path = kyodo, public")
        conn.execute(
            "UPDATE district_plan SET valid_to = %s WHERE district_no = 1 AND record_no = 2", (coming,)
        )
        city.Builder(conn).row(
            "district_plan", district_no=1, record_no=3, state="expired", note="まだ公表していない決定",
            valid_from=coming, quality="real",
        )  # fmt: skip
    assert within(SEEN_WITHIN_S, lambda: world.get("/maps/plan-adoption").headers["etag"] != before)
    pages = ("/maps/plan-adoption", "/maps/plan-adoption.js", "/districts/1", "/api/v1/districts/1/profile")
    for path in (*pages, "/downloads/plan-adoption.csv", "/downloads/districts/1.csv"):
        text = get(world, path)
        for secret in ("まだ公表していない決定", coming.isoformat(), day(coming)):
            assert secret not in text, (path, secret)
    refused = world.get(f"/maps/plan-adoption?on={coming.isoformat()}")
    assert refused.status_code == 400 and "今日より後" in refused.text


def test_a_day_left_empty_is_today(world: TestClient) -> None:
    assert world.get("/maps/plan-adoption?on=", follow_redirects=True).status_code == 200
    assert world.get("/maps/plan-adoption?on=2024-02-30").status_code == 400


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("/maps/membership?fiscal_year=2020&compare_year=&denominator=stored", "/maps/membership?fiscal_year=2020"),
        ("/maps/membership?compare_year=&denominator=stored", "/maps/membership"),
        ("/maps/membership?compare_year=2019&denominator=stored", "/maps/membership?compare_year=2019"),
        ("/maps/facility-coverage?radius=800", "/maps/facility-coverage"),
        ("/maps/plan-adoption?on=", "/maps/plan-adoption"),
    ],
)  # fmt: skip
def test_what_a_form_sends_unchanged_does_not_stay_in_the_address(
    world: TestClient, sent: str, kept: str
) -> None:
    """People pass the address on; without JavaScript the browser sends every field."""
    answer = world.get(sent)
    assert (answer.status_code, answer.headers["location"]) == (303, kept)
    assert world.get(kept).status_code == 200, "and there it ends"
    assert world.get(f"{kept}{'&' if '?' in kept else '?'}nosuch=").status_code == 400


@pytest.mark.parametrize("query", ["?fiscal_year=1999", "?fiscal_year=x", "?nosuch=1"])
def test_a_broken_query_leads_back_to_the_map(world: TestClient, query: str) -> None:
    answer = world.get(f"/maps/membership{query}", headers={"accept": "text/html"})
    assert answer.status_code in (400, 404)
    assert '<a href="/maps/membership">指定を外して、このページを開く</a>' in answer.text
    assert "指定を外して" not in world.get("/maps/nosuch", headers={"accept": "text/html"}).text


def test_a_comparison_names_both_years_and_has_its_own_legend(world: TestClient) -> None:
    text = get(world, "/maps/membership?fiscal_year=2020&compare_year=2019")
    for part in ("増減", "令和元年度(2019年度)", "令和2年度(2020年度)", "1以上3未満の低下", "−1.5 ポイント"):
        assert part in text
    assert {
        cells[0]
        for cells in rows_of_page(world, "membership", "?fiscal_year=2020&compare_year=2019").values()
    } == {"−1.5"}


def test_a_district_withheld_in_one_of_the_years_is_withheld_in_every_form(
    serve: Callable[..., TestClient], town: DatabaseUrls
) -> None:
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET session_replication_role = replica")
        conn.execute(
            "UPDATE kyodo.membership SET households = 4, member_households = 3"
            " WHERE fiscal_year = 2019 AND association_id IN ('a11', 'a12')"
        )
    client = serve()
    query = "?fiscal_year=2020&compare_year=2019"
    rows = rows_of_page(client, "membership", query)
    assert rows["1"][0] == rows["2"][0] == "非公表", "and the smallest of the others with it"
    assert [cell for cell in rows["1"] if cell[0].isdigit()] == []
    for feature in client.get(f"/downloads/membership.geojson{query}").json()["features"][:2]:
        held = feature["properties"]
        assert held["suppressed"]
        for name in (
            "change_points",
            "membership_rate",
            "earlier_rate",
            "member_households",
            "rate_households",
        ):
            assert held[name] is None, name


def test_the_same_year_twice_is_no_comparison(world: TestClient) -> None:
    same = get(world, "/maps/membership?fiscal_year=2020&compare_year=2020")
    assert "<h1>町内会・自治会の加入率</h1>" in same
    assert world.get("/maps/membership?compare_year=1999").status_code == 404


def test_other_households_give_another_rate_with_a_warning(world: TestClient) -> None:
    """400·no census households in each district against 400·no reported ones: equal here, so no warning of a difference."""
    text = get(world, "/maps/membership?fiscal_year=2020&denominator=census")
    assert "国勢調査の世帯数（表示中）" in text
    assert "違います" not in text
    assert world.get("/maps/membership?denominator=register").status_code == 404, "no register is loaded"
    assert world.get("/maps/membership?denominator=households").status_code == 400


def test_projects_are_counted_per_thousand_people_with_their_money(world: TestClient) -> None:
    rows = rows_of_page(world, "projects")
    assert rows["1"][:2] == ["2", "2.00"]
    assert rows["1"][3] == "300,000（ほか 1 件は不明）"
    assert rows["2"][:4] == ["1", "0.50", "0.5件以上1.0件未満", "100,000"]
    assert rows["3"][0] == "0"
    assert "事業の台帳" in get(world, "/maps/projects")
    assert world.get("/maps/projects?fiscal_year=1999").status_code == 404


def test_every_map_is_listed(world: TestClient) -> None:
    text = get(world, "/maps")
    for name in ("plan-adoption", "membership", "projects", "facility-coverage"):
        assert f'href="/maps/{name}"' in text


def test_a_first_map_page_is_small(world: TestClient) -> None:
    """Page, script, styles and Leaflet together, as they travel."""
    for name, query in MAPS:
        text = get(world, f"/maps/{name}{query}")
        sources = {part.split('"')[0] for part in text.split('src="')[1:]} | {
            part.split('"')[0] for part in text.split('rel="stylesheet" href="')[1:]
        }
        total = len(text.encode()) + sum(len(world.get(source).content) for source in sources)
        assert total < 500_000, (name, total)


def test_a_changed_figure_shows_at_once(serve: Callable[..., TestClient], town: DatabaseUrls) -> None:
    client = serve()
    assert rows_of_page(client, "plan-adoption")["2"][0] == "未策定"
    assert client.get("/maps/projects").status_code == 200
    services = client.app.state.services
    with services.database.write(Audience.STAFF) as conn:
        conn.execute("UPDATE district_plan SET state = 'adopted' WHERE district_no = 2")
        conn.execute(
            "INSERT INTO project (municipality_code, project_id, district_no, fiscal_year, title, quality) "
            "VALUES (%s, 'p', 2, 2024, 't', 'real')",
            (city.CODE,),
        )
    assert within(SEEN_WITHIN_S, lambda: rows_of_page(client, "plan-adoption")["2"][0] == "策定")
    assert rows_of_page(client, "projects")["2"][0] == "1"
