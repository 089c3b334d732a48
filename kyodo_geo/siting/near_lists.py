"""For each client its nearest sites, sorted: nearly all that p-median needs of a large matrix.

A client is served by one of its nearest sites in any good answer, so that the rest of the matrix can stay unread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class NearLists:
    """`site` and `distance` are clients × k, the nearest first (of equals the lowest site); `sites` is their number in all."""

    site: np.ndarray
    distance: np.ndarray
    sites: int

    @classmethod
    def of(cls, distances: np.ndarray, usable: np.ndarray, k: int) -> NearLists:
        """The `k` nearest of the sites `usable` (ascending) in `distances` (sites × clients)."""
        k = min(k, len(usable))
        columns = np.ascontiguousarray(distances[usable].T)
        if k < len(usable):
            kept = np.sort(np.argpartition(columns, k - 1, axis=1)[:, :k], axis=1)
            columns = np.take_along_axis(columns, kept, axis=1)
        else:
            kept = np.broadcast_to(np.arange(k), columns.shape)
        order = np.argsort(columns, axis=1, kind="stable")
        near = np.take_along_axis(kept, order, axis=1)
        return cls(usable[near], np.take_along_axis(columns, order, axis=1), len(distances))

    @property
    def edge(self) -> np.ndarray:
        """Per client the distance up to which nothing is missing."""
        return self.distance[:, -1]

    def two_open(self, opened: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(nearest of the sites `opened` (a mask), its distance, that of the second); −1 and the edge where not in the list."""
        hits = opened[self.site]
        rows = np.arange(len(hits))
        at = hits.argmax(axis=1)
        found = hits[rows, at]
        hits[rows, at] = False
        second_at = hits.argmax(axis=1)
        again = hits[rows, second_at]
        first = np.where(found, self.distance[rows, at], self.edge)
        second = np.where(again, self.distance[rows, second_at], self.edge)
        return np.where(found, self.site[rows, at], -1), first, second

    def gains(self, opened: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(open sites, closed sites, what each exchange saves: closed × open), as in `interchange.exchange_gains`."""
        near, first, second = self.two_open(opened)
        ins, outs = np.flatnonzero(opened), np.flatnonzero(~opened)
        place = np.full(
            self.sites + 1, len(ins)
        )  # the last one is for clients whose nearest is not in the list
        place[ins] = np.arange(len(ins))
        own = place[near]
        row, column = np.nonzero(self.distance < second[:, None])
        site, distance = self.site[row, column], self.distance[row, column]
        saved = np.bincount(site, np.maximum(first[row] - distance, 0), self.sites)
        kept = second[row] - np.maximum(distance, first[row])
        width = len(ins) + 1
        extra = np.bincount(site * width + own[row], kept, self.sites * width).reshape(self.sites, width)
        loss = np.bincount(own, second - first, width)[:-1]
        return ins, outs, saved[outs][:, None] - loss[None, :] + extra[outs, :-1]

    def cost(self, opened: np.ndarray, distances: np.ndarray) -> float:
        """Σ distance to the nearest open site; `distances` (sites × clients) is read for the few it takes."""
        near, first, _ = self.two_open(opened)
        far = np.flatnonzero(near < 0)
        if len(far):
            first[far] = distances[np.ix_(np.flatnonzero(opened), far)].min(axis=0)
        return float(first.sum())
