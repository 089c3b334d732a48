"""The legend says what the map shows: same fills, same opacity, every district counted once."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import date
from typing import Any

import pytest
from markupsafe import Markup

from maps.build import build_map
from maps.legend import Entry, legend
from maps.specs import BuiltMap, FacilityCoverageSpec, MembershipSpec, PlanAdoptionSpec, Reach
from tests.unit.maps_world import HOSTILE, district, facility, rated, standing, styles_of


def lines(html: Markup) -> dict[str, dict[str, Any]]:
    """Class key → label, count and the swatch's fill and opacity."""
    found = {}
    for item in ET.fromstring(html).iter("li"):
        spans = {span.get("class"): span for span in item.iter("span")}
        shape = next(iter(item.iter("rect")), None)
        found[item.get("data-class", "")] = {
            "label": spans["legend-label"].text,
            "count": int(spans["legend-count"].get("data-count", "")) if "legend-count" in spans else None,
            "fill": shape.get("fill") if shape is not None else None,
            "opacity": float(shape.get("fill-opacity", "")) if shape is not None else None,
        }
    return found


RATES = (0.7, 0.8, 0.85, 0.875, 0.9, None, 0.5)
DISTRICTS = tuple(rated(no, rate, suppressed=no == 7) for no, rate in enumerate(RATES, start=1))


@pytest.fixture(scope="module")
def membership() -> BuiltMap:
    return build_map(MembershipSpec(districts=DISTRICTS, fiscal_year=2019))


def test_wording_is_at_least_and_less_than(membership: BuiltMap) -> None:
    assert [line["label"] for line in lines(membership.legend).values()] == [
        "90%以上",
        "87.5%以上90%未満",
        "85%以上87.5%未満",
        "80%以上85%未満",
        "80%未満",
        "データなし",
        "非公表（世帯数が少ないため）",
    ]


def test_every_district_is_counted_once(membership: BuiltMap) -> None:
    assert [line["count"] for line in lines(membership.legend).values()] == [1] * 7
    assert 'data-sum="7"' in membership.legend


def test_unit_is_stated(membership: BuiltMap) -> None:
    assert "単位 %、加入世帯数 ÷ 世帯数" in membership.legend


def test_swatches_are_the_polygons_fill_and_opacity_class_by_class(membership: BuiltMap) -> None:
    swatches = {line["label"]: (line["fill"], line["opacity"]) for line in lines(membership.legend).values()}
    styles = styles_of(membership, "districts")
    classes = {row.key: row.cells[1].text for row in membership.table.rows}
    drawn = {classes[no]: (style["fillColor"], style["fillOpacity"]) for no, style in styles.items()}
    assert drawn == swatches


def test_the_withheld_class_appears_only_where_something_is_withheld() -> None:
    built = build_map(MembershipSpec(districts=(rated(1, 0.9),), fiscal_year=2019))
    assert "withheld" not in lines(built.legend)
    assert lines(built.legend)["missing"]["count"] == 0


def test_missing_and_withheld_are_hatched_differently(membership: BuiltMap) -> None:
    found = lines(membership.legend)
    fills = found["missing"]["fill"], found["withheld"]["fill"]
    assert fills == ("url(#hatch-missing)", "url(#hatch-withheld)")
    for fill in fills:
        assert f'id="{fill[5:-1]}"' in membership.html


def test_plan_states_differ_by_pattern_too() -> None:
    states = ("adopted", "revised", "in_preparation", "expired", "none")
    districts = tuple(district(no) for no in range(1, 7))
    standings = {no: standing(state) for no, state in enumerate(states, start=1)}
    built = build_map(PlanAdoptionSpec(districts=districts, standings=standings, day=date(2025, 4, 1)))
    fills = {no: style["fillColor"] for no, style in styles_of(built, "districts").items()}
    assert len(set(fills.values())) == 6
    assert fills[5] == "#ffffff"
    for no in (1, 2, 3, 4, 6):
        assert f'id="{fills[no][5:-1]}"' in built.html
    assert {line["label"]: line["fill"] for line in lines(built.legend).values()} == {
        "策定": fills[1],
        "改定": fills[2],
        "準備中": fills[3],
        "期間終了": fills[4],
        "未策定": fills[5],
        "不明": fills[6],
    }


def test_facility_symbols_are_not_counted_among_districts() -> None:
    spec = FacilityCoverageSpec(
        districts=(district(1), district(2)),
        facilities=(facility(),),
        reach={1: Reach(1000, 900.0)},
        radius_m=1200,
    )
    found = lines(build_map(spec).legend)
    assert found["facility"]["count"] is None
    assert found["reach"] | {"label": ""} == {"label": "", "count": None, "fill": None, "opacity": None}
    assert "1,200 m" in found["reach"]["label"]
    assert found["class-4"]["count"] == 1
    assert found["missing"]["count"] == 1


def test_texts_are_escaped_and_nothing_needs_an_inline_style() -> None:
    made = legend(HOSTILE, HOSTILE, [Entry(HOSTILE, HOSTILE, 1)])
    assert "<img" not in made and "<script" not in made
    assert not re.search(r"\sstyle=", made)
