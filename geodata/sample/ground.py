"""The ground of the sample: about 900 fine cells that tile the outline, each in one district.

Voronoi cells of seeds that lie denser around the district points. All work is in metres of `plane`; what is kept is
lon/lat rounded to 6 digits, so that neighbours share their vertices exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.spatial import Voronoi, cKDTree
from shapely import Polygon

from geodata.sample import facts, sizes
from geodata.sample.draws import Draws
from geodata.sample.plane import degrees, metric, to_metres

_RELAXATIONS = 2
_FAR_M = 400_000.0


@dataclass(frozen=True, slots=True)
class Ground:
    """Cells in a fixed order (by district, then north to south).

    `cells`: lon/lat polygons; `xy`: a point inside each, metres; `district`: district number of each; `neighbours`:
    per cell, the cells it shares a border with, ascending.
    """

    outline: Polygon
    cells: np.ndarray
    xy: np.ndarray
    district: np.ndarray
    neighbours: tuple[tuple[int, ...], ...]

    def of_district(self, no: int) -> list[int]:
        return [int(i) for i in np.flatnonzero(self.district == no)]


def build_ground(seed: int) -> Ground:
    """Lay out the cells; the same for the same seed."""
    outline = Polygon(facts.outline_ring())
    flat = metric(outline)
    shapely.prepare(flat)
    centres = to_metres(np.array([(d.lon, d.lat) for d in facts.districts()]))
    numbers = np.array([d.no for d in facts.districts()])
    nearest = cKDTree(centres)
    points = _seeds(Draws(seed, "seeds"), flat, centres, nearest.query(centres, k=3)[0][:, 2])
    for _ in range(_RELAXATIONS):
        polygons = _voronoi(points)
        inside = shapely.centroid(shapely.intersection(polygons, flat))
        points = np.round(shapely.get_coordinates(inside), 1)
    polygons = _voronoi(points)
    cells = _clipped(degrees(polygons), outline)
    xy = shapely.get_coordinates(shapely.point_on_surface(metric(cells)))
    district = numbers[nearest.query(points)[1]]
    order = np.lexsort((points[:, 0], -points[:, 1], district))
    cells, xy, district = cells[order], xy[order], district[order]
    neighbours = _neighbours(cells)
    return Ground(outline, cells, xy, _joined(district, neighbours), neighbours)


def _seeds(draws: Draws, flat: Polygon, centres: np.ndarray, spacing: np.ndarray) -> np.ndarray:
    """Per district as many points as it has cells, two thirds around its point and the rest anywhere in it.

    `spacing`: metres from each centre to the second nearest other one.
    """
    box = np.array(flat.bounds)
    found: list[np.ndarray] = []
    plain = [(float(x), float(y)) for x, y in centres]
    for i, count in enumerate(sizes.cell_counts().values()):
        near: list[np.ndarray] = []
        far: list[np.ndarray] = []
        wanted = round(count * 0.68)
        while len(near) < wanted:
            draw = draws.uniform(1, 4)[0]
            reach = 0.9 * spacing[i] * draw[0] ** 0.7
            angle = 2 * np.pi * draw[1]
            point = centres[i] + reach * np.array([np.cos(angle), np.sin(angle)])
            if _fits(point, i, flat, plain):
                near.append(point)
        while len(far) < count - wanted:
            # Candidates near the district first, then anywhere: a small district is rarely hit by chance.
            spread = 3.0 * spacing[i] * (1 + len(far) / 4)
            low = np.maximum(box[:2], centres[i] - spread)
            high = np.minimum(box[2:], centres[i] + spread)
            point = low + draws.uniform(1, 2)[0] * (high - low)
            if _fits(point, i, flat, plain):
                far.append(point)
        found += near + far
    return np.round(np.array(found), 1)


def _fits(point: np.ndarray, index: int, flat: Polygon, centres: list[tuple[float, float]]) -> bool:
    # Thirty thousand questions, one at a time because the next draw depends on the answer: plain numbers are
    # quicker than a tree of thirty centres.
    x, y = point.tolist()
    cx, cy = centres[index]
    reach = (x - cx) ** 2 + (y - cy) ** 2
    if any((x - cx) ** 2 + (y - cy) ** 2 < reach for cx, cy in centres):
        return False
    return bool(shapely.contains_xy(flat, x, y))


def _voronoi(points: np.ndarray) -> np.ndarray:
    """One polygon per point. Eight points far away bound the outer cells."""
    angles = np.arange(8) * np.pi / 4
    ring = _FAR_M * np.column_stack([np.cos(angles), np.sin(angles)])
    diagram = Voronoi(np.vstack([points, ring]))
    polygons = [
        shapely.convex_hull(shapely.MultiPoint(diagram.vertices[diagram.regions[diagram.point_region[i]]]))
        for i in range(len(points))
    ]
    return np.array(polygons, dtype=object)


def _clipped(cells: np.ndarray, outline: Polygon) -> np.ndarray:
    """Cells cut at the outline; a piece that the outline cuts off goes to the neighbour it borders on most."""
    cut = shapely.transform(shapely.intersection(cells, outline), lambda xy: np.round(xy, 6))
    main: list[Polygon] = []
    loose: list[Polygon] = []
    for geom in cut:
        parts = sorted(shapely.get_parts(geom), key=lambda part: part.area, reverse=True)
        main.append(parts[0])
        loose += [part for part in parts[1:] if part.area > 0]
    for piece in loose:
        shared = [shapely.length(shapely.intersection(cell, piece)) for cell in main]
        best = int(np.argmax(shared))
        main[best] = shapely.union(main[best], piece)
    return shapely.normalize(np.array(main, dtype=object))


def _neighbours(cells: np.ndarray) -> tuple[tuple[int, ...], ...]:
    tree = shapely.STRtree(cells)
    left, right = tree.query(cells, predicate="touches")
    length = shapely.length(shapely.intersection(cells[left], cells[right]))
    found: list[list[int]] = [[] for _ in cells]
    for i, j, metres in zip(left, right, length, strict=True):
        if metres > 0:
            found[i].append(int(j))
    return tuple(tuple(sorted(items)) for items in found)


def _joined(district: np.ndarray, neighbours: tuple[tuple[int, ...], ...]) -> np.ndarray:
    """District of each cell such that every district is one piece: cells cut off join the district around them."""
    result = district.copy()
    for no in np.unique(district):
        pieces = _pieces([int(i) for i in np.flatnonzero(result == no)], neighbours)
        for piece in sorted(pieces, key=len)[:-1]:
            around = [int(result[j]) for i in piece for j in neighbours[i] if j not in piece]
            if around:
                result[sorted(piece)] = max(sorted(set(around)), key=around.count)
    return result


def _pieces(members: list[int], neighbours: tuple[tuple[int, ...], ...]) -> list[set[int]]:
    left = set(members)
    pieces: list[set[int]] = []
    while left:
        todo = [min(left)]
        piece: set[int] = set()
        while todo:
            cell = todo.pop()
            if cell in left:
                left.remove(cell)
                piece.add(cell)
                todo += [j for j in neighbours[cell] if j in left]
        pieces.append(piece)
    return pieces
