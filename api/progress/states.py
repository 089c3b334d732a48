"""How many indicators stand how, and how many initiatives have a record: the first thing a reader wants to know."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from api.progress.report import Progress
from kyodo_geo.indicators import OutcomeState, ReferenceState


@dataclass(frozen=True, slots=True)
class Counts:
    """States in the order of their rules with their numbers, zeros too; records of the year and their total."""

    outcome: tuple[tuple[str, int], ...]
    reference: tuple[tuple[str, int], ...]
    recorded: int
    initiatives: int

    @staticmethod
    def words(states: tuple[tuple[str, int], ...]) -> str:
        """達成 1、遅れ 1: what is not 0."""
        return "、".join(f"{state} {number}" for state, number in states if number) or "なし"


@dataclass(frozen=True, slots=True)
class Point:
    """Something for the meeting to talk about: a state, and the names of what is in it."""

    state: str
    names: tuple[str, ...]


def points(found: Progress) -> list[Point]:
    """Indicators that fall short or are unknown, and initiatives without a record (★: priority), in the year looked at."""
    year = found.fiscal_year
    short = [*(OutcomeState.BEHIND, ReferenceState.WORSE), OutcomeState.UNKNOWN]
    lines = [
        Point(
            f"指標：{state.value}",
            tuple(item.row["title"] for item in found.indicators if item.at(year).state == state.value),
        )
        for state in short
    ]
    silent = tuple(
        f"{item.no} {item.row['title']}{'（★ 重点）' if item.row['priority'] else ''}"
        for item in found.initiatives
        if item.at(year) is None
    )
    return [line for line in (*lines, Point("取組：記録なし", silent)) if line.names]


def counts(found: Progress) -> Counts:
    """Of the year looked at."""
    by_kind = {
        kind: Counter(
            item.at(found.fiscal_year).state for item in found.indicators if item.row["kind"] == kind
        )
        for kind in ("outcome", "reference")
    }
    return Counts(
        tuple((state.value, by_kind["outcome"][state.value]) for state in OutcomeState),
        tuple((state.value, by_kind["reference"][state.value]) for state in ReferenceState),
        sum(item.at(found.fiscal_year) is not None for item in found.initiatives),
        len(found.initiatives),
    )
