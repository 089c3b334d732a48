"""Associations at risk (取組14): four signs with thresholds the city sets, and how many of them make a risk.

A sign nobody can judge is unknown, never absent. Whether an association is at risk stays unknown while its unknown
signs could still tip the balance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum

from kyodo_geo.classes import format_percent
from kyodo_geo.errors import InputError
from kyodo_geo.rate_change import change_points


class Sign(StrEnum):
    """What may point to a risk."""

    FEW_HOUSEHOLDS = "few_households"
    FALLING_RATE = "falling_rate"
    AGEING = "ageing"
    DEPOPULATED = "depopulated"

    @property
    def label(self) -> str:
        """Short name shown to people."""
        return _LABELS[self]


_LABELS = {
    Sign.FEW_HOUSEHOLDS: "世帯が少ない",
    Sign.FALLING_RATE: "加入率の低下",
    Sign.AGEING: "高齢化",
    Sign.DEPOPULATED: "人口の減少",
}


class Verdict(StrEnum):
    """Whether an association is at risk."""

    AT_RISK = "見守りが必要"
    NOT = "該当なし"
    UNKNOWN = "判定できない"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What the city sets. Points are percentage points; shares are whole percent; `*_years` are years back."""

    households_below: int = 50
    fall_points: Decimal = Decimal("3.0")
    fall_years: int = 3
    aged_percent: int = 40
    people_fall_percent: int = 5
    people_fall_years: int = 5
    signs_needed: int = 2

    def __post_init__(self) -> None:
        _within(self, {**LIMITS, "fall_points": (0, 100)})

    def entered(self) -> Thresholds:
        """Themselves where they may be entered today; raises InputError naming the field."""
        _within(self, LIMITS)
        return self


NAMES = {
    "households_below": "世帯数（これより少ない）",
    "fall_points": "加入率の低下（ポイント以上）",
    "fall_years": "加入率を比べる年数",
    "aged_percent": "65歳以上の割合（％以上）",
    "people_fall_percent": "人口の減少（％以上）",
    "people_fall_years": "人口を比べる年数",
    "signs_needed": "見守りが必要とする数",
}
LIMITS: dict[str, tuple[int | Decimal, int]] = {
    "households_below": (1, 1000),
    "fall_points": (Decimal("0.1"), 100),
    "fall_years": (1, 20),
    "aged_percent": (1, 100),
    "people_fall_percent": (1, 100),
    "people_fall_years": (1, 20),
    "signs_needed": (1, 4),
}
"""What may be entered. Versions kept from before, with a fall of 0 points (nearly every association), still load."""


def _within(thresholds: Thresholds, limits: Mapping[str, tuple[int | Decimal, int]]) -> None:
    for field in fields(thresholds):
        low, high = limits[field.name]
        if not low <= getattr(thresholds, field.name) <= high:
            raise InputError(
                f"「{NAMES[field.name]}」は {low} から {high} までで入力してください。", field=field.name
            )


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an association. Rates and shares are 0–1; None is unknown.

    `aged_share` and the people are those of the smallest area around it for which there are figures.
    """

    households: int | None = None
    rate: float | None = None
    earlier_rate: float | None = None
    aged_share: float | None = None
    people: int | None = None
    earlier_people: int | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Each sign with True, False or None (unknown), how many hold, and what follows."""

    signs: dict[Sign, bool | None]
    verdict: Verdict

    @property
    def holding(self) -> list[Sign]:
        return [sign for sign, holds in self.signs.items() if holds]

    @property
    def unknown(self) -> list[Sign]:
        return [sign for sign, holds in self.signs.items() if holds is None]


def judge(facts: Facts, thresholds: Thresholds) -> Judgement:
    """The signs of one association. Figures are compared as they are shown (0.1 %)."""
    change = change_points(facts.rate, facts.earlier_rate)
    fallen = people_fall(facts.people, facts.earlier_people)
    signs: dict[Sign, bool | None] = {
        Sign.FEW_HOUSEHOLDS: None
        if facts.households is None
        else facts.households < thresholds.households_below,
        Sign.FALLING_RATE: None if change is None else change <= -thresholds.fall_points and change < 0,
        Sign.AGEING: None
        if facts.aged_share is None
        else Decimal(format_percent(facts.aged_share)) >= thresholds.aged_percent,
        Sign.DEPOPULATED: None
        if fallen is None
        else Decimal(format_percent(fallen)) >= thresholds.people_fall_percent,
    }
    holding = sum(holds is True for holds in signs.values())
    possible = holding + sum(holds is None for holds in signs.values())
    if holding >= thresholds.signs_needed:
        verdict = Verdict.AT_RISK
    else:
        verdict = Verdict.UNKNOWN if possible >= thresholds.signs_needed else Verdict.NOT
    return Judgement(signs, verdict)


class Show(StrEnum):
    """Which associations a list shows."""

    AT_RISK = "at-risk"
    FOUR = "signs-4"
    THREE = "signs-3"
    TWO = "signs-2"
    ONE = "signs-1"
    UNKNOWN = "unknown"
    NOT = "not"
    ALL = "all"

    @property
    def label(self) -> str:
        """As people choose it."""
        if self.signs:
            return (
                f"条件に {self.signs} つあたる" if self is Show.FOUR else f"条件に {self.signs} つ以上あたる"
            )
        return _SHOWN[self]

    @property
    def signs(self) -> int:
        """Signs that must hold; 0 where the verdict decides."""
        return int(self.value.removeprefix("signs-")) if self.value.startswith("signs-") else 0

    def takes(self, judgement: Judgement) -> bool:
        """Whether an association with this judgement is shown."""
        if self is Show.ALL:
            return True
        if self.signs:
            return len(judgement.holding) >= self.signs
        return judgement.verdict.value == _SHOWN[self]


_SHOWN = {
    Show.AT_RISK: Verdict.AT_RISK.value,
    Show.UNKNOWN: Verdict.UNKNOWN.value,
    Show.NOT: Verdict.NOT.value,
    Show.ALL: "すべて",
}


def people_fall(people: int | None, earlier: int | None) -> float | None:
    """Share of people lost since the earlier count (negative: gained); None when unknown."""
    if people is None or not earlier:
        return None
    return 1 - people / earlier


def rule_words(thresholds: Thresholds) -> list[str]:
    """The rule in words, one sentence per sign, then how many make a risk."""
    t = thresholds
    return [
        f"世帯が少ない：世帯数が {t.households_below:,} 世帯未満",
        f"加入率の低下：{t.fall_years} 年前より {t.fall_points} ポイント以上の低下",
        f"高齢化：65歳以上の割合が {t.aged_percent} % 以上",
        f"人口の減少：{t.people_fall_years} 年前より {t.people_fall_percent} % 以上の減少",
        f"4つのうち {t.signs_needed} つ以上にあたる町内会・自治会を「{Verdict.AT_RISK.value}」とします。",
    ]
