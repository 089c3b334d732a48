"""State of a district's community development plan on a day: draft → adopted → revised → expired.

Records are dated by what they say (`valid_from`, half open), not by when they were entered. Where a paper only states
that a plan existed on a day, the record begins on an unknown day: before the day of that paper nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class PlanState(StrEnum):
    """States as they are stored."""

    NONE = "none"
    IN_PREPARATION = "in_preparation"
    ADOPTED = "adopted"
    REVISED = "revised"
    EXPIRED = "expired"

    @property
    def label(self) -> str:
        """Wording for people."""
        return LABELS[self]


LABELS = {
    PlanState.ADOPTED: "策定",
    PlanState.REVISED: "改定",
    PlanState.IN_PREPARATION: "準備中",
    PlanState.EXPIRED: "期間終了",
    PlanState.NONE: "未策定",
}
"""In the order in which legends list them."""

IN_FORCE = frozenset({PlanState.ADOPTED, PlanState.REVISED})
"""States in which a district has a plan that holds."""


@dataclass(frozen=True, slots=True)
class PlanRecord:
    """One dated record of a district. `valid_to` is the first day it no longer holds; None is open or unknown."""

    record_no: int
    state: PlanState
    title: str | None = None
    document_url: str | None = None
    stated_on: date | None = None
    note: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    quality: str = "real"
    source: str | None = None

    def holds(self, day: date) -> bool:
        """Whether the record speaks of that day."""
        if self.valid_to is not None and day >= self.valid_to:
            return False
        begins = self.valid_from or self.stated_on
        return begins is None or begins <= day


@dataclass(frozen=True, slots=True)
class PlanStanding:
    """What holds on a day: the record, and which version of the plan is in force (1 the first; None without one).

    `only_as_stated`: nothing but a paper of the record's `stated_on` says so; when the plan was adopted is unknown.
    """

    record: PlanRecord
    version: int | None
    only_as_stated: bool

    @property
    def since(self) -> date | None:
        """First day of the state, None when unknown."""
        return self.record.valid_from


def standing_on(records: Iterable[PlanRecord], day: date) -> PlanStanding | None:
    """What the records of one district say of a day; None: nothing is known."""
    ordered = in_order(records)
    held = next((record for record in reversed(ordered) if record.holds(day)), None)
    if held is None:
        return None
    version = None
    if held.state in IN_FORCE:
        begun = ordered[: ordered.index(held) + 1]
        version = sum(record.state in IN_FORCE for record in begun)
    return PlanStanding(held, version, held.valid_from is None and held.stated_on is not None)


def in_order(records: Iterable[PlanRecord]) -> Sequence[PlanRecord]:
    """Records by their first day, those of unknown beginning first."""
    return sorted(records, key=lambda record: (record.valid_from or date.min, record.record_no))


def days_of_change(records: Iterable[PlanRecord]) -> list[date]:
    """Days on which a state begins or was stated, oldest first: what a chooser of dates can offer."""
    days = {day for record in records for day in (record.valid_from, record.stated_on) if day is not None}
    return sorted(days)
