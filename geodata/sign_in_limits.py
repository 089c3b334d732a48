"""How often one source may try to sign in, and how often one name that has no account yet.

Counted in the database, so that all workers share the limit. Audience `AUTH`.
"""

from __future__ import annotations

import math

from geodata.database import Connection

WINDOW_MINUTES = 10


def take(conn: Connection, municipality: str, source_hash: bytes, *, most: int) -> int | None:
    """Count an attempt before it is made. Seconds to wait when there were `most` in the window already, else None.

    Counting first, in one statement, means that attempts sent at the same moment are all counted.
    """
    row = conn.execute(
        """
        INSERT INTO sign_in_rate AS r (municipality_code, source_hash) VALUES (%(m)s, %(source)s)
        ON CONFLICT (municipality_code, source_hash) DO UPDATE SET
            attempts = CASE WHEN r.began_at <= now() - make_interval(mins => %(window)s) THEN 1
                            ELSE least(r.attempts + 1, 1000000) END,
            began_at = CASE WHEN r.began_at <= now() - make_interval(mins => %(window)s) THEN now() ELSE r.began_at END
        RETURNING attempts, extract(epoch FROM began_at + make_interval(mins => %(window)s) - now())::float AS left_s
        """,
        {"m": municipality, "source": source_hash, "window": WINDOW_MINUTES},
    ).fetchone()
    assert row is not None
    return max(1, math.ceil(row["left_s"])) if row["attempts"] > most else None


def give_back(conn: Connection, municipality: str, source_hash: bytes) -> None:
    """The attempt was a good one: it does not count."""
    conn.execute(
        "UPDATE sign_in_rate SET attempts = greatest(attempts - 1, 0) WHERE municipality_code = %s AND source_hash = %s",
        (municipality, source_hash),
    )
