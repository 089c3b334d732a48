"""Reading filters as text: what the cql2 library makes of them, at the cost of their length, never of their brackets."""

from __future__ import annotations

import time
from typing import Any

import cql2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kyodo_geo.cql import Frame, read_filter
from kyodo_geo.cql.text import parse_text
from kyodo_geo.cql.tree import MAX_TEXT
from kyodo_geo.errors import InputError
from tests.cql_text import written
from tests.cql_world import PLANE, THINGS
from tests.db.cql_strategies import condition


@pytest.mark.parametrize(
    "text",
    [
        "a = 1",
        "a = 1 OR b = 2 AND NOT c = 3",
        "(a = 1 OR b = 2) AND (c = 3 OR (d = 4 AND e = 5))",
        "a - (b - (c - 1)) * 2 = -(3 + 4)",
        "a IN (1, (2 + 3) * 4, f(5))",
        "a IN ('x', CASEI('y')) OR CASEI(a) NOT IN (CASEI('(z'))",
        "\"a (b\" = 'it''s ( not a bracket'",
        "a BETWEEN (1 + 1) AND (2 * (3 + 1)) AND b LIKE ('x%')",
        "A_CONTAINS(a, ('x', 'y')) AND A_OVERLAPS(('x', 'y'), b)",
        "T_DURING(INTERVAL(a, b), INTERVAL('2020-01-01', '..'))",
        "S_INTERSECTS(g, POLYGON((0 0, 1 0, 1 1, 0 0), (0.5 0.1, 0.6 0.1, 0.6 0.2, 0.5 0.1)))",
        "S_INTERSECTS(g, GEOMETRYCOLLECTION(POINT(0 0), MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)))))",
        "S_INTERSECTS(g, BBOX(-1, 2.5, 3, 4)) AND (NOT (a IS NULL))",
        "S_INTERSECTS(g, POINT Z (1 2 3))",
        "f(g(h(a, (1 + 2)), (3)), b) = (((4)))",
        "((a = 1) = (b = 2)) = TRUE",
    ],
)
def test_cutting_a_text_at_its_brackets_changes_nothing(text: str) -> None:
    assert parse_text(text) == cql2.parse_text(text).to_json()


@settings(max_examples=200, deadline=None)
@given(condition)
def test_any_filter_is_read_as_the_library_reads_it(expression: Any) -> None:
    text = written(expression)
    if "()" not in text and text.count("(") < 12:  # the library knows no empty array
        assert flat(parse_text(text)) == flat(cql2.parse_text(text).to_json())


def flat(node: Any) -> Any:
    """The library makes one AND of an AND in an AND, and tells the array ('a') from the text ('a')."""
    if isinstance(node, list):
        members = [flat(member) for member in node]
        return members[0] if len(members) == 1 and isinstance(members[0], str) else members
    if not isinstance(node, dict):
        return node
    found = {key: flat(value) for key, value in node.items()}
    if found.get("op") in ("and", "or"):
        parts = [
            a["args"] if isinstance(a, dict) and a.get("op") == found["op"] else [a] for a in found["args"]
        ]
        found["args"] = [one for part in parts for one in part]
    return found


def test_an_empty_array_and_exponents_in_coordinates_are_read() -> None:
    assert parse_text("A_EQUALS(a, ())") == {"op": "a_equals", "args": [{"property": "a"}, []]}
    found = parse_text("S_INTERSECTS(g, POINT(1.5e2 -2E-1))")
    assert found["args"][1] == {"type": "Point", "coordinates": [150.0, -0.2]}


# -- bounds -------------------------------------------------------------------------------------------------

DEEP = [
    "(" * 20 + "id = 1",
    "(" * 20 + "id =" + ")" * 20,
    "id IN (" * 20 + "1" + ")" * 20,
    "id IN " + "((" * 11 + "1, 2" + "), 1)" * 11,
    "CASEI((" * 11 + "id =" + "))" * 11,
    "S_INTERSECTS(geometry, " + "POLYGON((" * 200,
    "S_INTERSECTS(geometry, POLYGON((" + "1 1, " * 3000 + "a))",
    " AND ".join(["(id = 1)"] * 300) + " AND (id =",
]


@pytest.mark.parametrize("text", DEEP, ids=range(len(DEEP)))
def test_time_grows_with_length_not_with_brackets(text: str) -> None:
    began = time.process_time()
    with pytest.raises(InputError):
        read_filter(text, "cql2-text", THINGS, Frame(PLANE, PLANE))
    assert time.process_time() - began < 0.5


# Seen with cql2 0.6: each of them overflows the stack of the library and ends the process.
CRASHES = [
    "NOT " * 3999 + "open",
    "-" * 15_000 + "1 = id",
    "1" + " = 1" * 3_999,
    "f(" * 5_000 + "1" + ")" * 5_000,
]


@pytest.mark.parametrize("text", CRASHES, ids=["not", "minus", "equals", "functions"])
def test_what_would_end_the_process_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        read_filter(text[:MAX_TEXT], "cql2-text", THINGS, Frame(PLANE, PLANE))
    assert caught.value.details["field"] == "filter"


WORDS = [
    "id", "name", "geometry", "tags", "since", "open", "nothing", "AND", "OR", "NOT", "IN", "LIKE", "BETWEEN", "IS",
    "NULL", "(", ")", "((", "))", ",", "=", "<>", "<", "-", "+", "*", "/", "^", "%", "div", "1", "2.5", "1e3", "'x'",
    "'", '"', '""', "''", "TRUE", "CASEI(", "S_INTERSECTS(", "POINT(1 2)", "POINT(", "POLYGON((", "BBOX(1,2,3,4)",
    "INTERVAL('..','..')", "DATE('2020-01-01')", "T_AFTER(", "A_EQUALS(", "EMPTY", "Z", ";", "\0", "é", "\ue000", "日",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join) | st.text(max_size=40))
def test_no_text_is_anything_but_a_filter_or_refused(text: str) -> None:
    try:
        found = read_filter(text, "cql2-text", THINGS, Frame(PLANE, PLANE))
    except InputError as error:
        assert error.details["field"] == "filter"
        assert "\ue000" not in str(error.details) + error.message
    else:
        assert found.type.name == "BOOLEAN"
