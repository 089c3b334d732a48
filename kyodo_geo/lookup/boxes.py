"""Which of many boxes meet a rectangle: a grid of cells, each with the boxes that reach into it.

A box per area costs about 60 bytes here, as plain arrays. A tree of geometries costs several times that, and asking it
for one point takes longer than looking into one cell.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kyodo_geo.distinct import distinct

_LARGEST = 1024
"""Cells a side at most."""
_FEW = 40
"""Boxes up to which looking at each is quicker than at all in one go."""
_PER_BOX = 12
"""Cells that boxes may reach into, on average; with more the grid is made coarser."""


class BoxGrid:
    """Boxes as rows of (west, south, east, north); read-only, safe for several threads."""

    def __init__(self, boxes: Any) -> None:
        self._boxes = np.ascontiguousarray(boxes, dtype=np.float64).reshape(-1, 4)
        self._side = 0
        if not len(self._boxes):
            return
        west, south = self._boxes[:, :2].min(axis=0)
        east, north = self._boxes[:, 2:].max(axis=0)
        self._west, self._south, self._east, self._north = map(float, (west, south, east, north))
        side = max(1, min(_LARGEST, math.isqrt(len(self._boxes))))
        while side > 1 and self._count(side) > _PER_BOX * len(self._boxes):
            side //= 2
        self._fill(side)

    def find(self, west: float, south: float, east: float, north: float) -> list[int]:
        """Numbers of the boxes that meet the rectangle, in order; touching counts."""
        side = self._side
        if not side or not (west <= self._east and east >= self._west):
            return []
        if not (south <= self._north and north >= self._south):
            return []
        first, last = self._column(west), self._column(east)
        starts, members = self._starts, self._members
        # Cells of one line lie behind each other.
        spans = [
            (starts[line * side + first], starts[line * side + last + 1])
            for line in range(self._row(south), self._row(north) + 1)
        ]
        if sum([end - begin for begin, end in spans]) > _FEW:
            return self._find_among_many(spans, west, south, east, north)
        boxes, found = self._flat, []
        for begin, end in spans:
            for number in members[begin:end]:
                at = 4 * number
                if (
                    boxes[at] <= east
                    and boxes[at + 2] >= west
                    and boxes[at + 1] <= north
                    and boxes[at + 3] >= south
                ):
                    found.append(number)
        return found if len(found) < 2 or (first == last and len(spans) == 1) else sorted(set(found))

    def _find_among_many(
        self, spans: list[tuple[int, int]], west: float, south: float, east: float, north: float
    ) -> list[int]:
        found = distinct(np.concatenate([np.asarray(self._members[begin:end]) for begin, end in spans]))
        box = self._boxes[found]
        meets = (box[:, 0] <= east) & (box[:, 2] >= west) & (box[:, 1] <= north) & (box[:, 3] >= south)
        numbers: list[int] = found[meets].tolist()
        return numbers

    def _column(self, lon: float) -> int:
        at = int((lon - self._west) * self._across)
        return 0 if at < 0 else at if at < self._side else self._side - 1

    def _row(self, lat: float) -> int:
        at = int((lat - self._south) * self._up)
        return 0 if at < 0 else at if at < self._side else self._side - 1

    def _spans(self, side: int) -> tuple[Any, Any]:
        """First and last (column, row) of every box. The same arithmetic as of a single place, so that they agree."""
        self._across = side / ((self._east - self._west) or 1.0)
        self._up = side / ((self._north - self._south) or 1.0)
        scale, origin = np.array([self._across, self._up]), np.array([self._west, self._south])
        ends = ((self._boxes.reshape(-1, 2, 2) - origin) * scale).astype(np.int64).clip(0, side - 1)
        return ends[:, 0], ends[:, 1]

    def _count(self, side: int) -> int:
        first, last = self._spans(side)
        return int(((last - first + 1).prod(axis=1)).sum())

    def _fill(self, side: int) -> None:
        first, last = self._spans(side)
        size = last - first + 1
        number = np.repeat(np.arange(len(size)), size.prod(axis=1))
        # The cells of a box, counted from its first: rest and quotient by its width.
        offset = np.arange(len(number)) - np.repeat(
            np.cumsum(size.prod(axis=1)) - size.prod(axis=1), size.prod(axis=1)
        )
        column = first[number, 0] + offset % size[number, 0]
        row = first[number, 1] + offset // size[number, 0]
        cell = row * side + column
        order = np.argsort(cell, kind="stable")
        # Single numbers come out of a view as Python's own, several times as quick as out of an array.
        self._members = number[order].astype(np.int32).data
        counts = np.bincount(cell, minlength=side * side)
        self._starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32).data
        self._flat = self._boxes.reshape(-1).data
        self._side = side
