"""The rules for sites as rows of an integer programme whose first variables are the free sites."""

from __future__ import annotations

from typing import Any

import numpy as np

from kyodo_geo.siting.rules import Frame


def rule_rows(
    frame: Frame, free: np.ndarray, *, exact: bool, width: int
) -> tuple[Any, np.ndarray, np.ndarray]:
    """(matrix, low, high) over `width` variables, of which the first are the sites `free`.

    `exact`: the number of sites is met, else not passed.
    """
    from scipy.sparse import csr_matrix

    rows: list[np.ndarray] = []
    low: list[float] = []
    high: list[float] = []
    if frame.count is not None:
        left = frame.count - len(frame.required)
        rows.append(np.ones(len(free)))
        low.append(left if exact else 0)
        high.append(left)
    if frame.budget is not None:
        left_money = frame.budget - float(frame.prices[frame.required].sum())
        rows.append(frame.prices[free])
        low.append(0)
        high.append(left_money + 1e-9 * max(1.0, frame.budget))
    if frame.groups is not None:
        numbers = frame.groups[free]
        filled = set(frame.groups[frame.opened].tolist()) - {-1}
        for group in np.unique(numbers[numbers >= 0]).tolist():
            members = numbers == group
            if group in filled or members.sum() > 1:
                rows.append(members.astype(float))
                low.append(0)
                high.append(0 if group in filled else 1)
    table = np.zeros((len(rows), width))
    for number, row in enumerate(rows):
        table[number, : len(free)] = row
    return csr_matrix(table), np.array(low, dtype=float), np.array(high, dtype=float)


def padded(frame: Frame, chosen: np.ndarray) -> np.ndarray:
    """`chosen` (all open sites) filled up to the number asked for with the lowest numbers the rules permit."""
    chosen = np.sort(chosen)
    if frame.count is None:
        return chosen
    while len(chosen) - len(frame.existing) < frame.count:
        state = frame.at(chosen, np.setdiff1d(frame.free, chosen))
        assert state is not None
        chosen = np.sort(np.append(chosen, state[1][0]))
    return chosen
