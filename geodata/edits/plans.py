"""Dated states of the districts' plans, as the audience `STAFF`. Rules: `kyodo_geo.plan_changes`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import psycopg

from geodata.database import Connection
from geodata.edits.history import hold, tell
from kyodo_geo import plan_changes
from kyodo_geo.edits import check_stamp, stamp
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.plan_states import PlanRecord, PlanState, in_order

COLUMNS = (
    "record_no", "state", "title", "document_url", "stated_on", "note", "valid_from", "valid_to", "quality", "source",
)  # fmt: skip


def target(no: int) -> str:
    """Name of a district's plan in the audit log."""
    return f"district-plan/{no}"


def all_records(conn: Connection, code: str) -> dict[int, list[PlanRecord]]:
    """District → its records in order of time."""
    rows = conn.execute(
        """
        SELECT district_no, record_no, state, title, document_url, stated_on, note, valid_from, valid_to, quality,
               source
        FROM district_plan WHERE municipality_code = %s
        """,
        (code,),
    )
    found: dict[int, list[PlanRecord]] = {}
    for row in rows:
        no = row.pop("district_no")
        found.setdefault(no, []).append(PlanRecord(**{**row, "state": PlanState(row["state"])}))
    return {no: list(in_order(records)) for no, records in found.items()}


def records_of(conn: Connection, code: str, no: int) -> list[PlanRecord]:
    """The records of one district in order of time."""
    return all_records(conn, code).get(no, [])


def seen(records: list[PlanRecord]) -> str:
    """Mark of the history that an editor saw."""
    return stamp([asdict(record) for record in records])


def add(conn: Connection, code: str, no: int, new: PlanRecord, *, version: str, actor: str) -> None:
    """Add a state. Raises InputError, NotFoundError (no such district), EditConflictError."""
    _change(conn, code, no, version, actor, "add", lambda old: plan_changes.add(old, new))


def correct(
    conn: Connection, code: str, no: int, record_no: int, new: PlanRecord, *, version: str, actor: str
) -> None:
    """Put a state right. Raises as `add`."""
    _change(conn, code, no, version, actor, "correct", lambda old: plan_changes.correct(old, record_no, new))


def withdraw(conn: Connection, code: str, no: int, record_no: int, *, version: str, actor: str) -> None:
    """Take back a state entered by mistake; what it said stays in the audit log. Raises as `add`."""
    _change(conn, code, no, version, actor, "withdraw", lambda old: plan_changes.withdraw(old, record_no))


def _change(
    conn: Connection,
    code: str,
    no: int,
    version: str,
    actor: str,
    action: str,
    work: Callable[[list[PlanRecord]], list[PlanRecord]],
) -> None:
    hold(conn, code, target(no))
    known = conn.execute(
        "SELECT FROM district WHERE municipality_code = %s AND district_no = %s", (code, no)
    ).fetchone()
    if known is None:
        raise NotFoundError(f"番号 {no} のコミュニティ推進地区はありません。", district_no=no)
    old = records_of(conn, code, no)
    check_stamp(version, [asdict(record) for record in old])
    new = work(old)
    if new == old:
        return
    try:
        _write(conn, code, no, old, new)
    except psycopg.errors.ExclusionViolation:
        raise InputError(
            "同じ日に 2 つの状態が重なります。日付を確かめてください。", field="valid_from"
        ) from None
    before, after = _by_number(old), _by_number(new)
    touched = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    for record_no in touched:
        tell(
            conn, code, actor, f"edit.plan.{action}", target(no),
            before.get(record_no), after.get(record_no), record_no=record_no,
        )  # fmt: skip


def _write(conn: Connection, code: str, no: int, old: list[PlanRecord], new: list[PlanRecord]) -> None:
    """Rows that differ are taken out first, so that periods never overlap on the way."""
    changed = [record for record in new if record not in old]
    gone = [record.record_no for record in old if record not in new]
    conn.execute(
        "DELETE FROM district_plan WHERE municipality_code = %s AND district_no = %s AND record_no = ANY(%s)",
        (code, no, gone),
    )
    for record in changed:
        conn.execute(
            """
            INSERT INTO district_plan (municipality_code, district_no, record_no, state, title, document_url, stated_on,
                                       note, valid_from, valid_to, quality, source)
            VALUES (%(m)s, %(no)s, %(record_no)s, %(state)s, %(title)s, %(document_url)s, %(stated_on)s, %(note)s,
                    %(valid_from)s, %(valid_to)s, %(quality)s, %(source)s)
            """,
            {"m": code, "no": no, **asdict(record), "state": record.state.value},
        )


def _by_number(records: list[PlanRecord]) -> dict[int, dict[str, Any]]:
    return {record.record_no: {**asdict(record), "state": record.state.value} for record in records}
