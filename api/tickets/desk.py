"""The desk: tickets of one application's municipality, entered, read and changed. Blocking; routes use a thread."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from api.auth.principals import Principal
from api.clock import today
from api.settings import Settings
from geodata import tickets
from geodata.audit import record
from geodata.database import Audience, Database
from geodata.queries import associations
from geodata.queries.association_names import district_names
from geodata.queries.generation import Ref, resolve
from geodata.tickets import notices
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.ticket_entries import MAX_ANSWER, MAX_NOTE, Referral, Wish, paragraphs, text_errors
from kyodo_geo.tickets import COUNTER, State, channel
from kyodo_geo.working_days import working_days_after

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Opened:
    """A ticket as the staff's page shows it."""

    ref: Ref
    detail: tickets.Detail
    office: str | None
    events: list[tickets.Event]
    mail: list[tuple[str, str, int]]
    contacts: tuple[dict[str, Any], ...]
    district: str | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """`holidays`: days the office is closed beside weekends and the turn of the year."""

    database: Database
    settings: Settings
    holidays: frozenset[date] = frozenset()

    def enter(self, entry: Referral | Wish, principal: Principal) -> int:
        """Enter a checked entry in the name of whom the request comes from; returns the ticket's number."""
        by = tickets.Channel(
            channel(principal.roles, principal.office_id), principal.office_id or None, principal.login
        )
        code = self.settings.municipality
        with self.database.write(Audience.PARTNER, office=by.office_id or "") as conn:
            if isinstance(entry, Referral):
                due = self._due(self.settings.referral_due_days)
                return tickets.enter_referral(conn, code, entry, by, due_on=due)
            return tickets.enter_wish(conn, code, entry, by, due_on=self._due(self.settings.wish_due_days))

    def own(self, office_id: str, before: int | None) -> tuple[Ref, list[tickets.Summary], int | None]:
        """An office's tickets, newest first."""
        with self.database.read(Audience.PARTNER, office=office_id) as conn:
            ref = resolve(conn, self.settings.municipality)
            return ref, *tickets.own(conn, ref, before=before, limit=PER_PAGE)

    def at_counter(self, before: int | None) -> tuple[Ref, list[tickets.Summary], int | None]:
        """What the city's counters have entered, newest first: where it stands and nothing personal.

        Read as `STAFF`, since no rights are the counter's own; `Summary` holds no personal column.
        """
        with self.database.read(Audience.STAFF) as conn:
            ref = resolve(conn, self.settings.municipality)
            only = tickets.Filters(channel=COUNTER)
            return ref, *tickets.inbox(conn, ref, only, before=before, limit=PER_PAGE)

    def own_answers(self, office_id: str, numbers: list[int]) -> dict[int, str]:
        """Answers to an office's questions by number."""
        with self.database.read(Audience.PARTNER, office=office_id) as conn:
            return tickets.answers(conn, self.settings.municipality, numbers)

    def own_one(self, office_id: str, ticket_no: int) -> tuple[Ref, tickets.Detail, list[tickets.Event]]:
        """One ticket of an office; raises NotFoundError for anybody else's."""
        with self.database.read(Audience.PARTNER, office=office_id) as conn:
            ref = resolve(conn, self.settings.municipality)
            found = tickets.one(conn, ref, ticket_no)
            return ref, found, tickets.events(conn, ref.municipality_code, ticket_no, staff=False)

    def inbox(
        self, filters: tickets.Filters, before: int | None
    ) -> tuple[Ref, list[tickets.Summary], int | None, dict[str, str]]:
        """The staff's list, where it goes on, and the offices' names."""
        with self.database.read(Audience.STAFF) as conn:
            ref = resolve(conn, self.settings.municipality)
            rows, following = tickets.inbox(conn, ref, filters, before=before, limit=PER_PAGE)
            return ref, rows, following, tickets.office_names(conn, ref.municipality_code)

    def open(self, ticket_no: int, principal: Principal) -> Opened:
        """One ticket for the staff. That somebody read personal fields is written down."""
        code = self.settings.municipality
        with self.database.read(Audience.STAFF) as conn:
            ref = resolve(conn, code)
            found = tickets.one(conn, ref, ticket_no)
            events = tickets.events(conn, code, ticket_no, staff=True)
            office = tickets.office_names(conn, code).get(found.summary.office_id or "")
            mail = notices.of_ticket(conn, code, ticket_no)
            district = dict(district_names(conn, ref)).get(found.summary.district_no or 0)
            contacts: tuple[dict[str, Any], ...] = ()
            if found.summary.association_id is not None:
                try:
                    contacts = associations.one(conn, ref, found.summary.association_id).contacts
                except NotFoundError:
                    contacts = ()  # the association is not in the active generation any more
        if found.personal:
            with self.database.write(Audience.STAFF) as conn:
                record(conn, code, principal.login or "unknown", "ticket.view", str(ticket_no), kind="view")
        return Opened(ref, found, office, events, mail, contacts, district)

    def change(
        self, ticket_no: int, to: State, version: int, principal: Principal, *, answer: str, note: str
    ) -> None:
        """Bring a ticket to a state. Raises InputError, ConflictError, NotFoundError."""
        answer, note = paragraphs(answer), paragraphs(note)
        _check(text_errors("answer", answer, MAX_ANSWER) | text_errors("note", note, MAX_NOTE))
        with self.database.write(Audience.STAFF) as conn:
            tickets.change_state(
                conn, self.settings.municipality, ticket_no, to, version=version,
                actor=principal.login or "unknown", answer=answer or None, note=note or None,
            )  # fmt: skip

    def note(self, ticket_no: int, version: int, principal: Principal, note: str) -> None:
        """Add a note without changing the state."""
        note = paragraphs(note)
        _check(text_errors("note", note, MAX_NOTE) if note else {"note": "メモを書いてください。"})
        with self.database.write(Audience.STAFF) as conn:
            tickets.add_note(
                conn, self.settings.municipality, ticket_no, note, version=version,
                actor=principal.login or "unknown",
            )  # fmt: skip

    def erase(self, ticket_no: int, principal: Principal) -> None:
        """Erase everything the ticket says, at once."""
        with self.database.write(Audience.STAFF) as conn:
            tickets.erase(conn, self.settings.municipality, ticket_no, actor=principal.login or "unknown")

    def _due(self, days: int) -> date:
        return working_days_after(today(), days, self.holidays)


def _check(errors: dict[str, str]) -> None:
    for field, message in errors.items():
        raise InputError(message, field=field)
