"""Community development projects (地域づくり事業) by district: rate per 1,000 people and the size of circles."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from kyodo_geo.classes import NO_DATA, LegendRow

RATE_BREAKS = (0.1, 0.2, 0.5, 1.0)
"""Projects per 1,000 people. The city's aim of 64 projects is about 0.2 per 1,000."""


def per_thousand(count: int | None, people: int | None) -> float | None:
    """Projects per 1,000 people; None when either is unknown or nobody lives there."""
    if count is None or not people:
        return None
    return count * 1000 / people


def format_rate(rate: float | None) -> str:
    """Two decimals, rounded half up."""
    if rate is None:
        return NO_DATA
    return str(Decimal(repr(rate)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


def rate_class(rate: float | None) -> int | None:
    """Index of the class (0 is below the first break), by the rate as it is shown; None for a missing rate."""
    return None if rate is None else bisect_right(RATE_BREAKS, float(format_rate(rate)))


def rate_labels() -> list[str]:
    """Wording of each class, lowest first."""
    inner = [f"{low}件以上{high}件未満" for low, high in itertools.pairwise(RATE_BREAKS)]
    return [f"{RATE_BREAKS[0]}件未満", *inner, f"{RATE_BREAKS[-1]}件以上"]


def rate_legend_rows(rates: Iterable[float | None]) -> list[LegendRow]:
    """Every class with its count, highest class first, then the missing ones."""
    found = [rate_class(rate) for rate in rates]
    labels = rate_labels()
    rows = [LegendRow(index, labels[index], found.count(index)) for index in reversed(range(len(labels)))]
    return [*rows, LegendRow(None, NO_DATA, found.count(None))]


def circle_radius(count: int, one: float = 5.0) -> float:
    """Radius of a circle whose area is proportional to the count; `one` is the radius of a single project.

    The same scale in every year, so that years compare.
    """
    return one * max(count, 0) ** 0.5
