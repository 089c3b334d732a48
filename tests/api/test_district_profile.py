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
from tests.api.test_pages import rows_of_csv, rows_of_page
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
    assert "250,500 円（ほか 1 件は不明） 20 人 50,000 円" in text, (
        "money for projects apart from other money"
    )
    for item in found["comparison"]["measures"]:
        assert item["words"] in text
    for item in found["neighbours"]:
        assert f'href="/districts/{item["no"]}"' in html
    assert all(name in text for name in found["towns"])


def test_projects_are_summed_as_on_the_map_and_other_grants_apart(world: TestClient) -> None:
    first, second = profile(world, 1)["projects"]["years"]
    assert (first["fiscal_year"], first["counted"], first["grant_yen"]) == (2023, 1, 100_000)
    assert second == {
        "fiscal_year": 2024, "recorded": True, "counted": 2, "grant_yen": 250_500, "unknown_grants": 1,
        "participants": 20, "others": 1, "other_grant_yen": 50_000,
    }  # fmt: skip
    for year in (first, second):
        on_map = rows_of_page(world, "projects", f"?fiscal_year={year['fiscal_year']}")["1"]
        assert on_map[0] == str(year["counted"])
        assert on_map[3].partition("（")[0] == f"{year['grant_yen']:,}"
        assert on_map[4] == str(year["participants"])


def test_a_year_without_projects_is_none_and_one_without_records_is_unknown(
    serve: Callable[..., TestClient], town: DatabaseUrls
) -> None:
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET search_path = kyodo, public")
        for key, no, year in (("p1", 1, 2022), ("p2", 2, 2024)):
            city.Builder(conn).row(
                "project", project_id=key, district_no=no, fiscal_year=year, title="事業", grant_yen=1000
            )
    client = serve()
    text = plain(page(client, 1))
    assert "令和4年度(2022年度) 1 件 1,000 円" in text
    assert "令和5年度(2023年度) 記録なし 記録なし 記録なし" in text, "no district has a record of that year"
    assert "令和6年度(2024年度) 0 件 0 円 0 人" in text, "another district has one"
    years = profile(client, 1)["projects"]["years"]
    assert [(year["recorded"], year["counted"]) for year in years] == [(True, 1), (False, None), (True, 0)]
    assert "この地区の地域づくり事業はありません（0 件）" in plain(page(client, 3))


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
    assert "人口は 20 人多く、世帯数は 110 世帯多くなっています。" in text
    assert "令和6年4月1日" in text and "平成31年4月1日" in text and "令和2年10月1日" in text
    assert "住民基本台帳 データなし" in plain(page(world, 2))


def test_the_day_asked_for_decides_what_is_known(world: TestClient) -> None:
    """Plan, officers and register as of a day; before the first generation there is no answer."""
    held = profile(world, 3)["plan"]
    assert [item["state"] for item in held] == ["adopted", "in_preparation"]
    assert re.search(r"<dt>地域づくり計画</dt><dd><span class=.figure-value.>策定</span>", page(world, 3))
    assert re.search(r"<dt>地域づくり計画</dt><dd><span class=.figure-value.>未策定</span>", page(world, 2))
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
    assert whole["register_change"]["words"] == "同じ", "1.9 % fewer on both sides"
    assert profile(world, 1)["comparison"] is None
    assert profile(world, 1, compare="")["comparison"] is None


REFUSED = {
    "1": "同じ地区どうしは比べられません。別の地区を選んでください。",
    "99": "比べる相手にした番号 99 のコミュニティ推進地区はありません。別の地区を選んでください。",
    **dict.fromkeys(("x", "0", "1e3", "-1", "１"), "地区の番号、または city（市全体）を指定してください"),
    "11111": "4",
}


@pytest.mark.parametrize("value", REFUSED)
def test_what_cannot_be_compared_is_refused_in_words(world: TestClient, value: str) -> None:
    for path in ("/districts/1", "/api/v1/districts/1/profile", "/downloads/districts/1.csv"):
        answer = world.get(path, params={"compare": value}, headers=PAGE)
        assert answer.status_code == 400
        assert REFUSED[value] in answer.text


