"""Points of blocks, house numbers and lots in arrays: some 32 bytes each, hundreds of thousands for a city.

A number is a main number and what follows it: 12-3 (番 and 号, or lot and branch), 甲114, 12A, 103-3-1. Within a town
and 小字 the points are found by the whole number, or all of one main number together.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from kyodo_geo.distinct import distinct

_NUMBER = re.compile(r"([^0-9]*)([0-9]{1,9})(.*)")
_JOINTS = re.compile(r"番地の?|番|[号]$|[のノ‐‑–—―−ー－]")
_HASHED, _LETTERED = 1 << 31, 1 << 30
_UNKNOWN_M = np.nan


class Row(NamedTuple):
    """A point to be put in: degrees, and the radius in metres or None."""

    town: str
    koaza: str | None
    number: str
    lon: float
    lat: float
    accuracy_m: float | None


class Point(NamedTuple):
    """A point found: degrees as they were put in, and the radius in metres or None."""

    lon: float
    lat: float
    accuracy_m: float | None


class PointTable:
    """Read-only after construction. Of two rows with the same number the first counts; rows without number are left.

    `towns` are the (town, 小字) pairs that have points; other methods take a position in it.
    """

    __slots__ = ("_accuracy", "_columns", "_follow", "_group", "_lat", "_lon", "towns")

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        places: dict[tuple[str, str | None], int] = {}
        group, follow, lon, lat, accuracy = array("Q"), array("I"), array("d"), array("d"), array("f")
        for row in rows:
            split = split_number(row.number)
            if split is None:
                continue
            place = places.setdefault((row.town, row.koaza), len(places))
            group.append(place << 32 | split[0])
            follow.append(split[1])
            lon.append(row.lon)
            lat.append(row.lat)
            accuracy.append(_UNKNOWN_M if row.accuracy_m is None else row.accuracy_m)
        self.towns = tuple(places)
        order = np.lexsort((np.array(follow, dtype=np.uint32), np.array(group, dtype=np.uint64)))
        self._group = np.array(group, dtype=np.uint64)[order]
        self._follow = np.array(follow, dtype=np.uint32)[order]
        self._lon = np.array(lon, dtype=np.float64)[order]
        self._lat = np.array(lat, dtype=np.float64)[order]
        self._accuracy = np.array(accuracy, dtype=np.float32)[order]
        # Single numbers come out of a view as Python's own, several times as quick as out of an array.
        arrays = (self._group, self._follow, self._lon, self._lat, self._accuracy)
        self._columns: tuple[memoryview[Any], ...] = tuple(column.data for column in arrays)

    def __len__(self) -> int:
        return len(self._group)

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return sum(a.nbytes for a in (self._group, self._follow, self._lon, self._lat, self._accuracy))

    def whole(self) -> Iterator[tuple[Row, int]]:
        """Rows whose number is a main number alone (a block without house, a lot without branch), with that number."""
        for at in np.flatnonzero(self._follow == 0):
            place, main = divmod(int(self._group[at]), 1 << 32)
            town, koaza = self.towns[place]
            yield Row(town, koaza, str(main), *self.at(int(at))), main

    def find(self, town: int, number: str) -> Point | None:
        """The point of exactly this number."""
        row = self.row(town, number)
        return None if row is None else self.at(row)

    def row(self, town: int, number: str) -> int | None:
        """The row of exactly this number."""
        split = split_number(number)
        if split is None:
            return None
        first, last = self._span(town, split[0])
        follow = self._columns[1]
        row = bisect_left(follow, split[1], first, last)
        return row if row < last and follow[row] == split[1] else None

    def rows(self, town: int) -> range:
        """All rows of a town."""
        group = self._columns[0]
        first = bisect_left(group, town << 32)
        return range(first, bisect_left(group, (town + 1) << 32, first))

    def of_main(self, town: int, number: str) -> list[Point]:
        """Every point of the main number, whatever follows it; none of numbers with letters (甲114 is not 114)."""
        split = split_number(number)
        if split is None or split[1] & _LETTERED:
            return []
        first, last = self._span(town, split[0])
        plain = [at for at in range(first, last) if not int(self._follow[at]) & _LETTERED]
        return [self.at(at) for at in plain]

    def mains(self, town: int) -> dict[int, bool]:
        """The main numbers of a town, ascending, whatever stands around them (甲114 counts as 114), and whether any of
        their points has more behind it."""
        first, last = (int(self._group.searchsorted(np.uint64(at << 32))) for at in (town, town + 1))
        mains = self._group[first:last] & np.uint64(0xFFFFFFFF)
        divided = set(mains[self._follow[first:last] > 0].tolist())
        return {main: main in divided for main in distinct(mains).tolist()}

    def branches(self, town: int, main: int) -> tuple[int, ...] | None:
        """The numbers behind a main number, ascending; None when some of them are more than a number (3-1, 2A)."""
        first, last = self._span(town, main)
        follow = self._follow[first:last]
        if (follow >= np.uint32(_LETTERED)).any():
            return None
        return tuple(distinct(follow[follow > 0] - np.uint32(1)).tolist())

    def _span(self, town: int, main: int) -> tuple[int, int]:
        key, group = town << 32 | main, self._columns[0]
        first = bisect_left(group, key)
        return first, bisect_right(group, key, first)

    def at(self, row: int) -> Point:
        """The point of a row."""
        _, _, lon, lat, accuracies = self._columns
        accuracy = accuracies[row]
        return Point(lon[row], lat[row], None if accuracy != accuracy else accuracy)


def split_number(text: str) -> tuple[int, int] | None:
    """Main number, and what follows as 32 bits: 0 for nothing, n + 1 for a branch n, else a hash marked as such."""
    first, joint, last = text.partition("-")
    if text.isascii() and first.isdigit() and last.isdigit() and len(first) <= 9 and len(last) <= 8:
        return int(first), int(last) + 1
    if not joint and text.isascii() and first.isdigit() and len(first) <= 9:
        return int(first), 0
    plain = _JOINTS.sub("-", unicodedata.normalize("NFKC", text).replace(" ", "")).strip("-")
    found = _NUMBER.fullmatch(plain)
    if found is None:
        return None
    before, main, after = found.groups()
    branch = after.removeprefix("-")
    if not before and (not after or (branch.isdecimal() and branch != after and int(branch) < 1 << 29)):
        return int(main), int(branch) + 1 if branch else 0
    lettered = _LETTERED if before or re.search(r"[^0-9-]", after) else 0
    return int(main), _HASHED | lettered | zlib.crc32(f"{before}|{after}".encode()) & (_LETTERED - 1)
