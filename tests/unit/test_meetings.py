"""Clashes, load and near days of meetings: squares of people, round hours; the greedy count against all groupings."""

from __future__ import annotations

from datetime import date, time, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kyodo_geo.errors import InputError
from kyodo_geo.meetings.clashes import clashes, near
from kyodo_geo.meetings.load import by_association, by_district, savable_days
from kyodo_geo.meetings.meeting import BusyPeriod, Meeting, month_days, travel_minutes
from kyodo_geo.meetings.people import check_audience, districts_of, people

DAY = date(2026, 11, 26)
TOWN = {"a": 1, "b": 1, "c": 2, "d": None}


def meeting(
    id_: str, day: date = DAY, hours: tuple[int, int] | None = (14, 15), who: str = "ab", **more: object
) -> Meeting:
    starts, ends = (time(hours[0]), time(hours[1])) if hours else (None, None)
    asked = frozenset(f"p:{one}" for one in who)
    return Meeting(id_, f"会議{id_}", "課", day, starts, ends, **{"people": asked, "place": "市役所", **more})  # type: ignore[arg-type]


def test_an_audience_is_people() -> None:
    assert people("presidents", None, None, TOWN) == {"p:a", "p:b", "p:c", "p:d"}
    assert people("presidents", [1], None, TOWN) == {"p:a", "p:b"}
    assert people("circulation", [2], None, TOWN) == {"c:c"}
    assert people("district-bodies", None, None, TOWN) == {"b:1", "b:2"}
    assert people("associations", None, ["c", "gone"], TOWN) == {"p:c"}
    assert districts_of({"p:a", "p:d", "b:2"}, TOWN) == (1, 2)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"audience": "associations", "association_ids": None, "district_nos": None}, "association_ids"),
        ({"audience": "associations", "association_ids": ["a"], "district_nos": [1]}, "district_nos"),
        ({"audience": "presidents", "association_ids": ["a"], "district_nos": None}, "association_ids"),
    ],
)
def test_an_audience_that_contradicts_itself_is_refused(facts: dict[str, object], field: str) -> None:
    with pytest.raises(InputError) as caught:
        check_audience(facts)
    assert caught.value.details["field"] == field


def kinds(*there: Meeting) -> list[str]:
    return [one.kind for one in clashes(there)]


def test_the_same_people_cannot_be_in_two_rooms() -> None:
    assert kinds(meeting("1"), meeting("2")) == ["overlap"]
    assert kinds(meeting("1"), meeting("2", who="c")) == [], "other people"
    assert kinds(meeting("1"), meeting("2", state="cancelled")) == []
    assert kinds(meeting("1"), meeting("2", day=DAY + timedelta(days=1))) == []


def test_people_need_time_between_two_places_and_none_at_one() -> None:
    assert kinds(meeting("1"), meeting("2", hours=(15, 16))) == [], "the next meeting in the same room"
    assert kinds(meeting("1"), meeting("2", hours=(15, 16), place="公民館")) == ["travel"]
    assert kinds(meeting("1"), meeting("2", hours=(16, 17), place="公民館")) == []
    assert kinds(meeting("1"), meeting("2", hours=None)) == ["open"]
    words = clashes([meeting("1"), meeting("2", hours=(15, 16), place="公民館")])[0].words
    assert "間は 0 分" in words and "30 分ほど" in words and "2 人" in words


def test_minutes_between_places_follow_the_distance() -> None:
    a, b = (141.15, 39.70), (141.15, 39.79)
    assert travel_minutes("a", a, "a2", a) == 0
    assert travel_minutes("市役所", None, "市 役所", None) == 0
    assert travel_minutes("a", a, "b", None) == 30
    assert travel_minutes("a", a, "b", b) == travel_minutes("b", b, "a", a) == 55, (
        "10 km: 42 minutes, and ten to arrive"
    )


def test_busy_periods_come_back_every_year_also_over_the_turn_of_it() -> None:
    spring = BusyPeriod("総会", date(2020, 4, 10), date(2020, 5, 31), yearly=True)
    assert spring.holds(date(2026, 4, 10)) and spring.holds(date(2026, 5, 31))
    assert not spring.holds(date(2026, 4, 9)) and not spring.holds(date(2026, 6, 1))
    winter = BusyPeriod("年末", date(2020, 12, 20), date(2021, 1, 10), yearly=True)
    assert winter.holds(date(2026, 1, 5)) and winter.holds(date(2026, 12, 31)) and not winter.holds(DAY)
    assert not BusyPeriod("一度", date(2020, 4, 10), date(2020, 5, 31)).holds(date(2026, 4, 20))
    found = clashes([meeting("1", day=date(2026, 4, 20))], [spring])
    assert [one.kind for one in found] == ["busy"] and "総会" in found[0].words


def test_meetings_near_each_other_with_mostly_the_same_people_could_be_one_day() -> None:
    later = DAY + timedelta(days=7)
    assert [one.people for one in near([meeting("1"), meeting("2", day=later, who="abcd")])] == [2]
    assert near([meeting("1"), meeting("2", day=DAY)]) == [], "they are on one day"
    assert near([meeting("1"), meeting("2", day=later + timedelta(days=1))]) == []
    assert near([meeting("1", who="abc"), meeting("2", day=later, who="cdef")]) == [], (
        "a third of the smaller"
    )


def test_load_is_counted_by_association_and_by_district() -> None:
    saturday = date(2026, 11, 28)
    there = [
        meeting("1"), meeting("2", day=saturday, hours=(18, 19), who="a", required=False),
        meeting("3", who="abc", state="cancelled"),
    ]  # fmt: skip
    loads = by_association(there, TOWN)
    a = loads["a"]
    assert (a.meetings, a.required, a.weekend, a.evening, a.days, a.savable) == (2, 1, 1, 1, 2, 1)
    assert a.months[10] == 2 and a.weekend_share == 0.5
    assert loads["c"].meetings == 0 and loads["c"].weekend_share is None
    first, second, unknown = by_district(loads, there, TOWN)
    assert (first.district_no, first.presidents, first.meetings, first.mean, first.most) == (1, 2, 2, 1.5, 2)
    assert first.weekend_share == pytest.approx(1 / 3)
    assert (second.mean, unknown.district_no) == (0, None)


def fewest_groups(days: list[int], within: int) -> int:
    """Every way to cut the sorted days into runs of at most `within`."""
    best = len(days)
    for cuts in product([0, 1], repeat=max(0, len(days) - 1)):
        groups, run = [], days[:1]
        for cut, day in zip(cuts, days[1:], strict=True):
            if cut:
                groups.append(run)
                run = []
            run = [*run, day]
        groups.append(run)
        if all(not one or one[-1] - one[0] <= within for one in groups):
            best = min(best, len([one for one in groups if one]))
    return best


@given(st.sets(st.integers(0, 40), max_size=8), st.integers(0, 10))
def test_savable_days_are_those_of_the_fewest_groups(numbers: set[int], within: int) -> None:
    days = sorted(numbers)
    assert savable_days([DAY + timedelta(days=one) for one in days], within) == len(days) - fewest_groups(
        days, within
    )


def test_a_month_begins_on_a_sunday_and_holds_all_its_days() -> None:
    for month in range(1, 13):
        weeks = month_days(date(2026, month, 15))
        days = [day for week in weeks for day in week]
        assert days[0].weekday() == 6 and len({*days}) == len(days)
        assert sum(day.month == month for day in days) in (28, 30, 31)
        assert all(any(day.month == month for day in week) for week in weeks)
