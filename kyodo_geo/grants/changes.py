"""Two sets of amounts beside each other: who gets more, who gets less, and what has still to be paid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Amounts = Mapping[str, int | None]
"""Recipient → yen; None: cannot be calculated; missing: was not there."""


@dataclass(frozen=True, slots=True)
class Change:
    """One recipient; None: unknown or not there."""

    key: str
    before: int | None
    after: int | None

    @property
    def difference(self) -> int | None:
        """Yen; None where one side is unknown."""
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def to_pay(self) -> int:
        """What is paid beyond `before` (below 0: paid back). What cannot be calculated changes nothing yet."""
        return 0 if self.after is None else self.after - (self.before or 0)


@dataclass(frozen=True, slots=True)
class Summary:
    """Sums are of what is known; `more`, `less`, `same` count recipients known on both sides."""

    before: int
    after: int
    more: int
    less: int
    same: int
    unknown: int
    gained: int
    lost: int

    @property
    def difference(self) -> int:
        return self.after - self.before


def newest_known(held: Iterable[Amounts]) -> dict[str, int | None]:
    """Each recipient's newest amount that could be calculated; `held` newest first. None: never could.

    What a correction could not calculate, or did not hold, was not asked back: the amount before it still holds.
    """
    found: dict[str, int | None] = {}
    for amounts in held:
        for key, yen in amounts.items():
            if found.get(key) is None:
                found[key] = yen
    return found


def changes(before: Amounts, after: Amounts) -> list[Change]:
    """Every recipient of either side, those of `after` first and in its order."""
    return [Change(key, before.get(key), after.get(key)) for key in dict.fromkeys([*after, *before])]


def summary(found: Iterable[Change]) -> Summary:
    """Counts and sums. Recipients known on one side only are `unknown`, and their amounts are in that side's sum."""
    listed = list(found)
    steps = [change.difference for change in listed]
    known = [step for step in steps if step is not None]
    return Summary(
        sum(change.before or 0 for change in listed),
        sum(change.after or 0 for change in listed),
        sum(step > 0 for step in known),
        sum(step < 0 for step in known),
        sum(step == 0 for step in known),
        len(listed) - len(known),
        sum(step for step in known if step > 0),
        sum(-step for step in known if step < 0),
    )
