"""Which sites to open when each has a price: the small problem inside every Lagrangian bound.

Given ρ (one number per free site, the smaller the better) choose sites that minimise Σρ under the rules left at a node:
exactly `count` of them or any within a `budget`, and at most one per group. The answer is exact for a count; for a
budget it is that of the linear relaxation, a valid lower bound all the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Picked = tuple[float, np.ndarray, np.ndarray]
INFINITE = float("inf")


@dataclass(frozen=True, slots=True)
class Choice:
    """Rules for the free sites of a node: `count` or `budget` (with `prices`, per free site), `groups` of 0, 1, 2 … or None."""

    count: int | None = None
    prices: np.ndarray | None = None
    budget: float = 0.0
    groups: np.ndarray | None = None

    def pick(self, rho: np.ndarray) -> Picked:
        """(least Σρ, the chosen sites, how much of each: 1 or a part); infinite where the rules cannot be met."""
        if self.count is None:
            return self._within_budget(rho)
        if self.groups is None and 0 < self.count < len(rho):
            chosen = np.argpartition(rho, self.count - 1)[: self.count]
            return float(rho[chosen].sum()), chosen, np.ones(self.count)
        members = np.arange(len(rho)) if self.groups is None else group_minima(rho, self.groups)
        if self.count > len(members):
            return INFINITE, members, np.ones(len(members))
        if self.count == 0:
            return 0.0, members[:0], np.ones(0)
        if self.count < len(members):
            members = members[np.argpartition(rho[members], self.count - 1)[: self.count]]
        return float(rho[members].sum()), members, np.ones(len(members))

    def slack(self, rho: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """By how much Σρ grows at least when each site is (forced in, forced out); 0 where it would not."""
        if self.count is None:
            return self._budget_slack(rho)
        if self.groups is not None:
            return self._grouped_slack(rho, self.groups)
        into, out = np.zeros(len(rho)), np.zeros(len(rho))
        if self.count == 0:
            return np.full(len(rho), INFINITE), out
        ordered = np.sort(rho)
        last = ordered[self.count - 1]
        after = ordered[self.count] if self.count < len(rho) else INFINITE
        _, chosen, _ = self.pick(rho)
        inside = np.zeros(len(rho), dtype=bool)
        inside[chosen] = True
        into[~inside] = np.maximum(rho[~inside] - last, 0)
        out[inside] = np.maximum(after - rho[inside], 0)
        return into, out

    def _grouped_slack(self, rho: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        assert self.count is not None
        into, out = np.zeros(len(rho)), np.zeros(len(rho))
        if self.count == 0:
            return np.full(len(rho), INFINITE), out
        firsts = group_minima(rho, groups)
        _, chosen, _ = self.pick(rho)
        last = rho[chosen].max()
        inside = np.zeros(len(rho), dtype=bool)
        inside[chosen] = True
        best = np.full(groups.max() + 1, INFINITE)
        best[groups[firsts]] = rho[firsts]
        taken = np.zeros(groups.max() + 1, dtype=bool)
        taken[groups[chosen]] = True
        # Forced in: it takes the place of its group's member if that is chosen, else of the dearest chosen one.
        instead_of = np.where(taken[groups], best[groups], last)
        into[~inside] = np.maximum(rho[~inside] - instead_of[~inside], 0)
        others = firsts[~taken[groups[firsts]]]
        after = rho[others].min() if len(others) else INFINITE
        hidden = rho.copy()
        hidden[firsts] = INFINITE
        second = np.full(groups.max() + 1, INFINITE)
        np.minimum.at(second, groups, hidden)
        out[chosen] = np.maximum(np.minimum(after, second[groups[chosen]]) - rho[chosen], 0)
        return into, out

    def _price(self, rho: np.ndarray) -> float:
        """The price μ ≥ 0 of one unit of budget at which the relaxed choice just fits."""
        assert self.prices is not None
        low, high = 0.0, float((np.maximum(-rho, 0) / np.maximum(self.prices, 1e-12)).max(initial=0.0)) + 1e-9
        if self._spent(rho, low) <= self.budget:
            return low
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if self._spent(rho, middle) > self.budget else (low, middle)
        return high

    def _spent(self, rho: np.ndarray, price: float) -> float:
        assert self.prices is not None
        chosen = self._at(rho + price * self.prices)
        return float(self.prices[chosen].sum())

    def _at(self, reduced: np.ndarray) -> np.ndarray:
        members = np.arange(len(reduced)) if self.groups is None else group_minima(reduced, self.groups)
        return members[reduced[members] < 0]

    def _within_budget(self, rho: np.ndarray) -> Picked:
        assert self.prices is not None
        price = self._price(rho)
        reduced = rho + price * self.prices
        chosen = self._at(reduced)
        return float(reduced[chosen].sum()) - price * self.budget, chosen, np.ones(len(chosen))

    def _budget_slack(self, rho: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        assert self.prices is not None
        reduced = rho + self._price(rho) * self.prices
        if self.groups is None:
            return np.maximum(reduced, 0), np.maximum(-reduced, 0)
        firsts = group_minima(reduced, self.groups)
        best = np.zeros(self.groups.max() + 1)
        best[self.groups[firsts]] = np.minimum(reduced[firsts], 0)
        hidden = reduced.copy()
        hidden[firsts] = 0
        second = np.zeros(self.groups.max() + 1)
        np.minimum.at(second, self.groups, np.minimum(hidden, 0))
        into, out = reduced - best[self.groups], np.zeros(len(rho))
        out[firsts] = second[self.groups[firsts]] - best[self.groups[firsts]]
        return np.maximum(into, 0), out


def group_minima(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """For each group that occurs the position of its smallest value (the first of equals)."""
    order = np.lexsort((np.arange(len(values)), values, groups))
    ordered = groups[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return order[first]
