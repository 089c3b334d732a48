"""A slow, independent evaluator of CQL2 JSON over the rows of `tests/cql_world.py`: what a filter means, in Python.

None is "unknown", as in SQL: `and`, `or` and `not` follow the three-valued tables.
"""

from __future__ import annotations

import math
import unicodedata
from datetime import date, datetime
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape

from kyodo_geo.plane import forward

LOW, HIGH = "low", "high"  # ends of an interval without a limit
OWN = ("since", "until")


def evaluate(node: Any, row: dict[str, Any]) -> Any:
    """Value of an expression for one row."""
    if isinstance(node, list):
        return [evaluate(member, row) for member in node]
    if not isinstance(node, dict):
        return node
    if "property" in node:
        return row["geom" if node["property"] == "geometry" else node["property"]]
    if "date" in node:
        return date.fromisoformat(node["date"])
    if "timestamp" in node:
        return datetime.fromisoformat(node["timestamp"])
    if "interval" in node:
        return interval(node["interval"], row)
    if "type" in node:
        return shape(node)
    if "bbox" in node:
        return shapely.box(*node["bbox"])
    return call(node["op"], node["args"], row)


def call(op: str, args: list[Any], row: dict[str, Any]) -> Any:
    if op == "and":
        found = [evaluate(arg, row) for arg in args]
        return False if False in found else None if None in found else True
    if op == "or":
        found = [evaluate(arg, row) for arg in args]
        return True if True in found else None if None in found else False
    values = [evaluate(arg, row) for arg in args]
    if op == "isNull":
        return values[0] is None
    if op == "in":
        return call("or", [call("=", [values[0], member], row) for member in values[1]], row)
    if op == "between":
        return call("and", [call(">=", values[:2], row), call("<=", [values[0], values[2]], row)], row)
    if op.startswith("t_"):
        return in_time(op, *(v if isinstance(v, tuple) else (v, v) for v in values))
    if any(value is None for value in values):
        return None
    return OPERATORS[op](*values)


def interval(ends: list[Any], row: dict[str, Any]) -> tuple[Any, Any]:
    found: list[Any] = []
    for end, limit in zip(ends, (LOW, HIGH), strict=True):
        if end == "..":
            found.append(limit)
        elif isinstance(end, str):
            found.append(datetime.fromisoformat(end) if "T" in end else date.fromisoformat(end))
        else:
            value = evaluate(end, row)
            found.append(limit if value is None and end.get("property") in OWN else value)
    return found[0], found[1]


def less(a: Any, b: Any) -> bool | None:
    if a is None or b is None:
        return None
    if a in (LOW, HIGH) or b in (LOW, HIGH):
        return a != b and (a == LOW or b == HIGH)
    return bool(a < b)


def same(a: Any, b: Any) -> bool | None:
    return None if a is None or b is None else a == b


def every(*parts: bool | None) -> bool | None:
    return False if False in parts else None if None in parts else True


def negation(value: bool | None) -> bool | None:
    return None if value is None else not value


def in_time(op: str, a: tuple[Any, Any], b: tuple[Any, Any]) -> bool | None:
    """Relations of two closed periods, drawn as on the page of the standard."""
    (a1, a2), (b1, b2) = a, b
    match op:
        case "t_after":
            return less(b2, a1)
        case "t_before":
            return less(a2, b1)
        case "t_contains":
            return every(less(a1, b1), less(b2, a2))
        case "t_disjoint":
            return negation(every(negation(less(b2, a1)), negation(less(a2, b1))))
        case "t_during":
            return every(less(b1, a1), less(a2, b2))
        case "t_equals":
            return every(same(a1, b1), same(a2, b2))
        case "t_finishedBy":
            return every(less(a1, b1), same(a2, b2))
        case "t_finishes":
            return every(less(b1, a1), same(a2, b2))
        case "t_intersects":
            return every(negation(less(b2, a1)), negation(less(a2, b1)))
        case "t_meets":
            return same(a2, b1)
        case "t_metBy":
            return same(a1, b2)
        case "t_overlappedBy":
            return every(less(b1, a1), less(a1, b2), less(b2, a2))
        case "t_overlaps":
            return every(less(a1, b1), less(b1, a2), less(a2, b2))
        case "t_startedBy":
            return every(same(a1, b1), less(b2, a2))
        case "t_starts":
            return every(same(a1, b1), less(a2, b2))
    raise AssertionError(op)


def like(text: str, pattern: str) -> bool:
    """Whether a text is what a pattern tells, by trying every way."""
    if not pattern:
        return not text
    if pattern[0] == "%":
        return any(like(text[i:], pattern[1:]) for i in range(len(text) + 1))
    if pattern[0] == "_":
        return bool(text) and like(text[1:], pattern[1:])
    sign, rest = (pattern[1], pattern[2:]) if pattern[0] == "\\" else (pattern[0], pattern[1:])
    return text[:1] == sign and like(text[1:], rest)


def without_accents(text: str) -> str:
    apart = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(sign for sign in apart if not 0x300 <= ord(sign) <= 0x36F))


def metres_apart(a: Any, b: Any) -> float:
    plane = [
        shapely.transform(g, lambda xy: np.column_stack(forward(10, xy[:, 0], xy[:, 1]))) for g in (a, b)
    ]
    return float(shapely.distance(*plane))


def divided(a: float, b: float) -> float | None:
    return None if b == 0 else a / b


OPERATORS: dict[str, Any] = {
    "not": lambda a: not a,
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "like": like,
    "casei": str.casefold,
    "accenti": without_accents,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": divided,
    "div": lambda a, b: None if b == 0 else math.trunc(a / b),
    "%": lambda a, b: None if b == 0 else math.fmod(a, b),
    "^": lambda a, b: None if a == 0 and b < 0 else float(a) ** b,
    "a_contains": lambda a, b: set(a) >= set(b),
    "a_containedBy": lambda a, b: set(a) <= set(b),
    "a_equals": lambda a, b: set(a) == set(b),
    "a_overlaps": lambda a, b: bool(set(a) & set(b)),
    "s_intersects": lambda a, b: a.intersects(b),
    "s_disjoint": lambda a, b: a.disjoint(b),
    "s_equals": lambda a, b: a.equals(b),
    "s_touches": lambda a, b: a.touches(b),
    "s_within": lambda a, b: a.within(b),
    "s_overlaps": lambda a, b: a.overlaps(b),
    "s_crosses": lambda a, b: a.crosses(b),
    "s_contains": lambda a, b: a.contains(b),
    "s_dwithin": lambda a, b, d, unit: metres_apart(a, b) <= d * (1000 if unit == "km" else 1),
}
