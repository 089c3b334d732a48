"""How much the city's meetings ask of people: by association (its president) and by district, in a span of time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from kyodo_geo.meetings.clashes import NEAR_DAYS
from kyodo_geo.meetings.meeting import Meeting
from kyodo_geo.meetings.people import Town

EVENING = 17 * 60
"""Meetings that begin from here on, in minutes of the day, are evening meetings."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one person is asked: meetings, of them required, at weekends, in the evening; days out, and how many could be saved.

    `months`: meetings by month of the year (1–12).
    """

    meetings: int = 0
    required: int = 0
    weekend: int = 0
    evening: int = 0
    days: int = 0
    savable: int = 0
    months: tuple[int, ...] = (0,) * 12

    @property
    def weekend_share(self) -> float | None:
        return self.weekend / self.meetings if self.meetings else None


@dataclass(frozen=True, slots=True)
class DistrictLoad:
    """Of a district's presidents: how many there are, the mean and the most of them; `meetings`: different ones that ask any."""

    district_no: int | None
    presidents: int
    meetings: int
    mean: float
    most: int
    mean_days: float
    savable: float
    weekend_share: float | None
    months: tuple[float, ...]


def savable_days(days: Iterable[date], within: int = NEAR_DAYS) -> int:
    """How many days out would fall away if days at most `within` apart were one: days less the fewest groups.

    Greedy from the first day on, which is the fewest for intervals of one length.
    """
    left = sorted(set(days))
    groups, until = 0, date.min
    for day in left:
        if day > until:
            groups += 1
            until = day + timedelta(days=within)
    return len(left) - groups


def load_of(meetings: Sequence[Meeting], *, within: int = NEAR_DAYS) -> Load:
    """What these meetings ask of somebody who is asked to all of them; cancelled ones ask nothing."""
    held = [one for one in meetings if one.held]
    months = [0] * 12
    for one in held:
        months[one.day.month - 1] += 1
    days = {one.day for one in held}
    return Load(
        len(held),
        sum(one.required for one in held),
        sum(one.weekend for one in held),
        sum(one.span is not None and one.span[0] >= EVENING for one in held),
        len(days),
        savable_days(days, within),
        tuple(months),
    )


def by_person(meetings: Iterable[Meeting]) -> dict[str, list[Meeting]]:
    """Person → meetings that ask them, in the order given."""
    found: dict[str, list[Meeting]] = defaultdict(list)
    for meeting in meetings:
        if meeting.held:
            for person in meeting.people:
                found[person].append(meeting)
    return found


def by_association(meetings: Iterable[Meeting], town: Town) -> dict[str, Load]:
    """Association → load of its president, with those who are asked nothing; equal lists of meetings are counted once."""
    asked = by_person(meetings)
    known: dict[tuple[str, ...], Load] = {}
    found = {}
    for one in town:
        own = asked.get(f"p:{one}", [])
        mark = tuple(meeting.id for meeting in own)
        if mark not in known:
            known[mark] = load_of(own)
        found[one] = known[mark]
    return found


def by_district(loads: dict[str, Load], meetings: Iterable[Meeting], town: Town) -> list[DistrictLoad]:
    """Districts by number, associations whose district is unknown last."""
    groups: dict[int | None, list[Load]] = defaultdict(list)
    for one, load in loads.items():
        groups[town[one]].append(load)
    reached: dict[int | None, int] = defaultdict(int)
    for meeting in meetings:
        if meeting.held:
            for no in {town.get(one[2:]) for one in meeting.people if one[0] == "p" and one[2:] in town}:
                reached[no] += 1
    return [
        _district(no, groups[no], reached[no]) for no in sorted(groups, key=lambda no: (no is None, no or 0))
    ]


def _district(no: int | None, loads: Sequence[Load], reached: int) -> DistrictLoad:
    count = len(loads)
    asked = sum(load.meetings for load in loads)
    return DistrictLoad(
        no, count, reached, asked / count, max(load.meetings for load in loads),
        sum(load.days for load in loads) / count, sum(load.savable for load in loads) / count,
        sum(load.weekend for load in loads) / asked if asked else None,
        tuple(sum(load.months[at] for load in loads) / count for at in range(12)),
    )  # fmt: skip
