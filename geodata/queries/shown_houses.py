"""Vacant houses for readers who are not the staff: the listed ones, and those whose owner named the reader's body.

Both are functions of the database (`0041_vacant_readers.sql`): no role of these readers can reach the records themselves.
"""

from __future__ import annotations

from typing import Any

from geodata.database import Connection


def listed(conn: Connection, municipality: str) -> list[dict[str, Any]]:
    """Houses that are listed now, by id (any audience)."""
    return conn.execute(
        "SELECT house_id, address, structure, floors, floor_area_m2, largest_room_m2, built_year, seismic, road_access, "
        "use_district, capacity, quality, source, ST_X(geom) AS lon, ST_Y(geom) AS lat "
        "FROM listed_houses(%s) ORDER BY house_id",
        (municipality,),
    ).fetchall()


def consented(conn: Connection, municipality: str, session_hash: bytes) -> list[dict[str, Any]]:
    """Houses that the person of this session may be told of, by id (audience `PARTNER`); `recipients`: named as whom."""
    return conn.execute("SELECT * FROM consented_houses(%s, %s)", (municipality, session_hash)).fetchall()
