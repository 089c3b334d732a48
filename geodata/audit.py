"""The audit log: append-only, written in the transaction of what it records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from geodata.database import Connection


def record(
    conn: Connection,
    municipality: str,
    actor: str,
    action: str,
    target: str | None = None,
    details: dict[str, Any] | None = None,
    *,
    kind: str = "change",
) -> None:
    """Write one entry. `kind` is change, view or sign-in; details hold facts, never secrets or addresses."""
    conn.execute(
        "INSERT INTO audit (municipality_code, actor, action, target, details, action_kind) "
        "VALUES (%s, %s, %s, %s, %s, %s)",
        (
            municipality,
            actor,
            action,
            target,
            json.dumps(details or {}, ensure_ascii=False, default=str),
            kind,
        ),
    )


MOST_NAMED = 2_000


def looked_at(ids: Iterable[str]) -> dict[str, Any]:
    """What an entry tells of vacant houses somebody saw: how many and which, by their numbers; never where they are."""
    numbers = sorted(set(ids))
    told: dict[str, Any] = {"rows": len(numbers), "houses": numbers[:MOST_NAMED]}
    return told | ({"more": len(numbers) - MOST_NAMED} if len(numbers) > MOST_NAMED else {})


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What an entry tells of a change: name → value before and after, of those of `after` that differ."""
    return {
        name: {"before": before[name], "after": value}
        for name, value in after.items()
        if before[name] != value
    }


def entries(conn: Connection, municipality: str, *, limit: int = 100) -> list[dict[str, Any]]:
    """The newest entries, newest first."""
    return conn.execute(
        "SELECT entry_no, at, actor, action, target, details, action_kind FROM audit "
        "WHERE municipality_code = %s ORDER BY entry_no DESC LIMIT %s",
        (municipality, limit),
    ).fetchall()
