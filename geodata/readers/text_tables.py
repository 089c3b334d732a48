"""CSV as offices write it: CP932 or UTF-8 with or without BOM, comma or tab, one header row."""

from __future__ import annotations

import csv
import io
from itertools import islice
from pathlib import Path

from geodata.readers.sources import PLAIN_TEXT, Table
from kyodo_geo.errors import FileFormatError, InputError

MAX_BYTES = 1 << 30
MAX_TEXT_BYTES = 4 << 20
MAX_CELL = 1 << 17
MAX_COLUMNS = 2_000
REPLACED = "\ufffd"
UNASSIGNED = (REPLACED, "\uf8f0", "\uf8f1", "\uf8f2", "\uf8f3", "\x80")
"""What bytes that mean nothing become; Python's CP932 gives some of them private characters."""
SNIFFED = ("utf-8", "cp932", "euc_jp")
MAX_BAD_SHARE = 0.1
"""Share of non-ASCII characters that may be undecodable in a file of the right encoding."""


def read_csv(path: Path, shown: str, encoding: str | None) -> Table:
    """A CSV as a table of text cells; leading zeros stay.

    Rows with undecodable bytes or another number of columns than the header become `broken_rows`. Raises
    `FileFormatError` when the file as a whole is no text table.
    """
    import pandas as pd

    if path.stat().st_size > MAX_BYTES:
        raise FileFormatError(
            f"{shown} は大きすぎます（上限 {MAX_BYTES >> 20:,} MB）。分けて読み込んでください。", file=shown
        )
    content, used = decode(path.read_bytes(), shown, encoding)
    if encoding is not None and REPLACED in content.lstrip("\r\n").partition("\n")[0]:
        raise FileFormatError(
            f"{shown} の見出しは、文字コード {used} では読めません。指定をやめて自動で見分けるか、"
            "別の文字コードを --encoding で指定してください。",
            file=shown,
        )
    header, rows, numbers, broken, titles = _rows(content, shown)
    frame = pd.DataFrame(rows, columns=header, index=numbers, dtype=object)
    notes = [f"{shown}: 文字コードは {used} として読みました。"] if used not in ("utf-8", "utf-8-sig") else []
    if titles:
        notes.append(f"{shown}: 見出しの上の {len(titles)} 行は、表題として読み飛ばしました。")
    return Table(shown, frame, broken_rows=broken, notes=notes, titles=titles)


def read_lines(path: Path, shown: str, encoding: str | None) -> Table:
    """A plain text, one row per line under the heading `PLAIN_TEXT`."""
    import pandas as pd

    if path.stat().st_size > MAX_TEXT_BYTES:
        raise FileFormatError(
            f"{shown} は大きすぎます（上限 {MAX_TEXT_BYTES >> 20:,} MB）。分けて読み込んでください。",
            file=shown,
        )
    content, used = decode(path.read_bytes(), shown, encoding)
    if any(char in content for char in UNASSIGNED):
        raise FileFormatError(
            f"{shown} に文字として読めない部分があります。文字コードを --encoding で指定してください。",
            file=shown,
        )
    lines = content.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    frame = pd.DataFrame({PLAIN_TEXT: lines}, index=range(1, len(lines) + 1), dtype=object)
    return Table(shown, frame, notes=[f"{shown}: 文字コードは {used} として読みました。"])


def decode(content: bytes, shown: str, encoding: str | None) -> tuple[str, str]:
    """Text and the encoding it was read in; undecodable bytes become U+FFFD.

    Without `encoding`: a byte order mark, else the first of UTF-8, CP932 and EUC-JP that fits the whole file or
    nearly all of it. Raises `FileFormatError` when none does, `InputError` for an unknown `encoding`.
    """
    if not content.strip():
        raise FileFormatError(f"{shown} は空のファイルです。", file=shown)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileFormatError(
            f"{shown} の文字コードはUTF-16です。「CSV UTF-8」で保存し直してください。", file=shown
        )
    if b"\0" in content:
        raise FileFormatError(f"{shown} は文字の表（CSV）ではありません。", file=shown)
    if encoding is not None:
        check_encoding(encoding)
        return content.decode(encoding, "replace").removeprefix("\ufeff"), encoding
    if content.startswith(b"\xef\xbb\xbf"):
        return content.decode("utf-8-sig", "replace"), "utf-8-sig"
    for name in SNIFFED:
        decoded = content.decode(name, "replace")
        foreign = sum(char > "\x7f" for char in decoded)
        bad = sum(decoded.count(char) for char in UNASSIGNED)
        # Bytes of EUC-JP pass as half-width kana in CP932; no published table consists of those.
        kana = sum("\uff61" <= char <= "\uff9f" for char in decoded) if name == "cp932" else 0
        if bad <= foreign * MAX_BAD_SHARE and kana <= foreign * 0.5:
            return decoded, name
    raise FileFormatError(
        f"{shown} の文字コードが分かりません。「CSV UTF-8」で保存し直すか、--encoding で指定してください。",
        file=shown,
    )


