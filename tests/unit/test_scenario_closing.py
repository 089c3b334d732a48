"""Where the people of a closed facility go, on a line of four cells and three facilities."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from kyodo_geo.scenarios.closing import destinations

PEOPLE = np.array([[10.0], [20.0], [30.0], [0.0]])


def state(first: list[int], way: list[float]) -> SimpleNamespace:
    return SimpleNamespace(people=PEOPLE, first=np.array(first), way=np.array(way))


def test_people_ways_and_loads() -> None:
    before, after = state([0, 0, 1, 2], [100, 100, 50, 9]), state([2, 1, 1, 2], [700, 400, 50, 9])
    found = destinations(before, after, 0)  # type: ignore[arg-type]
    assert [(item.place, item.people, item.before_m, item.after_m, item.load) for item in found] == [
        (1, 20, 100, 400, 50), (2, 10, 100, 700, 10),
    ]  # fmt: skip
    assert all(item.car is None for item in found)


def test_minutes_by_car_are_of_those_who_have_a_way() -> None:
    car = np.full((4, 3), np.inf)
    car[1, 1] = 6.0
    before, after = state([0, 0, 1, 2], [100, 100, 50, 9]), state([1, 1, 1, 2], [700, 400, 50, 9])
    (one,) = destinations(before, after, 0, car)  # type: ignore[arg-type]
    assert one.car == 6.0 and one.after_m == pytest.approx((10 * 700 + 20 * 400) / 30)


def test_who_has_nowhere_to_go_goes_nowhere() -> None:
    before, after = state([0, 0, 0, 0], [1, 1, 1, 1]), state([-1, -1, -1, -1], [np.inf] * 4)
    assert destinations(before, after, 0) == []  # type: ignore[arg-type]
