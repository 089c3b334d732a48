"""Values far from the others, by fences a reader can check."""

from __future__ import annotations

from kyodo_geo.outliers import outliers, quantile


def test_quartiles_lie_between_neighbours() -> None:
    assert [quantile([0, 1, 2, 3], share) for share in (0.25, 0.5, 0.75)] == [0.75, 1.5, 2.25]


def test_far_values_are_named_on_their_side() -> None:
    values = {no: 0.80 + no / 100 for no in range(1, 9)} | {9: 0.10, 10: 0.99, 11: 0.20}
    found = outliers(values)
    assert found is not None
    assert (found.low, found.high) == ((9, 11), (10,))


def test_a_value_on_the_fence_is_not_far() -> None:
    # Quartiles 2 and 6, so the fences are -4 and 12.
    values = dict(enumerate([0.0, 2, 2, 4, 4, 4, 6, 6, 12.0]))
    found = outliers(values)
    assert found is not None and (found.low_fence, found.high_fence) == (-4.0, 12.0)
    assert found.high == ()


def test_few_values_have_no_outliers() -> None:
    assert outliers({no: float(no) for no in range(7)}) is None
