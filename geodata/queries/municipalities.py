"""Municipalities this database serves: page by page, and those whose outline holds a point."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from geodata.database import Connection
from kyodo_geo.crs import WGS84


@dataclass(frozen=True, slots=True)
class Served:
    """One municipality; generation and day are None while nothing has been activated."""

    municipality_code: str
    name: str
    pref_name: str
    revision: int
    generation_no: int | None
    activated_at: datetime | None


def page(conn: Connection, *, after: str | None = None, limit: int = 100) -> tuple[list[Served], str | None]:
    """Municipalities by code behind `after`, and the code after which the next page begins (None: no more)."""
    rows = conn.execute(
        """
        SELECT m.municipality_code, m.name, m.pref_name, m.revision, g.generation_no, g.activated_at
        FROM municipality m
        LEFT JOIN LATERAL (
            SELECT generation_no, activated_at FROM generation
            WHERE municipality_code = m.municipality_code ORDER BY generation_no DESC LIMIT 1
        ) g ON true
        WHERE m.municipality_code > %(after)s ORDER BY m.municipality_code LIMIT %(limit)s
        """,
        {"after": after or "", "limit": limit + 1},
    ).fetchall()
    found = [Served(**row) for row in rows[:limit]]
    return found, found[-1].municipality_code if len(rows) > limit else None


def count(conn: Connection) -> int:
    """How many there are."""
    row = conn.execute("SELECT count(*)::int AS n FROM municipality").fetchone()
    assert row is not None
    found: int = row["n"]
    return found


def at_point(conn: Connection, lon: float, lat: float) -> list[Served]:
    """Those whose active outline holds the point (degrees), its edge included, by code: none, one, or several at a border."""
    rows = conn.execute(
        """
        WITH place AS (SELECT ST_SetSRID(ST_Point(%(lon)s, %(lat)s), %(srid)s) AS at)
        SELECT DISTINCT m.municipality_code, m.name, m.pref_name, m.revision, g.generation_no, g.activated_at
        FROM place
        JOIN outline o ON ST_Covers(o.geom, place.at)
        JOIN municipality m USING (municipality_code)
        JOIN LATERAL (
            SELECT generation_no, activated_at FROM generation
            WHERE municipality_code = m.municipality_code ORDER BY generation_no DESC LIMIT 1
        ) g ON true
        JOIN generation_dataset d ON d.municipality_code = m.municipality_code AND d.generation_no = g.generation_no
            AND d.kind = 'outline' AND d.dataset_id = o.dataset_id
        ORDER BY m.municipality_code
        """,
        {"lon": lon, "lat": lat, "srid": WGS84},
    ).fetchall()
    return [Served(**row) for row in rows]
