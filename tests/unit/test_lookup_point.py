"""The decision for a point: covers, borders, corners, the edge of the city; and the index against a plain loop."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from kyodo_geo.errors import InputError
from kyodo_geo.lookup import LookupIndex, Outcome
from kyodo_geo.lookup.areas import AreaIndex, circle, distance_m, metres_per_degree
from kyodo_geo.lookup.reference import slow_by_point
from kyodo_geo.lookup_types import Association
from tests.unit.lookup_world import ASSOCIATIONS, SIDE, SOUTH, WEST, at, snapshot, square

INDEX = LookupIndex(snapshot())


def ids(column: float, row: float) -> tuple[str, set[str]]:
    answer = INDEX.by_point(*at(column, row))
    return answer.outcome.value, {found.id for found in answer.associations}


def test_inside_one_area() -> None:
    assert ids(0.5, 0.5) == ("one", {"C1"})


def test_on_a_common_border() -> None:
    assert ids(1.0, 0.5) == ("several", {"C1", "C2"})


def test_on_a_corner_of_four() -> None:
    assert ids(1.0, 1.0) == ("several", {"B1", "B2", "C1", "C2"})


def test_on_the_edge_of_the_city_one_area_is_not_certain() -> None:
    assert ids(0.5, 0.0) == ("several", {"C1"})


def test_on_the_border_to_ground_without_association() -> None:
    assert ids(3.0, 0.5) == ("several", {"C3"})


def test_within_rounding_of_a_border() -> None:
    lon, lat = at(1.0, 0.5)
    assert INDEX.by_point(lon + 5e-10, lat).outcome is Outcome.SEVERAL
    assert INDEX.by_point(lon + 5e-8, lat).outcome is Outcome.ONE


def test_in_the_city_without_association() -> None:
    answer = INDEX.by_point(*at(3.5, 0.5))
    assert (answer.outcome, answer.district.no if answer.district else None) == (Outcome.NONE_HERE, 2)


def test_outside_the_city() -> None:
    answer = INDEX.by_point(*at(9, 9))
    assert (answer.outcome, answer.address.municipality) == (Outcome.OUTSIDE_CITY, None)


def test_between_outline_and_small_areas_is_not_outside() -> None:
    index = LookupIndex(snapshot(outline=square(0, 0, 4, 3), small_areas=square(0, 0, 5, 3)))
    answer = index.by_point(*at(4.5, 0.5))
    assert answer.outcome is Outcome.NONE_HERE
    assert "間にあります" in answer.message
    assert "間にあります" not in index.by_point(*at(3.5, 0.5)).message
    assert index.by_point(*at(5.5, 0.5)).outcome is Outcome.OUTSIDE_CITY


def test_without_outline_the_areas_themselves_are_the_city() -> None:
    index = LookupIndex(replace(snapshot(), outline=None, small_area_union=None))
    assert index.by_point(*at(0.5, 0.5)).outcome is Outcome.ONE
    assert index.by_point(*at(3.5, 0.5)).outcome is Outcome.NONE_HERE
    assert index.by_point(*at(9, 9)).outcome is Outcome.OUTSIDE_CITY


def test_latitude_and_longitude_exchanged_are_noticed() -> None:
    lon, lat = at(0.5, 0.5)
    with pytest.raises(InputError, match="逆になっていないか"):
        INDEX.by_point(lat, lon)


@pytest.mark.parametrize(("lon", "lat"), [(math.nan, 39.0), (141.0, math.inf), (181.0, 39.0), (141.0, -91.0)])
def test_numbers_that_are_no_place_are_refused(lon: float, lat: float) -> None:
    with pytest.raises(InputError):
        INDEX.by_point(lon, lat)


def test_the_point_is_given_back() -> None:
    lon, lat = at(0.5, 0.5)
    found = INDEX.by_point(lon, lat).as_dict()["address"]
    assert (found["lon"], found["lat"], found["level"], found["accuracy_m"]) == (
        round(lon, 6),
        round(lat, 6),
        "point",
        0,
    )


def test_associations_without_area_are_never_at_a_point() -> None:
    bare = tuple(replace(item, geom=None) for item in ASSOCIATIONS[:1])
    index = LookupIndex(snapshot(associations=(*bare, *ASSOCIATIONS[1:])))
    assert index.by_point(*at(0.5, 0.5)).outcome is Outcome.NONE_HERE


HOLED = Association("H", "穴", None, "association", 1, square(0, 0, 3, 3).difference(square(1, 1)))
ISLAND = Association(
    "I", "島", None, "association", 1, shapely.union_all([square(1.25, 1.25, 0.5, 0.5), square(3, 0)])
)
OVERLAP = Association("O", "重", None, "building", 1, square(2.5, 2.5, 1, 0.5))
CITIES = [
    snapshot(),
    snapshot(associations=(HOLED, ISLAND, OVERLAP)),
    snapshot(outline=square(0, 0, 3, 3), small_areas=square(0.5, 0.5, 3.5, 2.5)),
    replace(snapshot(), outline=None, small_area_union=None),
]
INDICES = [LookupIndex(city) for city in CITIES]
# Multiples of a quarter of a side hit borders and corners; the rest lies anywhere, also just beside a border.
quarters = st.integers(-2, 20).map(lambda n: n / 4)
anywhere = st.floats(-0.5, 5.0, allow_nan=False)
nearly = st.builds(lambda n, d: n + d, quarters, st.sampled_from([1e-9, -1e-9, 1e-7, -1e-7, 1e-12]))
coordinate = st.one_of(quarters, anywhere, nearly)


@settings(max_examples=400, deadline=None)
@given(coordinate, coordinate, st.sampled_from(range(len(CITIES))))
def test_the_index_agrees_with_the_plain_loop(column: float, row: float, which: int) -> None:
    lon, lat = WEST + column * SIDE, SOUTH + row * SIDE
    answer = INDICES[which].by_point(lon, lat)
    assert (answer.outcome, frozenset(found.id for found in answer.associations)) == slow_by_point(
        CITIES[which], lon, lat
    )
    alone = INDICES[which].alone_at(lon, lat)
    if alone is not None:
        found = [item.id for item in answer.associations]
        assert answer.outcome is Outcome.ONE
        assert found == [CITIES[which].associations[alone].association_id]


@pytest.mark.parametrize("radius", [1.0, 100.0, 5000.0])
def test_a_circle_holds_every_point_at_its_radius(radius: float) -> None:
    disc = circle(141.0, 39.7, radius)
    east, north = metres_per_degree(39.7)
    for degrees in range(0, 360, 7):
        angle = math.radians(degrees)
        rim = (
            141.0 + radius * 0.9999 * math.cos(angle) / east,
            39.7 + radius * 0.9999 * math.sin(angle) / north,
        )
        assert disc.covers(shapely.Point(rim))
        assert math.isclose(distance_m(141.0, 39.7, *rim), radius, rel_tol=1e-3)
    assert disc.area * east * north < math.pi * radius**2 * 1.02


def test_an_area_that_touches_the_circle_is_met_not_holding() -> None:
    index = AreaIndex([square(0, 0), None, square(1, 0)])
    near_border = index.in_circle(*at(0.99, 0.5), 100)
    assert [(touch.position, touch.inside) for touch in near_border] == [(0, False), (2, False)]
    far = index.in_circle(*at(0.5, 0.5), 100)
    assert [(touch.position, touch.inside) for touch in far] == [(0, True)]
    assert index.in_circle(*at(0.5, 0.5), 0.0) == far
    assert AreaIndex([]).at_point(141.0, 39.7) == []


@pytest.mark.parametrize(
    ("column", "accuracy_m", "outcome"),
    [
        (0.5, 0.0, Outcome.ONE),
        (0.5, 100.0, Outcome.ONE),
        (0.95, 10.0, Outcome.ONE),
        (0.95, 60.0, Outcome.SEVERAL),
    ],
)
def test_a_device_near_a_border_gives_several(column: float, accuracy_m: float, outcome: Outcome) -> None:
    """A side of the squares is about 1,715 m: 86 m from the border, 60 m of the device may be 120 m."""
    found = INDEX.by_point(*at(column, 0.5), accuracy_m)
    assert found.outcome is outcome
    assert found.address.accuracy_m == accuracy_m
