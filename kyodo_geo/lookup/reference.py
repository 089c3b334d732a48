"""The point lookup written as plainly as possible: no index, no preparation. Tests hold the fast one against it."""

from __future__ import annotations

import shapely

from kyodo_geo.lookup.answers import Outcome
from kyodo_geo.lookup.areas import BORDER_DEG, as_geometry
from kyodo_geo.lookup_types import Snapshot


def slow_by_point(snapshot: Snapshot, lon: float, lat: float) -> tuple[Outcome, frozenset[str]]:
    """Outcome and ids of the associations at a point, by looking at every area in turn."""
    point = shapely.Point(lon, lat)
    bounds = [geom for geom in (snapshot.outline, snapshot.small_area_union) if geom is not None]
    if bounds and all(geom.distance(point) > BORDER_DEG for geom in bounds):
        return Outcome.OUTSIDE_CITY, frozenset()
    drawn = [(item, as_geometry(item.geom)) for item in snapshot.associations if item.geom is not None]
    near = [(item, geom) for item, geom in drawn if geom.distance(point) <= BORDER_DEG]
    ids = frozenset(item.association_id for item, _ in near)
    if not near:
        districts = [item for item in snapshot.districts if item.geom.distance(point) <= BORDER_DEG]
        inside = bool(bounds or districts)
        return (Outcome.NONE_HERE if inside else Outcome.OUTSIDE_CITY), ids
    on_border = near[0][1].boundary.distance(point) <= BORDER_DEG
    certain = len(near) == 1 and not on_border and near[0][1].covers(point)
    return (Outcome.ONE if certain else Outcome.SEVERAL), ids
