"""Cut a set of neighbouring cells into connected groups of about equal size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geodata.sample.ground import Ground

_ROUNDS = 3
_BORDER_PENALTY = 1.7
"""Crossing the border of a town costs a group that much more: associations follow towns, but not always."""


def grow(ground: Ground, cells: Sequence[int], count: int, town: np.ndarray | None = None) -> list[list[int]]:
    """Exactly `count` connected groups (cells ascending); `town` per cell makes groups prefer to stay within one.

    Groups grow by turns, the smallest first, each taking the free neighbour nearest to its anchor; then anchors move
    to the middle of their group and everything is grown again. Raises `ValueError` for fewer cells than groups.
    """
    if not 0 < count <= len(cells):
        raise ValueError("there must be at least one cell per group")
    members = sorted(cells)
    anchors = _spread(ground.xy, members, count)
    groups: list[list[int]] = []
    for _ in range(_ROUNDS):
        groups = _grown(ground, members, anchors, town)
        anchors = [_middle(ground.xy, group) for group in groups]
    return [sorted(group) for group in groups]


def _spread(xy: np.ndarray, members: list[int], count: int) -> list[int]:
    """Anchors far from each other, the first one nearest to the middle."""
    points = xy[members]
    chosen = [int(np.argmin(_distance(points, points.mean(axis=0))))]
    nearest = _distance(points, points[chosen[0]])
    while len(chosen) < count:
        # Rounded, so that the last bit of a square root never decides.
        chosen.append(int(np.argmax(np.round(nearest, 3))))
        nearest = np.minimum(nearest, _distance(points, points[chosen[-1]]))
        nearest[chosen] = -1.0
    return [members[i] for i in chosen]


def _grown(
    ground: Ground, members: list[int], anchors: list[int], town: np.ndarray | None
) -> list[list[int]]:
    free = set(members) - set(anchors)
    groups = [[anchor] for anchor in anchors]
    while free:
        for number in sorted(range(len(groups)), key=lambda g: (len(groups[g]), g)):
            group = groups[number]
            frontier = sorted({j for i in group for j in ground.neighbours[i] if j in free})
            if not frontier:
                continue
            home = set() if town is None else {int(town[i]) for i in group}
            cost = [
                float(np.round(_distance(ground.xy[j], ground.xy[anchors[number]]), 3))
                * (_BORDER_PENALTY if home and int(town[j]) not in home else 1.0)  # type: ignore[index]
                for j in frontier
            ]
            taken = frontier[int(np.argmin(cost))]
            group.append(taken)
            free.remove(taken)
            break
        else:
            raise ValueError("the cells are not connected")
    return groups


def _middle(xy: np.ndarray, group: list[int]) -> int:
    points = xy[group]
    return group[int(np.argmin(np.round(_distance(points, points.mean(axis=0)), 3)))]


def chain(xy: np.ndarray, items: Sequence[int]) -> list[int]:
    """Order of `items` (rows of `xy`) such that each is followed by the nearest one left; the northernmost first."""
    left = sorted(items)
    order = [min(left, key=lambda i: (-round(float(xy[i, 1]), 3), i))]
    left.remove(order[0])
    while left:
        here = xy[order[-1]]
        following = min(left, key=lambda i: (round(float(_distance(xy[i], here)), 3), i))
        left.remove(following)
        order.append(following)
    return order


def _distance(points: np.ndarray, point: np.ndarray) -> np.ndarray:
    return np.hypot(points[..., 0] - point[0], points[..., 1] - point[1])
