"""The chain of the audit log: its head, whether it holds, and shortening it at its old end.

`verify` computes every hash here, from the rows as they stand, and uses no function of the database that somebody with
the rights of a superuser could have replaced. What such a person can still do is write the whole chain anew, or take
entries off its end: only a head that was kept elsewhere tells (`against`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geodata.audit import record
from geodata.database import Connection

BEGINNING = bytes(32)
SHORTEST_DAYS = 366
"""The database removes nothing younger (`kyodo.purge_audit`)."""
AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry of a chain; 0 and zeros where there is none."""

    chain_no: int
    hash: bytes
    at: datetime | None = None

    def __str__(self) -> str:
        return f"{self.chain_no}:{self.hash.hex()}"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a walk along the chain came to. `broken` is None, or what is wrong first; `chain_no`, `entry_no`: where."""

    entries: int
    head: Head
    broken: str | None = None
    chain_no: int | None = None
    entry_no: int | None = None
    removed: int = 0
    """Place up to which entries were removed in time (retention)."""


def head(conn: Connection, municipality: str) -> Head:
    """The head now (audience `STAFF` or `AUTH`)."""
    row = conn.execute(
        "SELECT c.chain_no, c.entry_hash, a.at FROM audit_chain c LEFT JOIN audit a USING (municipality_code, entry_no) "
        "WHERE municipality_code = %s ORDER BY chain_no DESC LIMIT 1",
        (municipality,),
    ).fetchone()
    return Head(0, BEGINNING) if row is None else Head(row["chain_no"], row["entry_hash"], row["at"])


def read_head(text: str) -> Head:
    """A head as `str(Head)` writes it; raises ValueError."""
    number, _, digest = text.strip().partition(":")
    found = Head(int(number), bytes.fromhex(digest))
    if len(found.hash) != len(BEGINNING) or found.chain_no < 0:
        raise ValueError(text)
    return found


_ROWS = """
    SELECT c.chain_no, c.entry_no, c.entry_hash, a.entry_no AS found, a.municipality_code,
           to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') AS at,
           a.actor, a.action, a.target, a.details::text AS details, a.action_kind, a.at AS moment
    FROM audit_chain c LEFT JOIN audit a ON a.municipality_code = c.municipality_code AND a.entry_no = c.entry_no
    WHERE c.municipality_code = %s ORDER BY c.chain_no
"""
_BESIDE = """
    SELECT a.entry_no FROM audit a
    WHERE a.municipality_code = %s AND NOT EXISTS (
        SELECT FROM audit_chain c WHERE c.municipality_code = a.municipality_code AND c.entry_no = a.entry_no)
    ORDER BY a.entry_no LIMIT 1
"""
_REMOVED = """
    SELECT a.details FROM audit a JOIN audit_chain c USING (municipality_code, entry_no)
    WHERE a.municipality_code = %s AND a.action = 'audit.purge' ORDER BY c.chain_no DESC
"""


def entry_hash(before: bytes, chain_no: int, row: dict[str, Any]) -> bytes:
    """SHA-256 of an entry at a place behind the hash `before`; the same as `kyodo.audit_hash`."""
    values = (
        str(chain_no), row["municipality_code"], str(row["entry_no"]), row["at"], row["actor"], row["action"],
        row["target"], row["details"], row["action_kind"],
    )  # fmt: skip
    return hashlib.sha256(before + b"".join(map(_field, values))).digest()


def _field(value: str | None) -> bytes:
    if value is None:
        return b"-,"
    held = value.encode()
    return b"%d:%b," % (len(held), held)


def verify(conn: Connection, municipality: str, *, against: Iterable[Head] = ()) -> Finding:
    """Walk the whole chain (streaming) and tell the first thing that is wrong.

    `against`: heads kept elsewhere; the chain must pass through each that is not removed by now.
    """
    before, place, removed, fault = _start(conn, municipality)
    kept = {known.chain_no: known.hash for known in against if known.chain_no > removed}
    entries = 0
    moment: datetime | None = None

    def found(broken: str | None = None, at: int | None = None, entry: int | None = None) -> Finding:
        return Finding(entries, Head(place, before, moment), broken, at, entry, removed)

    if fault:
        return found(fault, place + 1)
    with conn.cursor(name="audit_chain") as rows:
        rows.itersize = AT_ONCE
        for row in rows.execute(_ROWS, (municipality,)):
            if row["chain_no"] != place + 1:
                return found("記録が抜けています（鎖の番号が続いていません）", place + 1)
            if row["found"] is None:
                return found("記録が消されています", place + 1, row["entry_no"])
            made = entry_hash(before, place + 1, row)
            if made != row["entry_hash"]:
                return found(
                    "記録の内容か順番が変えられています（ハッシュが合いません）", place + 1, row["entry_no"]
                )
            if kept.pop(place + 1, made) != made:
                return found("控えのハッシュと違います（鎖が作り直されています）", place + 1, row["entry_no"])
            before, place, moment = made, place + 1, row["moment"]
            entries += 1
    beside = conn.execute(_BESIDE, (municipality,)).fetchone()
    if beside is not None:
        return found("鎖に入っていない記録があります", None, beside["entry_no"])
    if kept:
        return found("控えにある記録がありません（終わりの記録が消されています）", min(kept))
    return found()


def _start(conn: Connection, municipality: str) -> tuple[bytes, int, int, str | None]:
    """Hash and place that the first entry builds on, how many were removed, and what is wrong with that."""
    first = conn.execute(
        "SELECT min(chain_no) AS no FROM audit_chain WHERE municipality_code = %s", (municipality,)
    ).fetchone()
    begins = 1 if first is None or first["no"] is None else int(first["no"])
    for told in conn.execute(_REMOVED, (municipality,)):
        try:
            removed, digest = int(told["details"]["chain_no"]), bytes.fromhex(told["details"]["hash"])
        except (KeyError, TypeError, ValueError):
            continue
        if (
            0 < removed < begins
        ):  # one that says more is gone than is gone tells nothing: it is no word of the purge
            wrong = None if begins == removed + 1 else "はじめの記録が消されています"
            return digest, removed, removed, wrong
    return BEGINNING, 0, 0, "はじめの記録が消されています" if begins > 1 else None


def purge(conn: Connection, municipality: str, *, keep_days: int, by: str, really: bool = True) -> int:
    """Remove entries older than `keep_days` (audience `AUTH`); the chain that stays can be verified. Returns how many."""
    row = conn.execute(
        "SELECT purge_audit(%s, now() - make_interval(days => %s), %s, %s) AS n",
        (municipality, keep_days, by, really),
    ).fetchone()
    return int(row["n"]) if row else 0


def note_check(conn: Connection, municipality: str, found: Finding, *, by: str) -> None:
    """Write down what a check came to (an entry of the chain, like any other)."""
    details: dict[str, Any] = {
        "ok": found.broken is None, "entries": found.entries, "chain_no": found.head.chain_no, "hash": found.head.hash.hex(),
    }  # fmt: skip
    if found.broken is not None:
        details |= {"broken": found.broken, "broken_at": found.chain_no, "entry_no": found.entry_no}
    record(conn, municipality, by, "audit.check", None, details, kind="view")


def last_check(conn: Connection, municipality: str) -> dict[str, Any] | None:
    """The newest check: `at` and its details."""
    return conn.execute(
        "SELECT at, actor, details FROM audit WHERE municipality_code = %s AND action = 'audit.check' "
        "ORDER BY entry_no DESC LIMIT 1",
        (municipality,),
    ).fetchone()
