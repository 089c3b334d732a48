"""Counters of leaflets handed out by day, association, form and office: no person. Audience `AUTH`."""

from __future__ import annotations

from geodata.database import Connection


def add(
    conn: Connection, municipality: str, association_id: str, form: str, copies: int, *, office: str = ""
) -> None:
    """Add `copies` to today's counter (Japan time); `office` is empty where no partner's office hands out."""
    conn.execute(
        """
        INSERT INTO leaflet_count (municipality_code, day, association_id, form, office_id, copies)
        VALUES (%s, (now() AT TIME ZONE 'Asia/Tokyo')::date, %s, %s, %s, %s)
        ON CONFLICT (municipality_code, day, association_id, form, office_id) DO UPDATE
        SET copies = leaflet_count.copies + excluded.copies
        """,
        (municipality, association_id, form, office, copies),
    )
