"""What a return says otherwise than what the city holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kyodo_geo.records import Field
from kyodo_geo.returns.answers import Answers
from kyodo_geo.returns.questions import QUESTIONS

ONLY_SAID = ("reason", "filled_by", "area_answer", "area_note", "wishes")
"""Questions that are answered anew each year: nothing is held that they could differ from."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One question whose answer is another one than before; `before` and `now` as people read them, "" for none."""

    field: str
    label: str
    before: str
    now: str
    personal: bool


def differences(held: Answers, now: Answers) -> tuple[Difference, ...]:
    """In the order of the questions."""
    old, new = held.as_dict(), now.as_dict()
    return tuple(
        Difference(
            field.name,
            field.label,
            shown(field, old[field.name]),
            shown(field, new[field.name]),
            field.personal,
        )
        for field in QUESTIONS
        if field.name not in ONLY_SAID and old[field.name] != new[field.name]
    )


def shown(field: Field, kept: Any) -> str:
    """An answer for people's eyes: the label of a choice, 1,234 世帯; "" for none."""
    if kept is None:
        return ""
    if field.form == "whole":
        return f"{kept:,}{' ' + field.unit if field.unit else ''}"
    return dict(field.options).get(kept, str(kept)) if field.options else str(kept)
