"""Every figure of reach for groups of cells of any size: cells, districts, associations, the city, all by the same sums."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kyodo_geo.reach.equity import gini, worst_part
from kyodo_geo.reach.report import Report


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """One group. `people` and `out` (4): people, and those beyond their threshold, by age. `within`: people per distance.

    `mean`: metres to the nearest facility of those who have a way (infinite: nobody has, NaN: nobody lives there). `nearest`:
    place in `Prepared` of the facility that is the nearest of most people (−1: none). `access`, `decayed`: seats per person
    (2SFCA, E2SFCA), `gini` of the first. `worst`: see `equity.worst_part`. `gap` (5): people per `Gap`; `gap_out` only those
    beyond their threshold.
    """

    people: np.ndarray
    out: np.ndarray
    within: np.ndarray
    unreachable: float
    mean: float
    nearest: int
    access: float
    decayed: float
    gini: float | None
    worst: tuple[float, float, float] | None
    gap: np.ndarray
    gap_out: np.ndarray

    @property
    def total(self) -> float:
        return float(self.people.sum())


def levels(found: Report, group: np.ndarray, number: int) -> list[Level]:
    """Figures of the groups 0 … number − 1 (`group`, one per cell; others are left out)."""
    order = np.argsort(group, kind="stable")
    edges = np.searchsorted(group[order], np.arange(number + 1))
    beyond = found.cost > found.limit
    parts = (order[edges[no] : edges[no + 1]] for no in range(number))
    return [_level(found, mine, beyond[mine]) for mine in parts]


def whole(found: Report) -> Level:
    """The figures of everybody."""
    every = np.arange(len(found.cost))
    return _level(found, every, found.cost > found.limit)


def _level(found: Report, mine: np.ndarray, beyond: np.ndarray) -> Level:
    people, cost = found.people[mine], found.metres[mine]
    total = people.sum(axis=1)
    heads = float(total.sum())
    has = np.isfinite(cost) & (total > 0)
    with_way = float(total[has].sum())
    mean = (
        float((cost[has] * total[has]).sum() / with_way) if with_way > 0 else np.inf if heads > 0 else np.nan
    )
    first = found.first[mine]
    loads = np.bincount(first[first >= 0], total[first >= 0])
    access, decayed = found.access.access[mine], found.decayed.access[mine]
    return Level(
        people.sum(axis=0),
        people[beyond].sum(axis=0),
        np.array([total[cost <= distance].sum() for distance in found.city.distances]),
        float(total[~np.isfinite(cost)].sum()),
        float(mean),
        int(loads.argmax()) if loads.size and loads.max() > 0 else -1,
        float((access * total).sum() / heads) if heads > 0 else 0.0,
        float((decayed * total).sum() / heads) if heads > 0 else 0.0,
        gini(access, total),
        worst_part(cost, total),
        np.bincount(found.gap[mine], total, 5),
        np.bincount(found.gap[mine][beyond], total[beyond], 5),
    )
