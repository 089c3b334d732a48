"""Search by association name and by postal code, and completions while somebody types.

Only what the gazetteer and the list of associations hold ever comes back, never a part of what was typed. Names are
compared folded: full and half width, hiragana and katakana, variants of a character, 三丁目 and 3丁目, 第一 and 第1.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

from kyodo_geo.addresses import clean, fold_name
from kyodo_geo.lookup.answers import DistrictRef
from kyodo_geo.lookup.assembly import Assembly
from kyodo_geo.lookup_types import Association, Snapshot, Town

MAX_TEXT = 40
_POSTAL = re.compile(r"([0-9]{3})-?([0-9]{4})")
_ENDS_OF_ADDRESSES = frozenset("0123456789番地号")
_NUMERAL = re.compile(
    r"(?<=第)[〇一二三四五六七八九十]{1,3}|[〇一二三四五六七八九十]{1,3}(?=丁目|区|班|番町)"
)
_KINDS = tuple(
    fold_name(word)
    for word in (
        "町内会連合会",
        "町内会",
        "自治会",
        "自治振興会",
        "振興会",
        "町会",
        "ちょうないかい",
        "じちかい",
    )
)


@dataclass(frozen=True, slots=True)
class NamedAssociation:
    """An association found by its name."""

    id: str
    name: str
    kana: str | None
    district: DistrictRef | None
    contact: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "kana": self.kana,
            "district": self.district.as_dict() if self.district else None,
            "contact": self.contact,
        }


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A completion: a town's name (with 丁目, 地割 or 小字) or an association's. `kind`: town or association."""

    text: str
    kind: str


class NameIndex:
    """Names of one snapshot; read-only, safe for several threads."""

    def __init__(self, snapshot: Snapshot, show: Assembly) -> None:
        self._show = show
        self._heads = tuple(
            fold_name(head)
            for head in (snapshot.pref_name + snapshot.municipality_name, snapshot.municipality_name)
        )
        self._named = [(item, _keys(item)) for item in snapshot.associations]
        self._whole = {_key(item.name): item.name for item in snapshot.associations}
        self._last = frozenset(key[-1:] for key in self._whole)
        living = [town for town in snapshot.towns if town.valid_to is None]
        self._towns = {_key(name) for town in living for name in (town.name, town.oaza, town_text(town))}
        self._postal: dict[str, dict[str, None]] = {}
        for town in living:
            if town.postal_code:
                self._postal.setdefault(town.postal_code, {})[town_text(town)] = None
        completions = sorted(_completions(living, snapshot.associations), key=lambda row: row[:2])
        place = {order: i for i, order in enumerate(sorted({order for _, order, _ in completions}))}
        self._sorted = [key for key, _, _ in completions]
        self._order = [place[order] for _, order, _ in completions]
        self._completions = [suggestion for _, _, suggestion in completions]

    def search(self, text: str, limit: int = 20) -> tuple[NamedAssociation, ...]:
        """Associations whose name or reading is the text, begins with it, or holds all its words; best first."""
        words = [_key(word) for word in clean(text[:MAX_TEXT]).split(" ")]
        whole = "".join(words)
        if not whole:
            return ()
        ranked = []
        for item, keys in self._named:
            rank = min((rank for key in keys if (rank := _rank(whole, words, key)) is not None), default=None)
            if rank is not None:
                ranked.append((rank, len(item.name), item.name, item.association_id, item))
        return tuple(self._shown(found[-1]) for found in nsmallest(limit, ranked, key=lambda row: row[:4]))

    def called(self, text: str, cleaned: str) -> str | None:
        """The association whose name the text is in full (numerals, width and kana aside), or None.

        `cleaned`: the same text, cleaned. A town of the same name is a town.
        """
        # Folding changes no digit, 番, 地 or 号 at the end.
        if len(text) > MAX_TEXT or (cleaned[-1:] in _ENDS_OF_ADDRESSES and cleaned[-1] not in self._last):
            return None
        key = _key(cleaned).replace(" ", "")
        return None if key in self._towns else self._whole.get(key)

    def towns_of_postal_code(self, text: str) -> tuple[str, ...]:
        """Official names of the towns with this postal code, however it is written; none for anything else."""
        found = _POSTAL.fullmatch(clean(text[:MAX_TEXT]).replace(" ", "").removeprefix("〒"))
        return () if found is None else tuple(self._postal.get(found[1] + found[2], ()))

    def suggest(self, text: str, limit: int = 10) -> tuple[Suggestion, ...]:
        """Towns, then associations, whose name or reading begins with the text; the city's name before it is left out."""
        key = _key(text[:MAX_TEXT])
        key = next((key[len(head) :] for head in self._heads if key.startswith(head)), key)
        if not key:
            return ()
        first = bisect_left(self._sorted, key)
        last = bisect_left(self._sorted, key + "\U0010ffff", first)
        # A name is found by several spellings: more than `limit` are taken, then each counts once.
        best = nsmallest(8 * limit, range(first, last), key=self._order.__getitem__)
        return tuple(dict.fromkeys(self._completions[at] for at in best))[:limit]

    def _shown(self, item: Association) -> NamedAssociation:
        district = self._show.district(item)
        return NamedAssociation(item.association_id, item.name, item.kana, district, self._show.contact(item))


