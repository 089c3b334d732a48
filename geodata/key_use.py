"""What the workers share about keys: when each was last used, and how much all of them answered it in this minute.

Both are written once a second at most, by one statement for all keys. Audience `AUTH`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from geodata.database import Connection


def used(conn: Connection, municipality: str, times: Mapping[str, float]) -> None:
    """Note the last use (seconds since 1970) of each key; keys that are gone are left out."""
    numbers = sorted(times)
    conn.execute(
        """
        INSERT INTO partner_key_use (municipality_code, key_id, last_used_at)
        SELECT k.municipality_code, k.key_id, date_trunc('second', u.at)
        FROM unnest(%s::text[], %s::timestamptz[]) AS u (key_id, at)
        JOIN partner_key k ON k.municipality_code = %s AND k.key_id = u.key_id
        ORDER BY k.key_id
        ON CONFLICT (municipality_code, key_id)
        DO UPDATE SET last_used_at = greatest(partner_key_use.last_used_at, excluded.last_used_at)
        """,
        (numbers, [datetime.fromtimestamp(times[key], UTC) for key in numbers], municipality),
    )


def share_minute(conn: Connection, municipality: str, minute: int, rows: Mapping[str, int]) -> dict[str, int]:
    """Add what this process answered each key in the minute; returns what all processes together did."""
    numbers = sorted(rows)
    found = conn.execute(
        """
        INSERT INTO partner_key_minute (municipality_code, key_id, minute, rows)
        SELECT %(m)s, u.key_id, %(minute)s, u.rows FROM unnest(%(keys)s::text[], %(rows)s::int[]) AS u (key_id, rows)
        ORDER BY u.key_id
        ON CONFLICT (municipality_code, key_id) DO UPDATE SET
            rows = CASE WHEN partner_key_minute.minute = excluded.minute THEN partner_key_minute.rows + excluded.rows
                        WHEN partner_key_minute.minute > excluded.minute THEN partner_key_minute.rows
                        ELSE excluded.rows END,
            minute = greatest(partner_key_minute.minute, excluded.minute)
        RETURNING key_id, minute, rows
        """,
        {"m": municipality, "minute": minute, "keys": numbers, "rows": [rows[key] for key in numbers]},
    )
    return {row["key_id"]: row["rows"] for row in found if row["minute"] == minute}
