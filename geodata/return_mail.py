"""Mail that reminds associations of their return: written with the reminder, claimed one by one by the job. Audience `STAFF`.

As with the mail of tickets a claim is committed before the mail is sent and comes free again after a while. Neither address
nor code is kept: the address is read, and a new code made, when the mail goes out. A mail whose reminder is older than the
newest code is not sent: it would end the code that somebody has just been given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from geodata.database import Connection

MAX_ATTEMPTS = 14


@dataclass(frozen=True, slots=True)
class Notice:
    """One mail to send now."""

    fiscal_year: int
    association_id: str
    sent_on: date
    attempts: int


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom it goes to, and what it says; `to` is None where no address is known any more or nothing is owed."""

    to: str | None
    association: str
    due_on: date
    municipality: str
    department: str | None
    phone: str | None


def call_for(
    conn: Connection, municipality: str, fiscal_year: int, associations: Sequence[str], sent_on: date
) -> None:
    """Ask for the mail of reminders that were just recorded."""
    conn.execute(
        "INSERT INTO return_mail (municipality_code, fiscal_year, association_id, sent_on) "
        "SELECT %s, %s, id, %s FROM unnest(%s::text[]) id ON CONFLICT DO NOTHING",
        (municipality, fiscal_year, sent_on, list(associations)),
    )


def claim(conn: Connection, municipality: str) -> Notice | None:
    """Take the next mail that is due, and put off its next try; None when nothing is due."""
    row = conn.execute(
        """
        UPDATE return_mail n SET attempts = attempts + 1,
            next_try_at = now() + least(make_interval(mins => (2 ^ least(attempts, 9))::int), interval '6 hours')
        WHERE n.municipality_code = %(m)s AND (n.fiscal_year, n.association_id, n.sent_on) = (
            SELECT fiscal_year, association_id, sent_on FROM return_mail
            WHERE municipality_code = %(m)s AND state = 'pending' AND next_try_at <= now()
            ORDER BY next_try_at, association_id LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING fiscal_year, association_id, sent_on, attempts
        """,
        {"m": municipality},
    ).fetchone()
    return None if row is None else Notice(**row)


def settle(conn: Connection, municipality: str, notice: Notice, state: str) -> None:
    """Write down how it ended: sent, skipped or failed."""
    conn.execute(
        "UPDATE return_mail SET state = %(state)s, sent_at = CASE WHEN %(state)s = 'sent' THEN now() END "
        "WHERE municipality_code = %(m)s AND fiscal_year = %(year)s AND association_id = %(id)s AND sent_on = %(on)s "
        "AND state = 'pending'",
        {
            "state": state,
            "m": municipality,
            "year": notice.fiscal_year,
            "id": notice.association_id,
            "on": notice.sent_on,
        },
    )


def skip_all(conn: Connection, municipality: str) -> int:
    """Give up what is waiting, where no mail is sent at all."""
    return conn.execute(
        "UPDATE return_mail SET state = 'skipped' WHERE municipality_code = %s AND state = 'pending'",
        (municipality,),
    ).rowcount


ADDRESSES = """
    SELECT DISTINCT ON (association_id) association_id, email FROM association_contact
    WHERE municipality_code = %(m)s AND email IS NOT NULL AND role IN ('president', 'office')
      AND daterange(valid_from, valid_to, '[)') @> %(on)s::date
    ORDER BY association_id, role DESC, contact_no
"""
"""The president's address, else the office's. Those of desks for newcomers were given for something else."""


def with_address(conn: Connection, municipality: str, on: date) -> frozenset[str]:
    """Associations that can be written to by mail on a day."""
    rows = conn.execute(ADDRESSES, {"m": municipality, "on": on})
    return frozenset(row["association_id"] for row in rows)


def recipient(conn: Connection, municipality: str, notice: Notice, on: date) -> Recipient:
    """Read at the last moment: whoever has answered or got a new code meanwhile, or whose address was taken out, gets no mail."""
    row = conn.execute(
        f"""
        SELECT CASE WHEN r.state IN ('not-sent', 'sent', 'sent-back') AND o.state = 'open'
                     AND (c.created_at > m.created_at) IS NOT TRUE THEN a.email END AS to,
               r.name AS association, o.due_on, t.name AS municipality, t.contact_department AS department,
               t.contact_phone AS phone
        FROM association_return r
        JOIN return_round o USING (municipality_code, fiscal_year)
        JOIN municipality t USING (municipality_code)
        JOIN return_reminder m USING (municipality_code, fiscal_year, association_id)
        LEFT JOIN return_code c USING (municipality_code, fiscal_year, association_id)
        LEFT JOIN ({ADDRESSES}) a USING (association_id)
        WHERE r.municipality_code = %(m)s AND r.fiscal_year = %(year)s AND r.association_id = %(id)s AND m.sent_on = %(reminded)s
        """,  # noqa: S608 - put together from this file's own texts
        {
            "m": municipality, "year": notice.fiscal_year, "id": notice.association_id, "on": on,
            "reminded": notice.sent_on,
        },
    ).fetchone()  # fmt: skip
    assert row is not None  # a mail goes with its reminder, which goes with its return
    return Recipient(**row)


def states(conn: Connection, municipality: str, fiscal_year: int) -> dict[tuple[str, date], str]:
    """(association, day of the reminder) → how far its mail is."""
    rows = conn.execute(
        "SELECT association_id, sent_on, state FROM return_mail WHERE municipality_code = %s AND fiscal_year = %s",
        (municipality, fiscal_year),
    )
    return {(row["association_id"], row["sent_on"]): row["state"] for row in rows}


def reminded_on(
    conn: Connection, municipality: str, fiscal_year: int, on: date, *, way: str
) -> frozenset[str]:
    """Associations that were reminded in one way on a day."""
    rows = conn.execute(
        "SELECT association_id FROM return_reminder "
        "WHERE municipality_code = %s AND fiscal_year = %s AND sent_on = %s AND way = %s",
        (municipality, fiscal_year, on, way),
    )
    return frozenset(row["association_id"] for row in rows)
