"""The file of holidays: as 内閣府 gives it out, and what is said of one that cannot be used."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from geodata.holidays import read_holidays
from kyodo_geo.errors import FileFormatError, InputError


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
def test_days_stand_in_the_first_column(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "holidays.csv"
    file.write_text(
        "国民の祝日・休日月日,名称\r\n2027/1/1,元日\r\n2027-03-21,春分の日\r\n\r\n", encoding=encoding
    )
    assert read_holidays(file) == {date(2027, 1, 1), date(2027, 3, 21)}


def test_a_line_that_is_no_day_is_named(tmp_path: Path) -> None:
    file = tmp_path / "holidays.csv"
    file.write_text("日付\n2027/1/1\n春分の日\n", encoding="utf-8")
    with pytest.raises(FileFormatError, match="3 行目"):
        read_holidays(file)


@pytest.mark.parametrize("content", ["", "日付\n"])
def test_a_file_without_days_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "holidays.csv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(FileFormatError):
        read_holidays(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="KYODO_HOLIDAYS_FILE"):
        read_holidays(tmp_path / "nosuch.csv")
