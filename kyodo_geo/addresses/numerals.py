"""Numbers inside addresses: Arabic, kanji by position (二四) and kanji by value (二十四, 百七十三)."""

from __future__ import annotations

import re

_DIGITS = {char: i for i, char in enumerate("〇一二三四五六七八九")} | {"零": 0, "壱": 1, "弐": 2, "参": 3}
_POWERS = {"十": 10, "百": 100, "千": 1000, "拾": 10}
KANJI_NUMERALS = frozenset(_DIGITS) | frozenset(_POWERS)
MAX_DIGITS = 5
"""Longest number read: lot numbers have at most five digits."""

_SHOWN = "〇一二三四五六七八九"
_RUN = re.compile(f"[{''.join(sorted(KANJI_NUMERALS))}]+")


def read_number(text: str, start: int) -> tuple[int, int] | None:
    """Number at `start` and the place after it, or None. Too many digits, or kanji that make no number: None."""
    end = start
    while end < len(text) and "0" <= text[end] <= "9":
        end += 1
    if end > start:
        return (int(text[start:end]), end) if end - start <= MAX_DIGITS else None
    while end < len(text) and text[end] in KANJI_NUMERALS:
        end += 1
    if end == start or end - start > 2 * MAX_DIGITS:
        return None
    value = kanji_value(text[start:end])
    return None if value is None else (value, end)


def kanji_value(text: str) -> int | None:
    """Value of a kanji numeral below 10,000, by position or by value; None when it is not well formed."""
    if all(char in _DIGITS for char in text):
        return int("".join(str(_DIGITS[char]) for char in text)) if 0 < len(text) <= MAX_DIGITS else None
    total = digit = 0
    last = 10_000
    pending = False
    for char in text:
        if char in _DIGITS:
            if pending:
                return None  # 二四十: no mixture of both systems has one meaning
            digit, pending = _DIGITS[char], True
        else:
            power = _POWERS[char]
            if power >= last or (pending and digit == 0):
                return None
            total += (digit if pending else 1) * power
            last, digit, pending = power, 0, False
    return total + digit


def to_kanji(number: int) -> str:
    """1 → 一, 12 → 十二, 30 → 三十, up to 99: the way names of 丁目 are written."""
    if not 0 < number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else _SHOWN[tens] + "十") + (_SHOWN[ones] if ones else "")


def in_digits(text: str) -> str:
    """Kanji numerals within a name as Arabic numbers: 北二十四条西 → 北24条西; what makes no number stays."""
    return _RUN.sub(_value_or_text, text)


def _value_or_text(found: re.Match[str]) -> str:
    value = kanji_value(found.group())
    return found.group() if value is None else str(value)
