"""Records of `kyodo_geo.records` in the words of their editors, and tables that were copied from a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from typing import Any

from api.edit_forms import EMPTY, shown
from geodata.edits.history import Entry
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.errors import InputError
from kyodo_geo.records import Facts, Field, Kind, entry, typed_of

References = Mapping[str, Mapping[str, str]]
MAX_ROWS = 300
MAX_TEXT = 6_000
"""Characters of a pasted table: they fit into a request (64 KiB, nine bytes a character)."""


def said(field: Field, value: Any, refs: References) -> str:
    """A kept value, or one from the audit log, as a reader knows it."""
    if value is None or value == "":
        return EMPTY
    if field.form == "choice":
        return dict(field.options).get(value, str(value))
    if field.form == "reference":
        return refs.get(field.to or "", {}).get(str(value), str(value))
    if field.form == "year":
        return fiscal_year_label(int(value))
    if field.form == "last_day":
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
        return shown(day - timedelta(days=1))
    if field.form == "point":
        return f"{value[1]}, {value[0]}"
    if field.form == "figure":
        return f"{value:,.10g}"
    if field.form == "time":
        return value.strftime("%H:%M") if isinstance(value, time) else str(value)[:5]
    if field.form == "several":
        return "、".join(refs.get(field.to or "", {}).get(str(one), str(one)) for one in value)
    return f"{value:,}" if field.form == "whole" and isinstance(value, int) else shown(value)


def typed_in(field: Field, value: Any, refs: References) -> str:
    """A kept value as it stands in its field: lists of associations by name, where the name is one's alone."""
    if field.form != "several" or field.to == "district" or value is None:
        return typed_of(field, value)
    labels = refs.get(field.to or "", {})
    alone = {key: label for label, key in _by_label(labels).items()}
    return "\n".join(alone.get(str(one), str(one)) for one in value)


def row_of(kind: Kind, facts: Mapping[str, Any], refs: References) -> dict[str, str]:
    """Field → words; what is empty stays so."""
    return {
        field.name: "" if (facts.get(field.name) in (None, "")) else said(field, facts[field.name], refs)
        for field in kind.fields
    }


def sayer(kind: Kind, refs: References) -> Callable[[str, Any], str]:
    """`said` for histories."""
    return lambda name, value: said(kind.field(name), value, refs)


def note_of(kind: Kind) -> Callable[[Entry], str]:
    """Personal fields that changed, by name alone."""

    def note(entry: Entry) -> str:
        touched = entry.details.get("touched") or ()
        words = "・".join(kind.field(name).label.partition("（")[0] for name in touched if kind.has(name))
        return f"（{words}が変わりました）" if words else ""

    return note


def table_of(kind: Kind, text: str, refs: References) -> list[Facts]:
    """The rows of a table copied from a spreadsheet, with the fields' labels as its first row; raises InputError.

    A reference may be given by its id or by a name that only one has.
    """
    if len(text) > MAX_TEXT:
        raise InputError(
            f"一度に貼り付けられるのは {MAX_TEXT:,} 文字までです。分けて登録してください。", field="rows"
        )
    head, *body = _cells(text) or [[]]
    fields = [_heading(kind, cell) for cell in head]
    missing = [
        field.label for field in kind.fields if field.required and not field.default and field not in fields
    ]
    if missing:
        raise InputError(
            f"1 行目に見出しがありません：{'、'.join(missing)}。表の見出しの行も一緒に貼り付けてください。",
            field="rows",
        )
    if not body:
        raise InputError("見出しの下に、登録する行がありません。", field="rows")
    if len(body) > MAX_ROWS:
        raise InputError(f"一度に登録できるのは {MAX_ROWS} 行までです。", field="rows")
    by_label = {name: _by_label(options) for name, options in refs.items()}
    found: list[Facts] = []
    for number, cells in enumerate(body, start=2):
        row = {field.name: cell.strip() for field, cell in zip(fields, cells, strict=False)}
        try:
            if len(cells) > len(fields):
                raise InputError("見出しより多い欄があります。")
            facts = entry(kind, _reader(kind, row, by_label), refs)
        except InputError as error:
            raise InputError(f"{number} 行目：{error.message}", field="rows") from None
        if facts in found:
            raise InputError(f"{number} 行目：{found.index(facts) + 2} 行目と同じ内容です。", field="rows")
        found.append(facts)
    return found


def _reader(
    kind: Kind, row: Mapping[str, str], by_label: Mapping[str, Mapping[str, str]]
) -> Callable[[str], str]:
    return lambda name: _text(kind.field(name), row, by_label)


def _text(field: Field, row: Mapping[str, str], by_label: Mapping[str, Mapping[str, str]]) -> str:
    text = row.get(field.name, field.default)
    text = text or (field.default if field.form == "choice" else "")
    return by_label.get(field.to or "", {}).get(text, text)


def _by_label(options: Mapping[str, str]) -> dict[str, str]:
    labels = list(options.values())
    return {label: key for key, label in options.items() if labels.count(label) == 1 and label not in options}


def _cells(text: str) -> list[list[str]]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    delimiter = "\t" if "\t" in lines.partition("\n")[0] else ","
    try:
        rows = list(csv.reader(io.StringIO(lines), delimiter=delimiter, strict=True))
    except csv.Error:
        raise InputError('引用符（"）が閉じていないなど、表として読めません。', field="rows") from None
    return [row for row in rows if any(cell.strip() for cell in row)]


def _heading(kind: Kind, cell: str) -> Field:
    wanted = cell.strip().lstrip("\ufeff")
    for field in kind.fields:
        if wanted in (field.label, field.label.partition("（")[0], field.name):
            return field
    raise InputError(
        f"見出し「{wanted[:30]}」はありません。使える見出しは、{'、'.join(field.label for field in kind.fields)}です。",
        field="rows",
    )
