"""Filled forms (`api.form_workbooks`) on their way back: from Excel or LibreOffice, one by one or many in a ZIP.

The file is bounded before anything of it is parsed; a formula in an answer, an encrypted or an old workbook is refused in words.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from typing import IO, Any

from geodata.batch.xlsx_file import OLE, check_archive, not_a_workbook
from geodata.readers.archives import ENCRYPTED_FLAG, member_name
from kyodo_geo.errors import FileFormatError
from kyodo_geo.form_sheets import FORM, MAX_ANSWER, MAX_QUESTIONS, VERSION, Row

MAX_FILE = 4 << 20
"""Of one workbook, bytes; ours have 10,000."""
MAX_MEMBERS = 1_000
MAX_TOTAL = 200 << 20
MAX_ROWS = 5_000
MAX_COLUMNS = 40
_NO_FORM = "は、市が配った用紙ではありません（用紙の番号がありません）。配った用紙に記入してください。"
Said = dict[str, Any]


def read_form(content: IO[bytes], shown: str) -> tuple[Said, list[Row]]:
    """What the hidden cells say and the rows of one filled workbook; nothing is believed yet (`form_sheets.checked`).

    Raises FileFormatError.
    """
    content.seek(0)
    head = content.read(4)
    if head not in (b"PK\x03\x04", OLE):
        raise FileFormatError(
            f"{shown} は Excel のブックではありません。配った用紙に記入し、「Excel ブック（.xlsx）」で保存してください"
            "（CSV や PDF では受け付けられません）。",
            file=shown,
        )
    check_archive(content, shown)
    content.seek(0)
    try:
        from openpyxl import load_workbook

        book = load_workbook(content, read_only=True, data_only=False, keep_links=False)
        forms = []
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            found = _rows(sheet, shown)
            if found is not None:
                forms.append(found)
    except FileFormatError:
        raise
    except Exception as error:  # openpyxl raises whatever its XML and zip layers raise
        raise not_a_workbook(shown) from error
    if not forms:
        raise FileFormatError(f"{shown} {_NO_FORM}", file=shown)
    if len(forms) > 1:  # reading one of them would lose the others
        raise FileFormatError(
            f"{shown} に、用紙のシートが {len(forms)} 枚あります。1 つのブックに 1 枚ずつにしてください。",
            file=shown,
        )
    return forms[0]


def files_in(content: IO[bytes], shown: str) -> Iterator[tuple[str, IO[bytes] | FileFormatError]]:
    """The workbooks of an upload: itself, or the members of a ZIP of them, each with its name or why it is refused.

    Raises FileFormatError for an archive that is damaged or out of proportion.
    """
    content.seek(0)
    if content.read(4) != b"PK\x03\x04":
        content.seek(0)
        yield shown, content
        return
    content.seek(0)
    try:
        with zipfile.ZipFile(content) as archive:
            members = [item for item in archive.infolist() if not item.is_dir()]
            if any(item.filename in ("xl/workbook.xml", "[Content_Types].xml") for item in members):
                content.seek(0)
                yield shown, content
                return
            if any(item.filename == "mimetype" for item in members):
                raise FileFormatError(
                    f"{shown} は OpenDocument（.ods など）の形式です。「Excel ブック（.xlsx）」の形式で保存し直してください。",
                    file=shown,
                )
            wanted = [item for item in members if not _of_the_system(member_name(item))]
            if len(wanted) > MAX_MEMBERS or sum(item.file_size for item in wanted) > MAX_TOTAL:
                raise FileFormatError(
                    f"{shown} は大きすぎます（{MAX_MEMBERS:,} ファイル、{MAX_TOTAL >> 20} MB まで）。分けて送ってください。",
                    file=shown,
                )
            for item in wanted:
                yield _member(archive, item)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError) as error:
        raise FileFormatError(
            f"{shown} は ZIP ファイルとして読めません。壊れているか、途中で切れています。", file=shown
        ) from error


def _member(archive: zipfile.ZipFile, item: zipfile.ZipInfo) -> tuple[str, IO[bytes] | FileFormatError]:
    name = (
        "".join(sign for sign in member_name(item).rpartition("/")[2] if sign.isprintable())[:80]
        or "名前のないファイル"
    )
    if item.flag_bits & ENCRYPTED_FLAG:
        return name, FileFormatError(
            f"{name} はパスワードで保護されています。パスワードを外してください。", file=name
        )
    if item.file_size > MAX_FILE:
        return name, FileFormatError(f"{name} は、配った用紙より大きすぎます。", file=name)
    try:
        with archive.open(item) as source:
            return name, io.BytesIO(source.read(MAX_FILE + 1))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError):
        return name, FileFormatError(f"{name} は壊れています。もう一度保存して送ってください。", file=name)


def _of_the_system(name: str) -> bool:
    """What macOS, Windows and LibreOffice put beside people's files."""
    last = name.rpartition("/")[2]
    return (
        name.startswith("__MACOSX/")
        or last.startswith(("._", "~$", ".~lock"))
        or last in (".DS_Store", "Thumbs.db")
    )


