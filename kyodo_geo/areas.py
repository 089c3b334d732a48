"""Sets of areas that tile a city: merging, cleaning, checking, dissolving, comparing.

Geometry is lon/lat (WGS 84) as shapely objects; lengths and areas are metres and square metres in the
municipality's plane zone. A *coverage* is a set of polygons that share their borders vertex by vertex and do not
overlap. `shapely.coverage_is_valid` alone does not see a gap, so a check also counts holes in the union.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from kyodo_geo.crs import GEOJSON_DIGITS, to_plane

if TYPE_CHECKING:
    import geopandas as gpd

Geometries = Sequence[BaseGeometry] | np.ndarray

NOTICEABLE_M2 = 1.0
"""Overlaps and gaps below this many square metres are slivers of drawing, not statements about the ground."""


@dataclass(frozen=True, slots=True)
class CoverageCheck:
    """`invalid_edges`: areas whose border does not match a neighbour's; `parts` and `holes` of the union."""

    invalid_edges: int
    parts: int
    holes: int

    @property
    def is_clean(self) -> bool:
        """Valid coverage whose union has no hole."""
        return self.invalid_edges == 0 and self.holes == 0


@dataclass(frozen=True, slots=True)
class Overlap:
    """Ground that two areas both claim; `ground` is its shape."""

    first: Hashable
    second: Hashable
    area_m2: float
    ground: BaseGeometry | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Gap:
    """A hole in the union of all areas, with a point inside it; `ground` is its shape."""

    lon: float
    lat: float
    area_m2: float
    ground: BaseGeometry | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Move:
    """What changes from one area to another; None stands for outside all areas."""

    before: Hashable | None
    after: Hashable | None
    area_m2: float
    people: int
    households: int


@dataclass(frozen=True, slots=True)
class AreaChanges:
    """Difference of two area sets, keys sorted; `changed` moved their border by more than slivers."""

    added: tuple[Hashable, ...]
    removed: tuple[Hashable, ...]
    changed: tuple[Hashable, ...]
    moves: tuple[Move, ...]


def as_multipolygon(geom: BaseGeometry) -> MultiPolygon:
    """The polygons of a geometry, lines and points left out; empty when it has none."""
    if geom.geom_type == "MultiPolygon":
        return geom
    return MultiPolygon([part for part in _atoms(geom) if isinstance(part, Polygon)])


def _atoms(geom: BaseGeometry) -> list[BaseGeometry]:
    parts = getattr(geom, "geoms", None)
    if parts is None:
        return [] if geom.is_empty else [geom]
    return [atom for part in parts for atom in _atoms(part)]


