"""The end of an address: 丁目, 地割, 番, 号, lot numbers, and what follows them (building, room).

Works on folded text (kana are katakana there). One pass from left to right: time is linear in the length.
"""

from __future__ import annotations

from dataclasses import dataclass

from kyodo_geo.addresses.normalise import is_kanji
from kyodo_geo.addresses.numerals import read_number

CHOME, JIWARI, BAN, BANCHI, GO = "丁目", "地割", "番", "番地", "号"

# Longest first. 丁 alone is 丁目; 割 alone is 地割.
_UNITS = (
    ("チヨウメ", CHOME), ("丁目", CHOME), ("丁", CHOME),
    ("チワリ", JIWARI), ("地割リ", JIWARI), ("地割", JIWARI), ("割リ", JIWARI), ("割", JIWARI),
    ("バンチ", BANCHI), ("番地", BANCHI), ("番", BAN), ("バン", BAN), ("街区", BAN), ("号", GO), ("ゴウ", GO),
)  # fmt: skip
# 3号棟, 305号室, 1番館, 3階, 2F, 5番街 are parts of a building.
_BUILDING_AFTER_NUMBER = (
    "階",
    "F",
    "棟",
    "室",
    "館",
    "街",
    "号棟",
    "号室",
    "号館",
    "番館",
    "番街",
    "番室",
    "LDK",
)
_LOT_LETTERS = "甲乙丙丁"
_OPENING = "([{「『〔【<"
_SEPARATORS = " ,、。・/"
_BUILDING_WORDS = tuple(
    """
    ビル マンシヨン ハイツ コーポ アパート メゾン ハイム レジデンス パーク プラザ タワー センター ホーム ハウス 荘 寮 団地 住宅
    号室 号棟 階 棟 室 方 学校 公民館 保育 幼稚園 病院 医院 会館 公園 役所 支所 駅 店 社 寺 院 館 堂 地内 内 体育 郵便局 跡
    """.strip().split()
)
MAX_NUMBERS = 6


@dataclass(frozen=True, slots=True)
class Number:
    """One number of an address with the unit written after it; `letter` is what marks a lot (甲, A)."""

    value: int
    unit: str | None = None
    letter: str = ""

    def __str__(self) -> str:
        return f"{self.value}{self.letter}"


@dataclass(frozen=True, slots=True)
class Tail:
    """Numbers, and where they begin and end in the text. `rest` begins after separators at `rest_from`.

    `set_off`: the rest stands apart (after a space or in parentheses), as a building's name does.
    """

    numbers: tuple[Number, ...]
    begin: int
    rest_from: int
    set_off: bool


def skip(text: str, at: int, chars: str = _SEPARATORS) -> int:
    """The place of the first character that is not one of `chars`."""
    while at < len(text) and text[at] in chars:
        at += 1
    return at


def read_tail(text: str, start: int) -> Tail:
    """Read numbers from `start`; when the text there is not a number, `numbers` is empty and nothing is consumed."""
    numbers: list[Number] = []
    at = skip(text, start, " 、,")
    begin = at
    while len(numbers) < MAX_NUMBERS:
        found = _number(text, at, alone=not numbers)
        if found is None:
            break
        number, at = found
        numbers.append(number)
        following = _joint(text, at, number)
        if following is None:
            break
        at = following
    end = at if numbers else start
    while numbers and end > begin and text[end - 1] in "-ノ ":
        end -= 1
    rest = skip(text, end, _SEPARATORS + "-")
    set_off = rest > end or (rest < len(text) and text[rest] in _OPENING)
    return Tail(tuple(numbers), begin, rest, set_off)


def looks_like_building(text: str) -> bool:
    """Whether folded text after the numbers can be a building, room, facility or 〜様方."""
    if not text or text[0] in _OPENING:
        return True
    return any(word in text for word in _BUILDING_WORDS) or any("A" <= char <= "Z" for char in text)


def _number(text: str, at: int, *, alone: bool) -> tuple[Number, int] | None:
    letter = ""
    if text.startswith("第", at):
        found = read_number(text, at + 1)
        # 第 belongs to 地割 (or 丁目); 第2ビル is a building.
        if found is None or _unit(text, skip(text, found[1], " "))[0] not in (JIWARI, CHOME):
            return None
    else:
        if at + 1 < len(text) and text[at] in _LOT_LETTERS and _is_arabic(text[at + 1]):
            letter, at = text[at], at + 1
        found = read_number(text, at)
        if found is None:
            return None
    value, end = found
    if any(text.startswith(word, end) for word in _BUILDING_AFTER_NUMBER):
        return None
    kanji = not _is_arabic(text[end - 1])
    unit, after = _unit(text, skip(text, end, " "))
    if unit is None:
        after = end
        if (
            end < len(text)
            and (text[end] in _LOT_LETTERS or "A" <= text[end] <= "Z")
            and _closes(text, end + 1)
        ):
            letter, after = letter + text[end], end + 1
        elif kanji and not _closes(text, end):
            return None  # 二又, 三本松: a name that begins with a numeral
        elif (
            alone
            and not kanji
            and end < len(text)
            and is_kanji(text[end])
            and not looks_like_building(text[end:])
        ):
            return None
    return Number(value, unit, letter), after


def _joint(text: str, at: int, number: Number) -> int | None:
    """Where the next number of the chain may begin, or None when the chain ends here."""
    near = skip(text, at, " ")
    if near >= len(text) or number.unit == GO:
        return None
    if text[near] == "-":
        return skip(text, near, "- ")
    if text[near] == "ノ":
        return skip(text, near + 1, " ")
    # After a unit the next number may follow directly or after a space; else a space begins the building.
    return near if number.unit is not None else None


def _unit(text: str, at: int) -> tuple[str | None, int]:
    for word, unit in _UNITS:
        if text.startswith(word, at):
            end = at + len(word)
            if any(text.startswith(next_, at) for next_ in _BUILDING_AFTER_NUMBER):
                return None, at
            return unit, end
    return None, at


def _closes(text: str, at: int) -> bool:
    """Whether a number may end here: at the end, before a joint, a space or a parenthesis."""
    return at >= len(text) or text[at] in "-ノ" + _SEPARATORS + _OPENING


def _is_arabic(char: str) -> bool:
    return "0" <= char <= "9"
