"""All districts on paper: the classes of the screen, numbers, hatches, and nothing of withheld figures."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

from shapely import box, to_geojson

from maps import patterns
from maps.palettes import YLGNBU
from maps.paper_districts import adoption, rates, swatch
from maps.specs import District

SVG = "{http://www.w3.org/2000/svg}"


def district(no: int, **values: object) -> District:
    west = 141.0 + no / 100
    return District(
        no=no,
        name=f"第{no}",
        geometry=to_geojson(box(west, 39.7, west + 0.01, 39.71)),
        label_lon=west + 0.005,
        label_lat=39.705,
        **values,  # type: ignore[arg-type]
    )


def paths(svg: str) -> list[str]:
    return [path.get("fill", "") for path in drawn_paths(svg)]


def drawn_paths(svg: str) -> list[ET.Element]:
    """The paths of the districts, without those of the hatches."""
    root = ET.fromstring(svg)
    hatches = {path for defs in root.iter(f"{SVG}defs") for path in defs.iter(f"{SVG}path")}
    return [path for path in root.iter(f"{SVG}path") if path not in hatches]


def test_each_district_has_the_fill_of_its_state_and_its_number() -> None:
    drawn = adoption(
        [district(1, plan_state="adopted"), district(2, plan_state="none"), district(3, plan_state=None)]
    )
    assert paths(drawn.svg) == [patterns.ADOPTED, patterns.NOT_ADOPTED, patterns.NO_DATA]
    numbers = [text.text for text in ET.fromstring(drawn.svg).iter(f"{SVG}text")]
    assert numbers == ["1", "2", "3"]
    counted = {entry.label: entry.count for entry in drawn.entries if entry.count}
    assert counted == {"策定": 1, "未策定": 1, "不明": 1}


def test_a_withheld_rate_is_a_class_of_its_own_and_stands_nowhere() -> None:
    drawn = rates(
        [
            district(1, membership_rate=0.95),
            district(2, membership_rate=0.123456, suppressed=True),
            district(3, membership_rate=None),
        ]
    )
    assert paths(drawn.svg) == [YLGNBU[4], patterns.WITHHELD, patterns.NO_DATA]
    assert "0.123456" not in drawn.svg
    assert sum(entry.count or 0 for entry in drawn.entries) == 3


def test_hatches_are_defined_where_they_are_used() -> None:
    drawn = adoption([district(1, plan_state="adopted")])
    for svg in (drawn.svg, swatch(drawn.entries[0])):
        assert {pattern.get("id") for pattern in ET.fromstring(svg).iter(f"{SVG}pattern")} >= {
            "hatch-adopted"
        }


def test_a_district_without_an_area_is_left_out_of_the_picture_alone() -> None:
    drawn = adoption(
        [district(1, plan_state="adopted"), replace(district(2, plan_state="adopted"), geometry=None)]
    )
    assert len(paths(drawn.svg)) == 1
    assert drawn.entries[0].count == 2
    assert paths(adoption([]).svg) == []


def test_neighbours_keep_their_common_border_and_stay_within_the_paper() -> None:
    text = adoption([district(1), district(2)]).svg
    svg = ET.fromstring(text)
    numbers = [
        [float(n) for n in part.replace("M", " ").replace("L", " ").replace("Z", " ").split()]
        for part in (path.get("d", "") for path in drawn_paths(text))
    ]
    first, second = ({*part[0::2]} for part in numbers)
    assert max(first) == min(second)
    assert min(first) >= 0 and max(second) <= float(svg.get("width", "0"))
