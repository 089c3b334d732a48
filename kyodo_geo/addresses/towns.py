"""Names of towns taken apart: 大字 or 町, 丁目, 地割, 小字; and the key by which two spellings are one town."""

from __future__ import annotations

from dataclasses import dataclass

from kyodo_geo.addresses.normalise import clean, fold, fold_name
from kyodo_geo.addresses.numerals import KANJI_NUMERALS, read_number, to_kanji
from kyodo_geo.addresses.tail import CHOME, JIWARI

_ENDINGS = (("チヨウメ", CHOME), ("丁目", CHOME), ("地割", JIWARI), ("チワリ", JIWARI))


@dataclass(frozen=True, slots=True)
class TownName:
    """A town's name in comparable parts: `oaza` folded, without 大字; at most one of chome and jiwari."""

    oaza: str
    chome: int | None = None
    jiwari: int | None = None

    @property
    def numbered(self) -> bool:
        return self.chome is not None or self.jiwari is not None


def split_town(name: str) -> TownName:
    """みたけ三丁目 → (ミタケ, chome 3); 下飯岡第8地割 → (下飯岡, jiwari 8); 十二丁目 alone stays a name.

    The same town written みたけ3丁目, 大字下飯岡8地割 or 下飯岡第八地割 gives the same parts.
    """
    key = fold_name(name)
    for prefix in ("大字", "字"):
        if key.startswith(prefix) and len(key) > len(prefix):
            key = key.removeprefix(prefix)
    for ending, unit in _ENDINGS:
        if key.endswith(ending):
            base, number = _trailing_number(key[: -len(ending)])
            if number is not None and base:
                return TownName(base, **{"chome" if unit == CHOME else "jiwari": number})
    return TownName(key)


def split_cho(key: str) -> TownName:
    """中百舌鳥町二丁 (folded) → (中百舌鳥町, chome 2), for cities that count in 丁."""
    if key.endswith("丁"):
        base, number = _trailing_number(key[:-1])
        if number is not None and base:
            return TownName(base, number)
    return TownName(key)


def koaza_key(koaza: str | None) -> str:
    """Comparable 小字: 字鶴塚, 鶴塚 → 鶴塚; None → empty."""
    key = fold_name(koaza or "")
    while len(key) > 1 and key[0] == "字":
        key = key[1:]
    return key


def jiwari_of(koaza: str | None) -> int | None:
    """Number of a 地割 that a gazetteer lists as a 小字 (七地割, 字第8地割), or None."""
    key = koaza_key(koaza)
    if not key.endswith("地割"):
        return None
    base, number = _trailing_number(key[:-2])
    return None if base else number


def official(oaza: str, chome: int | None = None, jiwari: int | None = None) -> str:
    """The written form used throughout: みたけ三丁目, 下飯岡第8地割."""
    if chome is not None:
        return f"{oaza}{to_kanji(chome)}丁目"
    return oaza if jiwari is None else f"{oaza}第{jiwari}地割"


def spelling(name: str) -> str:
    """A town's name in the written form used throughout: みたけ3丁目 → みたけ三丁目, 下飯岡八地割 → 下飯岡第8地割."""
    folded = fold(clean(name).replace(" ", ""))
    parts = split_town(name)
    if not parts.numbered:
        return folded.source
    offset = folded.text.index(parts.oaza)
    return official(folded.shown(offset, offset + len(parts.oaza)), parts.chome, parts.jiwari)


def _trailing_number(text: str) -> tuple[str, int | None]:
    start = len(text)
    while start > 0 and "0" <= text[start - 1] <= "9":
        start -= 1
    if start == len(text):
        while start > 0 and text[start - 1] in KANJI_NUMERALS:
            start -= 1
    found = read_number(text, start)
    if found is None or found[1] != len(text):
        return text, None
    base = text[:start].removesuffix("第").removesuffix("字") if start else ""
    return base, found[0]
