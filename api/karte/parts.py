"""What sections of a 施設カルテ are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

UNKNOWN = "不明"
WEEKDAYS = "月火水木金土日"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table in words; the columns after `numeric_from` are set right."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the sheet: facts, tables and sentences, any of them empty."""

    id: str
    heading: str
    facts: tuple[tuple[str, str], ...] = ()
    grids: tuple[Grid, ...] = ()
    notes: tuple[str, ...] = ()


def number(value: float | None, unit: str = "", digits: int = 0) -> str:
    return UNKNOWN if value is None else f"{value:,.{digits}f}{unit}"


def day_words(value: date | None) -> str:
    from maps.text import day

    return day(value)
