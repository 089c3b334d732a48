"""Numbers in, map and table out: every figure reads the same in popup, table and key figures."""

from __future__ import annotations

import json
from datetime import date

import pytest

from maps.build import build_map
from maps.specs import (
    Area,
    District,
    FacilityCoverageSpec,
    FacilityPoint,
    MapSpec,
    MembershipSpec,
    PlaceSpec,
    PlanAdoptionSpec,
    Reach,
)
from maps.tables import Cell, Column, Row, Table
from tests.unit.maps_world import district, facility, features_of, rated, square, standing, styles_of


def test_rows_and_features_are_the_same_things_with_the_same_figures() -> None:
    districts = (rated(1, 0.8745), rated(2, 0.5), rated(3, None), rated(4, 0.99, suppressed=True))
    built = build_map(MembershipSpec(districts=districts, fiscal_year=2019))
    features = {f["id"]: f["properties"] for f in features_of(built, "districts")}
    assert [row.key for row in built.table.rows] == list(features)
    for row in built.table.rows:
        shown = features[row.key]
        assert [cell.text for cell in row.cells] == [
            shown["rate"],
            shown["level"],
            shown["members"],
            shown["households"],
        ]


def test_a_rate_is_classed_as_it_is_shown() -> None:
    """0.87449 reads 87.4 %, 0.8745 reads 87.5 %: the second belongs to the class from 87.5 %."""
    built = build_map(MembershipSpec(districts=(rated(1, 0.87449), rated(2, 0.8745)), fiscal_year=2019))
    texts = [[cell.text for cell in row.cells[:2]] for row in built.table.rows]
    assert texts == [["87.4 %", "85%以上87.5%未満"], ["87.5 %", "87.5%以上90%未満"]]


def test_a_withheld_figure_is_nowhere_in_the_map() -> None:
    hidden = District(
        no=1, name="小", geometry=square(1, 0), membership_rate=0.54321, member_households=77777,
        rate_households=88888, suppressed=True,
    )  # fmt: skip
    built = build_map(MembershipSpec(districts=(hidden, rated(2, 0.9)), fiscal_year=2019, city_rate=0.9))
    everything = built.script + built.html + built.legend + repr(built.table) + built.summary
    for secret in ("54.3", "0.54321", "77777", "77,777", "88888", "88,888"):
        assert secret not in everything
    assert [cell.text for cell in built.table.rows[0].cells] == [
        "非公表",
        "非公表（世帯数が少ないため）",
        "非公表",
        "非公表",
    ]
    assert [cell.value for cell in built.table.rows[0].cells if cell.text == "非公表"] == [None] * 3


def test_missing_is_never_zero() -> None:
    built = build_map(MembershipSpec(districts=(rated(1, None), rated(2, 0.0)), fiscal_year=2019))
    assert [row.cells[0] for row in built.table.rows] == [Cell("データなし", None), Cell("0.0 %", 0.0)]


def test_the_city_and_the_districts_above_its_rate_are_told_first() -> None:
    districts = (rated(1, 0.9), rated(2, 0.875), rated(3, 0.8), rated(4, None))
    built = build_map(MembershipSpec(districts=districts, fiscal_year=2019, city_rate=0.875))
    assert built.summary == (
        "令和元年度(2019年度)の加入率は、市全体で 87.5 %、3 地区のうち 2 地区が 87.5 % 以上です。"
    )
    assert [figure.value for figure in built.figures] == ["87.5 %", "2 地区"]


def test_a_rate_shown_as_the_citys_counts_as_such_in_words_and_legend() -> None:
    built = build_map(MembershipSpec(districts=(rated(1, 0.8746), rated(2, 0.8744)), fiscal_year=2019))
    assert [row.cells[0].text for row in built.table.rows] == ["87.5 %", "87.4 %"]
    assert built.figures[1].value == "1 地区"


def test_the_denominator_is_named_with_its_day() -> None:
    spec = MembershipSpec(
        districts=(rated(1, 0.9),),
        fiscal_year=2019,
        denominators=("census",),
        denominator_as_of=date(2020, 10, 1),
    )
    assert "世帯数（分母）：国勢調査の世帯数、令和2年10月1日現在。" in build_map(spec).table.notes


def test_a_year_without_figures_says_so() -> None:
    built = build_map(MembershipSpec(districts=(rated(1, None),), fiscal_year=2020))
    assert built.summary == "令和2年度(2020年度)の加入率のデータはありません。"


def test_plan_states_carry_the_day_they_were_stated() -> None:
    districts = tuple(district(no) for no in range(1, 6))
    standings = {
        1: standing("adopted", version=1),
        2: standing("none"),
        4: standing(
            "revised", since=date(2024, 4, 1), version=2, title="第4地区の計画", document_url="https://x.jp/4"
        ),
        5: standing("expired", since=date(2024, 4, 1), document_url="javascript:alert(1)"),
    }
    built = build_map(PlanAdoptionSpec(districts=districts, standings=standings, day=date(2025, 4, 1)))
    assert built.summary == (
        "令和7年4月1日に地域づくり計画があるのは、5 地区のうち 2 地区です。"
        "うち 1 地区は計画書掲載時点の区分で、策定した日は不明です。"
    )
    cells = [[cell.text for cell in row.cells[:3]] for row in built.table.rows]
    stated = "不明（計画書掲載時点：令和3年4月1日）"
    assert cells == [
        ["策定", stated, "不明"],
        ["未策定", stated, "なし"],
        ["不明", "不明", "不明"],
        ["改定", "令和6年4月1日", "第2版"],
        ["期間終了", "令和6年4月1日", "なし"],
    ]
    assert built.figures[0].note == "うち計画書掲載時点（令和3年4月1日）1 地区"
    labels = [f["properties"]["label"] for f in features_of(built, "districts")]
    assert labels[0] == "1 第1、地域づくり計画は策定（計画書掲載時点）"
    assert labels[3] == "4 第4、地域づくり計画は改定（令和6年4月1日）"
    assert [row.cells[3].href for row in built.table.rows[3:]] == ["https://x.jp/4", None]


