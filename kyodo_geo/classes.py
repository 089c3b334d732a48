"""Classes of a choropleth: fixed round breaks, so that years compare, and their wording.

A class holds its lower break and not its upper one (以上/未満). Rates are fractions 0–1 in the data and percent
in words. Missing values are a class of their own, shown hatched, and never 0.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kyodo_geo.membership import format_percent

__all__ = [
    "COUNT_BREAKS", "COVERAGE_BREAKS", "MEMBERSHIP_BREAKS", "NO_DATA", "WITHHELD", "LegendRow", "class_labels", "class_of",
    "count_class_of", "count_labels", "count_legend_rows", "format_percent", "legend_rows",
]  # fmt: skip

NO_DATA = "データなし"
WITHHELD = "非公表（世帯数が少ないため）"

MEMBERSHIP_BREAKS = (0.80, 0.85, 0.875, 0.90)
"""Breaks of the membership rate; 87.5 % is the city's rate in R1, so a class edge shows who is above it."""

COVERAGE_BREAKS = (0.25, 0.50, 0.75, 0.90)
"""Breaks of the share of people within reach."""

COUNT_BREAKS = (1, 5, 10, 20)
"""Breaks of counts, drawn as circles: a choropleth of counts would only show how large the areas are."""


@dataclass(frozen=True, slots=True)
class LegendRow:
    """One class: its index (None for missing values), wording, and how many areas fall into it."""

    index: int | None
    label: str
    count: int


def class_of(value: float | None, breaks: Sequence[float]) -> int | None:
    """Index of the class (0 is below the first break); None for a missing value.

    The value is classed as it is shown (rounded to 0.1 %), so that a row and its colour never contradict.
    """
    if value is None:
        return None
    shown = float(Decimal(format_percent(value)) / 100)
    return bisect_right(breaks, shown)


def _short(rate: float) -> str:
    text = format_percent(rate)
    return text.removesuffix(".0")


def class_labels(breaks: Sequence[float]) -> list[str]:
    """Wording of each class, lowest first: 80%未満, 80%以上85%未満 … 90%以上."""
    inner = [f"{_short(low)}%以上{_short(high)}%未満" for low, high in itertools.pairwise(breaks)]
    return [f"{_short(breaks[0])}%未満", *inner, f"{_short(breaks[-1])}%以上"]


def legend_rows(values: Iterable[float | None], breaks: Sequence[float]) -> list[LegendRow]:
    """Every class with its count, highest class first, then the missing ones; the counts sum to all areas."""
    return _rows([class_of(value, breaks) for value in values], class_labels(breaks))


def count_class_of(value: int | None, breaks: Sequence[int] = COUNT_BREAKS) -> int | None:
    """Index of a count's class (0 is below the first break); None for a missing value."""
    return None if value is None else bisect_right(breaks, value)


def count_labels(unit: str, breaks: Sequence[int] = COUNT_BREAKS) -> list[str]:
    """Wording of each class of a count, lowest first: 0件, 1件以上5件未満 … 20件以上."""
    first = f"0{unit}" if breaks[0] == 1 else f"{breaks[0]}{unit}未満"
    inner = [f"{low}{unit}以上{high}{unit}未満" for low, high in itertools.pairwise(breaks)]
    return [first, *inner, f"{breaks[-1]}{unit}以上"]


def count_legend_rows(
    values: Iterable[int | None], unit: str, breaks: Sequence[int] = COUNT_BREAKS
) -> list[LegendRow]:
    """Every class of a count with the number of areas in it, highest first, then the missing ones."""
    return _rows([count_class_of(value, breaks) for value in values], count_labels(unit, breaks))


def _rows(found: list[int | None], labels: list[str]) -> list[LegendRow]:
    rows = [LegendRow(index, labels[index], found.count(index)) for index in reversed(range(len(labels)))]
    return [*rows, LegendRow(None, NO_DATA, found.count(None))]
