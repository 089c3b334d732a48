"""Neighbourhood halls: when they need what, by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kyodo_geo.errors import InputError
from kyodo_geo.hall_outlook import (
    Hall,
    Need,
    Rules,
    Subsidy,
    in_years,
    outlook,
    periods,
    summed,
)
from kyodo_geo.vacancy.verdict import Verdict

RULES = Rules(2026)


def hall(built: int | None, **of: Any) -> Hall:
    return Hall(
        **{"id": "h", "built_year": built, "confirmed_on": None, "floor_area_m2": 100.0, "ownership": "owned"}
        | of
    )


def needs(item: Hall, rules: Rules = RULES) -> list[tuple[str, int, int | None]]:
    return [(event.need.value, event.due, event.year) for event in outlook([item], rules)[0].events]


@pytest.mark.parametrize(
    ("item", "found"),
    [
        (hall(2000), [("repair", 2030, 2030)]),
        (hall(1996), [("repair", 2026, 2026)]),
        (hall(1995), [("repair", 2025, None)]),  # overdue: no work is on record
        (hall(1975), [("repair", 2005, None), ("rebuild", 2035, 2035)]),
        (hall(1966), [("repair", 1996, None), ("rebuild", 2026, 2026)]),
        (hall(1965), [("rebuild", 2025, None)]),  # straight to the new building
        (hall(1995, worked=2018), []),  # next in 2048, after the outlook
        (hall(1975, worked=2004), [("repair", 2034, 2034), ("rebuild", 2035, 2035)]),
        (hall(1975, worked=2006), [("rebuild", 2035, 2035)]),  # the repair would come after the new building
        (hall(2020), []),
        (hall(None), []),
        (hall(1970, ownership="rented"), []),
        (hall(1970, ownership=None), [("repair", 2000, None), ("rebuild", 2030, 2030)]),
    ],
)
def test_needs_of_a_hall(item: Hall, found: list[tuple[str, int, int | None]]) -> None:
    assert needs(item) == found


def test_after_a_new_building_the_cycle_restarts() -> None:
    rules = Rules(2026, years=60, repair_after=10, rebuild_after=25)
    assert needs(hall(2010), rules) == [
        ("repair", 2020, None), ("rebuild", 2035, 2035), ("repair", 2045, 2045), ("rebuild", 2060, 2060), ("repair", 2070, 2070),
        ("rebuild", 2085, 2085),
    ]  # fmt: skip


def test_earthquake_code_goes_by_the_day_of_confirmation() -> None:
    """Before 1 June 1981; a year of building alone tells only what lies safely on one side."""
    halls = [
        hall(1981, confirmed_on=date(1981, 5, 31)), hall(1981, confirmed_on=date(1981, 6, 1)), hall(1983), hall(1980), hall(1985),
        hall(None),
    ]  # fmt: skip
    assert [item.seismic for item in outlook(halls, RULES)] == [
        Verdict.FAIL, Verdict.PASS, Verdict.UNKNOWN, Verdict.FAIL, Verdict.PASS, Verdict.UNKNOWN,
    ]  # fmt: skip


def test_sums_count_what_is_unknown_and_tell_no_money_without_terms() -> None:
    found = outlook([hall(2000), hall(2000, floor_area_m2=None), hall(1999, floor_area_m2=50.0)], RULES)
    events = in_years(found, Need.REPAIR, 2026, 2030)
    assert len(events) == 3 and len(in_years(found, Need.REPAIR, 2030)) == 2
    plain = summed(events, Subsidy())
    assert (plain.count, plain.area_m2, plain.area_unknown, plain.yen, plain.yen_unknown) == (
        3,
        150,
        1,
        None,
        3,
    )
    rated = summed(events, Subsidy(100_000, 50, 4_000_000))
    # 100 m² · 10万円 · 50 % = 500万円, at most 400万円; 50 m² gives 250万円; one area is unknown.
    assert (rated.yen, rated.yen_unknown) == (6_500_000, 1)
    assert summed(events, Subsidy(ceiling_yen=1_000_000)).yen == 3_000_000
    assert summed([], Subsidy(ceiling_yen=1)).yen == 0 and summed([], Subsidy()).yen is None


def test_periods_cover_the_outlook_once() -> None:
    assert periods(Rules(2026, years=12)) == [(2026, 2030), (2031, 2035), (2036, 2037)]


@given(
    st.lists(st.tuples(st.integers(1900, 2030), st.none() | st.integers(1950, 2026)), max_size=12),
    st.integers(1, 60), st.integers(1, 40), st.integers(1, 60),
)  # fmt: skip
def test_years_periods_and_the_overdue_hold_every_need_once(
    built: list[tuple[int, int | None]], years: int, repair: int, more: int
) -> None:
    rules = Rules(2026, years=years, repair_after=repair, rebuild_after=repair + more)
    found = outlook([hall(year, worked=worked) for year, worked in built], rules)
    for need in Need:
        every = [event for item in found for event in item.events if event.need is need]
        late = len(in_years(found, need, None))
        by_year = sum(len(in_years(found, need, year)) for year in range(2026, 2026 + years))
        by_period = sum(len(in_years(found, need, *period)) for period in periods(rules))
        assert late + by_year == late + by_period == len(every)
    for item in found:
        days = [event.due for event in item.events]
        assert days == sorted(days) and sum(event.year is None for event in item.events) <= 1


@pytest.mark.parametrize(
    "wrong",
    [lambda: Rules(2026, years=0), lambda: Rules(2026, years=61), lambda: Rules(2026, repair_after=60),
     lambda: Subsidy(rate_percent=101), lambda: Subsidy(yen_m2=-1), lambda: Subsidy(ceiling_yen=float("nan"))],
)  # fmt: skip
def test_impossible_terms_are_refused(wrong: Any) -> None:
    with pytest.raises(InputError):
        wrong()
