"""Vertex interchange for p-median: exchange one open site for a closed one while that helps.

All exchanges of a round are valued at once with the two nearest open sites of each client (Whitaker 1983; Resende and
Werneck 2007). Only sites in `swappable` may be closed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kyodo_geo.siting.tables import BLOCK


def cost_of(distances: np.ndarray, cap: np.ndarray, chosen: np.ndarray) -> float:
    """Σ over clients of the least distance to `chosen` or `cap`."""
    if not len(chosen):
        return float(cap.sum())
    return float(np.minimum(distances[chosen].min(axis=0), cap).sum())


def interchange(
    distances: np.ndarray,
    cap: np.ndarray,
    chosen: np.ndarray,
    allowed: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None,
    ended: Callable[[], bool] | None = None,
) -> tuple[np.ndarray, float]:
    """Best set reachable by single exchanges from `chosen`; (sites in ascending order, cost).

    `distances` is sites × clients, `cap` what clients cost at sites that stay open anyway. `allowed(chosen, closed)`
    gives the closed × chosen table of exchanges that the rules permit. Equal exchanges: the lowest site numbers win.
    """
    chosen = np.sort(np.asarray(chosen, dtype=int))
    cost = cost_of(distances, cap, chosen)
    sites = len(distances)
    while len(chosen) and not (ended is not None and ended()):
        closed = np.setdiff1d(np.arange(sites), chosen, assume_unique=True)
        if not len(closed):
            break
        gains = exchange_gains(distances, cap, chosen, closed)
        if allowed is not None:
            gains = np.where(allowed(chosen, closed), gains, -np.inf)
        best = int(gains.argmax())
        enters, leaves = divmod(best, len(chosen))
        if not gains[enters, leaves] > 1e-9 * max(1.0, abs(cost)):
            break
        changed = chosen.copy()
        changed[leaves] = closed[enters]
        changed.sort()
        after = cost_of(distances, cap, changed)
        if not after < cost:  # rounding alone must not keep the loop going
            break
        chosen, cost = changed, after
    return chosen, cost


def exchange_gains(
    distances: np.ndarray, cap: np.ndarray, chosen: np.ndarray, closed: np.ndarray
) -> np.ndarray:
    """What each exchange saves: closed × chosen."""
    near, first, second = two_nearest(distances[chosen], cap)
    lost = np.isinf(second)
    if (
        lost.any()
    ):  # a single open site: any exchange moves everybody, and no distance is beyond the longest one
        second = np.where(lost, distances.max(axis=0), second)
    order = np.argsort(near, kind="stable")
    near, first, second = near[order], first[order], second[order]
    starts = np.searchsorted(near, np.arange(len(chosen) + 1))
    own = starts[-1]  # beyond stand the clients that `cap` serves best: they belong to no run
    held = np.flatnonzero(starts[:-1] < starts[1:])  # reduceat cannot do empty runs
    runs = starts[held]
    loss = np.zeros(len(chosen))
    if own:
        loss[held] = np.add.reduceat(second[:own] - first[:own], runs)
    gains = np.empty((len(closed), len(chosen)))
    height = max(1, 2 * BLOCK // max(distances.shape[1], 1))
    for top in range(0, len(closed), height):
        rows = distances[closed[top : top + height]][:, order]
        saved = np.maximum(first - rows, 0).sum(axis=1)
        part = gains[top : top + height]
        part[:] = saved[:, None] - loss[None, :]
        if own:
            kept = np.maximum(second[:own] - np.maximum(rows[:, :own], first[:own]), 0)
            part[:, held] += np.add.reduceat(kept, runs, axis=1)
    return gains


def two_nearest(open_distances: np.ndarray, cap: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per client: which row of `open_distances` is nearest (their number where `cap` is), that distance, the second one."""
    count, clients = open_distances.shape
    near = open_distances.argmin(axis=0)
    first = open_distances[near, np.arange(clients)]
    second = np.partition(open_distances, 1, axis=0)[1] if count > 1 else np.full(clients, np.inf)
    second = np.where(cap < first, first, np.minimum(second, cap))
    near = np.where(cap < first, count, near)
    first = np.minimum(first, cap)
    return near, first, second
