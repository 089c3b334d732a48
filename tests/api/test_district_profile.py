"""A district's page and its JSON: the same figures, nothing private, and unknown things said as unknown."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient

from api.schemas.district_profile import DistrictProfile
from tests.api import city
from tests.api.conftest import PAGE
from tests.api.test_live import SEEN_WITHIN_S, within
from tests.fixtures_db import DatabaseUrls


def add_facts(urls: DatabaseUrls) -> None:
    """Projects, officers, register, centres and a plan's history for the town of squares."""
    with psycopg.connect(urls.superuser) as conn:
        conn.execute("SET search_path = kyodo, public")
        town = city.Builder(conn)
        register = town.dataset("register-population", "sample")
        for day, people in (("2019-04-01", 1040), ("2024-04-01", 1020)):
            rows = (("district", "1", people), ("city", city.CODE, people * 10))
            for kind, key, count in rows:
                town.row(
                    "register_population",
                    dataset_id=register,
                    area_kind=kind,
                    area_key=key,
                    as_of=day,
                    people=count,
                    households=count // 2,
                )
        held = conn.execute(
            "SELECT kind, dataset_id FROM generation_dataset WHERE municipality_code = %s", (city.CODE,)
        ).fetchall()
        town.ids |= dict(held)
        town.activate()
        town.row(
            "district_plan", district_no=3, record_no=1, state="in_preparation", valid_from="2022-04-01",
            valid_to="2023-04-01", note=city.HOSTILE, quality="sample",
        )  # fmt: skip
        town.row(
            "district_plan", district_no=3, record_no=2, state="adopted", valid_from="2023-04-01", title="第3の計画",
            document_url="javascript:alert(1)", quality="sample",
        )  # fmt: skip
        for number, (year, grant, counts) in enumerate(
            [(2023, 100_000, True), (2024, 250_500, True), (2024, None, True), (2024, 50_000, False)], start=1
        ):
            town.row(
                "project", project_id=f"p{number}", district_no=1, fiscal_year=year, title=f"事業{number}{city.HOSTILE}",
                grant_yen=grant, participants=10, counts_as_project=counts, quality="sample",
            )  # fmt: skip
        officer = {
            "office": "見本課",
            "office_phone": "019-000-0000",
            "person_name": "秘密 太郎",
            "district_no": 1,
        }
        town.row("officer", officer_id="o1", record_no=1, kind="contact", valid_from="2020-04-01", **officer)
        town.row(
            "officer",
            officer_id="o2",
            record_no=1,
            kind="issue",
            valid_to="2020-04-01",
            **{**officer, "office": "前の課"},
        )
        town.row("body", body_id="c1", kind="centre", name="近いセンター", facility_id="f1")
        far = city.point(city.WEST + 3.5 * city.STEP, city.SOUTH + city.STEP / 2)
        town.row("body", body_id="c2", kind="centre", name="遠いセンター", geom=far, phone="019-222-2222")
        town.row("body", body_id="b1", kind="community-building", name="第1まちづくり協議会", district_no=1)


@pytest.fixture(scope="module")
def world(shared_town: DatabaseUrls, client: TestClient) -> TestClient:
    add_facts(shared_town)
    code = client.app.state.services.settings.municipality
    client.app.state.services.live.wait(code)
    return client


def profile(client: TestClient, no: int, **params: str) -> dict[str, Any]:
    answer = client.get(f"/api/v1/districts/{no}/profile", params=params)
    assert answer.status_code == 200, answer.text
    DistrictProfile.model_validate_json(answer.content)
    return answer.json()


