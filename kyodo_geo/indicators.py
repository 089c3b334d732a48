"""States of the plan's indicators.

Outcome indicators have a target and are held against the straight path from baseline to target; reference
indicators have only a direction and are held against the baseline. What a person may enter is checked in
`kyodo_geo/progress_entries.py`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Z95 = 1.959963984540054
"""Two-sided 95 % point of the normal distribution."""
SHARE = "%"
"""Unit of the indicators that are shares: a sample size gives them an interval."""


class OutcomeState(StrEnum):
    """State of an outcome indicator (成果指標)."""

    ACHIEVED = "達成"
    ON_TRACK = "順調"
    BEHIND = "遅れ"
    UNKNOWN = "不明"


class ReferenceState(StrEnum):
    """State of a reference indicator (参考指標)."""

    BETTER = "改善"
    SAME = "横ばい"
    WORSE = "悪化"
    UNKNOWN = "不明"


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval in the indicator's unit. `method` is given (by the survey's report) or wilson (computed)."""

    low: float
    high: float
    method: Literal["given", "wilson"]


@dataclass(frozen=True, slots=True)
class Goal:
    """What an indicator is held against. Reference indicators have no target."""

    unit: str
    direction: str
    baseline_year: int
    baseline: float
    target_year: int | None = None
    target: float | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said of one value: its interval, where the path is that year, and the state.

    `state` is None in the baseline year, which nothing can be said of; `expected` is None without a target.
    `within_noise`: the value itself falls short, and only its interval keeps it from being called so.
    """

    interval: Interval | None
    expected: float | None
    state: OutcomeState | ReferenceState | None
    within_noise: bool = False


def wilson(percent: float, sample_size: int) -> Interval:
    """95 % interval of a share in per cent, ends rounded to 0.1 as they are shown.

    Wilson's score interval (E. B. Wilson, J. Am. Stat. Assoc. 22, 1927) for a simple random sample; it stays within
    0–100. Weighted or clustered surveys are less precise: their own interval is to be entered instead.
    """
    if not 0 <= percent <= 100 or sample_size < 1:
        raise ValueError("a share in per cent and at least one answer are needed")
    share, square = percent / 100, Z95 * Z95
    middle = share + square / (2 * sample_size)
    spread = Z95 * math.sqrt(share * (1 - share) / sample_size + square / (4 * sample_size**2))
    scale = 100 / (1 + square / sample_size)
    # Rounding must not push an end past the value: at 0 and 100 per cent the end is the value.
    low = min(percent, max(0.0, round((middle - spread) * scale, 1)))
    high = max(percent, min(100.0, round((middle + spread) * scale, 1)))
    return Interval(low, high, "wilson")


def interval_of(
    value: float, unit: str, sample_size: int | None, low: float | None, high: float | None
) -> Interval | None:
    """The interval the survey reports, else Wilson's for a share with a sample size, else None (a count is no sample)."""
    if low is not None and high is not None:
        return Interval(low, high, "given")
    if unit == SHARE and sample_size and 0 <= value <= 100:
        return wilson(value, sample_size)
    return None


def judge(value: float | None, fiscal_year: int, goal: Goal, interval: Interval | None = None) -> Judgement:
    """Interval, path and state of a value (None: not measured) in a year."""
    path = None
    if goal.target is not None and goal.target_year is not None:
        path = expected_value(goal.baseline_year, goal.baseline, goal.target_year, goal.target, fiscal_year)
    if fiscal_year == goal.baseline_year:
        return Judgement(interval, path, None)
    margin = _margin(value, goal, interval)
    state, plain = (_state(value, fiscal_year, goal, allowed) for allowed in (margin, 0.0))
    return Judgement(interval, path, state, within_noise=state is not plain)


def _margin(value: float | None, goal: Goal, interval: Interval | None) -> float:
    """How far the interval reaches from the value towards what it is held against."""
    if value is None or interval is None:
        return 0.0
    upwards = (
        value < goal.baseline if goal.target is None else _upwards(goal.baseline, goal.target, goal.direction)
    )
    return interval.high - value if upwards else value - interval.low


def _upwards(baseline: float, target: float, direction: str) -> bool:
    """Whether more is better: a target that is where the baseline is tells nothing, there the direction does."""
    return target > baseline or (target == baseline and direction == "up")


def _state(value: float | None, fiscal_year: int, goal: Goal, margin: float) -> OutcomeState | ReferenceState:
    if goal.target is None or goal.target_year is None:
        return reference_state(value, baseline=goal.baseline, direction=goal.direction, margin=margin)
    return outcome_state(
        value,
        fiscal_year,
        baseline_year=goal.baseline_year,
        baseline=goal.baseline,
        target_year=goal.target_year,
        target=goal.target,
        direction=goal.direction,
        margin=margin,
    )


def expected_value(
    baseline_year: int, baseline: float, target_year: int, target: float, fiscal_year: int
) -> float:
    """Value on the straight path in `fiscal_year`; flat before the baseline and after the target."""
    if target_year <= baseline_year:
        raise ValueError("the target year must lie after the baseline year")
    share = min(max((fiscal_year - baseline_year) / (target_year - baseline_year), 0.0), 1.0)
    return baseline + (target - baseline) * share


def outcome_state(
    value: float | None,
    fiscal_year: int,
    *,
    baseline_year: int,
    baseline: float,
    target_year: int,
    target: float,
    direction: str = "up",
    margin: float = 0.0,
) -> OutcomeState:
    """State of an outcome indicator in one year.

    `margin` is how far the survey's 95 % interval reaches, in the indicator's unit: a shortfall within it is noise, not a
    delay. The baseline year itself is no progress yet and counts as on the path. `direction` is up or down and counts
    where the target is to keep the baseline.
    """
    if value is None:
        return OutcomeState.UNKNOWN
    sign = 1.0 if _upwards(baseline, target, direction) else -1.0
    if sign * value >= sign * target:
        return OutcomeState.ACHIEVED
    expected = expected_value(baseline_year, baseline, target_year, target, fiscal_year)
    return OutcomeState.ON_TRACK if sign * value + margin >= sign * expected else OutcomeState.BEHIND


def reference_state(
    value: float | None, *, baseline: float, direction: str, margin: float = 0.0
) -> ReferenceState:
    """State of a reference indicator; `direction` is up or down (documents to presidents: lower is better)."""
    if direction not in ("up", "down"):
        raise ValueError(f"unknown direction {direction!r}")
    if value is None:
        return ReferenceState.UNKNOWN
    gain = value - baseline if direction == "up" else baseline - value
    if abs(gain) <= margin:
        return ReferenceState.SAME
    return ReferenceState.BETTER if gain > 0 else ReferenceState.WORSE
