"""Yearly figures that follow from records of events and dispatches, held against the figures that are kept.

The figure of a year is one: that which is kept (`kyodo_geo.figure_sheets`). What the records add up to is offered in its
place and never added to it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from kyodo_geo.figure_sheets import EVENTS, MEASURES, Measure
from kyodo_geo.quality import Quality, worst

INDICATOR = "training"
"""Participants of 26 and 27 together."""
INDICATOR_MEASURES = ("participants_26", "participants_27")
FROM_EVENTS = tuple(key for number in EVENTS for key in (f"participants_{number}", f"events_{number}"))
FROM_RECORDS = (*FROM_EVENTS, "adviser_dispatches")
"""Measures that records may yield."""


@dataclass(frozen=True, slots=True)
class HeldEvent:
    """An event that was held. `by_district`: district → people; empty while nobody has entered them."""

    title: str
    initiative_no: int
    participants: int | None
    by_district: Mapping[int, int] = field(default_factory=dict)
    quality: str = "real"


@dataclass(frozen=True, slots=True)
class Sent:
    """An adviser sent to a district; None where the association's district is not known."""

    theme: str
    district_no: int | None
    quality: str = "real"


@dataclass(frozen=True, slots=True)
class Offered:
    """What the records of one measure and year add up to.

    `values`: area → number; an area without one is unknown. `lacking`: records that cannot be counted yet, by name; with
    any of them the sum would be too small and is not to be kept. `outside`: people of no known district.
    """

    measure: Measure
    records: int
    values: dict[str, float]
    lacking: tuple[str, ...] = ()
    outside: int = 0
    quality: Quality = Quality.REAL

    @property
    def total(self) -> float:
        return sum(self.values.values())

    @property
    def ready(self) -> bool:
        """Whether the sum may take the place of what is kept."""
        return self.records > 0 and not self.lacking


def offered(
    key: str, events: Iterable[HeldEvent], sent: Iterable[Sent], *, city: str, districts: Collection[int]
) -> Offered:
    """The figures of measure `key` in one year; `events` and `sent` are those of the year."""
    measure = MEASURES[key]
    if key == "adviser_dispatches":
        return _dispatches(measure, list(sent), districts)
    number = int(key.rpartition("_")[2])
    own = [event for event in events if event.initiative_no == number]
    quality = worst(Quality(event.quality) for event in own)
    if measure.city:
        return Offered(measure, len(own), {city: float(len(own))} if own else {}, quality=quality)
    values: dict[str, float] = {}
    for event in own:
        for no, people in event.by_district.items():
            values[str(no)] = values.get(str(no), 0.0) + people
    return Offered(
        measure, len(own), values, tuple(event.title for event in own if not event.by_district),
        sum(max(0, event.participants - sum(event.by_district.values())) for event in own
            if event.participants is not None and event.by_district),
        quality,
    )  # fmt: skip


def _dispatches(measure: Measure, sent: list[Sent], districts: Collection[int]) -> Offered:
    """Every dispatch is recorded once, so that a district without one had none."""
    values = {str(no): 0.0 for no in sorted(districts)} if sent else {}
    for one in sent:
        if one.district_no is not None:
            values[str(one.district_no)] = values.get(str(one.district_no), 0.0) + 1
    lacking = tuple(one.theme for one in sent if one.district_no is None)
    return Offered(measure, len(sent), values, lacking, quality=worst(Quality(one.quality) for one in sent))


@dataclass(frozen=True, slots=True)
class Compared:
    """An area's two figures; None is unknown."""

    key: str
    label: str
    recorded: float | None
    kept: float | None

    @property
    def difference(self) -> float | None:
        """Recorded minus kept, where both are known."""
        return None if self.recorded is None or self.kept is None else self.recorded - self.kept

    @property
    def same(self) -> bool:
        return self.recorded == self.kept


def compare(found: Offered, kept: Mapping[str, float], areas: Iterable[tuple[str, str]]) -> list[Compared]:
    """Both figures of every area that has one."""
    rows = [Compared(key, label, found.values.get(key), kept.get(key)) for key, label in areas]
    return [row for row in rows if row.recorded is not None or row.kept is not None]
