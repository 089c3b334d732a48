"""Vacant houses, for staff only: the public role has no right on their schema."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from geodata.database import Connection
from geodata.queries.generation import Ref


def houses(conn: Connection, ref: Ref) -> list[dict[str, Any]]:
    """Vacant-house records of the generation by id (needs the staff audience)."""
    return conn.execute(
        """
        SELECT house_id, state, rank, address, structure, floors, floor_area_m2, largest_room_m2, built_year,
               confirmed_on, seismic, road_access, hazard, owner_willing, consented_to, consented_on, neglected,
               certificate, use_district, office_answer, capacity, price_yen,
               ST_X(geom) AS lon, ST_Y(geom) AS lat
        FROM kyodo_vacant.vacant_house
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'vacant-houses')
        ORDER BY house_id
        """,
        ref.args,
    ).fetchall()


@dataclass(frozen=True, slots=True)
class House:
    """A house as the planning of halls sees it: in degrees and metres, with the district and the first association whose
    area covers it (None: none does). The rest is as recorded; None is unknown."""

    house_id: str
    state: str
    rank: str | None
    address: str
    structure: str | None
    floors: int | None
    floor_area_m2: float | None
    largest_room_m2: float | None
    built_year: int | None
    confirmed_on: date | None
    seismic: str | None
    road_access: bool | None
    hazard: str | None
    owner_willing: bool | None
    consented_to: list[str]
    consented_on: date | None
    neglected: bool | None
    certificate: bool | None
    use_district: str | None
    office_answer: str | None
    capacity: int | None
    price_yen: int | None
    district_no: int | None
    district: str | None
    association_id: str | None
    association: str | None
    lon: float
    lat: float
    x: float
    y: float


def places(conn: Connection, ref: Ref) -> list[House]:
    """Every house of the generation by id (needs the staff audience)."""
    rows = conn.execute(
        """
        SELECT v.house_id, v.state, v.rank, v.address, v.structure, v.floors, v.floor_area_m2, v.largest_room_m2,
               v.built_year, v.confirmed_on, v.seismic, v.road_access, v.hazard, v.owner_willing, v.consented_to,
               v.consented_on, v.neglected, v.certificate, v.use_district, v.office_answer, v.capacity, v.price_yen,
               d.district_no, d.name AS district, n.association_id, n.name AS association,
               ST_X(v.geom) AS lon, ST_Y(v.geom) AS lat, ST_X(f.flat) AS x, ST_Y(f.flat) AS y
        FROM kyodo_vacant.vacant_house v
        CROSS JOIN LATERAL (SELECT ST_Transform(v.geom, %(plane)s) AS flat) f
        LEFT JOIN LATERAL (
            SELECT district_no, name FROM district_area
            WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'districts')
              AND ST_Covers(geom, v.geom)
            ORDER BY district_no LIMIT 1
        ) d ON true
        LEFT JOIN LATERAL (
            SELECT association_id, name FROM association_area
            WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'associations')
              AND kind = 'association' AND ST_Covers(geom, v.geom)
            ORDER BY association_id LIMIT 1
        ) n ON true
        WHERE v.municipality_code = %(m)s AND v.dataset_id = active_dataset(%(m)s, %(g)s, 'vacant-houses')
        ORDER BY v.house_id
        """,
        {**ref.args, "plane": ref.plane_epsg},
    )
    return [House(**row) for row in rows]


def ids(conn: Connection, ref: Ref) -> list[str]:
    """Their ids in the order of `places` (needs the staff audience)."""
    rows = conn.execute(
        "SELECT house_id FROM kyodo_vacant.vacant_house WHERE municipality_code = %(m)s "
        "AND dataset_id = active_dataset(%(m)s, %(g)s, 'vacant-houses') ORDER BY house_id",
        ref.args,
    )
    return [row["house_id"] for row in rows]
