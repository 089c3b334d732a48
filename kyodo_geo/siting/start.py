"""First sets for the p-median search, and which exchanges the rules permit."""

from __future__ import annotations

import heapq
from collections.abc import Callable

import numpy as np

from kyodo_geo.siting.rules import Frame

Allowed = Callable[[np.ndarray, np.ndarray], np.ndarray]


def first_set(distances: np.ndarray, frame: Frame) -> np.ndarray | None:
    """Open sites chosen one after the other, each the one that saves most (per price under a budget). None: impossible.

    What a site saves never grows as others open, so that stale figures in a heap are upper limits (Minoux 1978).
    """
    opened = frame.opened
    if frame.reasons:
        return None
    cap = distances[opened].min(axis=0) if len(opened) else distances.max(axis=0)
    state = frame.at(opened, frame.free)
    if state is None:
        return None
    choice, free = state
    heap = [(-_saves(distances, cap, site, frame), site, 0) for site in free.tolist()]
    heapq.heapify(heap)
    chosen, rounds = opened, 0
    allowed = set(free.tolist())
    while heap and choice.count != 0:
        value, site, seen = heapq.heappop(heap)
        if site not in allowed:
            continue
        if seen < rounds:
            heapq.heappush(heap, (-_saves(distances, cap, site, frame), site, rounds))
            continue
        if choice.count is None and value >= 0 and len(chosen):
            break
        candidate = np.sort(np.append(chosen, site))
        state = frame.at(candidate, np.setdiff1d(free, [site], assume_unique=True))
        if state is None:
            allowed.discard(site)
            continue
        choice, free = state
        allowed = set(free.tolist())
        chosen, rounds = candidate, rounds + 1
        cap = np.minimum(cap, distances[site])
    if choice.count is not None and choice.count > 0:
        return None
    return chosen


def _saves(distances: np.ndarray, cap: np.ndarray, site: int, frame: Frame) -> float:
    saved = float(np.maximum(cap - distances[site], 0).sum())
    return saved / max(float(frame.prices[site]), 1e-9) if frame.budget is not None else saved


def swaps_allowed(frame: Frame, pool: np.ndarray) -> Allowed | None:
    """The table of permitted exchanges (closed × chosen, numbers within `pool`); None where all are."""
    if frame.groups is None and frame.budget is None:
        return None
    groups = None if frame.groups is None else frame.groups[pool]
    prices = frame.prices[pool]
    base = frame.opened

    def allowed(chosen: np.ndarray, closed: np.ndarray) -> np.ndarray:
        fits = np.ones((len(closed), len(chosen)), dtype=bool)
        if groups is not None:
            assert frame.groups is not None
            filled = frame.groups[base]
            fits &= ~np.isin(groups[closed], filled[filled >= 0])[:, None]
            same = groups[closed][:, None] == groups[chosen][None, :]
            held = np.isin(groups[closed], groups[chosen]) & (groups[closed] >= 0)
            fits &= ~held[:, None] | same
        if frame.budget is not None:
            spent = frame.prices[frame.required].sum() + prices[chosen].sum()
            after = spent - prices[chosen][None, :] + prices[closed][:, None]
            fits &= after <= frame.budget + 1e-9 * max(1.0, frame.budget)
        return fits

    return allowed
