"""What the form of each step of a case asks, and the step it makes; of old cases, all their steps from one line of a table."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from kyodo_geo.errors import InputError
from kyodo_geo.grants.case_checks import NEEDS_WORDS, NEEDS_YEN, YEN
from kyodo_geo.grants.case_fields import CASE_KINDS, figures, typed_figures
from kyodo_geo.grants.cases import Deed, Step
from kyodo_geo.grants.schemes import FLOOR, PROJECTS, Scheme
from kyodo_geo.records import MAX_PEOPLE, MAX_YEN, Facts, Field, Kind, value

MAX_WORDS = 500
DUE = {
    Deed.APPLY: "決定の予定日",
    Deed.GRANT: "実績報告の期限",
    Deed.CHANGE: "実績報告の期限（変わるときだけ）",
    Deed.REPORT: "額の確定の予定日",
    Deed.SETTLE: "支払の予定日",
}
"""What is due next, by deed. Which day, the city's rules say: staff enter it."""
SAYS_FIGURES = frozenset({Deed.APPLY, Deed.CHANGE, Deed.REPORT})
HAS_PAPER = frozenset({Deed.GRANT, Deed.CHANGE, Deed.REFUSE, Deed.SETTLE, Deed.WITHDRAW})
ANSWERS = frozenset({Deed.GRANT, Deed.CHANGE, Deed.SETTLE, Deed.UNDO})
"""Deeds that may stand against the rule or the budget, with words."""

_DAY = Field("day", "行った日", "day", required=True, hint="例：令和8年6月1日")
_PAPER = Field("paper_no", "文書番号", most=60, hint="例：8盛協第123号。なければ空のまま")
_PEOPLE = Field(
    "participants", "参加者数（人）", "whole", most=MAX_PEOPLE, unit="人", hint="不明なら空のまま"
)
_ANSWERED = Field(
    "answered", "きまりと違っても進める理由", "words", most=MAX_WORDS,
    hint="計算の額を超えるとき、満たさない条件があるとき、予算を超えるときなどに書きます。履歴に残ります",
)  # fmt: skip
_NOTE = "個人の名前や電話は書かないでください"


def figure_fields(scheme: Scheme) -> list[Field]:
    """The figures that the applicant gives, as fields."""
    return [
        Field(
            figure.key, f"{figure.name}（{figure.unit}）", "line" if figure is FLOOR else "whole", most=MAX_YEN,
            unit=figure.unit, hint="不明なら空のまま（0 とは違います）",
        )
        for figure in typed_figures(scheme)
    ]  # fmt: skip


def fields_of(scheme: Scheme, deed: Deed) -> list[Field]:
    """The fields of a deed's form, in order."""
    found = [_DAY]
    if deed in NEEDS_YEN:
        found.append(Field("yen", f"{YEN[deed]}（円）", "whole", required=True, most=MAX_YEN, unit="円"))
    if deed in SAYS_FIGURES:
        found += figure_fields(scheme)
    if deed is Deed.REPORT and scheme is PROJECTS:
        found.append(_PEOPLE)
    if deed in DUE:
        found.append(Field("due_on", DUE[deed], "day", hint="過ぎると、一覧に「期限を過ぎています」と出ます"))
    if deed in HAS_PAPER:
        found.append(_PAPER)
    needed = deed in NEEDS_WORDS
    label = "理由" if needed else "メモ"
    found.append(Field("words", label, "words", required=needed, most=MAX_WORDS, hint=_NOTE))
    if deed in ANSWERS:
        found.append(_ANSWERED)
    return found


def step_of(scheme: Scheme, deed: Deed, typed: Callable[[str], str]) -> tuple[Step, str | None]:
    """The step a form makes (its number is given later), and the answer to what speaks against it. Raises InputError."""
    said: dict[str, Any] = {}
    own = {figure.key for figure in typed_figures(scheme)} if deed in SAYS_FIGURES else set()
    for field in fields_of(scheme, deed):
        if field.name not in own:
            said[field.name] = value(field, typed(field.name), {})
    answered = said.pop("answered", None)
    found = figures(scheme, typed) if own else {}
    return Step(0, deed, figures=found, **said), answered


_PAST = (
    Field("applied_on", "申請日", "day"),
    Field("requested_yen", "申請額", "whole", most=MAX_YEN, unit="円"),
    Field("decided_on", "決定日", "day", required=True),
    Field("decided_yen", "決定額", "whole", required=True, most=MAX_YEN, unit="円"),
    Field("settled_on", "確定日", "day"),
    Field("settled_yen", "確定額", "whole", most=MAX_YEN, unit="円"),
    Field("paid_on", "支払日", "day"),
)


def past_kind(scheme: str) -> Kind:
    """The columns of a table with old cases of a scheme: the case's fields, and its days and amounts."""
    kind = CASE_KINDS[scheme]
    own = tuple(field for field in kind.fields if not field.personal and field.name not in ("papers", "geom"))
    people = (_PEOPLE,) if scheme == PROJECTS.key else ()
    return replace(kind, fields=(*own, *_PAST, *people), lead="")


def past_case(scheme: str, row: Facts) -> tuple[Facts, list[Step]]:
    """The facts and steps of one line of such a table. Raises InputError."""
    kind = CASE_KINDS[scheme]
    facts = {field.name: row.get(field.name) for field in kind.fields}
    decided_on = row["decided_on"]
    steps = [
        Step(1, Deed.APPLY, row["applied_on"] or decided_on, row["requested_yen"], unknown_past=True),
        Step(2, Deed.GRANT, decided_on, row["decided_yen"], unknown_past=True),
    ]
    ended = row["settled_on"] or row["paid_on"]
    if row["settled_yen"] is not None and ended is None:
        raise InputError("確定額があるときは、確定日か支払日も入れてください。", field="settled_on")
    if ended is None and row.get("participants") is not None:
        raise InputError("参加者数は、確定日か支払日のある行にだけ入れてください。", field="participants")
    if ended is not None:
        yen = row["decided_yen"] if row["settled_yen"] is None else row["settled_yen"]
        people = row.get("participants")
        steps += [
            Step(3, Deed.REPORT, ended, participants=people, unknown_past=True),
            Step(4, Deed.SETTLE, ended, yen, unknown_past=True),
        ]
        if row["paid_on"] is not None and yen > 0:
            steps.append(Step(5, Deed.PAY, row["paid_on"], yen, unknown_past=True))
    return facts, steps


def ticked_of(typed: Callable[[str], str], numbers: Collection[int]) -> list[int]:
    """Conditions that staff have seen to themselves."""
    return [number for number in numbers if typed(f"condition{number}") == "yes"]
