"""Who changed what and when, as the audit log has it; and the lock that lets one editor at a time decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geodata import audit
from geodata.database import Connection
from kyodo_geo.edits import changes


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a history; `changes` is field → {"before", "after"}."""

    at: datetime
    actor: str
    action: str
    target: str | None
    changes: dict[str, dict[str, Any]]
    details: dict[str, Any]


def tell(
    conn: Connection,
    code: str,
    actor: str,
    action: str,
    target: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    **more: Any,
) -> None:
    """Write down a change with what was before and after it."""
    audit.record(conn, code, actor, action, target, {**more, "changes": changes(before, after)})


def history(
    conn: Connection, code: str, target: str, *, prefix: str = "edit.", limit: int = 100
) -> list[Entry]:
    """Changes of one target whose action begins with `prefix`, newest first."""
    rows = conn.execute(
        """
        SELECT at, actor, action, target, details FROM audit
        WHERE municipality_code = %s AND target = %s AND starts_with(action, %s)
        ORDER BY entry_no DESC LIMIT %s
        """,
        (code, target, prefix, limit),
    )
    return [_entry(row) for row in rows]


def recent(conn: Connection, code: str, prefix: str, *, limit: int = 30) -> list[Entry]:
    """The newest changes whose action begins with `prefix`."""
    rows = conn.execute(
        """
        SELECT at, actor, action, target, details FROM audit
        WHERE municipality_code = %s AND starts_with(action, %s)
        ORDER BY entry_no DESC LIMIT %s
        """,
        (code, prefix, limit),
    )
    return [_entry(row) for row in rows]


def _entry(row: dict[str, Any]) -> Entry:
    details = row["details"]
    return Entry(row["at"], row["actor"], row["action"], row["target"], details.get("changes", {}), details)


def hold(conn: Connection, code: str, target: str) -> None:
    """Until the transaction ends nobody else edits the target, also where it has no row yet."""
    conn.execute("SELECT pg_advisory_xact_lock(hashtext(%s), hashtext(%s))", (f"kyodo.edit {code}", target))
