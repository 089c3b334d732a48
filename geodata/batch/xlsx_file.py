"""Excel workbooks in and out: the first sheet, its values and number formats; bounded before anything is unpacked."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import IO, Any

from geodata.batch.source import (
    MAX_COLUMNS,
    MAX_ROWS,
    UNCOMPUTED,
    Row,
    Shape,
    added_headings,
    headings,
    letting_go,
    too_many,
)
from geodata.workbook_parts import declares, too_many_strings
from kyodo_geo.errors import FileFormatError
from kyodo_geo.spreadsheets import harmless

MAX_PARTS = 1_000
MAX_UNPACKED = 256 << 20
MAX_RATIO = 200
HEAD = 1 << 16
OLE = b"\xd0\xcf\x11\xe0"
NO_FORMULA: frozenset[int] = frozenset()
_FORMULA = re.compile(rb"<(?:[A-Za-z0-9]+:)?f[ />]")
MAX_TEXT = 32_767
"""Excel's own limit of a cell."""
LAST_ROW = 1_048_576
"""Excel's own last row."""


class XlsxSource:
    """The first sheet of a workbook. Raises FileFormatError for what cannot be read, is encrypted or a bomb."""

    def __init__(self, stream: IO[bytes], shown: str, *, max_rows: int = MAX_ROWS) -> None:
        self._stream = stream
        self._shown = shown
        self._max_rows = max_rows
        check_archive(stream, shown)
        self.shape = self._look_through()

    def text(self, cell: Any) -> str:
        """What the cell shows, as far as an address is concerned."""
        value = cell.value
        if value is None:
            return ""
        return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)

    def rows(self) -> Iterator[Row]:
        width = len(self.shape.header)
        rows = self._sheet_rows()
        next(rows)
        for _, cells in rows:
            blank = not any(_has_value(cell) for cell in cells)
            yield [] if blank else cells[:width]

    def _look_through(self) -> Shape:
        header: tuple[str, ...] = ()
        count = 0
        for number, cells in letting_go(self._sheet_rows()):
            if not header:
                texts = [self.text(cell) for cell in cells]
                while texts and not texts[-1].strip():
                    texts.pop()
                header = headings(texts, self._shown)
                continue
            if any(_has_value(cell) for cell in cells[len(header) :]):
                raise FileFormatError(
                    f"{self._shown} の {number} 行目に、見出しのない列の値があります。"
                    "1 行目に見出しをそろえてください。",
                    file=self._shown,
                    row=number,
                )
            count += 1
            if count > self._max_rows:
                raise too_many(self._shown, self._max_rows)
        if not count:
            raise FileFormatError(f"{self._shown} には見出しのほかに行がありません。", file=self._shown)
        return Shape("xlsx", header, count)

    def _sheet_rows(self) -> Iterator[tuple[int, list[Any]]]:
        """(row number, cells) from the first row that holds anything to the last one."""
        import openpyxl

        self._stream.seek(0)
        try:
            book = openpyxl.load_workbook(self._stream, read_only=True, data_only=True, keep_links=False)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            formulas = self._formulas(sheet._worksheet_path)
            # The library hands out one and the same row for all that are missing: it need not be looked at again.
            blank: Any = None
            waiting = 0
            begun = False
            for number, row in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS + 1), start=1):
                formula = next(formulas, NO_FORMULA)
                if row is blank or not any(map(_has_value, cells := _computed(row, formula))):
                    if number >= LAST_ROW:
                        return
                    blank = row
                    # Blank rows count only where something follows.
                    waiting += begun
                    continue
                if waiting > self._max_rows:
                    raise too_many(self._shown, self._max_rows)
                yield from ((number - waiting + at, []) for at in range(waiting))
                waiting = 0
                begun = True
                yield number, cells
        except FileFormatError:
            raise
        except Exception as error:  # openpyxl raises whatever its XML and zip layers raise
            raise not_a_workbook(self._shown) from error

    def _formulas(self, path: str) -> Iterator[frozenset[int]]:
        """Places of formulas in each row of the sheet; reads it a second time only where there is any formula."""
        import openpyxl

        if not self._has_formula(path):
            return
        book = openpyxl.load_workbook(self._stream, read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for row in sheet.iter_rows(max_col=MAX_COLUMNS + 1):
            yield frozenset(at for at, cell in enumerate(row) if cell.data_type == "f")

    def _has_formula(self, path: str) -> bool:
        with zipfile.ZipFile(self._stream) as archive, archive.open(path.lstrip("/")) as content:
            before = b""
            while part := content.read(HEAD):
                if _FORMULA.search(before + part):
                    return True
                before = part[-80:]
        return False


def not_a_workbook(shown: str) -> FileFormatError:
    return FileFormatError(
        f"{shown} を Excel のブックとして読めません。Excel で開き、「Excel ブック（.xlsx）」で保存し直してください。",
        file=shown,
    )


class XlsxSink:
    """Writes a new workbook of one sheet, row by row; text stays text, whatever it begins with."""

    def __init__(self, out: IO[bytes], like: XlsxSource) -> None:
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell

        self._out = out
        self._cell = WriteOnlyCell
        self._width = len(like.shape.header)
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet("結果")
        self._sheet.append(
            [self._text(name) for name in [*like.shape.header, *added_headings(like.shape.header)]]
        )

    def write(self, own: Sequence[Any], added: Sequence[Any]) -> None:
        cells = [self._own(cell) for cell in own]
        cells += [None] * (self._width - len(cells))
        self._sheet.append([*cells, *(self._text(v) if isinstance(v, str) else v for v in added)])

    def close(self) -> None:
        self._book.save(self._out)

    def _own(self, cell: Any) -> Any:
        value = cell.value
        if value is None or isinstance(value, str):
            return None if value is None else self._text(value)
        made = self._cell(self._sheet, value=value)
        if cell.number_format != "General":
            made.number_format = cell.number_format
        return made

    def _text(self, value: str) -> Any:
        """A cell that is text for good: where Excel might take it for a formula it is marked as quoted."""
        from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

        plain = ILLEGAL_CHARACTERS_RE.sub("", value)[:MAX_TEXT]
        if harmless(plain) == plain and not plain.startswith("="):
            return plain
        made = self._cell(self._sheet, value="")
        made.value = plain
        made.data_type = "s"
        made.quotePrefix = True
        return made


def check_archive(stream: IO[bytes], shown: str) -> None:
    """Refuse what is no workbook or would unpack to more than a table ever needs.

    The sizes written in the archive are binding: Python's zip reader never hands out more than them.
    """
    stream.seek(0)
    if stream.read(4) == OLE:
        raise FileFormatError(
            f"{shown} は古い Excel の形式（.xls）か、パスワードの付いたブックです。"
            "パスワードを外し、「Excel ブック（.xlsx）」で保存し直してください。",
            file=shown,
        )
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            packed = sum(part.compress_size for part in parts)
            names = [part.filename for part in parts]
            if len(set(names)) != len(names) or "xl/workbook.xml" not in names:
                raise zipfile.BadZipFile
            if (
                len(parts) > MAX_PARTS
                or unpacked > MAX_UNPACKED
                or unpacked > max(packed, 1 << 16) * MAX_RATIO
                or too_many_strings(archive)
            ):
                raise FileFormatError(
                    f"{shown} は、開くと大きすぎるブックです。必要な行と列だけを新しいブックに写してください。",
                    file=shown,
                )
            if declares(archive):
                raise FileFormatError(f"{shown} には、読み取れない内容が入っています。", file=shown)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise FileFormatError(
            f"{shown} は Excel のブック（.xlsx）ではないか、壊れています。", file=shown
        ) from error


def _computed(row: Sequence[Any], formula: frozenset[int]) -> list[Any]:
    """The cells of a row; a formula whose result was never stored is marked."""
    if not formula:
        return list(row)
    return [UNCOMPUTED if cell.value is None and at in formula else cell for at, cell in enumerate(row)]


def _has_value(cell: Any) -> bool:
    if cell is UNCOMPUTED:
        return True
    value = cell.value
    return value is not None and (not isinstance(value, str) or bool(value.strip()))