def test_before_anything_is_known_the_day_says_so() -> None:
    built = build_map(PlanAdoptionSpec(districts=(district(1),), standings={}, day=date(2010, 4, 1)))
    assert built.summary == "平成22年4月1日の策定状況はわかりません。"
    assert [row.cells[0].text for row in built.table.rows] == ["不明"]


def test_coverage_shows_shares_points_and_rings_in_metres() -> None:
    spec = FacilityCoverageSpec(
        districts=(district(1), district(2), district(3)),
        facilities=(facility(),),
        reach={1: Reach(1000, 500.0), 2: Reach(0, 0.0)},
        radius_m=500,
    )
    built = build_map(spec)
    assert [row.cells[0].text for row in built.table.rows] == ["50.0 %", "データなし", "データなし"]
    assert "到達圏" in built.toggles[1][1]
    assert '"radius": 500.0' in built.script
    assert "new L.circle(" in built.script
    assert [f["geometry"]["coordinates"] for f in features_of(built, "facilities")] == [[1.5, 0.5]]
    assert styles_of(built, "reach")["F1"]["fill"] is False
    assert built.facilities is not None
    assert [row.key for row in built.facilities.rows] == ["F1"]
    assert built.summary == (
        "活動施設から直線 500 m の範囲に住む人は、市全体で 50.0 %（1,000 人のうち約 500 人）です。"
    )


def test_coverage_without_people_says_why_there_is_no_share() -> None:
    built = build_map(FacilityCoverageSpec(districts=(district(1),), facilities=()))
    assert "人口のデータがないため" in built.summary
    assert "geo_json_facilities" not in built.script


def test_a_share_is_none_without_people_and_never_above_one() -> None:
    assert Reach(0, 0.0).share is None
    assert Reach(None, 5.0).share is None
    assert Reach(10, None).share is None
    assert Reach(10, 5.0).share == 0.5
    assert Reach(10, 10.4).share == 1.0


def test_a_lookup_map_holds_areas_and_no_point() -> None:
    areas = (
        Area("A1", "一丁目町内会", square(1, 0)),
        Area("5", "第5", square(1, 0, 3), kind="district"),
        Area("A2", "二丁目町内会", None),
    )
    built = build_map(PlaceSpec(areas=areas))
    assert [f["id"] for f in features_of(built, "areas")] == ["A1", "5"]
    assert [(row.key, row.on_map) for row in built.table.rows] == [("A1", True), ("5", True), ("A2", False)]
    assert '"Point"' not in built.script


def test_names_of_found_areas_stand_inside_them() -> None:
    """An L of three squares: the middle of its bounds is outside it, its name must not be."""
    corner = [[0, 0], [2, 0], [2, 1], [1, 1], [1, 2], [0, 2], [0, 0]]
    geometry = json.dumps({"type": "Polygon", "coordinates": [corner]})
    (feature,) = features_of(build_map(PlaceSpec(areas=(Area("A1", "一丁目町内会", geometry),))), "areas")
    lon, lat = feature["properties"]["label_lon"], feature["properties"]["label_lat"]
    assert 0 < lon < 2 and 0 < lat < 2
    assert lon < 1 or lat < 1


def test_a_lookup_map_without_areas_shows_the_city() -> None:
    built = build_map(PlaceSpec(areas=(), outline=square(10, 20)))
    assert 'data-bounds="10.00000,20.00000,11.00000,21.00000"' in built.html
    assert 'data-layers="outline"' in built.html


def test_a_district_without_a_shape_stays_in_the_table() -> None:
    built = build_map(
        MembershipSpec(districts=(rated(1, 0.9), rated(2, 0.9, geometry=None)), fiscal_year=2019)
    )
    assert [f["id"] for f in features_of(built, "districts")] == [1]
    assert [(row.key, row.on_map) for row in built.table.rows] == [(1, True), (2, False)]


def test_rows_of_a_query_become_districts_by_name_of_attribute() -> None:
    class RowOfQuery:
        no, name, people, area_m2, lon, lat, id, kind = 3, "第3", 12, 1.0, 1.0, 2.0, "F3", "会館"

    assert District.of(RowOfQuery()) == District(no=3, name="第3", people=12)
    assert FacilityPoint.of(RowOfQuery()) == FacilityPoint(id="F3", name="第3", kind="会館", lon=1.0, lat=2.0)


def test_an_unknown_specification_is_refused() -> None:
    with pytest.raises(TypeError):
        build_map(MapSpec())


def test_a_row_that_does_not_fit_its_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="columns"):
        Table("表", "名", (Column("a", "A"),), (Row(1, "x", ()),))
