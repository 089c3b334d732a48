"""Erase what tickets say of people: by the job after its time, at once by the staff. Rows stay, for the counts."""

from __future__ import annotations

from typing import LiteralString

from geodata.audit import record
from geodata.database import Connection
from kyodo_geo.errors import ConflictError, NotFoundError

_ERASE = (
    """
    UPDATE referral SET question = '', answer = NULL, customer_name = NULL, customer_phone = NULL,
        customer_email = NULL, erased_at = now()
    WHERE municipality_code = %(m)s AND ticket_no = %(no)s AND erased_at IS NULL
    """,
    """
    UPDATE join_wish SET name = NULL, phone = NULL, email = NULL, address = NULL, erased_at = now()
    WHERE municipality_code = %(m)s AND ticket_no = %(no)s AND erased_at IS NULL
    """,
    "UPDATE ticket_event SET note = NULL WHERE municipality_code = %(m)s AND ticket_no = %(no)s AND note IS NOT NULL",
)
_DUE = """
    SELECT ticket_no FROM referral
    WHERE municipality_code = %(m)s AND erased_at IS NULL AND closed_at < now() - make_interval(days => %(days)s)
    UNION ALL
    SELECT ticket_no FROM join_wish
    WHERE municipality_code = %(m)s AND erased_at IS NULL AND closed_at < now() - make_interval(days => %(days)s)
    ORDER BY ticket_no
"""
_LEFT = """
    SELECT t.ticket_no FROM (
        SELECT ticket_no, received_at FROM referral
        WHERE municipality_code = %(m)s AND erased_at IS NULL AND closed_at IS NULL
        UNION ALL
        SELECT ticket_no, received_at FROM join_wish
        WHERE municipality_code = %(m)s AND erased_at IS NULL AND closed_at IS NULL
    ) t
    WHERE greatest(t.received_at, (SELECT max(e.at) FROM ticket_event e
        WHERE e.municipality_code = %(m)s AND e.ticket_no = t.ticket_no)) < now() - make_interval(days => %(days)s)
    ORDER BY t.ticket_no
"""


def erase(conn: Connection, municipality: str, ticket_no: int, *, actor: str) -> None:
    """Erase personal fields, question, answer and notes at once (audience `STAFF`), in whatever state it is.

    Mail not yet sent to the person is given up. Raises NotFoundError, or ConflictError when it is erased already.
    """
    if not _erase(conn, municipality, ticket_no):
        row = conn.execute(
            "SELECT 1 FROM referral WHERE municipality_code = %(m)s AND ticket_no = %(no)s "
            "UNION ALL SELECT 1 FROM join_wish WHERE municipality_code = %(m)s AND ticket_no = %(no)s",
            {"m": municipality, "no": ticket_no},
        ).fetchone()
        if row is None:
            raise NotFoundError("この番号の取次はありません。")
        raise ConflictError("この取次の内容は、すでに消去されています。")
    conn.execute(
        "UPDATE ticket_notice SET state = 'skipped' WHERE municipality_code = %s AND ticket_no = %s "
        "AND kind = 'customer-answered' AND state = 'pending'",
        (municipality, ticket_no),
    )
    record(conn, municipality, actor, "ticket.erase", str(ticket_no))


def erase_due(conn: Connection, municipality: str, *, keep_days: int) -> list[int]:
    """Erase what ended more than `keep_days` days ago (audience `AUTH`); returns the numbers."""
    return _erase_all(conn, municipality, _DUE, keep_days)


def erase_left(conn: Connection, municipality: str, *, after_days: int) -> list[int]:
    """Erase what never ended and was last touched more than `after_days` days ago (audience `STAFF`); the numbers.

    The state stays as it is: what became of it nobody knows.
    """
    return _erase_all(conn, municipality, _LEFT, after_days)


def _erase_all(conn: Connection, municipality: str, which: LiteralString, keep_days: int) -> list[int]:
    rows = conn.execute(which, {"m": municipality, "days": keep_days}).fetchall()
    numbers: list[int] = [row["ticket_no"] for row in rows]
    for number in numbers:
        _erase(conn, municipality, number)
    if numbers:
        record(conn, municipality, "job", "ticket.erase", None, {"tickets": numbers, "keep_days": keep_days})
    return numbers


def close_answered(conn: Connection, municipality: str, *, after_days: int) -> list[int]:
    """Close questions answered more than `after_days` days ago (audience `STAFF`), so that their time of erasing comes.

    Returns the numbers.
    """
    rows = conn.execute(
        """
        UPDATE referral r SET state = 'closed', closed_at = now()
        WHERE r.municipality_code = %(m)s AND r.state = 'answered'
          AND (SELECT max(e.at) FROM ticket_event e WHERE e.municipality_code = r.municipality_code
               AND e.ticket_no = r.ticket_no) < now() - make_interval(days => %(days)s)
        RETURNING r.ticket_no
        """,
        {"m": municipality, "days": after_days},
    ).fetchall()
    numbers = sorted(row["ticket_no"] for row in rows)
    for number in numbers:
        conn.execute(
            """
            INSERT INTO ticket_event (municipality_code, ticket_no, event_no, actor, state)
            SELECT municipality_code, ticket_no, max(event_no) + 1, 'job', 'closed' FROM ticket_event
            WHERE municipality_code = %s AND ticket_no = %s GROUP BY municipality_code, ticket_no
            """,
            (municipality, number),
        )
    if numbers:
        record(
            conn, municipality, "job", "ticket.close", None, {"tickets": numbers, "after_days": after_days}
        )
    return numbers


def _erase(conn: Connection, municipality: str, ticket_no: int) -> bool:
    named = {"m": municipality, "no": ticket_no}
    done = [conn.execute(statement, named).rowcount for statement in _ERASE]
    return done[0] + done[1] > 0
