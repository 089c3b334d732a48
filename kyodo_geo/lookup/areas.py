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

from kyodo_geo.lookup.boxes import BoxGrid

BORDER_DEG = 1e-9
"""About 0.1 mm: wider than the rounding of coordinates, narrower than any real distance."""

_NEARLY = 2 * BORDER_DEG
MAX_KNOWN = 2048
"""Areas whose geometry stays in memory: all of a city, a few of a country."""

PREPARE_FROM = 500
"""Points from which preparing an area pays."""

NOTHING, UNSURE = -1, -2
"""Of a circle: no area comes near it; more than one thing is to be weighed."""

_AT_ONCE = 4096
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
    """Spatial index over areas; `None` and empty ones are never found. Answers never change; not for two threads at once.

    Areas are geometries or their WKB. They are kept as WKB, a quarter of a geometry's memory, and read when a place comes
    near; the last `MAX_KNOWN` stay. Preparing small ones gains nothing.
    """

    def __init__(self, areas: Sequence[Any]) -> None:
        wkb = [as_wkb(area) for area in areas]
        boxes = _boxes(wkb)
        self._positions = [i for i, west in enumerate(boxes[:, 0].tolist()) if west == west]
        self._at = {position: i for i, position in enumerate(self._positions)}
        self._wkb = [wkb[i] for i in self._positions]
        self._boxes = BoxGrid(boxes[self._positions])
        self._known: dict[int, tuple[Any, Any]] = {}

    def at_point(self, lon: float, lat: float) -> list[Touch]:
        """Areas that cover the point or touch it with their border."""
        point = _point(lon, lat)
        return self._touching(*self._within(lon, lat, point, BORDER_DEG), point)

    def alone_at(self, lon: float, lat: float) -> int | None:
        """Position of the area that alone holds the point, off all borders; None where in doubt.

        The short way of what `around` would say at radius 0: it may say None where that would find one area.
        """
        found, geoms, borders = self._read(
            self._boxes.find(lon - BORDER_DEG, lat - BORDER_DEG, lon + BORDER_DEG, lat + BORDER_DEG)
        )
        if not found:
            return None
        point = _point(lon, lat)
        if True in shapely.dwithin(borders, point, _NEARLY).tolist():
            return None
        holders = shapely.covers(geoms, point).tolist()
        return self._positions[found[holders.index(True)]] if holders.count(True) == 1 else None

    def in_circle(self, lon: float, lat: float, radius_m: float) -> list[Touch]:
        """Areas that meet the circle of `radius_m` metres around the point, nearest first."""
        return self.around(lon, lat, radius_m)[0]

    def around(self, lon: float, lat: float, radius_m: float) -> tuple[list[Touch], list[Touch]]:
        """Areas that meet the circle around the point, nearest first, and those at the point itself."""
        point = _point(lon, lat)
        reach = _reach(lat, radius_m)
        found, geoms, borders = self._within(lon, lat, point, reach)
        if not found:
            return [], []
        if True not in shapely.dwithin(borders, point, reach).tolist():
            # No border comes near: whatever is in reach holds the point and the whole circle.
            inside = [Touch(self._positions[i], True) for i in found]
            return inside, inside
        # Whatever is at the point is in reach: no second search.
        here = self._touching(*_only(shapely.dwithin(geoms, point, BORDER_DEG), found, geoms, borders), point)
        disc = circle(lon, lat, radius_m)
        if disc is None:
            return here, here
        found, geoms, _ = _only(shapely.intersects(geoms, disc), found, geoms, borders)
        held = shapely.contains_properly(geoms, disc)
        near = shapely.distance(geoms, point)
        order = sorted(range(len(found)), key=lambda i: (not held[i], near[i], found[i]))
        return [Touch(self._positions[found[i]], bool(held[i])) for i in order], here

    def alone_around(self, places: Sequence[tuple[float, float, float]]) -> list[int]:
        """For circles (lon, lat, metres) near each other: the position of the area that alone holds it, with no border near.

        `NOTHING` where no area comes near, `UNSURE` where `around` has more to weigh. It is what `around` says of each.
        """
        if not places:
            return []
        reach = np.array([_reach(lat, radius_m) for _, lat, radius_m in places])
        points = np.array([place[:2] for place in places])
        (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
        widest = float(reach.max())
        near = self._boxes.find(
            float(west) - widest, float(south) - widest, float(east) + widest, float(north) + widest
        )
        made = shapely.points(points)
        result = np.full(len(places), NOTHING)
        for at in near:
            geom, border = self._area(at)
            (held,) = np.nonzero(shapely.dwithin(geom, made, reach))
            if not len(held):
                continue
            unsure = shapely.dwithin(border, made[held], reach[held]) | (result[held] != NOTHING)
            result[held] = np.where(unsure, UNSURE, self._positions[at])
        numbers: list[int] = result.tolist()
        return numbers

    def area(self, position: int) -> Any:
        """The geometry of an area that has one, not to be changed."""
        return self._area(self._at[position])[0]

    def depth_m(self, position: int, lon: float, lat: float) -> float:
        """Metres from the point to the border of the area at `position`: positive inside, negative outside."""
        geom, border = self._area(self._at[position])
        point = shapely.Point(lon, lat)
        ends = shapely.get_coordinates(shapely.shortest_line(border, point))
        metres = distance_m(*ends[0], *ends[1])
        return metres if shapely.covers(geom, point) else -metres

    def near(self, lon: float, lat: float, radius_m: float) -> list[tuple[int, float]]:
        """(position, metres) of the areas within `radius_m` metres of the point, nearest first; 0 inside."""
        disc = circle(lon, lat, radius_m)
        if disc is None:
            return []
        found, geoms, borders = self._read(self._boxes.find(*disc.bounds))
        found, geoms, _ = _only(shapely.intersects(geoms, disc), found, geoms, borders)
        if not found:
            return []
        # Degrees of longitude are shorter than those of latitude: measured in metres around the point.
        scale = np.array(metres_per_degree(lat))
        centre = np.array([lon, lat])
        flat = shapely.transform(geoms, lambda xy: (xy - centre) * scale)
        metres = shapely.distance(flat, shapely.Point(0, 0))
        order = sorted(range(len(found)), key=lambda i: (metres[i], found[i]))
        return [(self._positions[found[i]], float(metres[i])) for i in order if metres[i] <= radius_m]

    def _within(self, lon: float, lat: float, point: Any, reach: float) -> tuple[list[int], Any, Any]:
        """Numbers, geometries and borders of the areas within `reach` degrees of the point."""
        found, geoms, borders = self._read(
            self._boxes.find(lon - reach, lat - reach, lon + reach, lat + reach)
        )
        return _only(shapely.dwithin(geoms, point, reach), found, geoms, borders)

    def _touching(self, found: list[int], geoms: Any, borders: Any, point: Any) -> list[Touch]:
        """Those found at the point, each with whether it holds the point off its border."""
        if not found:
            return []
        on_border = shapely.dwithin(borders, point, BORDER_DEG)
        return [Touch(self._positions[i], not border) for i, border in zip(found, on_border, strict=True)]

    def _read(self, found: list[int]) -> tuple[list[int], Any, Any]:
        geoms, borders = np.empty(len(found), dtype=object), np.empty(len(found), dtype=object)
        for i, at in enumerate(found):
            geoms[i], borders[i] = self._area(at)
        return found, geoms, borders

    def _area(self, at: int) -> tuple[Any, Any]:
        """Geometry and border of one area."""
        known = self._known.get(at)
        if known is None:
            geom = shapely.from_wkb(self._wkb[at])
            known = geom, shapely.boundary(geom)
            if shapely.get_num_coordinates(geom) >= PREPARE_FROM:
                shapely.prepare(known)
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            self._known[at] = known
        return known


def as_wkb(area: Any) -> bytes | None:
    """An area, given as a geometry or as WKB, as WKB; None for none."""
    if area is None or isinstance(area, bytes):
        return area
    found: bytes = shapely.to_wkb(area)
    return found


def as_geometry(area: Any) -> Any:
    """The same as a geometry of its own."""
    wkb = as_wkb(area)
    return None if wkb is None else shapely.from_wkb(wkb)


def _boxes(areas: Sequence[bytes | None]) -> Any:
    """Boxes of areas as rows of (west, south, east, north), NaN where there is none. Few geometries live at a time."""
    parts = [
        shapely.bounds(shapely.from_wkb(np.array(areas[i : i + _AT_ONCE], dtype=object)))
        for i in range(0, len(areas), _AT_ONCE)
    ]
    return np.concatenate(parts) if parts else np.empty((0, 4))


def _point(lon: float, lat: float) -> Any:
    return shapely.points(np.array((lon, lat)))


def _only(wanted: Any, found: list[int], geoms: Any, borders: Any) -> tuple[list[int], Any, Any]:
    """Those that are wanted, in their order."""
    chosen = wanted.tolist()
    if False not in chosen:
        return found, geoms, borders
    return [i for i, yes in zip(found, chosen, strict=True) if yes], geoms[wanted], borders[wanted]


def circle(lon: float, lat: float, radius_m: float) -> Any:
    """Polygon around a circle of `radius_m` metres in lon/lat, or None for a radius of less than 1 cm.

    The polygon contains the circle, so that an area holding the polygon holds the circle. Flat over a few
    kilometres: the error of the radius stays below 0.1 % in Japan.
    """
    if radius_m < 0.01:
        return None
    degrees = outer_radius(radius_m) / np.array(metres_per_degree(lat))
    return shapely.polygons(_RIM * degrees + (lon, lat))


def _reach(lat: float, radius_m: float) -> float:
    """Degrees within which borders matter to a circle."""
    return max(outer_radius(radius_m) / metres_per_degree(lat)[0], BORDER_DEG)


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
