"""The association's form: what stands in its fields, what is saved of them, and how it reads before it is sent (blocking)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from api.answers import reading_of
from api.association_facts import area_words, draw
from api.credits import place_credit
from api.returns.own import Own
from api.services import Services
from geodata import returns
from geodata.database import Audience
from geodata.queries import associations
from geodata.queries.generation import Ref, resolve
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.records import Field
from kyodo_geo.returns import (
    QUESTIONS,
    SECTIONS,
    Answers,
    Came,
    Doubt,
    Section,
    first_answers,
    read_answers,
    shown,
    typed_answers,
)
from kyodo_geo.returns.differences import ONLY_SAID
from kyodo_geo.returns.questions import question

MOST_TYPED = 4_000
"""Characters of one field that are kept of a draft; more is longer than any answer may be."""
Line = tuple[str, str, str, bool, str]
"""Label, what the city holds, the answer, whether they differ, the question's name."""


@dataclass(frozen=True, slots=True)
class Opened:
    """One return as its association sees it."""

    ref: Ref
    dataset: dict[str, Any]
    row: returns.Return
    round: returns.Round

    @property
    def typed(self) -> dict[str, str]:
        """What stands in the fields: saved and not sent, else what was answered, else what the city holds without the figures."""
        if self.row.draft is not None:
            return {field.name: self.row.draft.get(field.name, "") for field in QUESTIONS}
        return typed_answers(self.row.answers or first_answers(self.row.held))

    @property
    def may_change(self) -> bool:
        return self.round.open and self.row.state.open_to_association

    @property
    def unsent(self) -> bool:
        """Whether sending would tell the city something new."""
        return self.row.draft is not None or not self.row.state.answered

    @property
    def district(self) -> str:
        row = self.row
        return f"{row.district_no} {row.district_name or ''}".strip() if row.district_no is not None else ""


def opened(services: Services, own: Own) -> Opened:
    """The return itself; raises NotFoundError for an association that the round does not ask."""
    code = services.settings.municipality
    with services.database.read(Audience.AUTH) as conn:
        row = returns.one(conn, code, own.fiscal_year, own.association_id)
        found = returns.one_round(conn, code, own.fiscal_year)
    with services.database.read(Audience.PUBLIC) as conn:
        ref = resolve(conn, code)
        return Opened(ref, place_credit(conn, ref), row, found)


def section_of(key: str) -> tuple[int, Section]:
    """Place and section of a step; the first for a name that is none."""
    return next(((at, item) for at, item in enumerate(SECTIONS) if item.key == key), (0, SECTIONS[0]))


def before_words(row: returns.Return) -> dict[str, str]:
    """Question → what the city holds, in words."""
    held = row.held.as_dict()
    return {field.name: shown(field, held[field.name]) for field in QUESTIONS if field.name not in ONLY_SAID}


def area_of(services: Services, association_id: str) -> tuple[Any, tuple[str, ...]]:
    """(the area's own map or None, its rules in words). Read as the public, which may know as much."""
    with reading_of(services) as reading:
        try:
            row = associations.one(reading.conn, reading.ref, association_id)
        except NotFoundError:
            return None, ()
        return draw(reading, row, width=640, height=420, font=13.0), area_words(row.rules)


def sent_texts(form: Callable[[str], str], section: Section) -> dict[str, str]:
    """What was typed into the fields of a step, as it can be stored."""
    return {field.name: clean(form(field.name)) for field in section.fields}


def clean(text: str) -> str:
    """Text without what no database keeps; bounded."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode()[:MOST_TYPED].replace("\r\n", "\n")


def mended(section: Section, typed: Mapping[str, str]) -> dict[str, str]:
    """Question of a step → what to mend before going on."""
    _, wrong = read_answers(lambda name: typed.get(name, ""))
    names = {field.name for field in section.fields}
    return {name: message for name, message in wrong.items() if name in names}


def save(services: Services, own: Own, typed: Mapping[str, str], version: int) -> None:
    """Keep a step; raises EditConflictError, ConflictError."""
    with services.database.write(Audience.AUTH) as conn:
        returns.save_draft(
            conn, services.settings.municipality, own.fiscal_year, own.association_id, typed, actor=own.actor, version=version
        )  # fmt: skip


def send(services: Services, own: Own, found: Opened, version: int) -> None:
    """Send what stands in the fields. Raises InputError (`errors`: by question) and what `receive` raises."""
    answers, wrong = read_answers(lambda name: found.typed.get(name, ""))
    if wrong:
        raise InputError("送る前に、直すところがあります。", errors=wrong)
    with services.database.write(Audience.AUTH) as conn:
        returns.receive(
            conn, services.settings.municipality, own.fiscal_year, own.association_id, answers, came=Came.WEB,
            actor=own.actor, version=version,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Looked:
    """The whole form before it is sent. `errors`: question → what to mend."""

    rows: list[tuple[Section, list[Line]]]
    doubts: tuple[Doubt, ...]
    errors: dict[str, str]


def look(services: Services, found: Opened) -> Looked:
    """How the fields read: answers beside what the city holds, and what looks odd."""
    typed = found.typed
    answers, wrong = read_answers(lambda name: typed.get(name, ""))
    with services.database.read(Audience.STAFF) as conn:
        checked = returns.check(
            conn, resolve(conn, services.settings.municipality), replace(found.row, answers=answers)
        )
    doubts = tuple(doubt for doubt in checked.doubts if doubt.field not in wrong)
    return Looked(lines(found.row.held, answers, typed, wrong), doubts, wrong)


def lines(
    held: Answers, answers: Answers, typed: Mapping[str, str], wrong: Mapping[str, str]
) -> list[tuple[Section, list[Line]]]:
    """The answers by section; what cannot be read stands as it was typed."""
    old, new = held.as_dict(), answers.as_dict()

    def one(field: Field) -> Line:
        now = typed.get(field.name, "") if field.name in wrong else shown(field, new[field.name])
        differs = field.name not in ONLY_SAID and (field.name in wrong or old[field.name] != new[field.name])
        return field.label, shown(field, old[field.name]), now, differs, field.name

    return [(section, [one(field) for field in section.fields]) for section in SECTIONS]


def faster(found: Opened, section: Section, typed: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(label, saved, typed) of a step that somebody else saved meanwhile."""
    stored = found.typed
    return [
        (question(name).label, stored.get(name, ""), text)
        for name, text in typed.items()
        if stored.get(name, "") != text
    ]
