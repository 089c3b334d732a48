"""Rule tables of grants: the one in force, the draft, all versions. Audience `STAFF`.

A draft is changed freely; what is in force is only ever replaced by another version, with a reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from geodata.database import Connection
from geodata.edits.history import hold, tell
from kyodo_geo.edits import EditConflictError, check_stamp, stamp
from kyodo_geo.errors import ConflictError, InputError, NotFoundError
from kyodo_geo.grants.keeping import as_json, read_kept, table_of
from kyodo_geo.grants.schemes import Scheme, scheme_of
from kyodo_geo.grants.table import ReadTable, RuleTable, checked

MAX_REASON = 200
STATES = {"draft": "下書き", "in-force": "適用中", "replaced": "前の版"}
_COLUMNS = "scheme, fiscal_year, version, state, rules, reason, created_at, created_by, in_force_at, in_force_by, quality, source"


@dataclass(frozen=True, slots=True)
class HeldRule:
    """A version of a rule. `rules`: as kept (JSON)."""

    scheme: str
    fiscal_year: int
    version: int
    state: str
    rules: dict[str, Any]
    reason: str | None
    created_at: datetime
    created_by: str
    in_force_at: datetime | None
    in_force_by: str | None
    quality: str
    source: str | None

    @property
    def table(self) -> RuleTable:
        """The rule table; raises InputError where what is kept is none."""
        return table_of(self.rules)

    def read(self) -> ReadTable:
        """Ready to be worked out."""
        return read_kept(scheme_of(self.scheme), self.rules)

    @property
    def seen(self) -> dict[str, Any]:
        """What a mark is made of."""
        return {"version": self.version, "state": self.state, **self.said}

    @property
    def said(self) -> dict[str, Any]:
        """What a person entered."""
        return {**self.rules, "quality": self.quality, "source": self.source}

    @property
    def mark(self) -> str:
        """Stands in the form; whoever saves says what they saw."""
        return stamp(self.seen)


def target(scheme: str, year: int) -> str:
    """Name in the audit log."""
    return f"grants/{scheme}/{year}"


def versions(
    conn: Connection, code: str, scheme: str, year: int | None = None, *, state: str | None = None
) -> list[HeldRule]:
    """All versions, newest year and version first."""
    rows = conn.execute(
        f"""
        SELECT {_COLUMNS} FROM grant_rule
        WHERE municipality_code = %(m)s AND scheme = %(scheme)s AND (%(year)s::int IS NULL OR fiscal_year = %(year)s)
          AND (%(state)s::text IS NULL OR state = %(state)s)
        ORDER BY fiscal_year DESC, version DESC
        """,  # noqa: S608 - our own names
        {"m": code, "scheme": scheme, "year": year, "state": state},
    )
    return [HeldRule(**row) for row in rows]


def in_force(conn: Connection, code: str, scheme: str, year: int) -> HeldRule:
    """What is in force for the year; raises NotFoundError, which says what to do."""
    found = versions(conn, code, scheme, year, state="in-force")
    if not found:
        raise NotFoundError(
            f"{scheme_of(scheme).name}の {year} 年度のきまりは、まだ適用されていません。"
            "きまりのページで作って、適用してください。"
        )
    return found[0]


def draft(conn: Connection, code: str, scheme: str, year: int) -> HeldRule | None:
    """The draft of the year, if there is one."""
    found = versions(conn, code, scheme, year, state="draft")
    return found[0] if found else None


def one(conn: Connection, code: str, scheme: str, year: int, version: int) -> HeldRule:
    """A version by its number; raises NotFoundError."""
    for found in versions(conn, code, scheme, year):
        if found.version == version:
            return found
    raise NotFoundError(f"きまりの第{version}版はありません。")


def save_draft(
    conn: Connection, code: str, scheme: Scheme, year: int, table: RuleTable, *, quality: str, source: str | None,
    seen: str, actor: str,
) -> HeldRule:  # fmt: skip
    """Keep the table as the draft of the year. `seen`: mark of the draft that was changed; "" where there was none.

    Raises InputError for a table that does not hold, EditConflictError when another draft stands there by now.
    """
    checked(scheme, table)
    hold(conn, code, target(scheme.key, year))
    before = draft(conn, code, scheme.key, year)
    if before is None and seen:
        raise EditConflictError(None)
    if before is not None:
        check_stamp(seen, before.seen)
        conn.execute(
            "UPDATE grant_rule SET rules = %s, quality = %s, source = %s WHERE municipality_code = %s AND scheme = %s "
            "AND fiscal_year = %s AND version = %s",
            (Jsonb(as_json(table)), quality, source, code, scheme.key, year, before.version),
        )
    else:
        conn.execute(
            """
            INSERT INTO grant_rule (municipality_code, scheme, fiscal_year, version, rules, quality, source, created_by)
            SELECT %(m)s, %(scheme)s, %(year)s, 1 + coalesce(max(version), 0), %(rules)s, %(quality)s, %(source)s, %(by)s
            FROM grant_rule WHERE municipality_code = %(m)s AND scheme = %(scheme)s AND fiscal_year = %(year)s
            """,
            {
                "m": code, "scheme": scheme.key, "year": year, "rules": Jsonb(as_json(table)), "quality": quality,
                "source": source, "by": actor,
            },
        )  # fmt: skip
    now = draft(conn, code, scheme.key, year)
    assert now is not None
    if before is None or before.said != now.said:
        tell(
            conn, code, actor, "edit.grant-rule.save", target(scheme.key, year), before.said if before else None,
            now.said, version=now.version,
        )  # fmt: skip
    return now


def discard_draft(conn: Connection, code: str, scheme: Scheme, year: int, *, seen: str, actor: str) -> None:
    """Throw the draft away. Raises NotFoundError, EditConflictError."""
    held = _draft_seen(conn, code, scheme, year, seen)
    conn.execute(
        "DELETE FROM grant_rule WHERE municipality_code = %s AND scheme = %s AND fiscal_year = %s AND version = %s",
        (code, scheme.key, year, held.version),
    )
    tell(
        conn, code, actor, "edit.grant-rule.discard", target(scheme.key, year), held.said, None, version=held.version
    )  # fmt: skip


def put_into_force(
    conn: Connection, code: str, scheme: Scheme, year: int, *, seen: str, reason: str | None, actor: str
) -> HeldRule:
    """Make the draft what holds. Where something holds already, a reason is asked for, and that becomes a former version.

    Raises NotFoundError, EditConflictError, InputError (`reason`).
    """
    held = _draft_seen(conn, code, scheme, year, seen)
    former = versions(conn, code, scheme.key, year, state="in-force")
    if former and not reason:
        raise InputError("適用中のきまりを置き換える理由を入力してください。", field="reason")
    if former and former[0].said == held.said:
        raise InputError(
            "適用中のきまりと同じ内容です。変えるところを直してから、適用してください。", field="reason"
        )
    read_kept(scheme, held.rules)
    here = (code, scheme.key, year)
    conn.execute(
        "UPDATE grant_rule SET state = 'replaced' WHERE municipality_code = %s AND scheme = %s AND fiscal_year = %s "
        "AND state = 'in-force'",
        here,
    )
    conn.execute(
        "UPDATE grant_rule SET state = 'in-force', reason = %s, in_force_at = now(), in_force_by = %s "
        "WHERE municipality_code = %s AND scheme = %s AND fiscal_year = %s AND version = %s",
        (reason, actor, *here, held.version),
    )
    tell(
        conn, code, actor, "edit.grant-rule.force", target(scheme.key, year), former[0].said if former else None,
        held.said, version=held.version, reason=reason,
    )  # fmt: skip
    return in_force(conn, code, scheme.key, year)


def _draft_seen(conn: Connection, code: str, scheme: Scheme, year: int, seen: str) -> HeldRule:
    hold(conn, code, target(scheme.key, year))
    held = draft(conn, code, scheme.key, year)
    if held is None:
        raise ConflictError(
            "下書きがもうありません。ほかの人が適用したか、消しました。ページを開き直してください。"
        )
    check_stamp(seen, held.seen)
    return held
