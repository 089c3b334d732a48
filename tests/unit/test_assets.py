"""Renewal cost, condition and levelling: the vectors of the rules, then what must not happen."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kyodo_geo.assets import LongLife, Renewal, condition, level, long_life_cost, renewal_cost, unit_costs
from kyodo_geo.assets.condition import WEIGHTS
from kyodo_geo.errors import InputError
from kyodo_geo.siting import Status

OKU = 100_000_000.0


def of(area: float, built: float, **more: float) -> Renewal:
    large, whole = unit_costs(["市民文化"])
    return renewal_cost([area], [built], large, whole, base=2026, **more)  # type: ignore[arg-type]


def paid(found: Renewal) -> dict[int, float]:
    return {year: cost / OKU for year, cost in zip(found.years, found.by_year.tolist(), strict=True) if cost}


class TestSixtyYears:
    def test_an_overdue_renovation_is_spread_over_ten_years(self) -> None:
        found = of(1200, 1990)
        expected = {year: pytest.approx(0.3) for year in range(2026, 2036)}
        assert paid(found) == expected | {year: pytest.approx(1.6) for year in (2050, 2051, 2052)}
        assert found.total == pytest.approx(7.8 * OKU)
        assert found.mean == pytest.approx(19_500_000)

    def test_an_overdue_rebuilding_too_and_the_new_building_is_young(self) -> None:
        assert paid(of(500, 1960)) == {year: pytest.approx(0.2) for year in range(2026, 2036)}
        longer = paid(of(500, 1960, horizon=42))
        assert longer[2066] == longer[2067] == pytest.approx(500 * 250_000 / 2 / OKU)

    def test_a_renovation_in_time(self) -> None:
        assert paid(of(800, 2010)) == {2040: pytest.approx(1.0), 2041: pytest.approx(1.0)}

    @pytest.mark.parametrize(
        ("age", "years"),
        [
            (30, {2026, 2027}),
            (31, set(range(2026, 2036))),
            (50, set(range(2026, 2036))),
            (51, set()),
            (59, set()),
        ],
    )
    def test_ages_at_the_edges(self, age: int, years: set[int]) -> None:
        renovation = {
            year for year, cost in paid(of(1, 2026 - age)).items() if cost * OKU < 130_000 and year < 2036
        }
        assert renovation == years

    def test_the_index_multiplies_and_the_unknown_is_counted(self) -> None:
        found = renewal_cost([100, np.nan, 100], [2000, 2000, np.nan], 250_000, 400_000, base=2026, index=1.5)
        assert found.unknown.tolist() == [False, True, True]
        assert found.cost[1:].sum() == 0
        assert found.total == pytest.approx(1.5 * 100 * (250_000 + 400_000))

    @settings(max_examples=100, deadline=None)
    @given(st.integers(1900, 2040), st.integers(1, 90))
    def test_nothing_is_paid_twice_or_before_its_time(self, built: int, horizon: int) -> None:
        found = of(1, built, horizon=horizon)
        longer = of(1, built, horizon=horizon + 30)
        assert (found.by_year == longer.by_year[:horizon]).all()
        assert found.by_year.max() <= 250_000 + 400_000


class TestLongLife:
    def test_one_life_per_square_metre(self) -> None:
        assert LongLife().cycle(25, 40) == pytest.approx(89)
        assert LongLife(large_share=0.4).cycle(25, 40) == pytest.approx(12 + 16 + 12 + 40)
        assert 80 * LongLife().upkeep / 10_000 == 8

    def test_a_whole_life_from_the_first_year_on(self) -> None:
        found = long_life_cost([1], [2026], 250_000, 400_000, base=2026, horizon=83, cannot_extend=0)
        assert found.total == pytest.approx(890_000)
        assert {year - 2026 for year, cost in zip(found.years, found.by_year, strict=True) if cost} == {
            20,
            40,
            41,
            60,
            80,
            81,
            82,
        }

    def test_what_cannot_be_extended_follows_the_short_cycle(self) -> None:
        long, short = (
            long_life_cost([100], [1990], 250_000, 400_000, base=2026, cannot_extend=s) for s in (0, 1)
        )
        mixed = long_life_cost([100], [1990], 250_000, 400_000, base=2026)
        assert short.total == of(100, 1990).total
        assert mixed.total == pytest.approx(0.9 * long.total + 0.1 * short.total)
        assert long.total < short.total

    def test_overdue(self) -> None:
        old = long_life_cost([1], [1940], 250_000, 400_000, base=2026, cannot_extend=0)
        assert old.by_year[:10] == pytest.approx([40_000] * 10)
        middle = long_life_cost([1], [1980], 250_000, 400_000, base=2026, cannot_extend=0)
        assert middle.by_year[:10] == pytest.approx([25_000] * 10)


class TestCondition:
    def test_vectors(self) -> None:
        parts = list(WEIGHTS)
        assert sum(WEIGHTS.values()) == pytest.approx(60)
        assert condition(dict.fromkeys(parts, "C")) == 40
        assert condition(dict.fromkeys(parts, "D")) == 10
        assert condition(dict(zip(parts, "CDBAC", strict=True))) == 52

    def test_a_part_without_rating_leaves_it_unknown(self) -> None:
        assert condition({"roof": "A"}) is None
        assert condition(dict.fromkeys(WEIGHTS, "A") | {"roof": None}) is None
        with pytest.raises(InputError):
            condition({"roof": "E"})


class TestLevelling:
    def test_two_works_of_one_year_are_set_apart(self) -> None:
        found = level([[3], [2]], [2030, 2030], [2028, 2028], [2032, 2032], 4, base=2026)
        assert found.begins is not None and sorted(found.begins.tolist()) != [2030, 2030]
        assert (found.answer.status, found.answer.objective, found.answer.gap) == (Status.OPTIMAL, 2, 0)

    def test_what_cannot_be_done_is_proven(self) -> None:
        found = level([[3], [2]], [2030, 2030], [2030, 2030], [2030, 2030], 4, base=2026)
        assert found.begins is None and found.answer.status is Status.INFEASIBLE and found.answer.reasons

    @settings(max_examples=40, deadline=None)
    @given(
        st.lists(st.tuples(st.integers(1, 5), st.integers(1, 2), st.integers(0, 3)), min_size=1, max_size=4),
        st.integers(3, 9),
    )
    def test_against_all_choices(self, works: list[tuple[int, int, int]], ceiling: int) -> None:
        costs = [[float(cost)] * years for cost, years, _ in works]
        wanted = [2026 + year for _, _, year in works]
        found = level(costs, wanted, [2026] * len(works), [2029] * len(works), ceiling, base=2026, horizon=6)
        best = None
        for begins in itertools.product(range(4), repeat=len(works)):
            spent = np.zeros(8)
            for first, part in zip(begins, costs, strict=True):
                spent[first : first + len(part)] += part
            if spent[:6].max() <= ceiling:
                moved = sum(
                    abs(first - year) * sum(part)
                    for first, (_, _, year), part in zip(begins, works, costs, strict=True)
                )
                best = moved if best is None else min(best, moved)
        assert found.answer.objective == (None if best is None else pytest.approx(best))


@pytest.mark.parametrize(
    "ask",
    [
        lambda: renewal_cost([1], [2000, 2001], 1, 1, base=2026),
        lambda: renewal_cost([-1], [2000], 1, 1, base=2026),
        lambda: renewal_cost([1], [2000.5], 1, 1, base=2026),
        lambda: renewal_cost([1], [2000], -1, 1, base=2026),
        lambda: renewal_cost([1], [2000], 1, 1, base=2026, index=0),
        lambda: long_life_cost([1], [2000], 1, 1, base=2026, cannot_extend=2),
        lambda: unit_costs(["城"]),
        lambda: level([[1]], [2026], [2027], [2026], 1, base=2026),
        lambda: level([[1]], [2026], [2020], [2026], 1, base=2026),
    ],
)
def test_nonsense_is_refused(ask) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError):
        ask()