def check_encoding(name: str) -> None:
    """Raise `InputError` unless Python knows the text encoding."""
    try:
        known = isinstance(b"a\xff".decode(name, "replace"), str)
    except (LookupError, ValueError, TypeError):
        known = False
    if not known:
        raise InputError(
            f"文字コード「{name[:40]}」はありません。cp932、utf-8 などを指定してください。", field="encoding"
        )


def _titles(content: str, delimiter: str) -> list[str]:
    """Rows above the headings that have one filled cell, as spreadsheets with a title are saved.

    Only where it is certain: the row below has three filled cells, or the title has the empty cells of its width.
    """
    found: list[list[str]] = []
    try:
        for row in islice(csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True), 10):
            filled = sum(bool(cell.strip()) for cell in row)
            if filled == 1:
                found.append(row)
            elif filled > 1:
                certain = filled > 2 or all(len(title) == len(row) for title in found)
                return [next(cell for cell in title if cell.strip()) for title in found] if certain else []
    except csv.Error:
        return []  # told with its row by the reading itself
    return []


def _rows(
    content: str, shown: str
) -> tuple[list[str], list[list[str]], list[int], list[tuple[int, str]], list[str]]:
    first_line = content.lstrip("\r\n").partition("\n")[0]
    delimiter = "\t" if first_line.count("\t") > first_line.count(",") else ","
    csv.field_size_limit(MAX_CELL)
    titles = _titles(content, delimiter)
    above = len(titles)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    rows: list[list[str]] = []
    numbers: list[int] = []
    broken: list[tuple[int, str]] = []
    number = 0
    try:
        for number, row in enumerate(reader, start=1):
            if not any(cell.strip() for cell in row):
                continue
            if header is None:
                if above:
                    above -= 1
                    continue
                header = header_names(row, shown)
                continue
            if len(row) != len(header):
                # Spreadsheets may add empty cells at the end; a row that is too short has lost a cell somewhere.
                if len(row) < len(header) or any(cell.strip() for cell in row[len(header) :]):
                    broken.append((number, f"列の数が見出し（{len(header)}列）と違います。"))
                    continue
                row = row[: len(header)]
            if any(char in cell for cell in row for char in UNASSIGNED):
                broken.append(
                    (number, "文字として読めない部分があります（文字コードの誤り、または壊れた文字）。")
                )
                continue
            rows.append(row)
            numbers.append(number)
    except csv.Error as error:
        raise FileFormatError(
            f'{shown} の {number + 1} 行目を表として読めません。引用符（"）の閉じ忘れなどを確かめてください。',
            file=shown,
            row=number + 1,
        ) from error
    if header is None:
        raise FileFormatError(f"{shown} は空の表です。", file=shown)
    if broken and not rows:
        raise FileFormatError(f"{shown} の {broken[0][0]} 行目: {broken[0][1]}", file=shown, row=broken[0][0])
    return header, rows, numbers, broken, titles


def header_names(row: list[str], shown: str) -> list[str]:
    """Column names: empty ones by their place, repeated ones numbered."""
    if len(row) > MAX_COLUMNS:
        raise FileFormatError(f"{shown} の列が多すぎます（{len(row):,}列）。", file=shown, row=1)
    names: list[str] = []
    for place, cell in enumerate(row, start=1):
        name = cell.strip() or f"列{place}"
        names.append(name if name not in names else f"{name}.{place}")
    return names
