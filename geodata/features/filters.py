"""The typed tree of a CQL2 filter as SQL with bound parameters, on the columns of alias `f`.

No text of the reader becomes SQL: names come from the collection's description, values are parameters. An empty value
makes a comparison unknown, as in SQL, and what is unknown is not found.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from geodata.features.filter_shapes import relation, within
from kyodo_geo.collections import Collection
from kyodo_geo.cql import Call, Column, Frame, Literal, Node, Type, read_filter
from kyodo_geo.cql.relations import ARRAYS, SPATIAL, TEMPORAL
from kyodo_geo.crs import WGS84
from kyodo_geo.errors import InputError

_CASTS = {
    Type.STRING: sql.SQL("::text"),
    Type.NUMBER: sql.SQL("::float8"),
    Type.BOOLEAN: sql.SQL("::boolean"),
    Type.DATE: sql.SQL("::date"),
    Type.TIMESTAMP: sql.SQL("::timestamptz"),
    Type.LIST: sql.SQL("::text[]"),
}
_ARRAYS = {
    "a_contains": sql.SQL("({a} @> {b})"),
    "a_containedby": sql.SQL("({a} <@ {b})"),
    "a_equals": sql.SQL("({a} @> {b} AND {a} <@ {b})"),
    "a_overlaps": sql.SQL("({a} && {b})"),
}
_ARITHMETIC = {
    "+": sql.SQL("({a} + {b})"),
    "-": sql.SQL("({a} - {b})"),
    "*": sql.SQL("({a} * {b})"),
    "/": sql.SQL("({a} / nullif({b}, 0))"),
    "div": sql.SQL("trunc({a} / nullif({b}, 0))"),
    "%": sql.SQL("mod({a}::numeric, nullif({b}::numeric, 0))::float8"),
    "^": sql.SQL("power({a}, {b})"),
}
# Signs of Unicode's upper case fold further than lower case alone (ß and SS, ς and σ).
_CASEI = sql.SQL('lower(upper({a} COLLATE "und-x-icu"))')
# Marks of the Latin, Greek and Cyrillic scripts; the Japanese voiced sound marks make other letters and stay.
_ACCENTI = sql.SQL("normalize(regexp_replace(normalize({a}, NFD), U&'[\\0300-\\036F]', '', 'g'), NFC)")


def compile_filter(
    text_or_json: str | dict[str, Any],
    lang: str,
    collection: Collection,
    *,
    filter_epsg: int = WGS84,
    plane_epsg: int,
    swapped: bool = False,
) -> tuple[sql.Composable, dict[str, Any]]:
    """SQL condition on the alias `f` (`f.<property>`, `f.geom`) and its parameters (`cql0`, `cql1`, …).

    `collection`: as its reader sees it. `swapped`: the filter's coordinates come latitude (northing) first. Raises
    `InputError` with field="filter" for whatever cannot be used.
    """
    tree = read_filter(text_or_json, lang, collection, Frame(filter_epsg, plane_epsg, swapped))
    writer = _Writer(plane_epsg)
    return writer.render(tree), writer.args


@contextmanager
def filter_errors() -> Iterator[None]:
    """Around a query with a filter: a value PostgreSQL cannot compute is the filter's fault, not the service's."""
    try:
        yield
    except psycopg.DataError as error:
        raise InputError(
            "filter の計算ができない地物があります。条件を確かめてください。", field="filter"
        ) from error


class _Writer:
    """One tree on its way to SQL; collects the parameters."""

    def __init__(self, plane_epsg: int) -> None:
        self.plane_epsg = plane_epsg
        self.args: dict[str, Any] = {}

    def bind(self, value: Any) -> sql.Placeholder:
        name = f"cql{len(self.args)}"
        self.args[name] = value
        return sql.Placeholder(name)

    def render(self, node: Node) -> sql.Composable:
        """The node as SQL of its type: numbers double precision, texts in the order of their characters."""
        if isinstance(node, Literal):
            return sql.SQL("{}{}").format(self.bind(_value(node)), _CASTS[node.type])
        if isinstance(node, Column):
            if node.type is Type.NUMBER:
                return sql.SQL("{}::float8").format(_column(node))
            return _column(node)
        return self._call(node)

    def _call(self, node: Call) -> sql.Composable:
        if node.op in ("and", "or"):
            joined = sql.SQL(f" {node.op.upper()} ").join(self.render(arg) for arg in node.args)
            return sql.SQL("({})").format(joined)
        if node.op == "not":
            return sql.SQL("(NOT {})").format(self.render(node.args[0]))
        if node.op == "isnull":
            arg = node.args[0]
            return sql.SQL("({} IS NULL)").format(_geom() if arg.type is Type.GEOMETRY else self.render(arg))
        if node.op in SPATIAL:
            return relation(node.op, *(self._shape(arg) for arg in node.args))
        if node.op == "s_dwithin":
            return self._within(node)
        if node.op in TEMPORAL:
            return self._temporal(node)
        if node.op in ARRAYS:
            a, b = (sql.SQL('({} COLLATE "C")').format(self.render(arg)) for arg in node.args)
            return _ARRAYS[node.op].format(a=a, b=b)
        if node.type is Type.NUMBER:
            return self._arithmetic(node)
        if node.type is Type.STRING:
            form = _CASEI if node.op == "casei" else _ACCENTI
            return form.format(a=self._text(node.args[0]))
        return self._comparison(node)

    def _text(self, node: Node) -> sql.Composable:
        return sql.SQL('({} COLLATE "C")').format(self.render(node))

    def _comparison(self, node: Call) -> sql.Composable:
        args = [self._operand(arg, node) for arg in node.args]
        if node.op == "in":
            return sql.SQL("({} IN ({}))").format(args[0], sql.SQL(", ").join(args[1:]))
        if node.op == "between":
            return sql.SQL("({} BETWEEN {} AND {})").format(*args)
        if node.op == "like":
            return sql.SQL("({} LIKE {})").format(*args)
        return sql.SQL(f"({{}} {node.op} {{}})").format(*args)  # one of the six comparisons

    def _operand(self, arg: Node, node: Call) -> sql.Composable:
        """An operand of a comparison, such that an index can serve `property = 'text'` and `integer < 3`."""
        if arg.type is Type.STRING:
            simple = node.op in ("=", "<>", "in") and isinstance(node.args[0], Column)
            if simple and all(isinstance(other, Literal) for other in node.args[1:]):
                return self.render(arg)
            return self._text(arg)
        if arg.type is Type.NUMBER and all(_whole(other) for other in node.args):
            if isinstance(arg, Column):
                return _column(arg)
            return (
                sql.SQL("{}::bigint").format(self.bind(arg.value))
                if isinstance(arg, Literal)
                else self.render(arg)
            )
        return self.render(arg)

    def _arithmetic(self, node: Call) -> sql.Composable:
        a, b = (self.render(arg) for arg in node.args)
        if node.op == "^" and node.args[1].value < 0:
            a = sql.SQL("nullif({}, 0)").format(a)
        return _ARITHMETIC[node.op].format(a=a, b=b)

    # -- time -------------------------------------------------------------------------------------------------

    def _temporal(self, node: Call) -> sql.Composable:
        op = "t_intersects" if node.op == "t_disjoint" else node.op
        kind = next((end.type for period in node.args for end in period.args if end is not None), Type.DATE)
        parts = []
        for sign, first, second in TEMPORAL[op]:
            left = self._end(node.args[0], first, kind)
            right = self._end(node.args[1], second, kind)
            parts.append(sql.SQL(f"{{}} {sign} {{}}").format(left, right))  # signs of our own table
        found = sql.SQL("({})").format(sql.SQL(" AND ").join(parts))
        return sql.SQL("(NOT {})").format(found) if node.op == "t_disjoint" else found

    def _end(self, period: Call, which: str, kind: Type) -> sql.Composable:
        end = period.args[0] if which == "start" else period.args[1]
        limit = sql.SQL("{}{}").format(
            sql.Literal("-infinity" if which == "start" else "infinity"), _CASTS[kind]
        )
        if end is None:
            return limit
        if isinstance(end, Call):  # `open`: the collection's own first or last day
            return sql.SQL("coalesce({}, {})").format(self.render(end.args[0]), limit)
        return self.render(end)

    # -- space ------------------------------------------------------------------------------------------------

    def _shape(self, node: Node) -> sql.Composable:
        if isinstance(node, Literal):
            return sql.SQL("ST_GeomFromWKB({}, {})").format(self.bind(node.value.wkb), sql.Literal(WGS84))
        return _geom()

    def _within(self, node: Call) -> sql.Composable:
        first, second, distance = node.args
        bounds = [arg.value.bounds for arg in (first, second) if isinstance(arg, Literal)]
        return within(
            self._shape(first),
            self._shape(second),
            self.bind(distance.value),
            distance.value,
            bounds[0] if len(bounds) == 1 else None,
            self.plane_epsg,
        )


def _column(node: Column) -> sql.Composable:
    return sql.Identifier("f", node.name)


def _geom() -> sql.Composable:
    return sql.Identifier("f", "geom")


def _value(node: Literal) -> Any:
    return list(node.value) if node.type is Type.LIST else node.value


def _whole(node: Node) -> bool:
    if isinstance(node, Literal):
        return isinstance(node.value, int)
    return isinstance(node, Column) and node.whole
