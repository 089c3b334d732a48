"""Reach of a city's facilities as arrays: gathered from the database, made, kept in `computed`, found again.

Everything in them is public: people by area, facilities, closures, the network. No group, no hall, no vacant house.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geodata import computed
from geodata.database import Audience, Connection, Database
from geodata.queries import demand, facility_sheet, facility_use
from geodata.queries.datasets import active_datasets
from geodata.queries.demand import DemandPoint
from geodata.queries.generation import Ref, resolve
from geodata.queries.network import network
from kyodo_geo.reach.prepared import Area, Prepared, Site, Ways, YearPeople, band_of, prepare
from kyodo_geo.reach.spread import spread

NAME = "reach"
FORMAT = 1
"""Counts up when the arrays mean something else."""
CENSUS_YEAR = 2020
"""Year of the small areas' people where their dataset names no day."""


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


def held(database: Database, municipality: str, hashed: str) -> Prepared | None:
    """The arrays if they are ready. The cache is no table of the public; what is read here is public all the same."""
    with database.read(Audience.STAFF) as conn:
        body = computed.get(conn, municipality, NAME, hashed)
    return None if body is None else Prepared.from_bytes(body)


def is_ready(database: Database, municipality: str) -> tuple[str, bool]:
    """(hash of the present state, whether its arrays are there)."""
    with database.read() as conn:
        hashed = hash_of(conn, resolve(conn, municipality))
    with database.read(Audience.STAFF) as conn:
        return hashed, computed.has(conn, municipality, NAME, hashed)


def make(database: Database, municipality: str) -> tuple[str, Prepared]:
    """Compute the arrays of the present state on the network and keep them, older ones go. Takes seconds and scipy."""
    with database.read() as conn:
        ref = resolve(conn, municipality)
        hashed = hash_of(conn, ref)
        found = gathered(conn, ref, with_network=True)
    with database.write(Audience.LOADER) as conn:
        computed.put(conn, municipality, NAME, hashed, found.to_bytes())
        computed.keep_only(conn, municipality, NAME, hashed)
    return hashed, found


def gathered(conn: Connection, ref: Ref, *, with_network: bool) -> Prepared:
    """The arrays of what `ref` reads; without the network one point per area and straight lines, which is quick."""
    points = demand.points(conn, ref)
    ways = None
    if with_network:
        areas = spread_areas(conn, ref, points)
        ways = ways_of(conn, ref)
    else:
        areas = [_area(point, np.array([(point.x, point.y)])) for point in points]
    return prepare(areas, years_of(conn, ref, points), _sites(conn, ref), ways)


def _area(point: DemandPoint, points: np.ndarray) -> Area:
    return Area(point.key_code, point.name, point.district_no, point.area_m2, points)


def spread_areas(conn: Connection, ref: Ref, points: Sequence[DemandPoint]) -> list[Area]:
    """Small areas with the points their people are spread over."""
    import shapely

    shapes = demand.plane_shapes(conn, ref)
    return [
        _area(point, spread(shapely.from_wkb(shapes[point.key_code]), (point.x, point.y))) for point in points
    ]


def ways_of(conn: Connection, ref: Ref) -> Ways | None:
    """The walking network; None where none is loaded."""
    found = network(conn, ref)
    if found is None:
        return None
    ends = np.column_stack([found.start, found.end])
    return Ways(found.xy, ends, found.length_m, found.slope, found.winter_factor)


def years_of(conn: Connection, ref: Ref, points: Sequence[DemandPoint]) -> list[YearPeople]:
    """Every loaded year of ages; the small areas' own people, of no age, where none is loaded."""
    found = []
    for year in demand.age_years(conn, ref):
        table = demand.ages(conn, ref, year.year) if year.area_kind == "small-area" else None
        if table is None:
            continue
        band = [band_of(*ages) for ages in table.classes]
        bands = {
            key: [
                float(np.nansum([v for v, b in zip(row, band, strict=True) if b == place]))
                for place in range(4)
            ]
            for key, row in zip(table.keys, table.people, strict=True)
            if not np.isnan(row).all()
        }
        found.append(YearPeople(table.year, table.projected, bands))
    if found:
        return found
    dataset = active_datasets(conn, ref).get("small-areas")
    year_of = dataset.as_of.year if dataset and dataset.as_of else CENSUS_YEAR
    own = {p.key_code: [0.0, 0.0, 0.0, float(p.people)] for p in points if p.people is not None}
    return [YearPeople(year_of, False, own)]


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
