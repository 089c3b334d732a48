"""Figures of reach: the vectors of the literature, small squares, and against loops that do one cell after the other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kyodo_geo.errors import InputError
from kyodo_geo.reach import (
    Closing,
    Gap,
    Pairs,
    change,
    difference,
    figures,
    floating_catchment,
    gaps,
    gaussian,
    gini,
    nearest,
    share_beyond,
    steps,
    straight_costs,
    worst_part,
)

INF = np.inf
#: Three cells in a row, a facility at each end.
ROW = np.array([[0.0, 2.0], [1.0, 1.0], [2.0, 0.0]])

costs_and_people = st.integers(1, 7).flatmap(
    lambda cells: st.integers(1, 4).flatmap(
        lambda facilities: st.tuples(
            arrays(
                float, (cells, facilities), elements=st.one_of(st.integers(0, 9).map(float), st.just(INF))
            ),
            arrays(float, (cells, 2), elements=st.integers(0, 9).map(float)),
        )
    )
)


class TestFloatingCatchment:
    def test_the_published_vector(self) -> None:
        found = floating_catchment(Pairs.within(ROW), [100, 100, 100], [10, 10], gaussian(1))
        assert found.access == pytest.approx([0.065179, 0.069641, 0.065179], abs=5e-7)
        assert 100 * found.access.sum() == pytest.approx(20)

    def test_without_decay_everybody_within_the_limit_counts_alike(self) -> None:
        found = floating_catchment(Pairs.within(ROW, 1), [100, 100, 200], [10, 30])
        assert found.ratio == pytest.approx([10 / 200, 30 / 300])
        assert found.access == pytest.approx([0.05, 0.15, 0.1])

    def test_zones_include_their_upper_end(self) -> None:
        weight = steps({800: 1.0, 1200: 0.5})
        assert weight(np.array([0.0, 800.0, 800.1, 1200.0, 1200.1])).tolist() == [1, 1, 0.5, 0.5, 0]

    def test_a_facility_nobody_reaches_gives_nothing(self) -> None:
        found = floating_catchment(Pairs.within(np.array([[1.0, INF]])), [10], [5, 7])
        assert np.isnan(found.ratio[1]) and found.access.tolist() == [0.5]

    @settings(max_examples=60, deadline=None)
    @given(costs_and_people, st.integers(0, 9))
    def test_what_is_supplied_is_what_people_have(
        self, case: tuple[np.ndarray, np.ndarray], limit: int
    ) -> None:
        costs, people = case
        supply = np.arange(1.0, costs.shape[1] + 1)
        for decay in (None, gaussian(3), steps({2: 1, 9: 0.25})):
            found = floating_catchment(Pairs.within(costs, limit), people[:, 0], supply, decay)
            assert people[:, 0] @ found.access == pytest.approx(supply[found.demand > 0].sum(), rel=1e-12)


class TestEquity:
    def test_gini(self) -> None:
        assert gini([5, 5, 5], [1, 2, 3]) == pytest.approx(0, abs=1e-15)
        assert gini([0, 0, 0, 1], [1, 1, 1, 1]) == pytest.approx(0.75)
        assert gini([1, 3], [3, 1]) == pytest.approx(gini([1, 1, 1, 3], [1, 1, 1, 1]))
        assert gini([1.0], [0]) is None and gini([0.0], [1]) is None
        with pytest.raises(InputError):
            gini([1, INF], [1, 1])

    def test_share_beyond_counts_who_has_no_way(self) -> None:
        assert share_beyond([100, 800, 801, INF], [1, 1, 1, 1], 800) == 0.5
        assert share_beyond([1], [0], 5) is None

    def test_the_worst_twentieth(self) -> None:
        assert worst_part([100, 200, 300], [50, 46, 4], 0.05) == (200, pytest.approx((4 * 300 + 200) / 5), 0)
        begins, mean, without = worst_part([100, INF], [97, 3], 0.05) or (0, 0, 0)
        assert (begins, mean, without) == (100, 100, 3)
        assert worst_part([1], [0]) is None


class TestFigures:
    def test_shares_by_group_and_age(self) -> None:
        cost = np.array([400.0, 900.0, INF, 500.0])
        people = np.array([[10, 1], [10, 2], [10, 3], [5, 5]])
        found = figures(cost, people, (500, 800, 1200), [0, 0, 1, -1], 3)
        assert found.people.tolist() == [[20, 3], [10, 3], [0, 0]]
        assert found.within[:, 0].tolist() == [[10, 1], [10, 1], [20, 3]]
        assert found.shares[0, 0].tolist() == [0.5, pytest.approx(1 / 3)]
        assert np.isnan(found.shares[:, 2]).all()
        assert found.unreachable.tolist() == [[0, 0], [10, 3], [0, 0]]
        assert found.mean_cost[0, 0] == 650 and np.isnan(found.mean_cost[1, 0])
        assert found.out_of_reach[2].tolist() == [[0, 0], [10, 3], [0, 0]]

    def test_two_years_compared(self) -> None:
        before = figures([400, 900], np.array([10, 10]))
        after = figures([400, INF], np.array([8, 10]))
        found = change(before, after)
        assert (found.people[0, 0], found.within[2, 0, 0], found.unreachable[0, 0]) == (-2, -12, 10)
        with pytest.raises(InputError):
            change(before, figures([400, 900], np.array([10, 10]), (1,)))

    def test_no_facility_at_all(self) -> None:
        which, cost = nearest(np.zeros((2, 0)))
        assert which.tolist() == [-1, -1] and np.isinf(cost).all()


class TestGaps:
    def test_each_reason(self) -> None:
        costs = np.array(
            [[100, INF, 9_000], [900, 300, INF], [900, INF, INF], [INF, INF, 700], [100, 800, INF]]
        )
        opened = [True, False, False]
        assert gaps(costs, 800, opened=opened).tolist() == [
            Gap.SERVED, Gap.CLOSED, Gap.TOO_FAR, Gap.CLOSED, Gap.SERVED,
        ]  # fmt: skip
        assert gaps(costs, 500, opened=opened)[3] == Gap.NO_FACILITY
        full = gaps(costs, 800, opened=[True, True, True], people=np.full(5, 10), capacities=[25, 100, 100])
        assert full.tolist() == [Gap.OVER_CAPACITY, Gap.SERVED, Gap.TOO_FAR, Gap.SERVED, Gap.SERVED]

    def test_thresholds_differ_by_area(self) -> None:
        assert gaps(np.array([[700.0], [700.0]]), [500, 800]).tolist() == [Gap.TOO_FAR, Gap.SERVED]

    def test_a_city_without_facilities(self) -> None:
        assert gaps(np.zeros((2, 0)), 800).tolist() == [Gap.NO_FACILITY] * 2


def test_figures_of_nobody_are_those_of_one_empty_group() -> None:
    assert figures(np.zeros(0), np.zeros((0, 4))).people.tolist() == [[0, 0, 0, 0]]


class TestClosing:
    def test_a_street(self) -> None:
        costs = np.array([[0.0, 1000, INF], [100, 600, INF], [900, 100, INF], [50, INF, INF]])
        found = Closing(costs).effects(np.array([[10, 1], [20, 2], [30, 3], [40, 4]]), 800, [100, 100, 5])
        assert found.moved[:, 0].tolist() == [70, 30, 0]
        assert found.added.tolist() == [11 * 1000 + 22 * 500, 33 * 800, 0]
        assert found.pushed_out[:, 0].tolist() == [10 + 40, 30, 0]
        assert found.stranded[0].tolist() == [40, 4]
        assert found.to[0].tolist() == [0, 33, 0]
        room = found.without_room()
        assert room is not None and room.tolist() == [0, 77 + 33 - 100, 0]

    def test_without_facilities_or_people_there_is_nothing_to_close(self) -> None:
        assert Closing(np.zeros((2, 0))).effects(np.array([1, 2]), 800, []).to.shape == (0, 0)
        assert (
            Closing(np.zeros((0, 2))).effects(np.zeros((0, 4)), 800, [1, 1]).moved.tolist() == [[0] * 4] * 2
        )

    def test_closed_facilities_take_nobody(self) -> None:
        costs = np.array([[0.0, 1, 5]])
        assert Closing(costs, [True, False, True]).effects(np.array([1]), 800).to[0].tolist() == [0, 0, 1]

    @settings(max_examples=80, deadline=None)
    @given(costs_and_people, st.integers(0, 9))
    def test_as_if_each_had_been_closed_by_hand(
        self, case: tuple[np.ndarray, np.ndarray], limit: int
    ) -> None:
        costs, people = case
        capacities = np.full(costs.shape[1], 12.0)
        found = Closing(costs).effects(people, limit, capacities)
        which, cost = nearest(costs)
        total = people.sum(axis=1)
        load = np.array([total[which == facility].sum() for facility in range(costs.shape[1])])
        for facility in range(costs.shape[1]):
            without = costs.copy()
            without[:, facility] = INF
            other, then = nearest(without)
            hit = which == facility
            both = hit & np.isfinite(then)
            assert found.added[facility] == pytest.approx((total[both] * (then[both] - cost[both])).sum())
            assert found.moved[facility].tolist() == people[hit].sum(axis=0).tolist()
            assert found.stranded[facility].tolist() == people[hit & ~np.isfinite(then)].sum(axis=0).tolist()
            out = hit & (cost <= limit) & (then > limit)
            assert found.pushed_out[facility].tolist() == people[out].sum(axis=0).tolist()
            flows = [total[both & (other == to)].sum() for to in range(costs.shape[1])]
            assert found.to[facility].tolist() == flows
            lacking = [min(flow, max(0, flow - max(0, 12 - load[to]))) for to, flow in enumerate(flows)]
            assert found.lacking is not None and found.lacking[facility].tolist() == lacking


def test_network_against_straight_line() -> None:
    straight = straight_costs(np.array([[0, 0], [300, 400], [0, 0]]), np.array([[0, 0], [300, 0]]), 1.0)
    assert straight.tolist() == [[0, 300], [500, 400], [0, 300]]
    found = difference(np.array([[0, 400], [600, 700], [INF, INF]]), straight)
    assert found.longer.tolist() == [0, 200, INF]
    assert found.detour[1] == 1.5 and np.isnan(found.detour[[0, 2]]).all()
    assert found.another.tolist() == [False, True, True]


@pytest.mark.parametrize(
    "ask",
    [
        lambda: Pairs.within(np.array([[np.nan]])),
        lambda: Pairs.within(np.array([[-1.0]])),
        lambda: Pairs.within(ROW, -1),
        lambda: floating_catchment(Pairs.within(ROW), [1, 2], [1, 1]),
        lambda: floating_catchment(Pairs.within(ROW), [1, 2, -3], [1, 1]),
        lambda: gaussian(0),
        lambda: steps({}),
        lambda: figures([1.0], np.array([1]), groups=[0.5]),
        lambda: gaps(ROW, 800, opened=[1, 0]),
        lambda: gaps(ROW, 800, capacities=[1, 1]),
        lambda: Closing(ROW, [True]),
        lambda: straight_costs(ROW, ROW, 0.5),
        lambda: worst_part([1], [1], 0),
    ],
)
def test_nonsense_is_refused(ask) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError):
        ask()
