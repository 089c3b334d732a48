"""Points of blocks, houses and lots in arrays: found by the whole number or by its main number, and small."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kyodo_geo.point_table import PointTable, Row, split_number


def table(*numbers: str, town: str = "渋民", koaza: str | None = "鶴塚") -> PointTable:
    return PointTable(Row(town, koaza, n, 141.0 + i / 1000, 39.7, float(i)) for i, n in enumerate(numbers))


def test_a_number_is_found_however_it_is_joined() -> None:
    lots = table("114-2", "115番地3", "１１６の４", "117番5号", "甲118-6")
    for i, asked in enumerate(("114-2", "115-3", "116-4", "117-5", "甲118-6")):
        found = lots.find(0, asked)
        assert found is not None
        assert found.accuracy_m == i


def test_a_number_that_is_not_there_is_not_found() -> None:
    lots = table("114-2", "114-3", "甲115")
    for asked in ("114", "114-1", "114-4", "1142", "14-2", "甲114-2", "115", "乙115", "甲115-1", "", "字"):
        assert lots.find(0, asked) is None


def test_all_points_of_a_main_number_but_not_of_its_letters() -> None:
    lots = table("113-9", "114", "114-2", "114-2-1", "甲114", "114A", "115-1")
    assert [point.accuracy_m for point in lots.of_main(0, "114-7")] == [1.0, 2.0, 3.0]
    assert lots.of_main(0, "甲114") == []
    assert lots.of_main(0, "116") == []


def test_towns_and_koaza_are_kept_apart() -> None:
    rows = [
        Row(t, k, "1", 141.0 + i, 39.7, None)
        for i, (t, k) in enumerate((("渋民", None), ("渋民", "鶴塚"), ("好摩", "野中")))
    ]
    points = PointTable(rows)
    assert points.towns == (("渋民", None), ("渋民", "鶴塚"), ("好摩", "野中"))
    assert [points.find(i, "1") for i in range(3)] == [(141.0 + i, 39.7, None) for i in range(3)]


def test_the_first_of_two_rows_counts_and_rows_without_number_are_left() -> None:
    points = table("5-1", "5-1", "無番地")
    found = points.find(0, "5-1")
    assert (len(points), found and found.accuracy_m) == (2, 0.0)
    assert len(PointTable()) == 0


def test_the_numbers_of_a_town() -> None:
    rows = [("みたけ", n) for n in ("3-1", "1", "甲7", "3-12", "3-1", "5-2A", "3")]
    points = PointTable(
        Row(town, None, n, 141.0, 39.7, None) for town, n in [("青山", "9-9"), *rows, ("上田", "2")]
    )
    assert points.towns[1] == ("みたけ", None)
    assert list(points.mains(1).items()) == [(1, False), (3, True), (5, True), (7, True)]
    assert points.branches(1, 3) == (1, 12)
    assert points.branches(1, 1) == points.branches(1, 99) == ()
    assert points.branches(1, 5) is points.branches(1, 7) is None


@given(st.lists(st.tuples(st.integers(1, 9999), st.integers(0, 9999)), unique=True, max_size=60))
def test_every_number_put_in_is_found_at_its_place(pairs: list[tuple[int, int]]) -> None:
    numbers = [f"{main}-{branch}" if branch else f"{main}" for main, branch in pairs]
    points = table(*numbers)
    for i, number in enumerate(numbers):
        found = points.find(0, number)
        assert found is not None
        assert (found.lon, found.accuracy_m) == (pytest.approx(141.0 + i / 1000, abs=1e-7), i)


@given(st.text(max_size=12))
def test_no_text_breaks_it(text: str) -> None:
    split = split_number(text)
    assert split is None or 0 <= split[1] < 1 << 32
    table("1-2").find(0, text)


def test_a_city_of_lots_stays_small() -> None:
    points = PointTable(Row("渋民", f"字{n % 50}", f"{n}-{n % 7}", 141.0, 39.7, 90.0) for n in range(100_000))
    assert points.nbytes / len(points) <= 32
