"""The forms of the inquiry as they are typed: a new round, an answer, a decision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from api.clock import today
from api.edit_forms import Sent
from geodata.inquiries.answers import Item
from geodata.inquiries.deciding import Deciding
from geodata.inquiries.rounds import Asked
from kyodo_geo import edit_entries as entries
from kyodo_geo import inquiry as rules
from kyodo_geo.dates import fiscal_year_of
from kyodo_geo.errors import InputError
from kyodo_geo.inquiry import EVIDENCE, MAX_QUESTIONS, MAX_WORDS, Content
from kyodo_geo.progress_entries import check_year
from kyodo_geo.quality import Quality

MOST_FIELDS = 80
"""Of one item's form: three for each of ten documents beside the others."""


def asked_of(sent: Sent, plans: dict[str, tuple[int, int]]) -> Asked:
    """A new round; `plans`: id → first and last year. Raises InputError."""
    plan_id, text_year = sent.text("plan").partition("/")[::2]
    if plan_id not in plans or not text_year.isdigit():
        raise InputError("計画と年度を選んでください。", field="plan")
    fiscal_year, (first, last) = int(text_year[:4]), plans[plan_id]
    check_year(fiscal_year, first, min(last, fiscal_year_of(today())))
    title = entries.line(sent.text("title"), "title", "照会の名前", most=100, required=True)
    due_on = entries.day(sent.text("due_on"), "due_on", "回答の期限")
    if due_on is None:
        raise InputError("回答の期限を入力してください。", field="due_on")
    lead = entries.words(sent.text("lead"), "lead", "依頼の文", most=MAX_WORDS)
    questions = entries.words(sent.text("questions"), "questions", "そのほかの質問", most=1_000) or ""
    lines = tuple(filter(None, (" ".join(line.split()) for line in questions.split("\n"))))
    if len(lines) > MAX_QUESTIONS:
        raise InputError(f"そのほかの質問は {MAX_QUESTIONS} つまでです（1 行に 1 つ）。", field="questions")
    assert title is not None
    return Asked(plan_id, fiscal_year, title, due_on, lead, lines)


def answer_of(item: Item, typed: Callable[[str], str]) -> Content:
    """An answer as typed into the form of one item; raises InputError for an empty one, too."""
    content = rules.read(item.kind, typed, rules.lines_for(item.prefilled))
    if not content:
        first = rules.FIELDS[item.kind][0]
        raise InputError(f"{first.label}を入力してください。", field=first.name)
    return content


def decision_of(item: Item, sent: Sent) -> tuple[Content, Deciding]:
    """What is to be kept, field by field as chosen, and how; raises InputError."""
    quality = sent.text("quality") or "real"
    if quality not in set(Quality):
        raise InputError("データの品質を選んでください。", field="quality")
    content = rules.merged(item.sides, lambda name: sent.text(f"side_{name}"))
    return content, deciding(sent.actor, quality=quality, sure=sent.ticked("sure"))


def deciding(actor: str, *, quality: str = "real", sure: bool = False) -> Deciding:
    """Who decides, in which year."""
    return Deciding(actor, fiscal_year_of(today()), quality, sure)


@dataclass(frozen=True, slots=True)
class Choice:
    """One side that can be chosen: its key, whose it is, and its words."""

    key: str
    label: str
    words: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an item for the page of a decision."""

    name: str
    label: str
    out: str
    choices: tuple[Choice, ...]
    open: bool


def fields_of(item: Item, typed: Callable[[str], str]) -> list[Field]:
    """The fields side by side; `typed` gives what was chosen before."""
    found = []
    for side in item.sides:
        held = typed(f"side_{side.field.name}")
        first = next(iter(side.answers.values()), side.now)
        choices = []
        for key, value in side.choices.items():
            label = "いまの記録" if key == "now" else f"回答 {key}"
            same = [str(no) for no, answered in side.answers.items() if answered == value]
            if key == "now" and same:
                label = f"いまの記録（回答 {'、'.join(same)} も同じ）"
            elif len(same) > 1:
                label = f"回答 {'、'.join(same)}"
            chosen = key == held if held else (not side.open and value == first)
            choices.append(Choice(key, label, rules.said(side.field, value) or "（なし）", chosen))
        out = rules.said(side.field, side.prefilled) or "（なし）"
        found.append(Field(side.field.name, side.field.label, out, tuple(choices), side.open))
    return found


def lines_of(item: Item, content: Content) -> list[tuple[str, str]]:
    """(label, words) of an answer or record; fields without anything are left out."""
    pairs = [
        (field.label, rules.said(field, content.get(field.name))) for field in rules.kept_fields(item.kind)
    ]
    return [(label, words) for label, words in pairs if words]


def stored_of(item: Item) -> dict[str, Any]:
    """What stands in the form at first: the last answer, else what went out."""
    last = item.answers[-1].content if item.answers else item.prefilled
    return rules.texts(item.kind, last)


__all__ = [
    "EVIDENCE",
    "answer_of",
    "asked_of",
    "deciding",
    "decision_of",
    "fields_of",
    "lines_of",
    "stored_of",
]
