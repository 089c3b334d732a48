"""`datetime` of OGC API Features: a moment or an interval (RFC 3339), as days in Japan."""

from __future__ import annotations

import re
from datetime import date, datetime

from api.clock import JAPAN
from kyodo_geo.errors import InputError

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_WORDS = (
    "「datetime」は、2024-04-01、2024-04-01T00:00:00Z、2024-04-01/2025-03-31、../2025-03-31、2024-04-01/.. "
    "のどれかの形で指定してください。"
)
Interval = tuple[date | None, date | None]


def interval_of(text: str) -> Interval:
    """First and last day; None is open. A moment is the day it falls on in Japan. Raises `InputError`."""
    first, slash, last = text.partition("/")
    if not slash:
        on = _day(first)
        return on, on
    begin = None if first in ("", "..") else _day(first)
    end = None if last in ("", "..") else _day(last)
    if begin is None and end is None:
        raise InputError(_WORDS, field="datetime")
    if begin is not None and end is not None and begin > end:
        raise InputError("「datetime」の期間は、始まりが終わりより後になっています。", field="datetime")
    return begin, end


def _day(text: str) -> date:
    try:
        if _DAY.fullmatch(text) and text.isascii():
            found = date.fromisoformat(text)
        elif _MOMENT.fullmatch(text):
            # Python takes microseconds; what is finer does not change the day.
            plain = re.sub(r"(\.\d{6})\d+", r"\1", text.upper()).replace("Z", "+00:00")
            found = datetime.fromisoformat(plain).astimezone(JAPAN).date()
        else:
            raise InputError(_WORDS, field="datetime")
    except (ValueError, OverflowError):
        raise InputError(_WORDS, field="datetime") from None
    if not 1800 <= found.year <= 2200:
        raise InputError("「datetime」は 1800 年から 2200 年までで指定してください。", field="datetime")
    return found
