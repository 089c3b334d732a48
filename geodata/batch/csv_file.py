"""CSV in and out as offices write it: CP932 or UTF-8 with or without BOM, comma or tab, line breaks inside quotes.

Read in two passes over a seekable binary stream, a piece at a time: the first finds the encoding, counts the rows
and refuses what is no table, the second hands out the rows.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from typing import IO, Any

from geodata.batch.escaping import harmless
from geodata.batch.source import MAX_ROWS, Row, Shape, added_headings, headings, letting_go, too_many
from kyodo_geo.errors import FileFormatError

ENCODINGS = ("utf-8", "cp932")
LABELS = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8（BOM 付き）", "cp932": "Shift_JIS（CP932）"}
PIECE = 1 << 20
MAX_CELL = 1 << 17
# One sign, two characters: what other systems write, and what CP932 has.
TO_CP932 = str.maketrans("〜−—‖¢£¬", "～－―∥￠￡￢")
MISSING = "〓"
UNASSIGNED = "\uf8f0\uf8f1\uf8f2\uf8f3\x80"
"""What Python's CP932 makes of bytes that mean nothing."""


class CsvSource:
    """A CSV in a binary stream that can be read again from its start.

    Raises FileFormatError, saying where, for what is no table, is in another encoding, or is too long.
    """

    def __init__(
        self, stream: IO[bytes], shown: str, *, encoding: str | None = None, max_rows: int = MAX_ROWS
    ) -> None:
        self._stream = stream
        self._shown = shown
        self._max_rows = max_rows
        self.encoding = encoding or _detect(stream, shown)
        first = self._first_line()
        self.delimiter = "\t" if first.count("\t") > first.count(",") else ","
        self.newline = "\r\n" if first.endswith("\r\n") else "\n"
        self.shape = self._look_through()

    def text(self, cell: Any) -> str:
        return str(cell)

    def rows(self) -> Iterator[Row]:
        """Rows below the header, padded to its width; rows of nothing but blanks are empty lists."""
        width = len(self.shape.header)
        for _, cells in self._cells(skip_header=True):
            if not any(cell.strip() for cell in cells):
                yield []
            else:
                yield (cells + [""] * (width - len(cells)))[:width]

    def _first_line(self) -> str:
        self._stream.seek(0)
        with _Text(self._stream, self.encoding) as text:
            for line in text:
                if line.strip("\r\n\ufeff"):
                    return line
        raise FileFormatError(f"{self._shown} は空のファイルです。", file=self._shown)

    def _look_through(self) -> Shape:
        header: tuple[str, ...] = ()
        count = 0
        for number, cells in letting_go(self._cells()):
            if not header:
                header = headings(cells, self._shown)
                continue
            if any(cell.strip() for cell in cells[len(header) :]):
                raise FileFormatError(
                    f"{self._shown} の {number} 行目のセルが、見出し（{len(header)} 列）より多くあります。"
                    '住所の中のコンマは、引用符（"）で囲まれているか確かめてください。',
                    file=self._shown,
                    row=number,
                )
            count += 1
            if count > self._max_rows:
                raise too_many(self._shown, self._max_rows)
        if not count:
            raise FileFormatError(f"{self._shown} には見出しのほかに行がありません。", file=self._shown)
        return Shape("csv", header, count)

    def _cells(self, *, skip_header: bool = False) -> Iterator[tuple[int, list[str]]]:
        """(line number, cells) of each row from the header on; blank lines before the header are skipped."""
        csv.field_size_limit(MAX_CELL)
        self._stream.seek(0)
        with _Text(self._stream, self.encoding) as text:
            reader = csv.reader(text, delimiter=self.delimiter, strict=True)
            seen_header = False
            try:
                for cells in reader:
                    if not seen_header:
                        if not any(cell.strip("\ufeff \t") for cell in cells):
                            continue
                        seen_header = True
                        if skip_header:
                            continue
                    yield reader.line_num, cells
            except csv.Error as error:
                raise FileFormatError(
                    f"{self._shown} の {reader.line_num} 行目を表として読めません。"
                    '引用符（"）の閉じ忘れなどを確かめてください。',
                    file=self._shown,
                    row=reader.line_num,
                ) from error
            except UnicodeDecodeError as error:
                raise _wrong_encoding(self._shown, self.encoding) from error


