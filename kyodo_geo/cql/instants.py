"""Days and times of a filter: `2026-04-01`, `2026-04-01T09:00:00Z`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from kyodo_geo.cql.tree import Literal, Type, refused

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})", re.ASCII)


def read_day(value: Any) -> Literal:
    """The day of `DATE('…')`."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return Literal(Type.DATE, date.fromisoformat(value))
        except ValueError:
            pass
    raise refused("filter の DATE は、実在する日を 2026-04-01 の形で指定してください。")


def read_time(value: Any) -> Literal:
    """The time of `TIMESTAMP('…')`, in UTC."""
    if isinstance(value, str) and _TIME.fullmatch(value):
        try:
            return Literal(Type.TIMESTAMP, datetime.fromisoformat(value).astimezone(UTC))
        except (ValueError, OverflowError):
            pass
    raise refused("filter の TIMESTAMP は、2026-04-01T09:00:00Z の形で指定してください。")


def read_instant(value: Any) -> Literal:
    """An end of `INTERVAL('…', '…')`: a day or a time."""
    if isinstance(value, str) and len(value) > 10:
        return read_time(value)
    if isinstance(value, str) and _DAY.fullmatch(value):
        return read_day(value)
    raise refused("filter の INTERVAL の端は、日、日時、プロパティまたは「..」で指定してください。")
