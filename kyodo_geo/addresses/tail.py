"""The end of an address: 丁目, 地割, 番, 号, lot numbers, and what follows them (building, room).

Works on folded text (kana are katakana there). One pass from left to right: time is linear in the length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kyodo_geo.addresses.normalise import is_kanji
from kyodo_geo.addresses.numerals import KANJI_NUMERALS, read_number

CHOME, JIWARI, BAN, BANCHI, GO = "丁目", "地割", "番", "番地", "号"

_BLOCKS = frozenset({BAN, BANCHI})

# 丁 alone is 丁目; 割 alone is 地割.
_UNITS = {
    "チヨウメ": CHOME, "丁目": CHOME, "丁": CHOME,
    "チワリ": JIWARI, "地割リ": JIWARI, "地割": JIWARI, "割リ": JIWARI, "割": JIWARI,
    "バンチ": BANCHI, "番地": BANCHI, "番": BAN, "バン": BAN, "街区": BAN, "号": GO, "ゴウ": GO,
}  # fmt: skip
# 3号棟, 305号室, 1番館, 3階, 2F, 5番街 are parts of a building.
_BUILDING_AFTER_NUMBER = (
    "階|F|棟|室|館|街(?!区)|号棟|号室|号館|番館|番街|番室|"
    # Layouts, sizes and counts: 1K, 2DK, 40㎡, 12坪, 3戸.
    "S?L?D?K(?![A-Z])|R(?![A-Z])|M2|K?M(?![A-Z])|CM|坪|畳|帖|万|円|分|年|月|戸|件|台|組|区画|名(?!子)"
)
_BUILDING_WORDS = (
    "ビル|マンシヨン|ハイツ|コーポ|アパート|メゾン|ハイム|レジデンス|パーク|プラザ|タワー|センター|ホーム|ハウス|荘|寮|団地|住宅|号室|号棟|階|棟|室|方|"
    "学校|公民館|保育|幼稚園|病院|医院|会館|公園|役所|支所|駅|店|社|寺|院|館|堂|地内|内|体育|郵便局|跡"
)
_LOT_LETTERS = "甲乙丙丁"
_LEADING_LETTERS = "甲乙丙イロハニホヘト"
"""What may stand before a lot number (甲114, ニ3). 丁 is left out: 東中野丁12 is a slip for 町, not the 大字 東中野."""
JOINING_WORDS = "マタハ|又ハ|モシクハ|若シクハ|アルイハ|或イハ|オヨビ|及ビ|ナラビニ|並ビニ|ソレト|ト"
"""Words between two addresses or numbers."""
RANGE_WORDS = "〜|カラ|ヨリ|ナイシ|乃至"
OPENING = "([{「『〔【<"
SEPARATORS = " ,、。・/"
_JOINTS = "-〜"
_CLOSERS = ")]}」』〕】>\"'"
_CLOSING = frozenset(_CLOSERS + _JOINTS + "ノ&+→=;" + SEPARATORS + OPENING)
MAX_NUMBERS = 6
SMALLEST_ROOM = 100
"""A number alone behind a whole address is a room from here on; below, it may be another house."""
_NO_NAME_HAS = 100
"""Names contain numbers below this one (北24条西); a larger one is a lot, whatever follows it."""

_DIGITS_AT = re.compile(
    f"(第)?((?:[甲乙丙]|(?<![\u30a1-\u30fa])[{_LEADING_LETTERS}])(?=[0-9]))?([0-9]++|[{''.join(sorted(KANJI_NUMERALS))}]++)(?!{_BUILDING_AFTER_NUMBER})"
)
_UNIT_AT = re.compile(f" *+(?!{_BUILDING_AFTER_NUMBER})({'|'.join(sorted(_UNITS, key=len, reverse=True))})")
_JOINING = re.compile(f"{RANGE_WORDS}|{JOINING_WORDS}")
_UNITED = re.compile(f"[0-9]++ ?(番地?|号)(?!{_BUILDING_AFTER_NUMBER})(?=[ 0-9-]|$)")
_BUILDING = re.compile(f"{_BUILDING_WORDS}|[A-Z]")


@dataclass(frozen=True, slots=True)
class Number:
    """One number of an address with the unit written after it; letters mark a lot (甲114, 12A, 12甲).

    `letter`: a kanji or kana in front of the number, or a Latin letter behind it; `behind`: a kanji behind it.
    """

    value: int
    unit: str | None = None
    letter: str = ""
    behind: str = ""

    def __str__(self) -> str:
        front = self.letter if self.letter in _LEADING_LETTERS else ""
        return f"{front}{self.value}{self.letter if not front else ''}{self.behind}"


@dataclass(slots=True)
class Tail:
    """Numbers, and where they begin and end in the text. `rest` begins after separators at `rest_from`.

    `set_off`: the rest stands apart (after a space or in parentheses), as a building's name does.
    """

    numbers: tuple[Number, ...]
    begin: int
    end: int
    rest_from: int
    set_off: bool


def skip(text: str, at: int, chars: str = SEPARATORS) -> int:
    """The place of the first character that is not one of `chars`."""
    while at < len(text) and text[at] in chars:
        at += 1
    return at


def read_tail(text: str, start: int, *, name_before: bool = True) -> Tail:
    """Read numbers from `start`; when the text there is not a number, `numbers` is empty and nothing is consumed.

    `name_before`: a town's name ends at `start`, so that a number and a kanji may still be part of it.
    """
    numbers: list[Number] = []
    at = begin = skip(text, start, " 、,")
    while len(numbers) < MAX_NUMBERS:
        found = _number(text, at, alone=name_before and not numbers)
        if found is None:
            break
        number, after = found
        if number.unit in _BLOCKS and any(other.unit in _BLOCKS for other in numbers):
            break  # 29番30番: two blocks, not a house
        at = after
        numbers.append(number)
        following = _joint(text, at, number, len(numbers))
        if following is None:
            break
        at = following
    end = at if numbers else start
    while numbers and end > begin and text[end - 1] in "-〜ノ ":
        end -= 1
    rest = skip(text, end, SEPARATORS + "-" + _CLOSERS)
    set_off = rest > end or (rest < len(text) and text[rest] in OPENING)
    return Tail(tuple(numbers), begin, end, rest, set_off)


def looks_like_building(text: str) -> bool:
    """Whether folded text after the numbers can be a building, room, facility or 〜様方."""
    return not text or text[0] in OPENING or _BUILDING.search(text) is not None


def _number(text: str, at: int, *, alone: bool) -> tuple[Number, int] | None:
    found = _DIGITS_AT.match(text, at)
    if found is None:
        return None
    if found[2] == "ト" and not alone:
        return None  # 12番と13番
    value = read_number(text, found.start(3))
    if value is None:
        return None
    end = after = found.end()
    letter, behind = found[2] or "", ""
    unit = None
    if (unit_at := _UNIT_AT.match(text, end)) is not None:
        unit, after = _UNITS[unit_at[1]], unit_at.end()
    if found[1] and unit not in (JIWARI, CHOME):
        return None  # 第 belongs to 地割 (or 丁目); 第2ビル is a building.
    if unit is None and end < len(text):
        arabic = text[end - 1] <= "9"
        following = text[end]
        if (following in _LOT_LETTERS or "A" <= following <= "Z") and _closes(text, end + 1):
            letter, behind = (letter, following) if letter or following > "Z" else (following, "")
            after = end + 1
        elif not arabic and not _closes(text, end) and (alone or _JOINING.match(text, end) is None):
            return None  # 二又, 三本松: a name that begins with a numeral
        elif alone and _name_may_go_on(value[0], following) and not looks_like_building(text[end:]):
            return None
    return Number(value[0], unit, letter, behind), after


def _name_may_go_on(value: int, following: str) -> bool:
    """Whether a number and the character after it may be part of a name (北24条西)."""
    return value < _NO_NAME_HAS and is_kanji(following)


def _joint(text: str, at: int, number: Number, count: int) -> int | None:
    """Where the next number of the chain may begin, or None when the chain of `count` numbers ends here."""
    near = skip(text, at, " ")
    if near >= len(text) or number.unit == GO:
        return None
    if text[near] in _JOINTS:
        return skip(text, near, _JOINTS + " ")
    if text[near] == "ノ":
        return skip(text, near + 1, " ")
    # After a unit the next number may follow directly or after a space; else a space begins the building, unless a
    # number with its unit follows (大通1-29 30号).
    if number.unit is not None:
        return near
    united = _UNITED.match(text, near) if near > at else None
    return near if united is not None and count <= (2 if united[1] == GO else 1) else None


def _closes(text: str, at: int) -> bool:
    """Whether a number may end here: at the end, before a joint, a space or a parenthesis."""
    return at >= len(text) or text[at] in _CLOSING
