"""Public facilities with their buildings, rooms and yearly figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from geodata.database import Connection
from geodata.queries.generation import Ref


@dataclass(frozen=True, slots=True)
class FacilityRow:
    """One facility; each building, room and year carries its own `quality`. Unknown is None."""

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
    buildings: list[dict[str, Any]]
    rooms: list[dict[str, Any]]
    years: list[dict[str, Any]]


def facilities(
    conn: Connection,
    ref: Ref,
    *,
    kind: str | None = None,
    activity: bool | None = None,
    on: date | None = None,
) -> list[FacilityRow]:
    """Facilities by id, those in service on the day `on` (default today)."""
    rows = conn.execute(
        """
        WITH day AS (SELECT coalesce(%(day)s::date, current_date) AS d)
        SELECT f.facility_id AS id, f.name, f.kana, f.kind, f.activity, f.address, f.operator, f.capacity,
               f.opened_on, f.closed_on, ST_X(f.geom) AS lon, ST_Y(f.geom) AS lat,
               coalesce(b.items, '[]') AS buildings, coalesce(r.items, '[]') AS rooms, coalesce(y.items, '[]') AS years
        FROM facility_site f
        LEFT JOIN LATERAL (
            SELECT jsonb_agg(jsonb_build_object('id', g.building_id, 'name', g.name, 'built_year', g.built_year,
                       'structure', g.structure, 'floors', g.floors, 'floor_area_m2', g.floor_area_m2,
                       'used_area_m2', u.floor_area_m2, 'seismic', g.seismic, 'quality', g.quality,
                       'source', g.source) ORDER BY g.building_id) AS items
            FROM facility_building u JOIN building g USING (municipality_code, building_id)
            WHERE u.municipality_code = f.municipality_code AND u.facility_id = f.facility_id
              AND daterange(u.valid_from, u.valid_to, '[)') @> (SELECT d FROM day)
              AND (g.demolished_on IS NULL OR g.demolished_on > (SELECT d FROM day))
        ) b ON true
        LEFT JOIN LATERAL (
            SELECT jsonb_agg(jsonb_build_object('no', room_no, 'name', name, 'area_m2', area_m2,
                       'capacity', capacity, 'quality', quality, 'source', source) ORDER BY room_no) AS items
            FROM room WHERE municipality_code = f.municipality_code AND facility_id = f.facility_id
              AND daterange(valid_from, valid_to, '[)') @> (SELECT d FROM day)
        ) r ON true
        LEFT JOIN LATERAL (
            SELECT jsonb_agg(jsonb_build_object('fiscal_year', fiscal_year, 'users', users, 'cost_yen', cost_yen,
                       'quality', quality, 'source', source) ORDER BY fiscal_year) AS items
            FROM facility_year WHERE municipality_code = f.municipality_code AND facility_id = f.facility_id
        ) y ON true
        WHERE f.municipality_code = %(m)s AND f.dataset_id = active_dataset(%(m)s, %(g)s, 'facilities')
          AND (%(kind)s::text IS NULL OR f.kind = %(kind)s)
          AND (%(activity)s::boolean IS NULL OR f.activity = %(activity)s)
          AND daterange(f.opened_on, f.closed_on, '[)') @> (SELECT d FROM day)
        ORDER BY f.facility_id
        """,
        {**ref.args, "kind": kind, "activity": activity, "day": on},
    )
    return [FacilityRow(**row) for row in rows]