class _Text(io.TextIOWrapper):
    """Text of a stream that stays open when the text is closed."""

    def __init__(self, stream: IO[bytes], encoding: str) -> None:
        super().__init__(stream, encoding=encoding, newline="")

    def __exit__(self, *_: object) -> None:
        self.detach()


class CsvSink:
    """Writes the same kind of CSV; `replaced` counts characters the encoding does not have (written as 〓)."""

    def __init__(self, out: IO[bytes], like: CsvSource, *, encoding: str | None = None) -> None:
        self.replaced = 0
        self._out = out
        self._encoding = encoding or like.encoding
        if self._encoding == "utf-8-sig":
            self._encoding = "utf-8"
            out.write(codecs.BOM_UTF8)
        self._width = len(like.shape.header)
        self._line = io.StringIO(newline="")
        self._writer = csv.writer(self._line, delimiter=like.delimiter, lineterminator=like.newline)
        self.write(like.shape.header, added_headings(like.shape.header))

    def write(self, own: Sequence[Any], added: Sequence[Any]) -> None:
        """One row: the reader's own cells, then the result's."""
        cells = [harmless(str(cell)) for cell in own] or [""] * self._width
        self._writer.writerow([*cells, *("" if cell is None else _plain(cell) for cell in added)])
        if self._line.tell() > PIECE:
            self._flush()

    def close(self) -> None:
        self._flush()

    def _flush(self) -> None:
        text = self._line.getvalue()
        self._line.seek(0)
        self._line.truncate()
        try:
            self._out.write(text.encode(self._encoding))
        except UnicodeEncodeError:
            self._out.write(self._by_character(text.translate(TO_CP932)))

    def _by_character(self, text: str) -> bytes:
        missing = {char for char in set(text) if not _fits(char, self._encoding)}
        self.replaced += sum(text.count(char) for char in missing)
        return text.translate({ord(char): MISSING for char in missing}).encode(self._encoding)


def _plain(cell: str | int | float) -> str:
    """Our own numbers are numbers; our own words come from other people's files and may begin with anything."""
    return harmless(cell) if isinstance(cell, str) else str(cell)


def _fits(char: str, encoding: str) -> bool:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _detect(stream: IO[bytes], shown: str) -> str:
    """A byte order mark, else the first of UTF-8 and CP932 that fits the whole file."""
    stream.seek(0)
    head = stream.read(4)
    if not head:
        raise FileFormatError(f"{shown} は空のファイルです。", file=shown)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise FileFormatError(
            f"{shown} の文字コードは UTF-16 です。「CSV UTF-8」で保存し直してください。", file=shown
        )
    possible = ["utf-8-sig"] if head.startswith(codecs.BOM_UTF8) else list(ENCODINGS)
    fits = {name: _Fit(name) for name in possible}
    stream.seek(0)
    while True:
        piece = stream.read(PIECE)
        if b"\0" in piece:
            raise FileFormatError(f"{shown} は文字の表（CSV）ではありません。", file=shown)
        fits = {name: fit for name, fit in fits.items() if fit.takes(piece)}
        if not piece or not fits:
            break
    if not fits:
        raise _wrong_encoding(shown, None)
    return next(iter(fits))


class _Fit:
    """Whether a file, given piece by piece, can be in an encoding."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._decoder = codecs.getincrementaldecoder(name)()
        self._kana = self._foreign = 0

    def takes(self, piece: bytes) -> bool:
        """False when the piece does not fit; the empty piece is the end."""
        try:
            text = self._decoder.decode(piece, final=not piece)
        except UnicodeDecodeError:
            return False
        if self._name != "cp932":
            return True
        self._foreign += sum(char > "\x7f" for char in text)
        self._kana += sum("\uff61" <= char <= "\uff9f" for char in text)
        # Bytes of EUC-JP pass as half-width kana in CP932; no table of addresses consists of those.
        end = not piece and self._kana > self._foreign * 0.5
        return not end and not any(char in text for char in UNASSIGNED)


def _wrong_encoding(shown: str, encoding: str | None) -> FileFormatError:
    told = (
        f"{LABELS.get(encoding, encoding)} として読めない文字があります"
        if encoding
        else "文字コードが分かりません"
    )
    return FileFormatError(
        f"{shown} の{told}。UTF-8 か Shift_JIS（CP932）で保存し直してください。", file=shown
    )
