"""The parts of the p-median search one by one: prices of choices, exchanges, near lists, bounds."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kyodo_geo.siting import Rules, Status, median, p_median
from kyodo_geo.siting.choice import Choice
from kyodo_geo.siting.covering import core, greedy, merged
from kyodo_geo.siting.interchange import cost_of, exchange_gains
from kyodo_geo.siting.near_lists import NearLists
from tests.unit.siting_brute import best

numbers = st.lists(st.integers(-9, 9).map(float), min_size=1, max_size=7)


def least(rho: np.ndarray, choice: Choice, must: int | None = None, banned: int | None = None) -> float:
    """Σρ of the best permitted set, by trying all."""
    found = float("inf")
    for size in range(len(rho) + 1):
        for chosen in itertools.combinations(range(len(rho)), size):
            if choice.count is not None and size != choice.count:
                continue
            if choice.prices is not None and choice.prices[list(chosen)].sum() > choice.budget:
                continue
            if choice.groups is not None and len({choice.groups[site] for site in chosen}) < size:
                continue
            if (must is not None and must not in chosen) or banned in chosen:
                continue
            found = min(found, float(rho[list(chosen)].sum()))
    return found


@settings(max_examples=150, deadline=None)
@given(numbers, st.data())
def test_a_choice_is_exact_for_a_count_and_a_lower_bound_for_a_budget(
    values: list[float], data: st.DataObject
) -> None:
    rho, size = np.array(values), len(values)
    raw = data.draw(st.none() | st.lists(st.integers(0, 3), min_size=size, max_size=size))
    groups = None if raw is None else np.unique(raw, return_inverse=True)[1]
    most = size if groups is None else int(groups.max()) + 1
    if data.draw(st.booleans()):
        choice = Choice(count=data.draw(st.integers(0, most)), groups=groups)
    else:
        prices = np.array(data.draw(st.lists(st.integers(0, 4), min_size=size, max_size=size)), dtype=float)
        choice = Choice(prices=prices, budget=float(data.draw(st.integers(0, 9))), groups=groups)
    value, chosen, _ = choice.pick(rho)
    truth = least(rho, choice)
    assert value <= truth + 1e-6
    if choice.count is not None:
        assert value == pytest.approx(truth) == rho[chosen].sum()
    into, out = choice.slack(rho)
    for site in range(size):
        assert value + into[site] <= least(rho, choice, must=site) + 1e-6
        assert value + out[site] <= least(rho, choice, banned=site) + 1e-6


def test_exchanges_are_valued_as_if_each_had_been_made() -> None:
    random = np.random.default_rng(3)
    for count in (1, 2, 5):
        distances = random.integers(0, 50, (9, 14)).astype(float)
        for cap in (np.full(14, np.inf), random.integers(0, 40, 14).astype(float)):
            chosen = np.sort(random.choice(9, count, replace=False))
            closed = np.setdiff1d(np.arange(9), chosen)
            gains = exchange_gains(distances, cap, chosen, closed)
            before = cost_of(distances, cap, chosen)
            for row, column in np.ndindex(*gains.shape):
                after = np.append(np.delete(chosen, column), closed[row])
                assert gains[row, column] == pytest.approx(before - cost_of(distances, cap, after))


def test_near_lists_value_exchanges_as_the_whole_matrix_does() -> None:
    random = np.random.default_rng(4)
    distances = random.uniform(0, 50, (12, 30))
    near = NearLists.of(distances, np.arange(12), 12)
    opened = np.zeros(12, dtype=bool)
    opened[[2, 5, 9]] = True
    ins, outs, gains = near.gains(opened)
    assert ins.tolist() == [2, 5, 9]
    assert gains == pytest.approx(exchange_gains(distances, np.full(30, np.inf), ins, outs))
    assert near.cost(opened, distances) == pytest.approx(cost_of(distances, np.full(30, np.inf), ins))
    short = NearLists.of(distances, np.arange(12), 3)
    assert short.cost(opened, distances) == pytest.approx(near.cost(opened, distances))


@pytest.mark.parametrize("seed", range(12))
def test_a_search_on_lists_that_are_too_short_still_proves_only_what_is_true(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(median, "SMALL", 0)
    monkeypatch.setattr(median, "LIST", 0)
    random = np.random.default_rng(seed)
    costs = random.integers(0, 100, (25, 15)).astype(float)
    weights = random.integers(0, 5, 25).astype(float)
    groups = random.integers(-1, 6, 15) if seed % 3 == 0 else None
    rules = Rules(p=4, existing=[3] if seed % 2 else (), forbidden=[7], groups=groups)
    answer = p_median(costs, weights, rules)
    assert answer.status is Status.OPTIMAL
    assert answer.objective == best("p-median", costs, weights, rules)


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 8), st.integers(1, 6), st.integers(0, 2**30))
def test_a_reduced_cover_table_has_covers_of_the_same_cost(rows: int, sites: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    table = random.random((rows, sites)) < 0.5
    table[np.arange(rows), random.integers(0, sites, rows)] = True
    prices = random.integers(1, 4, sites).astype(float)

    def cheapest(cover: np.ndarray, price: np.ndarray) -> float:
        sets = (
            list(s) for size in range(len(price) + 1) for s in itertools.combinations(range(len(price)), size)
        )
        return min(price[chosen].sum() for chosen in sets if cover[:, chosen].any(axis=1).all())

    kept, left = core(table, prices)
    assert cheapest(table, prices) == cheapest(table[np.ix_(kept, left)], prices[left])
    assert table[:, greedy(table, prices)].any(axis=1).all()
    first, kind = merged(table)
    assert (table[first[kind]] == table).all() and first.tolist() == sorted(first)
