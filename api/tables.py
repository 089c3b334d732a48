"""Tables as CSV: what stands on the page, with source and quality in every row, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kyodo_geo.classes import format_percent

if TYPE_CHECKING:
    from maps.tables import Cell, Column, Row, Table

BOM = "\ufeff"
# Spreadsheets take these for the start of a formula, the full-width ones too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_RATES = frozenset({"membership_rate", "share_inside"})


def safe(text: str) -> str:
    """Text that no spreadsheet runs as a formula."""
    return "'" + text if text.lstrip().startswith(_FORMULA) else text


def value(column: Column, cell: Cell) -> str | int | float:
    """A number as it is shown, without thousands separators and units; otherwise the words of the table."""
    if not column.numeric or cell.value is None:
        return cell.text
    if column.key in _RATES:
        return float(format_percent(float(cell.value)))
    return round(float(cell.value))


def rows_to_csv(header: Sequence[str], rows: Iterable[Sequence[str | int | float]]) -> bytes:
    """UTF-8 with BOM and CRLF, so that Excel opens it; no text runs as a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([safe(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return (BOM + out.getvalue()).encode()


def to_csv(table: Table, dataset: Mapping[str, Any]) -> bytes:
    """UTF-8 with BOM and CRLF, so that Excel opens it; one header row, then the rows of the table."""
    labels = [column.label + ("（％）" if column.key in _RATES else "") for column in table.columns]
    header = ["番号", table.heading, *labels, "データの品質", "時点", "出典", "利用条件"]
    credit = [str(dataset[key] or "不明") for key in ("quality_label", "as_of", "source", "licence")]
    return rows_to_csv(header, ([row.key, row.name, *_cells(table, row), *credit] for row in table.rows))


def _cells(table: Table, row: Row) -> list[str | int | float]:
    return [value(column, cell) for column, cell in zip(table.columns, row.cells, strict=True)]
