"""Fiscal years and Japanese eras. Today's date is never asked for here: dates are arguments."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from kyodo_geo.errors import InputError

# First day of each era (the first year is 元年); an era ends on the day before the next begins.
_ERAS = (
    ("明治", "M", date(1868, 1, 25)),
    ("大正", "T", date(1912, 7, 30)),
    ("昭和", "S", date(1926, 12, 25)),
    ("平成", "H", date(1989, 1, 8)),
    ("令和", "R", date(2019, 5, 1)),
)
_ERA_START = {mark: start for name, letter, start in _ERAS for mark in (name, letter)}
_WAREKI = re.compile(r"(明治|大正|昭和|平成|令和|[MTSHR])\.?(元|\d{1,2})[年./-](\d{1,2})[月./-](\d{1,2})日?")
_WESTERN = re.compile(r"(\d{4})[年./-](\d{1,2})[月./-](\d{1,2})日?")
_FISCAL = re.compile(r"(?:(明治|大正|昭和|平成|令和|[MTSHR])\.?(元|\d{1,2})|(\d{4}))(?:年度|年|)")


def fiscal_year_of(day: date) -> int:
    """Fiscal year a day belongs to: April to March, named by the year of its April."""
    return day.year if day.month >= 4 else day.year - 1


def fiscal_year_range(year: int) -> tuple[date, date]:
    """First and last day of a fiscal year."""
    return date(year, 4, 1), date(year + 1, 3, 31)


def era_year(day: date) -> str:
    """Year of a day in its era: 令和元年, 平成31年. Raises `InputError` before 1868-01-25."""
    for name, _, start in reversed(_ERAS):
        if day >= start:
            number = day.year - start.year + 1
            return f"{name}{'元' if number == 1 else number}年"
    raise InputError("明治より前の日付は扱えません。")


def fiscal_year_label(year: int) -> str:
    """令和元年度(2019年度): a fiscal year carries the era in force at its end.

    The city writes the year from April 2019, which began as 平成31年, as 令和元年度.
    """
    return f"{era_year(date(year, 12, 31))}度({year}年度)"


def date_label(day: date) -> str:
    """令和3年4月1日(2021年4月1日)."""
    return f"{era_year(day)}{day.month}月{day.day}日({day.year}年{day.month}月{day.day}日)"


def parse_date(text: str) -> date:
    """A day written in the Western calendar or an era: 2021-04-01, 2021/4/1, 令和3年4月1日, R3.4.1, 昭和56年6月1日.

    Raises `InputError` when it is no date, or lies outside the era it names (平成31年5月1日 is refused).
    """
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)[:40])
    era: str | None = None
    if match := _WAREKI.fullmatch(plain):
        era, year_text, month, day = match.groups()
        year = _ERA_START[era].year + (1 if year_text == "元" else int(year_text)) - 1
    elif match := _WESTERN.fullmatch(plain):
        year, month, day = int(match[1]), match[2], match[3]
    else:
        raise _not_a_date(text)
    try:
        found = date(year, int(month), int(day))
    except ValueError:
        raise _not_a_date(text) from None
    if era is not None and not _within(found, era):
        raise InputError(f"「{text[:40]}」はその元号の期間にありません。", field="date")
    return found


def parse_fiscal_year(text: str) -> int:
    """A fiscal year written as 2019, 2019年度, 令和元年度, R1 or 令和元年度(2019年度); raises `InputError`.

    平成31年度 and 令和元年度 are the same year.
    """
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)[:40])
    head, _, tail = plain.partition("(")
    if match := _FISCAL.fullmatch(head):
        era, era_number, western = match.groups()
        year = int(western) if western else _era_fiscal_year(era, era_number)
        if year is not None and 1868 <= year <= 2200 and tail in ("", f"{year}年度)", f"{year})"):
            return year
    raise InputError(
        f"「{text[:40]}」は年度として読めません。「令和元年度」または「2019」のように入力してください。"
    )


def _era_fiscal_year(era: str, number: str) -> int | None:
    year = _ERA_START[era].year + (1 if number == "元" else int(number)) - 1
    # A fiscal year may carry the era of either of its ends, and nothing else.
    first, last = fiscal_year_range(year)
    return year if _within(first, era) or _within(last, era) else None


def _within(day: date, era: str) -> bool:
    start = _ERA_START[era]
    following = [later for _, _, later in _ERAS if later > start]
    return start <= day and (not following or day < min(following))


def _not_a_date(text: str) -> InputError:
    return InputError(
        f"「{text[:40]}」は日付として読めません。「2021-04-01」または「令和3年4月1日」のように入力してください。",
        field="date",
    )
