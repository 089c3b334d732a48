"""The support map: each theme says the same on page, map, CSV and GeoJSON, and tells nobody what it must not."""

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
from api.support.themes import THEMES
from geodata.cluster import Cluster
from kyodo_geo.roles import Role
from tests.api.conftest import PAGE, client_of
from tests.api.test_live import within
from tests.api.ticket_world import sign_in
from tests.fixtures_db import DatabaseUrls, copied

PERSON = "ヒミツ職員"
HALL = "ひみつの貸家公民館"


def plant(town: DatabaseUrls) -> None:
    """Figures of 2024: 2, 0, 6 and 8 meetings; 1, 2, 40 and 60 participants; officers; a centre; a subsidy."""
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET search_path = kyodo, public")
        figures = {
            "meetings_issue": (2, 0, 6, 8),
            "meetings_contact": (5, 5, 5, 5),
            "participants_26": (1, 2, 40, 60),
        }
        for measure, values in figures.items():
            for no, value in enumerate(values, start=1):
                conn.execute(
                    "INSERT INTO area_figure VALUES ('03201', 'district', %s, %s, 2024, %s, '件', 'real', '事業報告')",
                    (str(no), measure, value),
                )
        conn.execute(
            "INSERT INTO area_figure VALUES ('03201', 'city', '03201', 'events_26', 2024, 3, '回', 'real', NULL)"
        )
        for no, kind, office in ((1, "contact", "甲課"), (1, "issue", "乙課"), (2, "contact", "甲課")):
            conn.execute(
                "INSERT INTO officer (municipality_code, officer_id, record_no, district_no, kind, office, office_phone, "
                "person_name, valid_from) VALUES ('03201', %s, 1, %s, %s, %s, '019-000-0000', %s, '2021-04-01')",
                (f"{kind}-{no}", no, kind, office, PERSON),
            )
        conn.execute(
            "INSERT INTO body (municipality_code, body_id, kind, name, geom) SELECT '03201', 'c' || no, 'centre', "
            "'センター' || no, ST_PointOnSurface(geom) FROM (SELECT district_no AS no, geom FROM district_area "
            "WHERE district_no IN (1, 4)) d"
        )
        conn.execute(
            "INSERT INTO hall_subsidy (municipality_code, subsidy_id, fiscal_year, kind, association_id, amount_yen, geom) "
            "SELECT '03201', 's1', 2024, 'rent', 'a11', 120000, ST_PointOnSurface(geom) FROM district_area "
            "WHERE district_no = 1"
        )
        conn.execute(
            "INSERT INTO hall_subsidy (municipality_code, subsidy_id, fiscal_year, kind, association_id, amount_yen) VALUES "
            "('03201', 'u1', 2022, 'rent', 'a11', NULL), "
            "('03201', 'u2', 2023, 'rent', 'a11', NULL), ('03201', 'u3', 2023, 'works', 'a11', 5000)"
        )
        conn.execute(
            "INSERT INTO area_figure VALUES ('03201', 'district', '2', 'meetings_contact', 2023, 7, '件', 'real', NULL)"
        )


@pytest.fixture(scope="module")
def shared(cluster: Cluster, city_template: DatabaseUrls) -> Iterator[TestClient]:
    """One service with these figures, for the tests that only read."""
    with copied(cluster, city_template) as urls:
        plant(urls)
        settings = Settings(database_url=urls.app, owner_database_url=urls.owner, database_pool_size=4)
        with client_of(create_app(settings)) as client:
            yield client


@pytest.fixture
def visitor(shared: TestClient) -> Iterator[TestClient]:
    """Nobody in particular."""
    yield shared
    shared.cookies.clear()


def rows_of(client: TestClient, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(path).content.decode("utf-8-sig"))))


def shapes_of(client: TestClient, path: str) -> list[dict[str, Any]]:
    return [feature["properties"] for feature in json.loads(client.get(path).content)["features"]]


def script_of(client: TestClient, html: str, name: str) -> str:
    address = html.split(f'src="/maps/{name}.js')[1].split('"')[0].replace("&amp;", "&")
    return client.get(f"/maps/{name}.js{address}").text


@pytest.mark.parametrize("theme", [theme.key for theme in THEMES])
def test_every_theme_has_page_script_and_files(visitor: TestClient, theme: str) -> None:
    page = visitor.get(f"/maps/support?theme={theme}")
    assert page.status_code == 200
    assert f"theme={theme}" in page.text
    script = script_of(visitor, page.text, "support")
    assert "geo_json_districts" in script
    for text in (page.text, script):
        assert "<img src=x" not in text, "the fourth district has a hostile name"
    for ending in ("csv", "geojson"):
        found = visitor.get(f"/downloads/support.{ending}?theme={theme}")
        assert found.status_code == 200
        assert found.headers["content-disposition"].startswith(f'attachment; filename="support_{theme}')
    assert len(rows_of(visitor, f"/downloads/support.csv?theme={theme}")) == 4


