"""Workbooks of tables, read back by another library than the one that wrote them."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree

import openpyxl
import pytest

from api.workbooks import MOST_CHARACTERS, PLAIN, Page, workbook

ROWS = [
    ["=1+1", 3, 2.5, None],
    ["あ<&>\"'\n二行目", -1, 1e300, "@x"],
    [" 前後 ", True, 0.1, "-5"],
    ["", 0, float("inf"), "x"],
]
EXPECTED = [*ROWS[:2], [" 前後 ", 1, 0.1, "-5"], ["", 0, "inf", "x"]]
"""A truth value is a number, what is no number a word."""


@pytest.fixture(scope="module")
def book() -> openpyxl.Workbook:
    made = workbook(
        [
            Page("表", ["名", "数", "値", "他"], ROWS, widths=(12, 9, 9, 30), frozen=2, filtered=True),
            Page("説明[1]:*?/\\" + "長" * 40, (), [["一行"]], style=PLAIN),
        ]
    )
    return openpyxl.load_workbook(io.BytesIO(made))


def test_numbers_are_numbers_and_words_are_words(book: openpyxl.Workbook) -> None:
    head, *rows = book["表"].iter_rows()
    assert [cell.value for cell in head] == ["名", "数", "値", "他"]
    assert [[cell.value for cell in row] for row in rows] == EXPECTED
    assert all(
        cell.data_type == ("n" if not isinstance(cell.value, str) else "s") for row in rows for cell in row
    )


def test_only_what_might_run_has_its_apostrophe(book: openpyxl.Workbook) -> None:
    marked = {cell.value for row in book["表"].iter_rows() for cell in row if cell.quotePrefix}
    assert marked == {"=1+1", "@x"}


def test_how_it_looks(book: openpyxl.Workbook) -> None:
    page = book["表"]
    assert page.freeze_panes == "C2"
    assert page.auto_filter.ref == "A1:D5"
    assert page.column_dimensions["D"].width == pytest.approx(30, abs=1)
    assert page["A1"].font.bold and not page["A2"].font.bold
    assert page["A2"].alignment.wrap_text
    other = book.worksheets[1]
    assert len(other.title) == 31
    assert other.freeze_panes is None
    assert not other["A1"].alignment.wrap_text


def test_what_xml_cannot_hold_is_left_out_and_no_cell_is_too_long() -> None:
    made = workbook([Page("x", (), [["a\x00b\x0bc\ud800\uffffd", "長" * (MOST_CHARACTERS + 5)]])])
    (row,) = openpyxl.load_workbook(io.BytesIO(made)).active.iter_rows(values_only=True)
    assert row == ("abcd", "長" * MOST_CHARACTERS)


def test_equal_tables_give_equal_bytes_and_every_part_is_xml() -> None:
    page = Page("x", ["列"] * 800, [[1] * 800])
    assert workbook([page]) == workbook([page])
    with zipfile.ZipFile(io.BytesIO(workbook([page]))) as archive:
        for name in archive.namelist():
            ElementTree.fromstring(archive.read(name))
    places = openpyxl.load_workbook(io.BytesIO(workbook([page]))).active
    assert places["ADT2"].value == 1  # column 800
