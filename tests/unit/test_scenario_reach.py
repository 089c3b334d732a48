"""Reach under a scenario: the figures of the reach pages, and what closing means for whom."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kyodo_geo.errors import InputError
from kyodo_geo.reach.closing import Closing
from kyodo_geo.reach.prepared import Area, Prepared, Site, YearPeople, prepare
from kyodo_geo.reach.report import Choice, report
from kyodo_geo.scenarios.actions import Action
from kyodo_geo.scenarios.effects import Effects, Stock, effects
from tests.unit.test_scenario_costs import BASE, PRICES, hall

CHOICE = Choice(BASE, supply="all", by="straight", drive_below=0)


def city(places: list[tuple[float, float]] | None = None, **more: Any) -> Prepared:
    """Four areas on a line, 1 km apart, in two districts; facilities A at 0, B at 1 km, C at 3 km."""
    areas = [
        Area(str(at), f"area {at}", 1 + at // 2, 1e6, np.array([[1_000.0 * at, 0.0]])) for at in range(4)
    ]
    people = [
        YearPeople(y, y > 2025, {str(a): (0, n - 10, 10, 0) for a in range(4)})
        for y, n in ((2020, 100), (2040, 60))
    ]
    spots = places or [(0, 0), (1_000, 0), (3_000, 0)]
    sites = [
        Site("ABCDEFG"[at], f"館{at}", "館", True, 50 + at, None, None, xy, more.get("ABCDEFG"[at], ()))
        for at, xy in enumerate(spots)
    ]
    return prepare(areas, people, sites)


def stock(count: int = 3) -> Stock:
    keys = "ABCDEFG"[:count]
    return Stock(tuple(hall(key) for key in keys), PRICES, {key: f"館{key}" for key in keys})


def of(*actions: Action, held: Prepared | None = None, count: int = 3, choice: Choice = CHOICE) -> Effects:
    return effects(stock(count), actions, base=BASE, horizon=40, held=held or city(), choice=choice)


def test_each_year_is_what_the_page_of_gaps_says_of_it() -> None:
    held, found = city(), of()
    for year in (2026, 2035, 2040):
        ours = found.reach_in(year)
        page = report(held, Choice(year, supply="all", by="straight", drive_below=0))
        assert ours is not None and page.worst is not None
        assert ours.reached.tolist() == page.reached.tolist()
        assert ours.by_district.shares == pytest.approx(page.by_district.shares, nan_ok=True)
        assert ours.city.mean_cost == pytest.approx(page.city.mean_cost, nan_ok=True)
        assert ours.city.within == pytest.approx(page.city.within)
        assert (ours.gini, ours.worst) == (page.gini, page.worst)


def test_without_actions_nothing_moves() -> None:
    found = of()
    assert found.effect == 0
    for year in (2026, 2065):
        moved = found.moved_in(year)
        assert moved is not None and not moved.moved.any() and not moved.added.any() and not moved.to.any()


def test_closing_sends_people_to_the_next_and_says_from_which_district() -> None:
    found = of(Action(2030, "B", "廃止・除却"))
    assert found.moved_in(2029).moved.sum() == 0  # type: ignore[union-attr]
    moved = found.moved_in(2030)
    assert moved is not None
    one = 80.0  # people of each area in 2030
    assert moved.moved.sum(axis=1).tolist() == [one, one, 0.0], (
        "the areas at 1 and 2 km, one in each district"
    )
    assert moved.added.tolist() == [one * 1_300, 0.0, 0.0], "from 2 km it is as far to 3 km as it was to 1 km"
    assert moved.pushed_out.sum(axis=1).tolist() == [one, 0.0, 0.0]
    assert moved.to[1].tolist() == [one, 0.0, one]


def test_the_people_are_those_of_the_year() -> None:
    found = of(Action(2030, "B", "廃止・除却"))
    assert [found.reach_in(y).total for y in (2030, 2040, 2060)] == [320.0, 240.0, 240.0]  # type: ignore[union-attr]


@settings(max_examples=80, deadline=None)
@given(
    places=st.lists(st.tuples(st.integers(-500, 4_000), st.integers(-500, 500)), min_size=1, max_size=5),
    which=st.integers(0, 4),
    year=st.integers(BASE, BASE + 39),
)
def test_closing_one_is_what_the_page_of_closing_says(
    places: list[tuple[int, int]], which: int, year: int
) -> None:
    which %= len(places)
    held = city([(float(x), float(y)) for x, y in places])
    found = of(Action(year, "ABCDEFG"[which], "廃止・除却"), held=held, count=len(places))
    moved, before = found.moved_in(year), found.reach_before(year)
    assert moved is not None and before is not None
    page = Closing(held.costs("straight")).effects(before.people, before.limit)
    assert moved.pushed_out.sum(axis=0) == pytest.approx(page.pushed_out[which])
    assert moved.stranded.sum(axis=0) == pytest.approx(page.stranded[which])
    assert moved.added.sum() == pytest.approx(page.added[which])
    assert moved.to[which] == pytest.approx(page.to[which])
    assert moved.moved.sum(axis=0) == pytest.approx(page.moved[which])
    assert not moved.shorter.any() and not moved.brought_in.any()


def test_closed_for_works_is_what_the_record_says_and_not_what_an_action_means() -> None:
    held = city(B=((date(2031, 4, 1), date(2033, 4, 1)),))
    found = of(Action(2040, "A", "建替"), held=held)
    assert found.supply is not None
    assert [bool(found.supply.opened[y - BASE, 1]) for y in (2030, 2031, 2032, 2033)] == [
        True,
        False,
        False,
        True,
    ]
    assert found.supply.opened[2041 - BASE, 0]


def test_capacity_follows_the_floor_area_and_what_is_unknown_stays_so() -> None:
    found = of(
        Action(2030, "A", "建替（縮小）", floor_area_m2=500),
        Action(2031, "B", "集約化", "C", floor_area_m2=200),
    )
    assert found.supply is not None
    assert found.supply.seats(2029 - BASE) == (153.0, 3, 0)
    assert found.supply.seats(2030 - BASE) == (25 + 51 + 52, 3, 0)
    assert found.supply.seats(2031 - BASE) == (pytest.approx(25 + 52 + 51 * 0.2), 2, 0)


def test_without_any_facility_left_everybody_is_stranded_and_nothing_breaks() -> None:
    found = of(*(Action(2030, key, "譲渡") for key in "ABC"))
    year, moved = found.reach_in(2030), found.moved_in(2030)
    assert year is not None and moved is not None
    assert (year.share, year.mean, year.gini) == (0.0, None, None)
    assert moved.stranded.sum() == 320.0
    assert found.ended_by(2029) == {} and set(found.ended_by(2030)) == set("ABC")


def test_without_people_or_facilities_costs_are_there_all_the_same() -> None:
    found = effects(stock(), [Action(2030, "A", "廃止・除却")], base=BASE, horizon=40)
    assert found.effect > 0 and found.reach_in(2030) is None and found.moved_in(2030) is None
    empty = prepare([], [YearPeople(2020, False, {})], [])
    nothing = effects(stock(), [], base=BASE, horizon=40, held=empty, choice=CHOICE)
    assert nothing.reach is None and nothing.supply is None


def test_what_cannot_be_is_refused_as_a_whole_with_every_sentence() -> None:
    with pytest.raises(InputError) as refused:
        of(Action(2030, "X", "建替"), Action(2031, "A", "集約化"))
    assert len(refused.value.details["faults"]) == 2
