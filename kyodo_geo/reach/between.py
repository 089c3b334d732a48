"""Ways between facilities, from the ways that cells have to each of them: no network is asked again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kyodo_geo.errors import InputError


def between(costs: np.ndarray, cell_snap: np.ndarray, sites: Sequence[int] | np.ndarray) -> np.ndarray:
    """Metres (k × k) between `sites` (columns of `costs`, cells × facilities), infinite where no cell reaches both.

    The way by any cell's node is never shorter than the shortest; it is the shortest where a cell's node lies on it, as in
    built-up land nearly every node does. Ways must be the same in both directions. Raises `InputError`.
    """
    if costs.ndim != 2 or cell_snap.shape != costs.shape[:1]:
        raise InputError("距離の表と、地点の数が合いません。", field="costs")
    mine = costs[:, np.asarray(sites, dtype=int)].astype(float)
    found = np.full((mine.shape[1],) * 2, np.inf)
    twice = 2.0 * cell_snap[:, None]
    for place in range(mine.shape[1]):
        if len(mine):
            found[place] = (mine[:, place, None] + mine - twice).min(axis=0)
    np.fill_diagonal(found, 0.0)
    return found
