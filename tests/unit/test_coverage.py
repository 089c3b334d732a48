"""People within reach, on squares where the answer is known by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely

from kyodo_geo.coverage import coverage, coverage_lonlat, covered_shares, reach_discs
from kyodo_geo.errors import InputError


def boxes(*corners: tuple[float, float, float, float]) -> np.ndarray:
    return np.array([shapely.box(*corner) for corner in corners], dtype=object)


def test_an_area_wholly_inside_counts_wholly_and_one_outside_not_at_all() -> None:
    areas = boxes((-10, -10, 10, 10), (5000, 5000, 5010, 5010))
    found = coverage(areas, np.array([40, 60]), ["a", "b"], np.array([[0.0, 0.0]]), radius_m=500)

    assert found.groups["a"].share == 1.0
    assert found.groups["b"].share == 0.0
    assert (found.total.people, found.total.inside) == (100, 40)


def test_an_area_half_inside_counts_by_half_its_people() -> None:
    areas = boxes((-100, -1, 100, 1))
    found = coverage(areas, np.array([80]), [1], np.array([[-100.0, 0.0]]), radius_m=100)

    assert found.groups[1].inside == pytest.approx(40, rel=0.01)


def test_two_reaches_that_overlap_count_people_once() -> None:
    areas = boxes((-10, -10, 10, 10))
    found = coverage(areas, np.array([10]), [1], np.array([[0.0, 0.0], [5.0, 0.0]]), radius_m=500)

    assert found.total.inside == 10


def test_without_facilities_nobody_is_inside() -> None:
    found = coverage(boxes((0, 0, 1, 1)), np.array([10]), [1], np.empty((0, 2)), radius_m=500)

    assert found.groups[1].share == 0.0


def test_where_nobody_lives_there_is_no_share() -> None:
    found = coverage(boxes((0, 0, 1, 1)), np.array([0]), [1], np.array([[0.0, 0.0]]), radius_m=500)

    assert found.groups[1].share is None


def test_a_detour_factor_shortens_the_reach() -> None:
    assert reach_discs(np.array([[0.0, 0.0]]), 1300, 1.3).area == pytest.approx(math.pi * 1000**2, rel=0.001)


@pytest.mark.parametrize(("radius", "detour"), [(0, 1), (-5, 1), (math.nan, 1), (math.inf, 1), (500, 0.5)])
def test_a_senseless_reach_is_refused(radius: float, detour: float) -> None:
    with pytest.raises(InputError):
        reach_discs(np.array([[0.0, 0.0]]), radius, detour)


def test_a_wider_reach_never_covers_less() -> None:
    areas = boxes(*[(x, y, x + 90, y + 90) for x in range(0, 900, 90) for y in range(0, 900, 90)])
    point = np.array([[333.0, 444.0]])
    shares = [covered_shares(areas, reach_discs(point, radius)).sum() for radius in (100, 200, 400, 800)]

    assert shares == sorted(shares)


def test_lon_and_lat_are_measured_in_the_plane_zone() -> None:
    """0.01° of longitude is about 857 m at 39.6 N: its middle lies 428 m from either end."""
    areas = [shapely.box(141.0, 39.6, 141.01, 39.60001)]
    near = coverage_lonlat(areas, [10], [1], [(141.005, 39.6)], "03201", radius_m=430)
    far = coverage_lonlat(areas, [10], [1], [(141.005, 39.6)], "03201", radius_m=214)

    assert near.groups[1].share == 1.0
    assert far.groups[1].share == pytest.approx(0.5, abs=0.01)
