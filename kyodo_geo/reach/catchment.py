"""Two-step floating catchment (Luo and Wang 2003) and its enhanced form (Luo and Qi 2009).

R_j = S_j ÷ Σ_{k: d_kj ≤ d0} w(d_kj)·P_k and A_i = Σ_{j: d_ij ≤ d0} w(d_ij)·R_j. With w = 1 it is 2SFCA, with a w that
falls by zones or smoothly E2SFCA. Σ_i P_i·A_i = Σ_j S_j over the facilities somebody reaches.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kyodo_geo.errors import InputError
from kyodo_geo.reach.arrays import amounts, costs_of

Decay = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Cells and facilities within a limit of each other, as three equal columns; made once, used for every year."""

    cell: np.ndarray
    facility: np.ndarray
    cost: np.ndarray
    cells: int
    facilities: int

    @classmethod
    def within(cls, costs: np.ndarray, limit: float = np.inf) -> Pairs:
        """The pairs of a matrix (cells × facilities) whose cost is at most `limit`; unreachable ones never are."""
        costs = costs_of(costs)
        if not limit >= 0:
            raise InputError("到達距離は0以上で指定してください。", field="limit")
        flat = np.flatnonzero((costs <= limit) & (costs < np.inf))
        cell, facility = np.divmod(flat, max(costs.shape[1], 1))
        return cls(cell, facility, costs.ravel()[flat], *costs.shape)


@dataclass(frozen=True, slots=True)
class Access:
    """`access` (cells) is the supply per person that people of a cell have; `ratio` (facilities) is R, NaN: nobody reaches it."""

    access: np.ndarray
    ratio: np.ndarray
    demand: np.ndarray


def floating_catchment(
    pairs: Pairs,
    people: Sequence[float] | np.ndarray,
    supply: Sequence[float] | np.ndarray,
    decay: Decay | None = None,
) -> Access:
    """2SFCA of `pairs` (E2SFCA with a `decay`): people per cell, supply per facility (0: closed). Raises `InputError`."""
    people = amounts(people, pairs.cells, "people")
    supply = amounts(supply, pairs.facilities, "supply")
    if decay is None:
        demand = np.bincount(pairs.facility, people[pairs.cell], pairs.facilities)
    else:
        weight = decay(pairs.cost)
        demand = np.bincount(pairs.facility, weight * people[pairs.cell], pairs.facilities)
    reached = demand > 0
    ratio = np.divide(supply, demand, out=np.full(pairs.facilities, np.nan), where=reached)
    given = np.where(reached, ratio, 0.0)[pairs.facility]
    access = np.bincount(pairs.cell, given if decay is None else weight * given, pairs.cells)
    return Access(access, ratio, demand)


def gaussian(scale: float) -> Decay:
    """w(d) = exp(−d² ÷ (2·scale²)). Raises `InputError`."""
    if not (np.isfinite(scale) and scale > 0):
        raise InputError("減衰の尺度は0より大きい数で指定してください。", field="scale")
    return lambda cost: np.exp(-(cost * cost) / (2 * scale * scale))


def steps(zones: Mapping[float, float]) -> Decay:
    """Weights by zone, {upper cost of the zone (included): weight}; 0 beyond the last. Raises `InputError`."""
    ordered = sorted(zones.items())
    limits, weights = np.array([limit for limit, _ in ordered]), np.array([*(w for _, w in ordered), 0.0])
    if not len(limits) or not (
        np.isfinite(limits).all() and np.isfinite(weights).all() and (weights >= 0).all()
    ):
        raise InputError("距離帯ごとの重みは、0以上の数で指定してください。", field="zones")
    return lambda cost: weights[np.searchsorted(limits, cost, side="left")]
