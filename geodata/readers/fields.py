"""Columns as publishers name them → fields as we name them, cell by cell, with every refused row reported."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geodata.readers.result import LoadReport
from geodata.readers.values import Parser, clean, narrow, number
from kyodo_geo.errors import FileFormatError, InputError

if TYPE_CHECKING:
    import pandas as pd

    from geodata.readers.sources import Table

UNREADABLE = "値を読めません。書き方を確かめてください。"
"""Instead of a parser's reason, which repeats the value, where values are not for every reader of the report."""
LAYER = "layer"
"""The one `--map` key that is no field: the layer of a GeoPackage."""


@dataclass(frozen=True, slots=True)
class Field:
    """One canonical column: Japanese label, parser, and other headings under which it is published.

    A required field must have a column, and a value in every row that is loaded.
    """

    name: str
    label: str
    parse: Parser
    headings: tuple[str, ...] = ()
    required: bool = False

    @property
    def known_as(self) -> tuple[str, ...]:
        return (self.name, self.label, *self.headings)


LON = Field("lon", "経度", number, ("longitude", "lng", "long", "rep_lon", "x"))
LAT = Field("lat", "緯度", number, ("latitude", "rep_lat", "y"))


def folded(heading: str) -> str:
    """A heading without what varies: width, case, spaces, and the marks between words."""
    return re.sub(r"[\s_\-・（）()\[\]]", "", narrow(clean(heading)).casefold())


def find_columns(table: Table, fields: Sequence[Field], mapping: Mapping[str, str] | None) -> dict[str, str]:
    """field name → column of the table, for the fields it has.

    `mapping` (field → column) goes first; then headings are compared, then the labels of coded columns. Raises
    `InputError` for a mapping of an unknown field, `FileFormatError` for a missing column.
    """
    columns = [str(column) for column in table.frame.columns]
    _check_mapping(fields, mapping)
    by_heading: dict[str, str] = {}
    for column in reversed(columns):
        if column in table.labels:
            by_heading[folded(table.labels[column])] = column
    for column in reversed(columns):
        by_heading[folded(column)] = column
    found: dict[str, str] = {}
    for field in fields:
        if mapping and field.name in mapping:
            wanted = mapping[field.name]
            chosen = wanted if wanted in columns else by_heading.get(folded(wanted))
            if chosen is None:
                raise FileFormatError(
                    f"{table.source} に「{wanted}」という列がありません。{_shown(table, columns)}",
                    file=table.source,
                    column=wanted,
                )
            found[field.name] = chosen
            continue
        heading = next((folded(known) for known in field.known_as if folded(known) in by_heading), None)
        if heading is not None:
            found[field.name] = by_heading[heading]
        elif field.required:
            raise FileFormatError(
                f"{table.source} に「{field.label}」の列が見つかりません。{_shown(table, columns)}"
                f"別の名前の列であれば --map {field.name}=列名 で指定してください。",
                file=table.source,
                column=field.label,
            )
    return found


def has_columns(table: Table, *headings: str) -> bool:
    """Whether the table has all these headings (any case and width)."""
    present = {folded(str(column)) for column in table.frame.columns}
    return all(folded(heading) in present for heading in headings)


def column_of(table: Table, *headings: str) -> str | None:
    """The table's column under the first of these headings it has."""
    present = {folded(str(column)): str(column) for column in reversed(list(table.frame.columns))}
    return next((present[folded(heading)] for heading in headings if folded(heading) in present), None)


def typed(
    table: Table, fields: Sequence[Field], mapping: Mapping[str, str] | None, report: LoadReport
) -> pd.DataFrame:
    """Values of `fields` for the rows that can be read; the index stays the row number in the file.

    A row with a value that cannot be read, or without a required one, is rejected with the column and the reason:
    dropping just the value would change what the publisher said.
    """
    import pandas as pd

    columns = find_columns(table, fields, mapping)
    rows = table.frame.index.to_numpy()
    keep = np.ones(len(rows), dtype=bool)
    values: dict[str, list[Any]] = {}
    for field in fields:
        heading = columns.get(field.name)
        if heading is None:
            values[field.name] = [None] * len(rows)
            continue
        values[field.name] = parsed = []
        seen: dict[str, Any] = {}
        for place, cell in enumerate(table.frame[heading]):
            if cell not in seen:
                seen[cell] = _value(field, cell)
            value = seen[cell]
            if isinstance(value, InputError):
                if keep[place]:
                    reason = UNREADABLE if report.private and clean(cell) else value.message
                    report.reject(table.source, int(rows[place]), heading, cell, reason)
                keep[place] = False
                value = None
            parsed.append(value)
    frame = pd.DataFrame(
        {name: pd.Series(column, index=rows, dtype=object) for name, column in values.items()}, index=rows
    )
    return frame[keep]


def objects(frame: Any, items: Iterable[Any]) -> Any:
    """A column for `frame` that keeps None: pandas would turn texts and None into texts and NaN."""
    import pandas as pd

    return pd.Series(list(items), index=frame.index, dtype=object)


def _value(field: Field, cell: str) -> Any:
    """The parsed value, or the refusal."""
    plain = clean(cell)
    try:
        value = field.parse(plain) if plain else None
    except InputError as error:
        return error
    if value is None and field.required:
        return InputError(f"「{field.label}」が空です。")
    return value


def _check_mapping(fields: Sequence[Field], mapping: Mapping[str, str] | None) -> None:
    known = {field.name: field.label for field in fields}
    for name in mapping or {}:
        if name not in known and name != LAYER:
            shown = "、".join(f"{key}（{label}）" for key, label in known.items())
            raise InputError(f"--map の項目「{name[:40]}」はありません。使える項目: {shown}", field="map")


def _shown(table: Table, columns: Sequence[str]) -> str:
    """The headings, unless the first row of a list of persons could have been taken for them."""
    if table.guarded:
        return "見出しの行を確かめてください。"
    return f"列: {'、'.join(columns[:30])}{' …' if len(columns) > 30 else ''}。"
