"""Actions of a scenario as CSV and as a workbook, and read back from either."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import IO, Any

from api.progress.files import XLSX, Plain, never_formula
from api.scenario_edit import rows
from api.scenario_edit.reading import STATES
from api.tables import rows_to_csv
from geodata.scenarios import MAX_ACTIONS, Action, Scenario
from kyodo_geo.errors import InputError
from kyodo_geo.quality import Quality

__all__ = ["XLSX", "read", "to_csv", "to_xlsx", "workbook"]

MAX_BYTES = 1 << 20


def _rows(scenario: Scenario, names: rows.Names) -> tuple[list[str], list[list[Plain]]]:
    """Headings and rows; each row says which scenario and version it is of."""
    beside: list[Plain] = [
        scenario.title, scenario.version, STATES[scenario.state], Quality(scenario.quality).label,
        scenario.source or "不明",
    ]  # fmt: skip
    return [*rows.LABELS.values(), *rows.BESIDE], [
        [*row, *beside] for row in rows.cells(scenario.actions, names)
    ]


def to_csv(scenario: Scenario, names: rows.Names) -> bytes:
    """UTF-8 with BOM."""
    head, body = _rows(scenario, names)
    return rows_to_csv(head, body)


def to_xlsx(scenario: Scenario, names: rows.Names) -> bytes:
    """A workbook of one sheet."""
    head, body = _rows(scenario, names)
    return workbook(
        [("行動", head, [[rows.plain_text(c) if isinstance(c, str) else c for c in row] for row in body])]
    )


def workbook(sheets: Sequence[tuple[str, Sequence[str], Sequence[Sequence[Plain]]]]) -> bytes:
    """Sheets of (title, headings, rows): numbers are numbers, words are words whatever they begin with."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    for title, head, body in sheets:
        sheet: Any = book.create_sheet(title)
        if head:
            sheet.freeze_panes = "A2"
        for number in range(1, max([len(head), *(len(row) for row in body)]) + 1):
            longest = max(
                [_width(row[number - 1]) for row in [list(head), *body] if len(row) >= number] or [8]
            )
            sheet.column_dimensions[get_column_letter(number)].width = min(60, max(9, longest + 2))
        if head:
            sheet.append([never_formula(sheet, name, font=Font(bold=True)) for name in head])
        for row in body:
            sheet.append(
                [
                    never_formula(sheet, value, alignment=Alignment(wrap_text=True, vertical="top"))
                    for value in row
                ]
            )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _width(value: Plain) -> int:
    text = str(value)
    return sum(2 if ord(char) > 255 else 1 for char in text)


def read(stream: IO[bytes], shown: str, names: rows.Names) -> list[Action]:
    """The actions of an uploaded CSV or workbook; raises InputError with `field` rows."""
    from geodata.batch.files import open_source

    try:
        source = open_source(stream, shown, max_rows=MAX_ACTIONS)
        body = [[source.text(cell) for cell in row] for row in source.rows() if row]
    except InputError as error:
        raise InputError(error.message, field="rows") from None
    header = list(source.shape.header)
    if source.shape.kind == "xlsx":
        body = [[rows.kept_apart(cell) for cell in row] for row in body]
    return rows.table([header, *body], names)
