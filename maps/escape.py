"""The one door through which data reach folium.

folium writes GeoJSON into a script, and Leaflet puts properties into pages with `innerHTML`. So every text that
comes from data is HTML-escaped here, ids are checked against a narrow alphabet (folium writes them into `case`
labels), and numbers that JSON does not know are dropped. folium's own `tojson` then guards the script context
(`<`, `>`, `&`, `'` and everything outside ASCII become \\u escapes); tests plant hostile names in both.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import escape

_ID = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)
_KEY = re.compile(r"[a-z][a-z0-9_]{0,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing on a map: an id unique in its layer, a GeoJSON geometry (or None) and plain properties."""

    id: int | str
    geometry: Mapping[str, Any] | None
    properties: Mapping[str, Any] = field(default_factory=dict)


def safe_text(value: object) -> str:
    """Text that shows as itself when a script assigns it to `innerHTML`, in or outside an attribute."""
    return str(escape(str(value))).replace("`", "&#96;")


def safe_value(value: Any) -> Any:
    """A property value fit for a script: texts escaped, numbers and booleans as they are, all else refused."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return safe_text(value)
    if isinstance(value, list | tuple):
        return [safe_value(item) for item in value]
    raise TypeError(f"a map property cannot be a {type(value).__name__}")


def safe_id(value: int | str) -> int | str:
    """The id itself; raises ValueError for one outside digits, Latin letters, `_` and `-`."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _ID.fullmatch(value):
        return value
    raise ValueError("a feature id may hold only digits, Latin letters, _ and -")


def feature_collection(features: Iterable[Feature]) -> dict[str, Any]:
    """A GeoJSON FeatureCollection that may be handed to folium. Features without geometry are left out.

    Raises ValueError for an unfit or repeated id and for a property name outside `[a-z0-9_]`.
    """
    made: list[dict[str, Any]] = []
    seen: set[int | str] = set()
    for item in features:
        if item.geometry is None:
            continue
        identifier = safe_id(item.id)
        if identifier in seen:
            raise ValueError(f"feature id {identifier} occurs twice")
        seen.add(identifier)
        for key in item.properties:
            if not _KEY.fullmatch(key):
                raise ValueError("a property name may hold only a-z, 0-9 and _")
        made.append(
            {
                "type": "Feature",
                "id": identifier,
                "geometry": _geometry(item.geometry),
                "properties": {key: safe_value(value) for key, value in item.properties.items()},
            }
        )
    return {"type": "FeatureCollection", "features": made}


_TYPES = frozenset({"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"})


def _geometry(geometry: Mapping[str, Any]) -> dict[str, Any]:
    """Type and numbers only: foreign members of a geometry could carry text."""
    if geometry.get("type") not in _TYPES:
        raise ValueError("not a GeoJSON geometry")
    return {"type": geometry["type"], "coordinates": _numbers(geometry["coordinates"])}


def _numbers(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_numbers(item) for item in value]
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return value
    raise ValueError("a coordinate is not a finite number")
