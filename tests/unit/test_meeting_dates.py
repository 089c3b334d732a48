"""Proposed dates: what they must never be, what they prefer, and against a search minute by minute."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kyodo_geo.errors import InputError
from kyodo_geo.meetings.joint import BREAK, SLOTS, STEP, Wish, propose, slots_on
from kyodo_geo.meetings.meeting import BusyPeriod, Meeting, minutes_of, time_of

MONDAY = date(2026, 11, 30)
ALL = frozenset("abcd")
WISH = Wish(ALL, MONDAY, MONDAY + timedelta(days=13), 60, frozenset(SLOTS))


def meeting(
    id_: str,
    day: date,
    starts: time,
    ends: time,
    who: frozenset[str] = ALL,
    place: str = "市役所",
    **more: object,
) -> Meeting:
    return Meeting(id_, id_, "課", day, starts, ends, place, people=who, **more)  # type: ignore[arg-type]


def test_the_best_date_stands_beside_a_meeting_of_the_same_people() -> None:
    wednesday = MONDAY + timedelta(days=2)
    best = propose(WISH, [meeting("x", wednesday, time(14), time(15, 30))])[0]
    assert (best.day, best.starts, best.place, best.spared, best.gap) == (
        wednesday,
        time(15, 40),
        "市役所",
        4,
        10,
    )
    assert "「x」" in best.reasons[0] and "4 人のうち 4 人" in best.reasons[0]


def test_part_of_the_people_counts_and_the_larger_part_wins() -> None:
    there = [
        meeting("few", MONDAY, time(14), time(15), frozenset("a")),
        meeting("many", MONDAY + timedelta(days=3), time(14), time(15), frozenset("abc")),
    ]
    first, second = propose(WISH, there)[:2]
    assert (first.joined and first.joined.id, first.spared) == ("many", 3)
    assert (second.joined and second.joined.id, second.spared) == ("few", 1)


def test_another_place_spares_nobody_and_needs_time_to_get_there() -> None:
    wish = Wish(ALL, MONDAY, MONDAY, 60, frozenset({"day"}), place="公民館")
    found = propose(wish, [meeting("x", MONDAY, time(9, 30), time(16))])
    assert found == [], "half an hour from the town hall it is half past four: too late"
    early = propose(wish, [meeting("x", MONDAY, time(9, 30), time(15, 30))])
    assert [(one.starts, one.spared, one.joined) for one in early] == [(time(16), 0, None)]


def test_busy_periods_come_last_and_are_said() -> None:
    busy = [BusyPeriod("総会の時期", MONDAY, MONDAY + timedelta(days=5))]
    found = propose(WISH, [meeting("x", MONDAY, time(14), time(15))], busy, most=14)
    assert all(one.busy for one in found[-6:]) and not any(one.busy for one in found[:-6])
    assert "総会の時期" in found[-1].reasons[-1]


def test_a_light_month_comes_before_a_full_one() -> None:
    wish = Wish(ALL, date(2026, 11, 30), date(2026, 12, 1), 60, frozenset({"day"}))
    assert propose(wish, [meeting("x", date(2026, 11, 2), time(14), time(15))])[0].day == date(2026, 12, 1)


def test_weekends_holidays_and_the_turn_of_the_year() -> None:
    holiday = date(2026, 11, 23)
    assert slots_on(WISH, MONDAY, ()) == [(570, 720), (780, 1020), (1080, 1230)]
    assert slots_on(WISH, MONDAY + timedelta(days=5), ()) == [(570, 720), (780, 1020)]
    assert slots_on(WISH, holiday, {holiday}) == []
    free = Wish(ALL, MONDAY, MONDAY, 60, frozenset(SLOTS), holidays_too=True)
    assert slots_on(free, holiday, {holiday}) == [(570, 720), (780, 1020)]
    assert slots_on(free, date(2026, 12, 31), ()) == []
    long = Wish(ALL, MONDAY, MONDAY, 300, frozenset({"day"}))
    assert slots_on(long, MONDAY, ()) == [(570, 1020)], "five hours do not fit into an afternoon"
    saturdays = Wish(ALL, MONDAY, MONDAY + timedelta(days=13), 60, frozenset({"weekend"}))
    assert {one.day.weekday() for one in propose(saturdays, [])} == {5, 6}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"people": frozenset()}, "audience"),
        ({"last": MONDAY - timedelta(days=1)}, "last"),
        ({"last": MONDAY + timedelta(days=186)}, "last"),
        ({"slots": frozenset()}, "slots"),
        ({"minutes": 10}, "minutes"),
        ({"minutes": 481}, "minutes"),
    ],
)
def test_what_cannot_be_answered_is_refused_beside_its_field(change: dict[str, object], field: str) -> None:
    values = {name: getattr(WISH, name) for name in ("people", "first", "last", "minutes", "slots")}
    with pytest.raises(InputError) as caught:
        propose(Wish(**{**values, **change}), [])  # type: ignore[arg-type]
    assert caught.value.details["field"] == field


# -- against a search that knows nothing of days, slots or places ---------------------------------------------

PLACES = ("市役所", "公民館", "")
SPANS = [
    ("day", 570, 720),
    ("day", 780, 1020),
    ("evening", 1080, 1230),
    ("weekend", 570, 720),
    ("weekend", 780, 1020),
]


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Wish, list[Meeting]]:
    there = []
    for number in range(draw(st.integers(0, 6))):
        starts = draw(st.integers(18, 38)) * 30
        hours = (
            None
            if draw(st.integers(0, 9)) == 0
            else (time_of(starts), time_of(starts + draw(st.sampled_from((30, 90, 180)))))
        )
        there.append(
            Meeting(
                f"m{number}", "会議", "課", MONDAY + timedelta(days=draw(st.integers(-1, 8))), *(hours or (None, None)),
                draw(st.sampled_from(PLACES)), people=frozenset(draw(st.sets(st.sampled_from("abcdxy"), min_size=1))),
                state=draw(st.sampled_from(("planned", "fixed", "cancelled"))),
            )
        )  # fmt: skip
    wish = Wish(
        ALL, MONDAY, MONDAY + timedelta(days=6), draw(st.sampled_from((45, 60, 120))),
        frozenset(draw(st.sets(st.sampled_from(sorted(SLOTS)), min_size=1))), place=draw(st.sampled_from(PLACES)),
    )  # fmt: skip
    return wish, there


def slow(wish: Wish, there: list[Meeting]) -> dict[date, tuple[int, int]]:
    """Day → (outings, wait) of its best start on the same grid, tried one by one with the rule said once more."""
    found: dict[date, tuple[int, int]] = {}
    day = wish.first
    while day <= wish.last:
        held = [one for one in there if one.day == day and one.state != "cancelled" and one.people & ALL]
        for place in {wish.place} if wish.place else {one.place for one in held} | {""}:
            for start in range(0, 24 * 60 - wish.minutes, 5):  # slots and waits are whole fives
                end = start + wish.minutes
                slot = next(
                    (low for key, low, high in SPANS
                     if key in wish.slots and (key == "weekend") == (day.weekday() > 4) and low <= start and end <= high),
                    None,
                )  # fmt: skip
                here = [one for one in held if place and one.place == place]
                near = {
                    at for one in here if one.starts and one.ends
                    for at in (-(-(minutes_of(one.ends) + 10) // 5) * 5, (minutes_of(one.starts) - 10 - wish.minutes) // 5 * 5)
                }  # fmt: skip
                if slot is None or not ((start - slot) % STEP == 0 or start in near):
                    continue
                waits, good = [], True
                for one in held:
                    if one.starts is None or one.ends is None:
                        good = False
                        break
                    wait = max(minutes_of(one.starts) - end, start - minutes_of(one.ends))
                    beside = bool(place) and one.place == place
                    good = good and wait >= (
                        BREAK if beside and not any(w < 0 for w in [wait]) else 30 if not beside else 0
                    )
                    if beside:
                        waits.append(wait)
                if good:
                    spared = len(set().union(*(one.people for one in here)) & ALL) if here else 0
                    rank = (len(ALL) - spared, min(waits, default=0))
                    found[day] = min(found.get(day, rank), rank)
        day += timedelta(days=1)
    return found


@settings(max_examples=40, deadline=None)
@given(worlds())
def test_every_day_has_the_best_start_there_is(world: tuple[Wish, list[Meeting]]) -> None:
    wish, there = world
    found = propose(wish, there, most=99)
    assert {one.day: (one.people - one.spared, one.gap) for one in found} == slow(wish, there)
    assert [one.rank for one in found] == sorted(one.rank for one in found)
