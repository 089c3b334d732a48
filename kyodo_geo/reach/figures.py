"""Figures of reach per group (association, district, city): nearest facility, shares within distances, who is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kyodo_geo.errors import InputError
from kyodo_geo.reach.arrays import amounts, costs_of, people_of


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums per group (g) and age group (k) for t distances.

    `people` (g × k); `within` (t × g × k): people at most so far from a facility; `unreachable` (g × k): people without any
    way; `person_cost` (g × k): Σ people × cost over those who have one.
    """

    distances: tuple[float, ...]
    people: np.ndarray
    within: np.ndarray
    unreachable: np.ndarray
    person_cost: np.ndarray

    @property
    def shares(self) -> np.ndarray:
        """Share within each distance (t × g × k), 0–1; NaN where nobody lives."""
        return _ratio(self.within, self.people)

    @property
    def out_of_reach(self) -> np.ndarray:
        """People farther than each distance or without a way (t × g × k)."""
        return self.people - self.within

    @property
    def mean_cost(self) -> np.ndarray:
        """Mean cost of those who have a way (g × k); NaN where nobody has."""
        return _ratio(self.person_cost, self.people - self.unreachable)


def nearest(costs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(nearest facility, its cost) per cell; −1 and infinite where none can be reached, the lowest number of equals."""
    costs = costs_of(costs)
    if not costs.shape[1]:
        return np.full(len(costs), -1), np.full(len(costs), np.inf)
    which = costs.argmin(axis=1)
    cost = costs[np.arange(len(costs)), which]
    return np.where(np.isfinite(cost), which, -1), cost


def figures(
    cost: Sequence[float] | np.ndarray,
    people: np.ndarray,
    distances: Sequence[float] = (500, 800, 1200),
    groups: Sequence[int] | np.ndarray | None = None,
    number: int | None = None,
) -> Figures:
    """Figures of cells whose nearest facility costs `cost` (n, infinite: none), with `people` (n or n × k).

    `groups` (n) are 0 … g−1, −1 for cells of no group; `number` is g where the last groups may have no cell. Without
    groups there is one, of everybody. Raises `InputError`.
    """
    cost = amounts(cost, len(cost), "cost", infinite=True)
    people = people_of(people, len(cost))
    group = np.zeros(len(cost), dtype=int) if groups is None else np.asarray(groups)
    if group.dtype.kind not in "iu" or group.shape != cost.shape:
        raise InputError("グループは、需要点ごとに1つの整数で指定してください。", field="groups")
    if number is None:
        number = 1 if groups is None else int(group.max(initial=-1)) + 1
    count = number
    if (group >= count).any():
        raise InputError("グループの番号が、グループの数を超えています。", field="groups")
    limits = amounts(list(distances), len(distances), "distances")
    group = np.where(group < 0, count, group)
    has_way = np.isfinite(cost)

    def summed(mask: np.ndarray, factor: np.ndarray | None = None) -> np.ndarray:
        cells = np.flatnonzero(mask)
        columns = (column[cells] if factor is None else column[cells] * factor[cells] for column in people.T)
        return np.stack([np.bincount(group[cells], values, count + 1)[:count] for values in columns], axis=1)

    return Figures(
        tuple(limits.tolist()),
        summed(np.ones(len(cost), dtype=bool)),
        np.stack([summed(cost <= limit) for limit in limits])
        if len(limits)
        else np.zeros((0, count, people.shape[1])),
        summed(~has_way),
        summed(has_way, cost),
    )


def change(before: Figures, after: Figures) -> Figures:
    """What two years or scenarios differ by: after − before, figure by figure. Raises `InputError` for unlike ones."""
    if before.distances != after.distances or before.people.shape != after.people.shape:
        raise InputError("比べる二つの図は、同じ距離とグループでなければなりません。", field="distances")
    return Figures(
        after.distances,
        after.people - before.people,
        after.within - before.within,
        after.unreachable - before.unreachable,
        after.person_cost - before.person_cost,
    )


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    whole = np.broadcast_to(whole, part.shape)
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
