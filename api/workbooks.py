"""Workbooks of plain tables, written without a library: openpyxl and what it brings would stay in the web process (11 MB).

Numbers are numbers; words are words whatever they begin with, and keep their apostrophe where a spreadsheet might run
them once they are edited. Equal tables give equal bytes.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from kyodo_geo.spreadsheets import harmless

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Plain = str | int | float

PLAIN, BOLD, WRAPPED = 0, 1, 2
_APOSTROPHE = 3
"""Added to a style: the same with the mark that the text is no formula."""
MOST_CHARACTERS = 32_767
"""In one cell, as the format has it."""
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NO_TITLE = re.compile(r"[\[\]:*?/\\]")
_STAMP = (1980, 1, 1, 0, 0, 0)


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
    out = io.BytesIO()
    titles = [_NO_TITLE.sub(" ", page.title)[:31] for page in pages]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:

        def put(name: str, text: str) -> None:
            info = zipfile.ZipInfo(name, _STAMP)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, _XML + text)

        numbers = range(1, len(pages) + 1)
        put("[Content_Types].xml", _TYPES.format("".join(_TYPE_OF_SHEET.format(no) for no in numbers)))
        put("_rels/.rels", _RELS.format(_REL.format("1", "officeDocument", "xl/workbook.xml")))
        of_sheets = "".join(_REL.format(no, "worksheet", f"worksheets/sheet{no}.xml") for no in numbers)
        put(
            "xl/_rels/workbook.xml.rels",
            _RELS.format(of_sheets + _REL.format(len(pages) + 1, "styles", "styles.xml")),
        )
        sheets = (
            f'<sheet name="{_text(title)}" sheetId="{no}" r:id="rId{no}"/>'
            for no, title in enumerate(titles, 1)
        )
        put("xl/workbook.xml", _BOOK.format("".join(sheets)))
        put("xl/styles.xml", _STYLES)
        for no, page in enumerate(pages, 1):
            put(f"xl/worksheets/sheet{no}.xml", "".join(_sheet(page)))
    return out.getvalue()


def _sheet(page: Page) -> Iterator[str]:
    yield f'<worksheet xmlns="{_MAIN}">'
    if page.head:
        place, corner = f"{_letters(page.frozen + 1)}2", "bottomRight" if page.frozen else "bottomLeft"
        beside = f'xSplit="{page.frozen}" ' if page.frozen else ""
        yield (
            f'<sheetViews><sheetView workbookViewId="0"><pane {beside}ySplit="1" topLeftCell="{place}" '
            f'activePane="{corner}" state="frozen"/></sheetView></sheetViews>'
        )
    if page.widths:
        yield "<cols>"
        for no, width in enumerate(page.widths, 1):
            yield f'<col min="{no}" max="{no}" width="{width}" customWidth="1"/>'
        yield "</cols>"
    yield "<sheetData>"
    number = 0
    for number, row in enumerate([page.head, *page.rows] if page.head else page.rows, 1):
        style = BOLD if page.head and number == 1 else page.style
        cells = (_cell(f"{_letters(column)}{number}", value, style) for column, value in enumerate(row, 1))
        yield f'<row r="{number}">{"".join(cells)}</row>'
    yield "</sheetData>"
    if page.filtered and page.head:
        yield f'<autoFilter ref="A1:{_letters(len(page.head))}{number}"/>'
    yield "</worksheet>"


def _cell(place: str, value: Plain | None, style: int) -> str:
    if value is None:
        return f'<c r="{place}" s="{style}"/>'
    if isinstance(value, float) and not math.isfinite(value):
        value = str(value)
    if isinstance(value, str):
        text = _NO_XML.sub("", value)[:MOST_CHARACTERS]
        marked = style + (_APOSTROPHE if harmless(text) != text else 0)
        return f'<c r="{place}" s="{marked}" t="inlineStr"><is><t xml:space="preserve">{_text(text)}</t></is></c>'
    return f'<c r="{place}" s="{style}"><v>{value + 0!r}</v></c>'


def _text(text: str) -> str:
    return escape(_NO_XML.sub("", text)).replace("\r", "&#13;")


def _letters(number: int) -> str:
    """Name of a column, from 1."""
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_TYPE_OF_SHEET = (
    f'<Override PartName="/xl/worksheets/sheet{{}}.xml" ContentType="{_SHEET_TYPE}.worksheet+xml"/>'
)
_TYPES = (
    f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_SHEET_TYPE}.styles+xml"/>{{}}</Types>'
)
_RELS = f'<Relationships xmlns="{_PACKAGE}/relationships">{{}}</Relationships>'
_REL = f'<Relationship Id="rId{{}}" Type="{_OFFICE}/{{}}" Target="{{}}"/>'
_BOOK = f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{{}}</sheets></workbook>'
_FORMATS = (
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"{0}/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"{0}/>'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" applyAlignment="1"{0}>'
    '<alignment vertical="top" wrapText="1"/></xf>'
)
_FONT = '<sz val="11"/><name val="Calibri"/><family val="2"/>'
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font>{_FONT}</font><font><b/>{_FONT}</font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    f'<cellXfs count="6">{_FORMATS.format("")}{_FORMATS.format(" quotePrefix=" + chr(34) + "1" + chr(34))}</cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
