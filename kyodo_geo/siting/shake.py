"""Better sets by iterated local search: exchange a few sites at random, improve by single exchanges, keep what is better.

The random numbers start from a fixed seed: two runs that have the same time do the same.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kyodo_geo.siting.near_lists import NearLists

#: Rounds without anything better after which the search gives up.
PATIENCE = 400


class Shaker:
    """One search. `distances` is sites × clients; `fixed` sites stay open; only `usable` ones may be opened."""

    def __init__(self, distances: np.ndarray, near: NearLists, fixed: np.ndarray, usable: np.ndarray) -> None:
        self.distances, self.near = distances, near
        self.fixed = np.zeros(len(distances), dtype=bool)
        self.fixed[fixed] = True
        self.usable = np.zeros(len(distances), dtype=bool)
        self.usable[usable] = True
        self.random = np.random.default_rng(0)
        self.idle = 0

    @property
    def tired(self) -> bool:
        """Whether nothing better turned up for long."""
        return self.idle >= PATIENCE

    def descend(self, opened: np.ndarray, ended: Callable[[], bool]) -> tuple[np.ndarray, float]:
        """Single exchanges from `opened` (a mask) while they help."""
        cost = self.near.cost(opened, self.distances)
        while not ended():
            ins, outs, gains = self.near.gains(opened)
            gains[:, self.fixed[ins]] = -np.inf
            gains[~self.usable[outs]] = -np.inf
            if not gains.size:
                break
            enters, leaves = divmod(int(gains.argmax()), len(ins))
            if not gains[enters, leaves] > 1e-9 * max(1.0, cost):
                break
            changed = opened.copy()
            changed[ins[leaves]], changed[outs[enters]] = False, True
            after = self.near.cost(changed, self.distances)
            if not after < cost:
                break
            opened, cost = changed, after
        return opened, cost

    def round(self, best: np.ndarray, cost: float, ended: Callable[[], bool]) -> tuple[np.ndarray, float]:
        """One shake and descent from `best` (a mask); the better of the two."""
        movable = np.flatnonzero(best & ~self.fixed)
        closed = np.flatnonzero(~best & self.usable)
        most = min(6, len(movable), len(closed))
        if most < 1:
            self.idle = PATIENCE
            return best, cost
        count = int(self.random.integers(min(2, most), most + 1))
        shaken = best.copy()
        shaken[self.random.choice(movable, count, replace=False)] = False
        shaken[self.random.choice(closed, count, replace=False)] = True
        found, value = self.descend(shaken, ended)
        if value < cost - 1e-12 * max(1.0, cost):
            self.idle = 0
            return found, value
        self.idle += 1
        return best, cost