def town_text(town: Town) -> str:
    """A town as it is written into the field: みたけ三丁目, 下飯岡第8地割, 渋民字鶴塚."""
    if not town.koaza or town.name.endswith(town.koaza):
        return town.name
    return f"{town.name}字{town.koaza.removeprefix('字')}"


def name_order(name: str) -> tuple[tuple[int, str], ...]:
    """Key to sort names by: numerals count as numbers (一丁目, 二丁目 … 十丁目; 第2 before 第10)."""
    parts = re.split(r"([0-9]+)", _key(name))
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in parts if part)


def _key(text: str) -> str:
    """Comparison key of a name, numerals as Arabic digits."""
    return _NUMERAL.sub(lambda found: str(_number(found[0])), fold_name(text))


def _number(kanji: str) -> int:
    tens, ten, ones = kanji.rpartition("十")
    digits = "〇一二三四五六七八九"
    if ten:
        return (digits.index(tens) if tens else 1) * 10 + (digits.index(ones) if ones else 0)
    return int("".join(str(digits.index(digit)) for digit in kanji))


def _keys(item: Association) -> tuple[str, ...]:
    """Spellings under which an association is found: name and reading, each also without 町内会 or 自治会."""
    keys = [_key(name) for name in (item.name, item.kana) if name]
    bare = [key.removesuffix(kind) for key in keys for kind in _KINDS if key.endswith(kind) and key != kind]
    return tuple(dict.fromkeys([*keys, *bare]))


def _rank(whole: str, words: list[str], key: str) -> int | None:
    if key == whole:
        return 0
    if key.startswith(whole):
        return 1
    if whole in key:
        return 2
    return 3 if all(word in key for word in words) else None


Completion = tuple[str, tuple[int, str, int, str], Suggestion]


def _completions(towns: Iterable[Town], associations: Iterable[Association]) -> dict[Completion, None]:
    """(key, order to show in, suggestion); 丁目 and 地割 in the order of their numbers, not of their signs."""
    found: dict[Completion, None] = {}
    for town in towns:
        number = town.chome or town.jiwari or 0
        order = (0, fold_name(town.oaza), number, town.koaza or "")
        suggestion = Suggestion(town_text(town), "town")
        names = [town_text(town), *(() if town.koaza else town.aliases)]
        if town.koaza:
            names.append(f"{town.name}{town.koaza.removeprefix('字')}")
        if town.kana:
            names.append(town.kana)
        # Unfinished, 三 is not yet known to be a number: both みたけ三 and みたけ3 lead to みたけ三丁目.
        for key in {spelt for name in names for spelt in (_key(name), fold_name(name))}:
            found[key, order, suggestion] = None
            if town.chome and key.endswith(f"{town.chome}丁目"):
                found[key.removesuffix("丁目"), order, suggestion] = None
    for item in associations:
        suggestion = Suggestion(item.name, "association")
        for key in {_key(name) for name in (item.name, item.kana) if name}:
            found[key, (1, _key(item.name), 0, ""), suggestion] = None
    return found
