"""Neighbourhood halls (自治公民館) with their grants, for staff: a rented hall may be somebody's house."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from geodata.database import Connection
from geodata.queries.generation import Ref


@dataclass(frozen=True, slots=True)
class HallRow:
    """A hall; `grants` are its subsidies: fiscal_year, kind, work, amount_yen, quality, source, newest first."""

    hall_id: str
    association_id: str | None
    association: str | None
    district_no: int | None
    name: str
    address: str | None
    floor_area_m2: float | None
    built_year: int | None
    confirmed_on: date | None
    ownership: str | None
    lon: float | None
    lat: float | None
    x: float | None
    y: float | None
    grants: list[dict[str, Any]]


def halls(conn: Connection, ref: Ref) -> list[HallRow]:
    """Halls of the generation by id; needs the staff audience."""
    rows = conn.execute(
        """
        SELECT h.hall_id, h.association_id, n.name AS association, p.district_no, h.name, h.address, h.floor_area_m2,
               h.built_year, h.confirmed_on, h.ownership, ST_X(h.geom) AS lon, ST_Y(h.geom) AS lat,
               ST_X(f.flat) AS x, ST_Y(f.flat) AS y, coalesce(s.items, '[]') AS grants
        FROM hall h
        CROSS JOIN LATERAL (SELECT ST_Transform(h.geom, %(plane)s) AS flat) f
        LEFT JOIN association_area n ON n.municipality_code = h.municipality_code
            AND n.association_id = h.association_id AND n.dataset_id = active_dataset(%(m)s, %(g)s, 'associations')
        LEFT JOIN association_districts(%(m)s, %(g)s) p ON p.association_id = h.association_id
        LEFT JOIN LATERAL (
            SELECT jsonb_agg(jsonb_build_object('fiscal_year', fiscal_year, 'kind', kind, 'work', work,
                       'amount_yen', amount_yen, 'quality', quality, 'source', source)
                       ORDER BY fiscal_year DESC, subsidy_id) AS items
            FROM hall_subsidy WHERE municipality_code = h.municipality_code AND hall_id = h.hall_id
        ) s ON true
        WHERE h.municipality_code = %(m)s AND h.dataset_id = active_dataset(%(m)s, %(g)s, 'halls')
        ORDER BY h.hall_id
        """,
        {**ref.args, "plane": ref.plane_epsg},
    )
    return [HallRow(**row) for row in rows]
