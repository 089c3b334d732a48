"""Tiles of WebMercatorQuad: which cover a box, and how dense a layer is at a zoom. Pure arithmetic.

Zoom z has 2**z columns from 180° W eastward and 2**z rows from the north. OGC 17-083r4, annex D.1.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

from kyodo_geo.crs import Bounds

WEB_MERCATOR_QUAD = "WebMercatorQuad"
MAX_ZOOM = 18
"""At which a unit of a tile is 4 cm; viewers draw it larger beyond."""
EXTENT = 4096
"""Units of a vector tile along one side."""
BUFFER = 64
"""Units that shapes reach over the edge, so that no line is drawn along it."""
MOST_FEATURES = 10_000
"""In one layer of one tile. Where a layer has more it is thinned out evenly."""
MAX_LATITUDE = 85.0511287798066
"""Where the square ends."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Rows and columns of one zoom that a box touches, both ends included."""

    zoom: int
    min_row: int
    max_row: int
    min_col: int
    max_col: int

    def holds(self, row: int, col: int) -> bool:
        return self.min_row <= row <= self.max_row and self.min_col <= col <= self.max_col


def position(lon: float, lat: float, zoom: int) -> tuple[float, float]:
    """Place in columns and rows of a zoom, with fractions."""
    size = 1 << zoom
    lat = min(max(lat, -MAX_LATITUDE), MAX_LATITUDE)
    north = math.asinh(math.tan(math.radians(lat))) / math.pi
    return (lon + 180) / 360 * size, (1 - north) / 2 * size


@functools.lru_cache(maxsize=1024)
def limits(box: Bounds, zoom: int) -> Limits:
    """Tiles of a zoom that the box (west, south, east, north in degrees) touches."""
    last = (1 << zoom) - 1
    west, north = position(box[0], box[3], zoom)
    east, south = position(box[2], box[1], zoom)
    first_col, first_row = min(int(west), last), min(int(north), last)
    return Limits(zoom, first_row, min(int(south), last), first_col, min(int(east), last))


def tile_box(zoom: int, row: int, col: int) -> Bounds:
    """West, south, east, north of a tile in degrees."""
    size = 1 << zoom

    def latitude(at: int) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * at / size))))

    return col / size * 360 - 180, latitude(row + 1), (col + 1) / size * 360 - 180, latitude(row)


def expected(rows: int, box: Bounds, zoom: int, row: int, col: int) -> float:
    """How many of a layer's `rows`, spread evenly over its box, a tile holds."""
    west, north = position(box[0], box[3], zoom)
    east, south = position(box[2], box[1], zoom)
    wide, high = max(east - west, 1e-9), max(south - north, 1e-9)
    across = max(0.0, min(east, col + 1) - max(west, col)) / wide
    down = max(0.0, min(south, row + 1) - max(north, row)) / high
    return rows * min(across, 1.0) * min(down, 1.0)


def complete_from(rows: int, box: Bounds) -> int:
    """The lowest zoom whose fullest tile is not thinned out."""
    for zoom in range(MAX_ZOOM):
        west, north = position(box[0], box[3], zoom)
        east, south = position(box[2], box[1], zoom)
        share = min(1.0, 1 / max(east - west, 1e-9)) * min(1.0, 1 / max(south - north, 1e-9))
        if rows * share <= MOST_FEATURES:
            return zoom
    return MAX_ZOOM
