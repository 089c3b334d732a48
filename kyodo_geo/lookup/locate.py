"""Where on the map an address lies, and within which radius.

The point is never used to find the town; it only serves to compare a town that is known with areas on the map.
A block, house or lot whose point lies far outside the neighbourhood of its town is an error of the register: then
the town's own point counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from kyodo_geo.addresses import Reading, koaza_key, split_town
from kyodo_geo.addresses.towns import TownName
from kyodo_geo.lookup.areas import distance_m
from kyodo_geo.lookup_types import Block, Town
from kyodo_geo.point_table import Point, PointTable, Row

DEFAULT_ACCURACY_M = {"chome": 500.0, "jiwari": 700.0, "koaza": 700.0, "oaza": 500.0}
"""Radius where the gazetteer states none. Nine of ten real addresses of Morioka lie within 635 m of their point."""

BLOCK_ACCURACY_M = 100.0
LOT_ACCURACY_M = 90.0

NEIGHBOURHOOD_M = 3_000.0
"""Points of blocks and lots within this distance of their town's point, or twice its accuracy, are believed."""

Key = tuple[TownName, str]


class Spot(NamedTuple):
    """A row of a table of points, with its town in it and the radius of rows that state none."""

    table: PointTable
    town: int
    row: int
    default_m: float


@dataclass(frozen=True, slots=True)
class Location:
    """A point with the radius within which the address lies, and the level it was found at; `spot`: where it is listed."""

    lon: float
    lat: float
    accuracy_m: float
    level: str
    spot: Spot | None = field(default=None, compare=False, repr=False)


class Locator:
    """Finds points of addresses; built from the blocks (with house numbers) and lots of a municipality.

    `block_towns` and `lot_towns`: where in the tables `blocks` and `lots` a town's points are.
    """

    def __init__(self, blocks: PointTable | Iterable[Block], lots: PointTable | None = None) -> None:
        self.blocks = blocks if isinstance(blocks, PointTable) else PointTable(map(_block_row, blocks))
        self.lots = PointTable() if lots is None else lots
        self.block_towns = _by_key(self.blocks)
        self.lot_towns = _by_key(self.lots)

    def locate(self, reading: Reading, key: Key) -> Location | None:
        """Point of a reading with one town: its house, block or lot, or town; None when there is no point.

        `key`: the town and 小字 of the reading, comparable.
        """
        town = _town(reading)
        if reading.town is None or reading.block is None:
            return town
        block = _believed(self._block(key, reading), town)
        if block is not None and not reading.lot:
            return block
        counted_by_block = not reading.lot and key in self.block_towns
        lot = None if counted_by_block else _believed(self._lot(key, reading), town)
        if block is None or lot is None:
            return block or lot or town
        # 番地 is also written for 番: only where both mean the same place the point is certain.
        apart = distance_m(block.lon, block.lat, lot.lon, lot.lat)
        return block if apart <= max(block.accuracy_m, lot.accuracy_m) else town

    def _block(self, key: Key, reading: Reading) -> Location | None:
        town, block = self.block_towns.get(key), reading.block
        if town is None or block is None:
            return None
        if reading.house is not None:
            house = self.blocks.row(town, f"{block}-{reading.house}")
            if house is not None:
                return _at(Spot(self.blocks, town, house, BLOCK_ACCURACY_M), "house")
        whole = self.blocks.row(town, block)
        if whole is not None:
            return _at(Spot(self.blocks, town, whole, BLOCK_ACCURACY_M), "block")
        return _of_points(self.blocks.of_main(town, block), BLOCK_ACCURACY_M, "block")

    def _lot(self, key: Key, reading: Reading) -> Location | None:
        town, main = self.lot_towns.get(key), reading.block
        if town is None or main is None:
            return None
        found = self.lots.row(town, f"{main}-{reading.house}" if reading.house else main)
        if found is not None:
            return _at(Spot(self.lots, town, found, LOT_ACCURACY_M), "lot")
        # A branch the register does not have lies beside its main lot and the other branches.
        return _of_points(self.lots.of_main(town, main), LOT_ACCURACY_M, "lot")


def _town(reading: Reading) -> Location | None:
    place, row = reading.place, reading.row
    if reading.level != "oaza" or not (place.jiwari or place.koaza):
        if row is None or row.lon is None or row.lat is None:
            return None
        default = DEFAULT_ACCURACY_M.get(reading.level, 500.0)
        return Location(row.lon, row.lat, _or(row.accuracy_m, default), reading.level)
    # Only the 大字 is known: the address may lie at any of its 小字 or 地割.
    children = [*place.jiwari.values(), *place.koaza.values()]
    points = [_point(child) for child in (row, *children) if child is not None]
    known = [point for point in points if point is not None]
    return _middle(known, DEFAULT_ACCURACY_M["koaza"], "oaza") if known else None


def _believed(found: Location | None, town: Location | None) -> Location | None:
    """The point unless it lies outside the neighbourhood of its town."""
    if found is None or town is None:
        return found
    apart = distance_m(found.lon, found.lat, town.lon, town.lat)
    return found if apart <= max(NEIGHBOURHOOD_M, 2 * town.accuracy_m) else None


def _of_points(points: list[Point], margin_m: float, level: str) -> Location | None:
    """The middle of several points of one number."""
    return _middle([point[:2] for point in points], margin_m, level) if points else None


def _middle(points: list[tuple[float, float]], margin_m: float, level: str) -> Location:
    """Mean of the points; its radius reaches all of them and `margin_m` beyond."""
    lon = sum(point[0] for point in points) / len(points)
    lat = sum(point[1] for point in points) / len(points)
    reach = max(distance_m(lon, lat, *point) for point in points)
    return Location(lon, lat, reach + margin_m, level)


def _at(spot: Spot, level: str) -> Location:
    lon, lat, accuracy_m = spot.table.at(spot.row)
    return Location(lon, lat, _or(accuracy_m, spot.default_m), level, spot)


def _point(row: Town) -> tuple[float, float] | None:
    return None if row.lon is None or row.lat is None else (row.lon, row.lat)


def _or(value: float | None, default: float) -> float:
    return default if value is None else value


def _block_row(block: Block) -> Row:
    number = block.block if block.house is None else f"{block.block}-{block.house}"
    return Row(block.town, block.koaza, number, block.lon, block.lat, block.accuracy_m)


def _by_key(table: PointTable) -> dict[Key, int]:
    found: dict[Key, int] = {}
    for position, (town, koaza) in enumerate(table.towns):
        found.setdefault((split_town(town), koaza_key(koaza)), position)
    return found
