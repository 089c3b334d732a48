"""Fiscal years and eras."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kyodo_geo.dates import (
    date_label,
    era_year,
    fiscal_year_label,
    fiscal_year_of,
    fiscal_year_range,
    parse_date,
    parse_fiscal_year,
)
from kyodo_geo.errors import InputError


def test_a_fiscal_year_runs_from_april_to_march() -> None:
    assert fiscal_year_of(date(2021, 3, 31)) == 2020
    assert fiscal_year_of(date(2021, 4, 1)) == 2021
    assert fiscal_year_range(2021) == (date(2021, 4, 1), date(2022, 3, 31))


@pytest.mark.parametrize(
    ("year", "label"),
    [(2018, "平成30年度(2018年度)"), (2019, "令和元年度(2019年度)"), (2024, "令和6年度(2024年度)")],
)
def test_fiscal_year_in_words(year: int, label: str) -> None:
    assert fiscal_year_label(year) == label
    assert parse_fiscal_year(label) == year


@pytest.mark.parametrize("text", ["2019", "２０１９年度", "R1", "令和元年度", "令和1年", "平成31年度", "H31"])
def test_ways_to_write_one_fiscal_year(text: str) -> None:
    assert parse_fiscal_year(text) == 2019


@pytest.mark.parametrize(
    "text", ["", "昭和65年度", "平成33年度", "令和元年度(2020年度)", "19", "二〇一九", "99999", "R0" * 99]
)
def test_no_fiscal_year(text: str) -> None:
    with pytest.raises(InputError):
        parse_fiscal_year(text)


@pytest.mark.parametrize(
    "text",
    [
        "2021-04-01",
        "2021/4/1",
        "2021年4月1日",
        "令和3年4月1日",
        "R3.4.1",
        "Ｒ３．４．１",
        " 令和 3年 4月 1日 ",
    ],
)
def test_ways_to_write_one_day(text: str) -> None:
    assert parse_date(text) == date(2021, 4, 1)


def test_first_years_and_ends_of_eras() -> None:
    assert parse_date("令和元年5月1日") == date(2019, 5, 1)
    assert parse_date("平成31年4月30日") == date(2019, 4, 30)
    assert parse_date("昭和56年6月1日") == date(1981, 6, 1)
    assert era_year(date(1989, 1, 7)) == "昭和64年"
    assert era_year(date(1989, 1, 8)) == "平成元年"
    assert date_label(date(2021, 4, 1)) == "令和3年4月1日(2021年4月1日)"


@pytest.mark.parametrize(
    "text", ["平成31年5月1日", "昭和64年2月1日", "令和3年2月30日", "2021-13-01", "きのう", "", "9" * 5000]
)
def test_no_day(text: str) -> None:
    with pytest.raises(InputError):
        parse_date(text)


@settings(max_examples=100, deadline=None)
@given(st.dates(date(1868, 1, 25), date(2117, 12, 31)))
def test_a_day_written_in_its_era_reads_back(day: date) -> None:
    assert parse_date(f"{era_year(day)}{day.month}月{day.day}日") == day
    assert parse_fiscal_year(fiscal_year_label(fiscal_year_of(day))) == fiscal_year_of(day)
