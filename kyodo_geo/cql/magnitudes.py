"""How large or small a computed number of a filter can become: double precision overflows into an error, not a value.

A magnitude is (decimal exponent of the largest value, that of the smallest one besides 0 with its sign turned).
"""

from __future__ import annotations

import math

from kyodo_geo.cql.tree import refused

Magnitude = tuple[float, float]

COLUMN: Magnitude = (15.0, 15.0)
_LIMIT = 280.0
_CANCELLED = 17.0
"""A difference can be that many digits smaller than its operands."""


def of_number(value: float) -> Magnitude:
    """Magnitude of a literal; those beyond 1e±15 are refused."""
    if value == 0:
        return (0.0, 0.0)
    exponent = math.log10(abs(value))
    if abs(exponent) > COLUMN[0]:
        raise refused("filter の数は、10の15乗より小さく、10の-15乗より大きいものにしてください。")
    return (max(exponent, 0.0), max(-exponent, 0.0))


def combine(op: str, left: Magnitude, right: Magnitude, power: int = 0) -> Magnitude:
    """Magnitude of `left op right`. Raises `InputError` where double precision could not hold it."""
    if op in ("+", "-"):
        found = (max(left[0], right[0]) + 1, max(left[1], right[1]) + _CANCELLED)
    elif op == "*":
        found = (left[0] + right[0], left[1] + right[1])
    elif op == "^":
        sizes = left if power >= 0 else (left[1], left[0])
        found = (sizes[0] * abs(power), sizes[1] * abs(power))
    elif op == "/":
        found = (left[0] + right[1], left[1] + right[0])
    elif op == "div":
        found = (left[0] + right[1], 0.0)
    else:
        found = (right[0], max(left[1], right[1]) + _CANCELLED)
    if max(found) > _LIMIT:
        raise refused("filter の計算が複雑すぎます。")
    return found
