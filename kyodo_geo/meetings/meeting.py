"""A meeting as the rules see it, the times of the year that are full already, and how long people need between two."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

STATES = (("planned", "予定"), ("fixed", "確定"), ("cancelled", "中止"))

ELSEWHERE_MINUTES = 30
"""Between two places of which nobody knows where they are."""
ARRIVING_MINUTES = 10
KMH = 20.0
DETOUR = 1.4
"""Of roads against the straight line: city streets are mostly 1.2–1.5 times as long."""
_KM_PER_DEGREE = 111.2

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting. `starts`/`ends` are None while the hours are open; `point` is lon/lat where the place is known.

    `people`: whom it asks (`kyodo_geo.meetings.people`). `changes` counts up with every correction.
    """

    id: str
    title: str
    department: str
    day: date
    starts: time | None = None
    ends: time | None = None
    place: str = ""
    point: Point | None = None
    audience: str = "presidents"
    required: bool = True
    state: str = "planned"
    people: frozenset[str] = frozenset()
    districts: tuple[int, ...] = ()
    note: str = ""
    changes: int = 0
    changed_at: datetime | None = None

    @property
    def held(self) -> bool:
        return self.state != "cancelled"

    @property
    def weekend(self) -> bool:
        return self.day.weekday() >= 5

    @property
    def hours(self) -> str:
        """14:00〜15:30; 時刻未定."""
        return said_hours(self.starts, self.ends)

    @property
    def span(self) -> tuple[int, int] | None:
        """Minutes of the day, None while the hours are open."""
        if self.starts is None or self.ends is None:
            return None
        return minutes_of(self.starts), minutes_of(self.ends)


@dataclass(frozen=True, slots=True)
class BusyPeriod:
    """Days on which presidents have enough to do: first and last day; `yearly`: the same days of every year."""

    title: str
    first: date
    last: date
    yearly: bool = False

    def holds(self, day: date) -> bool:
        """Whether a day lies in it. A yearly one may pass the turn of the year; 29 February is at home in none but leap years."""
        if not self.yearly:
            return self.first <= day <= self.last
        if (self.last - self.first).days >= 365:
            return True
        at, low, high = ((one.month, one.day) for one in (day, self.first, self.last))
        return low <= at <= high if low <= high else at >= low or at <= high


def minutes_of(at: time) -> int:
    return at.hour * 60 + at.minute


def time_of(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


def said_time(at: time) -> str:
    return f"{at.hour}:{at.minute:02d}"


def said_hours(starts: time | None, ends: time | None) -> str:
    """14:00〜15:30; 時刻未定 where nobody has said."""
    if starts is None:
        return "時刻未定"
    return f"{said_time(starts)}〜{said_time(ends) if ends is not None else ''}"


def said_day(day: date) -> str:
    """11月26日（木）."""
    return f"{day.month}月{day.day}日（{'月火水木金土日'[day.weekday()]}）"


def busy_on(day: date, periods: Iterable[BusyPeriod]) -> tuple[BusyPeriod, ...]:
    return tuple(period for period in periods if period.holds(day))


def same_place(a: str, at: Point | None, b: str, bt: Point | None) -> bool:
    """Whether two places are one. What has no name is nowhere yet, and the same as nothing."""
    if at is not None and at == bt:
        return True
    return bool(a) and "".join(a.split()) == "".join(b.split())


def travel_minutes(a: str, at: Point | None, b: str, bt: Point | None) -> int:
    """Minutes people need from one place to another: 0 at the same place, 30 where one of them is unknown.

    Else the straight line × 1.4 at 20 km/h and ten minutes to arrive, rounded up to five.
    """
    if same_place(a, at, b, bt):
        return 0
    if at is None or bt is None:
        return ELSEWHERE_MINUTES
    west = (at[0] - bt[0]) * _KM_PER_DEGREE * math.cos(math.radians((at[1] + bt[1]) / 2))
    km = math.hypot(west, (at[1] - bt[1]) * _KM_PER_DEGREE) * DETOUR
    return 5 * math.ceil((ARRIVING_MINUTES + km / KMH * 60) / 5)


def month_days(first: date) -> list[list[date]]:
    """Weeks (Sunday to Saturday) that hold the month of `first`."""
    at = first.replace(day=1)
    at -= timedelta(days=(at.weekday() + 1) % 7)
    weeks: list[list[date]] = []
    while not weeks or (at.year, at.month) <= (first.year, first.month):
        weeks.append([at + timedelta(days=number) for number in range(7)])
        at += timedelta(days=7)
    return weeks
