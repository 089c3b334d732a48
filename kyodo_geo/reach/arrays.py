"""Checks that all functions of reach share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kyodo_geo.errors import InputError


def costs_of(costs: np.ndarray) -> np.ndarray:
    """Cells × facilities, ≥ 0 or infinite; no facility at all is allowed. Raises `InputError`."""
    found = np.asarray(costs)
    if found.dtype.kind not in "iuf" or found.ndim != 2:
        raise InputError("距離の行列は、需要点×施設の数値の配列で指定してください。", field="costs")
    found = found.astype(float, copy=False)
    # One pass: NaN compares false with everything, so that it fails here too.
    if not (found >= 0).all():
        raise InputError("距離の行列に、負の数または数でない値があります。", field="costs")
    return found


def amounts(
    values: Sequence[float] | np.ndarray, length: int, name: str, *, infinite: bool = False
) -> np.ndarray:
    """`length` numbers ≥ 0, finite unless `infinite`. Raises `InputError`."""
    found = np.asarray(values)
    if found.dtype.kind not in "iufb" or found.shape != (length,):
        raise InputError(f"{name}は、{length}個の数で指定してください。", field=name, shape=list(found.shape))
    found = found.astype(float, copy=False)
    if not (found >= 0).all() or not (infinite or np.isfinite(found).all()):
        raise InputError(f"{name}に、負の数または数でない値があります。", field=name)
    return found


def thresholds_of(value: float | Sequence[float] | np.ndarray, cells: int) -> np.ndarray:
    """One threshold per cell, from one number or from one per cell (area types differ). Raises `InputError`."""
    if np.ndim(value) == 0:
        value = np.full(cells, value)
    return amounts(np.asarray(value), cells, "threshold")


def people_of(people: np.ndarray, cells: int) -> np.ndarray:
    """People as cells × age groups; one column where there is no age. Raises `InputError`."""
    found = np.asarray(people)
    if found.ndim == 1:
        found = found[:, None]
    if found.dtype.kind not in "iufb" or found.ndim != 2 or found.shape[0] != cells:
        raise InputError("人数は、需要点ごと（または需要点×年齢層）の数で指定してください。", field="people")
    found = found.astype(float, copy=False)
    if not (np.isfinite(found).all() and (found >= 0).all()):
        raise InputError("人数に、負の数または数でない値があります。", field="people")
    return found


def two_nearest(costs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(nearest facility, its cost, second nearest, its cost) per cell; −1 and infinite where there is none.

    Of equally near ones the lowest number is the nearest.
    """
    cells, facilities = costs.shape
    rows = np.arange(cells)
    none, far = np.full(cells, -1), np.full(cells, np.inf)
    if not facilities:
        return none, far, none.copy(), far.copy()
    first = costs.argmin(axis=1)
    cost = costs[rows, first]
    first = np.where(np.isfinite(cost), first, -1)
    if facilities == 1:
        return first, cost, none, far
    rest = costs.copy()
    rest[rows, first] = np.inf
    second = rest.argmin(axis=1)
    after = rest[rows, second]
    return first, cost, np.where(np.isfinite(after), second, -1), after
