"""Dates for a meeting that is wished for: beside one that is there already, without clash, where people have the least to do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from kyodo_geo.errors import InputError
from kyodo_geo.meetings.clashes import between
from kyodo_geo.meetings.load import by_person
from kyodo_geo.meetings.meeting import (
    BusyPeriod,
    Meeting,
    Point,
    busy_on,
    minutes_of,
    said_hours,
    same_place,
    time_of,
)
from kyodo_geo.working_days import YEAR_END, is_working_day

LUNCH = (time(12, 0), time(13, 0))
SLOTS = {
    "day": ("平日の昼", time(9, 30), time(17, 0)),
    "evening": ("平日の夜", time(18, 0), time(20, 30)),
    "weekend": ("土日", time(9, 30), time(17, 0)),
}
"""Key → label, earliest start and latest end; over noon only what is too long for a morning or an afternoon."""
STEP = 30
BREAK = 10
"""Minutes between two meetings at the same place."""
MOST_DAYS = 186
MOST = 10


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wished for: whom, between which days, for how long, in which slots; `place` may be open ("").

    `holidays_too`: public holidays count as weekend, else they are left out. The turn of the year is always left out.
    """

    people: frozenset[str]
    first: date
    last: date
    minutes: int
    slots: frozenset[str]
    holidays_too: bool = False
    place: str = ""
    point: Point | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """One date. `joined`: the meeting beside which it stands; `spared`: people who are there that day anyway.

    `load`: meetings that each of the people is asked to in that month, on average; `gap`: minutes to `joined`.
    """

    day: date
    starts: time
    ends: time
    place: str
    joined: Meeting | None
    people: int
    spared: int
    load: float
    gap: int
    busy: tuple[BusyPeriod, ...]

    @property
    def rank(self) -> tuple[bool, int, float, int, date, time]:
        """Less is better: not in a busy period, few extra outings, a light month, a short wait, then the first day and hour."""
        return bool(self.busy), self.people - self.spared, self.load, self.gap, self.day, self.starts

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, in words."""
        found = []
        if self.joined is not None:
            wait = f"{self.gap} 分あけて" if self.gap else "続けて"
            order = "あと" if self.joined.span and self.joined.span[1] <= minutes_of(self.starts) else "前"
            found.append(
                f"「{self.joined.title}」（{self.joined.hours}、{self.joined.place}）の{order}に、{wait}開けます。"
                f"{self.people:,} 人のうち {self.spared:,} 人は、その日に同じ会場に来ています。"
            )
        else:
            found.append("同じ日・同じ会場の会議はありません。呼ぶ人には、新しい外出になります。")
        found.append("呼ぶ人の、ほかの会議と重なりません。")
        found.append(
            f"{self.day.month}月に呼ばれている会議は、1 人あたり {self.load:.1f} 件です。"
            if self.load
            else f"{self.day.month}月に呼ばれている会議はありません。"
        )
        found += [
            f"「{period.title}」に当たります。ほかの日がないときだけにしてください。" for period in self.busy
        ]
        return tuple(found)

    @property
    def hours(self) -> str:
        return said_hours(self.starts, self.ends)


def check_wish(wish: Wish) -> None:
    """Refuse what cannot be answered; raises InputError with `field`."""
    if not wish.people:
        raise InputError("呼ぶ人がいません。相手と地区を選び直してください。", field="audience")
    if wish.last < wish.first:
        raise InputError("終わりの日が、始まりの日より前になっています。", field="last")
    if (wish.last - wish.first).days >= MOST_DAYS:
        raise InputError(f"一度に探せるのは {MOST_DAYS} 日までです。期間を短くしてください。", field="last")
    if not wish.slots:
        raise InputError("平日の昼、平日の夜、土日のうち、1 つ以上を選んでください。", field="slots")
    if not 15 <= wish.minutes <= 480:
        raise InputError("会議の長さは 15〜480 分にしてください。", field="minutes")


def slots_on(wish: Wish, day: date, holidays: Collection[date]) -> list[tuple[int, int]]:
    """Minutes of the day between which the meeting may lie."""
    if (day.month, day.day) in YEAR_END:
        return []
    if is_working_day(day, holidays):
        keys: list[str] = [key for key in ("day", "evening") if key in wish.slots]
    elif day in holidays and not wish.holidays_too:
        keys = []
    else:
        keys = ["weekend"] if "weekend" in wish.slots else []
    found = []
    for key in keys:
        low, high = minutes_of(SLOTS[key][1]), minutes_of(SLOTS[key][2])
        noon, on = map(minutes_of, LUNCH)
        halves = low < noon and high > on and wish.minutes <= high - on
        found += [(low, noon), (on, high)] if halves else [(low, high)]
    return found


def propose(
    wish: Wish,
    meetings: Iterable[Meeting],
    periods: Sequence[BusyPeriod] = (),
    holidays: Collection[date] = frozenset(),
    *,
    most: int = MOST,
) -> list[Proposal]:
    """The best date of each day, best first, at most `most`. Raises InputError (`check_wish`)."""
    check_wish(wish)
    asked = [one for one in meetings if one.held and one.people & wish.people]
    by_day: dict[date, list[Meeting]] = defaultdict(list)
    for one in asked:
        by_day[one.day].append(one)
    load = _loads(wish, asked)
    found = []
    for number in range((wish.last - wish.first).days + 1):
        day = wish.first + timedelta(days=number)
        own = list(_of_day(wish, day, by_day[day], load, periods, holidays))
        if own:
            found.append(min(own, key=lambda one: one.rank))
    return sorted(found, key=lambda one: one.rank)[:most]


def _loads(wish: Wish, asked: Iterable[Meeting]) -> dict[tuple[int, int], float]:
    """Month → meetings per person."""
    found: dict[tuple[int, int], float] = defaultdict(float)
    for person, own in by_person(asked).items():
        if person in wish.people:
            for one in own:
                found[one.day.year, one.day.month] += 1
    return {month: round(total / len(wish.people), 1) for month, total in found.items()}


def _of_day(
    wish: Wish, day: date, there: Sequence[Meeting], load: dict[tuple[int, int], float],
    periods: Sequence[BusyPeriod], holidays: Collection[date],
) -> Iterator[Proposal]:  # fmt: skip
    busy = busy_on(day, periods)
    slots = slots_on(wish, day, holidays)
    if not slots:
        return
    wanted = (wish.place, wish.point)
    # An open place may be that of any meeting of the day; one that is wished for stays.
    places = (
        [wanted]
        if wish.place
        else [*dict.fromkeys((one.place, one.point) for one in there if one.place), wanted]
    )
    for place, point in places:
        at_place = [one for one in there if same_place(one.place, one.point, place, point)]
        spared = len(wish.people & frozenset().union(*(one.people for one in at_place)))
        for first in _starts(wish, slots, at_place):
            mine = Meeting(
                "",
                "",
                "",
                day,
                time_of(first),
                time_of(first + wish.minutes),
                place,
                point,
                people=wish.people,
            )
            if any(between(mine, one) is not None for one in there):
                continue
            gaps = [(_gap(mine, one), one.id, one) for one in at_place]
            gap, _, joined = min(gaps, default=(0, "", None), key=lambda one: one[:2])
            if joined is not None and gap < BREAK:
                continue
            assert mine.starts is not None and mine.ends is not None
            yield Proposal(
                day, mine.starts, mine.ends, place, joined, len(wish.people), spared,
                load.get((day.year, day.month), 0.0), gap, busy,
            )  # fmt: skip


def _gap(a: Meeting, b: Meeting) -> int:
    first, second = a.span, b.span
    assert first is not None and second is not None  # open hours clash with everything (`between`)
    return max(second[0] - first[1], first[0] - second[1])


def _starts(wish: Wish, slots: Sequence[tuple[int, int]], beside: Iterable[Meeting]) -> list[int]:
    """Starts to try: every half hour, and right before and after each meeting at the place."""
    tried: set[int] = set()
    spans = [one.span for one in beside if one.span is not None]
    for low, high in slots:
        tried.update(range(low, high - wish.minutes + 1, STEP))
        for begins, ends in spans:
            tried.update(
                at
                for at in (-(-(ends + BREAK) // 5) * 5, (begins - BREAK - wish.minutes) // 5 * 5)
                if low <= at <= high - wish.minutes
            )
    return sorted(tried)
