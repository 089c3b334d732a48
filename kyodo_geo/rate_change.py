"""Change of a rate between two years, in percentage points of the rates as they are shown.

A reader who subtracts two rates of the tables gets the same number. Classes are symmetric around 0 and fixed, so that
pairs of years compare.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from kyodo_geo.classes import NO_DATA, LegendRow, format_percent

SMALL, LARGE = Decimal(1), Decimal(3)
"""Points at which the classes part, to both sides of 0."""

LABELS = ("3以上の低下", "1以上3未満の低下", "増減が1未満", "1以上3未満の上昇", "3以上の上昇")
"""In points, from the largest fall to the largest rise."""


def change_points(later: float | None, earlier: float | None) -> Decimal | None:
    """Later minus earlier in percentage points, one decimal; None when either is unknown."""
    if later is None or earlier is None:
        return None
    return Decimal(format_percent(later)) - Decimal(format_percent(earlier))


def change_class(points: Decimal | None) -> int | None:
    """Index in `LABELS`; None for an unknown change. A change of exactly 1 or 3 points belongs to the outer class."""
    if points is None:
        return None
    if abs(points) < SMALL:
        return 2
    outer = abs(points) >= LARGE
    if points < 0:
        return 0 if outer else 1
    return 4 if outer else 3


def format_points(points: Decimal | None) -> str:
    """+1.2, −0.8, ±0.0; an unknown change is データなし."""
    if points is None:
        return NO_DATA
    if points == 0:
        return "±0.0"
    return f"{'+' if points > 0 else '−'}{abs(points):.1f}"


@dataclass(frozen=True, slots=True)
class Counted:
    """How many fell, stayed within a point, and rose."""

    fell: int
    steady: int
    rose: int


def counted(changes: Iterable[Decimal | None]) -> Counted:
    """The changes that are known, by direction."""
    classes = [found for change in changes if (found := change_class(change)) is not None]
    return Counted(sum(index < 2 for index in classes), classes.count(2), sum(index > 2 for index in classes))


def change_legend_rows(changes: Iterable[Decimal | None]) -> list[LegendRow]:
    """Every class with its count, largest rise first, then the missing ones."""
    found = [change_class(change) for change in changes]
    rows = [LegendRow(index, LABELS[index], found.count(index)) for index in reversed(range(len(LABELS)))]
    return [*rows, LegendRow(None, NO_DATA, found.count(None))]
