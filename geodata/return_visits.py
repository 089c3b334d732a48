"""Browsers that opened one return with the code of its letter. Audience `AUTH`.

A visit is no session: it belongs to nobody and shows one return. It ends by itself, by being left, and when the return gets
a new code.
"""

from __future__ import annotations

from dataclasses import dataclass

from geodata.database import Connection

HOURS = 12
IDLE_MINUTES = 60
"""A form is filled in beside papers and a telephone; what was saved is kept whatever ends the visit."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Which return a browser may see."""

    fiscal_year: int
    association_id: str
    csrf_token: str


def begin(
    conn: Connection, municipality: str, visit_hash: bytes, fiscal_year: int, association_id: str, csrf_token: str
) -> None:  # fmt: skip
    """Open a visit with the code that has just been typed (`geodata.returns.opened_by`)."""
    conn.execute(
        """
        INSERT INTO return_visit (municipality_code, visit_hash, fiscal_year, association_id, code_hash, csrf_token, expires_at)
        SELECT municipality_code, %(hash)s, fiscal_year, association_id, code_hash, %(csrf)s,
               least(expires_at, now() + make_interval(hours => %(hours)s))
        FROM return_code WHERE municipality_code = %(m)s AND fiscal_year = %(year)s AND association_id = %(id)s
        """,
        {
            "m": municipality, "hash": visit_hash, "year": fiscal_year, "id": association_id, "csrf": csrf_token,
            "hours": HOURS,
        },
    )  # fmt: skip


def find(conn: Connection, municipality: str, visit_hash: bytes) -> Visit | None:
    """The visit of a cookie, seen now; None when it ended, its code was replaced or has run out."""
    row = conn.execute(
        """
        UPDATE return_visit v SET seen_at = now()
        FROM return_code c
        WHERE v.municipality_code = %(m)s AND v.visit_hash = %(hash)s AND v.expires_at > now()
          AND v.seen_at > now() - make_interval(mins => %(idle)s)
          AND c.municipality_code = v.municipality_code AND c.fiscal_year = v.fiscal_year
          AND c.association_id = v.association_id AND c.code_hash = v.code_hash AND c.expires_at > now()
        RETURNING v.fiscal_year, v.association_id, v.csrf_token
        """,
        {"m": municipality, "hash": visit_hash, "idle": IDLE_MINUTES},
    ).fetchone()
    return None if row is None else Visit(**row)


def leave(conn: Connection, municipality: str, visit_hash: bytes) -> None:
    """End a visit."""
    conn.execute(
        "DELETE FROM return_visit WHERE municipality_code = %s AND visit_hash = %s",
        (municipality, visit_hash),
    )


def purge(conn: Connection) -> int:
    """Delete what has ended; how many."""
    return conn.execute(
        "DELETE FROM return_visit WHERE expires_at <= now() OR seen_at <= now() - make_interval(mins => %s)",
        (IDLE_MINUTES,),
    ).rowcount
