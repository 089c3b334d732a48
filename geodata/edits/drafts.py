"""The open draft of a scope: which changes it holds, entered one by one, each against what the editor saw.

A draft is shared: everybody who may edit sees the same pending changes, and whoever activates names the version seen.
Entered as the audience `STAFF`; `geodata.edits.publish` makes datasets of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geodata.database import Connection
from geodata.edits.history import hold, tell
from kyodo_geo.edits import EditConflictError, check_stamp
from kyodo_geo.errors import NotFoundError
from kyodo_geo.sent_shapes import words

SCOPES = {
    "associations": "町内会・自治会",
    "assignment": "小地域の地区割り当て",
    "facilities": "公共施設",
    "districts": "地区の名前",
}
Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One row of a dataset as it is (`before`) and as it shall be (`after`); None: no such row."""

    kind: str
    key: str
    before: Facts | None
    after: Facts | None
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """An open draft; `version` counts what was done to it."""

    draft_id: int
    scope: str
    version: int
    created_by: str
    created_at: datetime
    changes: tuple[Change, ...]

    def after(self, kind: str, key: str) -> Change | None:
        """The change of a row, if there is one."""
        return next((change for change in self.changes if (change.kind, change.key) == (kind, key)), None)


def target(scope: str) -> str:
    """Name of a scope's drafts in the audit log."""
    return f"draft/{scope}"


def lock(conn: Connection, code: str, scope: str) -> None:
    """Until the transaction ends, this scope's draft is ours."""
    hold(conn, code, target(scope))


def open_draft(conn: Connection, code: str, scope: str) -> Draft | None:
    """The draft that is open, or None."""
    row = conn.execute(
        "SELECT draft_id, scope, version, created_by, created_at FROM edit_draft "
        "WHERE municipality_code = %s AND scope = %s AND state = 'open'",
        (code, scope),
    ).fetchone()
    if row is None:
        return None
    rows = conn.execute(
        """
        SELECT kind, row_key AS key, before, after, changed_by, changed_at FROM edit_draft_change
        WHERE municipality_code = %s AND draft_id = %s ORDER BY row_key, kind
        """,
        (code, row["draft_id"]),
    )
    return Draft(**{**row, "changes": tuple(Change(**item) for item in rows)})


def enter(
    conn: Connection,
    code: str,
    scope: str,
    items: list[tuple[str, str, Facts | None, Facts | None]],
    *,
    version: str,
    seen: Any,
    actor: str,
) -> None:
    """Enter changes `(kind, key, active, wanted)`; one that wants what is active is taken out of the draft.

    `seen` is what the page showed (active values with the draft's over them), `version` its mark. The caller holds
    `lock` and has read both within this transaction. Raises EditConflictError.
    """
    check_stamp(version, seen)
    draft = open_draft(conn, code, scope)
    touched = False
    for kind, key, active, wanted in items:
        held = draft.after(kind, key) if draft else None
        if wanted == (held.after if held else active) and (held is None or held.before == active):
            continue
        touched = True
        if wanted == active:
            assert draft is not None
            _take_out(conn, code, draft.draft_id, kind, key)
        else:
            draft = draft or _begin(conn, code, scope, actor)
            conn.execute(
                """
                INSERT INTO edit_draft_change (municipality_code, draft_id, kind, row_key, before, after, changed_by)
                VALUES (%s, %s, %s, %s, %s, %s, %s)
                ON CONFLICT (municipality_code, draft_id, kind, row_key) DO UPDATE
                SET before = excluded.before, after = excluded.after, changed_by = excluded.changed_by, changed_at = now()
                """,
                (code, draft.draft_id, kind, key, written(active), written(wanted), actor),
            )
        tell(
            conn, code, actor, "edit.draft.enter", f"{kind}/{key}", for_log(held.after if held else active),
            for_log(wanted), draft=draft.draft_id,
        )  # fmt: skip
    if touched:
        assert draft is not None
        _touch(conn, code, draft.draft_id)


def take_out(
    conn: Connection, code: str, scope: str, kind: str, key: str, *, version: int, actor: str
) -> None:
    """Take one change back. Raises EditConflictError when the draft has changed, NotFoundError."""
    draft = checked(conn, code, scope, version)
    change = draft.after(kind, key)
    if change is None:
        raise NotFoundError("この変更は下書きにありません。")
    _take_out(conn, code, draft.draft_id, kind, key)
    _touch(conn, code, draft.draft_id)
    tell(
        conn,
        code,
        actor,
        "edit.draft.take-out",
        f"{kind}/{key}",
        for_log(change.after),
        for_log(change.before),
        draft=draft.draft_id,
    )


def discard(conn: Connection, code: str, scope: str, *, version: int, actor: str) -> Draft:
    """Throw the draft away; what it said stays in the audit log. Raises as `take_out`."""
    draft = checked(conn, code, scope, version)
    conn.execute(
        "UPDATE edit_draft SET state = 'discarded', ended_at = now() WHERE municipality_code = %s AND draft_id = %s",
        (code, draft.draft_id),
    )
    tell(
        conn,
        code,
        actor,
        "edit.draft.discard",
        target(scope),
        None,
        None,
        draft=draft.draft_id,
        changes_count=len(draft.changes),
    )
    return draft


def checked(conn: Connection, code: str, scope: str, version: int) -> Draft:
    """The open draft under its lock, if it is the one somebody saw; raises EditConflictError, NotFoundError."""
    lock(conn, code, scope)
    draft = open_draft(conn, code, scope)
    if draft is None:
        raise NotFoundError("下書きがありません。ほかの人が有効にしたか、捨てました。")
    if draft.version != version:
        raise EditConflictError(
            draft.version,
            "画面を開いている間に、ほかの人が下書きを変えました。まだ何もしていません。今の下書きを見直してください。",
        )
    return draft


def _begin(conn: Connection, code: str, scope: str, actor: str) -> Draft:
    conn.execute(
        "INSERT INTO edit_draft (municipality_code, scope, created_by) VALUES (%s, %s, %s)",
        (code, scope, actor),
    )
    found = open_draft(conn, code, scope)
    assert found is not None
    return found


def _take_out(conn: Connection, code: str, draft_id: int, kind: str, key: str) -> None:
    conn.execute(
        "DELETE FROM edit_draft_change WHERE municipality_code = %s AND draft_id = %s AND kind = %s AND row_key = %s",
        (code, draft_id, kind, key),
    )


def _touch(conn: Connection, code: str, draft_id: int) -> None:
    """The draft is another one now: what was compared no longer holds. An empty draft is none."""
    conn.execute(
        """
        UPDATE edit_draft d SET version = version + 1,
            state = CASE WHEN filled THEN 'open' ELSE 'discarded' END, ended_at = CASE WHEN filled THEN NULL ELSE now() END
        FROM (SELECT EXISTS (SELECT FROM edit_draft_change WHERE municipality_code = %(m)s AND draft_id = %(id)s) AS filled) c
        WHERE d.municipality_code = %(m)s AND d.draft_id = %(id)s
        """,
        {"m": code, "id": draft_id},
    )


def for_log(facts: Facts | None) -> Facts | None:
    """The same for the audit log, which tells shapes in words."""
    if facts is None or "geom" not in facts:
        return facts
    return {**facts, "geom": words(facts["geom"])}


def written(facts: Facts | None) -> str | None:
    """As JSON for the database."""
    return None if facts is None else json.dumps(facts, ensure_ascii=False)
