"""The answers of a return: typed text → values, and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from kyodo_geo.errors import InputError
from kyodo_geo.records import typed_of, value
from kyodo_geo.returns.questions import QUESTIONS

_MAIL = re.compile(r"[^@\s<>()\[\],;:\"\\]+@[^@\s<>()\[\],;:\"\\]+\.[^@\s<>()\[\],;:\"\\]+")


@dataclass(frozen=True, slots=True)
class Answers:
    """One value per question, None where nothing was said (unknown, never 0)."""

    president_name: str | None = None
    president_phone: str | None = None
    president_address: str | None = None
    president_email: str | None = None
    president_published: str | None = None
    circulation_copies: int | None = None
    circulation_to: str | None = None
    circulation_name: str | None = None
    circulation_phone: str | None = None
    circulation_address: str | None = None
    households: int | None = None
    households_basis: str | None = None
    member_households: int | None = None
    hall_use: str | None = None
    hall_name: str | None = None
    hall_address: str | None = None
    area_text: str | None = None
    area_answer: str | None = None
    area_note: str | None = None
    wishes: str | None = None
    reason: str | None = None
    filled_by: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON-able, every question in its order."""
        return asdict(self)

    @classmethod
    def of(cls, kept: Mapping[str, Any] | None) -> Answers:
        """From what is kept; questions that are no more are left out, new ones are unanswered."""
        names = {field.name for field in fields(cls)}
        return cls(**{name: said for name, said in (kept or {}).items() if name in names})


def read_answers(typed: Callable[[str], str]) -> tuple[Answers, dict[str, str]]:
    """What was typed (or chosen: key or label) in each field; returns the answers and field → what to mend.

    A field that cannot be read is None among the answers: nothing is to be kept while there is one.
    """
    said: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for field in QUESTIONS:
        try:
            said[field.name] = value(field, typed(field.name), {})
        except InputError as error:
            wrong[field.name] = error.message
    mail = said.get("president_email")
    if mail is not None and not _MAIL.fullmatch(mail):
        said.pop("president_email")
        wrong["president_email"] = "会長のメールアドレスは、name@example.jp のように入力してください。"
    if said.get("area_answer") == "wrong" and not said.get("area_note") and "area_note" not in wrong:
        wrong["area_note"] = "区域の「違うところ」を入力してください。"
    if said.get("circulation_to") == "other" and not said.get("circulation_name"):
        wrong.setdefault(
            "circulation_name", "回覧文書の届け先が会長と別のときは、届け先の名前を入力してください。"
        )
    return Answers(**said), wrong


def says_nothing(answers: Answers, held: Answers) -> bool:
    """Whether a form came back wholly blank (未記入): every field is empty.

    The words of the area that the city wrote into the form itself (`held`) do not make it an answer. Any other value that
    stands there does: a contact that was left as it is says that it has not changed.
    """
    bare = replace(answers, area_text=None) if answers.area_text == held.area_text else answers
    return bare == Answers()


def typed_answers(answers: Answers) -> dict[str, str]:
    """Field → text as it stands in a form."""
    kept = answers.as_dict()
    return {field.name: typed_of(field, kept[field.name]) for field in QUESTIONS}


FRESH = ("president_published", "households", "member_households", "circulation_copies")
"""Asked anew each year: last year's answer stands beside the field, not in it, so that nobody sends it back unread.

So is the consent to publish: it was given by the president of then, who need not be the one of now.
"""


def first_answers(held: Answers) -> Answers:
    """What a form begins with: all that the city holds but what is asked anew (`FRESH`) or said anew."""
    again = ("area_answer", "area_note", "wishes", "reason", "filled_by")
    return replace(held, **dict.fromkeys((*FRESH, *again)))
