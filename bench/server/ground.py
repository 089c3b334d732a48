"""Invented ground: a rectangle cut into areas that share their wavy borders, as the areas of a city do.

The same numbers come out on every machine. Lon/lat in degrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

WEST, SOUTH, EAST, NORTH = 141.0, 39.55, 141.4, 39.85
"""About 34 by 33 km."""


@dataclass(frozen=True)
class Cut:
    """`columns` × `rows` areas whose four borders have `bends` points each."""

    columns: int
    rows: int
    bends: int

    @property
    def count(self) -> int:
        return self.columns * self.rows


def areas(cut: Cut, seed: int = 1) -> Any:
    """Polygons row by row from the south-west; neighbours share every point of their border."""
    rng = np.random.default_rng(seed)
    columns, rows, bends = cut.columns, cut.rows, cut.bends
    step = np.array([(EAST - WEST) / columns, (NORTH - SOUTH) / rows])
    x, y = np.meshgrid(np.arange(columns + 1), np.arange(rows + 1))
    nodes = np.stack([x, y], axis=-1) * step + (WEST, SOUTH)
    inner = (slice(1, -1), slice(1, -1))
    nodes[inner] += rng.uniform(-0.2, 0.2, nodes[inner].shape) * step
    along = (np.arange(bends) / bends)[:, None]
    level = _border(nodes[:, :-1], nodes[:, 1:], along, rng, step, axis=1)
    upright = _border(nodes[:-1], nodes[1:], along, rng, step, axis=0)
    rings = np.concatenate(
        [
            level[:-1],  # the southern border eastward
            upright[:, 1:],  # the eastern one northward
            _back(level[1:], nodes[1:, 1:]),  # the northern one westward
            _back(upright[:, :-1], nodes[1:, :-1]),
        ],
        axis=2,
    ).reshape(cut.count, 4 * bends, 2)
    rings = np.round(rings, 7)
    return shapely.polygons(np.concatenate([rings, rings[:, :1]], axis=1))


def outline() -> Any:
    """The rectangle."""
    return shapely.box(WEST, SOUTH, EAST, NORTH)


def points(count: int, seed: int = 2) -> list[tuple[float, float]]:
    """Places within the rectangle."""
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(WEST, EAST, count), rng.uniform(SOUTH, NORTH, count)
    return [(round(float(a), 6), round(float(b), 6)) for a, b in zip(lon, lat, strict=True)]


def _border(begin: Any, end: Any, along: Any, rng: Any, step: Any, axis: int) -> Any:
    """Points from `begin` towards `end` (left out), waving to both sides except on the rectangle itself."""
    line = begin[:, :, None] + (end - begin)[:, :, None] * along
    # None at both ends, so that borders meet only there.
    wave = rng.uniform(-0.06, 0.06, line.shape[:3]) * np.sin(np.pi * along[:, 0]) * step[axis]
    if axis == 1:
        wave[0] = wave[-1] = 0
    else:
        wave[:, 0] = wave[:, -1] = 0
    line[..., axis] += wave
    return line


def _back(line: Any, end: Any) -> Any:
    """The same border the other way round: from its end (`end`) to just before its beginning."""
    return np.concatenate([end[:, :, None], line[:, :, :0:-1]], axis=2)
