"""A flat plane for drawing the sample: metres east and north of a fixed point.

The factors are fixed numbers, not asked of PROJ, so that the sample does not change with its version.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

LON0, LAT0 = 141.2, 39.75
EAST_M, NORTH_M = 85_700.0, 111_030.0
"""Metres per degree of longitude and latitude at LAT0 (GRS80, rounded)."""

DIGITS = 6


def to_metres(lonlat: np.ndarray) -> np.ndarray:
    """(n, 2) lon/lat → (n, 2) metres."""
    return (np.asarray(lonlat, dtype=float) - (LON0, LAT0)) * (EAST_M, NORTH_M)


def to_degrees(metres: np.ndarray) -> np.ndarray:
    """(n, 2) metres → (n, 2) lon/lat, rounded as coordinates are stored."""
    return np.round(np.asarray(metres, dtype=float) / (EAST_M, NORTH_M) + (LON0, LAT0), DIGITS)


def metric(geoms: Any) -> Any:
    """Lon/lat geometries in metres."""
    return shapely.transform(geoms, to_metres)


def degrees(geoms: Any) -> Any:
    """Geometries in metres as lon/lat, rounded."""
    return shapely.transform(geoms, to_degrees)
