"""Total orders and places in them: sort keys with defined NULLs (last, in either direction), the id as the last key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from geodata.features.conditions import TYPES
from kyodo_geo.collections import Collection, Kind
from kyodo_geo.errors import InputError


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two rows: the values of the sort keys and the key of the row it follows, or (`before`) precedes."""

    values: tuple[Any, ...]
    before: bool = False


@dataclass(frozen=True, slots=True)
class _Key:
    name: str
    kind: Kind
    descending: bool
    never_null: bool


def keys_of(collection: Collection, sort: Sequence[tuple[str, bool]]) -> list[_Key]:
    """The sort keys and behind them the id. Raises `InputError` for a name that cannot be sorted by."""
    found: list[_Key] = []
    for name, descending in sort:
        known = collection.find(name)
        if known is None or not known.sortable:
            raise InputError("並べ替えに使えない名前です。", field="sortby")
        if name not in {key.name for key in found}:
            found.append(_Key(name, known.kind, descending, name == collection.key))
    if collection.key not in {key.name for key in found}:
        last = collection.find(collection.key)
        found.append(_Key(collection.key, last.kind if last else Kind.STRING, False, True))
    return found


def order_by(keys: Sequence[_Key], *, backwards: bool) -> sql.Composable:
    """ORDER BY of the keys; backwards is its mirror image. The id carries no NULLS clause, so that its index serves."""
    parts: list[sql.Composable] = []
    for key in keys:
        part = sql.SQL("f.{}").format(sql.Identifier(key.name))
        if key.descending != backwards:
            part += sql.SQL(" DESC")
        if not key.never_null:
            part += sql.SQL(" NULLS FIRST" if backwards else " NULLS LAST")
        parts.append(part)
    return sql.SQL(", ").join(parts)


def beyond(keys: Sequence[_Key], cursor: Cursor) -> tuple[sql.Composable, dict[str, Any]]:
    """Condition: the row lies behind the cursor (or before it). Raises `InputError` when it is of another order."""
    if len(cursor.values) != len(keys):
        raise InputError("この続きの位置は、別の並べ方のものです。", field="cursor")
    args = {f"_after{i}": value for i, value in enumerate(cursor.values)}
    steps: list[sql.Composable] = []
    equal: list[sql.Composable] = []
    for i, (key, value) in enumerate(zip(keys, cursor.values, strict=True)):
        column = sql.SQL("f.{}").format(sql.Identifier(key.name))
        mark = sql.SQL("{}::{}").format(sql.Placeholder(f"_after{i}"), sql.SQL(TYPES[key.kind]))
        step = _step(column, mark, key, value, before=cursor.before)
        if step is not None:
            steps.append(sql.SQL("({})").format(sql.SQL(" AND ").join([*equal, step])))
        if value is None:
            equal.append(sql.SQL("{} IS NULL").format(column))
        else:
            equal.append(sql.SQL("{} = {}").format(column, mark))
    return sql.SQL("({})").format(sql.SQL(" OR ").join(steps) if steps else sql.SQL("false")), args


def _step(
    column: sql.Composable, mark: sql.Composable, key: _Key, value: Any, *, before: bool
) -> sql.Composable | None:
    """What a row of an equal prefix needs in this key to lie beyond; None: no value does."""
    if value is None:
        return sql.SQL("{} IS NOT NULL").format(column) if before else None
    sign = sql.SQL("<" if key.descending != before else ">")
    step = sql.SQL("{} {} {}").format(column, sign, mark)
    if before or key.never_null:
        return step
    return sql.SQL("({} OR {} IS NULL)").format(step, column)
