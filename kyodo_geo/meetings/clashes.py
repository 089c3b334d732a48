"""Meetings that get in each other's way, and those that one day could have held."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from kyodo_geo.meetings.meeting import BusyPeriod, Meeting, busy_on, said_day, travel_minutes

NEAR_DAYS = 7
"""Two meetings of the same people so many days apart could have been on one."""
NEAR_SHARE = 0.5
"""Of the smaller meeting's people: as many must be asked to both."""
LABELS = {
    "overlap": "時間の重なり",
    "travel": "移動が間に合わない",
    "open": "同じ日（時刻未定）",
    "busy": "忙しい時期",
}


@dataclass(frozen=True, slots=True)
class Clash:
    """One thing in the way of `first`. `kind`: overlap / travel / open (the same day, hours not known) / busy.

    `people`: how many are asked to both (to `first`, for a busy period).
    """

    kind: str
    first: Meeting
    second: Meeting | None
    people: int
    words: str

    @property
    def label(self) -> str:
        return LABELS[self.kind]


@dataclass(frozen=True, slots=True)
class Near:
    """Two meetings on different days that one could have held; `people` are asked to both."""

    first: Meeting
    second: Meeting
    people: int

    @property
    def days(self) -> int:
        return (self.second.day - self.first.day).days


def between(a: Meeting, b: Meeting) -> tuple[str, int, int] | None:
    """(kind, minutes there are, minutes needed) of two meetings of one day; None when people can go to both."""
    first, second = a.span, b.span
    if first is None or second is None:
        return "open", 0, 0
    if first[0] < second[1] and second[0] < first[1]:
        return "overlap", 0, 0
    gap = max(second[0] - first[1], first[0] - second[1])
    needed = travel_minutes(a.place, a.point, b.place, b.point)
    return ("travel", gap, needed) if gap < needed else None


def clashes(meetings: Iterable[Meeting], periods: Sequence[BusyPeriod] = ()) -> list[Clash]:
    """Every clash, by day; meetings that are cancelled clash with nothing."""
    by_day: dict[date, list[Meeting]] = defaultdict(list)
    for meeting in meetings:
        if meeting.held:
            by_day[meeting.day].append(meeting)
    found = []
    for day in sorted(by_day):
        there = sorted(by_day[day], key=lambda one: (one.span or (0, 0), one.id))
        for a, b in combinations(there, 2):
            both = len(a.people & b.people)
            problem = between(a, b) if both else None
            if problem is not None:
                found.append(Clash(problem[0], a, b, both, _words(a, b, both, problem)))
        busy = busy_on(day, periods)
        found += [
            Clash(
                "busy", meeting, None, len(meeting.people),
                f"「{meeting.title}」は、「{'」「'.join(period.title for period in busy)}」に当たります。",
            )
            for meeting in there
            if busy and meeting.people
        ]  # fmt: skip
    return found


def _words(a: Meeting, b: Meeting, both: int, problem: tuple[str, int, int]) -> str:
    kind, gap, needed = problem
    names = f"「{a.title}」（{a.hours}）と「{b.title}」（{b.hours}）"
    if kind == "overlap":
        return f"{names}の時間が重なっています。{both:,} 人が両方に呼ばれています。"
    if kind == "travel":
        return (
            f"{names}の間は {gap} 分です。移動に {needed} 分ほどかかるため、間に合わないおそれがあります。"
            f"{both:,} 人が両方に呼ばれています。"
        )
    return f"{names}は同じ日です。時刻が決まったら、重ならないか確かめてください。{both:,} 人が両方に呼ばれています。"


def near(meetings: Iterable[Meeting], *, days: int = NEAR_DAYS, share: float = NEAR_SHARE) -> list[Near]:
    """Pairs of meetings, 1 to `days` days apart, that ask mostly the same people; the most people first."""
    there = sorted((one for one in meetings if one.held and one.people), key=lambda one: (one.day, one.id))
    found = []
    for at, a in enumerate(there):
        for b in there[at + 1 :]:
            apart = (b.day - a.day).days
            if apart > days:
                break
            both = len(a.people & b.people) if apart else 0
            if both and both >= share * min(len(a.people), len(b.people)):
                found.append(Near(a, b, both))
    return sorted(found, key=lambda one: (-one.people, one.first.day, one.first.id, one.second.id))


def near_words(one: Near) -> str:
    """A pair in words."""
    return (
        f"{said_day(one.first.day)}の「{one.first.title}」と{said_day(one.second.day)}の「{one.second.title}」は、"
        f"{one.people:,} 人が両方に呼ばれています。同じ日の同じ会場にすると、この人たちの外出が 1 日減ります。"
    )
