"""GeoParquet 1.1 with pyarrow alone: WKB in lon/lat (OGC:CRS84, which a file means that names no system)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely

VERSION = "1.1.0"


def geo_metadata(
    column: str, bounds: Sequence[float] | None, types: Iterable[str], **further: object
) -> dict[str, str]:
    """The key `geo` of a file's metadata; `further`: what else is said of the column."""
    told: dict[str, Any] = {"encoding": "WKB", "geometry_types": sorted(types), **further}
    if bounds is not None:
        told["bbox"] = [float(value) for value in bounds]
    return {"geo": json.dumps({"version": VERSION, "primary_column": column, "columns": {column: told}})}


def points_wkb(lon: Sequence[float | None], lat: Sequence[float | None]) -> list[bytes | None]:
    """Points as WKB; None where a coordinate is not known."""
    known = [
        place for place, (x, y) in enumerate(zip(lon, lat, strict=True)) if x is not None and y is not None
    ]
    made = shapely.to_wkb(shapely.points([lon[i] for i in known], [lat[i] for i in known]))
    found: list[bytes | None] = [None] * len(lon)
    for place, wkb in zip(known, made, strict=True):
        found[place] = wkb
    return found


def bounds_of(lon: Sequence[float | None], lat: Sequence[float | None]) -> tuple[float, ...] | None:
    """West, south, east, north of the known points."""
    x, y = (np.array([v for v in values if v is not None], dtype=float) for values in (lon, lat))
    return (x.min(), y.min(), x.max(), y.max()) if len(x) and len(y) else None


def joined(one: Sequence[float] | None, other: Sequence[float] | None) -> tuple[float, ...] | None:
    """Bounds that hold both."""
    if one is None or other is None:
        return tuple(one or other or ()) or None
    return (min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3]))
