"""What a checked filter is made of: literals, columns and calls, each with a type."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kyodo_geo.errors import InputError

LANGUAGES = ("cql2-text", "cql2-json")

CONFORMANCE = tuple(
    f"http://www.opengis.net/spec/cql2/1.0/conf/{name}"
    for name in (
        "cql2-text",
        "cql2-json",
        "basic-cql2",
        "advanced-comparison-operators",
        "case-insensitive-comparison",
        "accent-insensitive-comparison",
        "basic-spatial-functions",
        "basic-spatial-functions-plus",
        "spatial-functions",
        "temporal-functions",
        "array-functions",
        "property-property",
        "arithmetic",
    )
)
"""Conformance classes of CQL2 that are kept. `functions` is not among them: there are none but the standard's."""

MAX_TEXT = 16_000
"""Characters of a filter, text or JSON."""
MAX_TOKENS = 2_000
"""Words and signs of a text, coordinates not counted."""
MAX_NODES = 1_000
"""Operators, properties and literals of a filter."""
MAX_DEPTH = 24
"""Operators inside each other."""
MAX_VERTICES = 2_000
"""Vertices of all geometries of a filter together."""


class Type(StrEnum):
    """Type of a value in a filter; the value is its name for people."""

    STRING = "文字列"
    NUMBER = "数"
    BOOLEAN = "真偽"
    DATE = "日付"
    TIMESTAMP = "日時"
    INTERVAL = "期間"
    LIST = "配列"
    GEOMETRY = "図形"


ORDERED = frozenset({Type.STRING, Type.NUMBER, Type.DATE, Type.TIMESTAMP})
SCALAR = ORDERED | {Type.BOOLEAN}


@dataclass(frozen=True, slots=True)
class Literal:
    """A value: str, int or float, bool, date, aware datetime, tuple of texts (LIST) or shapely geometry in lon/lat."""

    type: Type
    value: Any


@dataclass(frozen=True, slots=True)
class Column:
    """A property. `whole`: an integer, compared without rounding."""

    type: Type
    name: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """An operator of CQL2 in lower case, with its operands.

    `interval` has two operands, each an instant or None (no limit); `open` is the same where an empty property means
    no limit. `in` has the value and then the members. `s_dwithin` has two geometries and metres.
    """

    type: Type
    op: str
    args: tuple[Any, ...]


Node = Literal | Column | Call


def refused(message: str, **details: Any) -> InputError:
    """The one kind of error a filter can have, to be raised."""
    return InputError(message, field="filter", **details)
