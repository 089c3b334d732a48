"""Fields of the tickets' forms, as typed and as entries."""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.datastructures import FormData

from kyodo_geo.ticket_entries import Referral, Wish, line, paragraphs, phone_of

MOST = 20_000
"""Characters looked at in one field: what is longer is refused for its length all the same."""
TRAP = "website"
"""A field people do not see. Programs that fill in every field give themselves away."""
TRAPPED = "「この欄には何も書かないでください」という欄に文字があります。消してから、もう一度送ってください。"
ASSOCIATION = re.compile(r"[0-9A-Za-z_-]{1,40}")


def typed(form: FormData, name: str) -> str:
    """What was typed into a field; files and missing fields are empty."""
    value = form.get(name)
    return value[:MOST] if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Filled:
    """The form as it is shown again: texts as typed, and whether the box was ticked."""

    association: str = ""
    question: str = ""
    name: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    consent: bool = False
    trap: str = ""

    def referral(self) -> Referral:
        return Referral(
            paragraphs(self.question),
            self.association or None,
            line(self.name),
            phone_of(self.phone),
            line(self.email),
            self.consent,
        )

    def wish(self) -> Wish:
        return Wish(
            self.association,
            line(self.name),
            phone_of(self.phone),
            line(self.email),
            line(self.address),
            self.consent,
        )


def filled(form: FormData) -> Filled:
    """The form's fields; an association that is no id counts as not chosen."""
    association = typed(form, "association")
    return Filled(
        association if ASSOCIATION.fullmatch(association) else "",
        typed(form, "question"),
        typed(form, "name"),
        typed(form, "phone"),
        typed(form, "email"),
        typed(form, "address"),
        typed(form, "consent") == "yes",
        typed(form, TRAP),
    )
