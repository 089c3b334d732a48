"""Classes of maps: fixed breaks, their wording, counts that add up."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kyodo_geo import classes
from kyodo_geo.classes import (
    COVERAGE_BREAKS,
    MEMBERSHIP_BREAKS,
    class_labels,
    class_of,
    count_class_of,
    count_labels,
    count_legend_rows,
    legend_rows,
)
from kyodo_geo.membership import format_percent


def test_membership_has_five_classes_with_the_city_mean_as_an_edge() -> None:
    assert 0.875 in MEMBERSHIP_BREAKS
    assert class_labels(MEMBERSHIP_BREAKS) == [
        "80%未満", "80%以上85%未満", "85%以上87.5%未満", "87.5%以上90%未満", "90%以上",
    ]  # fmt: skip
    assert len(COVERAGE_BREAKS) == 4


@pytest.mark.parametrize(
    ("rate", "index"), [(0.7999, 1), (0.79, 0), (0.80, 1), (0.875, 3), (0.8744, 2), (1.0, 4), (None, None)]
)
def test_a_class_holds_its_lower_break(rate: float | None, index: int | None) -> None:
    assert class_of(rate, MEMBERSHIP_BREAKS) == index


def test_colour_and_figure_never_contradict() -> None:
    # 87.46 % is shown as 87.5 % and must be coloured as such.
    assert format_percent(0.8746) == "87.5"
    assert class_of(0.8746, MEMBERSHIP_BREAKS) == 3


@settings(max_examples=100, deadline=None)
@given(st.lists(st.none() | st.floats(0, 1), max_size=40))
def test_legend_counts_add_up_to_all_areas(rates: list[float | None]) -> None:
    rows = legend_rows(rates, MEMBERSHIP_BREAKS)
    assert sum(row.count for row in rows) == len(rates)
    assert rows[-1].label == classes.NO_DATA
    assert rows[-1].count == rates.count(None)
    assert [row.index for row in rows] == [4, 3, 2, 1, 0, None]


def test_counts_have_classes_of_their_own() -> None:
    assert count_labels("件") == ["0件", "1件以上5件未満", "5件以上10件未満", "10件以上20件未満", "20件以上"]
    assert [count_class_of(n) for n in (0, 1, 4, 5, 20, 500, None)] == [0, 1, 1, 2, 4, 4, None]
    rows = count_legend_rows([0, 3, 3, None], "件")
    assert {row.label: row.count for row in rows if row.count} == {
        "0件": 1,
        "1件以上5件未満": 2,
        "データなし": 1,
    }