def test_page_csv_geojson_and_map_say_the_same(visitor: TestClient) -> None:
    query = "theme=meetings&fiscal_year=2024"
    page = visitor.get(f"/maps/support?{query}").text
    lines = rows_of(visitor, f"/downloads/support.csv?{query}")
    shapes = shapes_of(visitor, f"/downloads/support.geojson?{query}")
    assert [line["地区の求めで出席した会議（件）"] for line in lines] == ["2", "0", "6", "8"]
    assert [line["人口千人あたり（件）"] for line in lines] == ["2.0", "0.0", "2.0", "2.0"]
    assert [shape["count"] for shape in shapes] == [2, 0, 6, 8]
    assert [shape["per_1000"] for shape in shapes] == [2.0, 0.0, 2.0, 2.0]
    assert [shape["class"] for shape in shapes] == ["0.4以上", "0.05未満", "0.4以上", "0.4以上"]
    assert [shape["meetings_contact"] for shape in shapes] == [5, 5, 5, 5]
    for words in (
        "市全体で 16 件",
        "1 件以上の地区は、4 地区のうち 3 地区",
        '<td class="numeric" data-value="2">2.00</td>',
    ):
        assert words in page
    assert "事業報告" in lines[0]["出典"]


def test_a_district_with_the_second_figure_alone_keeps_it(visitor: TestClient) -> None:
    """The total of the column counts it, so the row must show it."""
    shapes = shapes_of(visitor, "/downloads/support.geojson?theme=meetings&fiscal_year=2023")
    assert [(shape["count"], shape["meetings_contact"]) for shape in shapes][1] == (None, 7)


def test_a_total_says_what_it_leaves_out(town: DatabaseUrls, serve: Callable[..., TestClient]) -> None:
    """8 meetings of the third and fourth district, 7,000 people: those of the districts with no count do not thin the
    rate."""
    plant(town)
    with psycopg.connect(town.superuser) as conn:
        conn.execute(
            "DELETE FROM kyodo.area_figure WHERE measure = 'meetings_issue' AND area_key IN ('1', '2')"
        )
    client = serve()
    query = "theme=meetings&fiscal_year=2024"
    page = client.get(f"/maps/support?{query}").text
    assert "数のわかる 2 地区で 14 件です（2 地区は不明）。1 件以上の地区は、そのうち 2 地区です。" in page
    assert "市全体で" not in page
    assert "4 地区のうち 2 地区は、件数・人数が不明です" in page
    totals = page.split("<tfoot>")[1].split("</tfoot>")[0]
    assert ">7,000<" in totals and ">2.00<" in totals
    lines = rows_of(client, f"/downloads/support.csv?{query}")
    assert {line["数が不明の地区の数"] for line in lines} == {"2"}
    shapes = json.loads(client.get(f"/downloads/support.geojson?{query}").content)
    assert shapes["districts_without_count"] == 2


def test_a_year_with_other_figures_alone_has_no_total_of_0(visitor: TestClient) -> None:
    page = visitor.get("/maps/support?theme=meetings&fiscal_year=2023").text
    assert "会議のデータはありません" in page
    assert "市全体で 0 件" not in page and ">不明<" in page.split("<tfoot>")[1]
    assert "窓口担当のふだんの出席の合計には、数の不明な 3 地区が入っていません" in page


def test_a_changed_figure_shows_at_once(town: DatabaseUrls, serve: Callable[..., TestClient]) -> None:
    plant(town)
    client = serve()
    path = "/downloads/support.csv?theme=meetings"
    figure = "地区の求めで出席した会議（件）"
    assert rows_of(client, path)[0][figure] == "2"
    with psycopg.connect(town.superuser) as conn:
        conn.execute(
            "UPDATE kyodo.area_figure SET value = 3 WHERE measure = 'meetings_issue' AND area_key = '1'"
        )
    assert within(1.0, lambda: rows_of(client, path)[0][figure] == "3")


def test_small_numbers_of_participants_are_nowhere(visitor: TestClient) -> None:
    """1 and 2 participants: both withheld, and together they are 3, so the total tells of neither."""
    query = "theme=events&fiscal_year=2024"
    page = visitor.get(f"/maps/support?{query}").text
    shapes = shapes_of(visitor, f"/downloads/support.geojson?{query}")
    assert [shape["count"] for shape in shapes] == [None, None, 40, 60]
    assert [shape["class"] for shape in shapes][:2] == ["非公表（人数が少ないため）"] * 2
    assert [line["催しの参加者（人）"] for line in rows_of(visitor, f"/downloads/support.csv?{query}")] == [
        "非公表", "非公表", "40", "60",
    ]  # fmt: skip
    assert "市全体で 103 人" in page
    events = rows_of(visitor, f"/downloads/support.csv?{query}&part=places")
    assert (events[2]["催し"], events[2]["回数"], events[2]["参加者（人）"]) == (
        "取組26 地域活動担い手養成講座", "3", "103",
    )  # fmt: skip


