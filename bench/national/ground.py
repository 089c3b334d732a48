"""One municipality of the synthetic country as columns of the canonical frames, kind by kind. Only numpy and shapely.

A lattice of cells whose inner edges wander: a cell is an association, two beside each other are a town and a small
area, two rows are a district. Edges are shared point by point, so that nothing overlaps and nothing is left out.
Associations that no cell is left for (fewer than there are columns) are those of single buildings in the first cells.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from bench.national.country import CELL, Place

KINDS = (
    "outline", "districts", "small-areas", "towns", "blocks", "associations", "association-rules",
    "association-districts", "membership",
)  # fmt: skip
"""In an order in which they can be loaded."""
STEMS = "緑青葉桜松竹梅若泉栄旭東西南北中本新大小上下前港原森林山川田野丘台島石橋宮寺城月星光春夏秋冬花鳥風雪雲朝日永富久"
SUFFIXES = ("町", "台", "が丘", "沢", "里", "浜")
DIGITS = "〇一二三四五六七八九"
STEPS = 4
"""Pieces of an edge between two corners."""
Columns = dict[str, Any]
Array = np.ndarray[Any, Any]


def municipality(place: Place, seed: int = 1) -> dict[str, Columns]:
    """Kind → column → values; `geom` holds shapely geometries in lon/lat."""
    return _Ground(place, seed).kinds()


class _Ground:
    def __init__(self, place: Place, seed: int) -> None:
        self.place = place
        self.random = np.random.default_rng([seed, int(place.code)])
        self.columns = max(1, int(place.associations**0.5))
        self.rows = place.associations // self.columns
        self.cells = self.columns * self.rows
        self._edges()
        self.town_of_column = np.arange(self.columns) // 2
        self.towns_per_row = int(self.town_of_column[-1]) + 1
        self.town_of_cell = (np.arange(self.rows)[:, None] * self.towns_per_row + self.town_of_column).ravel()
        self.towns = [town_name(i) for i in range(self.towns_per_row * self.rows)]
        self.district_of_row = np.arange(self.rows) // 2
        self.ids = np.array([f"a{i + 1:05d}" for i in range(place.associations)], dtype=object)

    def _edges(self) -> None:
        """Points along horizontal and vertical edges: (rows + 1, columns, STEPS + 1, 2) and (columns + 1, rows, …)."""
        width, height = CELL / self.columns, CELL / self.rows
        part = np.linspace(0, 1, STEPS + 1)
        j, i = np.meshgrid(np.arange(self.rows + 1), np.arange(self.columns), indexing="ij")
        along = self.place.west + (i[..., None] + part) * width
        across = self.place.south + j[..., None] * height + np.zeros_like(along)
        wander = self.random.uniform(-0.2, 0.2, along.shape) * height
        wander[..., 0] = wander[..., -1] = 0
        wander[0] = wander[-1] = 0
        self.horizontal = np.round(np.stack([along, across + wander], axis=-1), 7)
        i, j = np.meshgrid(np.arange(self.columns + 1), np.arange(self.rows), indexing="ij")
        along = self.place.south + (j[..., None] + part) * height
        across = self.place.west + i[..., None] * width + np.zeros_like(along)
        wander = self.random.uniform(-0.2, 0.2, along.shape) * width
        wander[..., 0] = wander[..., -1] = 0
        wander[0] = wander[-1] = 0
        self.vertical = np.round(np.stack([across + wander, along], axis=-1), 7)

    def kinds(self) -> dict[str, Columns]:
        blocks, rules = self._blocks_and_rules()
        households = np.maximum(3, self.random.lognormal(4.4, 0.8, self.place.associations)).astype(int)
        found = {
            "outline": self._outline(),
            "districts": self._districts(),
            "small-areas": self._small_areas(households),
            "towns": self._towns(),
            "blocks": blocks,
            "associations": self._associations(),
            "association-rules": rules,
            "association-districts": self._association_districts(),
            "membership": self._membership(households),
        }
        return {kind: found[kind] for kind in KINDS}

    def _area(self, row: int, last_row: int, column: int, last_column: int) -> shapely.MultiPolygon:
        """Cells of these rows and columns (the last ones included) as one area."""
        south = self.horizontal[row, column : last_column + 1, :STEPS].reshape(-1, 2)
        east = self.vertical[last_column + 1, row : last_row + 1, :STEPS].reshape(-1, 2)
        north = self.horizontal[last_row + 1, column : last_column + 1][::-1, :0:-1].reshape(-1, 2)
        west = self.vertical[column, row : last_row + 1][::-1, :0:-1].reshape(-1, 2)
        return shapely.MultiPolygon([shapely.Polygon(np.concatenate([south, east, north, west]))])

    def _outline(self) -> Columns:
        area = self._area(0, self.rows - 1, 0, self.columns - 1)
        return {"part_no": [1], "name": [self.place.name], "geom": np.array([area])}

    def _districts(self) -> Columns:
        count = int(self.district_of_row[-1]) + 1
        areas = [self._area(2 * k, min(2 * k + 1, self.rows - 1), 0, self.columns - 1) for k in range(count)]
        return {
            "district_no": list(range(1, count + 1)),
            "name": [f"第{k}地区" for k in range(1, count + 1)],
            "kana": [None] * count,
            "aliases": [[] for _ in range(count)],
            "geom": np.array(areas),
        }

    def _small_areas(self, households: Array) -> Columns:
        inside = np.bincount(self.town_of_cell, households[: self.cells], len(self.towns)).astype(int)
        metres = 111_320.0
        wide = CELL * metres * np.cos(np.radians(self.place.south + CELL / 2)) / self.columns
        areas = self._town_areas()
        share = np.bincount(self.town_of_cell, minlength=len(self.towns))
        return {
            "key_code": [f"{self.place.code}{k + 1:06d}" for k in range(len(self.towns))],
            "name": self.towns,
            "people": (inside * 2.3).astype(int).tolist(),
            "households": inside.tolist(),
            "area_m2": (share * wide * CELL * metres / self.rows).tolist(),
            "geom": np.array(areas),
        }

    def _town_areas(self) -> list[shapely.MultiPolygon]:
        return [
            self._area(row, row, 2 * k, min(2 * k + 1, self.columns - 1))
            for row in range(self.rows)
            for k in range(self.towns_per_row)
        ]

    def _towns(self) -> Columns:
        count = len(self.towns)
        middle = shapely.centroid(np.array(self._town_areas()))
        return {
            "town_id": [f"t{k + 1:05d}" for k in range(count)],
            "name": self.towns,
            "koaza": [None] * count,
            "oaza": [town_stem(k) for k in range(count)],
            "chome": [k % 9 + 1 for k in range(count)],
            "jiwari": [None] * count,
            "kana": [None] * count,
            "postal_code": [None] * count,
            "level": ["chome"] * count,
            "aliases": [[] for _ in range(count)],
            "former_names": [[] for _ in range(count)],
            "valid_from": [None] * count,
            "valid_to": [None] * count,
            "accuracy_m": [300.0] * count,
            "geom": middle,
        }

    def _blocks_and_rules(self) -> tuple[Columns, Columns]:
        """Addresses in their cells; a third of them blocks, the others house numbers in them. One rule per cell."""
        per_cell = np.full(self.cells, self.place.addresses // self.cells)
        per_cell[: self.place.addresses % self.cells] += 1
        cell = np.repeat(np.arange(self.cells), per_cell)
        first = np.cumsum(per_cell) - per_cell
        at = np.arange(len(cell)) - first[cell]
        # Within a town the second cell's blocks go on from those of the first.
        block_count = (per_cell + 2) // 3
        second = (np.arange(self.cells) % self.columns) % 2 == 1
        start = np.where(second, np.roll(block_count, 1), 0)
        number = start[cell] + at // 3 + 1
        row, column = np.divmod(cell, self.columns)
        inside = self.random.uniform(0.25, 0.75, (2, len(cell)))
        lon = np.round(self.place.west + (column + inside[0]) * CELL / self.columns, 6)
        lat = np.round(self.place.south + (row + inside[1]) * CELL / self.rows, 6)
        towns = np.array(self.towns, dtype=object)
        house = np.where(at % 3 == 0, None, (at % 3).astype(str).astype(object))
        blocks = {
            "town": towns[self.town_of_cell[cell]],
            "koaza": np.full(len(cell), None, dtype=object),
            "block": number.astype(str).astype(object),
            "house": house,
            "accuracy_m": np.where(at % 3 == 0, 170.0, 112.0),
            "geom": shapely.points(lon, lat),
        }
        some = block_count > 0
        rules = {
            "association_id": self.ids[: self.cells][some],
            "rule_no": np.ones(int(some.sum()), dtype=int),
            "kind": np.full(int(some.sum()), "part", dtype=object),
            "town": towns[self.town_of_cell[some]],
            "koaza": np.full(int(some.sum()), None, dtype=object),
            "block_from": (start + 1)[some],
            "block_to": (start + block_count)[some],
            "house_from": np.full(int(some.sum()), None, dtype=object),
            "house_to": np.full(int(some.sum()), None, dtype=object),
        }
        return blocks, rules

    def _associations(self) -> Columns:
        extra = self.place.associations - self.cells
        areas = [self._area(j, j, i, i) for j in range(self.rows) for i in range(self.columns)]
        areas += [self._building(k) for k in range(extra)]
        places = np.arange(self.cells) % self.columns % 2
        names = [
            f"{self.towns[town]}{'東' if side else ''}町内会"
            for town, side in zip(self.town_of_cell, places, strict=True)
        ]
        return {
            "association_id": self.ids,
            "name": [*names, *(f"見本第{k + 1}マンション自治会" for k in range(extra))],
            "kana": [None] * self.place.associations,
            "kind": ["association"] * self.cells + ["building"] * extra,
            "area_text": [None] * self.place.associations,
            "geom": np.array(areas),
        }

    def _building(self, cell: int) -> shapely.MultiPolygon:
        """A plot within a cell, away from its edges and addresses."""
        row, column = divmod(cell, self.columns)
        width, height = CELL / self.columns, CELL / self.rows
        west, south = self.place.west + (column + 0.22) * width, self.place.south + (row + 0.22) * height
        return shapely.MultiPolygon([shapely.box(west, south, west + 0.02 * width, south + 0.02 * height)])

    def _association_districts(self) -> Columns:
        row = np.minimum(np.arange(self.place.associations) // self.columns, self.rows - 1)
        return {"association_id": self.ids, "district_no": self.district_of_row[row] + 1}

    def _membership(self, households: Array) -> Columns:
        count = self.place.associations
        return {
            "association_id": self.ids,
            "fiscal_year": np.full(count, 2024),
            "households": households,
            "member_households": (households * self.random.uniform(0.4, 0.98, count)).astype(int),
            "denominator": np.full(count, "register", dtype=object),
            "denominator_as_of": np.full(count, None, dtype=object),
            "denominator_source": np.full(count, None, dtype=object),
        }


def town_stem(number: int) -> str:
    """Name of a town without 丁目: invented, no two alike."""
    number //= 9
    suffix, number = SUFFIXES[number % len(SUFFIXES)], number // len(SUFFIXES)
    first, second = number % len(STEMS), number // len(STEMS)
    return STEMS[first] + (STEMS[second - 1] if second else "") + suffix


def town_name(number: int) -> str:
    """Full name of the n-th town of a municipality."""
    return f"{town_stem(number)}{DIGITS[number % 9 + 1]}丁目"
