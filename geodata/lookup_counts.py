"""Counters of lookups by day, channel, outcome, town, district and office: no address, no person. Audience `AUTH`.

Whoever counts lookups writes the log of lookups too (`geodata.lookup_log`): the same sorts with their time and who was
signed in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from geodata import lookup_log
from geodata.database import Connection


@dataclass(frozen=True, slots=True)
class Count:
    """How many lookups of one sort; texts are empty and the district 0 where there is none."""

    municipality: str
    channel: str
    outcome: str
    town: str
    key_id: str
    lookups: int
    data_faults: int
    office_id: str = ""
    district_no: int = 0
    login: str = ""
    """Who was signed in; for the log alone."""


def add(conn: Connection, counts: Iterable[Count]) -> None:
    """Add a batch to today's counters (Japan time) and write it into the log of lookups.

    In one order, so that two workers never wait in a circle.
    """
    counts = list(counts)
    lookup_log.add(conn, counts)
    rows = sorted(
        (
            c.municipality,
            c.channel,
            c.outcome,
            c.town,
            c.key_id,
            c.office_id,
            c.district_no,
            c.lookups,
            c.data_faults,
        )
        for c in counts
    )
    with conn.cursor() as cursor:
        cursor.executemany(
            """
            INSERT INTO lookup_count (municipality_code, day, channel, outcome, town, key_id, office_id, district_no,
                                      lookups, data_faults)
            SELECT %s, (now() AT TIME ZONE 'Asia/Tokyo')::date, %s, %s, %s, %s, %s, %s, %s, %s
            ON CONFLICT (municipality_code, day, channel, outcome, town, key_id, office_id, district_no) DO UPDATE
            SET lookups = lookup_count.lookups + excluded.lookups,
                data_faults = lookup_count.data_faults + excluded.data_faults
            """,
            rows,
        )


def purge(conn: Connection, *, keep_days: int) -> int:
    """Delete counters older than `keep_days`; returns how many rows."""
    return conn.execute(
        "DELETE FROM lookup_count WHERE day < (now() AT TIME ZONE 'Asia/Tokyo')::date - %s", (keep_days,)
    ).rowcount
