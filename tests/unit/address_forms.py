"""Written forms of an address, one function per class of input: a place of the gazetteer in, texts out.

What must come out is the same town or an honest refusal; `SURE` are the classes in which the text leaves nothing open,
so that the town must be found.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kyodo_geo.addresses.gazetteer import Place
from kyodo_geo.addresses.numerals import to_kanji
from kyodo_geo.lookup_types import Town

Form = Callable[["Written"], str]
WIDE = str.maketrans("0123456789-", "０１２３４５６７８９－")
POSITIONAL = str.maketrans("0123456789", "〇一二三四五六七八九")
OLD = str.maketrans("青沢高薮浜辺国桜広竜黒緑館渕", "靑澤髙藪濱邊國櫻廣龍黑綠舘淵")
HYPHENS = "‐‑‒–—―−－─━ー〜"


@dataclass(frozen=True)
class Written:
    """What an address says: a town with its number, a 小字, block and house."""

    place: Place
    unit: str
    """丁目, 地割, 字 or empty."""
    number: int = 0
    koaza: str = ""
    block: int = 12
    house: int = 3

    @property
    def base(self) -> str:
        return self.place.name


def addresses(places: dict[str, Place]) -> Iterator[Written]:
    """Every town of a gazetteer once."""
    for place in places.values():
        if place.plain is not None or not (place.chome or place.jiwari or place.koaza):
            yield Written(place, "")
        for number in place.chome:
            yield Written(place, "丁目", number)
        for number in place.jiwari:
            yield Written(place, "地割", number)
        for row in place.koaza.values():
            yield Written(place, "字", koaza=_koaza(row))


def _koaza(row: Town) -> str:
    return (row.koaza or "").removeprefix("字")


def formal(w: Written) -> str:
    """The way it is written in official papers."""
    if w.unit == "丁目":
        return f"{w.base}{to_kanji(w.number)}丁目{w.block}番{w.house}号"
    if w.unit == "地割":
        return f"{w.base}第{w.number}地割{w.block}番地{w.house}"
    return f"{w.base}{'字' + w.koaza if w.koaza else ''}{w.block}番地{w.house}"


def hyphens(w: Written) -> str:
    """Numbers joined by hyphens."""
    number = f"{w.number}-" if w.number else ""
    return f"{w.base}{'字' + w.koaza if w.koaza else ''}{number}{w.block}-{w.house}"


def kanji(w: Written) -> str:
    number = to_kanji(w.number) + w.unit if w.number else ""
    return f"{w.base}{'字' + w.koaza if w.koaza else ''}{number}{to_kanji(w.block)}番{to_kanji(w.house)}号"


def positional(w: Written) -> str:
    """二-四-二五."""
    numbers = "-".join(str(n) for n in (w.number, w.block, w.house) if n)
    return f"{w.base}{'字' + w.koaza if w.koaza else ''}{numbers.translate(POSITIONAL)}"


def spaced(w: Written) -> str:
    number = f" {w.number} {w.unit}" if w.number else ""
    return f"{w.base}{' 字 ' + w.koaza if w.koaza else ''}{number} {w.block}-{w.house}"


def half_kana(w: Written) -> str:
    return hyphens(w) if w.unit != "丁目" else f"{w.base}{w.number}ﾁｮｳﾒ{w.block}-{w.house}"


def with_no(w: Written) -> str:
    """の between numbers."""
    return hyphens(w).replace("-", "の")


def banchi_no(w: Written) -> str:
    return formal(w).replace("番地", "番地の")


def fullwidth(w: Written) -> str:
    return hyphens(w).translate(WIDE)


def odd_hyphens(w: Written) -> str:
    """Another kind of hyphen or bar at each place."""
    parts = hyphens(w).split("-")
    return (
        "".join(part + HYPHENS[(i + w.number) % len(HYPHENS)] for i, part in enumerate(parts[:-1]))
        + parts[-1]
    )


def decomposed(w: Written) -> str:
    return unicodedata.normalize("NFD", hyphens(w))


def old_characters(w: Written) -> str:
    return hyphens(w).translate(OLD)


def invisible(w: Written) -> str:
    return "\ufeff" + "\u200b".join(formal(w)) + "\t"


def oaza_in_front(w: Written) -> str:
    return hyphens(w) if w.unit == "丁目" else f"大字{formal(w)}"


def aza_left_out(w: Written) -> str:
    return f"{w.base}{w.koaza}{w.block}-{w.house}" if w.koaza else hyphens(w)


def aza_jiwari(w: Written) -> str:
    return f"{w.base}字{w.number}地割{w.block}" if w.unit == "地割" else formal(w)


def jiwari_in_kanji(w: Written) -> str:
    return f"{w.base}第{to_kanji(w.number)}地割{w.block}" if w.unit == "地割" else formal(w)


def jiwari_short(w: Written) -> str:
    return f"{w.base}{w.number}割{w.block}" if w.unit == "地割" else formal(w)


def nakaguro(w: Written) -> str:
    return f"{w.base}・{w.koaza}{w.block}-{w.house}" if w.koaza else formal(w)


def ke(w: Written) -> str:
    """ケ for が, ノ for の and the like."""
    return hyphens(w).replace("が", "ヶ").replace("ケ", "が").replace("ノ", "の").replace("ツ", "ッ")


def tori(w: Written) -> str:
    return hyphens(w).replace("通", "通り")


def building(w: Written) -> str:
    return f"{formal(w)} 第２盛岡ビル３Ｆ"


def facility(w: Written) -> str:
    return f"{hyphens(w)}（中央公民館）"


SURE: tuple[Form, ...] = (
    formal, hyphens, kanji, positional, spaced, half_kana, with_no, banchi_no, fullwidth, odd_hyphens, decomposed, old_characters,
    invisible, oaza_in_front, aza_jiwari, jiwari_in_kanji, jiwari_short, nakaguro, ke, tori, building, facility,
)  # fmt: skip


def machi(w: Written) -> str:
    return hyphens(w).replace("町", "まち", 1)


def machi_left_out(w: Written) -> str:
    return hyphens(w).replace("町", "", 1) if len(w.base) > 2 else hyphens(w)


def chome_missing(w: Written) -> str:
    return w.base if w.number else hyphens(w)


def chome_that_does_not_exist(w: Written) -> str:
    known = {**w.place.chome, **w.place.jiwari}
    return f"{w.base}{max(known) + 1}-{w.block}-{w.house}" if w.number else hyphens(w)


def one_character_lost(w: Written) -> str:
    """A slip: the middle character of the name is missing."""
    middle = len(w.base) // 2
    return w.base[:middle] + hyphens(w)[middle + 1 :]


def one_character_doubled(w: Written) -> str:
    return w.base[:1] + hyphens(w)


def look_alike(w: Written) -> str:
    return hyphens(w).translate(str.maketrans("畑田宮大太野米川町本", "畠由官太犬埜来州丁木"))


def north(w: Written) -> str:
    """A town that does not exist, unless it does."""
    return f"北{hyphens(w)}"


def goes_on(w: Written) -> str:
    return f"{w.base}台{w.number or 1}-{w.block}-{w.house}"


UNSURE: tuple[Form, ...] = (
    machi, machi_left_out, chome_missing, chome_that_does_not_exist, one_character_lost, one_character_doubled,
    look_alike, north, goes_on, aza_left_out,
)  # fmt: skip
