"""Who a user is at the city's sign-in service (issuer and subject) or in its directory. Audience `AUTH`."""

from __future__ import annotations

import psycopg

from geodata.audit import record
from geodata.database import Connection
from kyodo_geo.errors import ConflictError

FIRST_SIGN_IN = "first sign-in"


def user_of(conn: Connection, municipality: str, issuer: str, subject: str) -> int | None:
    """Number of the user the identity is linked to."""
    row = conn.execute(
        "UPDATE user_identity SET last_used_at = now() WHERE municipality_code = %s AND issuer = %s AND subject = %s "
        "RETURNING user_id",
        (municipality, issuer, subject),
    ).fetchone()
    return None if row is None else int(row["user_id"])


def subject_of(conn: Connection, municipality: str, issuer: str, user_id: int) -> str | None:
    """The identity a user is linked to at an issuer."""
    row = conn.execute(
        "SELECT subject FROM user_identity WHERE municipality_code = %s AND issuer = %s AND user_id = %s",
        (municipality, issuer, user_id),
    ).fetchone()
    return None if row is None else str(row["subject"])


def link(
    conn: Connection, municipality: str, issuer: str, subject: str, user_id: int, login: str, *, by: str
) -> None:
    """Link a user; raises `ConflictError` when either of both is linked already."""
    try:
        with conn.transaction():
            conn.execute(
                "INSERT INTO user_identity (municipality_code, issuer, subject, user_id, linked_by, last_used_at) "
                "VALUES (%s, %s, %s, %s, %s, CASE WHEN %s THEN now() END)",
                (municipality, issuer, subject, user_id, by, by == FIRST_SIGN_IN),
            )
    except psycopg.errors.UniqueViolation:
        raise ConflictError(
            f"利用者「{login}」か、認証システムの利用者は、すでに別の相手と結び付いています。", login=login
        ) from None
    record(
        conn, municipality, login if by == FIRST_SIGN_IN else by, "user.identity", login, {"issuer": issuer}
    )


def unlink(conn: Connection, municipality: str, user_id: int, login: str, *, by: str) -> int:
    """Forget every identity of a user; returns how many."""
    gone = conn.execute(
        "DELETE FROM user_identity WHERE municipality_code = %s AND user_id = %s", (municipality, user_id)
    ).rowcount
    if gone:
        record(conn, municipality, by, "user.unlink", login)
    return gone
