"""Index of a municipality's towns by every spelling under which they may be written.

A `Place` is a 大字 or 町 with what lies below it: 丁目, 地割, 小字. Spellings lead to places; the number or the 小字
that follows in the address is looked up in the place. Nothing is found by likeness: a spelling is known or it is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from kyodo_geo.addresses.normalise import fold_name
from kyodo_geo.addresses.numerals import in_digits, to_kanji
from kyodo_geo.addresses.places import FORMER, Former
from kyodo_geo.addresses.towns import TownName, jiwari_of, koaza_key, split_cho, split_town
from kyodo_geo.lookup_types import Town

NAME, ALIAS, LOOSE = 0, 1, 2
"""How a spelling leads to its place: its name; a recorded other name; 町 left out, まち for 町, kana, former 大字."""


@dataclass(slots=True)
class Place:
    """A 大字 or 町. `name` as the gazetteer writes it; `plain` is the row of the name itself, if there is one."""

    key: str
    name: str
    plain: Town | None = None
    chome: dict[int, Town] = field(default_factory=dict)
    jiwari: dict[int, Town] = field(default_factory=dict)
    koaza: dict[str, Town] = field(default_factory=dict)
    siblings: tuple[Place, ...] = ()

    def rows(self) -> Iterator[Town]:
        """Every row of the gazetteer that belongs to the place."""
        if self.plain is not None:
            yield self.plain
        yield from self.chome.values()
        yield from self.jiwari.values()
        yield from self.koaza.values()


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a spelling leads: a place, or one 小字 of it; and by which kind of spelling.

    `renamed`: the 大字 bore this name before it was brought in (永井 for today's 玉山永井).
    """

    place: Place
    tier: int
    koaza: str | None = None
    renamed: bool = False


