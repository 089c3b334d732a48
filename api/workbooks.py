"""Workbooks of plain tables, by XlsxWriter: it stays small in the web process (openpyxl and what it brings take 11 MB).

Numbers are numbers; words are words whatever they begin with, and keep their apostrophe where a spreadsheet might run
them once they are edited. Equal tables give equal bytes.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kyodo_geo.spreadsheets import harmless
from kyodo_geo.xml_text import xml_text

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Plain = str | int | float

PLAIN, BOLD, WRAPPED = 0, 1, 2
_LOOKS: tuple[dict[str, Any], ...] = ({}, {"bold": True}, {"text_wrap": True, "valign": "top"})
MOST_CHARACTERS = 32_767
"""In one cell, as the format has it."""
_NO_TITLE = re.compile(r"[\[\]:*?/\\]")
MADE = datetime(1980, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""The format wants a day of making; without one of today's, equal tables are equal files."""
WORDS_STAY_WORDS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet. `widths`: of the columns, in characters; `frozen`: columns that stay beside the head; `style`: of the rows."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Plain | None]]
    widths: Sequence[float] = ()
    frozen: int = 0
    filtered: bool = False
    style: int = WRAPPED


def workbook(pages: Sequence[Page]) -> bytes:
    """The file."""
    from xlsxwriter import Workbook

    out = io.BytesIO()
    with Workbook(out, WORDS_STAY_WORDS) as book:
        book.set_properties({"created": MADE})
        # (style, with the mark that the text is no formula) → the format
        looks = {
            (style, marked): book.add_format(look | ({"quote_prefix": True} if marked else {}))
            for style, look in enumerate(_LOOKS)
            for marked in (False, True)
        }
        for page in pages:
            _fill(book.add_worksheet(_NO_TITLE.sub(" ", page.title)[:31]), page, looks)
    return out.getvalue()


def _fill(sheet: Worksheet, page: Page, looks: dict[tuple[int, bool], Any]) -> None:
    for column, width in enumerate(page.widths):
        sheet.set_column(column, column, width)
    rows = [page.head, *page.rows] if page.head else page.rows
    for number, row in enumerate(rows):
        style = BOLD if page.head and number == 0 else page.style
        for column, value in enumerate(row):
            if isinstance(value, float) and not math.isfinite(value):
                value = str(value)
            if value is None:
                sheet.write_blank(number, column, None, looks[style, False])
            elif isinstance(value, str):
                text = plain_text(value)
                sheet.write_string(number, column, text, looks[style, harmless(text) != text])
            else:
                sheet.write_number(number, column, value + 0, looks[style, False])
    if page.head:
        sheet.freeze_panes(1, page.frozen)
        if page.filtered:
            sheet.autofilter(0, 0, len(rows) - 1, len(page.head) - 1)


def plain_text(value: str) -> str:
    """What the format can hold of a text."""
    return xml_text(value)[:MOST_CHARACTERS]
