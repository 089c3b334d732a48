"""GeoJSON geometry → WKT (OGC 06-103r4), for the columns of tables; shapely need not be loaded for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson


def wkt(geometry: str) -> str:
    """WKT of a GeoJSON geometry; two dimensions, digits as they are. Raises KeyError for what is no geometry."""
    return _shape(orjson.loads(geometry))


def _shape(found: dict[str, Any]) -> str:
    if found["type"] == "GeometryCollection":
        return f"GEOMETRYCOLLECTION ({', '.join(map(_shape, found['geometries']))})"
    inner = found["coordinates"]
    if not inner:
        return f"{found['type'].upper()} EMPTY"
    return f"{found['type'].upper()} {_WRITERS[found['type']](inner)}"


def _position(xy: list[float]) -> str:
    return f"{xy[0]!r} {xy[1]!r}"


def _listed(each: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda parts: f"({', '.join(map(each, parts))})"


_line = _listed(_position)
_polygon = _listed(_line)
_WRITERS: dict[str, Callable[[Any], str]] = {
    "Point": lambda xy: f"({_position(xy)})",
    "LineString": _line,
    "Polygon": _polygon,
    "MultiPoint": _listed(lambda xy: f"({_position(xy)})"),
    "MultiLineString": _polygon,
    "MultiPolygon": _listed(_polygon),
}
