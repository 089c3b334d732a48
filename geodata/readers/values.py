"""Cells of a table → values. Each parser takes the stripped text of one cell (never empty) and returns a value,
None for a printed "unknown", or raises `InputError` with the reason in Japanese."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from kyodo_geo.dates import parse_date, parse_fiscal_year
from kyodo_geo.errors import InputError

Parser = Callable[[str], Any]

MAX_TEXT = 2_000
MAX_NAME = 200
MAX_INTEGER = 2_147_483_647
_UNKNOWN = frozenset(
    {"-", "--", "---", "…", "...", "*", "**", "***", "X", "x", "不明", "未詳", "未調査", "NULL", "null"}
)
_ID = re.compile(r"[0-9A-Za-z_-]{1,40}")
_YES = frozenset({"1", "true", "yes", "y", "有", "可", "○", "〇", "◯", "◎", "はい", "あり", "該当"})
_NO = frozenset({"0", "false", "no", "n", "無", "不可", "×", "✕", "いいえ", "なし", "非該当"})


def clean(cell: str) -> str:
    """Cell without surrounding space and invisible marks; line breaks become spaces.

    Format characters (zero width, direction overrides) can make a name look like another; variation selectors,
    which choose a kanji's form, stay. Split voiced marks of macOS file systems are joined.
    """
    if "\u3099" in cell or "\u309a" in cell:
        cell = unicodedata.normalize("NFC", cell)
    if not cell.isprintable():
        cell = re.sub(r"[\t\r\n]+", " ", cell)
        cell = "".join(char for char in cell if unicodedata.category(char) != "Cf")
    return cell.strip()


def narrow(cell: str) -> str:
    """NFKC: full-width digits and letters as ASCII."""
    return unicodedata.normalize("NFKC", cell).strip()


def text(cell: str) -> str:
    """Free text of at most `MAX_TEXT` characters."""
    if len(cell) > MAX_TEXT:
        raise InputError(f"文字が長すぎます（{len(cell):,}文字）。{MAX_TEXT:,}文字以内にしてください。")
    if not cell.isprintable():
        found = {unicodedata.category(char) for char in cell}
        if "Co" in found:
            raise InputError(
                "外字（作成元のパソコンだけの文字）が含まれています。標準の文字に置き換えてください。"
            )
        if found & {"Cc", "Cs", "Cn"}:
            raise InputError("制御文字など、文字として扱えないものが含まれています。")
    return cell


def name(cell: str) -> str:
    """Text of at most `MAX_NAME` characters."""
    if len(cell) > MAX_NAME:
        raise InputError(f"名前が長すぎます（{len(cell):,}文字）。{MAX_NAME}文字以内にしてください。")
    return text(cell)


def identifier(cell: str) -> str:
    """A permanent id: 1–40 ASCII letters, digits, _ and -."""
    value = narrow(cell)
    if not _ID.fullmatch(value):
        raise InputError(
            f"「{cell[:40]}」は番号として使えません。半角の英数字と「-」「_」で40文字以内にしてください。"
        )
    return value


def integer(cell: str) -> int | None:
    """A whole number; thousands separators and full-width digits are read, 12.0 is 12."""
    plain = narrow(cell).replace(",", "").replace(" ", "")
    if plain in _UNKNOWN:
        return None
    if not re.fullmatch(r"[+-]?[0-9]+(\.0*)?", plain):
        raise InputError(f"「{cell[:40]}」は整数として読めません。")
    digits = plain.partition(".")[0]
    if len(digits) > 12 or abs(int(digits)) > MAX_INTEGER:
        raise InputError(f"「{cell[:40]}」は大きすぎます。")
    return int(digits)


def count(cell: str) -> int | None:
    """A whole number that is not negative."""
    value = integer(cell)
    if value is not None and value < 0:
        raise InputError(f"「{cell[:40]}」は負の数です。0以上にしてください。")
    return value


def positive(cell: str) -> int | None:
    """A whole number above 0."""
    value = integer(cell)
    if value is not None and value < 1:
        raise InputError(f"「{cell[:40]}」は1以上にしてください。")
    return value


def number(cell: str) -> float | None:
    """A finite decimal number."""
    plain = narrow(cell).replace(",", "").replace(" ", "")
    if plain in _UNKNOWN:
        return None
    try:
        value = float(plain) if re.fullmatch(r"[+-]?[0-9.]+([eE][+-]?[0-9]{1,3})?", plain) else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or abs(value) > 1e12:
        raise InputError(f"「{cell[:40]}」は数として読めません。")
    return value


def square_metres(cell: str) -> float | None:
    """A floor area above 0."""
    value = number(re.sub(r"(?:m2|㎡|平方メートル)$", "", narrow(cell)))
    if value is not None and value <= 0:
        raise InputError(f"「{cell[:40]}」は0より大きい面積にしてください。")
    return value


def year(cell: str) -> int | None:
    """A year of construction: 1981, 1981年, 昭和56年."""
    if cell in _UNKNOWN:
        return None
    value = parse_fiscal_year(cell)
    if not 1600 <= value <= 2200:
        raise InputError(f"「{cell[:40]}」は年として読めません。")
    return value


def fiscal_year(cell: str) -> int:
    """令和元年度, R1, 2019年度 → 2019."""
    value = parse_fiscal_year(cell)
    if not 1950 <= value <= 2200:
        raise InputError(f"「{cell[:40]}」は扱える年度（1950年度から）の外です。")
    return value


def day(cell: str) -> date | None:
    """A day in the Western calendar or an era; 20240401 too. Time of day is cut off."""
    plain = narrow(cell)
    if plain in _UNKNOWN:
        return None
    if match := re.fullmatch(r"([0-9]{4})([0-9]{2})([0-9]{2})", plain):
        plain = "-".join(match.groups())
    return parse_date(re.sub(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$", "", plain))


def yes_no(cell: str) -> bool | None:
    """1/0, true/false, 有/無, 可/不可, ○/×."""
    plain = narrow(cell).casefold()
    if plain in _YES or cell in _YES:
        return True
    if plain in _NO or cell in _NO:
        return False
    if plain in _UNKNOWN:
        return None
    raise InputError(f"「{cell[:40]}」は「有・無」「○・×」「1・0」のどれかにしてください。")


def choice(options: Mapping[str, str]) -> Parser:
    """Parser for one of several words; `options` maps the words as written to the stored value."""
    shown = "、".join(dict.fromkeys(options))

    def parse(cell: str) -> str | None:
        plain = narrow(cell)
        if plain in _UNKNOWN:
            return None
        if plain not in options:
            raise InputError(f"「{cell[:40]}」は使えません。使える値: {shown}")
        return options[plain]

    return parse


def words(cell: str) -> list[str]:
    """A list written with 、, ; or | between its items."""
    return [item.strip() for item in re.split(r"[、,;；|｜]", text(cell)) if item.strip()]
