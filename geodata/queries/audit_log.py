"""The audit log for reading: filtered, newest first, page by page. Audience `STAFF`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from geodata.database import Connection


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One entry."""

    no: int
    at: datetime
    actor: str
    action: str
    target: str | None
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; None is any. `prefixes` of actions; days are Japan's, both included; `word` in target."""

    prefixes: Sequence[str]
    actor: str | None = None
    first: date | None = None
    last: date | None = None
    word: str | None = None


_WHERE = """
    municipality_code = %(m)s AND EXISTS (SELECT FROM unnest(%(prefixes)s::text[]) p WHERE starts_with(action, p))
    AND (%(actor)s::text IS NULL OR actor = %(actor)s)
    AND (%(first)s::date IS NULL OR at >= (%(first)s::date)::timestamp AT TIME ZONE 'Asia/Tokyo')
    AND (%(last)s::date IS NULL OR at < (%(last)s::date + 1)::timestamp AT TIME ZONE 'Asia/Tokyo')
    AND (%(word)s::text IS NULL OR strpos(lower(coalesce(target, '')), lower(%(word)s)) > 0)
"""


def rows(conn: Connection, code: str, wanted: Wanted, *, before: int | None, limit: int) -> list[AuditRow]:
    """Entries older than the number `before`, newest first."""
    found = conn.execute(
        f"""
        SELECT entry_no AS no, at, actor, action, target, details FROM audit
        WHERE {_WHERE} AND (%(before)s::bigint IS NULL OR entry_no < %(before)s)
        ORDER BY entry_no DESC LIMIT %(limit)s
        """,  # noqa: S608 - a text of ours
        {**_args(code, wanted), "before": before, "limit": limit},
    )
    return [AuditRow(**row) for row in found]


def count(conn: Connection, code: str, wanted: Wanted) -> int:
    """How many there are."""
    row = conn.execute(
        f"SELECT count(*) AS n FROM audit WHERE {_WHERE}",  # noqa: S608 - a text of ours
        _args(code, wanted),
    ).fetchone()
    return int(row["n"]) if row else 0


def actors(conn: Connection, code: str, prefixes: Sequence[str]) -> list[str]:
    """Who is named in entries of these actions."""
    found = conn.execute(
        """
        SELECT DISTINCT actor FROM audit
        WHERE municipality_code = %s AND EXISTS (SELECT FROM unnest(%s::text[]) p WHERE starts_with(action, p))
        ORDER BY actor
        """,
        (code, list(prefixes)),
    )
    return [row["actor"] for row in found]


def _args(code: str, wanted: Wanted) -> dict[str, Any]:
    return {
        "m": code, "prefixes": list(wanted.prefixes), "actor": wanted.actor, "first": wanted.first, "last": wanted.last,
        "word": wanted.word,
    }  # fmt: skip
