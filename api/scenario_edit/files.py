"""Actions of a scenario as CSV and as a workbook, and read back from either."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO

from api import workbooks
from api.looking import look
from api.scenario_edit import rows
from api.scenario_edit.reading import STATES
from api.tables import rows_to_csv
from api.workbooks import XLSX, Page, Plain
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
    """Sheets of (title, headings, rows), each column as wide as its longest word, within bounds."""
    return workbooks.workbook([Page(title, head, body, _widths(head, body)) for title, head, body in sheets])


def _widths(head: Sequence[str], body: Sequence[Sequence[Plain]]) -> list[float]:
    columns = max([len(head), *(len(row) for row in body)])
    found: list[float] = []
    for number in range(columns):
        longest = max([_width(row[number]) for row in [list(head), *body] if len(row) > number] or [8])
        found.append(min(60, max(9, longest + 2)))
    return found


def _width(value: Plain) -> int:
    text = str(value)
    return sum(2 if ord(char) > 255 else 1 for char in text)


def read(stream: IO[bytes], shown: str, names: rows.Names) -> list[Action]:
    """The actions of an uploaded CSV or workbook; raises InputError with `field` rows."""
    try:
        found = look(stream, shown, most=MAX_ACTIONS)
    except InputError as error:
        raise InputError(error.message, field="rows") from None
    header, body = list(found.preview["header"]), found.preview["rows"]
    if found.kind == "xlsx":
        body = [[rows.kept_apart(cell) for cell in row] for row in body]
    return rows.table([header, *body], names)
