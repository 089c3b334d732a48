"""What is different between two versions of a scenario: actions that came, went or changed, whatever their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


class Row(Protocol):
    """An action with its note (`geodata.scenarios.Action`); equal ones are equal in every field."""

    @property
    def year(self) -> int: ...
    @property
    def facility_id(self) -> str: ...
    @property
    def action(self) -> str: ...


R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Change(Generic[R]):
    """`before` None: added; `after` None: removed."""

    before: R | None
    after: R | None

    @property
    def kind(self) -> str:
        return "added" if self.before is None else "removed" if self.after is None else "changed"


def changed(before: Sequence[R], after: Sequence[R]) -> list[Change[R]]:
    """Differences by year. A row counts as changed, not as gone and come, where the facility is the same: first those of
    the same action, then of the same year, then any; of several the nearest year."""
    old, new = list(before), list(after)
    for row in before:
        if row in new:
            old.remove(row)
            new.remove(row)
    pairs: list[Change[R]] = []
    for alike in (_same_action, _same_year, _same_facility):
        for row in list(old):
            others = [other for other in new if alike(row, other)]
            if others:
                other = min(others, key=lambda item: abs(item.year - row.year))
                old.remove(row)
                new.remove(other)
                pairs.append(Change(row, other))
    pairs += [Change(row, None) for row in old] + [Change(None, row) for row in new]
    return sorted(pairs, key=_when)


def _when(change: Change[R]) -> tuple[int, str]:
    row = change.after if change.after is not None else change.before
    assert row is not None
    return row.year, row.facility_id


def _same_action(a: Row, b: Row) -> bool:
    return (a.facility_id, a.action) == (b.facility_id, b.action)


def _same_year(a: Row, b: Row) -> bool:
    return (a.facility_id, a.year) == (b.facility_id, b.year)


def _same_facility(a: Row, b: Row) -> bool:
    return a.facility_id == b.facility_id
