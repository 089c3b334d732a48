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
