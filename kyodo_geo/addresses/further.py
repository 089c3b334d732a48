"""What a text says behind its first address: more numbers, a range, another place, a building, or that it is not that.

29番・30番 names two blocks and 内丸12-2または本町通1-1 two places. Whoever takes such a rest for a building answers half
of the question. Works on folded text, from left to right; what a rest means for the answer is decided in `many`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from kyodo_geo.addresses.tail import (
    BAN,
    BANCHI,
    CHOME,
    GO,
    JIWARI,
    JOINING_WORDS,
    RANGE_WORDS,
    SMALLEST_ROOM,
    Number,
    read_tail,
)

_LISTING = frozenset("、,。・/&+;=")
_OPENING = frozenset("([{「『〔【<")
_SEPARATOR = re.compile(r"[ ,、。・/;:&+=|()\[\]{}「」『』〔〕【】<>→⇒*※-]+")
_EARLIER = (
    "旧住所|前住所|旧地番|旧|元ノ|元|モト|地番表示|地番|登記簿上|登記上|登記簿|登記|公簿|所在|家屋番号|底地|従前地|従前|"
    "仮換地"
)
_POINTER = (
    "同地割|同丁目|同番地|同字|同所|同町|同上|同|〃|転送先|送付先|連絡先|新住所|現住所|住居表示|住所|新|現在ハ|現|"
    "正シクハ|正"
)
_LEAD = re.compile(
    f"(?:(?P<range>{RANGE_WORDS})|(?P<earlier>(?:{_EARLIER})+)|(?P<pointer>{_POINTER})"
    f"|(?P<and>{JOINING_WORDS}|ソレニ|カ|ヤ|ソノ他|他|外(?=[0-9])|ホカ|OR|AND)(?:{_POINTER})?)"
    r"[ :=)\]】」]*(?:ハ(?=[0-9]))?[ :=]*"
)
# Where, within a word, another address may begin; カ and ヤ are letters of every other building's name.
_INSIDE = re.compile(f"{RANGE_WORDS}|{JOINING_WORDS}|転送先|送付先|連絡先|現住所|新住所|住居表示")
_NOT_THAT = re.compile(
    "デハナイ|デハナク|デハアリマセン|デナイ|デナク|ジヤナイ|以外|ヲ除ク|ヲノゾク|除ク|ノ間違イ|ノマチガイ"
)
_NEAR = (
    "隣|トナリ|向カイ|向イ|ムカイ|裏|付近|フキン|近ク|チカク|近隣|近辺|周辺|ソバ|傍|脇|ワキ|横|手前|正面|斜メ|辺リ|アタリ|"
    "(?:[東西南北]+|左|右|表|裏|奥|道路)側"
)
_COUNT = "[0-9数一二三四五六七八九十]+ *(?:筆|棟|戸|件|区画|名|軒|世帯|室|箇所|カ所)?"
_BESIDE_WORD = re.compile(
    f"(?:{_NEAR})(?:ノ.*|ニ.*|一帯|接.*|地|駐車場)?$|[ノニ] ?(?:{_NEAR}|[東西南北]|間|前|先)|ニ?隣接|[東西南北](?:ヘ|ニ)[0-9]"
    f"|(?:ソノ)?(?:他|ホカ|外)(?:{_COUNT})?$|等$|ナド$"
    # Words that say that the address is not, or no longer, or not in this sense the place.
    "|(?:誤|取消|取リ消シ|取下|移転|転居|閉鎖|廃止|予定地)(?:リ|済ミ?|シ.*|先.*|前.*)?$"
)
_BESIDE_END = re.compile(f"(?:{_NEAR}|(?<!駅)前)(?:ノ[^0-9]*)?$")
_TOUCHING = re.compile("(?:地)?先(?:$|[^0-9])|ノ(?:東|西|南|北)|以降|以上|以下|以内|番?台")
_LABEL_ALONE = re.compile("(?:旧住所|旧地番|前住所|地番|登記簿|登記|公簿|仮換地|底地|従前地)$")
_CLOSED_ALONE = re.compile("[)\\]】」』]* *$|[)\\]】」』]+ *[^ 0-9]")
_GOES_ON = re.compile("ナド|等|ホカ|他|外|ノ(?!割)|地内|地先|各|マデ|ヲ|ニ|デス|辺|付近|先|ト|$")
_WORD_END = re.compile(f"{_SEPARATOR.pattern}|$")
_UP = frozenset({CHOME, JIWARI, BAN, BANCHI})
_MAX_PARTS = 25
_LONG = 80


class Sort(Enum):
    """What a part of the rest is."""

    ITEM = auto()
    """Numbers that stand beside the first ones: 、30番."""
    RANGE = auto()
    """Numbers that the first ones reach to: 〜30番."""
    PLACE = auto()
    """An address of its own."""
    ELSEWHERE = auto()
    """Another municipality."""
    EARLIER = auto()
    """An earlier or registered name of the same place: (旧2番), (地番12-3)."""
    UNREAD = auto()
    """More than is looked at."""
    LOOSE = auto()
    """Numbers that belong to nothing."""
    NOT_THAT = auto()
    BESIDE = auto()
    """The place meant is near the address, or more than it: の隣, ほか3筆."""
    BUILDING = auto()


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the rest's folded text, `begin` to `end`, with its numbers where it is numbers."""

    sort: Sort
    begin: int
    end: int
    numbers: tuple[Number, ...] = ()


Place = Callable[[int, bool], Sort | None]


@dataclass(slots=True)
class _Scan:
    text: str
    complete: bool
    block: str | None
    place: Place
    town_inside: Callable[[int, int], int | None]
    pieces: list[Piece] = field(default_factory=list)
    building: bool = False


