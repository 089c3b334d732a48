"""Which year of which plan staff most likely mean: the one that has just ended."""

from __future__ import annotations

from collections.abc import Iterable


def plan_years(plans: Iterable[tuple[str, int, int]], this_year: int) -> list[tuple[str, int]]:
    """(plan, fiscal year) of every year that has begun, the year that has just ended first, then newest first by plan.

    `plans`: id, first and last fiscal year. The first of the list is what a page of the yearly work opens with.
    """
    found = [
        (plan_id, year)
        for plan_id, first, last in plans
        for year in range(min(last, this_year), first - 1, -1)
    ]
    return sorted(found, key=lambda one: one[1] != this_year - 1)
