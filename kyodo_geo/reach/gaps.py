"""Why a cell has no facility within its distance."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

import numpy as np

from kyodo_geo.errors import InputError
from kyodo_geo.reach.arrays import amounts, costs_of, people_of, thresholds_of


class Gap(IntEnum):
    """`SERVED` is no gap. The others in the order in which they are looked for."""

    SERVED = 0
    OVER_CAPACITY = 1
    CLOSED = 2
    NO_FACILITY = 3
    TOO_FAR = 4


def gaps(
    costs: np.ndarray,
    threshold: float | Sequence[float] | np.ndarray,
    *,
    opened: Sequence[bool] | np.ndarray | None = None,
    people: np.ndarray | None = None,
    capacities: Sequence[float] | np.ndarray | None = None,
) -> np.ndarray:
    """The `Gap` of each cell (n), for one threshold or one per cell.

    Served: an open facility within the threshold whose load is at most its capacity, the load being the people whose
    nearest open facility it is. Over capacity: there are open ones within the threshold, all of them too full. Closed: only
    facilities that are not open (this year) are within it. No facility: none that is open can be reached at all. Too far:
    one can.
    """
    costs = costs_of(costs)
    cells, facilities = costs.shape
    limit = thresholds_of(threshold, cells)[:, None]
    mask = np.ones(facilities, dtype=bool) if opened is None else np.asarray(opened)
    if mask.dtype.kind != "b" or mask.shape != (facilities,):
        raise InputError("開設の有無は、施設ごとの真偽で指定してください。", field="opened")
    now = np.where(mask, costs, np.inf)
    near = now <= limit
    found = np.full(cells, Gap.TOO_FAR, dtype=np.int8)
    found[~np.isfinite(now).any(axis=1)] = Gap.NO_FACILITY
    found[((costs <= limit) & ~mask).any(axis=1)] = Gap.CLOSED
    found[near.any(axis=1)] = Gap.SERVED
    if capacities is not None and facilities:
        if people is None:
            raise InputError("定員を見るには、人数も指定してください。", field="people")
        total = people_of(people, cells).sum(axis=1)
        first = now.argmin(axis=1)
        reached = np.isfinite(now[np.arange(cells), first])
        load = np.bincount(first[reached], total[reached], facilities)
        full = load > amounts(capacities, facilities, "capacities", infinite=True)
        found[near.any(axis=1) & ~(near & ~full).any(axis=1)] = Gap.OVER_CAPACITY
    return found
