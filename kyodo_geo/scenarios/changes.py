"""What is different between two versions of a scenario: actions that came, went or changed, whatever their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kyodo_geo.scenarios.actions import Action


@dataclass(frozen=True, slots=True)
class Change:
    """`before` None: added; `after` None: removed."""

    before: Action | None
    after: Action | None

    @property
    def kind(self) -> str:
        return "added" if self.before is None else "removed" if self.after is None else "changed"


def changed(before: Sequence[Action], after: Sequence[Action]) -> list[Change]:
    """Differences by year. A row counts as changed, not as gone and come, where the facility is the same: first those of
    the same action, then of the same year, then any; of several the nearest year."""
    old, new = list(before), list(after)
    for row in before:
        if row in new:
            old.remove(row)
            new.remove(row)
    pairs: list[Change] = []
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


def _when(change: Change) -> tuple[int, str]:
    row = change.after if change.after is not None else change.before
    assert row is not None
    return row.year, row.facility_id


def _same_action(a: Action, b: Action) -> bool:
    return (a.facility_id, a.action) == (b.facility_id, b.action)


def _same_year(a: Action, b: Action) -> bool:
    return (a.facility_id, a.year) == (b.facility_id, b.year)


def _same_facility(a: Action, b: Action) -> bool:
    return a.facility_id == b.facility_id
