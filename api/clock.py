"""The day in Japan, wherever the server stands."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

JAPAN = ZoneInfo("Asia/Tokyo")


def now() -> datetime:
    """The present moment in Japan time."""
    return datetime.now(JAPAN)


def today() -> date:
    """The present day in Japan."""
    return now().date()


def in_words(at: datetime) -> str:
    """A moment as people here say it: 11月26日 20時05分."""
    here = at.astimezone(JAPAN)
    return f"{here.month}月{here.day}日 {here.hour}時{here.minute:02d}分"
