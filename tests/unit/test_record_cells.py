"""Months, times, weekdays, grades and amounts as offices write them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.record_files import cells
from kyodo_geo.errors import InputError


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("2024-04", (2024, 4)), ("2024/4", (2024, 4)), ("2024年4月", (2024, 4)), ("202404", (2024, 4)),
        ("R6.4", (2024, 4)), ("令和６年４月", (2024, 4)), ("令和元年5月", (2019, 5)), ("2024-04-15", (2024, 4)),
        ("R6.4.1", (2024, 4)), ("平成31年4月1日", (2019, 4)),
    ],
)  # fmt: skip
def test_months(cell: str, found: tuple[int, int]) -> None:
    assert cells.month(cell) == found


@pytest.mark.parametrize(
    ("cell", "found"),
    [("9:00", time(9)), ("09:30", time(9, 30)), ("9時", time(9)), ("21時30分", time(21, 30)), ("0900", time(9)),
     ("２１：００", time(21)), ("9:00:00", time(9))],
)  # fmt: skip
def test_times_of_day(cell: str, found: time) -> None:
    assert cells.clock(cell) == found


@pytest.mark.parametrize(
    ("cell", "found"), [("月", 1), ("日", 7), ("日曜日", 7), ("土曜", 6), ("火曜日", 2), ("3", 3), ("７", 7)]
)
def test_weekdays(cell: str, found: int) -> None:
    assert cells.weekday(cell) == found


@pytest.mark.parametrize(
    ("cell", "found"), [("1,234円", 1234), ("¥500", 500), ("０", 0), ("-", None), ("12.0", 12)]
)
def test_amounts(cell: str, found: int | None) -> None:
    assert cells.yen(cell) == found


def test_grades_and_hazards() -> None:
    assert [cells.grade(cell) for cell in ("A", "ｂ", "－", "対象外")] == ["A", "B", None, None]
    assert cells.hazards("地震、洪水、崖崩れ、土石流及び地滑り") == ["flood", "landslide", "earthquake"]
    assert cells.role("指定避難所") == "designated-shelter"


PARSERS: list[tuple[Callable[[str], object], tuple[str, ...]]] = [
    (cells.month, ("2024", "2024-13", "2024-00", "四月", "20241")),
    (cells.month_number, ("0", "13", "x")),
    (cells.clock, ("24:00", "9:60", "x", "99")),
    (cells.weekday, ("8", "祝", "月火", "")),
    (cells.yen, ("-1", "1.5", "1e20", "abc", "nan")),
    (cells.hours, ("-1", "9999", "abc")),
    (cells.grade, ("E", "AB", "1")),
    (cells.hazards, ("隕石",)),
    (cells.fiscal_year, ("1900", "x")),
]


@pytest.mark.parametrize(("parse", "wrong"), PARSERS)
def test_what_is_none_is_refused_in_japanese(parse: Callable[[str], object], wrong: tuple[str, ...]) -> None:
    for cell in wrong:
        with pytest.raises(InputError) as caught:
            parse(cell)
        assert "「" in caught.value.message


@given(cell=st.text(min_size=1, max_size=12))
def test_any_text_is_a_value_or_a_refusal(cell: str) -> None:
    for parse, _ in PARSERS:
        try:
            parse(cell)
        except InputError as error:
            assert error.message
