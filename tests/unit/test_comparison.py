"""Differences in words: they follow from the digits that are shown, and never from a figure that is withheld."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kyodo_geo.comparison import Measure, change_percent, per_1000


def rate(own: float | None, other: float | None, **values: bool) -> Measure:
    return Measure("membership_rate", "加入率", "%", own, other, digits=1, scale="high", **values)


@pytest.mark.parametrize(
    ("own", "other", "words"),
    [
        (83.3, 86.5, "3.2 ポイント低い"),
        (86.5, 83.3, "3.2 ポイント高い"),
        (86.5, 86.5, "同じ"),
        (86.46, 86.54, "同じ"),
        (86.44, 86.46, "0.1 ポイント低い"),
        (None, 86.5, "比べられません"),
    ],
)
def test_rates_differ_by_points_of_what_is_shown(own: float | None, other: float | None, words: str) -> None:
    assert rate(own, other).words == words


def test_a_withheld_figure_shows_neither_itself_nor_its_difference() -> None:
    hidden = rate(71.2, 86.5, own_withheld=True)
    assert (hidden.own_text, hidden.words, hidden.difference) == ("非公表", "比べられません", None)
    assert rate(86.5, 71.2, other_withheld=True).other_text == "非公表"


def test_counts_have_thousands_and_their_unit() -> None:
    people = Measure("population", "人口", "人", 12_345, 9_000.5)
    assert (people.own_text, people.other_text, people.words) == ("12,345 人", "9,001 人", "3,344 人多い")
    assert (
        Measure("household_size", "世帯の人数", "人", 2.0, 2.5, digits=2, scale="big").words
        == "0.50 人小さい"
    )


def test_halves_round_up_as_on_every_page() -> None:
    assert rate(87.45, 87.4).difference == Decimal("0.1")


def test_per_1000_and_change_need_something_to_divide_by() -> None:
    assert per_1000(3, 6000) == 0.5
    assert per_1000(3, 0) is per_1000(3, None) is per_1000(None, 6000) is None
    assert change_percent(200, 190) == -5
    assert change_percent(0, 5) is change_percent(None, 5) is change_percent(5, None) is None
