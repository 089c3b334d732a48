"""Renewal costs and the sheet of a facility: the same figures in page, file and paper; the staff's part for staff alone."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient

from api.clock import today
from api.commands.assets import read, solved
from api.facility_portfolio import WAYS
from kyodo_geo.assets import Building, forecast
from kyodo_geo.dates import fiscal_year_of
from kyodo_geo.roles import Role
from kyodo_geo.unit_costs import Assumptions, default_unit_costs
from tests.api import city
from tests.api.conftest import PAGE, another
from tests.api.ticket_world import sign_in
from tests.fixtures_db import DatabaseUrls

COSTS, FILE = "/facilities/costs", "/downloads/facility-costs.csv"
SECRETS = ("秘密設計事務所", "秘密サークル", "秘密の工事", "秘密の理由", "秘密の評価")
STOCK = [
    ("b1", 1200, 1990, "市民文化", True, {"f1": 900, "f2": 300}),
    ("b2", 500, 1960, "市民文化", None, {"f1": None}),
    ("b3", None, 1985, "学校", None, {"f3": None}),
    ("b4", 300, 1975, "行政", False, {}),
]


@pytest.fixture(scope="module")
def world(shared_town: DatabaseUrls, client: TestClient) -> TestClient:
    """Four buildings: one shared, one of unknown area, one nobody uses; and what staff alone may see."""
    with psycopg.connect(shared_town.superuser) as conn:
        conn.execute("SET search_path TO kyodo, public")
        town = city.Builder(conn)
        for key, area, built, use_class, extendable, used in STOCK:
            town.row(
                "building", building_id=key, name=f"建物{key}", floor_area_m2=area, built_year=built,
                use_class=use_class, extendable=extendable, quality="sample",
            )  # fmt: skip
            for facility, part in used.items():
                town.row(
                    "facility_building", facility_id=facility, building_id=key, use_no=1, floor_area_m2=part
                )
        town.row(
            "building_inspection", building_id="b1", inspected_on="2024-06-01", roof="C", outer_wall="D",
            inside="B", electricity="A", machinery="C", inspector=SECRETS[0], quality="real",
        )  # fmt: skip
        town.row(
            "facility_group", facility_id="f1", group_no=1, weekday=2, starts="10:00", ends="12:00", people=8,
            name=SECRETS[1], quality="real",
        )  # fmt: skip
        town.row(
            "building_work", building_id="b1", work_no=1, fiscal_year=2010, kind="外壁", note=SECRETS[2],
            quality="real",
        )  # fmt: skip
        town.row(
            "facility_stage", facility_id="f1", decided_on="2025-01-10", stage="長寿命化", reason=SECRETS[3],
            decided_by="試験課", evaluation=SECRETS[4], quality="real",
        )  # fmt: skip
        town.row(
            "facility_profile", facility_id="f1", catchment="地区", land_m2=2000, land_tenure="partly-leased",
            land_leased_m2=500, quality="real",
        )  # fmt: skip
        town.row("facility_year", facility_id="f1", fiscal_year=2024, fee_yen=7654321, quality="real")
    client.app.state.services.live.wait(city.CODE)
    client.headers["accept"] = "text/html"
    return client


def lines(client: TestClient, **params: Any) -> dict[str, dict[str, str]]:
    answer = client.get(FILE, params=params)
    assert answer.status_code == 200, answer.text
    return {line["番号"]: line for line in csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))}


def expected(index: float = 1.0) -> Any:
    short, long = (
        {cost.use_class: cost for cost in default_unit_costs() if cost.rule_set == rule}
        for rule in ("60-year", "80-year")
    )
    stock = [Building(key, area, built, use, ext) for key, area, built, use, ext, _ in STOCK]
    return forecast(stock, short, long, Assumptions(), base=fiscal_year_of(today()), index=index)


def test_every_building_is_in_one_line_and_the_lines_add_up(world: TestClient) -> None:
    found = expected()
    whole = found.short.sum() / 1e6
    for grouping in ("facility", "kind", "district", "class", "building"):
        rows = lines(world, by=grouping).values()
        known = [float(row["60年：合計（百万円）"]) for row in rows if row["60年：合計（百万円）"] != "不明"]
        assert sum(known) == pytest.approx(whole, abs=0.3), grouping
        assert sum(int(row["計算できない（棟）"]) for row in rows) == 1, grouping
    by_facility = lines(world, by="facility")
    first = found.short[0].sum() * 0.75 + found.short[1].sum()
    assert float(by_facility["f1"]["60年：合計（百万円）"]) == pytest.approx(first / 1e6, abs=0.06)
    assert (
        by_facility["f3"]["60年：合計（百万円）"] == "不明" and by_facility["f3"]["延床面積（m²）"] == "不明"
    )
    assert by_facility["unused"]["建物（棟）"] == "1"


def test_the_page_shows_the_figures_of_the_file_and_what_it_assumes(world: TestClient) -> None:
    html = world.get(COSTS, params={"price_index": "1.3"}).text
    found = expected(1.3)
    assert f"{found.short.sum() / 1e8:,.1f} 億円" in html and f"{found.effect / 1e8:,.1f} 億円" in html
    assert (
        "単価に 1.3 を掛けています" in html and "延床面積が不明 1 棟" in html and "0円ではありません" in html
    )
    assert city.HOSTILE not in html and "&lt;img src=x" in html
    years = world.get(FILE, params={"part": "years", "price_index": "1.3"}).text.splitlines()[1:]
    assert [int(line.split(",")[3]) for line in years] == [round(v) for v in found.short.sum(axis=0)]


def test_the_list_of_works_is_levelled_by_the_command_line(world: TestClient, tmp_path: Path) -> None:
    file = tmp_path / "works.csv"
    file.write_bytes(world.get(FILE, params={"part": "works"}).content)
    base = fiscal_year_of(today())
    table = read(file, base, 40, 5)
    assert sum(work.cost for work in table) >= expected().short.sum() - 1
    peak = max(expected().short.sum(axis=0))
    found = solved(table, peak * 2, base, 40, 20)
    assert found["status"] == "optimal" and max(found["by_year"].values()) <= peak * 2 + 1
    assert solved(table, 1, base, 40, 20)["status"] == "infeasible"


def test_one_line_alone(world: TestClient) -> None:
    html = world.get(COSTS, params={"by": "building", "only": "b2"}).text
    assert "建物b2" in html and "市全体に戻る" in html
    unknown = world.get(COSTS, params={"by": "building", "only": "b3"}).text
    assert (
        "費用は不明です（0円ではありません）" in unknown
        and "<svg" not in unknown.split("年度別の費用")[1].split("</section>")[0]
    )
    assert world.get(FILE, params={"by": "building", "only": "b3", "part": "years"}).text.count("\n") == 1
    assert world.get(COSTS, params={"only": "zz"}).status_code == 404


@pytest.mark.parametrize(
    "asked", ["price_index=0", "price_index=nan", "price_index=1e3", "years=5", "years=x", "by=x", "foo=1"]
)
def test_wrong_parameters_are_refused(world: TestClient, asked: str) -> None:
    assert world.get(f"{COSTS}?{asked}").status_code == 400


def test_empty_fields_ask_for_the_citys_assumptions(world: TestClient) -> None:
    assert world.get(f"{COSTS}?price_index=&years=&only=").status_code == 200


def test_the_sheet_of_a_facility(world: TestClient) -> None:
    html = world.get("/facilities/f1").text
    assert "中央センター" in html and "1,200 m²（このうち 900 m²）" in html
    assert "開館時間の記録がありません。閉館ではなく、不明です。" in html
    assert re.search(r"不明な項目（\d+）：.*開館時間", html)
    assert "更新費用は計算できません（0円ではありません）" in world.get("/facilities/f3").text
    hostile = world.get("/facilities/f2").text
    assert city.HOSTILE not in hostile and "&lt;img src=x" in hostile
    for path in ("/facilities/nope", "/facilities/%00", "/facilities/nope/sheet.pdf"):
        assert world.get(path).status_code in (400, 404), path
    assert world.get("/facilities/f1?x=1").status_code == 400


def test_what_staff_alone_may_see_stands_on_their_page_only(
    world: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    papers: list[str] = []

    def blank(html: str) -> bytes:
        papers.append(html)
        return b"%PDF-1.7 blank"

    monkeypatch.setattr("api.paper.serve.render", blank)
    assert world.get("/facilities/f1/sheet.pdf").headers["content-type"] == "application/pdf"
    public = [world.get("/facilities/f1").text, world.get(COSTS).text, world.get(FILE).text, *papers]
    assert len(papers) == 1 and "中央センター" in papers[0]
    public.append(world.get("/facilities/f1/sheet.csv").text)
    for text in public:
        assert not any(secret in text for secret in SECRETS)
    visitor = another(world)
    whole = ["/staff/facilities/f1", "/staff/facilities/f1/sheet.pdf", "/staff/facilities/f1/sheet.csv"]
    assert all(visitor.get(path).status_code in (303, 401) for path in whole)
    sign_in(visitor, Role.PARTNER, None)
    assert all(visitor.get(path).status_code == 403 for path in whole)
    sign_in(visitor, Role.PLANNER)
    for path in whole[1:]:
        answer = visitor.get(path)
        assert answer.status_code == 200 and "no-store" in answer.headers["cache-control"], path
        told = papers[-1] if path.endswith("pdf") else answer.text
        assert all(secret in told for secret in SECRETS) and "庁内限り" in (papers[-1]), path
    assert visitor.get("/staff/facilities/nope/sheet.pdf").status_code == 404
    answer = visitor.get("/staff/facilities/f1", headers=PAGE)
    assert answer.status_code == 200 and answer.headers["cache-control"] == "private, no-store"
    assert all(secret in answer.text for secret in SECRETS)
    assert re.search(r'class="numeric">52<', answer.text), "C, D, B, A, C is 52"


def test_land_catchment_and_fee_are_on_page_paper_and_file_alike(
    world: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    papers: list[str] = []
    monkeypatch.setattr("api.paper.serve.render", lambda html: papers.append(html) or b"%PDF-1.7")
    visitor = another(world)
    sign_in(visitor, Role.FACILITY_STAFF)
    visitor.get("/staff/facilities/f1/sheet.pdf")
    file = world.get("/facilities/f1/sheet.csv").text
    for text in (world.get("/facilities/f1").text, papers[0], file):
        assert all(
            word in text
            for word in ("2,000 m²", "一部が借地", "500 m²", "7,654,321", "1つのコミュニティ推進地区")
        )
    rows = list(csv.DictReader(io.StringIO(file.removeprefix("\ufeff"))))
    assert ("土地", "うち借地", "500 m²") in {(row["区分"], row["項目"], row["値"]) for row in rows}
    unknown = world.get("/facilities/f3").text
    assert "敷地の面積も、市有地か借地かも不明です" in unknown
    assert re.search(r"不明な項目（\d+）：.*利用圏域、敷地の面積、土地の所有", unknown)


def test_the_portfolio_is_the_staffs_and_ranks_within_the_kind(world: TestClient) -> None:
    visitor = another(world)
    assert visitor.get("/staff/facilities/portfolio").status_code in (303, 401)
    sign_in(visitor, Role.PLANNER)
    html = visitor.get("/staff/facilities/portfolio", headers=PAGE).text
    sections = re.findall(r'id="kind-\d+-heading">([^<]*)', html)
    assert [name.partition("（")[0] for name in sections] == ["地区活動センター", "学校", "市立公民館"]
    assert "長寿命化" in html and "図に置けません" in html
    assert "同じ種類の施設がほかにありません" in html and all(WAYS.values()), "how the way was found is said"
    assert city.HOSTILE not in html and "&lt;img src=x" in html
    assert re.search(r"<td>利用：3つ[^<]*、状態：3つ[^<]*</td>", html), "how much is known of each axis"
    assert ("portfolio-svg" in html) == ("白抜きの円はどれかが不明" in html)


def test_links_lead_there(world: TestClient) -> None:
    assert f'href="{COSTS}"' in world.get("/maps").text
    assert 'href="/facilities/f1"' in world.get("/districts/1").text
    assert 'href="/facilities/f1"' in world.get(COSTS).text


def test_a_city_without_any_building(client: TestClient, shared_town: DatabaseUrls) -> None:
    with psycopg.connect(shared_town.superuser) as conn:
        conn.execute("SET search_path TO kyodo, public")
        conn.execute("TRUNCATE building_work, building_inspection, facility_building, building CASCADE")
    client.app.state.services.live.wait(city.CODE)
    html = client.get(f"{COSTS}?years=41").text
    assert "0 棟" in html and "費用は不明です" in html


def test_a_value_out_of_bounds_is_named_as_the_form_names_it(client: TestClient) -> None:
    answer = client.get("/facilities/gaps?distance=5", headers=PAGE)
    assert answer.status_code == 400
    assert "「徒歩で届く距離（m）」（distance）: 100 以上で指定してください" in answer.text
