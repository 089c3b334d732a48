"""Random expressions of CQL2 JSON over the properties of `tests/cql_world.py`."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from shapely.geometry import mapping

from tests.cql_world import NAMES, SHAPES, at

Json = Any


def op(name: str, *args: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    return st.tuples(*args).map(lambda found: {"op": name, "args": list(found)})


def any_op(names: list[str], *args: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    return st.tuples(st.sampled_from(names), *args).map(
        lambda found: {"op": found[0], "args": list(found[1:])}
    )


def prop(*names: str) -> st.SearchStrategy[Json]:
    return st.sampled_from(names).map(lambda name: {"property": name})


# Halves and quarters are exact in binary: what is compared is the meaning, not the rounding.
NUMBERS = st.one_of(st.integers(-5, 5), st.sampled_from([-1.5, -0.25, 0.5, 0.75]))
WHOLE = st.integers(1, 4)
plain_number = prop("whole", "ratio", "id") | NUMBERS
number = st.recursive(
    plain_number,
    lambda inner: (
        any_op(["+", "-", "*"], inner, inner)
        | any_op(["/", "div"], inner, st.sampled_from([2, 4, 0]) | prop("whole"))
        | any_op(["%"], prop("id", "whole"), WHOLE)
        | any_op(["^"], plain_number, st.integers(-1, 3))
    ),
    max_leaves=4,
)
TEXTS = st.sampled_from([*NAMES, "e", "Strasse", "カ", "a\\b"])
folded = st.sampled_from(["casei", "accenti"])
text = st.recursive(
    prop("name", "kana") | TEXTS,
    lambda inner: st.tuples(folded, inner).map(lambda f: {"op": f[0], "args": [f[1]]}),
    max_leaves=2,
)
pattern = st.lists(st.sampled_from(["%", "_", "a", "e", "ß", "か", "\\%", "\\_", "b", "'"]), max_size=5).map(
    "".join
)
DAYS = st.sampled_from(["2020-04-01", "2021-04-01", "2021-05-01", "2022-01-01", "2023-07-01"])
TIMES = st.sampled_from(["2021-01-01T00:00:00Z", "2022-01-01T07:00:00Z", "2022-01-01T09:30:00+09:00"])
day = prop("since", "until", "built") | DAYS.map(lambda d: {"date": d})
time = prop("seen") | TIMES.map(lambda t: {"timestamp": t})
ends = st.tuples(DAYS, DAYS).map(lambda pair: sorted(pair))
period = st.one_of(
    ends.map(lambda pair: {"interval": pair}),
    DAYS.map(lambda d: {"interval": ["..", d]}),
    DAYS.map(lambda d: {"interval": [d, ".."]}),
    st.sampled_from([("since", "until"), ("built", "until"), ("since", "since")]).map(
        lambda pair: {"interval": [{"property": name} for name in pair]}
    ),
)
RELATIONS = [
    "t_after", "t_before", "t_contains", "t_disjoint", "t_during", "t_equals", "t_finishedBy", "t_finishes",
    "t_intersects", "t_meets", "t_metBy", "t_overlappedBy", "t_overlaps", "t_startedBy", "t_starts",
]  # fmt: skip
tags = prop("tags") | st.lists(st.sampled_from("abcd"), unique=True, max_size=3)
WHERE = [mapping(shape) for shape in SHAPES if shape is not None]
BOXES = st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(1, 3)).map(
    lambda b: {"bbox": [*at(b[0], b[1]), *at(b[0] + b[2], b[1] + b[2])]}
)
SPATIAL = ["intersects", "equals", "disjoint", "touches", "within", "overlaps", "crosses", "contains"]
place = st.sampled_from(WHERE) | BOXES
COMPARISONS = ["=", "<>", "<", ">", "<=", ">="]

predicate = st.one_of(
    any_op(COMPARISONS, number, number),
    any_op(COMPARISONS, text, text),
    any_op(COMPARISONS, day, day),
    any_op(COMPARISONS, time, time),
    any_op(["=", "<>"], prop("open"), st.booleans() | prop("open")),
    op("like", text, pattern | pattern.map(lambda p: {"op": "casei", "args": [p]})),
    op("in", text, st.lists(text, min_size=1, max_size=3)),
    op("in", number, st.lists(plain_number, min_size=1, max_size=3)),
    op("between", number, plain_number, plain_number),
    op("between", day, day, day),
    op("isNull", prop("whole", "name", "open", "since", "tags", "geometry", "seen")),
    any_op(RELATIONS, day | period, day | period),
    any_op(["t_after", "t_before", "t_equals", "t_intersects", "t_disjoint"], time, time),
    any_op(["a_contains", "a_containedBy", "a_equals", "a_overlaps"], tags, tags),
    any_op([f"s_{name}" for name in SPATIAL], prop("geometry"), place),
    any_op([f"s_{name}" for name in SPATIAL], place, prop("geometry")),
    op("s_dwithin", prop("geometry"), place, st.sampled_from([0.5, 700, 1500]), st.just("m")),
    prop("open"),
)
condition = st.recursive(
    predicate,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3)).map(
            lambda found: {"op": found[0], "args": found[1]}
        ),
        op("not", inner),
    ),
    max_leaves=6,
)
