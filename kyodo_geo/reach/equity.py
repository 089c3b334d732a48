"""How evenly reach is spread: weighted Gini, the worst-off part, the share beyond a distance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kyodo_geo.errors import InputError
from kyodo_geo.reach.arrays import amounts


def gini(values: Sequence[float] | np.ndarray, people: Sequence[float] | np.ndarray) -> float | None:
    """Weighted Gini of `values` (≥ 0, one per cell), 0 (all equal) to 1; None where nobody lives or all have nothing.

    1 − Σ (X_k + X_{k−1})·(W_k − W_{k−1}) over cumulative shares, sorted by value. Raises `InputError` for infinite values:
    who cannot reach anything has no distance; count them apart.
    """
    values = amounts(values, len(values), "values")
    people = amounts(people, len(values), "people")
    order = np.argsort(values, kind="stable")
    weight, amount = people[order], values[order] * people[order]
    if not weight.sum() > 0 or not amount.sum() > 0:
        return None
    shares = np.concatenate([[0.0], np.cumsum(amount) / amount.sum()])
    heads = np.concatenate([[0.0], np.cumsum(weight) / weight.sum()])
    return float(max(0.0, 1 - ((shares[1:] + shares[:-1]) * np.diff(heads)).sum()))


def share_beyond(
    costs: Sequence[float] | np.ndarray, people: Sequence[float] | np.ndarray, distance: float
) -> float | None:
    """Share of the people whose cost is above `distance`; who cannot reach anything (infinite) is beyond. None: nobody."""
    costs = amounts(costs, len(costs), "costs", infinite=True)
    people = amounts(people, len(costs), "people")
    total = people.sum()
    return float(people[costs > distance].sum() / total) if total > 0 else None


def worst_part(
    costs: Sequence[float] | np.ndarray, people: Sequence[float] | np.ndarray, part: float = 0.05
) -> tuple[float, float, float] | None:
    """Of the `part` of the people with the longest ways: (where it begins, its mean cost, people of it without any way).

    The mean is over those who have a way (NaN where none has). A cell on the edge counts with the people that fit. None
    where nobody lives.
    """
    if not 0 < part <= 1:
        raise InputError("割合は0より大きく1以下で指定してください。", field="part")
    costs = amounts(costs, len(costs), "costs", infinite=True)
    people = amounts(people, len(costs), "people")
    wanted = people.sum() * part
    if not wanted > 0:
        return None
    order = np.argsort(-costs, kind="stable")
    order = order[people[order] > 0]
    before = np.concatenate([[0.0], np.cumsum(people[order])[:-1]])
    taken = np.clip(wanted - before, 0, people[order])
    last = int(np.flatnonzero(taken > 0)[-1])
    finite = np.isfinite(costs[order])
    with_way = taken[finite].sum()
    mean = float((costs[order][finite] * taken[finite]).sum() / with_way) if with_way > 0 else float("nan")
    return float(costs[order[last]]), mean, float(taken[~finite].sum())
