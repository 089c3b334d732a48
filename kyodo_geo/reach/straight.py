"""Straight line × detour factor, for where no network is loaded, and how much it misleads where one is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kyodo_geo.errors import InputError
from kyodo_geo.reach.arrays import costs_of
from kyodo_geo.reach.figures import nearest

DETOUR = 1.3
"""By how much ways are longer than the straight line where nothing better is known; every page that uses it says so."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Network against straight line, per cell (n).

    `longer`: network − straight cost of the nearest facility (infinite: no way; NaN: neither). `detour`: their ratio (NaN
    where the straight one is 0 or there is no way). `another`: whether another facility is the nearest.
    """

    longer: np.ndarray
    detour: np.ndarray
    another: np.ndarray


def straight_costs(cells: np.ndarray, facilities: np.ndarray, detour: float = DETOUR) -> np.ndarray:
    """Cells × facilities of points (n × 2, m × 2, metres of one plane). Raises `InputError`."""
    if not 1 <= detour <= 5:
        raise InputError("迂回係数は、1以上5以下で指定してください。", field="detour")
    cells, facilities = np.asarray(cells, dtype=float), np.asarray(facilities, dtype=float)
    apart = np.hypot(cells[:, None, 0] - facilities[None, :, 0], cells[:, None, 1] - facilities[None, :, 1])
    return apart * detour


def difference(network: np.ndarray, straight: np.ndarray) -> Difference:
    """Compare two matrices (cells × facilities) of the same places."""
    network, straight = costs_of(network), costs_of(straight)
    if network.shape != straight.shape:
        raise InputError("二つの行列の形が違います。", field="straight")
    by_way, way = nearest(network)
    by_line, line = nearest(straight)
    with np.errstate(invalid="ignore"):
        longer = way - line
    usable = np.isfinite(way) & np.isfinite(line) & (line > 0)
    detour = np.divide(way, line, out=np.full(len(way), np.nan), where=usable)
    return Difference(longer, detour, by_way != by_line)
