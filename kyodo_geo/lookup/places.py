"""What lies around a point: areas of associations, districts, the bounds of the city. Not for two threads at once."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import shapely

from kyodo_geo.lookup.areas import BORDER_DEG, AreaIndex, Touch
from kyodo_geo.lookup.decision import FINE_LEVELS, Place
from kyodo_geo.lookup.locate import Location
from kyodo_geo.lookup_types import Snapshot

Circle = tuple[float, float, float]
"""Longitude and latitude in degrees, radius in metres."""


class Places:
    """Areas of one snapshot by place; answers never change."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._associations = snapshot.associations
        self._districts = snapshot.districts
        self._positions = {item.association_id: i for i, item in enumerate(snapshot.associations)}
        self.areas = AreaIndex([item.geom for item in snapshot.associations])
        self._district_areas = AreaIndex([item.geom for item in snapshot.districts])
        self._bounds = [_prepared(snapshot.outline), _prepared(snapshot.small_area_union)]
        self._of_towns: dict[Location, Place] = {}

    def of(self, location: Location | None) -> Place | None:
        """Areas at a location; None when there is none."""
        if location is None:
            return None
        if location.level in FINE_LEVELS:
            return self._measured(location)
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
        return self.areas.alone_at(lon, lat, [geom for geom in self._bounds if geom is not None])

    def inside(self, lon: float, lat: float) -> list[bool]:
        """Whether the point lies in the outline and in the small areas, as far as they are known."""
        known = [geom for geom in self._bounds if geom is not None]
        if not known:
            return [bool(self.areas.at_point(lon, lat) or self._district_areas.at_point(lon, lat))]
        point = shapely.Point(lon, lat)
        return [bool(shapely.dwithin(geom, point, BORDER_DEG)) for geom in known]

    def _measured(self, location: Location) -> Place:
        lon, lat, accuracy_m = location.lon, location.lat, location.accuracy_m
        in_circle, middle = map(self._by_id, self.areas.around(lon, lat, accuracy_m))
        depth_m = functools.cache(lambda key: self.areas.depth_m(self._positions[key], lon, lat))
        return Place(in_circle, middle, location.level, accuracy_m, depth_m)

    def _by_id(self, touches: Sequence[Touch]) -> dict[str, bool]:
        return {self._associations[touch.position].association_id: touch.inside for touch in touches}


def _prepared(geom: Any) -> Any:
    if geom is None or geom.is_empty:
        return None
    shapely.prepare(geom)
    return geom
