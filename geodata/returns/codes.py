"""Codes that open the web form of one return: printed in the letter, kept as a hash, good until a day."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from datetime import datetime

from geodata.database import Connection
from geodata.edits.history import tell
from geodata.returns.rows import locked, target

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Signs that nobody mistakes for one another on paper."""
CODE_LENGTH = 16
"""Of 31 signs: 79 bits, so that a plain hash is enough."""


def issue(
    conn: Connection, code: str, fiscal_year: int, association_id: str, *, until: datetime, actor: str
) -> str:
    """Make a code in place of the former one; returns it as it is printed (four groups), the only time it is seen."""
    printed = new_code()
    keep_code(conn, code, fiscal_year, association_id, printed, until=until, actor=actor)
    return printed


def new_code() -> str:
    """A code as it is printed, that opens nothing before it is kept."""
    plain = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    return "-".join(plain[place : place + 4] for place in range(0, CODE_LENGTH, 4))


def keep_code(
    conn: Connection, code: str, fiscal_year: int, association_id: str, printed: str, *, until: datetime, actor: str
) -> None:  # fmt: skip
    """From now on `printed` opens the return, and the former code no more."""
    locked(conn, code, fiscal_year, association_id, None)
    conn.execute(
        """
        INSERT INTO return_code (municipality_code, fiscal_year, association_id, code_hash, expires_at, created_by)
        VALUES (%s, %s, %s, %s, %s, %s)
        ON CONFLICT (municipality_code, fiscal_year, association_id) DO UPDATE
        SET code_hash = excluded.code_hash, expires_at = excluded.expires_at, created_at = now(),
            created_by = excluded.created_by, last_used_at = NULL
        """,
        (code, fiscal_year, association_id, _hash(printed), until, actor),
    )
    tell(
        conn,
        code,
        actor,
        "edit.return.code",
        target(fiscal_year, association_id),
        None,
        None,
        until=str(until),
    )


def opened_by(conn: Connection, code: str, typed: str) -> tuple[int, str] | None:
    """Fiscal year and association of a code as somebody typed it; None when no code that holds is like it.

    Audience `AUTH`. Notes the use.
    """
    row = conn.execute(
        """
        UPDATE return_code SET last_used_at = now()
        WHERE municipality_code = %s AND code_hash = %s AND expires_at > now()
        RETURNING fiscal_year, association_id
        """,
        (code, _hash(typed)),
    ).fetchone()
    return None if row is None else (row["fiscal_year"], row["association_id"])


def _hash(typed: str) -> bytes:
    """Of the bare signs: groups, spaces, small and wide letters are all the same code."""
    plain = unicodedata.normalize("NFKC", typed[:200]).upper()
    return hashlib.sha256("".join(sign for sign in plain if sign.isalnum()).encode()).digest()
