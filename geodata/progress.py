"""Yearly values and records as staff edit them: one row each, a version against silent overwriting, a history.

A change is written together with its audit entry. Nothing is deleted: a withdrawn row stays for staff (and can be
entered again), and every former state stands in the audit log.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from psycopg import sql
from psycopg.types.json import Jsonb

from geodata import audit
from geodata.database import Connection
from kyodo_geo.errors import ConflictError, NotFoundError
from kyodo_geo.progress_entries import RecordEntry, ValueEntry

CHANGED_MEANWHILE = (
    "ほかの職員が先に変更しました。いまの内容とあなたの入力を見比べて、もう一度保存してください。"
)


@dataclass(frozen=True, slots=True)
class Key:
    """Whose yearly rows: an indicator (by id) or an initiative (by number) of a plan."""

    kind: Literal["indicator", "initiative"]
    plan_id: str
    item: str | int

    @property
    def target(self) -> str:
        """Name in the audit log."""
        return f"{self.plan_id}/{self.kind}/{self.item}"


@dataclass(frozen=True, slots=True)
class Kept:
    """A row as it is: `content` holds the columns of its entry by name."""

    fiscal_year: int
    content: dict[str, Any]
    version: int
    withdrawn: bool
    changed_by: str | None
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the history; `before` and `after` are entries, None where there was or is nothing."""

    at: datetime
    actor: str
    action: str
    fiscal_year: int
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str


_TABLES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "indicator": (
        "indicator_value",
        "indicator_id",
        ("value", "sample_size", "low", "high", "source", "quality"),
    ),
    "initiative": (
        "initiative_year",
        "initiative_no",
        ("record", "evidence", "source", "quality"),
    ),
}


def content_of(entry: ValueEntry | RecordEntry) -> dict[str, Any]:
    """An entry as rows hold it, comparable with `Kept.content`."""
    content = {name: value for name, value in asdict(entry).items() if name != "fiscal_year"}
    if "evidence" in content:
        content["evidence"] = list(content["evidence"])
    return content


def years(conn: Connection, code: str, key: Key) -> list[Kept]:
    """Every row, withdrawn ones too, oldest first."""
    return [_kept(key, row) for row in _select(conn, code, key, None)]


def one(conn: Connection, code: str, key: Key, fiscal_year: int) -> Kept | None:
    """The row of a year, or None."""
    return next((_kept(key, row) for row in _select(conn, code, key, fiscal_year)), None)


def save(
    conn: Connection,
    code: str,
    key: Key,
    entry: ValueEntry | RecordEntry,
    *,
    version: int,
    actor: str,
    reason: str = "",
) -> Kept:
    """Enter or correct a year; `version` is that of the row the editor saw (0: there was none).

    Raises ConflictError when it is another one now. An entry that changes nothing is not written.
    """
    before = _locked(conn, code, key, entry.fiscal_year, version)
    content = content_of(entry)
    if before is not None and not before.withdrawn and before.content == content:
        return before
    table, item, columns = _TABLES[key.kind]
    written = conn.execute(
        sql.SQL(
            """
            INSERT INTO {table} AS t (municipality_code, plan_id, {item}, fiscal_year, {columns}, changed_by, changed_at)
            VALUES (%(m)s, %(plan)s, %(item)s, %(year)s, {values}, %(actor)s, now())
            ON CONFLICT (municipality_code, plan_id, {item}, fiscal_year) DO UPDATE SET {changes},
                version = t.version + 1, withdrawn = false, changed_by = excluded.changed_by, changed_at = now()
            WHERE t.version = %(version)s
            RETURNING version
            """
        ).format(
            table=sql.Identifier(table),
            item=sql.Identifier(item),
            columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
            values=sql.SQL(", ").join(map(sql.Placeholder, columns)),
            changes=sql.SQL(", ").join(
                sql.SQL("{0} = excluded.{0}").format(sql.Identifier(column)) for column in columns
            ),
        ),
        {
            **_args(code, key, entry.fiscal_year),
            **{name: Jsonb(value) if isinstance(value, list) else value for name, value in content.items()},
            "actor": actor,
            "version": version,
        },
    ).fetchone()
    if written is None:  # two people entered the same new year at the same moment
        raise ConflictError(CHANGED_MEANWHILE, fiscal_year=entry.fiscal_year)
    action = "enter" if before is None else "restore" if before.withdrawn else "correct"
    _tell(conn, code, key, entry.fiscal_year, actor, action, before, content, reason)
    found = one(conn, code, key, entry.fiscal_year)
    assert found is not None
    return found


