"""What `AreaIndex.around` shortens comes out as by its definition: circle and point asked for apart."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from kyodo_geo.lookup.areas import BORDER_DEG, NOTHING, UNSURE, AreaIndex, Touch, circle
from kyodo_geo.lookup.boxes import BoxGrid
from tests.unit.lookup_world import at

CELLS = st.tuples(*(st.integers(0, 12) for _ in range(2)), *(st.integers(1, 6) for _ in range(2)))
RADII = st.sampled_from([0.0, 0.005, 0.5, 12.0, 100.0, 500.0, 700.0, 3000.0])
QUARTERS = st.integers(-4, 60).map(lambda n: n / 4)
NUDGES = st.sampled_from([0.0, 0.0, 5e-10, -5e-10, 2e-9, -2e-9, 1e-5])


def area(cell: tuple[int, int, int, int]) -> shapely.Geometry:
    x, y, width, height = cell
    return shapely.box(*at(x / 4, y / 4), *at((x + width) / 4, (y + height) / 4))


def plainly(
    geoms: list[shapely.Geometry], lon: float, lat: float, radius_m: float
) -> tuple[dict[int, bool], dict[int, bool]]:
    """The two answers without index, preparation or short cut; position → inside."""
    point = shapely.Point(lon, lat)
    here = {
        i: bool(geom.boundary.distance(point) > BORDER_DEG)
        for i, geom in enumerate(geoms)
        if geom.distance(point) <= BORDER_DEG
    }
    disc = circle(lon, lat, radius_m)
    if disc is None:
        return here, here
    return {i: geom.contains_properly(disc) for i, geom in enumerate(geoms) if geom.intersects(disc)}, here


@given(st.lists(CELLS, max_size=8), QUARTERS, QUARTERS, NUDGES, NUDGES, RADII)
def test_areas_around_a_point(cells, column, row, east, north, radius_m) -> None:
    geoms = [area(cell) for cell in cells]
    lon, lat = at(column / 4, row / 4)
    lon, lat = lon + east, lat + north
    in_circle, here = AreaIndex(geoms).around(lon, lat, radius_m)
    wanted_circle, wanted_here = plainly(geoms, lon, lat, radius_m)
    assert {touch.position: touch.inside for touch in here} == wanted_here
    assert {touch.position: touch.inside for touch in in_circle} == wanted_circle
    assert [touch.position for touch in here] == sorted(wanted_here)
    assert here == AreaIndex(geoms).at_point(lon, lat)


@given(st.lists(CELLS, max_size=8), QUARTERS, QUARTERS, NUDGES, NUDGES)
def test_the_area_that_alone_holds_a_point(cells, column, row, east, north) -> None:
    """Never said where another area or a border is; always said where neither is anywhere near."""
    geoms = [area(cell) for cell in cells]
    lon, lat = at(column / 4, row / 4)
    lon, lat = lon + east, lat + north
    alone = AreaIndex(geoms).alone_at(lon, lat)
    _, here = plainly(geoms, lon, lat, 0.0)
    far = all(geom.boundary.distance(shapely.Point(lon, lat)) > 1e-8 for geom in geoms)
    if alone is not None:
        assert here == {alone: True}
    elif far:
        assert len(here) != 1


PLACES = st.tuples(QUARTERS, QUARTERS, NUDGES, RADII)


@given(st.lists(CELLS, max_size=8), st.lists(PLACES, max_size=12))
def test_circles_looked_at_together(cells, places) -> None:
    """What is said of one among many is what is said of it alone; only what needs weighing is left open."""
    geoms = [area(cell) for cell in cells]
    circles = []
    for column, row, nudge, radius_m in places:
        lon, lat = at(column / 4, row / 4)
        circles.append((lon + nudge, lat, radius_m))
    index = AreaIndex(geoms)
    found = index.alone_around(circles)
    assert len(found) == len(circles)
    for position, place in zip(found, circles, strict=True):
        around = index.around(*place)
        if position == NOTHING:
            assert around == ([], [])
        elif position == UNSURE:
            assert (
                len(around[0]) != 1
                or not around[0][0].inside
                or around[1] != around[0]
                or _near(geoms, place)
            )
        else:
            assert around == ([Touch(position, True)], [Touch(position, True)])


def _near(geoms: list[shapely.Geometry], place: tuple[float, float, float]) -> bool:
    """Whether a border is about as near as the circle reaches."""
    lon, lat, radius_m = place
    return any(geom.boundary.distance(shapely.Point(lon, lat)) < radius_m / 70_000 + 1e-8 for geom in geoms)


@given(st.integers(0, 400), st.integers(0, 2**31), st.floats(0, 0.3), st.floats(0, 0.3))
def test_boxes_that_meet_a_rectangle(count, seed, width, height) -> None:
    random = np.random.default_rng(seed)
    low = random.random((count, 2))
    boxes = np.hstack([low, low + random.random((count, 2)) * 0.2])
    west, south = random.random(2) * 1.4 - 0.2
    wanted = [
        i for i, (w, s, e, n) in enumerate(boxes)
        if w <= west + width and e >= west and s <= south + height and n >= south
    ]  # fmt: skip
    assert BoxGrid(boxes).find(west, south, west + width, south + height) == wanted
