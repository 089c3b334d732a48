"""The year's documents added up: by department and month, by way, by addressee."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from kyodo_geo.documents.counting import Counted

YEAR = (4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3)
"""Months in the order of a fiscal year."""


@dataclass(frozen=True, slots=True)
class Line:
    """`months`: counted ones by month from April on. `copies`: of those that have a number; `unknown`: those that have none."""

    key: str
    sent: int
    counted: int
    copies: int
    unknown: int
    months: tuple[int, ...]


def lines(items: Iterable[Counted], key_of: Callable[[Counted], str]) -> list[Line]:
    """One line per key, the most counted first."""
    groups: dict[str, list[Counted]] = defaultdict(list)
    for item in items:
        groups[key_of(item)].append(item)
    found = [_line(key, own) for key, own in groups.items()]
    return sorted(found, key=lambda line: (-line.counted, -line.sent, line.key))


def total(items: Sequence[Counted]) -> Line:
    """All of them as one line."""
    return _line("", items)


def _line(key: str, items: Sequence[Counted]) -> Line:
    known = [item.document.copies for item in items if item.document.copies is not None]
    return Line(
        key, len(items), sum(item.counts for item in items), sum(known), len(items) - len(known),
        tuple(sum(item.counts and item.document.sent_on.month == month for item in items) for month in YEAR),
    )  # fmt: skip
