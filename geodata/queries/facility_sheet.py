"""One facility with everything that is known of it, and the list of all with their latest figures.

`sheet` and `register` hold what everybody may read; `staff_part` what staff see besides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from geodata.database import Connection
from geodata.queries import assets, facility_use
from geodata.queries.assets import Demolished, Inspection, Stage, StockRow, Work
from geodata.queries.facility_use import Closure, Group, Opening, Room, RoomYear, Shelter
from geodata.queries.generation import Ref
from kyodo_geo.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Site:
    """Where a facility stands and what it is. Unknown is None."""

    id: str
    name: str
    kana: str | None
    kind: str
    activity: bool
    address: str | None
    operator: str | None
    capacity: int | None
    opened_on: date | None
    closed_on: date | None
    lon: float
    lat: float
    x: float
    y: float
    district_no: int | None
    district: str | None


@dataclass(frozen=True, slots=True)
class YearRow:
    """Use and cost of a facility in a fiscal year; None is 不明."""

    facility_id: str
    fiscal_year: int
    users: int | None
    cost_yen: int | None
    income_yen: int | None
    upkeep_yen: int | None
    energy_yen: int | None
    staff_yen: int | None
    fee_yen: int | None
    open_days: int | None
    quality: str
    source: str | None


@dataclass(frozen=True, slots=True)
class Profile:
    """Whom a facility is for, and its land; None is 不明."""

    facility_id: str
    catchment: str | None
    land_m2: float | None
    land_tenure: str | None
    land_leased_m2: float | None
    quality: str
    source: str | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One facility as everybody may see it; each part carries its own quality."""

    site: Site
    profile: Profile | None
    buildings: list[StockRow]
    demolished: list[Demolished]
    rooms: list[Room]
    room_years: list[RoomYear]
    years: list[YearRow]
    openings: list[Opening]
    closures: list[Closure]
    shelters: list[Shelter]


@dataclass(frozen=True, slots=True)
class StaffPart:
    """What staff see besides."""

    groups: list[Group]
    inspections: list[Inspection]
    works: list[Work]
    stages: list[Stage]


_SITE = """
    SELECT s.facility_id AS id, s.name, s.kana, s.kind, s.activity, s.address, s.operator, s.capacity, s.opened_on,
           s.closed_on, ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat, ST_X(f.flat) AS x, ST_Y(f.flat) AS y,
           d.district_no, d.name AS district
    FROM facility_site s
    CROSS JOIN LATERAL (SELECT ST_Transform(s.geom, %(plane)s) AS flat) f
    LEFT JOIN LATERAL (
        SELECT district_no, name FROM district_area
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'districts')
          AND ST_Covers(geom, s.geom)
        ORDER BY district_no LIMIT 1
    ) d ON true
    WHERE s.municipality_code = %(m)s AND s.dataset_id = active_dataset(%(m)s, %(g)s, 'facilities')
"""


def sites(conn: Connection, ref: Ref, *, on: date | None = None, all_times: bool = False) -> list[Site]:
    """Facilities by id, those in service on the day `on` (default today) unless `all_times`."""
    rows = conn.execute(
        f"""{_SITE}
          AND (%(all)s OR daterange(s.opened_on, s.closed_on, '[)') @> coalesce(%(on)s::date, current_date))
        ORDER BY s.facility_id
        """,
        {**ref.args, "plane": ref.plane_epsg, "on": on, "all": all_times},
    )
    return [Site(**row) for row in rows]


def site(conn: Connection, ref: Ref, facility_id: str) -> Site:
    """One of them, whether in service or not; raises `NotFoundError`."""
    row = conn.execute(
        f"{_SITE} AND s.facility_id = %(id)s",
        {**ref.args, "plane": ref.plane_epsg, "id": facility_id},
    ).fetchone()
    if row is None:
        raise NotFoundError("この番号の施設はありません。", facility_id=facility_id[:40])
    return Site(**row)


def years(conn: Connection, ref: Ref, facility_id: str | None = None) -> list[YearRow]:
    """Use and cost by facility and year, of all or of one."""
    rows = conn.execute(
        """
        SELECT facility_id, fiscal_year, users, cost_yen, income_yen, upkeep_yen, energy_yen, staff_yen, fee_yen,
               open_days, quality, source
        FROM facility_year WHERE municipality_code = %(m)s AND (%(id)s::text IS NULL OR facility_id = %(id)s)
        ORDER BY facility_id, fiscal_year
        """,
        {**ref.args, "id": facility_id},
    )
    return [YearRow(**row) for row in rows]


