"""p-median: branch and bound on Lagrangian bounds, with fixing by reduced cost and vertex interchange.

The search keeps the node with the least bound first, so that the bound of a run that ends early is that of the whole.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kyodo_geo.siting.choice import Choice
from kyodo_geo.siting.control import Control
from kyodo_geo.siting.interchange import cost_of, interchange
from kyodo_geo.siting.lagrange import ascend
from kyodo_geo.siting.near_lists import NearLists
from kyodo_geo.siting.rule_rows import padded
from kyodo_geo.siting.rules import Frame
from kyodo_geo.siting.shake import Shaker
from kyodo_geo.siting.start import first_set, swaps_allowed
from kyodo_geo.siting.tables import Listed, Table, Whole

ROOT_STEPS = 300
NODE_STEPS = 40

#: Near lists hold this many times the sites that one open site has to itself, and are not worth it for small matrices.
LIST = 4
SMALL = 20_000

#: At a node multipliers may grow to so many times what they were at its parent.
ROOM = 1.5

#: At the root the ascent starts again while a run closes so much of what was open.
WORTH_GOING_ON = 0.1
ROOT_RUNS = 8
RESTART = 0.7

ROOT_ROUNDS = 150
NODE_ROUNDS = 4


@dataclass(slots=True)
class Found:
    """Result of a search: the best open sites (None: none found), their cost, a bound; `nodes` looked at."""

    open: np.ndarray | None
    cost: float
    bound: float
    nodes: int = 0


@dataclass(slots=True)
class Node:
    opened: np.ndarray
    free: np.ndarray
    u: np.ndarray
    lower: float
    scale: float


class Search:
    """One run. `distances` is sites × clients (weights in them), all finite; `whole`: every cost is a whole number."""

    def __init__(
        self,
        distances: np.ndarray,
        frame: Frame,
        control: Control,
        *,
        whole: bool,
        start: np.ndarray | None = None,
    ) -> None:
        self.distances, self.frame, self.control, self.whole = distances, frame, control, whole
        self.best: np.ndarray | None = None
        self.cost = np.inf
        self.heap: list[tuple[float, int, int, Node]] = []
        self.made = 0
        self.nodes = 0
        self.tried: set[bytes] = set()
        self.start = start
        self.near, self.shaker = self._lists()

    def _lists(self) -> tuple[NearLists | None, Shaker | None]:
        """Near lists, where they are much shorter than the matrix; and a shaker, where only the number of sites counts."""
        frame = self.frame
        usable = np.sort(np.concatenate([frame.opened, frame.free]))
        if frame.count is None or not len(usable):
            return None, None
        k = int(np.ceil(LIST * len(usable) / max(1, frame.count + len(frame.existing)))) + 4
        if k * 3 > len(usable) or self.distances.size < SMALL:
            return None, None
        near = NearLists.of(self.distances, usable, k)
        if frame.groups is not None:
            return near, None
        return near, Shaker(self.distances, near, frame.opened, usable)

    @property
    def cutoff(self) -> float:
        """A bound that has reached this leaves nothing better to find."""
        if not np.isfinite(self.cost):
            return np.inf
        if self.whole:
            return self.cost - 1 + max(1e-6, 1e-11 * self.cost)
        return self.cost - 1e-10 * max(1.0, abs(self.cost))

    def run(self) -> Found:
        frame = self.frame
        started = self._start()
        lower = 0.0
        if started is not None:
            root = Node(frame.opened, frame.free, started, 0.0, 1.5)
            self._push(root)
        while self.heap:
            lower = self.heap[0][0]
            self.control.report(self.cost, self._bound(lower))
            if lower >= self.cutoff:
                lower = self.cost
                break
            if self.nodes and self.control.ended():
                break
            node = heapq.heappop(self.heap)[3]
            self.nodes += 1
            self._look_at(node)
            if self.heap and self.shaker is not None:
                self._shake(self.shaker)
        else:
            lower = self.cost
        return Found(self.best, self.cost, self._bound(lower), self.nodes)

    def _shake(self, shaker: Shaker) -> None:
        """Some rounds of local search, many after the root, few after each other node."""
        if self.best is None:
            return
        opened = np.zeros(len(self.distances), dtype=bool)
        opened[self.best] = True
        cost = self.cost
        for _ in range(ROOT_ROUNDS if self.nodes == 1 else NODE_ROUNDS):
            if shaker.tired or self.control.ended():
                break
            opened, cost = shaker.round(opened, cost, self.control.ended)
        if cost < self.cost:
            chosen = np.flatnonzero(opened)
            self.best, self.cost = (
                chosen,
                cost_of(self.distances, np.full(self.distances.shape[1], np.inf), chosen),
            )

    def _bound(self, lower: float) -> float:
        if self.whole and np.isfinite(lower):
            lower = float(np.ceil(lower - max(1e-6, 1e-11 * abs(lower))))
        return min(lower, self.cost)

    def _start(self) -> np.ndarray | None:
        """A first set, improved; multipliers between what each client costs at its nearest and second open site."""
        opened = self.frame.opened
        for chosen in (first_set(self.distances, self.frame), self.start):
            if chosen is not None:
                chosen = padded(self.frame, chosen)
                self._offer(opened, np.setdiff1d(chosen, opened), improve=True)
        if self.best is None:
            return None
        near = self.distances[self.best]
        served = np.partition(near, 1, axis=0)[:2] if len(near) > 1 else near
        return served.mean(axis=0) if len(served) > 1 else served[0]

    def _offer(self, opened: np.ndarray, extra: np.ndarray, *, improve: bool) -> None:
        """Keep `opened` + `extra` if that is better; with `improve` after exchanges among all free sites."""
        if improve:
            base, pool = self.frame.opened, self.frame.free
            extra = np.setdiff1d(np.concatenate([opened, extra]), base)
            cap = self._cap(base)
            local = np.searchsorted(pool, extra)
            key = local.astype(np.int32).tobytes()
            if key in self.tried:
                return
            self.tried.add(key)
            if self.shaker is not None:
                mask = np.zeros(len(self.distances), dtype=bool)
                mask[base], mask[extra] = True, True
                mask, cost = self.shaker.descend(mask, self.control.ended)
                opened, extra = base, np.setdiff1d(np.flatnonzero(mask), base)
            else:
                allowed = swaps_allowed(self.frame, pool)
                local, cost = interchange(self.distances[pool], cap, local, allowed, self.control.ended)
                opened, extra = base, pool[local]
        else:
            cost = cost_of(self.distances, self._cap(opened), extra)
        if cost < self.cost - 1e-12 * max(1.0, abs(cost)):
            self.cost, self.best = cost, np.sort(np.concatenate([opened, extra]))

    def _cap(self, opened: np.ndarray) -> np.ndarray:
        if not len(opened):
            return np.full(self.distances.shape[1], np.inf)
        return self.distances[opened].min(axis=0)

    def _push(self, node: Node) -> None:
        if node.lower < self.cutoff:
            self.made += 1
            heapq.heappush(self.heap, (node.lower, -len(node.opened), self.made, node))

    def _look_at(self, node: Node) -> None:
        root = self.nodes == 1
        steps = ROOT_STEPS if root else NODE_STEPS
        rounds = 0
        while True:
            left = self.frame.at(node.opened, node.free)
            if left is None:
                return
            choice, node.free = left
            cap = self._cap(node.opened)
            if self._leaf(node, choice, cap):
                return
            table = self._table(node, cap, root and rounds == 0)
            bound, scale = ascend(
                table, node.u, choice, target=self.cost, cutoff=self.cutoff, steps=steps, scale=node.scale,
                on_pick=self._picker(node, cap), ended=self.control.ended,
            )  # fmt: skip
            node.u = bound.u
            closed = (bound.value - node.lower) / max(self.cutoff - node.lower, 1e-9)
            node.lower = max(node.lower, bound.value)
            if root or rounds == 0:
                _, chosen, _ = choice.pick(bound.rho)
                self._offer_pick(node, choice, chosen, improve=root)
            if node.lower >= self.cutoff:
                return
            if self.control.ended():
                self._push(node)
                return
            into, out = choice.slack(bound.rho)
            drop, fix = bound.value + into >= self.cutoff, bound.value + out >= self.cutoff
            fixed = int(drop.sum() + fix.sum())
            if fixed:
                if (drop & fix).any():
                    return
                node.opened = np.sort(np.concatenate([node.opened, node.free[fix]]))
                node.free = node.free[~drop & ~fix]
                often = bound.often[~drop & ~fix]
                into, out = into[~drop & ~fix], out[~drop & ~fix]
            else:
                often = bound.often
            rounds += 1
            if fixed * 5 >= table.sites or (root and closed > WORTH_GOING_ON and rounds < ROOT_RUNS):
                node.scale = max(scale, RESTART if root else 0.1)
                continue
            break
        self._branch(node, often, into, out, bound.value)

    def _branch(self, node: Node, often: np.ndarray, into: np.ndarray, out: np.ndarray, value: float) -> None:
        if not len(node.free):
            self._push(node)
            return
        pick = int(np.lexsort((-(into + out), np.abs(often - 0.5)))[0])
        site = node.free[pick]
        rest = np.delete(node.free, pick)
        opened = np.sort(np.append(node.opened, site))
        self._push(Node(opened, rest, node.u, max(node.lower, value + into[pick]), 0.5))
        self._push(Node(node.opened, rest, node.u, max(node.lower, value + out[pick]), 0.5))

    def _leaf(self, node: Node, choice: Choice, cap: np.ndarray) -> bool:
        """Whether the node needs no bound: everything is decided, or one site is left to choose."""
        free = node.free
        if choice.count is None:
            if len(free):
                return False
            self._offer(node.opened, free, improve=False)
            return True
        if choice.count == 0:
            self._offer(node.opened, free[:0], improve=False)
            return True
        if choice.count == len(free):
            self._offer(node.opened, free, improve=False)
            return True
        if choice.count == 1:
            part = self.distances[free]
            costs = np.array([np.minimum(row, cap).sum() for row in part])
            self._offer(node.opened, free[[int(costs.argmin())]], improve=False)
            return True
        return False

    def _table(self, node: Node, cap: np.ndarray, first: bool) -> Table:
        if self.near is None:
            return Whole(self.distances[node.free], cap)
        numbers = np.full(len(self.distances), -1)
        numbers[node.free] = np.arange(len(node.free))
        return Listed(self.near, numbers, len(node.free), cap if first else np.minimum(cap, ROOM * node.u))

    def _picker(self, node: Node, cap: np.ndarray) -> Callable[[np.ndarray, float], float]:
        def look(chosen: np.ndarray, _: float) -> float:
            if self.near is None:
                cost = cost_of(self.distances, cap, node.free[chosen])
            else:
                opened = np.zeros(len(self.distances), dtype=bool)
                opened[node.opened], opened[node.free[chosen]] = True, True
                cost = self.near.cost(opened, self.distances)
            if cost < self.cost and self._possible(node, chosen):
                self._offer(node.opened, node.free[chosen], improve=True)
            return self.cost

        return look

    def _possible(self, node: Node, chosen: np.ndarray) -> bool:
        if self.frame.count is not None:
            return True
        opened = np.sort(np.concatenate([node.opened, node.free[chosen]]))
        return self.frame.at(opened, node.free[:0]) is not None

    def _offer_pick(self, node: Node, choice: Choice, chosen: np.ndarray, *, improve: bool) -> None:
        if self._possible(node, chosen):
            self._offer(node.opened, node.free[chosen], improve=improve)
