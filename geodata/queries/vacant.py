"""Vacant houses, for staff only: the public role has no right on their schema."""

from __future__ import annotations

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
