"""Sign-ins between their steps: away at the provider, or owing a code. None of them opens anything. Audience `AUTH`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from geodata.database import Connection

PROVIDER, CODE, ENROL = "provider", "code", "enrol"


@dataclass(frozen=True, slots=True)
class Pending:
    """One of them; the last three belong to `provider`, `user_id` to the others."""

    kind: str
    via: str
    next_path: str
    user_id: int | None = None
    state_hash: bytes | None = None
    nonce: str | None = None
    verifier: str | None = None


def add(conn: Connection, municipality: str, token_hash: bytes, pending: Pending, *, minutes: int) -> None:
    """Store one that ends after `minutes`."""
    conn.execute(
        "INSERT INTO pending_sign_in (municipality_code, pending_hash, kind, via, next_path, user_id, state_hash, nonce, "
        "verifier, expires_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, now() + make_interval(mins => %s))",
        (
            municipality, token_hash, pending.kind, pending.via, pending.next_path, pending.user_id, pending.state_hash,
            pending.nonce, pending.verifier, minutes,
        ),
    )  # fmt: skip


def look(conn: Connection, municipality: str, token_hash: bytes, kinds: Collection[str]) -> Pending | None:
    """One that has not ended, of one of the kinds; it stays."""
    row = conn.execute(
        "SELECT kind, via, next_path, user_id, state_hash, nonce, verifier "
        "FROM pending_sign_in WHERE municipality_code = %s AND pending_hash = %s "
        "AND kind = ANY(%s) AND expires_at > now()",
        (municipality, token_hash, list(kinds)),
    ).fetchone()
    return None if row is None else Pending(**row)


def take(conn: Connection, municipality: str, token_hash: bytes, kinds: Collection[str]) -> Pending | None:
    """The same, used up: of two requests at the same moment one gets it."""
    row = conn.execute(
        "DELETE FROM pending_sign_in WHERE municipality_code = %s AND pending_hash = %s "
        "AND kind = ANY(%s) AND expires_at > now() RETURNING kind, via, next_path, user_id, state_hash, nonce, verifier",
        (municipality, token_hash, list(kinds)),
    ).fetchone()
    return None if row is None else Pending(**row)
