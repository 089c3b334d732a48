"""States of the plan's indicators.

Outcome indicators have a target and are held against the straight path from baseline to target; reference
indicators have only a direction and are held against the baseline.
"""

from __future__ import annotations

from enum import StrEnum


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
    margin: float = 0.0,
) -> OutcomeState:
    """State of an outcome indicator in one year.

    `margin` is half the survey's 95 % interval, in the indicator's unit: a shortfall within it is noise, not a
    delay. The baseline year itself is no progress yet and counts as on the path.
    """
    if value is None:
        return OutcomeState.UNKNOWN
    sign = 1.0 if target >= baseline else -1.0
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
