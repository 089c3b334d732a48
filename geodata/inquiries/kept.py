"""What is kept of an item and year, as an answer would have it: the yearly row, and what the department said beside it."""

from __future__ import annotations

from typing import Any

from geodata import progress
from geodata.database import Connection
from geodata.progress import Key
from kyodo_geo.inquiry import Content
from kyodo_geo.plan_items import PlanItem

REVIEW = ("self_evaluation", "difficulties", "next_year")


def key_of(item: PlanItem) -> Key:
    """Where its yearly rows are kept."""
    return Key(item.kind, item.plan_id, item.row_key)


def kept_content(conn: Connection, code: str, item: PlanItem, fiscal_year: int) -> tuple[int, Content]:
    """(version of the yearly row or 0, content); a withdrawn row says nothing."""
    row = progress.one(conn, code, key_of(item), fiscal_year)
    version = row.version if row else 0
    held: dict[str, Any] = {} if row is None or row.withdrawn else row.content
    if item.kind == "indicator":
        return version, {name: held.get(name) for name in ("value", "sample_size", "low", "high", "source")}
    said = review(conn, code, item, fiscal_year) or {}
    return version, {
        "record": held.get("record"),
        "evidence": held.get("evidence") or [],
        **{name: said.get(name) for name in REVIEW},
    }


def review(conn: Connection, code: str, item: PlanItem, fiscal_year: int) -> dict[str, Any] | None:
    """What the department said of an initiative's year beside its record, or None."""
    return conn.execute(
        "SELECT self_evaluation, difficulties, next_year, version FROM initiative_review "
        "WHERE municipality_code = %s AND plan_id = %s AND initiative_no = %s AND fiscal_year = %s",
        (code, item.plan_id, item.number, fiscal_year),
    ).fetchone()


def reviews(conn: Connection, code: str, plan_id: str, fiscal_year: int) -> dict[int, dict[str, Any]]:
    """Initiative → what its department said of a year."""
    rows = conn.execute(
        "SELECT initiative_no, self_evaluation, difficulties, next_year FROM initiative_review "
        "WHERE municipality_code = %s AND plan_id = %s AND fiscal_year = %s",
        (code, plan_id, fiscal_year),
    )
    return {row["initiative_no"]: row for row in rows}


def save_review(
    conn: Connection, code: str, item: PlanItem, fiscal_year: int, content: Content, *, actor: str
) -> None:
    """Keep what a department said; the caller holds the item and has compared it."""
    conn.execute(
        """
        INSERT INTO initiative_review AS r (municipality_code, plan_id, initiative_no, fiscal_year, self_evaluation,
            difficulties, next_year, changed_by)
        VALUES (%(m)s, %(plan)s, %(no)s, %(year)s, %(self_evaluation)s, %(difficulties)s, %(next_year)s, %(actor)s)
        ON CONFLICT (municipality_code, plan_id, initiative_no, fiscal_year) DO UPDATE SET
            self_evaluation = excluded.self_evaluation, difficulties = excluded.difficulties,
            next_year = excluded.next_year, version = r.version + 1, changed_by = excluded.changed_by, changed_at = now()
        """,
        {
            "m": code, "plan": item.plan_id, "no": item.number, "year": fiscal_year, "actor": actor,
            **{name: content.get(name) for name in REVIEW},
        },
    )  # fmt: skip
