"""Rows of single datasets that files are compared with before they are stored."""

from __future__ import annotations

from datetime import date

from geodata.database import Connection, active_generation
from kyodo_geo.lookup_types import Town


def towns_of(conn: Connection, municipality: str, dataset_id: int | None) -> tuple[Town, ...]:
    """Towns of a dataset that still exist, in the order of its keys; none without a dataset."""
    rows = conn.execute(
        """
        SELECT town_id, name, koaza, oaza, chome, jiwari, kana, postal_code, level, aliases,
               ST_X(geom) AS lon, ST_Y(geom) AS lat, accuracy_m, valid_to
        FROM town
        WHERE municipality_code = %s AND dataset_id = %s AND valid_to IS NULL
        ORDER BY town_id
        """,
        (municipality, dataset_id),
    )
    return tuple(Town(**{**row, "aliases": tuple(row["aliases"])}) for row in rows)


def blocks_of(
    conn: Connection, municipality: str, dataset_id: int | None
) -> tuple[tuple[str, str | None, str], ...]:
    """Town, 小字 and 番 of every block of a dataset."""
    rows = conn.execute(
        """
        SELECT DISTINCT town, koaza, block FROM block
        WHERE municipality_code = %s AND dataset_id = %s
        ORDER BY town, koaza, block
        """,
        (municipality, dataset_id),
    )
    return tuple((row["town"], row["koaza"], row["block"]) for row in rows)


def association_facts(
    conn: Connection, municipality: str, dataset_id: int | None
) -> tuple[dict[str, str] | None, frozenset[str]]:
    """Names by id (None without a dataset), and the ids of associations of one building."""
    if dataset_id is None:
        return None, frozenset()
    rows = conn.execute(
        "SELECT association_id, name, kind FROM association_area WHERE municipality_code = %s AND dataset_id = %s",
        (municipality, dataset_id),
    ).fetchall()
    names = {row["association_id"]: row["name"] for row in rows}
    return names, frozenset(row["association_id"] for row in rows if row["kind"] == "building")


def districts_of_associations(conn: Connection, municipality: str, dataset_id: int | None) -> dict[str, int]:
    """Id → district of the active generation, for the associations of a dataset that are in one."""
    rows = conn.execute(
        """
        SELECT a.association_id, d.district_no
        FROM association_area a
        JOIN association_districts(%(m)s, %(g)s) d USING (association_id)
        WHERE a.municipality_code = %(m)s AND a.dataset_id = %(id)s AND d.district_no IS NOT NULL
        """,
        {"m": municipality, "g": active_generation(conn, municipality), "id": dataset_id},
    )
    return {row["association_id"]: row["district_no"] for row in rows}


def today_of(conn: Connection) -> date:
    """The day in Japan, by the database's clock."""
    row = conn.execute("SELECT (now() AT TIME ZONE 'Asia/Tokyo')::date AS today").fetchone()
    assert row is not None
    found: date = row["today"]
    return found
