"""Roads from an extract of OpenStreetMap: which ways, where they are cut and joined, in which direction, and the city's box."""

from __future__ import annotations

from pathlib import Path

import osmium
import pytest
from osmium.osm import mutable
from shapely import box

from geodata.readers.osm_roads import Edge, contracted
from geodata.readers.osm_tags import is_used, one_way
from kyodo_geo.errors import FileFormatError
from tests.unit.readers.files import LAT, LON, csv, load

CITY = {"outline": box(LON - 0.05, LAT - 0.05, LON + 0.05, LAT + 0.05)}
STEP = 0.001


def pbf(
    path: Path, ways: dict[int, tuple[list[int], dict[str, str]]], spots: dict[int, tuple[float, float]]
) -> Path:
    """Nodes in thousandths of a degree from the middle; written by the library that reads them."""
    writer = osmium.SimpleWriter(str(path))
    for number, (x, y) in sorted(spots.items()):
        writer.add_node(mutable.Node(id=number, version=1, location=(LON + x * STEP, LAT + y * STEP)))
    for number, (nodes, tags) in sorted(ways.items()):
        writer.add_way(mutable.Way(id=number, version=1, nodes=nodes, tags=tags))
    writer.close()
    return path


#      4
#      |
#  1 - 2 - 3 - 5 - 6      5 is only a bend, 3 joins two ways of the same kind
SPOTS = {1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (1, 1), 5: (3, 0), 6: (4, 0), 7: (3, 2), 90: (900, 0)}
HOME = {"highway": "residential"}


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return pbf(
        tmp_path / "town.osm.pbf",
        {
            1: ([1, 2, 3], HOME),
            2: ([3, 5, 6], HOME),
            3: ([2, 4], HOME | {"oneway": "-1", "maxspeed": "30"}),
            4: ([4, 7], {"highway": "footway"}),
            5: ([7, 6], {"highway": "construction"}),
            6: ([6, 90], {"highway": "primary"}),
        },
        SPOTS,
    )


def pairs(result) -> set[tuple[int, int]]:
    return {(row.u, row.v) for row in result.frame.itertuples()}


def test_drivers_get_crossings_and_directions(town):
    result = load("drive-network", town, context=CITY)
    assert pairs(result) == {(1, 2), (2, 1), (2, 6), (6, 2), (4, 2)}
    (long,) = [row for row in result.frame.itertuples() if (row.u, row.v) == (2, 6)]
    assert len(long.geom.coords) == 4, "the bend and the seam stay in the line"
    assert long.length_m == pytest.approx(3 * STEP * 85_800, rel=0.01)
    (against,) = [row for row in result.frame.itertuples() if (row.u, row.v) == (4, 2)]
    assert (against.kmh, against.speed_from) == (30, "maxspeed")
    assert any("本の way から" in note for note in result.report.notes)


def test_walkers_get_footways_and_no_directions(town):
    result = load("walk-network", town, context=CITY)
    # 4 is where a footway begins: another kind of way, so that the node stays.
    assert pairs(result) == {(1, 2), (2, 4), (2, 6), (4, 7)}


def test_the_citys_own_speeds_go_with_a_pbf(town, tmp_path):
    result = load(
        "drive-network", town, csv(tmp_path / "s.csv", "highway,kmh\nresidential,15\n"), context=CITY
    )
    assert set(result.frame["kmh"]) == {15, 30}


def test_what_lies_outside_the_box_is_cut_off(tmp_path):
    far = pbf(tmp_path / "far.osm.pbf", {1: ([90, 91], HOME)}, {90: (900, 0), 91: (901, 0)})
    with pytest.raises(FileFormatError, match="市域の車の通れる道がありません"):
        load("drive-network", far, context=CITY)


def test_a_ring_and_a_way_that_meets_itself(tmp_path):
    spots = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (-1, 0)}
    path = pbf(tmp_path / "ring.osm.pbf", {1: ([5, 1, 2, 3, 4, 1], HOME)}, spots)
    result = load("drive-network", path, context=CITY)
    assert pairs(result) == {(5, 1), (1, 5)}
    assert any("同じ交差点に戻る道 1 本" in note for note in result.report.notes)


@pytest.mark.parametrize(
    "content",
    [b"", b"not a pbf at all, but long enough to be looked at", b"\x00\x00\x00\x0d\x0a\x09OSMHeader"],
)
def test_a_damaged_file_is_told_as_such(tmp_path, content):
    path = tmp_path / "bad.osm.pbf"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=r"読めません|空のファイル"):
        load("walk-network", path, context=CITY)


def test_a_cut_file_is_told_as_such(town):
    town.write_bytes(town.read_bytes()[:-40])
    with pytest.raises(FileFormatError, match="読めません"):
        load("walk-network", town, context=CITY)


def test_other_kinds_are_not_read_from_it(town):
    with pytest.raises(FileFormatError, match="からは読み込めません"):
        load("facilities", town, context=CITY)


def test_joining_respects_one_way_streets_and_facts():
    two, one = ("residential", "no", ""), ("residential", "yes", "")
    assert [e.nodes for e in contracted([Edge([1, 2], two), Edge([3, 2], two)])] == [[1, 2, 3]]
    assert [e.nodes for e in contracted([Edge([2, 3], one), Edge([1, 2], one)])] == [[1, 2, 3]]
    assert len(contracted([Edge([1, 2], one), Edge([3, 2], one)])) == 2, (
        "both lead to 2: nobody drives through"
    )
    assert len(contracted([Edge([1, 2], two), Edge([2, 3], ("tertiary", "no", ""))])) == 2
    ring = contracted([Edge([1, 2], two), Edge([2, 3], two), Edge([3, 1], two)])
    assert len(ring) == 1 and ring[0].nodes[0] == ring[0].nodes[-1]


@pytest.mark.parametrize(
    ("tags", "walk", "drive"),
    [
        ({"highway": "residential"}, True, True),
        ({"highway": "motorway"}, False, True),
        ({"highway": "footway"}, True, False),
        ({"highway": "steps"}, True, False),
        ({"highway": "track"}, True, False),
        ({"highway": "service"}, True, False),
        ({"highway": "cycleway"}, False, False),
        ({"highway": "cycleway", "foot": "yes"}, True, False),
        ({"highway": "residential", "access": "private"}, False, False),
        ({"highway": "residential", "access": "no", "foot": "yes"}, True, False),
        ({"highway": "residential", "motor_vehicle": "no"}, True, False),
        ({"highway": "residential", "foot": "no"}, False, True),
        ({"highway": "trunk", "motorroad": "yes"}, False, True),
        ({"highway": "pedestrian", "area": "yes"}, False, False),
        ({"highway": "proposed"}, False, False),
        ({"building": "yes"}, False, False),
    ],
)
def test_who_may_use_a_way(tags, walk, drive):
    assert (is_used(tags, "walk"), is_used(tags, "drive")) == (walk, drive)


def test_one_way_without_saying_so():
    assert one_way({"highway": "tertiary", "junction": "roundabout"}) == "yes"
    assert (
        one_way({"highway": "motorway"}) == "yes" and one_way({"highway": "motorway", "oneway": "no"}) == "no"
    )
    assert one_way({"highway": "residential", "oneway": "-1"}) == "-1"
    assert one_way({"highway": "residential"}) == "no"
