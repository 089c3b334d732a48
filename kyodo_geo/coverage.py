"""Straight-line reach: how many people live within a distance of a facility.

People are taken as spread evenly over their small area; the part of the area inside the reach is the part of its
people. A point per area would count a whole mountain village in or out. Distances are measured in the plane zone
and are not walking distances: `detour` says by how much ways are longer than the straight line.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import shapely

from kyodo_geo.crs import to_plane
from kyodo_geo.errors import InputError

Group = TypeVar("Group", bound=Hashable)

QUADRANT_SEGMENTS = 32
"""Sides of a quarter circle; the area of the disc is 0.04 % too small with 32."""


@dataclass(frozen=True, slots=True)
class Reached:
    """People of a group, and those of them within reach (not rounded)."""

    people: float
    inside: float

    @property
    def share(self) -> float | None:
        """Share within reach, 0–1; None where nobody lives."""
        return self.inside / self.people if self.people > 0 else None


@dataclass(frozen=True, slots=True)
class Coverage(Generic[Group]):
    """Reach by group and in total; `areas` is the covered share of each area, in the order given."""

    groups: dict[Group, Reached]
    total: Reached
    areas: np.ndarray


def reach_discs(points: np.ndarray, radius_m: float, detour: float = 1.0) -> Any:
    """Union of discs around points (n × 2, metres) within which `radius_m` metres of way suffice.

    Raises `InputError` for a radius or detour factor that makes no sense.
    """
    if not (0 < radius_m <= 100_000):
        raise InputError("到達圏の距離は、0より大きく100,000 m以下で指定してください。", field="radius")
    if not (1.0 <= detour <= 5.0):
        raise InputError("迂回係数は、1以上5以下で指定してください。", field="detour")
    if len(points) == 0:
        return shapely.GeometryCollection()
    discs = shapely.buffer(shapely.points(points), radius_m / detour, quad_segs=QUADRANT_SEGMENTS)
    return shapely.union_all(discs)


def covered_shares(areas: np.ndarray, reach: Any) -> np.ndarray:
    """Share of each plane polygon (n) inside `reach`, 0–1. A polygon without area counts by its first point."""
    shares = np.zeros(len(areas))
    if reach.is_empty:
        return shares
    shapely.prepare(reach)
    touched = shapely.intersects(reach, areas)
    whole = shapely.covers(reach, areas)
    shares[whole] = 1.0
    partly = np.flatnonzero(touched & ~whole)
    sizes = shapely.area(areas[partly])
    cut = shapely.area(shapely.intersection(areas[partly], reach))
    with np.errstate(invalid="ignore", divide="ignore"):
        shares[partly] = np.where(sizes > 0, np.minimum(cut / sizes, 1.0), 0.0)
    return shares


def coverage(
    areas: np.ndarray,
    people: np.ndarray,
    groups: Sequence[Group],
    facilities: np.ndarray,
    *,
    radius_m: float,
    detour: float = 1.0,
) -> Coverage[Group]:
    """Reach of facilities (m × 2, metres) over areas (n plane polygons) with `people` (n) in `groups` (n)."""
    if not len(areas) == len(people) == len(groups):
        raise ValueError("areas, people and groups must have equal lengths")
    shares = covered_shares(areas, reach_discs(facilities, radius_m, detour))
    inside = shares * people
    found: dict[Group, list[float]] = {}
    for group, count, reached in zip(groups, people.tolist(), inside.tolist(), strict=True):
        sums = found.setdefault(group, [0.0, 0.0])
        sums[0] += count
        sums[1] += reached
    return Coverage(
        {group: Reached(*sums) for group, sums in found.items()},
        Reached(float(people.sum()), float(inside.sum())),
        shares,
    )


def coverage_lonlat(
    areas: Iterable[Any],
    people: Iterable[float],
    groups: Sequence[Group],
    facilities: Sequence[tuple[float, float]],
    municipality: str,
    *,
    radius_m: float,
    detour: float = 1.0,
) -> Coverage[Group]:
    """The same for lon/lat polygons and points, measured in the municipality's plane zone."""
    plane_areas = to_plane(np.array(list(areas), dtype=object), municipality)
    points = to_plane(shapely.points(np.array(facilities, dtype=float).reshape(-1, 2)), municipality)
    return coverage(
        np.atleast_1d(plane_areas),
        np.array(list(people), dtype=float),
        groups,
        shapely.get_coordinates(points),
        radius_m=radius_m,
        detour=detour,
    )
