"""Enter tickets, as the audience `PARTNER`: an office in its own name, residents and counters in none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import psycopg

from geodata.database import Connection
from kyodo_geo.errors import InputError
from kyodo_geo.ticket_entries import Referral, Wish
from kyodo_geo.tickets import PURPOSE


@dataclass(frozen=True, slots=True)
class Channel:
    """Who brings the ticket: partner / counter / page, the office (None for nobody's) and the login (None: nobody)."""

    name: str
    office_id: str | None = None
    login: str | None = None


def enter_referral(
    conn: Connection, municipality: str, entry: Referral, channel: Channel, *, due_on: date
) -> int:
    """Enter a checked question (`kyodo_geo.ticket_entries.referral_errors`); returns its number.

    Raises InputError for an association that does not exist. The database refuses personal fields without consent.
    """
    number = _next(conn)
    _insert(
        conn,
        """
        INSERT INTO referral (municipality_code, ticket_no, office_id, association_id, channel, asked_by, question,
                              customer_name, customer_phone, customer_email, consent_at, due_on)
        VALUES (%(m)s, %(no)s, %(office)s, %(association)s, %(channel)s, %(login)s, %(question)s, %(name)s,
                %(phone)s, %(email)s, CASE WHEN %(consent)s THEN now() END, %(due)s)
        """,
        {
            "m": municipality,
            "no": number,
            "office": channel.office_id,
            "association": entry.association_id,
            "channel": channel.name,
            "login": channel.login,
            "question": entry.question,
            "name": entry.name,
            "phone": entry.phone,
            "email": entry.email,
            "consent": entry.consent and entry.personal,
            "due": due_on,
        },
    )
    _begin(conn, municipality, number)
    return number


def enter_wish(conn: Connection, municipality: str, entry: Wish, channel: Channel, *, due_on: date) -> int:
    """Enter a checked wish to join (`wish_errors`); returns its number. Raises InputError as above."""
    if not entry.consent:
        raise InputError("同意がありません。", field="consent")
    number = _next(conn)
    _insert(
        conn,
        """
        INSERT INTO join_wish (municipality_code, ticket_no, office_id, association_id, channel, asked_by, name,
                               phone, email, address, purpose, consent_at, due_on)
        VALUES (%(m)s, %(no)s, %(office)s, %(association)s, %(channel)s, %(login)s, %(name)s, %(phone)s, %(email)s,
                %(address)s, %(purpose)s, now(), %(due)s)
        """,
        {
            "m": municipality,
            "no": number,
            "office": channel.office_id,
            "association": entry.association_id,
            "channel": channel.name,
            "login": channel.login,
            "name": entry.name,
            "phone": entry.phone,
            "email": entry.email,
            "address": entry.address,
            "purpose": PURPOSE,
            "due": due_on,
        },
    )
    _begin(conn, municipality, number)
    return number


def _next(conn: Connection) -> int:
    # Not RETURNING: what residents and counters enter is in no office's sight, not even at this moment.
    row = conn.execute("SELECT nextval('ticket_no_seq') AS no").fetchone()
    assert row is not None
    return int(row["no"])


def _insert(conn: Connection, statement: str, values: dict[str, object]) -> None:
    try:
        with conn.transaction():
            conn.execute(statement, values)
    except psycopg.errors.ForeignKeyViolation:
        raise InputError("この町内会・自治会は登録されていません。", field="association") from None


def _begin(conn: Connection, municipality: str, number: int) -> None:
    # Below the application only this ticket, entered in this transaction, can begin.
    conn.execute("SELECT begin_ticket(%s, %s)", (municipality, number))