def _rows(sheet: Any, shown: str) -> tuple[Said, list[Row]] | None:
    """None when the sheet is no form."""
    said: Said | None = None
    at = 0
    rows: list[Row] = []
    for number, cells in enumerate(sheet.iter_rows(max_row=MAX_ROWS, max_col=MAX_COLUMNS), start=1):
        if said is None:
            found = _identity(cells)
            if found is not None:
                said, at = found
            continue
        own = next((cell for cell in cells[at : at + 1] if isinstance(cell.value, str)), None)
        name, mark, seal = own.value.strip().rpartition("#") if own is not None else ("", "", "")
        if not mark or not name:
            continue
        if name not in said["names"]:
            continue
        beside = [*cells[at + 1 : at + 4], None, None, None][:3]
        label, held = (_text(cell, shown, number, locked=True) for cell in beside[:2])
        rows.append(Row(name, seal, label, held, _text(beside[2], shown, number)))
        if len(rows) > MAX_QUESTIONS:
            raise FileFormatError(f"{shown} の行が多すぎます。配った用紙に記入してください。", file=shown)
    return None if said is None else (said, rows)


def _identity(cells: tuple[Any, ...]) -> tuple[Said, int] | None:
    for place, cell in enumerate(cells):
        text = cell.value
        if isinstance(text, str) and text.startswith("{") and FORM in text:
            try:
                said = json.loads(text)
            except (ValueError, RecursionError):
                return None
            whole = isinstance(said, dict) and said.get("form") == FORM and said.get("version") == VERSION
            names = said.get("names") if whole else None
            texts = [said.get(name) for name in ("kind", "round", "key", "mark", "seal")] if whole else [None]
            if (
                all(isinstance(item, str) for item in texts)
                and isinstance(names, list)
                and len(names) <= MAX_QUESTIONS
            ):
                return (said, place) if all(isinstance(name, str) for name in names) else None
    return None


def _text(cell: Any, shown: str, number: int, *, locked: bool = False) -> str:
    """What a cell holds as somebody would have typed it."""
    value = None if cell is None else cell.value
    if value is None:
        return ""
    if not locked and cell.data_type == "f":
        raise FileFormatError(
            f"{shown} の {number} 行目の回答が、計算式になっています。計算した値を、そのまま入力してください。",
            file=shown, row=number,
        )  # fmt: skip
    if not locked and cell.data_type == "e":
        raise FileFormatError(
            f"{shown} の {number} 行目の回答が、エラーの値（{str(value)[:12]}）になっています。入力し直してください。",
            file=shown, row=number,
        )  # fmt: skip
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    from openpyxl.utils.escape import unescape

    return unescape(str(value)).replace("\r\n", "\n").replace("\r", "\n")[:MAX_ANSWER]
