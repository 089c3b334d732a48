"""The least sites that cover every row: what LSCP asks once and p-center for one radius after the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kyodo_geo.siting.control import Control
from kyodo_geo.siting.covering import core, greedy, merged, needed_rows
from kyodo_geo.siting.programme import minimise
from kyodo_geo.siting.rule_rows import rule_rows
from kyodo_geo.siting.rules import Frame


@dataclass(frozen=True, slots=True)
class Cover:
    """`open`: all open sites (None: none found), `cost` of those that were free to choose, its lower `bound`."""

    open: np.ndarray | None
    cost: float
    bound: float
    infeasible: bool = False


def least_cover(
    cover: np.ndarray, frame: Frame, control: Control, *, times: int = 1, any_will_do: bool = False
) -> Cover:
    """Open the cheapest sites (by `frame.prices`) that cover each row of `cover` (rows × sites) `times` times.

    The frame's count and budget are upper limits. `any_will_do`: the first cover within the limits ends the search.
    """
    opened, free = frame.opened, frame.free
    had = cover[:, opened].sum(axis=1)
    state = frame.at(opened, free)
    if state is not None:
        free = state[1]
    rows = np.flatnonzero(had < times)
    if not len(rows):
        return Cover(opened, 0.0, 0.0)
    table, need = cover[np.ix_(rows, free)], times - had[rows]
    if (table.sum(axis=1) < need).any():
        return Cover(None, np.inf, np.inf, infeasible=True)
    prices = frame.prices[free]
    if times == 1:
        kept, sites = core(table, prices, sites_too=frame.groups is None)
    else:
        kept, sites = _core_of_several(table, need)
    table, need, prices, free = table[np.ix_(kept, sites)], need[kept], prices[sites], free[sites]
    limited = frame.count is not None or frame.budget is not None or frame.groups is not None
    if times == 1 and not limited and (table.sum(axis=1) == 1).all():
        only = table.any(axis=0).astype(float)
        return _answer(opened, free, only, prices, float(prices @ only))
    quick = greedy(table, prices) if times == 1 else None
    if any_will_do and quick is not None and _permitted(frame, np.concatenate([opened, free[quick]])):
        return Cover(np.sort(np.concatenate([opened, free[quick]])), float(prices[quick].sum()), 0.0)
    found = _solve(table, need, prices, frame, free, control, any_will_do)
    if quick is not None and not found.infeasible and found.cost > float(prices[quick].sum()) + 1e-9:
        chosen = np.sort(np.concatenate([opened, free[quick]]))
        if _permitted(frame, chosen):
            return Cover(chosen, float(prices[quick].sum()), found.bound)
    return found


def _solve(
    table: np.ndarray, need: np.ndarray, prices: np.ndarray, frame: Frame, free: np.ndarray, control: Control,
    any_will_do: bool,
) -> Cover:  # fmt: skip
    from scipy.sparse import csr_matrix, vstack

    rules, low, high = rule_rows(frame, free, exact=False, width=len(free))
    rows = vstack([csr_matrix(table.astype(float)), rules]).tocsr()
    solved = minimise(
        prices * (0.0 if any_will_do else 1.0),
        rows,
        np.concatenate([need.astype(float), low]),
        np.concatenate([np.full(len(need), np.inf), high]),
        control,
    )
    if solved.infeasible:
        return Cover(None, np.inf, np.inf, infeasible=True)
    # HiGHS keeps rows to a tolerance: what it calls a cover must be one in whole sites.
    if solved.x is None or (table[:, solved.x > 0.5].sum(axis=1) < need).any():
        return Cover(None, np.inf, max(solved.bound, 0.0))
    return _answer(frame.opened, free, solved.x, prices, 0.0 if any_will_do else solved.bound)


def _answer(opened: np.ndarray, free: np.ndarray, x: np.ndarray, prices: np.ndarray, bound: float) -> Cover:
    chosen = x > 0.5
    cost = float(prices[chosen].sum())
    return Cover(np.sort(np.concatenate([opened, free[chosen]])), cost, min(max(bound, 0.0), cost))


def _core_of_several(table: np.ndarray, need: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows that matter when they are to be covered several times; every site may matter then."""
    both = np.concatenate([table, need[:, None] > np.arange(int(need.max()))], axis=1)
    rows, _ = merged(both)
    rows = rows[needed_rows(table[rows], need[rows])]
    return rows, np.arange(table.shape[1])


def _permitted(frame: Frame, opened: np.ndarray) -> bool:
    """Whether `opened` keeps count (as an upper limit), budget and groups."""
    new = np.setdiff1d(opened, frame.existing)
    if frame.count is not None and len(new) > frame.count:
        return False
    if frame.budget is not None and frame.prices[new].sum() > frame.budget + 1e-9 * max(1.0, frame.budget):
        return False
    if frame.groups is None:
        return True
    own = frame.groups[new]
    filled = np.concatenate([own[own >= 0], np.unique(frame.groups[frame.existing])])
    filled = filled[filled >= 0]
    return len(np.unique(filled)) == len(filled)
