"""What could have gone in one envelope, and what needed no paper: proposals for fewer letters (取組5)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from kyodo_geo.documents.document import IN_ENVELOPES, Document

TIME_TO_ANSWER = 14
"""Days that people keep to answer, when a letter waits for another."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Letters of one week that the same people got. `saved`: envelopes that one date would have spared.

    `departments`: of them; more than one means that departments would have had to talk to each other.
    """

    monday: date
    documents: tuple[Document, ...]
    people: int
    envelopes: int
    saved: int
    day: date
    late: tuple[Document, ...]

    @property
    def departments(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.department for one in self.documents))


@dataclass(frozen=True, slots=True)
class Paperless:
    """A document on paper that could go by mail or on the web; `copies` None where nobody counted."""

    document: Document
    copies: int | None
    why: str


def bundles(documents: Iterable[Document]) -> list[Bundle]:
    """Groups of letters within a week (Monday to Sunday) whose people overlap, the most spared first."""
    weeks: dict[date, list[Document]] = defaultdict(list)
    for one in documents:
        if one.way in IN_ENVELOPES and one.people:
            weeks[one.sent_on - timedelta(days=one.sent_on.weekday())].append(one)
    found = [_bundle(monday, group) for monday, own in weeks.items() for group in _groups(own)]
    return sorted(found, key=lambda one: (-one.saved, one.monday, one.documents[0].id))


def _groups(documents: Sequence[Document]) -> list[list[Document]]:
    """Documents that hang together by people they share; those that stand alone are left out."""
    groups: list[tuple[set[str], list[Document]]] = []
    for one in sorted(documents, key=lambda one: (one.sent_on, one.id)):
        own: tuple[set[str], list[Document]] = (set(one.people), [one])
        apart = []
        for people, held in groups:
            if people & own[0]:
                own = (people | own[0], [*held, *own[1]])
            else:
                apart.append((people, held))
        groups = [*apart, own]
    return [sorted(held, key=lambda one: (one.sent_on, one.id)) for _, held in groups if len(held) > 1]


def _bundle(monday: date, group: Sequence[Document]) -> Bundle:
    letters = Counter(person for one in group for person in one.people)
    envelopes = letters.total()
    # The last one is ready on its own day; whoever has to answer sooner than that leaves time for goes first.
    day = max(one.sent_on for one in group)
    late = tuple(
        one for one in group
        if one.answer_by is not None and one.sent_on < day and (one.answer_by - day).days < TIME_TO_ANSWER
    )  # fmt: skip
    return Bundle(monday, tuple(group), len(letters), envelopes, envelopes - len(letters), day, late)


def paperless(documents: Iterable[Document]) -> list[Paperless]:
    """What went on paper though its department says it need not, or only tells something; the most copies first."""
    found = []
    for one in documents:
        if one.way not in IN_ENVELOPES:
            continue
        copies = one.copies if one.copies is not None else len(one.people) or None
        if one.could_mail:
            found.append(Paperless(one, copies, "担当課が、電子メールやホームページで済むとしています"))
        elif one.kind == "notice" and one.answer_by is None:
            found.append(Paperless(one, copies, "回答のいらないお知らせです"))
    return sorted(found, key=lambda one: (-(one.copies or 0), one.document.sent_on, one.document.id))
