"""Ways on a network: edges in, costs of cells × facilities out.

Costs go towards the facility. Parallel edges count by the shortest (scipy would add them up). What cannot be reached is
infinite. scipy is imported when it is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kyodo_geo.errors import InputError
from kyodo_geo.reach.arrays import amounts

FAR_FROM_NETWORK_M = 100.0
"""Snapped farther than this is worth a warning."""

LEVEL_KMH = 6 * np.exp(-3.5 * 0.05)


@dataclass(frozen=True, slots=True)
class Network:
    """`towards` holds the cost of going from a row's node to a column's, as a sparse matrix; `part` numbers the components.

    `backwards` is its transpose with the nodes in an order in which neighbours lie close together in memory, `place` (n) the
    place of each node in it: a search takes up to a quarter less time that way.
    """

    towards: Any
    part: np.ndarray
    backwards: Any
    place: np.ndarray

    @property
    def nodes(self) -> int:
        return len(self.part)

    @property
    def part_sizes(self) -> np.ndarray:
        """Nodes of each connected part, the numbers as in `part`."""
        return np.bincount(self.part)

    @classmethod
    def of(
        cls,
        ends: np.ndarray,
        cost: np.ndarray,
        back: np.ndarray | None = None,
        *,
        nodes: int | None = None,
    ) -> Network:
        """Edges `ends` (e × 2, node numbers) with `cost` there and `back` (as there when not given; infinite: one way)."""
        from scipy.sparse import coo_matrix
        from scipy.sparse.csgraph import connected_components, reverse_cuthill_mckee

        ends = np.asarray(ends)
        if ends.dtype.kind not in "iu" or ends.ndim != 2 or ends.shape[1] != 2 or (ends < 0).any():
            raise InputError("道路の両端は、節点の番号2つで指定してください。", field="ends")
        cost = amounts(cost, len(ends), "cost", infinite=True)
        back = cost if back is None else amounts(back, len(ends), "back", infinite=True)
        count = int(ends.max(initial=-1)) + 1 if nodes is None else nodes
        if (ends >= count).any():
            raise InputError("道路の端の番号が、節点の数を超えています。", field="ends")
        start, end = np.concatenate([ends[:, 0], ends[:, 1]]), np.concatenate([ends[:, 1], ends[:, 0]])
        both = np.concatenate([cost, back])
        kept = np.flatnonzero(np.isfinite(both) & (start != end))
        order = kept[np.lexsort((both[kept], end[kept], start[kept]))]
        first = np.ones(len(order), dtype=bool)
        first[1:] = (start[order][1:] != start[order][:-1]) | (end[order][1:] != end[order][:-1])
        order = order[first]
        # An edge without length would be no entry at all to scipy: it becomes the shortest there is.
        length = np.maximum(both[order], np.finfo(float).tiny)
        towards = coo_matrix((length, (start[order], end[order])), shape=(count, count)).tocsr()
        # The order is that of the undirected graph, which is what the second option says of a matrix with both ways in it.
        nearby = reverse_cuthill_mckee((towards + towards.T).tocsr(), symmetric_mode=True)
        place = np.empty(count, dtype=np.int64)
        place[nearby] = np.arange(count)
        found = towards.tocoo()
        backwards = coo_matrix(
            (found.data, (place[found.col], place[found.row])), shape=(count, count)
        ).tocsr()
        return cls(towards, connected_components(towards, directed=False)[1], backwards, place)

    def costs(self, cells: np.ndarray, facilities: np.ndarray, limit: float = np.inf) -> np.ndarray:
        """Cells × facilities, given by their nodes; infinite beyond `limit` and where there is no way."""
        from scipy.sparse.csgraph import dijkstra

        cells, facilities = np.asarray(cells, dtype=int), np.asarray(facilities, dtype=int)
        if not len(facilities) or not len(cells):
            return np.full((len(cells), len(facilities)), np.inf)
        wanted = self.place[cells]
        found = np.empty((len(facilities), len(cells)))
        # One after the other: the nodes of one search stay in the processor's cache.
        for row, facility in zip(found, self.place[facilities].tolist(), strict=True):
            np.take(dijkstra(self.backwards, indices=facility, limit=limit), wanted, out=row)
        return np.ascontiguousarray(found.T)

    def nearest(self, facilities: np.ndarray, limit: float = np.inf) -> tuple[np.ndarray, np.ndarray]:
        """(place of the nearest facility in `facilities`, cost to it) of every node; −1 and infinite where there is none."""
        from scipy.sparse.csgraph import dijkstra

        facilities = np.asarray(facilities, dtype=int)
        if not len(facilities):
            return np.full(self.nodes, -1), np.full(self.nodes, np.inf)
        cost, _, source = dijkstra(
            self.towards.T.tocsr(), indices=facilities, limit=limit, min_only=True, return_predecessors=True
        )
        place = np.full(self.nodes, -1)
        place[facilities[::-1]] = np.arange(len(facilities))[::-1]
        return np.where(source >= 0, place[np.maximum(source, 0)], -1), cost


def snapped(points: np.ndarray, nodes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(nearest node, metres to it) of points (n × 2) among nodes (m × 2) of one plane; the metres belong into the cost."""
    from scipy.spatial import cKDTree

    metres, node = cKDTree(nodes).query(points)
    return node, metres


def slope_factor(rise: np.ndarray, run: np.ndarray) -> np.ndarray:
    """How many times longer an edge takes than on the level: Tobler 1993, v = 6·exp(−3.5·|s + 0.05|) km/h, s = rise ÷ run."""
    slope = np.divide(rise, run, out=np.zeros(np.shape(run)), where=np.asarray(run) > 0)
    return LEVEL_KMH / walking_kmh(slope)


def walking_kmh(slope: np.ndarray) -> np.ndarray:
    """Tobler's walking speed on a slope (rise ÷ run, downhill negative)."""
    return 6 * np.exp(-3.5 * np.abs(np.asarray(slope) + 0.05))
