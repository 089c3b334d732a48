"""One-time codes and recovery codes of users. Secrets arrive here encrypted, codes hashed. Audience `AUTH`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from geodata.audit import record
from geodata.database import Connection

SETUP_MINUTES = 15
"""How long a secret that was shown waits for its first code."""


@dataclass(frozen=True, slots=True)
class Totp:
    """A user's secret, encrypted; `confirmed`: it is in force."""

    sealed_secret: str
    confirmed: bool


def totp_of(conn: Connection, municipality: str, user_id: int, begun_by: bytes | None = None) -> Totp | None:
    """The secret in force, or the one that this sign-in began a short time ago and that waits for its first code.

    A secret that somebody else with the same password began is nobody's to see: they could enrol in the owner's place.
    """
    row = conn.execute(
        "SELECT sealed_secret, confirmed_at IS NOT NULL AS confirmed FROM user_totp "
        "WHERE municipality_code = %s AND user_id = %s "
        "AND (confirmed_at IS NOT NULL OR begun_by = %s AND created_at > now() - make_interval(mins => %s))",
        (municipality, user_id, begun_by, SETUP_MINUTES),
    ).fetchone()
    return None if row is None else Totp(**row)


def begin(conn: Connection, municipality: str, user_id: int, sealed_secret: str, begun_by: bytes) -> bool:
    """Note a new secret that is not in force yet, in place of any other such one; False when one is in force."""
    return bool(
        conn.execute(
            "INSERT INTO user_totp (municipality_code, user_id, sealed_secret, begun_by) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (municipality_code, user_id) DO UPDATE SET sealed_secret = excluded.sealed_secret, "
            "begun_by = excluded.begun_by, created_at = now(), last_step = NULL WHERE user_totp.confirmed_at IS NULL",
            (municipality, user_id, sealed_secret, begun_by),
        ).rowcount
    )


def confirm(
    conn: Connection,
    municipality: str,
    user_id: int,
    login: str,
    step: int,
    code_hashes: Iterable[bytes],
    *,
    sealed_secret: str,
    begun_by: bytes,
) -> bool:
    """Put the secret in force with its first code's step and the recovery codes.

    False when one is in force already, or when another was begun since the code was compared with this one.
    """
    done = conn.execute(
        "UPDATE user_totp SET confirmed_at = now(), last_step = %s "
        "WHERE municipality_code = %s AND user_id = %s AND confirmed_at IS NULL AND sealed_secret = %s AND begun_by = %s",
        (step, municipality, user_id, sealed_secret, begun_by),
    ).rowcount
    if not done:
        return False
    set_codes(conn, municipality, user_id, code_hashes)
    record(conn, municipality, login, "user.totp", login, kind="sign-in")
    return True


def use_step(conn: Connection, municipality: str, user_id: int, step: int) -> bool:
    """Take a code of that step; False when it, or a later one, was taken before: no code works twice."""
    return bool(
        conn.execute(
            "UPDATE user_totp SET last_step = %(step)s WHERE municipality_code = %(m)s AND user_id = %(user)s "
            "AND confirmed_at IS NOT NULL AND (last_step IS NULL OR last_step < %(step)s)",
            {"m": municipality, "user": user_id, "step": step},
        ).rowcount
    )


def use_code(conn: Connection, municipality: str, user_id: int, code_hash: bytes) -> bool:
    """Use a recovery code up; False when there is no such one left."""
    return bool(
        conn.execute(
            "UPDATE recovery_code SET used_at = now() WHERE municipality_code = %s AND user_id = %s "
            "AND code_hash = %s AND used_at IS NULL",
            (municipality, user_id, code_hash),
        ).rowcount
    )


def set_codes(conn: Connection, municipality: str, user_id: int, code_hashes: Iterable[bytes]) -> None:
    """Replace the recovery codes."""
    conn.execute(
        "DELETE FROM recovery_code WHERE municipality_code = %s AND user_id = %s", (municipality, user_id)
    )
    conn.execute(
        "INSERT INTO recovery_code (municipality_code, user_id, code_hash) SELECT %s, %s, unnest(%s::bytea[])",
        (municipality, user_id, list(code_hashes)),
    )


def remove(conn: Connection, municipality: str, user_id: int, login: str, *, by: str) -> bool:
    """Take secret and codes away; False when there was no secret. Who may, and what ends with it, is the caller's to decide."""
    conn.execute(
        "DELETE FROM recovery_code WHERE municipality_code = %s AND user_id = %s", (municipality, user_id)
    )
    gone = conn.execute(
        "DELETE FROM user_totp WHERE municipality_code = %s AND user_id = %s", (municipality, user_id)
    ).rowcount
    if gone:
        record(conn, municipality, by, "user.totp-remove", login)
    return bool(gone)
