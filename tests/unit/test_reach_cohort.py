"""Projection by cohort change ratios: hand-made sums, generated cities whose totals are known, and what always holds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from kyodo_geo.errors import InputError
from kyodo_geo.reach.cohort import Bounds, five_year_classes, project, ratios, scaled

FREE = Bounds(least=0, apart=1e9)
K = 10
"""Classes 0–4 … 40–44, 45 and over: the fewest that the method takes. Adults are places 4 to 8."""


def one(**of_class: float) -> np.ndarray:
    """One area of 100 people per class but for those named c0 … c9."""
    row = np.full((1, K), 100.0)
    for name, value in of_class.items():
        row[0, int(name[1:])] = value
    return row


def test_each_class_changes_as_it_did_and_children_follow_the_adults() -> None:
    before, after = one(), one(c1=90, c5=120, c9=150)
    found = ratios(before, after, [0], FREE)
    # c0 → c1: 90/100; c4 → c5: 120/100; the two oldest, 200 together, became 150.
    assert found.change[0].tolist() == pytest.approx([0.9, 1, 1, 1, 1.2, 1, 1, 1, 0.75])
    # 100 children for 100 + 120 + 100 + 100 + 100 adults.
    assert found.children[0] == pytest.approx(100 / 520)
    later = project(after, found, 2)
    # 2025: c1 = 100·0.9, c2 = 90·1, c5 = 100·1.2, c6 = 120·1, c9 = (100 + 150)·0.75; adults 100+120+120+100+100 = 540.
    assert later[0][0].tolist() == pytest.approx(
        [540 * 100 / 520, 90, 90, 100, 100, 120, 120, 100, 100, 187.5]
    )
    # 2030: c1 = 540·100/520·0.9; c9 = (100 + 187.5)·0.75.
    assert later[1][0, [1, 9]].tolist() == pytest.approx([54000 / 520 * 0.9, 215.625])


def test_a_population_that_did_not_change_stays() -> None:
    drawn = np.random.default_rng(5).uniform(60, 140, (30, 18))
    found = ratios(drawn, drawn, np.arange(30) % 4, Bounds(least=50, apart=100))
    assert np.allclose(project(drawn, found, 6), drawn)


def test_a_city_that_grows_evenly_has_the_totals_of_the_power() -> None:
    """Stable growth of 3 % per step, in every area and class: totals are known for every year."""
    base = np.random.default_rng(8).uniform(200, 500, (12, 18))
    found = ratios(base, base * 1.03, np.zeros(12, dtype=int), FREE)
    totals = project(base * 1.03, found, 6).sum(axis=(1, 2))
    assert totals == pytest.approx(base.sum() * 1.03 ** np.arange(2, 8))


def test_small_areas_take_the_ratio_of_the_district_then_of_the_city() -> None:
    small, large, other = one() / 10, one() * 3, one() * 7
    before = np.vstack([small, large, other])
    after = before * np.array([[3.0], [1.2], [0.9]])
    found = ratios(before, after, [0, 0, 1], Bounds(least=50, apart=1e9))
    assert found.level[0, 0] == 1 and found.level[1, 0] == 0
    # District 0: 10 + 300 people became 30 + 360.
    assert found.change[0, 0] == pytest.approx(390 / 310) and found.change[1, 0] == pytest.approx(1.2)
    city = ratios(before, after, [0, 1, 1], Bounds(least=50, apart=1e9))
    assert city.level[0, 0] == 2 and city.change[0, 0] == pytest.approx((30 + 360 + 630) / 1010)


def test_no_ratio_is_further_from_the_citys_than_the_bound() -> None:
    before = np.vstack([one(), one() * 50])
    after = before * np.array([[9.0], [1.0]])
    found = ratios(before, after, [0, 1], Bounds(least=0, apart=2))
    city = (900 + 5000) / 5100
    assert found.change[0, 0] == pytest.approx(2 * city) and found.change[1, 0] == 1


def test_what_is_secret_stays_unknown_and_is_in_no_ratio() -> None:
    before = np.vstack([one(), one(), one()])
    after = before * np.array([[1.0], [5.0], [1.0]])
    after[1, 3] = np.nan
    before[2, 0] = np.nan
    found = ratios(before, after, [0, 0, 0], FREE)
    # The fivefold of the half-secret area is in nobody's ratio.
    assert np.allclose(found.change[:, :-1], 1) and np.allclose(found.change[:, -1], 0.5)
    assert found.level[2].tolist() == [1] * K  # published now, but not then: the district's
    later = project(after, found, 1)[0]
    assert np.isnan(later[1]).all() and np.isfinite(later[[0, 2]]).all()


def test_scaling_to_a_control_total_is_exact_and_leaves_secret_ones_out() -> None:
    people = np.vstack([one(), one() * 3, one() * np.nan])
    assert np.nansum(scaled(people, 777)) == pytest.approx(777)
    by_class = np.arange(10.0, 20.0)
    found = scaled(people, by_class)
    assert np.nansum(found, axis=0) == pytest.approx(by_class) and np.isnan(found[2]).all()
    with pytest.raises(InputError):
        scaled(np.zeros((1, K)), 5)
    with pytest.raises(InputError):
        scaled(people, [1, 2])


@settings(max_examples=60, deadline=None)
@given(
    arrays.arrays(float, (2, 6, 12), elements=st.integers(0, 400).map(float)),
    st.lists(st.integers(-1, 2), min_size=6, max_size=6),
    st.integers(0, 200), st.floats(1, 4), st.floats(0, 10), st.integers(0, 5),
)  # fmt: skip
def test_nobody_is_negative_and_units_do_not_matter(
    censuses: np.ndarray, group: list[int], least: int, apart: float, factor: float, secret: int
) -> None:
    before, after = censuses
    before[secret] = np.nan
    found = ratios(before, after, group, Bounds(least, apart))
    later = project(after, found, 3)
    assert (later >= 0).all() and np.isfinite(later).all()
    assert np.allclose(project(after * factor, found, 3), later * factor)
    assert ((found.level == 2).all(axis=1) | (np.array(group) >= 0) | (found.level == 0).any(axis=1)).all()
    if np.nansum(later[2]) > 0:
        assert scaled(later[2], 1234.5).sum() == pytest.approx(1234.5)


@pytest.mark.parametrize(
    ("classes", "fit"),
    [([(a, a + 4 if a < 85 else None) for a in range(0, 90, 5)], True),
     ([(a, a + 4 if a < 45 else None) for a in range(0, 50, 5)], True),
     ([(a, a + 4) for a in range(0, 90, 5)], False),
     ([(0, 14), (15, 64), (65, None)], False),
     ([(a, a + 4 if a < 85 else None) for a in range(5, 90, 5)], False)],
)  # fmt: skip
def test_only_classes_of_five_years_can_be_projected(
    classes: list[tuple[int, int | None]], fit: bool
) -> None:
    assert five_year_classes(classes) is fit


@pytest.mark.parametrize(
    "wrong",
    [lambda: Bounds(least=-1), lambda: Bounds(apart=0.5), lambda: ratios(one(), one()[:, :9], [0]),
     lambda: ratios(one(), -one(), [0]), lambda: ratios(one(), one(), [0, 1]), lambda: ratios(one(), one(), [0.5]),
     lambda: project(np.vstack([one(), one()]), ratios(one(), one(), [0]), 1)],
)  # fmt: skip
def test_what_cannot_be_is_refused(wrong: object) -> None:
    with pytest.raises(InputError):
        wrong()  # type: ignore[operator]
