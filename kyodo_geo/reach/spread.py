"""Several points inside an area instead of one: where its people are taken to live."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

SPACING_M = 200.0
MOST = 16
"""About so many points of one area at most; larger areas get a wider grid."""


def spread(area: BaseGeometry, inner: tuple[float, float], spacing: float = SPACING_M) -> np.ndarray:
    """Points (k × 2, k ≥ 1) of a regular grid that lie in `area` (plane metres); `inner` alone where none does.

    The grid is fixed in the plane, so that equal areas give equal points.
    """
    import shapely

    step = max(spacing, math.sqrt(area.area / MOST))
    west, south, east, north = area.bounds
    across = (np.arange(math.floor(west / step), math.ceil(east / step) + 1) + 0.5) * step
    along = (np.arange(math.floor(south / step), math.ceil(north / step) + 1) + 0.5) * step
    x, y = (part.ravel() for part in np.meshgrid(across, along))
    inside = shapely.contains_xy(area, x, y)
    return np.column_stack([x[inside], y[inside]]) if inside.any() else np.array([inner], dtype=float)