def withdraw(
    conn: Connection, code: str, key: Key, fiscal_year: int, *, version: int, actor: str, reason: str
) -> None:
    """Take a year back. Raises NotFoundError when there is nothing, ConflictError when it has changed meanwhile."""
    before = _locked(conn, code, key, fiscal_year, version)
    if before is None or before.withdrawn:
        raise NotFoundError(f"{fiscal_year} 年度の値はありません。", fiscal_year=fiscal_year)
    table, item, _ = _TABLES[key.kind]
    conn.execute(
        sql.SQL(
            """
            UPDATE {table} SET withdrawn = true, version = version + 1, changed_by = %(actor)s, changed_at = now()
            WHERE municipality_code = %(m)s AND plan_id = %(plan)s AND {item} = %(item)s AND fiscal_year = %(year)s
            """
        ).format(table=sql.Identifier(table), item=sql.Identifier(item)),
        {**_args(code, key, fiscal_year), "actor": actor},
    )
    _tell(conn, code, key, fiscal_year, actor, "withdraw", before, None, reason)


def history(conn: Connection, code: str, key: Key, *, limit: int = 100) -> list[Change]:
    """Who changed what and when, newest first."""
    rows = conn.execute(
        """
        SELECT at, actor, action, details FROM audit
        WHERE municipality_code = %s AND target = %s AND starts_with(action, 'progress.')
        ORDER BY entry_no DESC LIMIT %s
        """,
        (code, key.target, limit),
    )
    return [
        Change(
            row["at"],
            row["actor"],
            row["action"].removeprefix("progress."),
            row["details"]["fiscal_year"],
            row["details"]["before"],
            row["details"]["after"],
            row["details"]["reason"],
        )
        for row in rows
    ]


def _args(code: str, key: Key, fiscal_year: int | None) -> dict[str, Any]:
    return {"m": code, "plan": key.plan_id, "item": key.item, "year": fiscal_year}


def _select(
    conn: Connection, code: str, key: Key, fiscal_year: int | None, *, lock: bool = False
) -> list[dict[str, Any]]:
    table, item, columns = _TABLES[key.kind]
    shown = [
        sql.SQL("{0}::float8 AS {0}").format(sql.Identifier(column))
        if column in ("value", "low", "high")
        else sql.Identifier(column)
        for column in columns
    ]
    return conn.execute(
        sql.SQL(
            """
            SELECT fiscal_year, version, withdrawn, changed_by, changed_at, {columns} FROM {table}
            WHERE municipality_code = %(m)s AND plan_id = %(plan)s AND {item} = %(item)s
              AND (%(year)s::int IS NULL OR fiscal_year = %(year)s)
            ORDER BY fiscal_year {lock}
            """
        ).format(
            columns=sql.SQL(", ").join(shown),
            table=sql.Identifier(table),
            item=sql.Identifier(item),
            lock=sql.SQL("FOR UPDATE" if lock else ""),
        ),
        _args(code, key, fiscal_year),
    ).fetchall()


def _kept(key: Key, row: dict[str, Any]) -> Kept:
    content = {name: row[name] for name in _TABLES[key.kind][2]}
    names = ("fiscal_year", "version", "withdrawn", "changed_by", "changed_at")
    return Kept(content=content, **{name: row[name] for name in names})


def _locked(conn: Connection, code: str, key: Key, fiscal_year: int, version: int) -> Kept | None:
    """The row, held until the transaction ends; raises ConflictError unless it is the version the editor saw."""
    rows = _select(conn, code, key, fiscal_year, lock=True)
    found = _kept(key, rows[0]) if rows else None
    if (found.version if found else 0) != version:
        raise ConflictError(CHANGED_MEANWHILE, fiscal_year=fiscal_year)
    return found


def _tell(
    conn: Connection,
    code: str,
    key: Key,
    fiscal_year: int,
    actor: str,
    action: str,
    before: Kept | None,
    after: dict[str, Any] | None,
    reason: str,
) -> None:
    held = None if before is None or before.withdrawn else before.content
    details = {"fiscal_year": fiscal_year, "before": held, "after": after, "reason": reason}
    audit.record(conn, code, actor, f"progress.{action}", key.target, details)
