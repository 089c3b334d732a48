"""Open a file of either kind, by what is in it and not by what it is called (a name of Excel's on anything else is refused)."""

from __future__ import annotations

from typing import IO

from geodata.batch.csv_file import CsvSink, CsvSource
from geodata.batch.source import MAX_ROWS, Sink, Source
from geodata.batch.xlsx_file import OLE, XlsxSink, XlsxSource, not_a_workbook

ZIP = b"PK\x03\x04"
WORKBOOKS = (".xlsx", ".xlsm", ".xls")
"""A file called so that is none is refused as what it claims to be; a CSV may have any other name."""


def open_source(
    stream: IO[bytes], shown: str, *, encoding: str | None = None, max_rows: int = MAX_ROWS
) -> Source:
    """The table in a seekable binary stream; looked through once. Raises FileFormatError with a clear reason."""
    stream.seek(0)
    head = stream.read(4)
    if head in (ZIP, OLE):
        return XlsxSource(stream, shown, max_rows=max_rows)
    if shown.lower().endswith(WORKBOOKS):
        raise not_a_workbook(shown)
    return CsvSource(stream, shown, encoding=encoding, max_rows=max_rows)


def open_sink(out: IO[bytes], source: Source, *, encoding: str | None = None) -> Sink:
    """A file of the same kind as the source; the header is written at once."""
    if isinstance(source, XlsxSource):
        return XlsxSink(out, source)
    assert isinstance(source, CsvSource)
    return CsvSink(out, source, encoding=encoding)
