"""Statistical tables of e-Stat as files: a second row of headings, codes by census, rows merged to keep secrets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from geodata.readers.fields import column_of
from geodata.readers.values import narrow
from kyodo_geo.dates import parse_fiscal_year
from kyodo_geo.errors import FileFormatError, InputError

if TYPE_CHECKING:
    from geodata.readers.reading import Reading
    from geodata.readers.sources import Table

CODE = re.compile(r"T[0-9]{9}")
SECRET = frozenset({"*", "X", "x", "…", "***"})
NONE = frozenset({"-", "－", "—", "0"})
MERGED_AWAY = "1"
"""HTKSYORI of a row whose figures stand in another one's."""


def take_labels(table: Table) -> bool:
    """Make the second row of headings the labels of the coded columns; returns whether the table has such columns."""
    coded = [str(column) for column in table.frame.columns if CODE.fullmatch(str(column))]
    if not coded:
        return False
    first = table.frame.iloc[0]
    key = column_of(table, "KEY_CODE")
    if key is not None and not str(first[key]).strip():
        table.labels = {
            **{
                column: " ".join(str(first[column]).split()) for column in coded if str(first[column]).strip()
            },
            **table.labels,
        }
        table.frame = table.frame.iloc[1:]
        if table.geometry is not None:
            table.geometry = table.geometry[1:]
    return True


def stated_year(reading: Reading) -> int | None:
    """The year of `--map year=2020`, for files that do not say theirs; the mapping loses it.

    Where a table has a column of that name it is a column.
    """
    mapping = reading.mapping or {}
    wanted = mapping.get("year")
    if wanted is None or any(wanted in map(str, table.frame.columns) for table in reading.tables):
        return None
    try:
        year = parse_fiscal_year(narrow(wanted))
    except InputError:
        return None
    reading.mapping = {key: value for key, value in mapping.items() if key != "year"} or None
    return year


def need_year(source: str) -> FileFormatError:
    """What to say of a file that names no year."""
    return FileFormatError(
        f"{source} に調査年がありません。--map year=2020 のように西暦で指定してください。",
        file=source,
        column="year",
    )
