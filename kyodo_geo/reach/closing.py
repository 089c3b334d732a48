"""What closing a facility does, for each of them at once.

Once the nearest and the second nearest facility of each cell are known, closing facility f moves exactly the cells whose
nearest is f to their second: one bincount tells it for all facilities.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kyodo_geo.errors import InputError
from kyodo_geo.reach.arrays import amounts, costs_of, people_of, thresholds_of, two_nearest


@dataclass(frozen=True, slots=True)
class Effects:
    """Per facility, what its closing does (facilities m, age groups k).

    `moved` (m × k): people whose nearest it is. `added`: their additional person-metres, those without another way left
    out. `pushed_out` (m × k): people within the threshold now and beyond it, or stranded, then. `stranded` (m × k): people
    whom no other facility can be reached by. `to` (m × m): people (all ages) who go from the row's to the column's facility.
    `lacking` (m × m), with capacities: how many of them find no room there; None without.
    """

    moved: np.ndarray
    added: np.ndarray
    pushed_out: np.ndarray
    stranded: np.ndarray
    to: np.ndarray
    lacking: np.ndarray | None

    def without_room(self) -> np.ndarray | None:
        """People per closed facility who find no room where they go (m)."""
        return None if self.lacking is None else self.lacking.sum(axis=1)


class Closing:
    """Prepared for one set of open facilities; `effects` may then be asked for any year's people."""

    def __init__(
        self,
        costs: np.ndarray,
        opened: Sequence[bool] | np.ndarray | None = None,
        measure: np.ndarray | None = None,
    ) -> None:
        """`costs` is cells × facilities; facilities that are not `opened` (m) serve nobody and take nobody.

        `measure` (of the same shape): what `added` is summed up of, where it is not the cost that decides; pairs without a
        finite measure add nothing.
        """
        costs = costs_of(costs)
        self.cells, self.facilities = costs.shape
        if opened is not None:
            mask = np.asarray(opened)
            if mask.dtype.kind != "b" or mask.shape != (self.facilities,):
                raise InputError("開設の有無は、施設ごとの真偽で指定してください。", field="opened")
            costs = np.where(mask, costs, np.inf)
        self.first, self.cost, self.second, self.after = two_nearest(costs)
        served = self.first >= 0
        stays = served & (self.second >= 0)
        # Cells in the order in which every sum below needs them.
        self._served, self._moves, self._strands = (
            np.flatnonzero(mask) for mask in (served, stays, served & ~stays)
        )
        if measure is None:
            self._longer = self.after[self._moves] - self.cost[self._moves]
        else:
            longer = (
                measure[self._moves, self.second[self._moves]] - measure[self._moves, self.first[self._moves]]
            )
            self._longer = np.where(np.isfinite(longer), longer, 0.0)
        self._flow = self.first[self._moves] * self.facilities + self.second[self._moves]

    def loads(self, people: np.ndarray) -> np.ndarray:
        """People (all ages) whose nearest open facility each is (m)."""
        return self._by_first(self._served, people_of(people, self.cells).sum(axis=1))

    def effects(
        self,
        people: np.ndarray,
        threshold: float | Sequence[float] | np.ndarray,
        capacities: Sequence[float] | np.ndarray | None = None,
    ) -> Effects:
        """Effects of closing each facility, with `people` (n or n × k) and a threshold (one, or one per cell)."""
        people = people_of(people, self.cells)
        limit = thresholds_of(threshold, self.cells)
        total = people[:, 0] if people.shape[1] == 1 else people.sum(axis=1)
        near = self.cost <= limit
        leaves = np.flatnonzero(near & (self.first >= 0) & ~(self.after <= limit))
        to = np.bincount(self._flow, total[self._moves], self.facilities**2).reshape(
            self.facilities, self.facilities
        )
        lacking = None
        if capacities is not None:
            room = amounts(capacities, self.facilities, "capacities", infinite=True)
            load = self._by_first(self._served, total)
            lacking = np.clip(load + to - np.maximum(room, load), 0, to)
        return Effects(
            self._columns(self._served, people),
            np.bincount(self.first[self._moves], self._longer * total[self._moves], self.facilities),
            self._columns(leaves, people),
            self._columns(self._strands, people),
            to,
            lacking,
        )

    def _by_first(self, cells: np.ndarray, values: np.ndarray) -> np.ndarray:
        return np.bincount(self.first[cells], values[cells], self.facilities)

    def _columns(self, cells: np.ndarray, people: np.ndarray) -> np.ndarray:
        return np.stack([self._by_first(cells, column) for column in people.T], axis=1)