def merge_small_areas(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """One row per `key_code`: geometry united, `people` and `households` summed, first name kept.

    The census prints an area of several parts as several rows, with the figures on one of them. A sum stays
    missing only when every row lacks it. Rows keep the order in which keys first appear.
    """
    import geopandas as gpd

    grouped = frame.groupby("key_code", sort=False)
    table = grouped.agg(
        name=("name", "first"),
        people=("people", lambda values: values.sum(min_count=1)),
        households=("households", lambda values: values.sum(min_count=1)),
    )
    shapes = [
        as_multipolygon(shapely.union_all(np.asarray(part))) for _, part in grouped[frame.geometry.name]
    ]
    return gpd.GeoDataFrame(table.reset_index(), geometry=shapes, crs=frame.crs).rename_geometry("geom")


def clean_coverage(geoms: Geometries) -> np.ndarray:
    """The same areas as a valid coverage (`shapely.coverage_clean`): borders noded, slivers given to a neighbour."""
    cleaned = shapely.coverage_clean(np.asarray(geoms, dtype=object))
    return np.array([as_multipolygon(geom) for geom in cleaned], dtype=object)


def check_coverage(geoms: Geometries) -> CoverageCheck:
    """Edges that do not match, and parts and holes of the union."""
    array = np.asarray(geoms, dtype=object)
    edges = shapely.coverage_invalid_edges(array)
    union = as_multipolygon(shapely.union_all(array))
    return CoverageCheck(
        invalid_edges=int(np.count_nonzero(~shapely.is_empty(edges))),
        parts=len(union.geoms),
        holes=sum(len(part.interiors) for part in union.geoms),
    )


def rounded(geoms: Geometries, digits: int = GEOJSON_DIGITS) -> np.ndarray:
    """Coordinates rounded as they are sent out."""
    return shapely.transform(np.asarray(geoms, dtype=object), lambda xy: np.round(xy, digits))


def dissolve(geoms: Geometries, keys: Sequence[Hashable]) -> dict[Any, MultiPolygon]:
    """Areas united by key, in the order in which keys first appear."""
    array = np.asarray(geoms, dtype=object)
    members: dict[Hashable, list[int]] = {}
    for position, key in enumerate(keys):
        members.setdefault(key, []).append(position)
    return {key: as_multipolygon(shapely.union_all(array[rows])) for key, rows in members.items()}


def displacement_m(before: BaseGeometry, after: BaseGeometry, municipality: str) -> float:
    """Largest distance between the vertices of one border and the other border, metres (Hausdorff, discrete).

    Works for invalid `before`, whose area means nothing. Infinite when exactly one of them is empty.
    """
    if before.is_empty or after.is_empty:
        return 0.0 if before.is_empty and after.is_empty else float("inf")
    old, new = (to_plane(geom.boundary, municipality) for geom in (before, after))
    return max(_farthest(old, new), _farthest(new, old))


def _farthest(border: BaseGeometry, other: BaseGeometry) -> float:
    """Largest distance of a vertex of `border` from `other`. A tree of the edges: comparing all with all takes hours for
    borders of a hundred thousand vertices."""
    edges = edges_of(other)
    points = np.unique(shapely.get_coordinates(border), axis=0)
    there = np.unique(shapely.get_coordinates(other), axis=0)
    moved = points[~np.isin(points.view("c16").ravel(), there.view("c16").ravel())]
    if not len(moved) or not len(edges):
        return 0.0
    _, found = shapely.STRtree(edges).query_nearest(
        shapely.points(moved), return_distance=True, all_matches=False
    )
    return float(found.max())


def edges_of(geom: BaseGeometry) -> np.ndarray:
    """Every edge of a geometry as a line of two points."""
    parts = shapely.get_parts(shapely.get_rings(geom) if geom.area else geom)
    coordinates, owners = shapely.get_coordinates(parts, return_index=True)
    on = owners[1:] == owners[:-1]
    ends = np.stack([coordinates[:-1][on], coordinates[1:][on]], axis=1)
    return np.asarray(shapely.linestrings(ends))


def find_overlaps(
    geoms: Geometries, keys: Sequence[Hashable], municipality: str, *, at_least_m2: float = NOTICEABLE_M2
) -> list[Overlap]:
    """Pairs of areas that share ground, largest first; each pair once. Geometry must be valid."""
    plane = _plane(geoms, municipality)
    first, second = shapely.STRtree(plane).query(plane, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    shared = shapely.area(shapely.intersection(plane[first], plane[second]))
    array = np.asarray(geoms, dtype=object)
    found = [
        Overlap(keys[a], keys[b], float(area), shapely.intersection(array[a], array[b]))
        for a, b, area in zip(first, second, shared, strict=True)
        if area >= at_least_m2
    ]
    return sorted(found, key=lambda overlap: -overlap.area_m2)


def find_gaps(geoms: Geometries, municipality: str, *, at_least_m2: float = NOTICEABLE_M2) -> list[Gap]:
    """Holes in the union of all areas, largest first."""
    union = as_multipolygon(shapely.union_all(np.asarray(geoms, dtype=object)))
    holes = [Polygon(ring) for part in union.geoms for ring in part.interiors]
    found = []
    for hole, area in zip(holes, shapely.area(_plane(holes, municipality)), strict=True):
        if area >= at_least_m2:
            inside = hole.representative_point()
            found.append(Gap(inside.x, inside.y, float(area), hole))
    return sorted(found, key=lambda gap: -gap.area_m2)


def compare_areas(
    before: Mapping[Hashable, BaseGeometry],
    after: Mapping[Hashable, BaseGeometry],
    municipality: str,
    crowd: Iterable[tuple[BaseGeometry, int, int]] = (),
) -> AreaChanges:
    """What was added, removed and changed, and how much ground and how many people change hands.

    `crowd` holds (point, people, households), such as the inner points of census small areas; a point on a common
    border counts for the first key. Ground that enters or leaves the whole set moves from or to None.
    """
    both = [key for key in before if key in after]
    difference = shapely.area(
        _plane([shapely.symmetric_difference(before[key], after[key]) for key in both], municipality)
    )
    moved: dict[tuple[Hashable | None, Hashable | None], list[float]] = {}
    for pair, area in _moved_ground(before, after, municipality):
        moved.setdefault(pair, [0.0, 0, 0])[0] += area
    for point, people, households in crowd:
        pair = (_covering(before, point), _covering(after, point))
        if pair[0] != pair[1]:
            figures = moved.setdefault(pair, [0.0, 0, 0])
            figures[1] += people
            figures[2] += households
    moves = [Move(a, b, area, int(p), int(h)) for (a, b), (area, p, h) in moved.items()]
    return AreaChanges(
        added=_sorted(key for key in after if key not in before),
        removed=_sorted(key for key in before if key not in after),
        changed=_sorted(key for key, area in zip(both, difference, strict=True) if area >= NOTICEABLE_M2),
        moves=tuple(sorted(moves, key=lambda move: -move.area_m2)),
    )


def _moved_ground(
    before: Mapping[Hashable, BaseGeometry], after: Mapping[Hashable, BaseGeometry], municipality: str
) -> Iterable[tuple[tuple[Hashable | None, Hashable | None], float]]:
    old, new = _outside_last(before, after), _outside_last(after, before)
    old_keys, new_keys = list(old), list(new)
    old_shapes, new_shapes = (np.array(list(side.values()), dtype=object) for side in (old, new))
    first, second = shapely.STRtree(new_shapes).query(old_shapes, predicate="intersects")
    shared = shapely.area(_plane(shapely.intersection(old_shapes[first], new_shapes[second]), municipality))
    return [
        ((old_keys[a], new_keys[b]), float(area))
        for a, b, area in zip(first, second, shared, strict=True)
        if area >= NOTICEABLE_M2 and old_keys[a] != new_keys[b]
    ]


def _outside_last(
    areas: Mapping[Hashable, BaseGeometry], others: Mapping[Hashable, BaseGeometry]
) -> dict[Hashable | None, BaseGeometry]:
    """The areas, and under None what the other set covers and this one does not."""
    whole = shapely.union_all(list(areas.values()))
    beyond = shapely.difference(shapely.union_all(list(others.values())), whole)
    return {**areas, None: beyond}


def _covering(areas: Mapping[Hashable, BaseGeometry], point: BaseGeometry) -> Hashable | None:
    return next((key for key, geom in areas.items() if geom.covers(point)), None)


def _plane(geoms: Geometries, municipality: str) -> np.ndarray:
    array = np.asarray(geoms, dtype=object)
    return to_plane(array, municipality) if len(array) else array


def _sorted(keys: Iterable[Hashable]) -> tuple[Hashable, ...]:
    return tuple(sorted(keys, key=lambda key: (str(type(key)), key)))
