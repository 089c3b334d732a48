"""Read tickets: lists without personal fields, and one with them for whoever may read its row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import sql

from geodata.database import Connection
from geodata.queries.generation import Ref
from kyodo_geo.errors import NotFoundError
from kyodo_geo.tickets import WAITING, Kind, State


@dataclass(frozen=True, slots=True)
class Summary:
    """One ticket in a list: nothing personal. `association` is the name, the id where no name is known, or None."""

    ticket_no: int
    kind: Kind
    state: State
    channel: str
    office_id: str | None
    association_id: str | None
    association: str | None
    district_no: int | None
    received_at: datetime
    due_on: date | None
    closed_at: datetime | None
    erased_at: datetime | None

    def overdue(self, today: date) -> bool:
        """Whether the city is late."""
        return self.state in WAITING and self.due_on is not None and self.due_on < today


@dataclass(frozen=True, slots=True)
class Detail:
    """One ticket whole. `version` is the number of its newest event, for optimistic locking."""

    summary: Summary
    version: int
    question: str | None
    answer: str | None
    name: str | None
    phone: str | None
    email: str | None
    address: str | None
    purpose: str | None
    consent_at: datetime | None
    asked_by: str | None

    @property
    def personal(self) -> bool:
        """Whether the row says who asked."""
        return any((self.name, self.phone, self.email, self.address))


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a ticket; actor and note are None for readers outside the staff."""

    event_no: int
    at: datetime
    state: State
    actor: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """What the inbox shows. `overdue_on`: only what was due before that day and is still waited for."""

    state: State | None = None
    kind: Kind | None = None
    overdue_on: date | None = None
    district: int | None = None
    channel: str | None = None


_LIST = """
    WITH ticket AS (
        SELECT 'referral' AS kind, ticket_no, state, channel, office_id, association_id, received_at, due_on,
               closed_at, erased_at
        FROM referral WHERE municipality_code = %(m)s
        UNION ALL
        SELECT 'wish', ticket_no, state, channel, office_id, association_id, received_at, due_on, closed_at,
               erased_at
        FROM join_wish WHERE municipality_code = %(m)s
    ), place AS MATERIALIZED (
        SELECT association_id, district_no FROM association_districts(%(m)s, %(g)s)
    )
    SELECT t.ticket_no, t.kind, t.state, t.channel, t.office_id, t.association_id,
           coalesce(a.name, t.association_id) AS association, p.district_no, t.received_at, t.due_on, t.closed_at,
           t.erased_at
    FROM ticket t
    LEFT JOIN place p ON p.association_id = t.association_id
    LEFT JOIN association_area a ON a.municipality_code = %(m)s AND a.association_id = t.association_id
        AND a.dataset_id = active_dataset(%(m)s, %(g)s, 'associations')
    WHERE {condition}
    ORDER BY t.ticket_no DESC LIMIT %(limit)s
"""
_WHOLE = {
    Kind.REFERRAL: "SELECT question, answer, customer_name AS name, customer_phone AS phone, customer_email AS email, "
    "NULL AS address, NULL AS purpose, consent_at, asked_by FROM referral "
    "WHERE municipality_code = %(m)s AND ticket_no = %(no)s",
    Kind.WISH: "SELECT NULL AS question, NULL AS answer, name, phone, email, address, purpose, consent_at, asked_by "
    "FROM join_wish WHERE municipality_code = %(m)s AND ticket_no = %(no)s",
}


