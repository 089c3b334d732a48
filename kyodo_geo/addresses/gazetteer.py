"""Index of a municipality's towns by every spelling under which they may be written.

A `Place` is a 大字 or 町 with what lies below it: 丁目, 地割, 小字. Spellings lead to places; the number or the 小字
that follows in the address is looked up in the place. Nothing is found by likeness: a spelling is known or it is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches

from kyodo_geo.addresses.normalise import fold_name
from kyodo_geo.addresses.numerals import KANJI_NUMERALS, to_kanji
from kyodo_geo.addresses.places import FORMER, Former
from kyodo_geo.addresses.towns import jiwari_of, koaza_key, split_town
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
        self._entries: dict[str, list[Entry]] = {}
        self.former: tuple[Former, ...] = FORMER.get(municipality_code, ())
        rows = tuple(towns)
        for row in rows:
            self._place_row(row)
        for row in rows:
            self._aliases(row)
        self._generated()
        self.longest = max(map(len, self._entries), default=0)
        for place in self.places.values():
            place.siblings = tuple(
                other
                for other in self.places.values()
                if other is not place and other.chome and other.key.startswith(place.key)
            )
        self._names = {key: place.name for key, place in self.places.items()}

    def prefixes(self, text: str, start: int = 0) -> Iterator[tuple[int, Entry]]:
        """(end, entry) of every spelling that stands at `start`, longest first."""
        for end in range(min(len(text), start + self.longest), start, -1):
            for entry in self._entries.get(text[start:end], ()):
                yield end, entry

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
        keys = get_close_matches(key[: min(end, 8)], self._names, n=limit, cutoff=0.5)
        return [self._names[key] for key in keys]

    # -- building

    def _place_row(self, row: Town) -> None:
        parts = split_town(row.name)
        chome, jiwari = row.chome or parts.chome, row.jiwari or parts.jiwari or jiwari_of(row.koaza)
        koaza = koaza_key(row.koaza) if chome is None and jiwari is None else ""
        place = self.places.get(parts.oaza)
        if place is None:
            place = self.places[parts.oaza] = Place(parts.oaza, _base_name(row, parts.numbered))
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

    def _aliases(self, row: Town) -> None:
        place = self.places[split_town(row.name).oaza]
        koaza = "" if jiwari_of(row.koaza) is not None else koaza_key(row.koaza)
        for alias in row.aliases:
            key = split_town(alias).oaza
            # The alias of a 小字 is one of the whole name; a bare 小字 would claim its name for one 大字.
            if not koaza:
                self._add(key, Entry(place, ALIAS))
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
            if key.endswith("町") and len(key) > 2 and key[:-1] not in self.places:
                self._add(key[:-1], Entry(place, LOOSE))
            if "町" in key:
                for reading in ("マチ", "チヨウ"):
                    self._add(key.replace("町", reading), Entry(place, LOOSE))
            digits = "".join(
                str("〇一二三四五六七八九".find(c)) if c in "一二三四五六七八九" else c for c in key
            )
            if digits != key and not set(key) & (KANJI_NUMERALS - set("一二三四五六七八九")):
                self._add(digits, Entry(place, LOOSE))

    def _add(self, key: str, entry: Entry) -> None:
        if not key:
            return
        known = self._entries.setdefault(key, [])
        for other in known:
            if other.place is entry.place and other.koaza == entry.koaza:
                return
        known.append(entry)


def _base_name(row: Town, numbered: bool) -> str:
    """The place's own name: the row's name without 丁目 or 地割."""
    if not numbered:
        return row.name
    name = row.name
    for number in (row.chome, split_town(row.name).chome):
        if number is not None:
            for ending in (f"{to_kanji(number)}丁目", f"{number}丁目"):
                name = name.removesuffix(ending)
    for number in (row.jiwari, split_town(row.name).jiwari):
        if number is not None:
            for ending in (
                f"第{number}地割",
                f"第{to_kanji(number)}地割",
                f"{to_kanji(number)}地割",
                f"{number}地割",
            ):
                name = name.removesuffix(ending)
    return name if name != row.name else row.oaza


def _kana_key(kana: str) -> str:
    key = fold_name(kana)
    base = split_town(key).oaza
    for spoken in ("イツ", "ニ", "サン", "ヨン", "ゴ", "ロク", "ナナ", "ハチ", "ハツ", "キユウ", "ジユウ"):
        if base == key and key.endswith(f"{spoken}チヨウメ"):
            return key.removesuffix(f"{spoken}チヨウメ")
    return base
