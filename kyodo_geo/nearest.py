"""Which of a few places is nearest, in a straight line: for people by small area, and as borders on a map.

Distances are measured in the plane zone. They are no ways: a river or a hill makes the real one longer.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from kyodo_geo.crs import from_plane, to_plane

Group = TypeVar("Group", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Nearest:
    """People of a group: `mean_m` is their mean distance to the nearest place, `by_place` how many have which nearest."""

    people: int
    mean_m: float
    by_place: tuple[int, ...]

    @property
    def place(self) -> int:
        """Index of the place that is nearest for most of them (the first of equals)."""
        return int(np.argmax(self.by_place))

    @property
    def share(self) -> float:
        """Share of the people for whom that place is nearest, 0–1."""
        return self.by_place[self.place] / self.people


def nearest_places(
    cells: np.ndarray, people: Sequence[int], groups: Sequence[Group], places: np.ndarray
) -> dict[Group, Nearest]:
    """Group → nearest places of its people, who are taken as living at their cell's point.

    `cells` (n × 2) and `places` (m × 2, m ≥ 1) in metres of one plane; groups without people are left out.
    """
    if not len(cells) or not len(places):
        return {}
    distance = np.hypot(cells[:, None, 0] - places[None, :, 0], cells[:, None, 1] - places[None, :, 1])
    which, shortest = distance.argmin(axis=1), distance.min(axis=1)
    weight = np.asarray(people, dtype=float)
    members: dict[Group, list[int]] = {}
    for index, group in enumerate(groups):
        members.setdefault(group, []).append(index)
    found = {}
    for group, rows in members.items():
        total = weight[rows].sum()
        if total > 0:
            by_place = np.bincount(which[rows], weights=weight[rows], minlength=len(places))
            mean = float((shortest[rows] * weight[rows]).sum() / total)
            found[group] = Nearest(int(total), mean, tuple(int(number) for number in by_place))
    return found


def borders(places: Sequence[tuple[float, float]], outline: Any, municipality: str) -> list[Any]:
    """For each place (lon, lat) the part of the outline (lon/lat) to which no other one is nearer (lon/lat)."""
    import shapely

    ground = to_plane(outline, municipality)
    points = to_plane(shapely.MultiPoint(list(places)), municipality)
    if len(places) < 2:
        return [outline for _ in places]
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=shapely.box(*ground.bounds)))
    found = []
    for point in shapely.get_parts(points):
        cell = next(cell for cell in cells if cell.covers(point))
        found.append(from_plane(cell.intersection(ground), municipality))
    return found
