"""Case sheets of associations at risk (取組14): what the rule said in words, how far a case is, counts by district."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kyodo_geo.at_risk import Facts, Judgement, people_fall
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.membership import format_percent_sign

RUNNING = ("open", "watching")
"""States of a case that goes on."""


class Due(StrEnum):
    """Whether the next visit is due."""

    LATE = "予定を過ぎています"
    COMING = "予定あり"
    NONE = "予定なし"


def due_of(state: str, next_on: date | None, on: date) -> Due:
    """How the next visit stands on a day; a closed case has none. A visit of today is not late."""
    if state not in RUNNING or next_on is None:
        return Due.NONE
    return Due.LATE if next_on < on else Due.COMING


@dataclass(frozen=True, slots=True)
class Counted:
    """A district's cases that go on now, and visits to its associations in the fiscal year."""

    running: int = 0
    visits: int = 0


@dataclass(frozen=True, slots=True)
class CaseLine:
    """What counts of a case: its district (None: unknown), state and visits in the year."""

    district_no: int | None
    state: str
    visits: int


def by_district(lines: Iterable[CaseLine]) -> dict[int, Counted]:
    """District → counts; 0 for cases whose association is in no known district. Districts without a case are missing."""
    found: dict[int, Counted] = {}
    for line in lines:
        no = line.district_no or 0
        held = found.get(no, Counted())
        found[no] = Counted(held.running + (line.state in RUNNING), held.visits + line.visits)
    return {no: counted for no, counted in sorted(found.items()) if counted != Counted()}


def figures_words(facts: Facts, judgement: Judgement, fiscal_year: int) -> str:
    """The judgement and the figures behind it, a few lines that stay with the case when the figures change."""
    signs = "、".join(sign.label for sign in judgement.holding) or "なし"
    unknown = "、".join(sign.label for sign in judgement.unknown)
    fallen = people_fall(facts.people, facts.earlier_people)
    households = "不明" if facts.households is None else f"{facts.households:,} 世帯"
    return "\n".join(
        [
            f"{fiscal_year_label(fiscal_year)}の判定：{judgement.verdict.value}",
            f"あたるもの：{signs}" + (f"（不明：{unknown}）" if unknown else ""),
            f"世帯数：{households}",
            f"加入率：{format_percent_sign(facts.rate)}（前：{format_percent_sign(facts.earlier_rate)}）",
            f"65歳以上の割合：{format_percent_sign(facts.aged_share)}",
            f"人口の減少：{format_percent_sign(fallen)}",
        ]
    )
