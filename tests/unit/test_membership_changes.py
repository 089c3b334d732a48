"""Membership figures before and after, association by association."""

from __future__ import annotations

from kyodo_geo.membership_changes import by_district, compare


def test_a_new_year_is_compared_with_the_last_one_before() -> None:
    old = {("a", 2018): (100, 50), ("a", 2019): (100, 90)}
    found = compare(old, {**old, ("a", 2020): (100, 85)})
    (change,) = found.changes
    assert (change.verdict, change.before_year, change.before_rate, change.rate) == ("new", 2019, 0.9, 0.85)
    assert not change.jump and found.same == 2


def test_a_rate_that_moves_by_more_than_ten_points_jumps_and_stands_first() -> None:
    old = {("a", 2019): (100, 90), ("b", 2019): (100, 90), ("c", 2019): (100, 90)}
    found = compare(old, {("a", 2019): (100, 80), ("b", 2019): (100, 79), ("c", 2019): (100, 90)})
    assert [(change.association_id, change.jump) for change in found.changes] == [("b", True), ("a", False)]
    assert (found.jumps, found.count("changed"), found.same) == (1, 2, 1)


def test_who_had_a_figure_and_is_not_in_the_new_year_is_named() -> None:
    old = {("a", 2019): (100, 90), ("b", 2019): (50, 40), ("c", 2018): (10, 9)}
    found = compare(old, {**old, ("a", 2020): (100, 90)})
    assert [(c.association_id, c.verdict) for c in found.changes] == [("b", "absent"), ("a", "new")]


def test_the_years_rate_is_that_of_the_sums() -> None:
    old = {("a", 2019): (100, 100), ("b", 2019): (300, 150)}
    (year,) = compare(old, {("a", 2019): (100, 50), ("b", 2019): (300, 150)}).years
    assert (year.rate_before, year.rate) == (0.625, 0.5)


def test_nobody_living_there_is_no_rate_and_no_jump() -> None:
    (change,) = compare({("a", 2019): (0, 0)}, {("a", 2019): (10, 9)}).changes
    assert (change.before_rate, change.difference, change.jump) == (None, None, False)


def test_against_nothing_everything_is_new() -> None:
    found = compare({}, {("a", 2019): (10, 9)})
    assert [change.verdict for change in found.changes] == ["new"] and found.years[0].rate_before is None


def test_a_new_years_city_is_compared_with_the_last_year() -> None:
    (year,) = compare({("a", 2019): (100, 90)}, {("a", 2019): (100, 90), ("a", 2020): (100, 80)}).years
    assert (year.fiscal_year, year.before_year, year.rate_before, year.rate) == (2020, 2019, 0.9, 0.8)


def test_households_that_leap_at_the_same_rate_are_a_slipped_digit() -> None:
    old = {("a", 2019): (100, 90), ("b", 2019): (20, 10), ("c", 2019): (100, 90)}
    found = compare(old, {("a", 2020): (1000, 900), ("b", 2020): (26, 13), ("c", 2020): (80, 72)})
    assert [(c.association_id, c.leap) for c in found.changes if c.leap] == [("a", True)], (
        "six homes are none"
    )
    assert found.leaps == 1 and found.jumps == 0


def test_sums_by_district_before_and_after() -> None:
    old = {("a", 2019): (100, 90), ("b", 2019): (100, 50), ("c", 2019): (10, 5)}
    new = {**old, ("a", 2020): (100, 80), ("b", 2020): (100, 60), ("x", 2020): (10, 10)}
    one, two, nowhere = by_district(old, new, {"a": 1, "b": 1, "c": 2})
    assert (one.district_no, one.before_year, one.before, one.after) == (
        1,
        2019,
        (2, 200, 140),
        (2, 200, 140),
    )
    assert (one.before_rate, one.rate) == (0.7, 0.7)
    assert (two.before, two.after, two.rate) == ((1, 10, 5), (0, 0, 0), None), "nothing came of district 2"
    assert (nowhere.district_no, nowhere.after) == (None, (1, 10, 10))
