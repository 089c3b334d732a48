"""Amounts of money on maps: per head, with round classes that are made from the amounts themselves.

What the city pays is its own decision and nowhere in the program, so no break can be fixed beforehand. Breaks and scales
are made from all years together: every year is drawn in the same classes, and years compare.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

MOST_CLASSES = 5
_STEP = Decimal("0.1")
_ROUND = (1.0, 2.0, 5.0, 10.0)


def per_head(yen: int | None, people: int | None) -> float | None:
    """Yen per person, rounded half up to 0.1; None when either is unknown or nobody lives there."""
    if yen is None or not people:
        return None
    return float((Decimal(yen) / people).quantize(_STEP, rounding=ROUND_HALF_UP))


def format_per_head(value: float) -> str:
    """1234.5 → 1,234.5; as many digits as `per_head` keeps."""
    return f"{value:,.1f}"


def round_breaks(values: Iterable[float]) -> tuple[float, ...]:
    """At least one break, at most four, in equal steps of 1, 2 or 5 × 10ⁿ (at least 1).

    The lowest and highest tenth of `values` do not widen the steps: a few people who get much per head would leave all
    others in one class.
    """
    found = sorted(values)
    if not found:
        return (1.0,)
    tenth = len(found) // 10
    low, high = found[tenth], found[-1 - tenth]
    step = max(1.0, _at_least((high - low) / MOST_CLASSES))
    first = math.floor(low / step) + 1
    last = max(first, math.ceil(high / step) - 1)
    return tuple(step * number for number in range(first, last + 1))[: MOST_CLASSES - 1]


def round_steps(largest: float) -> tuple[int, ...]:
    """Amounts that a legend of circles shows: the largest round one up to `largest`, its half and its tenth."""
    top = _at_most(max(largest, 10.0))
    return (round(top / 10), round(top / 2), round(top))


def _at_least(value: float) -> float:
    if value <= 0:
        return 0.0
    ten = 10.0 ** math.floor(math.log10(value))
    return next(ten * number for number in (*_ROUND, 20.0) if ten * number >= value)


def _at_most(value: float) -> float:
    ten = 10.0 ** math.floor(math.log10(value))
    return next(ten * number for number in reversed(_ROUND) if ten * number <= value)
