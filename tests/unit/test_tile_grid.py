"""Numbers of tiles, limits of a box, and when a layer is thinned out."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.tiles import paths
from geodata.features.tile_facts import LayerFacts
from kyodo_geo.tile_grid import (
    MAX_ZOOM,
    MOST_FEATURES,
    complete_from,
    expected,
    limits,
    position,
    tile_box,
)

JAPAN = (st.floats(122, 154), st.floats(20, 46))
BOX = (141.0, 39.5, 141.5, 40.0)


def test_the_first_tile_is_the_whole_square() -> None:
    assert tile_box(0, 0, 0) == pytest.approx((-180, -85.0511287798, 180, 85.0511287798))
    assert position(-180, 85.0511287798066, 3) == pytest.approx((0, 0))
    assert position(0, 0, 1) == pytest.approx((1, 1))


def test_rows_go_southward_and_columns_eastward() -> None:
    assert limits((139.7, 35.6, 139.7, 35.6), 10) == limits((139.7, 35.6, 139.7, 35.6), 10)
    tokyo, sapporo = position(139.7, 35.7, 10), position(141.3, 43.1, 10)
    assert sapporo[0] > tokyo[0]
    assert sapporo[1] < tokyo[1]


@given(*JAPAN, st.integers(0, MAX_ZOOM))
def test_a_point_lies_in_its_tile(lon: float, lat: float, zoom: int) -> None:
    col, row = position(lon, lat, zoom)
    west, south, east, north = tile_box(zoom, int(row), int(col))
    assert west - 1e-9 <= lon <= east + 1e-9
    assert south - 1e-9 <= lat <= north + 1e-9
    assert limits((lon, lat, lon, lat), zoom).holds(int(row), int(col))


@pytest.mark.parametrize("zoom", range(MAX_ZOOM + 1))
def test_limits_hold_the_corners_and_nothing_beyond(zoom: int) -> None:
    found = limits(BOX, zoom)
    north_west = tile_box(zoom, found.min_row, found.min_col)
    south_east = tile_box(zoom, found.max_row, found.max_col)
    assert north_west[0] <= BOX[0] < north_west[2]
    assert north_west[1] <= BOX[3] <= north_west[3]
    assert south_east[0] <= BOX[2] <= south_east[2]
    assert south_east[1] <= BOX[1] <= south_east[3]


def test_a_quarter_of_the_box_holds_a_quarter_of_the_rows() -> None:
    for zoom in (8, 12):
        found = limits(BOX, zoom)
        total = sum(
            expected(1000, BOX, zoom, row, col)
            for row in range(found.min_row, found.max_row + 1)
            for col in range(found.min_col, found.max_col + 1)
        )
        assert total == pytest.approx(1000)


@pytest.mark.parametrize(("rows", "zoom"), [(500, 0), (MOST_FEATURES, 0), (300_000, 12)])
def test_a_layer_is_whole_from_the_zoom_at_which_no_tile_has_too_many(rows: int, zoom: int) -> None:
    assert complete_from(rows, BOX) == zoom
    facts = LayerFacts("associations", 1, "x", None, rows, BOX)
    found = limits(BOX, zoom)
    assert not facts.too_many(
        zoom, (found.min_row + found.max_row) // 2, (found.min_col + found.max_col) // 2
    )
    if zoom:
        assert facts.too_many(8, *reversed([int(n) for n in position(141.25, 39.75, 8)]))


def test_a_layer_of_one_point_has_limits() -> None:
    facts = LayerFacts("towns", 1, "x", None, 20_000, (141.0, 39.5, 141.0, 39.5))
    assert facts.holds(14, *reversed([int(n) for n in position(141.0, 39.5, 14)]))
    assert not math.isnan(expected(20_000, (141.0, 39.5, 141.0, 39.5), 14, 1, 1))
    assert not LayerFacts("towns", 1, "x", None, 0, None).holds(0, 0, 0)


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("/ogc/collections/districts/tiles/WebMercatorQuad/3/4/5", ("districts", 3, 4, 5)),
        ("/ogc/collections/districts/tiles/WebMercatorQuad/0/0/0", ("districts", 0, 0, 0)),
        ("/ogc/collections/districts/tiles/WebMercatorQuad/3/8/5", None),
        ("/ogc/collections/districts/tiles/WebMercatorQuad/19/8/5", None),
        ("/ogc/collections/districts/tiles/WebMercatorQuad/03/4/5", None),
        ("/ogc/collections/districts/tiles/WebMercatorQuad/3/4/5/", None),
        ("/ogc/collections/districts/tiles/WebMercatorQuad/3/4", None),
        ("/ogc/collections/districts/tiles/WebMercatorQuad/3/4/٥", None),
        ("/ogc/collections/districts/tiles/WebMercatorQuad/3//5", None),
        ("/ogc/collections/districts/items/WebMercatorQuad/3/4/5", None),
        ("/ogc/collections/districts/tiles/OtherQuad/3/4/5", None),
    ],
)
def test_addresses_of_tiles_are_read_exactly(address: str, found: object) -> None:
    assert paths.one_layer(address) == found
