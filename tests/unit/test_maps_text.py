"""How figures read."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from maps.text import FILTERS, as_of_day, day, number, percent, reading


@pytest.mark.parametrize(
    ("value", "text"), [(None, "不明"), (0, "0"), (12345, "12,345"), (1234.5678, "1,235")]
)
def test_numbers(value: float | None, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(None, "不明"), (0.875, "87.5 %"), (0.8745, "87.5 %"), (1.0, "100.0 %")]
)
def test_percentages(value: float | None, text: str) -> None:
    assert percent(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (date(2024, 4, 1), "令和6年4月1日"),
        ("2024-04-01", "令和6年4月1日"),
        ("2024-04-01T09:00:00+09:00", "令和6年4月1日"),
        (datetime(2024, 3, 31, 16, tzinfo=UTC), "令和6年4月1日"),
        ("平成のころ", "平成のころ"),
        ("", "不明"),
        (None, "不明"),
    ],
)
def test_days(value: date | str | None, text: str) -> None:
    assert day(value) == text


def test_an_unknown_day_reads_as_a_sentence() -> None:
    assert as_of_day(None) == as_of_day("") == "時点は不明"
    assert as_of_day(date(2024, 4, 1)) == "令和6年4月1日時点"


def test_templates_know_them_by_name() -> None:
    assert set(FILTERS) == {"number", "percent", "day", "as_of_day", "fiscal_year", "reading"}


def test_a_reading_without_a_source_says_so() -> None:
    assert reading("におう", False) == "におう（読み未確認）"
    assert reading("うえだ", True) == reading("うえだ", None) == "うえだ"
    assert reading(None, None) is None
    assert FILTERS["fiscal_year"](2019) == "令和元年度(2019年度)"
