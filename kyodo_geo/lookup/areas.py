"""Which areas lie at a point or within a circle, with borders taken seriously.

Coordinates are lon/lat in degrees. A point nearer to a border than `BORDER_DEG` is on the border: there the areas on
both sides are possible and none is certain.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

BORDER_DEG = 1e-9
"""About 0.1 mm: wider than the rounding of coordinates, narrower than any real distance."""

_CORNERS = 32
_ANGLES = np.linspace(0, 2 * math.pi, _CORNERS, endpoint=False)
_RIM = np.column_stack([np.cos(_ANGLES), np.sin(_ANGLES)])
_EARTH_M = 6_378_137.0
_ECCENTRICITY_2 = 0.006694380022900788


@dataclass(frozen=True, slots=True)
class Touch:
    """An area (its position in the list given) at the place asked for; `inside`: the place lies wholly inside it."""

    position: int
    inside: bool


class AreaIndex:
    """Spatial index over areas; `None` and empty geometries are never found. Read-only, safe for several threads."""

    def __init__(self, geoms: Sequence[Any]) -> None:
        self._positions = [i for i, geom in enumerate(geoms) if geom is not None and not geom.is_empty]
        self._at = {position: i for i, position in enumerate(self._positions)}
        self._geoms = np.array([geoms[i] for i in self._positions], dtype=object)
        self._borders = shapely.boundary(self._geoms) if len(self._geoms) else self._geoms
        shapely.prepare(self._geoms)
        shapely.prepare(self._borders)
        self._tree = shapely.STRtree(self._geoms)

    def at_point(self, lon: float, lat: float) -> list[Touch]:
        """Areas that cover the point or touch it with their border."""
        point = shapely.Point(lon, lat)
        return self._touching(
            np.sort(self._tree.query(point, predicate="dwithin", distance=BORDER_DEG)), point
        )

    def in_circle(self, lon: float, lat: float, radius_m: float) -> list[Touch]:
        """Areas that meet the circle of `radius_m` metres around the point, nearest first."""
        return self.around(lon, lat, radius_m)[0]

    def around(self, lon: float, lat: float, radius_m: float) -> tuple[list[Touch], list[Touch]]:
        """Areas that meet the circle around the point, nearest first, and those at the point itself."""
        point = shapely.Point(lon, lat)
        reach = max(outer_radius(radius_m) / metres_per_degree(lat)[0], BORDER_DEG)
        found = np.sort(self._tree.query(point, predicate="dwithin", distance=reach))
        if not len(found):
            return [], []
        if not shapely.dwithin(self._borders[found], point, reach).any():
            # No border comes near: whatever is in reach holds the point and the whole circle.
            inside = [Touch(self._positions[i], True) for i in found]
            return inside, inside
        # Whatever is at the point is in reach: no second search of the tree.
        here = self._touching(found[shapely.dwithin(self._geoms[found], point, BORDER_DEG)], point)
        disc = circle(lon, lat, radius_m)
        if disc is None:
            return here, here
        found = found[shapely.intersects(self._geoms[found], disc)]
        held = shapely.contains_properly(self._geoms[found], disc)
        near = shapely.distance(self._geoms[found], point)
        order = sorted(range(len(found)), key=lambda i: (not held[i], near[i], found[i]))
        return [Touch(self._positions[found[i]], bool(held[i])) for i in order], here

    def _touching(self, found: Any, point: Any) -> list[Touch]:
        """Those found at the point, each with whether it holds the point off its border."""
        if not len(found):
            return []
        on_border = shapely.dwithin(self._borders[found], point, BORDER_DEG)
        return [Touch(self._positions[i], not border) for i, border in zip(found, on_border, strict=True)]

    def depth_m(self, position: int, lon: float, lat: float) -> float:
        """Metres from the point to the border of the area at `position`: positive inside, negative outside."""
        at = self._at[position]
        point = shapely.Point(lon, lat)
        ends = shapely.get_coordinates(shapely.shortest_line(self._borders[at], point))
        metres = distance_m(*ends[0], *ends[1])
        return metres if shapely.covers(self._geoms[at], point) else -metres

    def near(self, lon: float, lat: float, radius_m: float) -> list[tuple[int, float]]:
        """(position, metres) of the areas within `radius_m` metres of the point, nearest first; 0 inside."""
        disc = circle(lon, lat, radius_m)
        found = [] if disc is None else self._tree.query(disc, predicate="intersects")
        if not len(found):
            return []
        # Degrees of longitude are shorter than those of latitude: measured in metres around the point.
        scale = np.array(metres_per_degree(lat))
        centre = np.array([lon, lat])
        flat = shapely.transform(self._geoms[found], lambda xy: (xy - centre) * scale)
        metres = shapely.distance(flat, shapely.Point(0, 0))
        order = sorted(range(len(found)), key=lambda i: (metres[i], found[i]))
        return [(self._positions[found[i]], float(metres[i])) for i in order if metres[i] <= radius_m]


def circle(lon: float, lat: float, radius_m: float) -> Any:
    """Polygon around a circle of `radius_m` metres in lon/lat, or None for a radius of less than 1 cm.

    The polygon contains the circle, so that an area holding the polygon holds the circle. Flat over a few
    kilometres: the error of the radius stays below 0.1 % in Japan.
    """
    if radius_m < 0.01:
        return None
    degrees = outer_radius(radius_m) / np.array(metres_per_degree(lat))
    return shapely.polygons(_RIM * degrees + (lon, lat))


def outer_radius(radius_m: float) -> float:
    """Radius of the corners of `circle`'s polygon, metres."""
    return radius_m / math.cos(math.pi / _CORNERS)


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Metres of one degree of longitude and of latitude at `lat` on the GRS80 ellipsoid."""
    sine = math.sin(math.radians(lat))
    bent = 1 - _ECCENTRICITY_2 * sine * sine
    degree = math.pi / 180 * _EARTH_M
    return degree * math.cos(math.radians(lat)) / math.sqrt(bent), degree * (1 - _ECCENTRICITY_2) / bent**1.5


def distance_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Distance in metres of two points a few kilometres apart."""
    east, north = metres_per_degree((lat1 + lat2) / 2)
    return math.hypot((lon2 - lon1) * east, (lat2 - lat1) * north)
