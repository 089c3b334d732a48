"""Working days of a Japanese city office: Monday to Friday without holidays. Holidays are data given by the caller."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

YEAR_END = {(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)}
"""Offices are closed from 29 December to 3 January (地方自治法 第4条の2), whatever the list of holidays says."""


def is_working_day(day: date, holidays: Collection[date] = frozenset()) -> bool:
    """Whether the office is open."""
    return day.weekday() < 5 and (day.month, day.day) not in YEAR_END and day not in holidays


def working_days_after(day: date, days: int, holidays: Collection[date] = frozenset()) -> date:
    """The `days`-th working day after `day` (which itself does not count); `days` is at least 1.

    Raises ValueError when a year goes by without enough working days: then `holidays` cannot be right.
    """
    left, at, last = days, day, day + timedelta(days=366 + 2 * days)
    while left:
        at += timedelta(days=1)
        if at > last:
            raise ValueError("too few working days in a year")
        left -= is_working_day(at, holidays)
    return at
