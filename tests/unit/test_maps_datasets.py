"""Maps of the datasets pages: numbered findings, and before beside after."""

from __future__ import annotations

import json

import pytest

from maps import patterns
from maps.build import build_map
from maps.changes import ChangeShape, ChangeSpec
from maps.faults import FaultMark, FaultsSpec
from tests.unit.maps_world import HOSTILE, features_of, square, styles_of


def fault(no: int, **facts) -> FaultMark:
    place = {"lon": 1.5, "lat": 0.5} | facts
    return FaultMark(no=no, kind="overlaps", label="重なり", place="東と西", what="重なっています。", **place)


def faults(*items: FaultMark):
    return build_map(FaultsSpec(faults=items, caption="見つかったところ", outline=square(0, 0, 4)))


def test_findings_carry_their_number_on_the_map_and_in_the_table() -> None:
    built = faults(fault(1, area_m2=12.34, shape=json.loads(square(1, 0))), fault(2, lon=None, lat=None))
    (point,) = features_of(built, "faults")
    assert (point["id"], point["properties"]["name"]) == (1, "1")
    assert point["properties"]["label"].startswith("1 重なり")
    (ground,) = features_of(built, "grounds")
    assert ground["geometry"]["type"] == "Polygon"
    assert [(row.key, row.on_map) for row in built.table.rows] == [(1, True), (2, False)]
    assert built.table.rows[0].cells[2].text == "12.3"
    assert 'data-sum="1"' in built.legend, "the legend counts what is drawn"


def test_a_finding_far_away_does_not_draw_the_first_view_away_from_the_city() -> None:
    built = faults(fault(1), fault(2, lon=40.0, lat=40.0))
    west, south, east, north = (
        float(n) for n in built.html.split('data-bounds="')[1].split('"')[0].split(",")
    )
    assert 0 <= west < east <= 4 and 0 <= south < north <= 4
    assert len(features_of(built, "faults")) == 2


SHAPES = (
    ChangeShape(1, "増える", "added", "", None, square(0, 0)),
    ChangeShape(2, "変わる", "changed", "形・位置", square(1, 0), square(1, 0, 0.5)),
    ChangeShape(3, "なくなる", "removed", "", square(2, 0), None),
    ChangeShape(4, "形なし", "changed", "名前", None, None),
)


def side(name: str):
    return build_map(
        ChangeSpec(side=name, shapes=SHAPES, context=(("同じ", square(3, 0)),), outline=square(0, 0, 4))
    )


@pytest.mark.parametrize(
    ("name", "drawn", "rows"), [("before", [2, 3], [2, 3, 4]), ("after", [1, 2], [1, 2, 4])]
)
def test_each_side_shows_its_own_rows(name: str, drawn: list[int], rows: list[int]) -> None:
    built = side(name)
    assert [feature["id"] for feature in features_of(built, name)] == drawn
    assert [row.key for row in built.table.rows] == rows
    assert [row.on_map for row in built.table.rows] == [True, True, False]
    assert len(features_of(built, f"same_{name}")) == 1


def test_both_sides_begin_with_one_view_and_the_hatches_stand_in_the_page_once() -> None:
    before, after = side("before"), side("after")
    bounds = [built.html.split('data-bounds="')[1].split('"')[0] for built in (before, after)]
    assert bounds[0] == bounds[1]
    assert str(patterns.DEFINITIONS) in before.html and "<pattern" not in after.html


def test_verdicts_differ_by_more_than_colour() -> None:
    fills = {**styles_of(side("before"), "before"), **styles_of(side("after"), "after")}
    assert fills[1]["fillColor"].startswith("url(") and fills[3]["fillColor"].startswith("url(")
    assert fills[1]["fillColor"] != fills[3]["fillColor"] and fills[2]["fillColor"].startswith("#")


def test_points_are_drawn_where_they_lie() -> None:
    point = json.dumps({"type": "Point", "coordinates": [1.0, 0.5]})
    built = build_map(ChangeSpec(side="after", shapes=(ChangeShape(1, "館", "added", "", None, point),)))
    (feature,) = features_of(built, "after")
    assert feature["geometry"] == {"type": "Point", "coordinates": [1.0, 0.5]}


def test_hostile_names_stand_in_the_scripts_only_as_escaped_data() -> None:
    built = build_map(
        ChangeSpec(side="after", shapes=(ChangeShape(1, HOSTILE, "added", HOSTILE, None, square(0, 0)),))
    )
    found = faults(
        FaultMark(no=1, kind="gaps", label="すき間", place=HOSTILE, what=HOSTILE, lon=1.0, lat=0.5)
    )
    for script in (built.script, found.script):
        assert "</script" not in script.lower() and "<img" not in script and script.isascii()
