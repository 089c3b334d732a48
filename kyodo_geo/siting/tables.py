"""The two forms in which a Lagrangian bound reads its distances: all of them, or those of each client's nearest sites."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from kyodo_geo.siting.near_lists import NearLists

#: Entries of the matrix that are worked on at once: more would not stay in the processor's cache.
BLOCK = 1 << 16


class Table(Protocol):
    """`edge` (clients) is what a multiplier must not pass: beyond it entries may be missing."""

    sites: int
    edge: np.ndarray

    def worth(self, u: np.ndarray) -> np.ndarray:
        """ρ of each site: Σ_i min(0, d_ij − u_i)."""

    def served(self, chosen: np.ndarray, part: np.ndarray, u: np.ndarray) -> np.ndarray:
        """Per client by how many of the `chosen` sites (each counted by its `part`) it is served: d_ij < u_i."""


class Whole:
    """All distances, sites × clients; `edge` is what clients cost at sites that are open already."""

    def __init__(self, distances: np.ndarray, edge: np.ndarray) -> None:
        self.distances, self.edge = distances, edge
        self.sites, self.clients = distances.shape

    def worth(self, u: np.ndarray) -> np.ndarray:
        width = max(256, BLOCK // max(self.sites, 1))
        if self.clients <= width:
            near = u - self.distances
            return -np.maximum(near, 0, out=near).sum(axis=1)
        rho = np.zeros(self.sites)
        buffer = np.empty((self.sites, min(width, self.clients)))
        for first in range(0, self.clients, width):
            block = self.distances[:, first : first + width]
            part = buffer[:, : block.shape[1]]
            np.subtract(u[first : first + width], block, out=part)
            np.maximum(part, 0, out=part)
            rho -= part.sum(axis=1)
        return rho

    def served(self, chosen: np.ndarray, part: np.ndarray, u: np.ndarray) -> np.ndarray:
        del part  # always 1: a part of a site would need a budget's relaxation that splits one
        return (self.distances[chosen] < u).sum(axis=0).astype(float)


class Listed:
    """The entries below `edge` of some sites, from near lists; `numbers` gives each site its place here, −1 for none."""

    def __init__(self, near: NearLists, numbers: np.ndarray, sites: int, edge: np.ndarray) -> None:
        self.sites, self.edge = sites, np.minimum(edge, near.edge)
        place = numbers[near.site]
        self.client, column = np.nonzero((near.distance < self.edge[:, None]) & (place >= 0))
        self.site, self.distance = place[self.client, column], near.distance[self.client, column]
        self.clients = len(near.site)

    def worth(self, u: np.ndarray) -> np.ndarray:
        return -np.bincount(self.site, np.maximum(u[self.client] - self.distance, 0), self.sites)

    def served(self, chosen: np.ndarray, part: np.ndarray, u: np.ndarray) -> np.ndarray:
        weight = np.zeros(self.sites)
        weight[chosen] = part
        share = weight[self.site]
        hit = np.flatnonzero(share)
        hit = hit[self.distance[hit] < u[self.client[hit]]]
        return np.bincount(self.client[hit], share[hit], self.clients)
