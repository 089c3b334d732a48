"""Towns named in the text, with or without a gazetteer to look them up in."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kyodo_geo.addresses.gazetteer import Entry, Gazetteer, Place
from kyodo_geo.addresses.normalise import clean, fold_name, is_kanji
from kyodo_geo.addresses.numerals import KANJI_NUMERALS
from kyodo_geo.addresses.towns import koaza_key, official
from kyodo_geo.notation import words
from kyodo_geo.notation.result import FindingKind

MAX_SUGGESTED = 20
PROSE = "文章の部分からは、住所の範囲が決まりません。"


@dataclass(frozen=True, slots=True)
class Where:
    """A town in parts; `place` when a gazetteer knows it."""

    oaza: str
    chome: int | None = None
    jiwari: int | None = None
    koaza: str | None = None
    place: Place | None = None

    @property
    def town(self) -> str:
        """Name as rules carry it."""
        return official(self.oaza, self.chome, self.jiwari)

    @property
    def shown(self) -> str:
        return self.town + (f"字{self.koaza}" if self.koaza else "")

    @property
    def numbered(self) -> bool:
        return self.chome is not None or self.jiwari is not None


class Doubt(Exception):  # noqa: N818 - most of what raises it is no error of the writer
    """Why something is no rule."""

    def __init__(self, kind: FindingKind, message: str, suggestions: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.kind, self.message, self.suggestions = kind, message, suggestions


class Towns:
    """Looks names up. Without a gazetteer every name that can be one is taken as written."""

    def __init__(self, gazetteer: Gazetteer | None = None, municipality: str = "") -> None:
        self._gazetteer = gazetteer
        self._municipality = fold_name(municipality)
        self._suggested = 0
        self._found: dict[str, Where | Doubt] = {}

    @property
    def known(self) -> bool:
        return self._gazetteer is not None

    def find(self, name: str) -> Where:
        """The 大字 or 町 of that name (for some spellings with its 小字); raises `Doubt`."""
        if name not in self._found:
            try:
                self._found[name] = self._look_up(clean(name).replace(" ", ""))
            except Doubt as doubt:
                self._found[name] = doubt
        found = self._found[name]
        if isinstance(found, Doubt):
            raise found
        return found

    def _look_up(self, name: str) -> Where:
        if words.SAME_AS_WHAT.match(name) and not (self._gazetteer and self._entries(name)):
            raise Doubt(FindingKind.ERROR, f"「{name[:40]}」が何を指すか決まりません。町名を書いてください。")
        if self._gazetteer is None:
            rest = self._without_city(name)
            if not _can_be_name(rest):
                raise Doubt(FindingKind.ERROR, f"「{name[:40]}」は町名として読めません。")
            if words.PROSE.search(rest):
                raise Doubt(FindingKind.UNCERTAIN, PROSE)
            return Where(rest)
        entries = self._entries(name)
        if not entries and (rest := self._without_city(name)) != name:
            entries = self._entries(rest)
        if not entries:
            if words.PROSE.search(name):
                raise Doubt(FindingKind.UNCERTAIN, PROSE)
            raise self._unknown(name)
        best = min(entry.tier for entry in entries)
        choices = {(entry.place.key, entry.koaza): entry for entry in entries if entry.tier == best}
        if len(choices) > 1:
            names = tuple(_shown(entry) for entry in choices.values())
            raise Doubt(FindingKind.UNKNOWN, f"「{name}」は1つに決まりません。", names)
        (entry,) = choices.values()
        koaza = entry.place.koaza[entry.koaza].koaza if entry.koaza else None
        return Where(entry.place.name, koaza=koaza, place=entry.place)

    def _entries(self, name: str) -> list[Entry]:
        assert self._gazetteer is not None
        key = fold_name(name)
        found: list[Entry] = []
        plain = key.removeprefix("大字")
        for spelling in dict.fromkeys((key, plain)):
            size = len(spelling)
            found += [entry for end, entry in self._gazetteer.prefixes(spelling) if end == size]
        renamed = [entry for entry in found if entry.renamed]
        if plain != key and renamed:
            # 大字永井 may be today's 永井 or today's 玉山永井: 28 km apart.
            return [Entry(entry.place, 0, entry.koaza) for entry in found]
        return found

    def _without_city(self, name: str) -> str:
        city = self._municipality
        if city and fold_name(name).startswith(city) and len(name) > len(city):
            return name[len(city) :]
        return name

    def _unknown(self, name: str) -> Doubt:
        assert self._gazetteer is not None
        self._suggested += 1
        similar = tuple(self._gazetteer.similar(name)) if self._suggested <= MAX_SUGGESTED else ()
        hint = f"近い町名: {'、'.join(similar)}" if similar else "町名を確かめてください。"
        return Doubt(FindingKind.UNKNOWN, f"「{name[:40]}」という町・字は一覧にありません。{hint}", similar)

    def numbered(self, where: Where, number: int, unit: str) -> Where:
        """The 丁目 or 地割 of that number; raises `Doubt`."""
        found = replace(where, chome=None, jiwari=None, koaza=None)
        found = replace(found, chome=number) if unit == "丁目" else replace(found, jiwari=number)
        if where.place is None:
            if where.oaza[-1:] in KANJI_NUMERALS:
                raise Doubt(FindingKind.ERROR, f"「{where.oaza}」のあとの{unit}の番号を読めません。")
            return found
        rows = where.place.chome if unit == "丁目" else where.place.jiwari
        if number not in rows:
            there = "、".join(f"{n}" for n in sorted(rows)[:30])
            have = f"あるのは {there} {unit}です。" if rows else f"{where.oaza}に{unit}はありません。"
            raise Doubt(FindingKind.UNKNOWN, f"「{found.town}」は一覧にありません。{have}")
        return found

    def koaza(self, where: Where, name: str) -> Where:
        """The 小字 of that name; raises `Doubt`."""
        plain = clean(name).replace(" ", "")
        if where.place is None:
            return replace(where, koaza=plain)
        row = where.place.koaza.get(koaza_key(plain))
        if row is not None and not where.numbered:
            return replace(where, koaza=row.koaza)
        raise Doubt(FindingKind.UNKNOWN, f"{where.town}に「字{plain[:40]}」は一覧にありません。")

    def whole(self, where: Where) -> list[Where]:
        """All towns meant by the name alone: 若林全域 is every 丁目 where there is no 若林 without one."""
        place = where.place
        if place is None or where.numbered or where.koaza or place.plain is not None or not place.chome:
            return [where]
        return [replace(where, chome=number) for number in sorted(place.chome)]

    def check_numbers(self, where: Where) -> None:
        """Raise `Doubt` where a 番 of this town is not one place."""
        place = where.place
        if place is None or where.numbered or where.koaza or place.plain is not None:
            return
        if place.chome or place.jiwari:
            below = "丁目" if place.chome else "地割"
            raise Doubt(FindingKind.ERROR, f"{where.oaza}の何{below}かが書かれていません。")


def _can_be_name(name: str) -> bool:
    letters = [
        char
        for char in name
        if (is_kanji(char) and char not in KANJI_NUMERALS) or "\u3041" <= char <= "\u30fa"
    ]
    if name.endswith("の"):
        return False
    return len(letters) > 1 or (len(letters) == 1 and is_kanji(letters[0]))


def _shown(entry: Entry) -> str:
    return entry.place.name + (f"字{entry.koaza}" if entry.koaza else "")