def read_further(
    joint: str,
    text: str,
    *,
    complete: bool,
    block: str | None,
    place: Place,
    town_inside: Callable[[int, int], int | None],
) -> list[Piece]:
    """Pieces of the folded `text` behind the first address, which `joint` (separators) parts from it.

    `complete`: the first address has its house number, so that another number may be a room; `block` as in the
    first. `place(at, listed)` tells
    whether what begins at a place of the text is an address (PLACE) or another municipality (ELSEWHERE), or neither;
    `listed`: it stands in a list, where a town's name alone is an address too. `town_inside(from, to)` finds where, within
    a word, a town's name with the numbers of an address begins.
    """
    scan = _Scan(text, complete, block, place, town_inside)
    if _NOT_THAT.search(text) is not None:
        return [Piece(Sort.NOT_THAT, 0, len(text))]
    at, before = 0, joint
    if len(text) > _LONG and len(_SEPARATOR.findall(text)) > _MAX_PARTS:
        return [Piece(Sort.UNREAD, 0, len(text))]
    for _ in range(_MAX_PARTS):
        if (gap := _SEPARATOR.match(text, at)) is not None:
            at, before = gap.end(), before + gap.group()
        if at >= len(text):
            break
        at = _part(scan, at, before)
        before = ""
    if at < len(text):
        scan.pieces.append(Piece(Sort.UNREAD, at, len(text)))
    return scan.pieces


def _part(scan: _Scan, at: int, before: str) -> int:
    """Read the part that begins at `at`; the place after it."""
    text = scan.text
    found_end = _WORD_END.search(text, at)
    assert found_end is not None
    word_end = found_end.start()
    word = text[at:word_end]
    if _LABEL_ALONE.match(word) and not _OPENING.isdisjoint(before) and _CLOSED_ALONE.match(text, word_end):
        # 12番3（地番）: the numbers are meant in another sense than the address reads.
        scan.pieces.append(Piece(Sort.BESIDE, at, word_end))
        return word_end
    if _BESIDE_WORD.match(word) or (not before and _TOUCHING.match(word)):
        scan.pieces.append(Piece(Sort.BESIDE, at, word_end))
        return word_end
    lead = _LEAD.match(text, at)
    for begin, found in ((lead.end(), lead), (at, None)) if lead is not None else ((at, None),):
        kind = "" if found is None else str(found.lastgroup)
        tail = read_tail(text, begin, name_before=False)
        if tail.numbers and tail.begin == begin:
            sort = _numbers(scan, tail.numbers, text[begin : tail.end], kind, before, text[tail.end :])
            if sort is not None:
                scan.pieces.append(Piece(sort, at if sort is Sort.EARLIER else begin, tail.end, tail.numbers))
                return tail.end
        bracket = not _OPENING.isdisjoint(before)
        listed = bracket or kind in ("and", "pointer", "range") or not _LISTING.isdisjoint(before)
        if (sort := scan.place(begin, listed)) is not None:
            scan.pieces.append(Piece(Sort.EARLIER if kind == "earlier" else sort, begin, len(text)))
            return len(text)
    if _BESIDE_END.search(word):
        scan.pieces.append(Piece(Sort.BESIDE, at, word_end))
        return word_end
    scan.building = True
    inside = _INSIDE.search(text, at + 1, word_end)
    after = inside.start() if inside is not None else word_end
    if (town := scan.town_inside(at + 1, word_end)) is not None:
        after = min(after, town)
    scan.pieces.append(Piece(Sort.BUILDING, at, after))
    return max(after, at + 1)


def _numbers(
    scan: _Scan, numbers: tuple[Number, ...], written: str, lead: str, before: str, after: str
) -> Sort | None:
    """What numbers are; None when they are part of a building's name."""
    units = {number.unit for number in numbers}
    strong = bool(units & _UP)
    closed = not after or _SEPARATOR.match(after) is not None or _LEAD.match(after) is not None
    closed = closed or _GOES_ON.match(after) is not None
    listed = not _LISTING.isdisjoint(before)
    named = lead in ("and", "pointer")
    # 2-305 is a wing and a room; three numbers are an address.
    chain = len(numbers) > 2 or (len(numbers) > 1 and numbers[-1].value < SMALLEST_ROOM)
    if scan.building:
        # A block behind a building's name is another address; rooms and floors are not.
        apart = strong and closed and "0" <= written[0] <= "9" and not (units & {CHOME} and len(numbers) == 1)
        return Sort.ITEM if apart or (chain and closed and (listed or named)) else None
    if lead == "earlier":
        return Sort.EARLIER
    if lead == "range":
        return Sort.RANGE
    if before.strip() == "-" and (strong or GO in units):
        return Sort.RANGE  # 34番-36番
    if named:
        return Sort.ITEM if closed or len(numbers) > 1 else None
    if strong:
        return Sort.ITEM if closed or listed else None
    if GO in units:
        return Sort.ITEM if (listed or not _OPENING.isdisjoint(before)) and closed else None
    if not closed:
        return None
    return _bare(scan, numbers, before, chain=chain, listed=listed)


def _bare(scan: _Scan, numbers: tuple[Number, ...], before: str, *, chain: bool, listed: bool) -> Sort | None:
    """What numbers without units are, that stand apart."""
    room = scan.complete and len(numbers) == 1 and numbers[0].value >= SMALLEST_ROOM
    if listed:
        return None if room and _LISTING.intersection(before) <= set("、,。/;") else Sort.ITEM
    if not _OPENING.isdisjoint(before):
        return None if room else Sort.ITEM
    if not scan.complete or "-" in before.strip():
        return Sort.LOOSE
    if len(numbers) > 1:
        # 35-40 35-41 is another house; 2-305 is a wing and a room.
        return Sort.ITEM if chain or str(numbers[0]) == scan.block else None
    return None if room else Sort.LOOSE
