"""Change tickets, as the audience `STAFF`: one after the other, each change an event and an audit entry."""

from __future__ import annotations

from typing import Any

from geodata.audit import record
from geodata.database import Connection
from geodata.tickets.notices import CUSTOMER_ANSWERED, OFFICE_ANSWERED, call_for
from kyodo_geo.errors import ConflictError, NotFoundError
from kyodo_geo.tickets import ENDS, Kind, State, check_change

_MOVED_ON = "ほかの職員が先にこの取次を変えました。今の内容を確かめてから、もう一度操作してください。"

_LOCK = {
    Kind.REFERRAL: "SELECT state, office_id, erased_at, customer_email IS NOT NULL AS mail FROM referral "
    "WHERE municipality_code = %s AND ticket_no = %s FOR UPDATE",
    Kind.WISH: "SELECT state, office_id, erased_at, false AS mail FROM join_wish "
    "WHERE municipality_code = %s AND ticket_no = %s FOR UPDATE",
}
_SET = {
    Kind.REFERRAL: "UPDATE referral SET state = %(to)s, answer = coalesce(%(answer)s, answer), "
    "closed_at = CASE WHEN %(ends)s THEN now() END WHERE municipality_code = %(m)s AND ticket_no = %(no)s",
    Kind.WISH: "UPDATE join_wish SET state = %(to)s, closed_at = CASE WHEN %(ends)s THEN now() END "
    "WHERE municipality_code = %(m)s AND ticket_no = %(no)s",
}


def change_state(
    conn: Connection,
    municipality: str,
    ticket_no: int,
    to: State,
    *,
    version: int,
    actor: str,
    answer: str | None = None,
    note: str | None = None,
) -> None:
    """Bring a ticket to a state; `version` is what the person saw (`Detail.version`).

    Calls for mail: to the office when there is an answer or an end, to the customer who agreed and gave an address
    when there is an answer. Raises NotFoundError, ConflictError (somebody was faster, or `to` may not
    follow, or the ticket was erased), InputError (answer missing or out of place).
    """
    kind, row = _lock(conn, municipality, ticket_no, version)
    state = State(row["state"])
    check_change(kind, state, to, answer=answer)
    if answer and row["erased_at"] is not None:
        raise ConflictError("この取次の内容は消去されています。回答は書けません。")
    ends = to in ENDS
    conn.execute(
        _SET[kind],
        {"m": municipality, "no": ticket_no, "to": to.value, "answer": answer, "ends": ends},
    )
    _event(conn, municipality, ticket_no, version + 1, actor, to, note)
    record(
        conn,
        municipality,
        actor,
        "ticket.state",
        str(ticket_no),
        {"kind": kind.value, "from": state.value, "to": to.value, "answered": bool(answer)},
    )
    told = bool(answer) or (ends and state is not State.ANSWERED)
    if told and row["office_id"] is not None:
        call_for(conn, municipality, ticket_no, OFFICE_ANSWERED)
    if answer and row["mail"]:
        call_for(conn, municipality, ticket_no, CUSTOMER_ANSWERED)


def add_note(
    conn: Connection, municipality: str, ticket_no: int, note: str, *, version: int, actor: str
) -> None:
    """Write a note of the staff without changing the state. Raises NotFoundError and ConflictError as above."""
    kind, row = _lock(conn, municipality, ticket_no, version)
    if row["erased_at"] is not None:
        raise ConflictError("この取次の内容は消去されています。メモは書けません。")
    _event(conn, municipality, ticket_no, version + 1, actor, State(row["state"]), note)
    record(conn, municipality, actor, "ticket.note", str(ticket_no), {"kind": kind.value})


def _lock(conn: Connection, municipality: str, ticket_no: int, version: int) -> tuple[Kind, dict[str, Any]]:
    """The ticket's row, held until the transaction ends, if it is as the person saw it."""
    for kind, statement in _LOCK.items():
        row = conn.execute(statement, (municipality, ticket_no)).fetchone()
        if row is not None:
            newest = conn.execute(
                "SELECT max(event_no) AS no FROM ticket_event WHERE municipality_code = %s AND ticket_no = %s",
                (municipality, ticket_no),
            ).fetchone()
            if newest is None or (newest["no"] or 0) != version:
                raise ConflictError(_MOVED_ON)
            return kind, row
    raise NotFoundError("この番号の取次はありません。")


def _event(
    conn: Connection,
    municipality: str,
    ticket_no: int,
    number: int,
    actor: str,
    state: State,
    note: str | None,
) -> None:
    conn.execute(
        "INSERT INTO ticket_event (municipality_code, ticket_no, event_no, actor, state, note) "
        "VALUES (%s, %s, %s, %s, %s, %s)",
        (municipality, ticket_no, number, actor, state.value, note),
    )
