"""What lies around a point: areas of associations, districts, the bounds of the city. Not for two threads at once."""

from __future__ import annotations

import functools
from array import array
from collections.abc import Sequence
from typing import Any

import shapely

from kyodo_geo.lookup.areas import BORDER_DEG, NOTHING, UNSURE, AreaIndex, Touch
from kyodo_geo.lookup.decision import FINE_LEVELS, Place
from kyodo_geo.lookup.locate import Location
from kyodo_geo.lookup_types import Snapshot

Circle = tuple[float, float, float]
"""Longitude and latitude in degrees, radius in metres."""

MAX_ROWS = 2000
"""Points of a town that are looked at together, some 10 ms; those of a larger one are looked at when they are asked for."""


class Places:
    """Areas of one snapshot by place; answers never change."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._districts = snapshot.districts
        self._positions = {item.association_id: i for i, item in enumerate(snapshot.associations)}
        self.areas = AreaIndex([item.geom for item in snapshot.associations])
        self._district_areas = AreaIndex([item.geom for item in snapshot.districts])
        self._bounds = [_prepared(snapshot.outline), _prepared(snapshot.small_area_union)]
        self._of_towns: dict[Location, Place] = {}
        self._alone: dict[tuple[int, int], tuple[int, array[int]]] = {}
        self._well_inside: dict[int, bool] = {}
        self._ids = [item.association_id for item in snapshot.associations]

    def of(self, location: Location | None) -> Place | None:
        """Areas at a location; None when there is none."""
        if location is None:
            return None
        if location.level in FINE_LEVELS:
            return self._listed(location) or self._measured(location)
        # The point of a town is the gazetteer's and the same for all its addresses; those of houses, blocks and lots
        # are not remembered: they would tell what was asked for.
        known = self._of_towns.get(location)
        if known is None:
            known = self._of_towns[location] = self._measured(location)
        return known

    def district_no(self, place: Circle | None) -> int | None:
        """Number of the district that holds the place with its whole circle, when there is exactly one."""
        if place is None:
            return None
        touches = self._district_areas.in_circle(*place)
        if len(touches) != 1 or not touches[0].inside:
            return None
        return self._districts[touches[0].position].no

    def alone_at(self, lon: float, lat: float) -> int | None:
        """Position of the association whose area alone holds the point, off all borders, within all known bounds."""
        at = self.areas.alone_at(lon, lat)
        if at is None or self._is_well_inside(at) or all(self.inside(lon, lat)):
            return at
        return None

    def _is_well_inside(self, position: int) -> bool:
        """Whether an area lies wholly within all bounds, so that its points need not be compared with them."""
        known = self._well_inside.get(position)
        if known is None:
            area = self.areas.area(position)
            bounds = [geom for geom in self._bounds if geom is not None]
            known = all(bool(shapely.contains_properly(bound, area)) for bound in bounds)
            self._well_inside[position] = known
        return known

    def inside(self, lon: float, lat: float) -> list[bool]:
        """Whether the point lies in the outline and in the small areas, as far as they are known."""
        known = [geom for geom in self._bounds if geom is not None]
        if not known:
            return [bool(self.areas.at_point(lon, lat) or self._district_areas.at_point(lon, lat))]
        point = shapely.Point(lon, lat)
        return [bool(shapely.dwithin(geom, point, BORDER_DEG)) for geom in known]

    def _listed(self, location: Location) -> Place | None:
        """Areas at a listed point that one area alone holds, or none comes near; None where more is to be weighed.

        They are found out for all points of a town together, when one of them is first asked for: that tells of a town, not
        of an address.
        """
        spot = location.spot
        if spot is None:
            return None
        key = id(spot.table), spot.town
        known = self._alone.get(key)
        if known is None:
            rows = spot.table.rows(spot.town)
            points = map(spot.table.at, rows if len(rows) <= MAX_ROWS else ())
            circles = [
                (lon, lat, spot.default_m if accuracy_m is None else accuracy_m)
                for lon, lat, accuracy_m in points
            ]
            known = self._alone[key] = rows.start, array("i", self.areas.alone_around(circles))
        first, alone = known
        at = alone[spot.row - first] if alone else UNSURE
        if at == UNSURE:
            return None
        found = {} if at == NOTHING else {self._ids[at]: True}
        return Place(found, found, location.level, location.accuracy_m)

    def _measured(self, location: Location) -> Place:
        lon, lat, accuracy_m = location.lon, location.lat, location.accuracy_m
        in_circle, middle = map(self._by_id, self.areas.around(lon, lat, accuracy_m))
        # How deep a place lies in an area is asked of those of towns only.
        depth_m = (
            None
            if location.level in FINE_LEVELS
            else functools.cache(lambda key: self.areas.depth_m(self._positions[key], lon, lat))
        )
        return Place(in_circle, middle, location.level, accuracy_m, depth_m)

    def _by_id(self, touches: Sequence[Touch]) -> dict[str, bool]:
        return {self._ids[touch.position]: touch.inside for touch in touches}


def _prepared(geom: Any) -> Any:
    if geom is None or geom.is_empty:
        return None
    shapely.prepare(geom)
    return geom
