"""Tiles for tests: where one is, and what is in it."""

from __future__ import annotations

from typing import Any

import mapbox_vector_tile
from starlette.testclient import TestClient

from kyodo_geo.tile_grid import EXTENT, position

SET = "WebMercatorQuad"


def place(lon: float, lat: float, zoom: int) -> str:
    """`zoom/row/column` of the tile that holds a point."""
    col, row = position(lon, lat, zoom)
    return f"{zoom}/{int(row)}/{int(col)}"


def path(layer: str, lon: float, lat: float, zoom: int) -> str:
    return f"/ogc/collections/{layer}/tiles/{SET}/{place(lon, lat, zoom)}"


def unit(lon: float, lat: float, zoom: int) -> tuple[float, float]:
    """A point in units of the tile that holds it, from its upper left corner."""
    col, row = position(lon, lat, zoom)
    return (col - int(col)) * EXTENT, (row - int(row)) * EXTENT


def decoded(body: bytes) -> dict[str, Any]:
    """Layers by name; coordinates downwards, as they stand in the tile."""
    found: dict[str, Any] = mapbox_vector_tile.decode(body, default_options={"y_coord_down": True})
    return found


def features(client: TestClient, address: str) -> list[dict[str, Any]]:
    """Features of the only layer; none for an empty tile."""
    answer = client.get(address)
    if answer.status_code == 204:
        return []
    assert answer.status_code == 200, answer.text
    ((_, layer),) = decoded(answer.content).items()
    found: list[dict[str, Any]] = layer["features"]
    return found
