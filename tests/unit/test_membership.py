"""Membership rates: sums, withholding, one rounding."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kyodo_geo.membership import format_percent, format_percent_sign, membership_rate, total, withheld


def test_rate_is_members_per_household() -> None:
    assert membership_rate(7, 8) == 0.875


@pytest.mark.parametrize(("members", "households"), [(None, 8), (7, None), (7, 0), (0, 0)])
def test_no_rate_without_both_figures(members: int | None, households: int | None) -> None:
    assert membership_rate(members, households) is None


def test_the_rate_of_a_sum_is_not_the_mean_of_rates() -> None:
    found = total([(10, 10), (50, 90)])
    assert (found.member_households, found.households, found.rate, found.unknown) == (60, 100, 0.6, 0)


def test_a_group_with_one_figure_missing_enters_neither_sum() -> None:
    found = total([(80, 100), (50, None), (None, 50)])
    assert (found.rate, found.unknown) == (0.8, 2)


def test_nothing_is_withheld_when_every_group_is_large() -> None:
    assert withheld({"a": 30, "b": 40}, 10) == frozenset()


def test_a_single_small_group_takes_the_next_smallest_with_it() -> None:
    assert withheld({"a": 5, "b": 40, "c": 30}, 10) == {"a", "c"}


def test_two_small_groups_whose_sum_is_small_take_a_third() -> None:
    assert withheld({"a": 3, "b": 4, "c": 30, "d": 90}, 10) == {"a", "b", "c"}


def test_two_small_groups_whose_sum_is_large_enough_stand_alone() -> None:
    assert withheld({"a": 6, "b": 7, "c": 30}, 10) == {"a", "b"}


def test_empty_and_unknown_groups_have_nothing_to_withhold() -> None:
    assert withheld({"a": 0, "b": None, "c": 30}, 10) == frozenset()


def test_when_there_is_nothing_else_the_small_group_is_withheld_alone() -> None:
    assert withheld({"a": 5}, 10) == {"a"}


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.integers(0, 30), st.integers(0, 60), max_size=12), st.integers(1, 20))
def test_subtraction_never_reveals_a_small_group(sizes: dict[int, int], threshold: int) -> None:
    hidden = withheld(sizes, threshold)
    shown = [key for key, size in sizes.items() if size and key not in hidden]
    assert all(sizes[key] >= threshold for key in shown)
    if hidden and shown:
        assert len(hidden) >= 2
        assert sum(sizes[key] for key in hidden) >= threshold


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (0.875, "87.5"),
        (0.8745, "87.5"),
        (0.87449, "87.4"),
        (0.0005, "0.1"),
        (1.0, "100.0"),
        (0.0, "0.0"),
        (None, "不明"),
    ],
)
def test_percent_is_rounded_half_up(rate: float | None, text: str) -> None:
    assert format_percent(rate) == text


def test_percent_with_sign() -> None:
    assert format_percent_sign(0.875) == "87.5%"
    assert format_percent_sign(None) == "不明"
    assert format_percent(0.875, 0) == "88"
