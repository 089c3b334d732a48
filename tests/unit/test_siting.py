"""The location models on a street of squares: what each answers, refuses, and says of a run that was cut short."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from kyodo_geo.errors import InputError
from kyodo_geo.siting import Control, Rules, Status, lscp, mclp, p_center, p_median, with_capacities

#: Ten houses at 0, 100 … 900 m of one street; a hall may stand at each.
STREET = np.abs(np.arange(10)[:, None] - np.arange(10)[None, :]) * 100.0


def hard_case(size: int = 300) -> np.ndarray:
    """Points in a square: small enough for a test, too much for a few milliseconds."""
    points = np.random.default_rng(7).uniform(0, 1000, (size, 2))
    return np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))


def after(questions: int) -> Callable[[], bool]:
    """Somebody who wants the run to stop once they were asked so many times."""
    left = itertools.repeat(False, questions)
    return lambda: next(left, True)


class TestTheModels:
    def test_p_median_of_a_street(self) -> None:
        answer = p_median(STREET, rules=Rules(p=2))
        assert answer.status is Status.OPTIMAL
        assert answer.open == (2, 7)
        assert answer.objective == answer.bound == 1200
        assert answer.gap == 0
        assert answer.assignment is not None and answer.assignment.tolist() == [2] * 5 + [7] * 5

    def test_weights_pull_the_hall(self) -> None:
        weights = np.ones(10)
        weights[9] = 100
        assert p_median(STREET, weights, Rules(p=1)).open == (9,)

    def test_p_center_and_set_cover_answer_each_other(self) -> None:
        center = p_center(STREET, rules=Rules(p=2))
        assert center.objective == 200
        cover = lscp(STREET, 200)
        assert (cover.status, cover.objective) == (Status.OPTIMAL, 2)
        assert lscp(STREET, 199).objective == 4

    def test_maximal_cover(self) -> None:
        answer = mclp(STREET, 100, np.arange(10), Rules(p=1))
        assert (answer.open, answer.objective) == ((8,), 7 + 8 + 9)
        assert answer.details["out_of_every_reach"] == 0

    def test_backup_cover_wants_two_halls_near_everybody(self) -> None:
        assert lscp(STREET, 200, times=2).objective == 5
        once, both = mclp(STREET, 200, None, Rules(p=2)), mclp(STREET, 200, None, Rules(p=2), backup=0.9)
        assert (once.details["covered"], once.details["covered_twice"]) == (10, 0)
        assert both.details["covered_twice"] >= 4

    def test_equal_answers_go_to_the_lowest_numbers(self) -> None:
        same = np.ones((3, 5))
        assert p_median(same, rules=Rules(p=2)).open == (0, 1)
        assert p_center(same, rules=Rules(p=2)).open == (0, 1)
        assert lscp(same, 1).open == (0,)
        assert mclp(same, 1, None, Rules(p=2)).open == mclp(same, 1, None, Rules(p=2)).open

    def test_two_runs_agree(self) -> None:
        costs = hard_case(120)
        first, second = (p_median(costs, rules=Rules(p=9)) for _ in range(2))
        assert (first.open, first.objective, first.details) == (second.open, second.objective, second.details)


class TestTheRules:
    def test_existing_halls_count_and_stay(self) -> None:
        answer = p_median(STREET, rules=Rules(p=2, existing=[0]))
        assert answer.open == (0, 6)

    def test_required_and_forbidden(self) -> None:
        answer = p_median(STREET, rules=Rules(p=2, required=[0], forbidden=[5, 6, 7]))
        assert 0 in answer.open and not {5, 6, 7} & set(answer.open)

    def test_a_budget_pays_for_new_halls_only(self) -> None:
        prices = np.full(10, 3.0)
        assert len(p_median(STREET, rules=Rules(budget=6, prices=prices)).open) == 2
        assert len(p_median(STREET, rules=Rules(budget=6, prices=prices, existing=[0])).open) == 3

    def test_one_per_association(self) -> None:
        groups = [0] * 5 + [1] * 5
        assert p_median(STREET, rules=Rules(p=2, groups=groups)).open == (2, 7)
        west = mclp(STREET, 100, np.array([9, 9, 9, 9, 9, 1, 1, 1, 1, 1]), Rules(p=2, groups=groups))
        assert sum(site < 5 for site in west.open) == 1

    def test_an_existing_hall_fills_its_association(self) -> None:
        answer = p_median(STREET, rules=Rules(p=2, existing=[0], groups=[0] * 9 + [1]))
        assert answer.open == (0, 9)

    @pytest.mark.parametrize(
        ("rules", "word"),
        [
            (Rules(p=1, existing=[0, 1]), "より多く"),
            (Rules(p=3, groups=[0] * 10), "グループ"),
            (Rules(p=9, forbidden=[0, 1]), "選ぶことができません"),
            (Rules(budget=1, prices=[2] * 10, required=[3]), "予算"),
            (Rules(p=4, required=[0, 1], groups=[0] * 10), "重なって"),
        ],
    )
    def test_rules_that_cannot_be_kept_are_explained(self, rules: Rules, word: str) -> None:
        for answer in (
            p_median(STREET, rules=rules),
            p_center(STREET, rules=rules),
            mclp(STREET, 100, None, rules),
        ):
            assert answer.status is Status.INFEASIBLE
            assert word in answer.reasons[0]
            assert answer.open == () and answer.objective is None


class TestReach:
    def test_clients_out_of_reach_are_named_and_the_rest_is_answered(self) -> None:
        costs = STREET[:, :4]
        answer = lscp(costs, 300, np.array([1, 1, 1, 1, 1, 1, 1, 5, 5, 5]))
        assert answer.status is Status.INFEASIBLE
        assert answer.details["unreachable"] == {"clients": [7, 8, 9], "number": 3, "weight": 15}
        rest = answer.details["rest"]
        assert (rest.status, rest.open) == (Status.OPTIMAL, (3,))

    def test_unreachable_is_no_large_number(self) -> None:
        costs = np.array([[1, np.inf], [np.inf, 1], [2, 9]])
        assert p_median(costs, rules=Rules(p=2)).objective == 4
        none = p_median(costs, rules=Rules(p=1))
        assert none.status is Status.INFEASIBLE and "到達できない" in none.reasons[0]
        assert p_center(costs, rules=Rules(p=1)).status is Status.INFEASIBLE
        assert p_median(costs, np.array([1, 0, 1]), Rules(p=1)).objective == 3

    def test_a_client_that_nothing_reaches(self) -> None:
        costs = np.array([[1.0, 2.0], [np.inf, np.inf]])
        assert p_median(costs, rules=Rules(p=1)).details["unreachable"] == [1]
        assert p_center(costs, rules=Rules(p=1)).details["unreachable"] == [1]


class TestCapacities:
    def test_room_sends_people_further(self) -> None:
        weights = np.full(10, 10.0)
        free = with_capacities("p-median", STREET, np.full(10, np.inf), weights, Rules(p=2))
        assert free.objective == pytest.approx(p_median(STREET, weights, Rules(p=2)).objective) == 12_000
        tight = with_capacities("p-median", STREET, [100, *[20] * 9], weights, Rules(p=2))
        assert tight.status is Status.OPTIMAL and (tight.objective or 0) > 12_000.1
        assert max(tight.details["load"][1:]) <= 20.000001 and sum(tight.details["load"]) == pytest.approx(
            100
        )

    def test_too_little_room_is_infeasible(self) -> None:
        answer = with_capacities("p-median", STREET, np.full(10, 4.0), None, Rules(p=2))
        assert answer.status is Status.INFEASIBLE and "定員" in answer.reasons[0]

    def test_cover_with_room(self) -> None:
        assert with_capacities("lscp", STREET, np.full(10, 4.0), radius=900).objective == 3
        assert with_capacities("mclp", STREET, np.full(10, 4.0), None, Rules(p=2), radius=900).objective == 8


class TestHonesty:
    def test_a_run_cut_short_says_feasible_with_a_bound_that_holds(self) -> None:
        costs = hard_case()
        full = p_median(costs, rules=Rules(p=6))
        assert full.status is Status.OPTIMAL and full.objective is not None
        for steps in (1, 3, 40, 200):
            short = p_median(costs, rules=Rules(p=6), control=Control(should_stop=after(steps)))
            assert short.objective is not None and short.bound is not None and short.gap is not None
            assert short.bound <= full.objective + 1e-6 <= short.objective + 2e-6
            if short.gap > 0:
                assert short.status is Status.FEASIBLE

    def test_the_first_answer_to_a_stop_is_never_called_optimal(self) -> None:
        answer = p_median(hard_case(), rules=Rules(p=6), control=Control.within(0))
        assert answer.status is Status.FEASIBLE and answer.gap is not None and answer.gap > 0

    def test_progress_is_told(self) -> None:
        told: list[tuple[float | None, float | None]] = []
        control = Control(on_progress=lambda objective, bound: told.append((objective, bound)), every=0.0)
        answer = p_median(hard_case(150), rules=Rules(p=5), control=control)
        bounds = [bound for _, bound in told if bound is not None]
        assert bounds and bounds == sorted(bounds)
        assert all(objective is None or objective >= (answer.objective or 0) - 1e-6 for objective, _ in told)

    def test_a_cover_cut_short_is_no_worse_than_the_quick_way(self) -> None:
        costs, weights = hard_case(400), np.random.default_rng(1).integers(1, 9, 400)
        short = mclp(costs, 60, weights, Rules(p=20), Control.within(0.0))
        full = mclp(costs, 60, weights, Rules(p=20), Control.within(20))
        assert short.objective is not None and full.objective is not None and short.bound is not None
        assert 0.63 * full.objective < short.objective <= full.objective <= short.bound

    def test_a_set_cover_without_time_tells_its_bound(self) -> None:
        answer = lscp((hard_case() <= 90).astype(float) * -1 + 1, 0.5, control=Control.within(0.0))
        assert answer.status in (Status.FEASIBLE, Status.UNKNOWN, Status.OPTIMAL)
        if answer.objective is not None:
            assert answer.bound is not None and answer.bound <= answer.objective


@pytest.mark.parametrize(
    ("costs", "weights", "rules", "field"),
    [
        (np.array([[np.nan]]), None, Rules(p=1), "matrix"),
        (np.array([[-1.0]]), None, Rules(p=1), "matrix"),
        (np.array([1.0]), None, Rules(p=1), "matrix"),
        (np.zeros((0, 3)), None, Rules(p=1), "matrix"),
        (np.array([["a"]]), None, Rules(p=1), "matrix"),
        (np.array([[True]]), None, Rules(p=1), "matrix"),
        (STREET, np.ones(9), Rules(p=1), "weights"),
        (STREET, np.full(10, np.nan), Rules(p=1), "weights"),
        (STREET, np.full(10, -1.0), Rules(p=1), "weights"),
        (STREET, None, Rules(p=11), "p"),
        (STREET, None, Rules(p=0), "p"),
        (STREET, None, Rules(), "p"),
        (STREET, None, Rules(p=1, budget=1), "p"),
        (STREET, None, Rules(budget=-1), "budget"),
        (STREET, None, Rules(budget=1, prices=[1]), "prices"),
        (STREET, None, Rules(p=1, existing=[10]), "existing"),
        (STREET, None, Rules(p=1, required=[-1]), "required"),
        (STREET, None, Rules(p=1, existing=[1], forbidden=[1]), "forbidden"),
        (STREET, None, Rules(p=1, groups=[0.5] * 10), "groups"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_by_name(
    costs: np.ndarray, weights: np.ndarray | None, rules: Rules, field: str
) -> None:
    for solve in (p_median, p_center, lambda *given: mclp(given[0], 100, *given[1:])):
        with pytest.raises(InputError) as refused:
            solve(costs, weights, rules)
        assert refused.value.details["field"] == field
