"""Amounts per head and the round classes made from them."""

from __future__ import annotations

import random

import pytest

from kyodo_geo.amounts import MOST_CLASSES, format_per_head, per_head, round_breaks, round_steps
from kyodo_geo.per_people import class_labels, class_of


def test_an_amount_per_head_is_unknown_where_either_side_is() -> None:
    assert per_head(100_000, 2_000) == 50.0
    assert per_head(1, 20) == 0.1  # 0.05 is rounded up
    assert per_head(0, 5) == 0.0
    assert per_head(None, 5) is None and per_head(5, None) is None and per_head(5, 0) is None
    assert format_per_head(1234.5) == "1,234.5"


@pytest.mark.parametrize(
    ("values", "breaks"),
    [
        ((), (1.0,)),
        ((0.0,), (1.0,)),
        ((50.0,), (51.0,)),
        ((90.0, 180.0), (100.0, 120.0, 140.0, 160.0)),
        ((12.0, 47.5), (20.0, 30.0, 40.0)),
        ((*map(float, range(10, 50, 2)), 900.0), (20.0, 30.0, 40.0)),
        ((0.0, 1_000_000.0), (200_000.0, 400_000.0, 600_000.0, 800_000.0)),
    ],
)
def test_breaks_are_round_and_part_the_values(values: tuple[float, ...], breaks: tuple[float, ...]) -> None:
    assert round_breaks(values) == breaks


def test_any_amounts_fall_into_few_classes_of_which_the_lowest_and_highest_are_used() -> None:
    draw = random.Random(7)
    for _ in range(500):
        scale = 10.0 ** draw.randint(0, 7)
        values = [draw.random() * scale for _ in range(draw.randint(1, 40))]
        breaks = round_breaks(values)
        assert 1 <= len(breaks) < MOST_CLASSES
        assert list(breaks) == sorted(set(breaks))
        assert len(set(class_labels(breaks))) == len(breaks) + 1
        used = {class_of(value, breaks) for value in values}
        assert 0 in used
        if len(values) < 10 and max(values) - min(values) > MOST_CLASSES:
            assert len(used) > 1


@pytest.mark.parametrize(
    ("largest", "steps"),
    [(0, (1, 5, 10)), (999_999, (50_000, 250_000, 500_000)), (1_000_000, (100_000, 500_000, 1_000_000))],
)
def test_circles_are_explained_by_round_amounts(largest: float, steps: tuple[int, ...]) -> None:
    assert round_steps(largest) == steps
