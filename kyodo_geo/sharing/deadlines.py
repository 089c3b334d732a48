"""How near the deadline of a subsidy is, on a given day."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

Row = TypeVar("Row")
SOON = timedelta(days=30)


class Phase(StrEnum):
    """Of a notice. Those that have ended are kept and not listed."""

    SOON = "soon"
    OPEN = "open"
    COMING = "coming"
    ALWAYS = "always"
    ENDED = "ended"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Phase.SOON: "締切間近",
    Phase.OPEN: "受付中",
    Phase.COMING: "これから受付",
    Phase.ALWAYS: "随時・期間の記載なし",
    Phase.ENDED: "受付終了",
}


def phase(opens_on: date | None, closes_after: date | None, on: date) -> Phase:
    """`closes_after` is the day after the last one for applications (the half-open period that records have)."""
    if closes_after is not None and closes_after <= on:
        return Phase.ENDED
    if opens_on is not None and on < opens_on:
        return Phase.COMING
    if closes_after is None:
        return Phase.ALWAYS if opens_on is None else Phase.OPEN
    return Phase.SOON if closes_after - on <= SOON else Phase.OPEN


def days_left(closes_after: date | None, on: date) -> int | None:
    """Days on which one can still apply, today included; None where no deadline is known, 0 when it has passed."""
    return None if closes_after is None else max((closes_after - on).days, 0)


def by_deadline(
    rows: Iterable[Row], period: Callable[[Row], tuple[date | None, date | None]], on: date
) -> list[Row]:
    """The nearest deadline first; then those that take applications always; ended ones last, the newest first."""

    def place(row: Row) -> tuple[int, int]:
        opens, closes = period(row)
        if phase(opens, closes, on) is Phase.ENDED:
            assert closes is not None
            return (2, -closes.toordinal())
        return (1, 0) if closes is None else (0, closes.toordinal())

    return sorted(rows, key=place)


def not_checked(checked_on: date | None, on: date, days: int) -> bool:
    """Whether nobody has looked at the giver's page for so many days."""
    return checked_on is None or (on - checked_on).days >= days
