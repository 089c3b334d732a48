"""Tables as CSV: what stands on the page, with source and quality in every row, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kyodo_geo.classes import format_percent
from kyodo_geo.comparison import shown
from kyodo_geo.spreadsheets import harmless

if TYPE_CHECKING:
    from maps.tables import Cell, Column, Row, Table

BOM = "\ufeff"
_RATES = frozenset({"membership_rate", "share_inside"})


def is_rate(column: Column) -> bool:
    """Whether its values are 0–1 and shown as percent."""
    return column.rate or column.key in _RATES


def value(column: Column, cell: Cell) -> str | int | float:
    """A number as it is shown, without thousands separators and units; otherwise the words of the table."""
    if not column.numeric or cell.value is None:
        return cell.text
    if is_rate(column):
        return float(format_percent(float(cell.value)))
    if not column.digits:
        return round(float(cell.value))
    # Half up as in the words of the table: 0.125 is 0.13 on the page and must not be 0.12 in the file.
    return float(shown(float(cell.value), column.digits))


def properties(table: Table, row: Row) -> dict[str, Any]:
    """The figures of a row under the names of its columns, for GeoJSON: a rate is 0–1 at the digits shown."""
    found: dict[str, Any] = {}
    for column, cell in zip(table.columns, row.cells, strict=True):
        if column.numeric and cell.value is None:
            found[column.key] = None
        elif is_rate(column):
            found[column.key] = float(Decimal(format_percent(float(cell.value or 0))) / 100)
        else:
            found[column.key] = value(column, cell)
        if cell.href:
            found[f"{column.key}_url"] = cell.href
    return found


def rows_to_csv(header: Sequence[str], rows: Iterable[Sequence[str | int | float]]) -> bytes:
    """UTF-8 with BOM and CRLF, so that Excel opens it; no text runs as a formula, headings included (titles are typed)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([harmless(cell) for cell in header])
    writer.writerows([harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return (BOM + out.getvalue()).encode()


def to_csv(table: Table, dataset: Mapping[str, Any]) -> bytes:
    """UTF-8 with BOM and CRLF, so that Excel opens it; one header row, then the rows of the table."""
    labels = [column.label + ("（％）" if is_rate(column) else "") for column in table.columns]
    linked = [i for i in range(len(table.columns)) if any(row.cells[i].href for row in table.rows)]
    links = [f"{table.columns[i].label}（リンク）" for i in linked]
    header = ["番号", table.heading, *labels, *links, "データの品質", "時点", "出典", "利用条件"]
    credit = [str(dataset[key] or "不明") for key in ("quality_label", "as_of", "source", "licence")]
    return rows_to_csv(
        header, ([row.key, row.name, *_cells(table, row, linked), *credit] for row in table.rows)
    )


def _cells(table: Table, row: Row, linked: Sequence[int]) -> list[str | int | float]:
    figures = [value(column, cell) for column, cell in zip(table.columns, row.cells, strict=True)]
    return [*figures, *(row.cells[i].href or "" for i in linked)]
