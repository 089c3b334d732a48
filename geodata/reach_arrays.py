"""Reach of a city's facilities as arrays: gathered from the database, made, kept in `computed`, found again.

Everything in `Prepared` is public: people by area, facilities, closures, the network. No group, no hall, no vacant house.
Ways to the neighbourhood halls are an entry of their own, which is read with the rights of the staff alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geodata import computed
from geodata.database import Audience, Connection, Database
from geodata.queries import buses, demand, driving, facility_sheet, facility_use
from geodata.queries.generation import Ref, resolve
from geodata.queries.halls import halls
from geodata.queries.network import network
from geodata.reach_demand import Kind, demand_of
from kyodo_geo.reach.halls import HallReach, hall_reach
from kyodo_geo.reach.modes import USUAL, Modes
from kyodo_geo.reach.prepared import Prepared, Site, Ways, prepare
from kyodo_geo.reach.transit import Riding

NAME = "reach"
NAMES: dict[Kind, str] = {"areas": NAME, "mesh": "reach-mesh"}
HALLS: dict[Kind, str] = {"areas": "reach-halls", "mesh": "reach-halls-mesh"}
FORMAT = 4
"""Counts up when the arrays mean something else."""
RIDING = USUAL
RIDDEN = "reach-riding"
"""Entry that says with which assumptions about buses the arrays were made: they are no part of the state of the data."""


def hash_of(conn: Connection, ref: Ref) -> str:
    """What the arrays of a generation are found by: its number, and the dated records that are no part of it."""
    row = conn.execute(
        """
        SELECT (SELECT md5(string_agg(concat_ws('|', facility_id, closed_from, reopens_on), ';'
                                      ORDER BY facility_id, closed_from))
                FROM facility_closure WHERE municipality_code = %(m)s) AS closures,
               (SELECT md5(string_agg(concat_ws('|', facility_id, room_no, capacity, valid_from, valid_to), ';'
                                      ORDER BY facility_id, room_no, valid_from))
                FROM room WHERE municipality_code = %(m)s) AS rooms
        """,
        ref.args,
    ).fetchone()
    assert row is not None
    return computed.input_hash(
        {"format": FORMAT, "generation": [ref.generation_no, str(ref.activated_at)], **row}
    )


def held(database: Database, municipality: str, hashed: str, kind: Kind = "areas") -> Prepared | None:
    """The arrays if they are ready. The cache is no table of the public; what is read here is public all the same."""
    with database.read(Audience.STAFF) as conn:
        body = computed.get(conn, municipality, NAMES[kind], hashed)
    return None if body is None else Prepared.from_bytes(body)


def held_halls(conn: Connection, municipality: str, hashed: str, kind: Kind = "areas") -> HallReach | None:
    """Ways to the neighbourhood halls if they are ready; `conn` is of the staff, and so is what is read."""
    body = computed.get(conn, municipality, HALLS[kind], hashed)
    return None if body is None else HallReach.from_bytes(body)


def is_ready(database: Database, municipality: str, riding: Riding | None = None) -> tuple[str, bool]:
    """(hash of the present state, whether its arrays are there; all of them are kept in one transaction).

    With `riding`: whether they were also made with these assumptions about buses.
    """
    with database.read() as conn:
        hashed = hash_of(conn, resolve(conn, municipality))
    with database.read(Audience.STAFF) as conn:
        ready = computed.has(conn, municipality, NAME, hashed)
        if ready and riding is not None:
            ready = computed.has(conn, municipality, RIDDEN, _ridden(hashed, riding))
        return hashed, ready


def _ridden(hashed: str, riding: Riding) -> str:
    return computed.input_hash({"arrays": hashed, "riding": riding.as_array().tolist()})


def make(database: Database, municipality: str, riding: Riding = RIDING) -> tuple[str, Prepared]:
    """Compute the arrays of the present state on the network and keep them, older ones go. Takes seconds and scipy.

    Entries: `reach`, `reach-mesh` where grid squares are loaded, and for staff `reach-halls` and `reach-halls-mesh`.
    """
    with database.read() as conn:
        ref = resolve(conn, municipality)
        hashed = hash_of(conn, ref)
        ways, modes = ways_of(conn, ref), modes_of(conn, ref, riding)
        kinds: list[Kind] = ["areas", "mesh"] if demand.mesh_years(conn, ref) else ["areas"]
        asked = {kind: demand_of(conn, ref, kind, spread_out=True) for kind in kinds}
        sites = _sites(conn, ref)
    made = {
        kind: prepare(found.areas, found.years, sites, ways, cohort=found.cohort, modes=modes)
        for kind, found in asked.items()
    }
    bodies = {NAMES[kind]: found.to_bytes() for kind, found in made.items()}
    if ways is not None:
        with database.read(Audience.STAFF) as conn:
            # Of the generation the arrays are of, even if another one has become active meanwhile.
            spots = [(h.hall_id, h.x, h.y) for h in halls(conn, ref) if h.x is not None and h.y is not None]
        for kind, found in asked.items():
            bodies[HALLS[kind]] = hall_reach(found.cells, spots, ways).to_bytes()
    with database.write(Audience.LOADER) as conn:
        for name, body in bodies.items():
            computed.put(conn, municipality, name, hashed, body)
        computed.put(conn, municipality, RIDDEN, _ridden(hashed, riding), b"")
        computed.keep_only(conn, municipality, RIDDEN, _ridden(hashed, riding))
        for name in (*NAMES.values(), *HALLS.values()):
            computed.keep_only(conn, municipality, name, hashed)
    return hashed, made["areas"]


def gathered(conn: Connection, ref: Ref, *, with_network: bool, kind: Kind = "areas") -> Prepared:
    """The arrays of what `ref` reads; without the network one point per area and straight lines, which is quick.

    Raises `InputError` for grid squares that are not loaded.
    """
    found = demand_of(conn, ref, kind, spread_out=with_network)
    ways = ways_of(conn, ref) if with_network else None
    modes = modes_of(conn, ref) if with_network else None
    return prepare(found.areas, found.years, _sites(conn, ref), ways, cohort=found.cohort, modes=modes)


def modes_of(conn: Connection, ref: Ref, riding: Riding = RIDING) -> Modes:
    """Roads for cars and the bus timetable, as far as they are loaded."""
    return Modes(driving.roads(conn, ref), buses.buses(conn, ref, riding.day), riding)


def ways_of(conn: Connection, ref: Ref) -> Ways | None:
    """The walking network; None where none is loaded."""
    found = network(conn, ref)
    if found is None:
        return None
    ends = np.column_stack([found.start, found.end])
    return Ways(found.xy, ends, found.length_m, found.slope, found.winter_factor)


def _sites(conn: Connection, ref: Ref) -> list[Site]:
    """A facility without a capacity of its own holds what its rooms hold together; unknown where one is unknown."""
    rooms: dict[str, list[int | None]] = {}
    for room in facility_use.rooms(conn, ref):
        rooms.setdefault(room.facility_id, []).append(room.capacity)
    closures: dict[str, list[facility_use.Closure]] = {}
    for item in facility_use.closures(conn, ref):
        closures.setdefault(item.facility_id, []).append(item)
    return [
        Site(
            site.id, site.name, site.kind, site.activity,
            capacity_of(site.capacity, rooms.get(site.id, [])), site.opened_on, site.closed_on, (site.x, site.y),
            tuple((c.closed_from, c.reopens_on) for c in closures.get(site.id, ())),
        )
        for site in facility_sheet.sites(conn, ref, all_times=True)
    ]  # fmt: skip


def capacity_of(own: int | None, rooms: Sequence[int | None]) -> int | None:
    """A facility's own capacity, else that of its rooms together; None where one of them is unknown or there is none."""
    known = [room for room in rooms if room is not None]
    if own is not None:
        return own
    return sum(known) if known and len(known) == len(rooms) else None
