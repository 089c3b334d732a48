"""Addresses of tiles, as the routes and the short way read them."""

from __future__ import annotations

from kyodo_geo.tile_grid import MAX_ZOOM, WEB_MERCATOR_QUAD

COLLECTIONS = "/ogc/collections/"
ONE_LAYER = "/ogc/collections/{collection_id}/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}"
SEVERAL_LAYERS = "/ogc/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}"
_DIGITS = 7
"""Of a row or column: the largest zoom has six."""


def whole(text: str) -> int | None:
    """A number as it stands in an address: digits without leading zeros; None for anything else."""
    if not (text.isascii() and text.isdigit()) or len(text) > _DIGITS or (text[0] == "0" and text != "0"):
        return None
    return int(text)


def in_grid(zoom: int, row: int, col: int) -> bool:
    """Whether the set of tiles has such a one."""
    return 0 <= zoom <= MAX_ZOOM and 0 <= row < 1 << zoom and 0 <= col < 1 << zoom


def one_layer(path: str) -> tuple[str, int, int, int] | None:
    """(collection, zoom, row, column) of an address of one layer's tile; None where it is not exactly one."""
    parts = path.split("/")
    if len(parts) != 9 or parts[4] != "tiles" or parts[5] != WEB_MERCATOR_QUAD:
        return None
    zoom, row, col = whole(parts[6]), whole(parts[7]), whole(parts[8])
    if zoom is None or row is None or col is None or not in_grid(zoom, row, col):
        return None
    return parts[3], zoom, row, col