class Gazetteer:
    """Built once from the towns of a municipality; read-only afterwards, safe for several threads."""

    def __init__(self, towns: Iterable[Town], municipality_code: str = "") -> None:
        self.places: dict[str, Place] = {}
        self.by_postal_code: dict[str, list[Town]] = {}
        self._entries: dict[str, tuple[Entry, ...]] = {}
        self.former: tuple[Former, ...] = FORMER.get(municipality_code, ())
        rows = tuple(towns)
        split = _parts_of([row.name for row in rows])
        for row, parts in zip(rows, split, strict=True):
            self._place_row(row, parts)
        for row, parts in zip(rows, split, strict=True):
            self._aliases(row, self.places[parts.oaza])
        self._generated()
        self._longest: dict[str, int] = {}
        for key in self._entries:
            self._longest[key[0]] = max(self._longest.get(key[0], 0), len(key))
        self._link_siblings()
        self._names = {key: place.name for key, place in self.places.items()}

    def prefixes(self, text: str, start: int = 0) -> Iterator[tuple[int, Entry]]:
        """(end, entry) of every spelling that stands at `start`, longest first."""
        longest = self._longest.get(text[start : start + 1], 0)
        for end in range(min(len(text), start + longest), start, -1):
            for entry in self._entries.get(text[start:end], ()):
                yield end, entry

    def spellings(self) -> Iterable[str]:
        """Every spelling that leads to a place, folded."""
        return self._entries.keys()

    def place(self, name: str) -> Place | None:
        """The place of that name (not an alias), or None."""
        return self.places.get(split_town(name).oaza)

    def town(self, name: str, koaza: str | None = None) -> Town | None:
        """The row of an official name such as みたけ三丁目, however it is spelt."""
        parts = split_town(name)
        place = self.places.get(parts.oaza)
        if place is None:
            return None
        if koaza:
            return place.koaza.get(koaza_key(koaza))
        if parts.chome is not None:
            return place.chome.get(parts.chome)
        return place.plain if parts.jiwari is None else place.jiwari.get(parts.jiwari)

    def similar(self, text: str, limit: int = 3) -> list[str]:
        """Names that look like `text`, to be offered, never to be used as the answer."""
        key = fold_name(text)[:12]
        end = next((i for i, char in enumerate(key) if char.isdigit() or (char == "字" and i)), len(key))
        wanted = key[: min(end, 8)]
        found = process.extract(wanted, self._names.keys(), scorer=fuzz.ratio, limit=limit, score_cutoff=50)
        return [self._names[name] for name, _, _ in found]

    # -- building

    def _place_row(self, row: Town, parts: TownName) -> None:
        chome, jiwari = row.chome or parts.chome, row.jiwari or parts.jiwari or jiwari_of(row.koaza)
        koaza = koaza_key(row.koaza) if chome is None and jiwari is None else ""
        if row.postal_code:
            self.by_postal_code.setdefault(row.postal_code, []).append(row)
        place = self.places.get(parts.oaza)
        if place is None:
            place = self.places[parts.oaza] = Place(parts.oaza, _base_name(row, parts))
            self._add(parts.oaza, Entry(place, NAME))
        if koaza:
            place.koaza.setdefault(koaza, row)
        elif chome is not None:
            place.chome.setdefault(chome, row)
        elif jiwari is not None:
            place.jiwari.setdefault(jiwari, row)
        elif place.plain is None:
            place.plain = row
            place.name = row.name

    def _aliases(self, row: Town, place: Place) -> None:
        koaza = "" if jiwari_of(row.koaza) is not None else koaza_key(row.koaza)
        own = split_town(row.name)
        numbers = (row.chome or own.chome, row.jiwari or own.jiwari or jiwari_of(row.koaza))
        for alias in (*row.aliases, *(former.name for former in row.former_names)):
            parts = split_town(alias)
            key = parts.oaza
            if parts.numbered and (parts.chome, parts.jiwari) != numbers:
                continue  # 新馬町二丁目, 杜陵一丁目 today: its number says nothing of 杜陵
            # The alias of a 小字 is one of the whole name; a bare 小字 would claim its name for one 大字.
            if not koaza:
                # 大字永井 is 玉山永井, but 永井 is another town: the alias counts only where 大字 is written.
                borne = self.places.get(key)
                only_as_oaza = borne not in (None, place) and fold_name(alias).startswith("大字")
                entry = Entry(place, LOOSE, renamed=True) if only_as_oaza else Entry(place, ALIAS)
                self._add(key, entry)
            elif key != koaza and key.endswith(koaza):
                self._add(key, Entry(place, ALIAS, koaza))
        if row.kana and not koaza:
            self._add(_kana_key(row.kana), Entry(place, LOOSE))

    def _generated(self) -> None:
        """Spellings that follow from the names, unless another place bears them."""
        for former in self.former:
            for old, today in former.renamed:
                if place := self.places.get(fold_name(today)):
                    self._add(fold_name(old), Entry(place, LOOSE, renamed=True))
        for key, place in list(self.places.items()):
            loose = Entry(place, LOOSE)
            if key.endswith("町") and len(key) > 2 and key[:-1] not in self.places:
                self._add(key[:-1], loose)
            inner = key.find("町", 1, len(key) - 1)
            if inner > 0 and (shorter := key[:inner] + key[inner + 1 :]) not in self.places:
                self._add(shorter, loose)
            if "町" in key:
                for reading in ("マチ", "チヨウ"):
                    self._add(key.replace("町", reading), loose)
            digits = in_digits(key)
            if digits != key:
                self._add(digits, loose)

    def _link_siblings(self) -> None:
        """Places whose names go on where another's ends, as far as they have 丁目 (津志田 → 津志田西)."""
        found: dict[str, list[Place]] = {}
        for key, place in self.places.items():
            if place.chome:
                for end in range(1, len(key)):
                    if key[:end] in self.places:
                        found.setdefault(key[:end], []).append(place)
        for key, siblings in found.items():
            self.places[key].siblings = tuple(siblings)

    def _add(self, key: str, entry: Entry) -> None:
        if not key:
            return
        known = self._entries.get(key, ())
        if not any(other.place is entry.place and other.koaza == entry.koaza for other in known):
            self._entries[key] = (*known, entry)


def _parts_of(names: list[str]) -> list[TownName]:
    """The names taken apart. Where a city counts 一丁, 二丁 (堺市), 丁 is 丁目; elsewhere 上八丁 is a name."""
    found = [split_town(name) for name in names]
    if any(parts.oaza.endswith("一丁") for parts in found):
        found = [parts if parts.numbered else split_cho(parts.oaza) for parts in found]
    return found


def _base_name(row: Town, parts: TownName) -> str:
    """The place's own name: the row's name without 丁目 or 地割."""
    name = row.name
    endings: list[str] = []
    for number in filter(None, (row.chome, parts.chome)):
        endings += [f"{to_kanji(number)}丁目", f"{number}丁目", f"{to_kanji(number)}丁"]
    for number in filter(None, (row.jiwari, parts.jiwari)):
        kanji = to_kanji(number)
        endings += [f"第{number}地割", f"第{kanji}地割", f"{kanji}地割", f"{number}地割"]
    if not parts.numbered:
        return name
    for ending in endings:
        name = name.removesuffix(ending)
    return name if name != row.name else row.oaza


def _kana_key(kana: str) -> str:
    key = fold_name(kana)
    base = split_town(key).oaza
    for spoken in ("イツ", "ニ", "サン", "ヨン", "ゴ", "ロク", "ナナ", "ハチ", "ハツ", "キユウ", "ジユウ"):
        if base == key and key.endswith(f"{spoken}チヨウメ"):
            return key.removesuffix(f"{spoken}チヨウメ")
    return base