def profiles(conn: Connection, ref: Ref, facility_id: str | None = None) -> list[Profile]:
    """Catchment and land by facility, of all or of one."""
    rows = conn.execute(
        """
        SELECT facility_id, catchment, land_m2, land_tenure, land_leased_m2, quality, source
        FROM facility_profile WHERE municipality_code = %(m)s AND (%(id)s::text IS NULL OR facility_id = %(id)s)
        ORDER BY facility_id
        """,
        {**ref.args, "id": facility_id},
    )
    return [Profile(**row) for row in rows]


def sheet(conn: Connection, ref: Ref, facility_id: str, *, on: date | None = None) -> Sheet:
    """One facility with its parts; raises `NotFoundError`."""
    found = site(conn, ref, facility_id)
    return Sheet(
        site=found,
        profile=next(iter(profiles(conn, ref, facility_id)), None),
        buildings=assets.stock(conn, ref, on=on, facility_id=facility_id),
        demolished=assets.demolished(conn, ref, facility_id, on=on),
        rooms=facility_use.rooms(conn, ref, facility_id, on=on),
        room_years=facility_use.room_years(conn, ref, facility_id),
        years=years(conn, ref, facility_id),
        openings=facility_use.openings(conn, ref, facility_id),
        closures=facility_use.closures(conn, ref, facility_id),
        shelters=facility_use.shelters(conn, ref, facility_id),
    )


def staff_part(conn: Connection, ref: Ref, found: Sheet) -> StaffPart:
    """What staff see of the same facility besides; needs the staff audience."""
    buildings = {row.building_id for row in found.buildings}
    return StaffPart(
        groups=facility_use.groups(conn, ref, found.site.id),
        inspections=[row for row in assets.inspections(conn, ref) if row.building_id in buildings],
        works=[row for row in assets.works(conn, ref) if row.building_id in buildings],
        stages=[row for row in assets.stages(conn, ref) if row.facility_id == found.site.id],
    )


def counts_of_unknown(conn: Connection, ref: Ref) -> dict[str, dict[str, Any]]:
    """How many buildings or facilities lack which fact: name → {unknown, of}. Every page says so."""
    row = conn.execute(
        """
        WITH active AS (
            SELECT facility_id FROM facility_site
            WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'facilities')
        ), stock AS (
            SELECT DISTINCT b.* FROM building b JOIN facility_building u USING (municipality_code, building_id)
            JOIN active USING (facility_id) WHERE b.municipality_code = %(m)s
              AND (b.demolished_on IS NULL OR b.demolished_on > current_date)
        )
        SELECT (SELECT count(*) FROM stock) AS buildings, (SELECT count(*) FROM active) AS facilities,
               (SELECT count(*) FROM stock WHERE built_year IS NULL) AS built_year,
               (SELECT count(*) FROM stock WHERE floor_area_m2 IS NULL) AS floor_area_m2,
               (SELECT count(*) FROM stock WHERE use_class IS NULL) AS use_class,
               (SELECT count(*) FROM stock WHERE extendable IS NULL) AS extendable,
               (SELECT count(*) FROM stock WHERE seismic IS NULL) AS seismic,
               (SELECT count(*) FROM stock WHERE acquired_yen IS NULL) AS acquired_yen,
               (SELECT count(*) FROM active a WHERE NOT EXISTS (SELECT FROM facility_opening o
                   WHERE o.municipality_code = %(m)s AND o.facility_id = a.facility_id)) AS openings,
               (SELECT count(*) FROM active a WHERE NOT EXISTS (SELECT FROM facility_year y
                   WHERE y.municipality_code = %(m)s AND y.facility_id = a.facility_id AND y.users IS NOT NULL)) AS users,
               (SELECT count(*) FROM active a WHERE NOT EXISTS (SELECT FROM facility_year y
                   WHERE y.municipality_code = %(m)s AND y.facility_id = a.facility_id AND y.cost_yen IS NOT NULL)) AS cost_yen,
               (SELECT count(*) FROM active a WHERE NOT EXISTS (SELECT FROM facility_profile p
                   WHERE p.municipality_code = %(m)s AND p.facility_id = a.facility_id AND p.land_m2 IS NOT NULL)) AS land_m2,
               (SELECT count(*) FROM active a WHERE NOT EXISTS (SELECT FROM facility_profile p
                   WHERE p.municipality_code = %(m)s AND p.facility_id = a.facility_id AND p.catchment IS NOT NULL)) AS catchment
        """,
        ref.args,
    ).fetchone()
    assert row is not None
    buildings, facilities = row.pop("buildings"), row.pop("facilities")
    of_facilities = {"openings", "users", "cost_yen", "land_m2", "catchment"}
    return {
        name: {"unknown": number, "of": facilities if name in of_facilities else buildings}
        for name, number in row.items()
    }
