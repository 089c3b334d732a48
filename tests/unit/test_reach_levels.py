"""Figures of groups of cells: the same sums for a cell, a district and the city."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kyodo_geo.reach.grown import Change
from kyodo_geo.reach.levels import levels, whole
from kyodo_geo.reach.report import Choice, report
from kyodo_geo.reach.years import Series
from tests.unit.test_reach_prepared import city

FOOT = Choice(2015, by="network", distance_m=800, drive_below=0, distances=(500.0, 1000.0))


def test_a_group_has_its_own_mean_share_catchment_and_worst_part() -> None:
    found = report(city(), FOOT)
    walking, last = levels(found, found.group, 2)
    # 60 people at the first facility and 40 a kilometre from it; 10 at the second.
    assert walking.people.tolist() == [10, 20, 70, 0] and walking.out.tolist() == [0, 0, 40, 0]
    assert walking.mean == pytest.approx(400) and walking.within.tolist() == [60, 60, 100]
    assert walking.nearest == 0 and walking.worst == (1000, 1000, 0)
    assert walking.access == pytest.approx((60 * (1 / 60)) / 100) and last.access == pytest.approx(100 / 10)
    assert walking.gini == pytest.approx(0.4) and last.gini == pytest.approx(0)
    assert walking.gap.sum() == 100 and walking.gap_out.sum() == 40
    everybody = whole(found)
    assert everybody.total == walking.total + last.total == found.total.sum()
    assert everybody.gini == found.gini and everybody.worst == found.worst
    assert everybody.out.sum() == found.total.sum() - found.reached.sum()


def test_the_city_is_the_sum_of_any_parts_and_an_empty_group_has_nothing() -> None:
    found = report(city(), replace(FOOT, year=2020))
    parts = levels(found, np.array([2, 0, 2]), 4)
    assert sum(part.total for part in parts) == pytest.approx(whole(found).total)
    empty = parts[1]
    assert empty.total == 0 and np.isnan(empty.mean) and empty.nearest == -1
    assert empty.gini is None and empty.worst is None
    assert levels(found, found.group, 0) == []


def test_years_of_tables_and_cohorts() -> None:
    years, projected, cohort = (
        np.array([2015, 2020, 2040]),
        np.array([False, False, True]),
        np.array([2025, 2030, 2050]),
    )
    table = Series.of(years, projected, cohort)
    assert (
        table.years == (2015, 2020, 2040, 2050)
        and table.kind(2050) == "cohort"
        and table.kind(2040) == "loaded"
    )
    assert (table.kind(2030), table.kind(2045), table.kind(2051)) == ("between", "between-cohort", "after")
    by_cohort = Series.of(years, projected, cohort, "cohort")
    assert by_cohort.years == (2015, 2020, 2025, 2030, 2050)
    people, later = np.arange(3.0)[:, None, None] * 10, np.array([100.0, 200.0, 300.0])[:, None, None]
    assert by_cohort.at(2022, people, later)[0, 0] == pytest.approx(10 + 0.4 * 90)
    assert (
        table.at(2045, people, later)[0, 0] == pytest.approx(160) and table.at(1990, people, later)[0, 0] == 0
    )
    assert Series.of(years, projected, np.zeros(0, dtype=int), "cohort").years == (2015, 2020, 2040)


def test_places_without_a_projection_change_as_their_district() -> None:
    before = np.array([[10.0, 60, 30, 0], [0, 0, 0, 50]])
    after = np.array([[5.0, 30, 45, 0], [0, 0, 0, 100]])
    change = Change.of(before, after, np.array([1, 2]))
    assert change.grown([4, 6, 2, 0], 1, knows_old=True) == pytest.approx([2, 3, 3, 0])
    # Under 65: 70 became 35; all: 100 became 80.
    assert change.grown([0, 0, 2, 10], 1, knows_old=True) == pytest.approx([0, 0, 3, 5])
    assert change.grown([0, 0, 0, 10], 1, knows_old=False) == pytest.approx([0, 0, 0, 8])
    # District 2 has nobody of known age: the city's factors; an unknown district too.
    assert change.grown([0, 0, 2, 0], 2, knows_old=True) == pytest.approx([0, 0, 3, 0])
    assert change.grown([0, 0, 0, 15], None, knows_old=False) == pytest.approx([0, 0, 0, 15 * 180 / 150])