def test_the_file_has_the_figures_of_the_page(world: TestClient) -> None:
    lines = rows_of_csv(world, "/downloads/districts/1.csv?compare=3")
    assert {(line["番号"], line["地区"]) for line in lines} == {("1", "第1")}
    held = {(line["分類"], line["項目"], line["時点・年度"]): line["値"] for line in lines}
    assert held["加入率", "地区の加入率", "令和元年度(2019年度)"] == "87.5"
    assert held["人口と世帯", "人口（住民基本台帳（見本））", "2024-04-01"] == "1020"
    assert held["地域づくり事業", "補助金", "令和6年度(2024年度)"] == "250500"
    assert held["隣の地区", "第2", ""] == "2"
    assert held["第3との差", "人口（国勢調査）", "差"] == "2,000 人少ない"
    assert all(line["出典"] and line["データの品質"] for line in lines)
    assert world.get("/downloads/districts/99.csv").status_code == 404
    assert world.get("/downloads/districts/1.csv?compare=1").status_code == 400


def test_all_districts_are_listed_with_the_figures_of_their_pages(world: TestClient) -> None:
    html = world.get("/districts", headers=PAGE).text
    lines = {line["番号"]: line for line in rows_of_csv(world, "/downloads/districts.csv")}
    assert list(lines) == ["1", "2", "3", "4"]
    assert "一覧（加入率は令和2年度(2020年度)）" in html
    for no, line in lines.items():
        assert f'href="/districts/{no}"' in html
        properties = profile(world, int(no))["district"]
        assert line["人口"] == str(properties["population"])
        assert line["加入率（％）"] == f"{properties['membership_rate'] * 100:.1f}"
    assert "<img src=x" not in html
    assert world.get("/districts?on=2020-01-01").status_code == 400


def test_hostile_texts_are_shown_as_text_and_links_lead_only_to_the_web(world: TestClient) -> None:
    for no in range(1, 5):
        html = page(world, no, compare="city")
        assert "<img src=x" not in html
        assert "javascript:" not in html
        assert "style=" not in html, "the CSP refuses style attributes"
        assert html.count("<script") == 1, "the frame's own"
    assert "第3の計画" in page(world, 3)


def test_contacts_that_are_not_published_are_in_no_form(world: TestClient) -> None:
    """`city.py` gives association a11 a president who has not published his telephone."""
    told = [page(world, 1), world.get("/districts", headers=PAGE).text]
    told += [world.get(f"/downloads/districts/{no}.csv").text for no in range(1, 5)]
    told += [world.get(f"/api/v1/districts/{no}/profile").text for no in range(1, 5)]
    for path in ("/associations/a11", "/api/v1/associations/a11", "/api/v1/associations?district=1"):
        told.append(world.get(path).text)
    assert "019-000-1111" in "".join(told), "the published one is there, so the place is looked at"
    for secret in ("非公開 太郎", "019-999-9999", "秘密 太郎", "前の課"):
        assert not [text[:80] for text in told if secret in text], secret


def test_a_municipality_with_one_district_and_nothing_else(
    serve: Callable[..., TestClient], town: DatabaseUrls
) -> None:
    """No people, no membership, no plan, no associations, facilities, towns or neighbours: said in words, never 0."""
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET search_path = kyodo, public")
        conn.execute(
            "INSERT INTO municipality VALUES ('03202', '宮古市', '岩手県', 6678, '市民課', NULL, NULL)"
        )
        other = city.Builder(conn, "03202")
        other.row("district", district_no=1)
        other.row(
            "district_area", dataset_id=other.dataset("districts", "sample"), district_no=1,
            name="たいへん長い名前の地区" * 4, geom=city.square(141.9, 39.6),
        )  # fmt: skip
        other.activate()
    client = serve()
    where = {"municipality": "03202"}
    text = plain(page(client, 1, **where, compare="city"))
    for words in (
        "人口 不明", "加入率 データなし", "地域づくり計画 不明", "隣の地区 データなし", "町・字 データなし",
        "加入率のデータはありません。", "この地区の地域づくり計画のデータはありません（不明）。",
        "地域づくり事業と補助金の記録はありません。", "この地区の中にはありません。",
        "到達圏の割合は、人口のデータがないため不明です。",
        "地域窓口担当 データなし", "この地区に登録されている町内会・自治会のデータはありません。", "比べられません",
    ):  # fmt: skip
        assert words in text, words
    assert "盛岡市 市民部" not in text
    assert profile(client, 1, **where)["membership"]["years"] == []
    for path in ("/districts", "/downloads/districts.csv", "/downloads/districts/1.csv", "/facilities/costs"):
        assert client.get(path, params=where).status_code == 200, path
    assert 'href="/facilities/costs?municipality=03202"' in client.get("/maps", params=where).text


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
        assert "「非公表」の年度は、世帯が少ないか" in page(world, 1, compare="2")
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
