"""Conditions on features that need no filter language: a box, a period, equal values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, LiteralString

from psycopg import sql

from kyodo_geo.collections import Collection, Kind
from kyodo_geo.crs import WGS84
from kyodo_geo.errors import InputError

Box = tuple[float, float, float, float]
Condition = tuple[sql.Composable | None, dict[str, Any]]


def meets_box(box: Box | None, epsg: int = WGS84) -> Condition:
    """The geometry meets the box (borders included). In degrees west may lie east of east: across the 180th meridian."""
    if box is None:
        return None, {}
    west, south, east, north = box
    boxes = [box] if west <= east else [(west, south, 180.0, north), (-180.0, south, east, north)]
    args: dict[str, Any] = {}
    parts: list[sql.Composable] = []
    for i, corners in enumerate(boxes):
        names = [f"_box{i}{side}" for side in "wsen"]
        args |= dict(zip(names, corners, strict=True))
        envelope = sql.SQL("ST_MakeEnvelope({}, {})").format(
            sql.SQL(", ").join(sql.SQL("{}::float8").format(sql.Placeholder(name)) for name in names),
            sql.Literal(epsg),
        )
        if epsg != WGS84:
            envelope = sql.SQL("ST_Transform({}, {})").format(envelope, sql.Literal(WGS84))
        parts.append(sql.SQL("ST_Intersects(f.geom, {})").format(envelope))
    return sql.SQL("({})").format(sql.SQL(" OR ").join(parts)), args


def touches(collection: Collection, interval: tuple[date | None, date | None] | None) -> Condition:
    """The record holds on a day of the interval; collections without a period hold always."""
    if interval is None or collection.interval is None:
        return None, {}
    begin, end = (sql.SQL("f.{}").format(sql.Identifier(name)) for name in collection.interval)
    return (
        sql.SQL(
            "({begin} IS NULL OR {begin} <= coalesce(%(_last)s::date, 'infinity')) "
            "AND ({end} IS NULL OR {end} > coalesce(%(_first)s::date, '-infinity'))"
        ).format(begin=begin, end=end),
        {"_first": interval[0], "_last": interval[1]},
    )


TYPES: dict[Kind, LiteralString] = {
    Kind.STRING: "text",
    Kind.INTEGER: "bigint",
    Kind.NUMBER: "float8",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.TIMESTAMP: "timestamptz",
    Kind.LIST: "text",
}
"""Type of a value in PostgreSQL; of a list, that of its members."""


def equal(collection: Collection, values: Mapping[str, Any]) -> Condition:
    """Each property has its value; a list holds it. Raises `InputError` for a name that is no queryable."""
    parts: list[sql.Composable] = []
    args: dict[str, Any] = {}
    for i, (name, value) in enumerate(values.items()):
        known = collection.find(name)
        if known is None or not known.queryable:
            raise InputError("この名前では絞り込めません。", field=name)
        mark = sql.SQL("{}::{}").format(sql.Placeholder(f"_equal{i}"), sql.SQL(TYPES[known.kind]))
        column = sql.SQL("f.{}").format(sql.Identifier(name))
        form = "{mark} = ANY({column})" if known.kind is Kind.LIST else "{column} = {mark}"
        parts.append(sql.SQL(form).format(column=column, mark=mark))
        args[f"_equal{i}"] = value
    return (sql.SQL(" AND ").join(parts), args) if parts else (None, {})
