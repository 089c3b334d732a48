"""The mail that tickets call for: written with the ticket, claimed one by one by the job that sends it.

A claim is committed before the mail is sent and comes free again after a while: what a killed worker held is tried
again, so a mail may in rare cases arrive twice, and never not at all. Audience `STAFF`, `call_for` also `PARTNER`.
"""

from __future__ import annotations

from dataclasses import dataclass

from geodata.database import Connection

STAFF_NEW = "staff-new"
OFFICE_ANSWERED = "office-answered"
CUSTOMER_ANSWERED = "customer-answered"

MAX_ATTEMPTS = 14
"""Tried after 1, 2, 4 … minutes, then every 6 hours: given up after about two days."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One mail to send now."""

    ticket_no: int
    kind: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail needs beside its wording. `to` and `answer` are None where the row has none (any more)."""

    to: str | None
    answer: str | None
    municipality: str
    department: str | None
    phone: str | None


def call_for(conn: Connection, municipality: str, ticket_no: int, kind: str) -> None:
    """Ask for a mail, once per ticket and kind."""
    # No conflict clause: an office that enters its ticket may not read this table.
    conn.execute(
        "INSERT INTO ticket_notice (municipality_code, ticket_no, kind) VALUES (%s, %s, %s)",
        (municipality, ticket_no, kind),
    )


def claim(conn: Connection, municipality: str) -> Notice | None:
    """Take the next mail that is due, and put off its next try; None when nothing is due."""
    row = conn.execute(
        """
        UPDATE ticket_notice n SET attempts = attempts + 1,
            next_try_at = now() + least(make_interval(mins => (2 ^ least(attempts, 9))::int), interval '6 hours')
        WHERE n.municipality_code = %(m)s AND (n.ticket_no, n.kind) = (
            SELECT ticket_no, kind FROM ticket_notice
            WHERE municipality_code = %(m)s AND state = 'pending' AND next_try_at <= now()
            ORDER BY next_try_at, ticket_no LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING ticket_no, kind, attempts
        """,
        {"m": municipality},
    ).fetchone()
    return None if row is None else Notice(**row)


def settle(conn: Connection, municipality: str, notice: Notice, state: str) -> None:
    """Write down how it ended: sent, skipped (nobody to send to) or failed (given up)."""
    conn.execute(
        "UPDATE ticket_notice SET state = %(state)s, sent_at = CASE WHEN %(state)s = 'sent' THEN now() END "
        "WHERE municipality_code = %(m)s AND ticket_no = %(no)s AND kind = %(kind)s AND state = 'pending'",
        {"state": state, "m": municipality, "no": notice.ticket_no, "kind": notice.kind},
    )


def skip_all(conn: Connection, municipality: str) -> int:
    """Give up what is waiting, where no mail is sent at all: switching it on later must not send old news."""
    return conn.execute(
        "UPDATE ticket_notice SET state = 'skipped' WHERE municipality_code = %s AND state = 'pending'",
        (municipality,),
    ).rowcount


def letter(conn: Connection, municipality: str, notice: Notice, *, staff_address: str | None) -> Letter:
    """Whom the mail goes to, read at the last moment: consent withdrawn or fields erased meanwhile leave no address."""
    city = conn.execute(
        "SELECT name, contact_department, contact_phone FROM municipality WHERE municipality_code = %s",
        (municipality,),
    ).fetchone()
    assert city is not None
    to, answer = staff_address, None
    if notice.kind != STAFF_NEW:
        row = conn.execute(
            """
            SELECT o.email AS office, t.customer, t.answer FROM (
                SELECT office_id, customer_email AS customer, answer FROM referral
                WHERE municipality_code = %(m)s AND ticket_no = %(no)s AND consent_at IS NOT NULL
                UNION ALL
                SELECT office_id, NULL, NULL FROM referral
                WHERE municipality_code = %(m)s AND ticket_no = %(no)s AND consent_at IS NULL
                UNION ALL
                SELECT office_id, NULL, NULL FROM join_wish WHERE municipality_code = %(m)s AND ticket_no = %(no)s
            ) t
            LEFT JOIN partner_office o ON o.municipality_code = %(m)s AND o.office_id = t.office_id
                AND (o.closed_on IS NULL OR o.closed_on > current_date)
            """,
            {"m": municipality, "no": notice.ticket_no},
        ).fetchone()
        to = None
        if row is not None:
            to = row["office"] if notice.kind == OFFICE_ANSWERED else row["customer"]
            answer = row["answer"] if notice.kind == CUSTOMER_ANSWERED else None
    return Letter(to, answer, city["name"], city["contact_department"], city["contact_phone"])


def of_ticket(conn: Connection, municipality: str, ticket_no: int) -> list[tuple[str, str, int]]:
    """(kind, state, attempts) of one ticket's mail, for the staff's page."""
    rows = conn.execute(
        "SELECT kind, state, attempts FROM ticket_notice WHERE municipality_code = %s AND ticket_no = %s "
        "ORDER BY kind DESC",
        (municipality, ticket_no),
    )
    return [(row["kind"], row["state"], row["attempts"]) for row in rows]
