"""Changes as readers would compute them from the table, in classes symmetric around 0."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kyodo_geo.rate_change import (
    LABELS,
    change_class,
    change_legend_rows,
    change_points,
    counted,
    format_points,
)


def test_a_change_is_the_difference_of_the_rates_as_shown() -> None:
    """87.46 and 86.44 are shown as 87.5 and 86.4: the reader gets 1.1, not 1.0."""
    assert change_points(0.8746, 0.8644) == Decimal("1.1")


def test_an_unknown_rate_gives_no_change() -> None:
    assert change_points(None, 0.5) is None
    assert change_points(0.5, None) is None
    assert change_class(None) is None


@pytest.mark.parametrize(
    ("points", "index"),
    [("-3.0", 0), ("-2.9", 1), ("-1.0", 1), ("-0.9", 2), ("0", 2), ("0.9", 2), ("1.0", 3), ("2.9", 3), ("3.0", 4)],
)  # fmt: skip
def test_classes_part_at_one_and_three_points_to_both_sides(points: str, index: int) -> None:
    assert change_class(Decimal(points)) == index


def test_signs_are_written() -> None:
    written = [format_points(Decimal(value)) for value in ("1.2", "-0.8", "0.0")]
    assert [*written, format_points(None)] == ["+1.2", "−0.8", "±0.0", "データなし"]


def test_the_legend_counts_everything_once_from_rise_to_fall() -> None:
    rows = change_legend_rows([Decimal(3), Decimal("-0.5"), Decimal(-4), None])
    assert [row.label for row in rows] == [*reversed(LABELS), "データなし"]
    assert [row.count for row in rows] == [1, 0, 1, 0, 1, 1]


def test_directions_are_counted() -> None:
    count = counted([Decimal(3), Decimal("-0.5"), Decimal(-4), Decimal(-1), None])
    assert (count.fell, count.steady, count.rose) == (2, 1, 1)
