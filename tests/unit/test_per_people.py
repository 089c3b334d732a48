"""Figures per 1,000 people, and which place is nearest: by hand on round numbers."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from kyodo_geo.nearest import borders, nearest_places
from kyodo_geo.per_people import class_labels, class_of, format_number, per_thousand


@pytest.mark.parametrize(
    ("count", "people", "rate"),
    [
        (8, 4000, 2.0),
        (1, 3, 333.33),
        (0, 500, 0.0),
        (1, 200_000, 0.01),
        (None, 5, None),
        (3, 0, None),
        (3, None, None),
    ],
)
def test_a_count_per_thousand_people(count: int | None, people: int | None, rate: float | None) -> None:
    assert per_thousand(count, people) == rate


def test_rounding_is_half_up_and_keeps_two_digits() -> None:
    assert per_thousand(1, 8000) == 0.13
    assert format_number(0.5) == "0.50"
    assert format_number(1234.5) == "1,234.50"


def test_a_class_holds_its_lower_break() -> None:
    breaks = (0.1, 0.2, 1.0)
    assert [class_of(value, breaks) for value in (0.0, 0.1, 0.19, 0.2, 5.0, None)] == [0, 1, 1, 2, 3, None]
    assert class_labels(breaks) == ("0.1未満", "0.1以上0.2未満", "0.2以上1未満", "1以上")


PLACES = np.array([(0.0, 0.0), (1000.0, 0.0)])


def test_people_count_for_the_place_nearest_to_their_cell() -> None:
    cells = np.array([(100.0, 0.0), (900.0, 0.0), (1000.0, 300.0)])
    found = nearest_places(cells, [30, 10, 60], ["a", "a", "b"], PLACES)
    assert found["a"].by_place == (30, 10)
    assert (found["a"].place, found["a"].share, found["a"].mean_m) == (0, 0.75, 100.0)
    assert (found["b"].place, found["b"].mean_m, found["b"].people) == (1, 300.0, 60)


def test_the_mean_distance_is_weighted_by_people() -> None:
    cells = np.array([(100.0, 0.0), (400.0, 0.0)])
    assert nearest_places(cells, [3, 1], [1, 1], PLACES)[1].mean_m == pytest.approx(175.0)


def test_a_cell_halfway_goes_to_the_first_place_and_empty_groups_are_left_out() -> None:
    found = nearest_places(np.array([(500.0, 0.0), (0.0, 0.0)]), [5, 0], ["half", "empty"], PLACES)
    assert found["half"].by_place == (5, 0)
    assert set(found) == {"half"}
    assert nearest_places(np.empty((0, 2)), [], [], PLACES) == {}


def test_borders_share_the_outline_between_the_places() -> None:
    outline = shapely.box(141.0, 39.0, 141.2, 39.1)
    west, east = borders([(141.05, 39.05), (141.15, 39.05)], outline, "03201")
    assert west.covers(shapely.Point(141.05, 39.05)) and east.covers(shapely.Point(141.15, 39.05))
    assert west.area + east.area == pytest.approx(outline.area, rel=1e-3)
    assert west.bounds[2] == pytest.approx(141.1, abs=1e-3)
    assert borders([(141.05, 39.05)], outline, "03201") == [outline]
