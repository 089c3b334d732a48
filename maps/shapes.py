"""Shapes fit for a screen: a whole coverage thinned together, so that neighbours keep their common border."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

Bounds = tuple[float, float, float, float]
Geometry = dict[str, Any]

TOLERANCE_DEG = 0.0001
"""Side of the triangles given up when thinning, about 10 m: less than 3 px at zoom 15."""

SCREEN_DIGITS = 5
"""Decimals of drawn coordinates, about 1 m. What is downloaded keeps its own digits."""


def display_shapes(
    geometries: Sequence[str | None], tolerance_deg: float = TOLERANCE_DEG
) -> list[Geometry | None]:
    """GeoJSON geometry texts of a coverage → thinned geometries in the same order (None stays None).

    The 30 real districts shrink from 573 kB to about 230 kB. Borders drawn twice stay identical; ends of a
    coverage that is not clean are thinned too, only not in step.
    """
    import shapely

    present = [index for index, text in enumerate(geometries) if text]
    parsed = shapely.from_geojson([geometries[index] for index in present])
    thinned = shapely.coverage_simplify(parsed, tolerance_deg) if len(present) else parsed
    found: list[Geometry | None] = [None] * len(geometries)
    for index, geom, whole in zip(present, thinned, parsed, strict=True):
        found[index] = rounded(json.loads(shapely.to_geojson(whole if geom.is_empty else geom)))
    return found


def rounded(geometry: Geometry, digits: int = SCREEN_DIGITS) -> Geometry:
    """The geometry with its coordinates rounded."""
    return {"type": geometry["type"], "coordinates": _round(geometry["coordinates"], digits)}


def _round(value: Any, digits: int) -> Any:
    if isinstance(value, list | tuple):
        return [_round(item, digits) for item in value]
    return round(value, digits)


def label_point(geometry: str | None) -> tuple[float, float] | None:
    """Longitude and latitude of a point surely inside an area (GeoJSON text), where its name can stand."""
    import shapely

    if not geometry:
        return None
    inside = shapely.point_on_surface(shapely.from_geojson(geometry))
    return None if inside.is_empty else (round(inside.x, SCREEN_DIGITS), round(inside.y, SCREEN_DIGITS))


def bounds_of(geometries: Iterable[Geometry | None]) -> Bounds | None:
    """West, south, east, north over all coordinates; None when there are none."""
    xs: list[float] = []
    ys: list[float] = []
    for geometry in geometries:
        if geometry is not None:
            _collect(geometry["coordinates"], xs, ys)
    return (min(xs), min(ys), max(xs), max(ys)) if xs else None


def _collect(value: Any, xs: list[float], ys: list[float]) -> None:
    if value and isinstance(value[0], int | float):
        xs.append(value[0])
        ys.append(value[1])
        return
    for item in value:
        _collect(item, xs, ys)


def point(lon: float, lat: float) -> Geometry:
    """A GeoJSON point at six decimals."""
    return {"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]}
