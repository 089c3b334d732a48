"""Excel workbooks (.xlsx) as tables of text cells: one sheet, the heading row found below titles."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Any

from geodata.readers.sources import Table, as_text
from geodata.readers.values import MAX_TEXT
from geodata.workbook_parts import declares, too_many_strings
from kyodo_geo.errors import FileFormatError, InputError

MAX_BYTES = 20 << 20
MAX_UNPACKED = 200 << 20
MAX_MEMBERS = 2_000
MAX_ROWS = 100_000
MAX_COLUMNS = 200
MAX_NUMBER = 1_048_576
"""Of the last row, by Excel itself."""
MAX_CELL = 10 * MAX_TEXT
_BROKEN = (
    zipfile.BadZipFile, zlib.error, SyntaxError, KeyError, ValueError, TypeError, IndexError, AttributeError, EOFError,
    OSError, NotImplementedError,
)  # fmt: skip
"""What openpyxl raises for damaged files. Parts that are no XML are a SyntaxError of lxml, where it is installed, or of
the standard library's parser."""


def read_xlsx(path: Path, shown: str, sheet: str | None) -> Table:
    """The named sheet, or the first visible one that has rows. Values are read as last calculated.

    The heading row is the first with two filled cells. Row numbers are the sheet's. Raises `FileFormatError` for
    what is no workbook or beyond the bounds, `InputError` for an unknown sheet.
    """
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    _check_size(path, shown)
    try:
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
        try:
            table, title = _chosen(book, shown, sheet)
        finally:
            book.close()
        if _has_formulas(path):
            _tell_uncalculated(path, shown, title, table)
        return table
    except (InvalidFileException, *_BROKEN) as error:
        raise FileFormatError(
            f"{shown} はExcelのブック（.xlsx）として読めません。Excelで開いて保存し直すか、CSVで保存してください。",
            file=shown,
        ) from error


def _check_size(path: Path, shown: str) -> None:
    """Before any parsing: a few bytes can stand for gigabytes of XML."""
    try:
        with zipfile.ZipFile(path) as content:
            members = content.infolist()
            unpacked = sum(member.file_size for member in members)
            large = (
                path.stat().st_size > MAX_BYTES
                or unpacked > MAX_UNPACKED
                or len(members) > MAX_MEMBERS
                or too_many_strings(content)
            )
            # Entities can make a small document endless; no workbook needs a document type.
            typed = not large and declares(content)
    except _BROKEN as error:
        raise FileFormatError(
            f"{shown} はExcelのブック（.xlsx）として読めません。壊れているか、別の形式です。", file=shown
        ) from error
    if large:
        raise FileFormatError(
            f"{shown} は大きすぎます（展開すると {unpacked / 1e6:,.0f} MB）。必要なシートだけをCSVで保存してください。",
            file=shown,
        )
    if typed:
        raise FileFormatError(
            f"{shown} には、ブックに使われない宣言が含まれています。読み込みません。", file=shown
        )


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as content:
        for member in content.namelist():
            if member.startswith("xl/worksheets/") and member.endswith(".xml"):
                with content.open(member) as stream:
                    before = b""
                    while piece := stream.read(1 << 20):
                        if b"<f>" in before + piece or b"<f " in before + piece:
                            return True
                        before = piece[-2:]
    return False


def _tell_uncalculated(path: Path, shown: str, title: str, table: Table) -> None:
    """A program that writes formulas and never calculates them leaves cells that look filled and hold nothing."""
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=False, keep_links=False)
    found: list[str] = []
    try:
        rows = dict(zip(table.frame.index, table.frame.to_numpy(), strict=True))
        book[title].reset_dimensions()
        for number, cells in enumerate(book[title].iter_rows(max_col=len(table.frame.columns)), start=1):
            if number in rows:
                found += [
                    cell.coordinate
                    for cell, value in zip(cells, rows[number], strict=False)
                    if not value and isinstance(cell.value, str) and cell.value.startswith("=")
                ]
            if len(rows) and number >= table.frame.index[-1]:
                break
    finally:
        book.close()
    if found:
        places = "、".join(found[:5]) + (" など" if len(found) > 5 else "")
        table.notes.append(
            f"{shown}: 計算した値のない数式が {len(found):,} 個あります（{places}）。空として読みました。"
            "Excelで開いて保存し直すか、値として貼り付けてください。"
        )


def _chosen(book: Any, shown: str, sheet: str | None) -> tuple[Table, str]:
    """The table and its sheet's title."""
    sheets = {found.title: found for found in book.worksheets}
    if sheet is not None:
        if sheet not in sheets:
            names = "、".join(list(sheets)[:20])
            raise InputError(f"{shown} にシート「{sheet[:40]}」はありません。シート: {names}", field="map")
        return _table(sheets[sheet], shown), sheet
    visible = [found for found in sheets.values() if found.sheet_state == "visible"]
    tables = []
    for found in visible[:20]:
        try:
            tables.append((found.title, _table(found, shown)))
        except FileFormatError as error:
            if "row" in error.details:
                raise
    if not tables:
        raise FileFormatError(f"{shown} に表のあるシートがありません。", file=shown)
    (title, table), *others = tables
    if others:
        names = "、".join(name for name, _ in others)
        table.notes.append(
            f"{shown}: シート「{title}」を読みました（ほかのシート: {names}）。--map layer=シート名 で選べます。"
        )
    return table, title


def _table(sheet: Any, shown: str) -> Table:
    import pandas as pd

    from geodata.readers.text_tables import header_names

    sheet.reset_dimensions()  # what the file says of its size need not be true
    header: list[str] | None = None
    rows: list[list[str]] = []
    numbers: list[int] = []
    titles: list[str] = []
    for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True), start=1):
        if number > MAX_NUMBER:
            break
        if cells.count(None) == len(cells):  # a million of them stand before a row far down
            continue
        row = [_text(cell) for cell in cells]
        filled = sum(bool(cell.strip()) for cell in row)
        if not filled:
            continue
        if len(rows) >= MAX_ROWS:
            raise FileFormatError(
                f"{shown} の行が多すぎます（上限 {MAX_ROWS:,} 行）。", file=shown, row=number
            )
        if header is None:
            if filled > 1:
                width = max(place for place, cell in enumerate(row, start=1) if cell.strip())
                header = header_names(row[:width], shown)
            elif len(titles) < 10:
                titles.append(next(cell for cell in row if cell.strip())[:MAX_TEXT])
            continue
        row = (row + [""] * len(header))[: len(header)]
        if any(len(cell) > MAX_CELL for cell in row):
            raise FileFormatError(
                f"{shown} の {number} 行目に、長すぎるセルがあります。", file=shown, row=number
            )
        rows.append(row)
        numbers.append(number)
    if header is None or not rows:
        raise FileFormatError(f"{shown} のシート「{sheet.title}」に表がありません。", file=shown)
    return Table(shown, pd.DataFrame(rows, columns=header, index=numbers, dtype=object), titles=titles)


def _text(cell: Any) -> str:
    if hasattr(cell, "isoformat"):
        text: str = cell.isoformat()
        return text.removesuffix("T00:00:00")
    return as_text(cell).replace("_x000D_", "")
