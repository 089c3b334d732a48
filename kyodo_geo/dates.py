"""Fiscal years and Japanese era dates. Today is always an argument."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from kyodo_geo.errors import InputError

# First day of each era since the first census of 1920.
_ERAS = (
    ("令和", date(2019, 5, 1)),
    ("平成", date(1989, 1, 8)),
    ("昭和", date(1926, 12, 25)),
    ("大正", date(1912, 7, 30)),
)
_LETTERS = {"R": "令和", "H": "平成", "S": "昭和", "T": "大正"}
FIRST_YEAR, LAST_YEAR = 1950, 2200

_ERA_DATE = re.compile(
    r"(令和|平成|昭和|大正|[RHST])\s*(元|\d{1,2})\s*[年./-]?\s*(?:(\d{1,2})\s*[月./-]\s*(?:(\d{1,2})\s*日?)?)?"
)
_ISO_DATE = re.compile(r"(\d{4})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?")
_YEAR_ONLY = re.compile(r"(\d{4})\s*(?:年度?)?")


def fiscal_year_of(day: date) -> int:
    """Fiscal year (April to March) by its first calendar year."""
    return day.year if day.month >= 4 else day.year - 1


def _era_year(day: date) -> str:
    for name, first in _ERAS:
        if day >= first:
            number = day.year - first.year + 1
            return f"{name}{'元' if number == 1 else number}"
    raise InputError(f"{day.year}年は扱えません。")


def fiscal_year_label(fiscal_year: int) -> str:
    """2019 → 令和元年度(2019年度). The era is that of most of the year: 2019 began as 平成31."""
    if not FIRST_YEAR <= fiscal_year <= LAST_YEAR:
        raise InputError(f"年度は{FIRST_YEAR}から{LAST_YEAR}までで指定してください。", field="fiscal_year")
    return f"{_era_year(date(fiscal_year, 10, 1))}年度({fiscal_year}年度)"


def short_fiscal_year(fiscal_year: int) -> str:
    """2019 → R1, as tables head their columns."""
    era = _era_year(date(fiscal_year, 10, 1))
    letter = next(letter for letter, name in _LETTERS.items() if name == era[:2])
    return f"{letter}{1 if era[2:] == '元' else era[2:]}"


def date_label(day: date | None) -> str:
    """2024-04-01 → 令和6年4月1日(2024-04-01); unknown days are 不明."""
    return "不明" if day is None else f"{_era_year(day)}年{day.month}月{day.day}日({day.isoformat()})"


def parse_date(text: str) -> date:
    """Read 2024-04-01, 2024/4/1, 2024年4月1日, 令和6年4月1日 or R6.4.1; raises `InputError`."""
    plain = unicodedata.normalize("NFKC", text).strip()
    try:
        if found := _ISO_DATE.fullmatch(plain):
            return date(*map(int, found.groups()))
        if (found := _ERA_DATE.fullmatch(plain)) and found[3] and found[4]:
            return date(_western(found[1], found[2]), int(found[3]), int(found[4]))
    except ValueError:
        pass
    raise InputError(
        f"日付「{text[:40]}」を読み取れません。2024-04-01 または 令和6年4月1日 の形で入力してください。"
    )


def parse_fiscal_year(text: str) -> int:
    """Read 2019, 2019年度, 令和元年度, R1 or H30年度; raises `InputError`."""
    plain = unicodedata.normalize("NFKC", text).strip()
    year = None
    if found := _YEAR_ONLY.fullmatch(plain):
        year = int(found[1])
    elif (found := _ERA_DATE.fullmatch(plain.removesuffix("度"))) and not found[3]:
        year = _western(found[1], found[2])
    if year is None or not FIRST_YEAR <= year <= LAST_YEAR:
        raise InputError(
            f"年度「{text[:40]}」を読み取れません。2019 または 令和元年度 の形で入力してください。",
            field="fiscal_year",
        )
    return year


def _western(era: str, number: str) -> int:
    name = _LETTERS.get(era, era)
    first = next(first for known, first in _ERAS if known == name)
    return first.year + (1 if number == "元" else int(number)) - 1
