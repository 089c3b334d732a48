"""Plane zones by law, and measuring in them."""

from __future__ import annotations

import math

import pytest
import shapely

from kyodo_geo import crs
from kyodo_geo.errors import InputError


@pytest.mark.parametrize(
    ("municipality", "epsg"),
    [("03201", 6678), ("22212", 6676), ("13101", 6677), ("27100", 6674), ("47201", 6683), ("42201", 6669)],
)
def test_zone_of_the_main_land(municipality: str, epsg: int) -> None:
    assert crs.plane_epsg(municipality) == epsg
    assert crs.plane_crs(municipality) == f"EPSG:{epsg}"


@pytest.mark.parametrize(
    ("municipality", "zone"),
    [
        ("01100", 12),  # 札幌市
        ("01202", 11),  # 函館市
        ("01571", 11),  # 豊浦町
        ("01208", 13),  # 北見市
        ("01552", 13),  # 佐呂間町
        ("01564", 13),  # 大空町
        ("01555", 12),  # 遠軽町 stays in the middle zone
        ("13421", 14),  # 小笠原村
        ("46201", 2),  # 鹿児島市
        ("46222", 1),  # 奄美市
        ("47207", 16),  # 石垣市
        ("47357", 17),  # 南大東村
    ],
)
def test_zone_of_municipalities_outside_the_main_one(municipality: str, zone: int) -> None:
    assert crs.plane_zone(municipality) == zone


def test_every_prefecture_has_a_zone() -> None:
    assert {1 <= crs.plane_zone(f"{pref:02}201") <= 19 for pref in range(1, 48)} == {True}


@pytest.mark.parametrize("code", ["", "3201", "48201", "00201", "032018", "３２２０１", "abcde"])
def test_a_code_that_is_none_is_refused(code: str) -> None:
    with pytest.raises(InputError):
        crs.plane_zone(code)


def test_area_of_a_square_kilometre() -> None:
    plane = shapely.box(10_000, -20_000, 11_000, -19_000)
    square = crs.from_plane(plane, "03201")
    assert math.isclose(crs.area_m2(square, "03201"), 1_000_000, rel_tol=1e-9)


def test_transformer_uses_longitude_first_and_is_made_once() -> None:
    x, y = crs.transformer(crs.WGS84, 6678).transform(140 + 50 / 60, 40.0)  # origin of zone 10
    assert abs(x) < 1e-6
    assert abs(y) < 1e-6
    assert crs.transformer(crs.WGS84, 6678) is crs.transformer(crs.WGS84, 6678)


def test_distance_across_zones_is_along_the_ellipsoid() -> None:
    assert math.isclose(crs.geodesic_m(141.0, 39.0, 141.0, 40.0), 111_020, rel_tol=1e-3)


def test_swapped_axes_are_noticed() -> None:
    assert crs.looks_like_lonlat_japan((140.9, 39.5, 141.4, 40.0))
    assert not crs.bounds_look_swapped((140.9, 39.5, 141.4, 40.0))
    assert crs.bounds_look_swapped((39.5, 140.9, 40.0, 141.4))
    assert not crs.looks_like_lonlat_japan((39.5, 140.9, 40.0, 141.4))


def test_metres_are_neither_lonlat_nor_swapped() -> None:
    plane = (26_000.0, -31_000.0, 30_000.0, -28_000.0)
    assert not crs.looks_like_lonlat_japan(plane)
    assert not crs.bounds_look_swapped(plane)
    assert not crs.in_japan(math.nan, 39.0)
