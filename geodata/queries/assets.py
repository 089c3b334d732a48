"""Buildings as assets: the stock (everybody); inspections, works and judgements (staff)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from geodata.database import Connection
from geodata.queries.generation import Ref


@dataclass(frozen=True, slots=True)
class StockRow:
    """A building with the facilities in it. `used`: facility_id → square metres it uses there, None unknown.

    `kind` and `district_no` are those of the facility that uses most of it (by id where that is unknown); None where
    no facility of the generation uses it.
    """

    building_id: str
    name: str | None
    address: str | None
    built_year: int | None
    structure: str | None
    floors: int | None
    floor_area_m2: float | None
    seismic: str | None
    ledger_no: str | None
    use_class: str | None
    extendable: bool | None
    acquired_on: date | None
    acquired_yen: int | None
    useful_life: int | None
    depreciated_yen: int | None
    quality: str
    source: str | None
    used: dict[str, float | None]
    facility_names: list[str]
    kind: str | None
    district_no: int | None


@dataclass(frozen=True, slots=True)
class Demolished:
    """A building that stands no more."""

    building_id: str
    name: str | None
    demolished_on: date
    quality: str
    source: str | None


@dataclass(frozen=True, slots=True)
class Inspection:
    """Grades A–D by part; None: not looked at. Staff only."""

    building_id: str
    inspected_on: date
    roof: str | None
    outer_wall: str | None
    inside: str | None
    electricity: str | None
    machinery: str | None
    inspector: str | None
    quality: str
    source: str | None


@dataclass(frozen=True, slots=True)
class Work:
    """Works on a building that were done. Staff only."""

    building_id: str
    work_no: int
    fiscal_year: int
    kind: str
    cost_yen: int | None
    note: str | None
    quality: str
    source: str | None


@dataclass(frozen=True, slots=True)
class Stage:
    """A qualitative judgement. Staff only."""

    facility_id: str
    decided_on: date
    stage: str
    reason: str
    decided_by: str
    entered_at: datetime
    entered_by: str | None
    evaluation: str | None
    quality: str
    source: str | None


def stock(
    conn: Connection, ref: Ref, *, on: date | None = None, facility_id: str | None = None
) -> list[StockRow]:
    """Every building by id, with who uses it on the day `on` (default today); of one facility where `facility_id` is given.

    Without those taken down by that day.
    """
    rows = conn.execute(
        """
        WITH used AS (
            SELECT u.building_id, u.facility_id, u.floor_area_m2, s.name, s.kind, d.district_no
            FROM facility_building u
            JOIN facility_site s ON s.municipality_code = u.municipality_code AND s.facility_id = u.facility_id
                AND s.dataset_id = active_dataset(%(m)s, %(g)s, 'facilities')
            LEFT JOIN LATERAL (
                SELECT district_no FROM district_area
                WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'districts')
                  AND ST_Covers(geom, s.geom)
                ORDER BY district_no LIMIT 1
            ) d ON true
            WHERE u.municipality_code = %(m)s
              AND daterange(u.valid_from, u.valid_to, '[)') @> coalesce(%(on)s::date, current_date)
        )
        SELECT b.building_id, b.name, b.address, b.built_year, b.structure, b.floors, b.floor_area_m2, b.seismic,
               b.ledger_no, b.use_class, b.extendable, b.acquired_on, b.acquired_yen, b.useful_life, b.depreciated_yen,
               b.quality, b.source, coalesce(x.used, '{}') AS used, coalesce(x.names, '{}') AS facility_names,
               x.kind, x.district_no
        FROM building b
        LEFT JOIN LATERAL (
            SELECT jsonb_object_agg(facility_id, floor_area_m2) AS used, array_agg(name ORDER BY facility_id) AS names,
                   (array_agg(kind ORDER BY floor_area_m2 DESC NULLS LAST, facility_id))[1] AS kind,
                   (array_agg(district_no ORDER BY floor_area_m2 DESC NULLS LAST, facility_id))[1] AS district_no
            FROM used WHERE used.building_id = b.building_id
        ) x ON true
        WHERE b.municipality_code = %(m)s AND (%(id)s::text IS NULL OR x.used ? %(id)s)
          AND (b.demolished_on IS NULL OR b.demolished_on > coalesce(%(on)s::date, current_date))
        ORDER BY b.building_id
        """,
        {**ref.args, "on": on, "id": facility_id},
    )
    return [StockRow(**row) for row in rows]


def demolished(conn: Connection, ref: Ref, facility_id: str, *, on: date | None = None) -> list[Demolished]:
    """Buildings the facility has used that were taken down by the day `on` (default today), by day."""
    rows = conn.execute(
        """
        SELECT building_id, name, demolished_on, quality, source FROM building
        WHERE municipality_code = %(m)s AND demolished_on <= coalesce(%(on)s::date, current_date)
          AND building_id IN (SELECT building_id FROM facility_building
                              WHERE municipality_code = %(m)s AND facility_id = %(id)s)
        ORDER BY demolished_on, building_id
        """,
        {**ref.args, "on": on, "id": facility_id},
    )
    return [Demolished(**row) for row in rows]


def inspections(conn: Connection, ref: Ref, *, latest: bool = False) -> list[Inspection]:
    """Inspections by building, the newest first (`latest`: it alone); needs the staff audience."""
    rows = _rows(
        conn,
        ref,
        """
        SELECT building_id, inspected_on, roof, outer_wall, inside, electricity, machinery, inspector, quality, source
        FROM building_inspection WHERE municipality_code = %(m)s ORDER BY building_id, inspected_on DESC
        """,
    )
    found = [Inspection(**row) for row in rows]
    if not latest:
        return found
    return list({item.building_id: item for item in reversed(found)}.values())[::-1]


def works(conn: Connection, ref: Ref) -> list[Work]:
    """Works by building and year; needs the staff audience."""
    rows = _rows(
        conn,
        ref,
        """
        SELECT building_id, work_no, fiscal_year, kind, cost_yen, note, quality, source
        FROM building_work WHERE municipality_code = %(m)s ORDER BY building_id, fiscal_year, work_no
        """,
    )
    return [Work(**row) for row in rows]


def stages(conn: Connection, ref: Ref) -> list[Stage]:
    """Judgements by facility, the newest first, which holds; needs the staff audience."""
    rows = _rows(
        conn,
        ref,
        """
        SELECT facility_id, decided_on, stage, reason, decided_by, entered_at, entered_by, evaluation, quality, source
        FROM facility_stage WHERE municipality_code = %(m)s ORDER BY facility_id, decided_on DESC
        """,
    )
    return [Stage(**row) for row in rows]


def _rows(conn: Connection, ref: Ref, query: str) -> list[dict[str, Any]]:
    return conn.execute(query, ref.args).fetchall()
