"""What comes back to the public side for the tickets it took: that they have arrived, and answers for partners."""

from __future__ import annotations

import json
import uuid
from typing import Any

from geodata.database import Connection
from geodata.publishing.tickets import confirm
from kyodo_geo.errors import InputError
from kyodo_geo.ticket_entries import MAX_ANSWER

TOLD_FOR_DAYS = 180
"""So long after it was taken in a ticket is mentioned in every package: one that is lost on the way does no harm."""

_STATES = {"received", "passed-on", "answered", "closed", "joined", "declined", "withdrawn"}


def acknowledged_tickets(conn: Connection, municipality: str) -> tuple[str, ...]:
    """Ids of the tickets that the internal side has taken in lately (audience `STAFF`)."""
    rows = conn.execute(
        "SELECT transfer_id FROM ticket_transfer WHERE municipality_code = %s AND direction = 'in' "
        "AND at > now() - make_interval(days => %s) ORDER BY transfer_id",
        (municipality, TOLD_FOR_DAYS),
    )
    return tuple(str(row["transfer_id"]) for row in rows)


def answers_text(conn: Connection, municipality: str) -> tuple[str, int]:
    """State of each office's ticket, and the answer to its question, as JSON; how many (audience `STAFF`).

    What residents asked is answered by mail or telephone from the internal side: nothing of it goes back.
    """
    rows = conn.execute(
        """
        SELECT x.transfer_id, r.state, r.answer FROM ticket_transfer x
        JOIN referral r ON r.municipality_code = x.municipality_code AND r.ticket_no = x.ticket_no
        WHERE x.municipality_code = %(m)s AND x.direction = 'in' AND r.channel = 'partner' AND r.erased_at IS NULL
          AND x.at > now() - make_interval(days => %(days)s)
        UNION ALL
        SELECT x.transfer_id, w.state, NULL FROM ticket_transfer x
        JOIN join_wish w ON w.municipality_code = x.municipality_code AND w.ticket_no = x.ticket_no
        WHERE x.municipality_code = %(m)s AND x.direction = 'in' AND w.channel = 'partner'
          AND x.at > now() - make_interval(days => %(days)s)
        ORDER BY 1
        """,
        {"m": municipality, "days": TOLD_FOR_DAYS},
    ).fetchall()
    told = [{"id": str(row["transfer_id"]), "state": row["state"], "answer": row["answer"]} for row in rows]
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n", len(told)


def take_answers(
    conn: Any, municipality: str, content: bytes, acknowledged: tuple[str, ...], *, by: str
) -> None:
    """Erase what has arrived, and show offices where their tickets stand (public side, as the owner of the tables)."""
    try:
        confirm(conn, municipality, [uuid.UUID(told) for told in acknowledged], by=by)
        listed = [(uuid.UUID(row["id"]), str(row["state"]), row["answer"]) for row in json.loads(content)]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise InputError("公開用データの中の、取次への回答を読めません。") from None
    for transfer_id, state, answer in listed:
        if state not in _STATES or not (
            answer is None or (isinstance(answer, str) and len(answer) <= MAX_ANSWER)
        ):
            raise InputError("公開用データの中の、取次への回答を読めません。")
        for statement in (_REFERRAL, _WISH):
            row = conn.execute(
                statement, {"m": municipality, "id": transfer_id, "state": state, "answer": answer}
            ).fetchone()
            if row is not None:
                conn.execute(_EVENT, {"m": municipality, "no": row["ticket_no"], "state": state})


_OURS = """
    FROM ticket_transfer x WHERE x.municipality_code = %(m)s AND x.transfer_id = %(id)s AND x.direction = 'out'
    AND x.acknowledged_at IS NOT NULL AND t.municipality_code = x.municipality_code AND t.ticket_no = x.ticket_no
    AND t.channel = 'partner'
"""
_REFERRAL = f"""
    UPDATE referral t SET state = %(state)s, answer = %(answer)s,
        closed_at = CASE WHEN %(state)s = 'closed' THEN coalesce(t.closed_at, now()) END {_OURS}
    AND t.erased_at IS NULL AND (t.state, t.answer) IS DISTINCT FROM (%(state)s::text, %(answer)s::text)
    AND %(state)s IN ('received', 'passed-on', 'answered', 'closed') RETURNING t.ticket_no
"""  # noqa: S608
_WISH = f"""
    UPDATE join_wish t SET state = %(state)s,
        closed_at = CASE WHEN %(state)s IN ('joined', 'declined', 'withdrawn') THEN coalesce(t.closed_at, now()) END {_OURS}
    AND t.state IS DISTINCT FROM %(state)s
    AND %(state)s IN ('received', 'passed-on', 'joined', 'declined', 'withdrawn') RETURNING t.ticket_no
"""  # noqa: S608
_EVENT = """
    INSERT INTO ticket_event (municipality_code, ticket_no, event_no, actor, state)
    SELECT municipality_code, ticket_no, max(event_no) + 1, 'job', %(state)s FROM ticket_event
    WHERE municipality_code = %(m)s AND ticket_no = %(no)s GROUP BY municipality_code, ticket_no
"""
