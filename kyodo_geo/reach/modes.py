"""Minutes by car and by bus beside the metres on foot: made once with scipy, compared with numpy alone.

The districts where people drive are judged by the minutes of the roads for cars where these are loaded. To keep one
unit in every comparison, minutes become metres at the mean speed that is asked for, on both sides of the comparison:
the speed cancels out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from kyodo_geo.reach.driving import ACCESS_KMH
from kyodo_geo.reach.network import Network, snapped
from kyodo_geo.reach.transit import Buses, Riding, bus_minutes

if TYPE_CHECKING:
    from kyodo_geo.reach.prepared import Prepared, Ways
    from kyodo_geo.reach.report import Choice


@dataclass(frozen=True, slots=True, eq=False)
class Roads:
    """Roads for cars: nodes (k × 2, metres), directed edges by node (e × 2), their minutes and factors in winter."""

    nodes: np.ndarray
    ends: np.ndarray
    minutes: np.ndarray
    winter_factor: np.ndarray

    @property
    def has_winter(self) -> bool:
        return not np.allclose(self.winter_factor, 1.0)

    def usable(self) -> tuple[np.ndarray, np.ndarray]:
        """(nodes that one can both reach and leave, sizes of the parts one can drive about in, the largest first).

        Of each piece of the network that hangs together the largest part with a way there and back. What is left out are
        tips of one-way streets, which a border cut through the network makes by the dozen.
        """
        from scipy.sparse import coo_matrix
        from scipy.sparse.csgraph import connected_components

        count = len(self.nodes)
        graph = coo_matrix(
            (np.ones(len(self.ends)), (self.ends[:, 0], self.ends[:, 1])), shape=(count, count)
        )
        piece = connected_components(graph, directed=False)[1]
        part = connected_components(graph, directed=True, connection="strong")[1]
        sizes = np.bincount(part)
        largest = np.zeros(piece.max(initial=-1) + 1, dtype=sizes.dtype)
        np.maximum.at(largest, piece, sizes[part])
        return np.flatnonzero(sizes[part] == largest[piece]), np.sort(sizes)[::-1]

    def matrices(self, cells: np.ndarray, places: np.ndarray) -> dict[str, np.ndarray]:
        """`car` and, where winter differs, `car_winter`: minutes cells × places; `car_parts`; `car_snap`."""
        usable, parts = self.usable()
        access = ACCESS_KMH * 1000 / 60
        cell, cell_m = snapped(cells, self.nodes[usable])
        place, place_m = snapped(places, self.nodes[usable])
        snaps = (cell_m[:, None] + place_m[None, :]) / access
        never = np.full(len(self.ends), np.inf)
        found = {"car_parts": parts.astype(np.int32), "car_snap": cell_m.astype(np.float32)}
        weights = {"car": self.minutes}
        if self.has_winter:
            weights["car_winter"] = self.minutes * self.winter_factor
        for name, minutes in weights.items():
            graph = Network.of(self.ends, minutes, never, nodes=len(self.nodes))
            found[name] = (graph.costs(usable[cell], usable[place]) + snaps).astype(np.float32)
        return found


USUAL = Riding()
"""What is assumed of buses where nothing else is said."""


@dataclass(frozen=True, slots=True, eq=False)
class Modes:
    """What is loaded besides the ways on foot."""

    roads: Roads | None = None
    buses: Buses | None = None
    riding: Riding = USUAL

    def matrices(self, cells: np.ndarray, places: np.ndarray, ways: Ways | None) -> dict[str, np.ndarray]:
        """Arrays of `Prepared` by name, for what is loaded."""
        found: dict[str, np.ndarray] = {}
        if not len(cells) or not len(places):
            return found
        if self.roads is not None:
            found |= self.roads.matrices(cells, places)
        if self.buses is not None:
            graph = None if ways is None else ways.graphs()[0]
            nodes = None if ways is None else ways.nodes
            minutes = bus_minutes(self.buses, self.riding, cells, places, graph, nodes)
            found |= {"bus": minutes.astype(np.float32), "bus_terms": self.riding.as_array()}
        return found


def car_minutes(held: Prepared, by: str) -> np.ndarray | None:
    """Minutes by car for a kind of distance; None where no roads are loaded, or straight lines are asked for."""
    if by == "straight" or not held.has_car:
        return None
    return held.car_winter if by == "winter" and held.car_winter.shape == held.car.shape else held.car


def costs(held: Prepared, choice: Choice, driving: np.ndarray, sites: np.ndarray) -> np.ndarray:
    """Costs (n × sites) to compare with `report.limits`, for one set of cells where people drive (n, truth).

    Metres by the choice's kind of distance. Where people drive and roads for cars are loaded: minutes by car as metres at the
    speed of the choice, or the metres on foot blown up as far as the threshold is, whichever is less: who can walk there
    within the threshold on foot, or drive there within the minutes, is within.
    """
    found = held.costs(choice.by)[:, sites].astype(float)
    car = car_minutes(held, choice.by)
    if car is not None and driving.any():
        rows = np.flatnonzero(driving)
        driven = car[np.ix_(rows, sites)].astype(float) * (choice.drive_m / choice.minutes)
        found[rows] = np.minimum(driven, found[rows] * (choice.drive_m / choice.distance_m))
    return found


def minutes_of(
    held: Prepared, choice: Choice, driving: np.ndarray, sites: np.ndarray, walk_m: float
) -> np.ndarray:
    """Minutes (n × sites), one unit for all: on foot at `walk_m` metres a minute; where people drive, the car or their feet,
    whichever is quicker. Without roads for cars (or by straight lines) who drives goes the ways on foot at the choice's
    mean speed.
    """
    even = replace(choice, distance_m=walk_m * choice.minutes)
    pace = np.where(driving, choice.drive_m / choice.minutes, walk_m)
    found: np.ndarray = costs(held, even, driving, sites) / pace[:, None]
    return found


def metres_of(held: Prepared, choice: Choice, sites: np.ndarray) -> np.ndarray:
    """Metres (n × sites) by the choice's kind of distance; where only a car finds a way, the straight line × detour."""
    found = held.costs(choice.by)[:, sites].astype(float)
    car = car_minutes(held, choice.by)
    if car is not None:
        lost = ~np.isfinite(found) & np.isfinite(car[:, sites])
        found[lost] = held.straight[:, sites][lost]
    return found
