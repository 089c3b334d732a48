"""Maps of counts: circles by area, shades by class, the same figures on map, legend and table."""

from __future__ import annotations

import re

from maps import patterns
from maps.build import build_map
from maps.circles import LARGEST_PX, Scale, circle_legend
from maps.district_counts import Circles, Counted, DistrictCountsSpec, Place, Shades
from maps.specs import BuiltMap, FacilityPoint, Overlays
from maps.tables import Cell, Column
from tests.unit.maps_world import HOSTILE, district, features_of, square, styles_of

SHADES = Shades("千人あたり", "単位 件", ("1未満", "1以上"), ("#ffffb4", "#313d9d"))
SCALE = Scale(4.0, (1, 4))


def counted(count: int, shade: int) -> Counted:
    return Counted(shade, (Cell(str(count), count),), count)


def built(**other: object) -> BuiltMap:
    values: dict[str, object] = {
        "name": "support",
        "label": "試験の地図",
        "caption": "試験の表",
        "summary": "",
        "districts": (district(1), district(2), district(3), district(4, name=HOSTILE)),
        "counted": {
            1: counted(4, 1),
            2: counted(0, 0),
            3: Counted(None, (Cell("非公表"),), 2, withheld=True),
        },
        "columns": (Column("count", "件数", numeric=True),),
        "shades": SHADES,
        "circles": Circles("件数", "件", SCALE),
        "outline": square(1, 0, 4),
    }
    return build_map(DistrictCountsSpec(**(values | other)))  # type: ignore[arg-type]


def test_a_circle_of_four_has_four_times_the_area_of_one_of_one() -> None:
    assert SCALE.radius(4) == 2 * SCALE.radius(1)
    assert SCALE.radius(10**9) == LARGEST_PX


def test_circles_stand_where_there_is_a_count_that_may_be_seen() -> None:
    found = built()
    assert [feature["id"] for feature in features_of(found, "circles")] == [1]
    assert styles_of(found, "circles")[1]["radius"] == 8.0


def test_areas_take_the_fill_of_their_class_or_a_hatch() -> None:
    fills = {no: style["fillColor"] for no, style in styles_of(built(), "districts").items()}
    assert fills == {1: "#313d9d", 2: "#ffffb4", 3: patterns.WITHHELD, 4: patterns.NO_DATA}


def test_counts_of_the_legend_sum_to_the_districts() -> None:
    legend = built().legend
    assert dict(re.findall(r'data-class="([a-z0-9-]+)".*?data-count="(\d+)"', legend)) == {
        "class-1": "1", "class-0": "1", "missing": "1", "withheld": "1",
    }  # fmt: skip
    assert 'data-sum="4"' in legend


def test_a_withheld_count_is_in_no_part_of_the_map() -> None:
    found = built(counted={3: Counted(None, (Cell("非公表"),), 777, withheld=True)})
    assert "777" not in found.script + found.html + found.legend
    assert found.table.rows[2].cells[0].value is None


def test_places_have_their_group_in_name_and_fill() -> None:
    places = (Place("s1", HOSTILE, 1.5, 0.5, ("甲",), 0), Place("s2", "会館", 2.5, 0.5, ("乙",), 1))
    found = built(
        places=places,
        place_title="会館",
        place_groups=(("借りたもの", "#ffffff"), ("建てたもの", "#10151c")),
        place_details=("種別",),
    )
    assert styles_of(found, "places")["s2"]["fillColor"] == "#10151c"
    labels = [feature["properties"]["label"] for feature in features_of(found, "places")]
    assert labels[1] == "会館（建てたもの）"
    assert "<img" not in found.script and "<script>window" not in found.script
    assert "借りたもの" in found.legend and "建てたもの" in found.legend


def test_equal_specifications_give_equal_bytes() -> None:
    assert (built().script, built().html, built().legend) == (built().script, built().html, built().legend)


def test_the_samples_of_circles_have_the_size_of_the_map() -> None:
    legend = circle_legend("件数", "件", SCALE)
    assert [float(r) for r in re.findall(r' r="([\d.]+)"', legend)] == [SCALE.radius(1), SCALE.radius(4)]
    assert "円の面積が件数に比例" in legend


def test_no_circle_layer_without_a_count() -> None:
    found = built(circles=None)
    assert "geo_json_circles" not in found.script


def test_facilities_can_be_laid_over_a_theme_beside_its_own_points() -> None:
    hall = FacilityPoint("f1", "活動センター", "センター", 141.1, 39.7)
    found = built(
        overlays=Overlays((hall,)), places=(Place("s1", "会館", 141.1, 39.7),), place_title="会館",
    )  # fmt: skip
    assert [feature["id"] for feature in features_of(found, "facilities")] == ["f1"]
    assert [feature["id"] for feature in features_of(found, "places")] == ["s1"]
    assert ("facilities", "活動施設", False) in found.toggles
    assert re.findall('data-overlay="([a-z]+)"', found.legend) == ["places", "facilities"]
