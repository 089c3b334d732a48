"""Secret addresses at which calendar programs read the shared calendar. Audience `STAFF`, `feed` as `PUBLIC`.

Only hashes are kept. Whoever made a link sees and revokes it; planners and administrators all of them.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from geodata.audit import record
from geodata.database import Connection
from geodata.edits.history import hold
from kyodo_geo.errors import ConflictError, NotFoundError

MOST_OWN = 10
DAYS = 400
"""A link works a little over a year; then its owner makes another."""


@dataclass(frozen=True, slots=True)
class Link:
    """`district_no` and `department` narrow what it shows; None: everything."""

    link_id: str
    label: str
    district_no: int | None
    department: str | None
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    works: bool


@dataclass(frozen=True, slots=True)
class Feed:
    """What a working address shows."""

    label: str
    district_no: int | None
    department: str | None


def links(conn: Connection, code: str, *, login: str | None = None) -> list[Link]:
    """The links, those that work first; `login`: one person's."""
    rows = conn.execute(
        """
        SELECT link_id, label, district_no, department, created_by, created_at, expires_at, revoked_at,
               revoked_at IS NULL AND expires_at > now() AS works
        FROM calendar_link WHERE municipality_code = %(m)s AND (%(login)s::text IS NULL OR created_by = %(login)s)
        ORDER BY works DESC, created_at DESC, link_id
        """,
        {"m": code, "login": login},
    )
    return [Link(**row) for row in rows]


def issue(
    conn: Connection,
    code: str,
    label: str,
    token_hash: bytes,
    *,
    district: int | None,
    department: str | None,
    by: str,
) -> str:
    """Keep a new link by the hash of its secret; returns its number. Raises ConflictError when there are too many."""
    hold(conn, code, f"calendar-link/{by}")
    if sum(one.works for one in links(conn, code, login=by)) >= MOST_OWN:
        raise ConflictError(
            f"使えるリンクは 1 人 {MOST_OWN} 個までです。使っていないものを取り消してください。"
        )
    made = secrets.token_hex(6)
    conn.execute(
        "INSERT INTO calendar_link (municipality_code, link_id, label, token_hash, district_no, department, created_by, "
        "expires_at) VALUES (%s, %s, %s, %s, %s, %s, %s, now() + make_interval(days => %s))",
        (code, made, label, token_hash, district, department, by, DAYS),
    )
    facts = {"label": label, "district_no": district, "department": department}
    record(conn, code, by, "calendar-link.issue", made, facts)
    return made


def revoke(conn: Connection, code: str, link_id: str, *, by: str, anybodys: bool) -> None:
    """End a link at once; raises NotFoundError when there is none to end (for this person)."""
    done = conn.execute(
        "UPDATE calendar_link SET revoked_at = now() WHERE municipality_code = %s AND link_id = %s "
        "AND revoked_at IS NULL AND (%s OR created_by = %s)",
        (code, link_id, anybodys, by),
    ).rowcount
    if not done:
        raise NotFoundError("使えるリンクがありません。取り消されたかもしれません。")
    record(conn, code, by, "calendar-link.revoke", link_id)


def feed(conn: Connection, code: str, token_hash: bytes) -> Feed:
    """What an address shows; raises NotFoundError for one that does not work (any more)."""
    row = conn.execute("SELECT * FROM calendar_feed(%s, %s)", (code, token_hash)).fetchone()
    if row is None:
        raise NotFoundError("このカレンダーのリンクは使えません。取り消されたか、期限が切れています。")
    return Feed(**row)
