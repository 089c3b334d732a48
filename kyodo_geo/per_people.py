"""Figures per 1,000 people: one rounding, fixed classes and their wording.

Districts differ in size, so what is counted in them is compared only after it is divided by the people who live there.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

PEOPLE = 1000
_STEP = Decimal("0.01")


def per_thousand(count: float | None, people: int | None) -> float | None:
    """`count` per 1,000 people, rounded half up to 0.01; None when either is unknown or nobody lives there."""
    if count is None or not people:
        return None
    exact = Decimal(repr(float(count))) * PEOPLE / people
    return float(exact.quantize(_STEP, rounding=ROUND_HALF_UP))


def format_number(value: float) -> str:
    """0.5 → 0.50; as many digits as `per_thousand` keeps."""
    return f"{Decimal(repr(value)).quantize(_STEP, rounding=ROUND_HALF_UP):,}"


def class_of(value: float | None, breaks: Sequence[float]) -> int | None:
    """Index of the class (0 is below the first break); None for a missing value. A class holds its lower break."""
    return None if value is None else bisect_right(breaks, value)


def class_labels(breaks: Sequence[float]) -> tuple[str, ...]:
    """Wording of each class, lowest first: 0.1未満, 0.1以上0.2未満 … 1以上."""
    inner = (f"{low:g}以上{high:g}未満" for low, high in itertools.pairwise(breaks))
    return (f"{breaks[0]:g}未満", *inner, f"{breaks[-1]:g}以上")
