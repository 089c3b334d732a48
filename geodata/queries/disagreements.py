"""How often lookups met a contradiction of rules and areas, by town. Audience `STAFF`; no address is kept anywhere."""

from __future__ import annotations

from geodata.database import Connection


def disagreements(conn: Connection, municipality: str, *, days: int) -> list[tuple[str, int]]:
    """(town, lookups) of the last `days` days, most first; the town is empty where a point was asked."""
    rows = conn.execute(
        """
        SELECT town, sum(data_faults) AS met FROM lookup_count
        WHERE municipality_code = %(m)s AND data_faults > 0
          AND day > (now() AT TIME ZONE 'Asia/Tokyo')::date - %(days)s
        GROUP BY town ORDER BY met DESC, town
        """,
        {"m": municipality, "days": days},
    )
    return [(row["town"], int(row["met"])) for row in rows]