def test_officers_are_departments_never_persons(visitor: TestClient) -> None:
    for path in ("/maps/support?theme=officers", "/downloads/support.csv", "/downloads/support.geojson"):
        text = visitor.get(path).text
        assert PERSON not in text
        assert "甲課" in text
    assert PERSON not in script_of(visitor, visitor.get("/maps/support").text, "support")
    shapes = shapes_of(visitor, "/downloads/support.geojson")
    assert [shape["issue_officers"] for shape in shapes] == [1, 0, 0, 0]
    assert [shape["class"] for shape in shapes] == ["あり", "あり", "なし", "なし"]


def test_the_nearest_centre_in_a_straight_line(visitor: TestClient) -> None:
    shapes = shapes_of(visitor, "/downloads/support.geojson?theme=centres")
    assert [shape["nearest"] for shape in shapes] == ["センター1", "センター1", "センター4", "センター4"]
    assert (shapes[0]["mean_km"], shapes[0]["share"]) == (0.0, 100.0)
    assert "直線" in visitor.get("/maps/support?theme=centres").text
    places = shapes_of(visitor, "/downloads/support.geojson?theme=centres&part=places")
    assert [(place["name"], place["people_nearest"]) for place in places] == [
        ("センター1", 3000),
        ("センター4", 7000),
    ]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/maps/support?theme=nosuch", 404),
        ("/maps/support?theme=meetings&fiscal_year=1999", 404),
        ("/maps/support?theme=HALLS", 400),
        ("/maps/support?nosuch=1", 400),
        ("/downloads/support.csv?part=all", 400),
    ],
)
def test_what_does_not_exist_is_said(visitor: TestClient, path: str, status: int) -> None:
    assert visitor.get(path).status_code == status


def test_a_page_is_public_and_answers_again_without_being_sent(visitor: TestClient) -> None:
    first = visitor.get("/maps/support?theme=meetings")
    assert first.headers["cache-control"] == "public, no-cache"
    again = visitor.get("/maps/support?theme=meetings", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304


# -- subsidies for halls ------------------------------------------------------------------------------------

HALL_PATHS = ("/maps/halls", "/maps/halls.js", "/maps/halls.csv", "/maps/halls.geojson?part=places")


@pytest.mark.parametrize("role", [None, Role.PARTNER, Role.COUNTER, Role.ADVISORY])
def test_halls_are_for_staff_alone(visitor: TestClient, role: Role | None) -> None:
    sign_in(visitor, role)
    for path in HALL_PATHS:
        assert visitor.get(path, headers=PAGE).status_code in (303, 403), path


def test_staff_see_points_and_sums_of_subsidies_and_nobody_may_store_them(visitor: TestClient) -> None:
    sign_in(visitor, Role.FACILITY_STAFF)
    for path in HALL_PATHS:
        found = visitor.get(path)
        assert (found.status_code, found.headers["cache-control"]) == (200, "private, no-store")
    page = visitor.get("/maps/halls").text
    assert "1 件、120,000 円" in page
    places = shapes_of(visitor, "/maps/halls.geojson?part=places")
    assert (places[0]["kind"], places[0]["amount_yen"]) == ("賃借料の補助（取組11）", 120000)
    assert [shape["amount_yen"] for shape in shapes_of(visitor, "/maps/halls.geojson")] == [120000, 0, 0, 0]
    assert [line["件数"] for line in rows_of(visitor, "/maps/halls.csv")] == ["1", "0", "0", "0"]


@pytest.mark.parametrize(
    ("year", "said", "shown", "kept"),
    [
        (2022, "1 件、補助額は不明です", "不明", None),
        (2023, "2 件、5,000 円（ほか 1 件は不明）です", "5,000（ほか 1 件は不明）", 5000),
    ],
)
def test_an_unknown_amount_is_never_0(
    visitor: TestClient, year: int, said: str, shown: str, kept: int | None
) -> None:
    sign_in(visitor, Role.FACILITY_STAFF)
    page = visitor.get(f"/maps/halls?fiscal_year={year}").text
    assert said in page
    assert f">{shown}</td>" in page
    first = shapes_of(visitor, f"/maps/halls.geojson?fiscal_year={year}")[0]
    assert first["amount_yen"] == kept


def test_the_database_itself_refuses_subsidies_to_the_public(visitor: TestClient) -> None:
    services = visitor.app.state.services  # type: ignore[attr-defined]
    with pytest.raises(psycopg.errors.InsufficientPrivilege), services.database.read() as conn:
        conn.execute("SELECT * FROM kyodo.hall_subsidy")
