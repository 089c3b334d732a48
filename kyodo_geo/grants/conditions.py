"""The conditions of a rule, judged from what is known; what is not known stays open until somebody ticks it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from kyodo_geo.grants.table import Check, RuleTable

STANDARD_1981 = date(1981, 6, 1)
"""First day of the standard for earthquakes of the Building Standards Act's order as amended in 1980 (施行令改正)."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an applicant; None is unknown. `last_year`: fiscal year of the last grant, if `past_known`."""

    fiscal_year: int
    adopted_plan: bool | None = None
    approved_return: bool | None = None
    built_on: date | None = None
    retrofitted: bool | None = None
    past_known: bool = False
    last_year: int | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """`met`: None where it is not known. `by_hand`: somebody ticked it."""

    number: int
    words: str
    met: bool | None
    reason: str
    by_hand: bool = False


def judge(table: RuleTable, facts: Facts, ticked: Collection[int] = ()) -> list[Judged]:
    """Every condition, numbered from 1; `ticked` are the numbers that staff have seen to themselves."""
    found = []
    for number, condition in enumerate(table.conditions, start=1):
        met, reason = _of(condition.check, condition.years or 0, facts)
        if number in ticked and met is not True:
            found.append(Judged(number, condition.words, True, "職員が確かめました", by_hand=True))
        else:
            found.append(Judged(number, condition.words, met, reason))
    return found


def _of(check: Check, years: int, facts: Facts) -> tuple[bool | None, str]:
    if check is Check.ADOPTED_PLAN:
        return _known(
            facts.adopted_plan,
            "計画は策定されています",
            "計画が策定されていません",
            "計画の状態が分かりません",
        )
    if check is Check.APPROVED_RETURN:
        return _known(
            facts.approved_return,
            "届は承認されています",
            "届がまだ承認されていません",
            "届の状態が分かりません",
        )
    if check is Check.STANDARD_1981:
        if facts.retrofitted:
            return True, "耐震改修が済んでいます"
        if facts.built_on is None:
            return None, "建てた日が分かりません"
        new = facts.built_on >= STANDARD_1981
        return new, "昭和56年6月1日からの建物です" if new else "昭和56年5月31日までの建物です"
    if check is Check.NONE_WITHIN:
        if not facts.past_known:
            return None, "これまでの補助の記録が分かりません"
        if facts.last_year is None:
            return True, "これまでに受けた記録がありません"
        free = facts.fiscal_year - facts.last_year >= years
        word = f"前に受けたのは {facts.last_year} 年度です"
        return free, word if free else f"{word}（{years} 年に満ちません）"
    return None, "職員が確かめてください"


def _known(fact: bool | None, yes: str, no: str, unknown: str) -> tuple[bool | None, str]:
    return fact, unknown if fact is None else yes if fact else no
