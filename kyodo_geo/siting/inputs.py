"""Checks of what a solver is given: costs (clients × sites), weights, a radius."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kyodo_geo.errors import InputError
from kyodo_geo.siting.rules import vector


def cost_matrix(costs: np.ndarray) -> np.ndarray:
    """`costs` as finite or infinite (unreachable) numbers ≥ 0, clients × sites, at least 1 × 1. Raises `InputError`."""
    found = np.asarray(costs)
    if found.dtype.kind not in "iuf":
        raise InputError("行列は数値の配列でなければなりません。", field="matrix", dtype=str(found.dtype))
    if found.ndim != 2 or 0 in found.shape:
        raise InputError(
            f"行列は2次元（需要点×候補地）で、どちらも1以上でなければなりません（形は{found.shape}）。",
            field="matrix",
            shape=list(found.shape),
        )
    found = found.astype(float, copy=False)
    if np.isnan(found).any():
        row, column = np.argwhere(np.isnan(found))[0].tolist()
        raise InputError(
            f"行列の{row}行{column}列が数でありません（NaN）。", field="matrix", row=row, column=column
        )
    if (found < 0).any():
        row, column = np.argwhere(found < 0)[0].tolist()
        raise InputError(f"行列の{row}行{column}列が負の数です。", field="matrix", row=row, column=column)
    return found


def weight_vector(weights: Sequence[float] | np.ndarray | None, clients: int) -> np.ndarray:
    """Weights of the clients; 1 each when none are given. Raises `InputError`."""
    return np.ones(clients) if weights is None else vector(weights, clients, "weights")


def checked_radius(radius: float | None) -> float:
    """The radius, in the unit of the costs. Raises `InputError`."""
    if radius is None or isinstance(radius, bool) or not np.isfinite(radius) or radius < 0:
        raise InputError("到達距離radiusを0以上の数で指定してください。", field="radius")
    return float(radius)


def whole_numbers(values: np.ndarray) -> bool:
    """Whether all finite values are whole and their sums stay exact (below 2^52)."""
    finite = values[np.isfinite(values)]
    return bool((finite == np.floor(finite)).all() and finite.max(initial=0) * max(len(values), 1) < 2**52)


def nearest_open(costs: np.ndarray, opened: Sequence[int] | np.ndarray) -> np.ndarray:
    """For each client the nearest of `opened` (the lowest number of equals), −1 where none can be reached."""
    sites = np.sort(np.asarray(opened, dtype=int))
    if not len(sites):
        return np.full(len(costs), -1)
    part = costs[:, sites]
    which = part.argmin(axis=1)
    return np.where(np.isfinite(part[np.arange(len(costs)), which]), sites[which], -1)
