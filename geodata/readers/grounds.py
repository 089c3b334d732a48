"""Where a finding of a report lies: a point inside it and a shape thin enough to be kept and drawn."""

from __future__ import annotations

import json
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from kyodo_geo.crs import GEOJSON_DIGITS, in_japan

MAX_VERTICES = 80
_TOLERANCES_DEG = (0.00002, 0.0001, 0.0005, 0.002)


def where(ground: BaseGeometry | None) -> dict[str, Any]:
    """`lon`, `lat` (a point inside) and, for an area, `shape` (GeoJSON geometry of few vertices).

    Nothing for what is empty, or lies where no map of ours goes (axes swapped, another system).
    """
    if ground is None or ground.is_empty:
        return {}
    inside = ground if ground.geom_type == "Point" else shapely.point_on_surface(ground)
    if not in_japan(inside.x, inside.y):
        return {}
    found: dict[str, Any] = {"lon": round(inside.x, 6), "lat": round(inside.y, 6)}
    if ground.geom_type in ("Polygon", "MultiPolygon"):
        found["shape"] = json.loads(shapely.to_geojson(shapely.transform(_thin(ground), _rounded)))
    return found


def _thin(ground: BaseGeometry) -> BaseGeometry:
    """The area with at most `MAX_VERTICES` vertices; its hull where thinning is not enough."""
    if shapely.get_num_coordinates(ground) <= MAX_VERTICES:
        return ground
    for tolerance in _TOLERANCES_DEG:
        thin = shapely.simplify(ground, tolerance)
        if not thin.is_empty and shapely.get_num_coordinates(thin) <= MAX_VERTICES:
            return thin
    hull = shapely.simplify(shapely.convex_hull(ground), _TOLERANCES_DEG[1])
    return hull if shapely.get_num_coordinates(hull) <= MAX_VERTICES else shapely.envelope(ground)


def _rounded(xy: Any) -> Any:
    return xy.round(GEOJSON_DIGITS)
