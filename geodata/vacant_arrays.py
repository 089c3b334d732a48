"""Ways to vacant houses and neighbourhood halls as arrays: made by the worker, kept in `computed`, read by staff alone.

The cells are those of `reach_arrays` of the same state. A house's ways are kept only as far as
`near.LIMIT_M` and `near.DRIVE_LIMIT`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geodata import computed, reach_arrays
from geodata.database import Audience, Connection, Database
from geodata.queries import demand, driving, halls, vacant
from geodata.queries.generation import Ref, resolve
from geodata.reach_demand import demand_of
from kyodo_geo.reach.modes import Roads
from kyodo_geo.reach.network import Network, snapped
from kyodo_geo.reach.prepared import Ways
from kyodo_geo.reach.straight import straight_costs
from kyodo_geo.vacancy.near import CAR_KINDS, DRIVE_LIMIT, LIMIT_M, HouseReach, Near

NAME = "vacant-houses"
"""The public and partner roles have no right on `computed`."""
FORMAT = 2


def hash_of(reach_hash: str) -> str:
    """Houses and halls are part of the generation, which the hash of the reach already names."""
    return computed.input_hash({"format": FORMAT, "reach": reach_hash})


def held_by(conn: Connection, municipality: str, reach_hash: str) -> HouseReach | None:
    """What the worker has made for that state."""
    body = computed.get(conn, municipality, NAME, hash_of(reach_hash))
    return None if body is None else HouseReach.from_bytes(body)


def is_ready(database: Database, municipality: str) -> tuple[str, bool]:
    """(hash of the present state, whether there is nothing to make): a city without vacant houses needs none."""
    with database.read(Audience.STAFF) as conn:
        ref = resolve(conn, municipality)
        hashed = hash_of(reach_arrays.hash_of(conn, ref))
        there = computed.has(conn, municipality, NAME, hashed)
        return hashed, there or not vacant.ids(conn, ref)


def make(database: Database, municipality: str) -> tuple[str, HouseReach]:
    """Compute the ways of the present state and keep them, older ones go. Takes seconds and scipy."""
    with database.read(Audience.STAFF) as conn:
        ref = resolve(conn, municipality)
        hashed = hash_of(reach_arrays.hash_of(conn, ref))
        cells = demand_of(conn, ref, "areas", spread_out=True).cells
        found = _made(conn, ref, cells, reach_arrays.ways_of(conn, ref), driving.roads(conn, ref))
    with database.write(Audience.LOADER) as conn:
        computed.put(conn, municipality, NAME, hashed, found.to_bytes())
        computed.keep_only(conn, municipality, NAME, hashed)
    return hashed, found


def straight_only(conn: Connection, ref: Ref) -> HouseReach:
    """Straight lines from the inner points of the small areas, as `reach_arrays.gathered` without a network has them."""
    cells = np.array([(point.x, point.y) for point in demand.points(conn, ref)]).reshape(-1, 2)
    return _made(conn, ref, cells, None)


def _made(
    conn: Connection, ref: Ref, cells: np.ndarray, ways: Ways | None, roads: Roads | None = None
) -> HouseReach:
    houses = vacant.places(conn, ref)
    known = halls.halls(conn, ref)
    spots = [(hall.x, hall.y) for hall in known if hall.x is not None and hall.y is not None]
    numbers = (len(spots), len(known) - len(spots))
    at_house, at_hall = _points([(h.x, h.y) for h in houses]), _points(spots)
    near = {"straight": Near.of(straight_costs(cells, at[None, :])[:, 0] for at in at_house)}
    to_hall = {"straight": _nearest([straight_costs(cells, at[None, :])[:, 0] for at in at_hall], len(cells))}
    if ways is not None and len(cells) and len(houses):
        cell_node, cell_snap = snapped(cells, ways.nodes)
        for kind, graph in zip(("network", "winter"), ways.graphs(), strict=True):
            near[kind] = Near.of(_columns(graph, ways, cell_node, cell_snap, at_house))
            to_hall[kind] = _nearest(list(_columns(graph, ways, cell_node, cell_snap, at_hall)), len(cells))
    if roads is not None and ways is not None and len(cells) and len(houses):
        minutes, to_halls = roads.matrices(cells, at_house), roads.matrices(cells, at_hall)
        for kind in CAR_KINDS:
            if kind in minutes:
                near[kind] = Near.of(minutes[kind].T, DRIVE_LIMIT)
                to_hall[kind] = _nearest(list(to_halls[kind].T), len(cells))
    return HouseReach.made([house.house_id for house in houses], near, to_hall, numbers)


def _points(spots: Sequence[tuple[float | None, float | None]]) -> np.ndarray:
    return np.array(spots, dtype=float).reshape(-1, 2)


def _columns(
    graph: Network, ways: Ways, cell_node: np.ndarray, cell_snap: np.ndarray, places: np.ndarray
) -> list[np.ndarray]:
    """Costs of the cells to each place, infinite beyond the limit."""
    if not len(places):
        return []
    node, snap = snapped(places, ways.nodes)
    found = graph.costs(cell_node, node, LIMIT_M) + cell_snap[:, None] + snap[None, :]
    return list(found.astype(np.float32).T)


def _nearest(columns: list[np.ndarray], cells: int) -> np.ndarray:
    found: np.ndarray = np.min(columns, axis=0) if columns else np.full(cells, np.inf)
    return found
