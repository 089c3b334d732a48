"""Municipalities of the country by every spelling under which an address may begin with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from kyodo_geo.addresses.normalise import fold_name

_COUNTY = re.compile("(?P<county>.+?郡)(?P<name>.+[町村])")
_ISLANDS = {"三宅村": "三宅島", "八丈町": "八丈島"}
"""Islands that official addresses name in front of the municipality."""
_WARD = re.compile("(?P<city>.+?市)(?P<ward>.+区)")


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality; `name` with its 郡 (上北郡横浜町), a ward with its city (京都市北区)."""

    prefecture: str
    name: str

    @property
    def full_name(self) -> str:
        return f"{self.prefecture}{self.name}"


class Spelt(IntEnum):
    """How a municipality is named, surest first. What comes later is tried only when nothing before explains a town."""

    WHOLE = 0
    """Its whole name, or without 郡."""
    PART = 1
    """A city without the ward, or a ward without the city."""
    SHORT = 2
    """Without 市, 区, 町, 村; or as the 町 or 村 that became this 市."""


@dataclass(frozen=True, slots=True)
class Named:
    """A municipality named in a text that ends at `end`; `county` as the text should have it ("" for none)."""

    municipality: Municipality
    spelt: Spelt
    end: int
    county: str = ""


class MunicipalityIndex:
    """Spellings → municipalities. Read-only after construction."""

    def __init__(self, municipalities: Iterable[Municipality]) -> None:
        self._entries: dict[str, list[tuple[Municipality, Spelt, str]]] = {}
        known = tuple(municipalities)
        self.prefectures = frozenset(item.prefecture for item in known)
        for item in known:
            self._names_of(item)
        for item in known:
            self._short_names_of(item)
        self._longest = max(map(len, self._entries), default=0)

    def at(self, text: str, start: int, prefecture: str | None = None) -> Iterator[Named]:
        """Municipalities whose name stands at `start` of folded text, longest name first."""
        for end in range(min(len(text), start + self._longest), start + 1, -1):
            for municipality, spelt, county in self._entries.get(text[start:end], ()):
                if prefecture is None or municipality.prefecture == prefecture:
                    yield Named(municipality, spelt, end, county)

    def _names_of(self, item: Municipality) -> None:
        key = fold_name(item.name)
        if found := _COUNTY.fullmatch(key):
            self._add(key, item, Spelt.WHOLE)
            self._add(found["name"], item, Spelt.WHOLE, found["county"])
            return
        self._add(key, item, Spelt.WHOLE)
        if (island := _ISLANDS.get(item.name)) is not None:
            self._add(island + key, item, Spelt.WHOLE)
        if found := _WARD.fullmatch(key):
            self._add(found["city"], item, Spelt.PART)
            self._add(found["ward"], item, Spelt.PART)

    def _short_names_of(self, item: Municipality) -> None:
        key = fold_name(item.name)
        if found := _WARD.fullmatch(key):
            key = found["city"]
        elif found := _COUNTY.fullmatch(key):
            key = found["name"]
        if len(key) > 2:
            self._add(key[:-1], item, Spelt.SHORT)
        for former in ("町", "村") if key.endswith("市") else ("村",) if key.endswith("町") else ():
            if not any(
                other.prefecture == item.prefecture for other, *_ in self._entries.get(key[:-1] + former, ())
            ):
                self._add(key[:-1] + former, item, Spelt.SHORT)

    def _add(self, key: str, item: Municipality, spelt: Spelt, county: str = "") -> None:
        entries = self._entries.setdefault(key, [])
        if not any(other is item for other, *_ in entries):
            entries.append((item, spelt, county))
