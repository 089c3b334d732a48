"""Cells of tables: metres, people, shares; what cannot be reached says so and has no number."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from maps.tables import Cell


def metres(value: float | None) -> Cell:
    from maps.tables import Cell

    if value is None or math.isnan(value):
        return Cell("—")
    return Cell("行けない") if math.isinf(value) else Cell(f"{value:,.0f}", round(value))


def people(value: float | None) -> Cell:
    from maps.tables import Cell

    return Cell("不明") if value is None else Cell(f"{value:,.0f}", round(value))


def share(part: float, whole: float) -> Cell:
    """A share in percent, to one digit; — where nobody lives."""
    from maps.tables import Cell

    if not whole > 0:
        return Cell("—")
    found = round(100 * part / whole, 1)
    return Cell(f"{found:.1f}", found)


def points(value: float | None) -> Cell:
    """A difference of two shares, in points, with its sign."""
    from maps.tables import Cell

    if value is None or math.isnan(value):
        return Cell("—")
    found = round(100 * value, 1) or 0.0
    return Cell(f"{found:+.1f}" if found else "0.0", found)


def signed(value: float) -> Cell:
    from maps.tables import Cell

    if not math.isfinite(value):
        return Cell("—")
    found = round(value)
    return Cell(f"{found:+,}" if found else "0", found)


def seats(value: float) -> Cell:
    """Seats per 1,000 people."""
    from maps.tables import Cell

    found = round(1000 * value, 1)
    return Cell(f"{found:.1f}", found)


def words(text: str) -> Cell:
    from maps.tables import Cell

    return Cell.words(text)