def inbox(
    conn: Connection, ref: Ref, filters: Filters, *, before: int | None = None, limit: int = 50
) -> tuple[list[Summary], int | None]:
    """Tickets the reader may see, newest first, with numbers below `before`; and where to go on (None at the end).

    The staff (`STAFF`) see all, an office (`PARTNER`) its own.
    """
    conditions: list[sql.Composable] = [sql.SQL("true")]
    if before is not None:
        conditions.append(sql.SQL("t.ticket_no < %(before)s"))
    if filters.state is not None:
        conditions.append(sql.SQL("t.state = %(state)s"))
    if filters.kind is not None:
        conditions.append(sql.SQL("t.kind = %(kind)s"))
    if filters.overdue_on is not None:
        conditions.append(sql.SQL("t.due_on < %(overdue_on)s AND t.state = ANY(%(waiting)s)"))
    if filters.channel is not None:
        conditions.append(sql.SQL("t.channel = %(channel)s"))
    if filters.district is not None:
        conditions.append(sql.SQL("p.district_no = %(district)s"))
    values = {
        **ref.args,
        "before": before,
        "state": filters.state,
        "kind": filters.kind,
        "overdue_on": filters.overdue_on,
        "waiting": sorted(state.value for state in WAITING),
        "district": filters.district,
        "channel": filters.channel,
        "limit": limit + 1,
    }
    rows = conn.execute(sql.SQL(_LIST).format(condition=sql.SQL(" AND ").join(conditions)), values).fetchall()
    found = [_summary(row) for row in rows[:limit]]
    return found, (found[-1].ticket_no if len(rows) > limit else None)


def own(
    conn: Connection, ref: Ref, *, before: int | None = None, limit: int = 50
) -> tuple[list[Summary], int | None]:
    """The tickets of the office the transaction works for (`database.read(Audience.PARTNER, office=…)`)."""
    return inbox(conn, ref, Filters(), before=before, limit=limit)


def one(conn: Connection, ref: Ref, ticket_no: int) -> Detail:
    """One ticket; raises NotFoundError when there is none the reader may see."""
    row = conn.execute(
        sql.SQL(_LIST).format(condition=sql.SQL("t.ticket_no = %(no)s")),
        {**ref.args, "no": ticket_no, "limit": 1},
    ).fetchone()
    if row is None:
        raise NotFoundError("この番号の取次はありません。")
    summary = _summary(row)
    named = {"m": ref.municipality_code, "no": ticket_no}
    whole = conn.execute(_WHOLE[summary.kind], named).fetchone()
    version = conn.execute(
        "SELECT max(event_no) AS version FROM ticket_event WHERE municipality_code = %(m)s AND ticket_no = %(no)s",
        named,
    ).fetchone()
    assert whole is not None and version is not None
    return Detail(summary, version["version"] or 0, **whole)


def office_names(conn: Connection, municipality: str) -> dict[str, str]:
    """Names of the partner offices, for the staff (`STAFF`)."""
    rows = conn.execute(
        "SELECT office_id, name FROM partner_office WHERE municipality_code = %s", (municipality,)
    )
    return {row["office_id"]: row["name"] for row in rows}


def answers(conn: Connection, municipality: str, numbers: list[int]) -> dict[int, str]:
    """Answers to the questions among `numbers` that the reader may see."""
    rows = conn.execute(
        "SELECT ticket_no, answer FROM referral "
        "WHERE municipality_code = %s AND ticket_no = ANY(%s::int[]) AND answer IS NOT NULL",
        (municipality, numbers),
    )
    return {row["ticket_no"]: row["answer"] for row in rows}


def events(conn: Connection, municipality: str, ticket_no: int, *, staff: bool) -> list[Event]:
    """What happened, oldest first; `staff` reads who did it and the notes too (an office may not)."""
    columns = "event_no, at, state, actor, note" if staff else "event_no, at, state"
    rows = conn.execute(
        sql.SQL(
            "SELECT {columns} FROM ticket_event WHERE municipality_code = %s AND ticket_no = %s ORDER BY event_no"
        ).format(columns=sql.SQL(columns)),
        (municipality, ticket_no),
    )
    return [Event(**{**row, "state": State(row["state"])}) for row in rows]


def _summary(row: dict[str, Any]) -> Summary:
    return Summary(**{**row, "kind": Kind(row["kind"]), "state": State(row["state"])})
