"""How figures read on pages, in popups and in tables: one wording for all three."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from kyodo_geo.classes import format_percent
from kyodo_geo.dates import date_label, fiscal_year_label

UNKNOWN = "不明"
_JAPAN = ZoneInfo("Asia/Tokyo")


def number(value: float | None) -> str:
    """12345 → 12,345; None → 不明."""
    return UNKNOWN if value is None else f"{value:,.0f}"


def percent(rate: float | None) -> str:
    """0.875 → 87.5 %; None → 不明."""
    return UNKNOWN if rate is None else f"{format_percent(rate)} %"


def as_of_day(value: date | str | None) -> str:
    """令和6年4月1日時点; without a day 時点は不明."""
    shown = day(value)
    return "時点は不明" if shown == UNKNOWN else f"{shown}時点"


def day(value: date | str | None) -> str:
    """A date, a moment or ISO text → 令和6年4月1日 in Japan; a text that is no date is shown as it is, None → 不明."""
    if value is None or value == "":
        return UNKNOWN
    if isinstance(value, datetime):
        value = value.astimezone(_JAPAN).date()
    if isinstance(value, date):
        return date_label(value).partition("(")[0]
    try:
        return day(date.fromisoformat(value[:10]))
    except ValueError:
        return value


def reading(kana: str | None, confirmed: bool | None = True) -> str | None:
    """A reading (よみ) as it is shown: one that no source confirms says so."""
    return f"{kana}（読み未確認）" if kana and confirmed is False else kana


FILTERS: dict[str, Callable[..., Any]] = {
    "number": number,
    "percent": percent,
    "day": day,
    "as_of_day": as_of_day,
    "fiscal_year": fiscal_year_label,
    "reading": reading,
}
"""Template filters under these names."""
