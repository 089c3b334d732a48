"""RFC 7946 output. Geometries arrive as text from PostGIS and are put in place without being parsed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson


def feature(identifier: int | str, geometry: str | None, properties: dict[str, Any]) -> dict[str, Any]:
    """One feature; `geometry` is GeoJSON text or None."""
    return {
        "type": "Feature",
        "id": identifier,
        "geometry": orjson.Fragment(geometry) if geometry else None,
        "properties": properties,
    }


def point(lon: float, lat: float) -> str:
    """GeoJSON text of a point at 6 digits."""
    return orjson.dumps({"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]}).decode()


def collection(features: Iterable[dict[str, Any]], dataset: dict[str, Any], **members: Any) -> bytes:
    """A FeatureCollection with its credit and further foreign members."""
    found = list(features)
    return dumps(
        {"type": "FeatureCollection", "dataset": dataset, "count": len(found), **members, "features": found}
    )


def dumps(value: Any) -> bytes:
    """JSON bytes; dates as ISO 8601."""
    return orjson.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"not JSON: {type(value).__name__}")
