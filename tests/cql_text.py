"""CQL2 JSON written as CQL2 text, with every pair of brackets that the grammar needs."""

from __future__ import annotations

from typing import Any

import shapely

_INFIX = {"=", "<>", "<", ">", "<=", ">=", "+", "-", "*", "/", "div", "%", "^"}


def written(node: Any) -> str:
    """The text of an expression."""
    if isinstance(node, bool):
        return "TRUE" if node else "FALSE"
    if isinstance(node, str):
        return "'" + node.replace("'", "''") + "'"
    if isinstance(node, (int, float)):
        return str(node)
    if isinstance(node, list):
        return f"({', '.join(written(member) for member in node)})"
    if "property" in node:
        return str(node["property"])
    if "date" in node:
        return f"DATE('{node['date']}')"
    if "timestamp" in node:
        return f"TIMESTAMP('{node['timestamp']}')"
    if "interval" in node:
        return f"INTERVAL({', '.join(written(end) for end in node['interval'])})"
    if "bbox" in node:
        return f"BBOX({', '.join(map(str, node['bbox']))})"
    if "type" in node:
        return shapely.to_wkt(shapely.geometry.shape(node), rounding_precision=6)
    return _call(node["op"], node["args"])


def _call(op: str, args: list[Any]) -> str:
    if op in ("and", "or"):
        return f" {op.upper()} ".join(_in_brackets(arg) for arg in args)
    if op == "not":
        return f"NOT {_in_brackets(args[0])}"
    if op == "isNull":
        return f"{_in_brackets(args[0])} IS NULL"
    if op == "like":
        return f"{written(args[0])} LIKE {written(args[1])}"
    if op == "in":
        return f"{_in_brackets(args[0])} IN {written(args[1])}"
    if op == "between":
        return f"{_in_brackets(args[0])} BETWEEN {_in_brackets(args[1])} AND {_in_brackets(args[2])}"
    if op in _INFIX:
        return f"{_in_brackets(args[0])} {op} {_in_brackets(args[1])}"
    return f"{op.upper()}({', '.join(written(arg) for arg in args)})"


def _in_brackets(node: Any) -> str:
    text = written(node)
    infix = isinstance(node, dict) and node.get("op") in _INFIX | {
        "and",
        "or",
        "not",
        "isNull",
        "like",
        "in",
        "between",
    }
    return f"({text})" if infix else text
