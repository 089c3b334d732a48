"""Every model against brute force on small cases, with every rule: status, objective, and that the set is a permitted one."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kyodo_geo.siting import Answer, Control, Rules, Status, lscp, mclp, p_center, p_median
from tests.unit.siting_brute import best, permitted, worth


@st.composite
def cases(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, Rules, float]:
    """(costs, weights, rules with p or a budget, radius)."""
    sites, clients = draw(st.integers(1, 6)), draw(st.integers(1, 8))
    distance = (
        st.one_of(st.integers(0, 12), st.just(float("inf"))) if draw(st.booleans()) else st.integers(0, 12)
    )
    costs = np.array(
        draw(st.lists(distance, min_size=sites * clients, max_size=sites * clients)), dtype=float
    )
    costs = costs.reshape(clients, sites) * draw(st.sampled_from([1.0, 0.1]))
    weights = np.array(draw(st.lists(st.integers(0, 4), min_size=clients, max_size=clients)), dtype=float)
    order = draw(st.permutations(range(sites)))
    cuts = sorted(draw(st.integers(0, sites)) if draw(st.booleans()) else 0 for _ in range(3))
    budget = draw(st.booleans())
    rules = Rules(
        p=None if budget else draw(st.integers(1, sites)),
        budget=float(draw(st.integers(0, 8))) if budget else None,
        prices=draw(st.lists(st.integers(0, 4), min_size=sites, max_size=sites))
        if draw(st.booleans())
        else None,
        existing=order[: cuts[0]],
        required=order[cuts[0] : cuts[1]],
        forbidden=order[cuts[1] : cuts[2]],
        groups=draw(st.lists(st.integers(-1, 3), min_size=sites, max_size=sites))
        if draw(st.booleans())
        else None,
    )
    return costs, weights, rules, float(draw(st.integers(0, 12)))


def agrees(answer: Answer, expected: float | None, sets: dict[tuple[int, ...], float]) -> None:
    if expected is None:
        assert answer.status is Status.INFEASIBLE and answer.reasons and answer.objective is None
        return
    assert answer.status is Status.OPTIMAL
    assert answer.objective is not None and abs(answer.objective - expected) <= 1e-9 * max(1.0, expected)
    assert answer.bound == answer.objective and answer.gap == 0
    assert answer.open in sets


@settings(max_examples=120, deadline=None)
@given(cases())
def test_p_median(case: tuple[np.ndarray, np.ndarray, Rules, float]) -> None:
    costs, weights, rules, _ = case
    answer = p_median(costs, weights, rules)
    sets = dict(permitted(rules, costs.shape[1]))
    expected = best("p-median", costs, weights, rules)
    if not sets or (not weights.any() and answer.status is Status.INFEASIBLE):
        assert answer.status is Status.INFEASIBLE
        return
    agrees(answer, expected, sets)


@settings(max_examples=100, deadline=None)
@given(cases())
def test_p_center(case: tuple[np.ndarray, np.ndarray, Rules, float]) -> None:
    costs, weights, rules, _ = case
    agrees(
        p_center(costs, weights, rules),
        best("p-center", costs, weights, rules),
        dict(permitted(rules, costs.shape[1])),
    )


@settings(max_examples=100, deadline=None)
@given(cases(), st.integers(1, 2))
def test_lscp(case: tuple[np.ndarray, np.ndarray, Rules, float], times: int) -> None:
    costs, weights, given_rules, radius = case
    rules = Rules(
        prices=given_rules.prices, budget=given_rules.budget, existing=given_rules.existing,
        required=given_rules.required, forbidden=given_rules.forbidden, groups=given_rules.groups,
    )  # fmt: skip
    answer = lscp(costs, radius, weights, rules, times=times)
    agrees(
        answer,
        best("lscp", costs, weights, rules, radius=radius, times=times),
        dict(permitted(rules, costs.shape[1])),
    )


@settings(max_examples=100, deadline=None)
@given(cases(), st.sampled_from([0.0, 0.0, 0.25, 0.5, 0.75, 1.0]))
def test_mclp(case: tuple[np.ndarray, np.ndarray, Rules, float], backup: float) -> None:
    costs, weights, rules, radius = case
    answer = mclp(costs, radius, weights, rules, backup=backup)
    agrees(
        answer,
        best("mclp", costs, weights, rules, radius=radius, backup=backup),
        dict(permitted(rules, costs.shape[1])),
    )


@settings(max_examples=60, deadline=None)
@given(cases(), st.sampled_from(["p-median", "p-center", "mclp"]))
def test_a_run_without_time_claims_nothing_it_has_not_proven(
    case: tuple[np.ndarray, np.ndarray, Rules, float], model: str
) -> None:
    costs, weights, rules, radius = case
    control = Control.within(0.0)
    if model == "mclp":
        answer = mclp(costs, radius, weights, rules, control)
    else:
        answer = (p_median if model == "p-median" else p_center)(costs, weights, rules, control)
    truth = best(model, costs, weights, rules, radius=radius)
    slack = 1e-9 * max(1.0, abs(truth or 0.0))
    better = 1 if model == "mclp" else -1
    if answer.status is Status.INFEASIBLE:
        assert truth is None or (model == "p-median" and not weights.any())
    if answer.objective is not None:
        assert truth is not None and answer.bound is not None
        price = dict(permitted(rules, costs.shape[1]))[answer.open]
        own = worth(model, costs, weights, rules, answer.open, price, radius, 1, 0.0)
        assert own is not None and abs(own - answer.objective) <= slack
        assert better * (answer.bound - truth) >= -slack
        assert (answer.status is Status.OPTIMAL) == (
            abs(answer.objective - truth) <= slack and answer.bound == answer.objective
        )
