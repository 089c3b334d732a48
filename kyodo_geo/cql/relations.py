"""Relations of space, time and arrays that a filter knows, and what their operands must be."""

from __future__ import annotations

from collections.abc import Sequence

from kyodo_geo.cql.tree import Literal, Node, Type, refused

SPATIAL = frozenset(
    f"s_{name}"
    for name in ("intersects", "equals", "disjoint", "touches", "within", "overlaps", "crosses", "contains")
)

# Each relation as comparisons (operator, end of the first, end of the second) that must all hold; the ends belong to
# the intervals. `t_disjoint` is the one that is an "or": the opposite of `t_intersects`.
TEMPORAL: dict[str, tuple[tuple[str, str, str], ...]] = {
    "t_after": ((">", "start", "end"),),
    "t_before": (("<", "end", "start"),),
    "t_contains": (("<", "start", "start"), (">", "end", "end")),
    "t_disjoint": (),
    "t_during": ((">", "start", "start"), ("<", "end", "end")),
    "t_equals": (("=", "start", "start"), ("=", "end", "end")),
    "t_finishedby": (("<", "start", "start"), ("=", "end", "end")),
    "t_finishes": ((">", "start", "start"), ("=", "end", "end")),
    "t_intersects": (("<=", "start", "end"), (">=", "end", "start")),
    "t_meets": (("=", "end", "start"),),
    "t_metby": (("=", "start", "end"),),
    "t_overlappedby": ((">", "start", "start"), ("<", "start", "end"), (">", "end", "end")),
    "t_overlaps": (("<", "start", "start"), (">", "end", "start"), ("<", "end", "end")),
    "t_startedby": (("=", "start", "start"), (">", "end", "end")),
    "t_starts": (("=", "start", "start"), ("<", "end", "end")),
}

ARRAYS = frozenset({"a_contains", "a_containedby", "a_equals", "a_overlaps"})

_UNITS = {
    "m": 1.0, "metre": 1.0, "metres": 1.0, "meter": 1.0, "meters": 1.0,
    "km": 1000.0, "kilometre": 1000.0, "kilometres": 1000.0, "kilometer": 1000.0, "kilometers": 1000.0,
}  # fmt: skip
_FARTHEST_M = 100_000.0
"""Distances are measured on the plane zone, which bends beyond."""


def check_shapes(op: str, shapes: Sequence[Node]) -> None:
    """Relations other than meeting are not defined for a collection of points, lines and areas together."""
    for shape in shapes:
        mixed = isinstance(shape, Literal) and shape.value.geom_type == "GeometryCollection"
        if mixed and op not in ("s_intersects", "s_disjoint"):
            raise refused(
                "filter で、種類の違う図形の GEOMETRYCOLLECTION は S_INTERSECTS と S_DISJOINT だけに使えます。",
                function=op,
            )


def metres(distance: Node, unit: Node) -> Literal:
    """The distance of S_DWITHIN in metres. Raises `InputError`."""
    if not isinstance(distance, Literal) or distance.type is not Type.NUMBER:
        raise refused("filter の S_DWITHIN の距離は数で指定してください。")
    if not isinstance(unit, Literal) or unit.type is not Type.STRING or unit.value.lower() not in _UNITS:
        raise refused(
            "filter の S_DWITHIN の単位は 'm' または 'km' で指定してください。", choices=list(_UNITS)
        )
    found = float(distance.value) * _UNITS[unit.value.lower()]
    if not 0 <= found <= _FARTHEST_M:
        raise refused(f"filter の S_DWITHIN の距離は、0から{_FARTHEST_M / 1000:.0f}kmまでにしてください。")
    return Literal(Type.NUMBER, found)