def page(client: TestClient, no: int, **params: str) -> str:
    answer = client.get(f"/districts/{no}", params=params, headers=PAGE)
    assert answer.status_code == 200
    return answer.text


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_figures_are_those_of_the_other_routes(world: TestClient) -> None:
    for no in range(1, 5):
        found = profile(world, no)
        feature = world.get(f"/api/v1/districts/{no}").json()
        assert found["district"] == feature["properties"]
        newest = found["membership"]["years"][-1]
        assert newest["membership_rate"] == feature["properties"]["membership_rate"]
        listed = world.get("/api/v1/associations", params={"district": no}).json()["features"]
        assert [item["id"] for item in found["associations"]] == [item["id"] for item in listed]
        for radius in (500, 800, 1200):
            table = world.get("/downloads/facility-coverage.csv", params={"radius": radius}).text
            (reach,) = [item for item in found["reach"] if item["radius_m"] == radius]
            (line,) = [row for row in table.splitlines() if row.startswith((f'"{no}"', f"{no},"))]
            assert f"{reach['share'] * 100:.1f}" in line


def test_page_and_json_say_the_same(world: TestClient) -> None:
    found, html = profile(world, 1, compare="city"), page(world, 1, compare="city")
    text = plain(html)
    for year in found["membership"]["years"]:
        assert f"{year['membership_rate'] * 100:.1f} %" in text
    for year in found["projects"]["years"]:
        assert f"{year['counted']} 件" in text
    assert "301 千円" in text, "250,500 + 50,000 yen"
    for item in found["comparison"]["measures"]:
        assert item["words"] in text
    for item in found["neighbours"]:
        assert f'href="/districts/{item["no"]}"' in html
    assert all(name in text for name in found["towns"])


def test_projects_are_summed_by_year_and_unknown_grants_are_counted(world: TestClient) -> None:
    first, second = profile(world, 1)["projects"]["years"]
    assert (first["fiscal_year"], first["counted"], first["grant_yen"]) == (2023, 1, 100_000)
    assert second == {
        "fiscal_year": 2024, "projects": 3, "counted": 2, "grant_yen": 300_500, "unknown_grants": 1, "participants": 30,
    }  # fmt: skip
    assert "交付額が分からない 1 件" in page(world, 1)


def test_officers_are_departments_of_the_day_and_never_persons(world: TestClient) -> None:
    (officer,) = profile(world, 1)["officers"]
    assert (officer["kind"], officer["office"]) == ("contact", "見本課")
    for no in range(1, 5):
        assert "秘密 太郎" not in world.get(f"/api/v1/districts/{no}/profile").text + page(world, no)
    assert "地域窓口担当" in page(world, 1)
    assert "データなし" in plain(page(world, 2))


def test_the_nearest_centre_is_found_by_its_own_place_or_its_facility(world: TestClient) -> None:
    near = profile(world, 1)["centre"]
    assert (near["name"], near["inside"], near["distance_m"] < 700) == ("近いセンター", True, True)
    far = profile(world, 4)["centre"]
    assert (far["name"], far["phone"], far["inside"]) == ("遠いセンター", "019-222-2222", True)
    third = profile(world, 3)["centre"]
    assert (third["name"], third["inside"]) == ("遠いセンター", False)
    assert 800 < third["distance_m"] < 900, "one square away: 0.01° are 858 m here"


def test_register_and_census_stand_side_by_side_with_their_days(world: TestClient) -> None:
    found = profile(world, 1)
    assert [item["population"] for item in found["register"]] == [1040, 1020]
    text = plain(page(world, 1))
    assert "人口は 20 人多くなっています" in text
    assert "令和6年4月1日" in text and "平成31年4月1日" in text and "令和2年10月1日" in text
    assert "住民基本台帳 データなし" in plain(page(world, 2))


def test_the_day_asked_for_decides_what_is_known(world: TestClient) -> None:
    """Plan, officers and register as of a day; before the first generation there is no answer."""
    held = profile(world, 3)["plan"]
    assert [item["state"] for item in held] == ["adopted", "in_preparation"]
    assert world.get("/api/v1/districts/3/profile", params={"as_of": "2001-01-01"}).status_code == 404


