"""Where on the map an address lies, and within which radius.

The point is never used to find the town; it only serves to compare a town that is known with areas on the map.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kyodo_geo.addresses import Reading, koaza_key, split_town
from kyodo_geo.addresses.towns import TownName
from kyodo_geo.lookup.areas import distance_m
from kyodo_geo.lookup_types import Block, Town

DEFAULT_ACCURACY_M = {"chome": 500.0, "jiwari": 700.0, "koaza": 700.0, "oaza": 500.0}
"""Radius where the gazetteer states none. Nine of ten real addresses of Morioka lie within 635 m of their point."""

BLOCK_ACCURACY_M = 100.0


@dataclass(frozen=True, slots=True)
class Location:
    """A point with the radius within which the address lies, and the level it was found at."""

    lon: float
    lat: float
    accuracy_m: float
    level: str


class Locator:
    """Finds points of addresses; built from the blocks of a municipality."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self._blocks: dict[tuple[TownName, str, str], list[Block]] = {}
        for block in blocks:
            key = (split_town(block.town), koaza_key(block.koaza), block.block)
            self._blocks.setdefault(key, []).append(block)

    def locate(self, reading: Reading) -> Location | None:
        """Point of a reading with one town: its house, block, or town; None when the gazetteer has no point."""
        return self._block(reading) or _town(reading)

    def _block(self, reading: Reading) -> Location | None:
        if reading.town is None or reading.block is None:
            return None
        key = (split_town(reading.town), koaza_key(reading.koaza), reading.block)
        rows = self._blocks.get(key, [])
        for row in rows:
            if row.house is not None and row.house == reading.house:
                return Location(row.lon, row.lat, _or(row.accuracy_m, BLOCK_ACCURACY_M), "house")
        whole = next((row for row in rows if row.house is None), None)
        if whole is not None:
            return Location(whole.lon, whole.lat, _or(whole.accuracy_m, BLOCK_ACCURACY_M), "block")
        return _middle([(row.lon, row.lat) for row in rows], BLOCK_ACCURACY_M, "block") if rows else None


def _town(reading: Reading) -> Location | None:
    place, row = reading.place, reading.row
    children = [*place.jiwari.values(), *place.koaza.values()]
    if reading.level != "oaza" or not children:
        if row is None or row.lon is None or row.lat is None:
            return None
        default = DEFAULT_ACCURACY_M.get(reading.level, 500.0)
        return Location(row.lon, row.lat, _or(row.accuracy_m, default), reading.level)
    # Only the 大字 is known: the address may lie at any of its 小字 or 地割.
    points = [_point(child) for child in (row, *children) if child is not None]
    known = [point for point in points if point is not None]
    return _middle(known, DEFAULT_ACCURACY_M["koaza"], "oaza") if known else None


def _middle(points: list[tuple[float, float]], margin_m: float, level: str) -> Location:
    """Mean of the points; its radius reaches all of them and `margin_m` beyond."""
    lon = sum(point[0] for point in points) / len(points)
    lat = sum(point[1] for point in points) / len(points)
    reach = max(distance_m(lon, lat, *point) for point in points)
    return Location(lon, lat, reach + margin_m, level)


def _point(row: Town) -> tuple[float, float] | None:
    return None if row.lon is None or row.lat is None else (row.lon, row.lat)


def _or(value: float | None, default: float) -> float:
    return default if value is None else value
