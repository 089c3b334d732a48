"""Final evaluation of a plan: the scale, what becomes of an initiative, and when an evaluation may be decided."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from kyodo_geo.edit_entries import line
from kyodo_geo.errors import InputError

CARRY_OVERS = (("continue", "継続"), ("improve", "見直して継続"), ("merge", "統合"), ("end", "終了"))
DEFAULT_SCALE = (
    ("A", "予定どおり、または予定を超えて進んだ"),
    ("B", "おおむね予定どおり進んだ"),
    ("C", "予定より遅れた"),
    ("D", "ほとんど進まなかった"),
)
"""Offered for a plan whose scale has not been set; the city may word it as it likes."""
STATES = {"draft": "下書き", "decided": "決定", "published": "公開"}
MAX_GRADES = 8
MAX_REASON = 1_000
MAX_SUMMARY = 3_000
_GRADE = re.compile(r"([0-9A-ZＡ-Ｚ]{1,3})[\s　:：]+(.+)")


@dataclass(frozen=True, slots=True)
class Grade:
    """A step of the scale, the best first."""

    grade: str
    words: str


def scale_of(text: str) -> tuple[Grade, ...]:
    """A scale as lines of 「A 予定どおり進んだ」; raises InputError."""
    found: list[Grade] = []
    for number, row in enumerate(filter(None, map(str.strip, text.splitlines())), start=1):
        match = _GRADE.fullmatch(row)
        if match is None:
            raise InputError(
                f"{number} 行目：記号（A、B など）と意味を、空白で区切って入力してください。", field="scale"
            )
        grade = match[1].translate({ord("Ａ") + at: ord("A") + at for at in range(26)})
        words = line(match[2], "scale", "意味", required=True)
        assert words is not None
        if grade in {one.grade for one in found}:
            raise InputError(f"{number} 行目：記号 {grade} が 2 回あります。", field="scale")
        found.append(Grade(grade, words))
    if not 2 <= len(found) <= MAX_GRADES:
        raise InputError(f"段階は 2 つから {MAX_GRADES} つまで入力してください。", field="scale")
    return tuple(found)


def check_decision(initiatives: Iterable[int], evaluated: Collection[int], decided_by: str | None) -> None:
    """Raise InputError unless every initiative has been evaluated and it is said who decides."""
    missing = [number for number in initiatives if number not in evaluated]
    if missing:
        raise InputError(
            f"評価のない取組があります（{'、'.join(map(str, missing))}）。すべて評価してから決定してください。",
            field="decide",
        )
    if not decided_by:
        raise InputError("決定した会議か課の名前を入力してください。", field="decided_by")


def counted(scale: Sequence[Grade], grades: Iterable[str]) -> list[tuple[Grade, int]]:
    """How many initiatives have each grade, zeros too."""
    held = list(grades)
    return [(grade, held.count(grade.grade)) for grade in scale]