def test_neighbours_share_a_border(world: TestClient) -> None:
    assert [item["no"] for item in profile(world, 1)["neighbours"]] == [2]
    assert [item["no"] for item in profile(world, 3)["neighbours"]] == [2, 4]


def test_comparison_with_a_district_and_with_the_city(world: TestClient) -> None:
    beside = {item["key"]: item for item in profile(world, 1, compare="3")["comparison"]["measures"]}
    assert (beside["population"]["own"], beside["population"]["other"]) == (1000, 3000)
    assert beside["population"]["words"] == "2,000 人少ない"
    assert beside["membership_rate"]["words"] == "同じ"
    assert beside["register_change"]["words"] == "比べられません", "the other has no register"
    whole = {item["key"]: item for item in profile(world, 1, compare="city")["comparison"]["measures"]}
    assert whole["population"]["other"] == 2500, "the mean of 1,000 to 4,000"
    assert whole["membership_rate"]["other"] == 86.0
    assert profile(world, 1)["comparison"] is None
    assert profile(world, 1, compare="")["comparison"] is None


REFUSED = [("1", 400), ("99", 404), ("x", 400), ("0", 400), ("1e3", 400), ("11111", 400)]


@pytest.mark.parametrize(("value", "status"), REFUSED)
def test_what_cannot_be_compared_is_refused(world: TestClient, value: str, status: int) -> None:
    for path in ("/districts/1", "/api/v1/districts/1/profile"):
        assert world.get(path, params={"compare": value}).status_code == status


def test_hostile_texts_are_shown_as_text_and_links_lead_only_to_the_web(world: TestClient) -> None:
    for no in range(1, 5):
        html = page(world, no, compare="city")
        assert "<img src=x" not in html
        assert "javascript:" not in html
        assert "style=" not in html, "the CSP refuses style attributes"
        assert html.count("<script") == 1, "the frame's own"
    assert "第3の計画" in page(world, 3)


def test_withheld_figures_appear_nowhere(world: TestClient, shared_town: DatabaseUrls) -> None:
    with psycopg.connect(shared_town.superuser) as conn:
        conn.execute("UPDATE kyodo.municipality SET suppress_below_households = 500")
    assert within(SEEN_WITHIN_S, lambda: profile(world, 1)["district"]["suppressed"])
    try:
        found = profile(world, 1, compare="2")
        assert [year["suppressed"] for year in found["membership"]["years"]] == [True, True]
        assert {year["membership_rate"] for year in found["membership"]["years"]} == {None}
        (rate,) = [item for item in found["comparison"]["measures"] if item["key"] == "membership_rate"]
        assert (rate["own"], rate["difference"], rate["words"]) == (None, None, "比べられません")
        assert "非公表" in page(world, 1, compare="2")
        html = page(world, 1)
        assert "87.5 %" in plain(html), "the city's rate is not withheld"
        chart = html[html.index('id="rates-title"') : html.index("</svg>", html.index('id="rates-title"'))]
        assert "<circle" not in chart, "no point of the withheld years"
        beside = profile(world, 3, compare="1")
        assert (
            next(i for i in beside["comparison"]["measures"] if i["key"] == "membership_rate")["other"]
            is None
        )
    finally:
        with psycopg.connect(shared_town.superuser) as conn:
            conn.execute("UPDATE kyodo.municipality SET suppress_below_households = 10")
        assert within(SEEN_WITHIN_S, lambda: not profile(world, 1)["district"]["suppressed"])


def test_a_changed_record_shows_at_once(serve: Callable[..., TestClient], town: DatabaseUrls) -> None:
    client = serve()
    assert "記録はありません" in page(client, 2)
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET search_path = kyodo, public")
        city.Builder(conn).row(
            "project", project_id="p1", district_no=2, fiscal_year=2024, title="新しい事業", grant_yen=1000
        )
    assert within(SEEN_WITHIN_S, lambda: "新しい事業" in page(client, 2))
