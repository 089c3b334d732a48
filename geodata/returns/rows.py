"""Returns as they stand: the list of a round, one of them, who has not answered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from geodata.database import Connection
from kyodo_geo.edits import EditConflictError
from kyodo_geo.errors import NotFoundError
from kyodo_geo.returns import Answers, Came, ReturnState
from kyodo_geo.returns.states import UNANSWERED

COLUMNS = (
    "r.fiscal_year, r.association_id, r.name, r.district_no, r.district_name, r.last_fiscal_year, r.prefilled, r.draft, "
    "r.draft_at, r.answers, r.state, r.came_by, r.version, r.sent_on, r.received_at, r.decided_at, r.decided_by, "
    "r.sent_back_words, r.feed_no, r.changed_at, r.changed_by, r.erased_at"
)


@dataclass(frozen=True, slots=True)
class Return:
    """One return. `held` is what the city held when the round began; `answers` None until some came.

    `draft`: texts of a web form by field, not sent yet. `reminded`: days it was reminded of, where they were asked for.
    """

    fiscal_year: int
    association_id: str
    name: str
    district_no: int | None
    district_name: str | None
    last_fiscal_year: int | None
    held: Answers
    draft: dict[str, str] | None
    draft_at: datetime | None
    answers: Answers | None
    state: ReturnState
    came_by: Came | None
    version: int
    sent_on: date | None
    received_at: datetime | None
    decided_at: datetime | None
    decided_by: str | None
    sent_back_words: str | None
    feed_no: int | None
    changed_at: datetime
    changed_by: str
    erased_at: datetime | None = None
    reminded: tuple[date, ...] = ()

    @property
    def area_state(self) -> str | None:
        """confirmed / wrong; None: not yet."""
        return None if self.answers is None else self.answers.area_answer


def target(fiscal_year: int, association_id: str) -> str:
    """Name of a return in the audit log."""
    return f"return/{fiscal_year}/{association_id}"


def listed(
    conn: Connection,
    code: str,
    fiscal_year: int,
    *,
    states: Collection[ReturnState] | None = None,
    district: int | None = None,
) -> list[Return]:
    """Returns of a round by district and name, with the days of their reminders."""
    rows = conn.execute(
        f"""
        SELECT {COLUMNS}, coalesce(m.days, '{{}}') AS reminded FROM association_return r
        LEFT JOIN (
            SELECT association_id, array_agg(sent_on ORDER BY sent_on) AS days FROM return_reminder
            WHERE municipality_code = %(m)s AND fiscal_year = %(year)s GROUP BY association_id
        ) m USING (association_id)
        WHERE r.municipality_code = %(m)s AND r.fiscal_year = %(year)s
          AND (%(states)s::text[] IS NULL OR r.state = ANY(%(states)s))
          AND (%(district)s::int IS NULL OR r.district_no = %(district)s)
        ORDER BY r.district_no NULLS LAST, r.name, r.association_id
        """,  # noqa: S608 - our own columns
        {
            "m": code, "year": fiscal_year, "district": district,
            "states": None if states is None else [state.value for state in states],
        },
    )  # fmt: skip
    return [_return(row) for row in rows]


def one(conn: Connection, code: str, fiscal_year: int, association_id: str) -> Return:
    """Raises NotFoundError. Audience `STAFF` or `AUTH` (without the reminders)."""
    return _one(conn, code, fiscal_year, association_id, "")


def unanswered(conn: Connection, code: str, fiscal_year: int, *, district: int | None = None) -> list[Return]:
    """Those whose association still has to answer."""
    return listed(conn, code, fiscal_year, states=UNANSWERED, district=district)


def counts(conn: Connection, code: str, fiscal_year: int) -> dict[ReturnState, int]:
    """How many stand where, every state with its number."""
    rows = conn.execute(
        "SELECT state, count(*)::int AS n FROM association_return WHERE municipality_code = %s AND fiscal_year = %s "
        "GROUP BY state",
        (code, fiscal_year),
    )
    found = {row["state"]: row["n"] for row in rows}
    return {state: found.get(state.value, 0) for state in ReturnState}


def locked(conn: Connection, code: str, fiscal_year: int, association_id: str, version: int | None) -> Return:
    """One return that nobody else changes until the transaction ends.

    Raises NotFoundError, EditConflictError when it is not the version somebody saw (None: whatever it is).
    """
    found = _one(conn, code, fiscal_year, association_id, "FOR UPDATE")
    if version is not None and found.version != version:
        raise EditConflictError(found)
    return found


def _one(conn: Connection, code: str, fiscal_year: int, association_id: str, how: str) -> Return:
    row = conn.execute(
        f"SELECT {COLUMNS} FROM association_return r WHERE municipality_code = %s AND fiscal_year = %s "  # noqa: S608
        f"AND association_id = %s {how}",
        (code, fiscal_year, association_id),
    ).fetchone()
    if row is None:
        raise NotFoundError("この町内会・自治会の年度更新はありません。")
    return _return(row)


def _return(row: dict[str, Any]) -> Return:
    answers, came = row["answers"], row["came_by"]
    return Return(
        **{name: row[name] for name in row if name not in ("prefilled", "reminded")}
        | {
            "held": Answers.of(row["prefilled"]),
            "answers": None if answers is None else Answers.of(answers),
            "state": ReturnState(row["state"]),
            "came_by": None if came is None else Came(came),
            "reminded": tuple(row.get("reminded", ())),
        }
    )
