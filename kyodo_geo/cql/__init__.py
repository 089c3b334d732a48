"""Filters in CQL2 (text and JSON): read, checked against a collection's queryables, and made into a small typed tree.

`read_filter` is the way in; `geodata/features/filters.py` makes SQL of the tree. Whatever cannot be used raises
`InputError` with a Japanese sentence and `field="filter"`. What the language can do is told in docs/OGC_FILTERS.md.
"""

from __future__ import annotations

from typing import Any

from kyodo_geo.collections import Collection
from kyodo_geo.cql.check import Checker
from kyodo_geo.cql.json import parse_json
from kyodo_geo.cql.shapes import Frame
from kyodo_geo.cql.text import parse_text
from kyodo_geo.cql.tree import CONFORMANCE, LANGUAGES, Call, Column, Literal, Node, Type
from kyodo_geo.errors import InputError

__all__ = ["CONFORMANCE", "LANGUAGES", "Call", "Column", "Frame", "Literal", "Node", "Type", "read_filter"]


def read_filter(source: str | dict[str, Any], lang: str, collection: Collection, frame: Frame) -> Node:
    """The tree of a filter; its type is BOOLEAN.

    `source`: text, or JSON as text or decoded; `lang`: one of `LANGUAGES`; `collection`: as its reader sees it
    (`Collection.seen_by`); `frame`: the coordinate system of the geometries in the filter. Raises `InputError`.
    """
    if lang not in LANGUAGES:
        raise InputError(
            f"filter-lang に指定できるのは {'、'.join(LANGUAGES)} です。",
            field="filter-lang",
            choices=list(LANGUAGES),
        )
    if lang == "cql2-text" and not isinstance(source, str):
        raise InputError("filter は文字列で指定してください。", field="filter")
    expression = parse_text(source) if lang == "cql2-text" and isinstance(source, str) else parse_json(source)
    return Checker(collection, frame).condition(expression)
