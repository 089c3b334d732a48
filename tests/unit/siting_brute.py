"""Every permitted set of sites looked at: slow, short, and with nothing in common with the solvers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from kyodo_geo.siting import Rules


def permitted(rules: Rules, sites: int) -> Iterator[tuple[tuple[int, ...], float]]:
    """(open sites, price of the new ones) of each set that keeps the rules."""
    existing, required, forbidden = (set(part) for part in (rules.existing, rules.required, rules.forbidden))
    prices = np.ones(sites) if rules.prices is None else np.asarray(rules.prices, dtype=float)
    for size in range(sites + 1):
        if rules.p not in (None, size):
            continue
        for chosen in itertools.combinations(range(sites), size):
            members = set(chosen)
            price = sum(prices[site] for site in members - existing)
            if not existing | required <= members or members & forbidden:
                continue
            if rules.budget is not None and price > rules.budget + 1e-9:
                continue
            if rules.groups is not None:
                held = [rules.groups[site] for site in members - existing if rules.groups[site] >= 0]
                held += list({rules.groups[site] for site in members & existing if rules.groups[site] >= 0})
                if len(held) != len(set(held)):
                    continue
            yield chosen, price


def best(
    model: str, costs: np.ndarray, weights: np.ndarray, rules: Rules, *, radius: float = 0.0, times: int = 1, backup: float = 0.0
) -> float | None:  # fmt: skip
    """The best objective; None where no permitted set will do."""
    values = [
        value
        for chosen, price in permitted(rules, costs.shape[1])
        if (value := worth(model, costs, weights, rules, chosen, price, radius, times, backup)) is not None
    ]
    if not values:
        return None
    return max(values) if model == "mclp" else min(values)


def worth(
    model: str, costs: np.ndarray, weights: np.ndarray, rules: Rules, chosen: tuple[int, ...], price: float,
    radius: float, times: int, backup: float,
) -> float | None:  # fmt: skip
    """The objective of one set; None where it will not do."""
    counted = weights > 0
    near = costs[:, chosen].min(axis=1) if chosen else np.full(len(costs), np.inf)
    reached = (costs[:, chosen] <= radius).sum(axis=1)
    if model == "lscp":
        if not (reached[counted] >= times).all():
            return None
        return float(len(chosen)) if rules.prices is None else price
    if model == "mclp":
        return float((1 - backup) * weights[reached >= 1].sum() + backup * weights[reached >= 2].sum())
    ways = near[counted] * weights[counted]
    value = float(ways.sum()) if model == "p-median" else float(ways.max(initial=0.0))
    return value if np.isfinite(value) else None
