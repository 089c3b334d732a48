"""What a filter may say: names, types, dates, geometries and bounds; everything else is told with its name."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kyodo_geo.collections import Collection
from kyodo_geo.cql import Frame, read_filter
from kyodo_geo.cql.tree import MAX_NODES, MAX_VERTICES
from kyodo_geo.crs import JGD2011, WEB_MERCATOR, WGS84
from kyodo_geo.errors import InputError
from tests.cql_world import PLANE, THINGS

DEGREES = Frame(WGS84, PLANE)


def read(
    source: Any, lang: str = "cql2-text", collection: Collection = THINGS, frame: Frame = DEGREES
) -> Any:
    return read_filter(source, lang, collection, frame)


def refusal(source: Any, lang: str = "cql2-text", **kwargs: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        read(source, lang, **kwargs)
    assert caught.value.details["field"] == "filter"
    assert caught.value.message.endswith("。")
    return caught.value


@pytest.mark.parametrize("name", ["nothing", "hidden", "geom", "f.id", "ID", "", "id; --"])
def test_what_is_no_queryable_does_not_exist(name: str) -> None:
    error = refusal({"op": "isNull", "args": [{"property": name}]}, "cql2-json")
    assert error.details["property"] == name and f"「{name}」" in error.message


def test_a_geometry_is_there_only_where_the_collection_has_one() -> None:
    bare = Collection("bare", "", "", (), None, "id", THINGS.properties)
    assert refusal("geometry IS NULL", collection=bare).details["property"] == "geometry"


@pytest.mark.parametrize("name", ["upper", "foo", "s_buffer", "t_soon", "a_count", "pg_sleep"])
def test_a_function_that_is_not_in_the_standard_does_not_exist(name: str) -> None:
    assert refusal(f"{name}(whole, 1)").details["function"] == name


@pytest.mark.parametrize(
    "text",
    [
        "whole = 'x'", "name = 1", "open = 1", "open < TRUE", "since = '2020-01-01'", "since = seen",
        "seen > DATE('2020-01-01')", "tags = 'a'", "tags = ('a', 'b')", "geometry = 'x'", "name + 1 = 2",
        "whole LIKE '1%'", "name LIKE kana", "name LIKE 1", "CASEI(whole) = 'x'", "whole IN (1, 'x')",
        "name IN (1)", "open BETWEEN TRUE AND FALSE", "whole BETWEEN 1 AND name", "since BETWEEN 1 AND 2",
        "whole", "name", "1", "'x'", "NOT whole", "whole = 1 AND name", "geometry", "tags", "DATE('2020-01-01')",
        "S_INTERSECTS(geometry, name)", "S_INTERSECTS(geometry, 'POINT(1 1)')", "S_INTERSECTS(geometry)",
        "S_INTERSECTS(geometry, POINT(1 1), 1)", "T_AFTER(whole, since)", "T_AFTER(since, '2020-01-01')",
        "T_AFTER(since, seen)", "T_AFTER(since)", "A_CONTAINS(name, ('a', 'b'))", "A_CONTAINS(tags, (1, 2))",
        "A_CONTAINS(tags, ('a', name))", "A_CONTAINS(tags)", "CASEI(name, kana) = 'x'", "whole = NULL",
        "S_DWITHIN(geometry, POINT(1 1), 'x', 'm')", "S_DWITHIN(geometry, POINT(1 1), 1, 'mile')",
        "S_DWITHIN(geometry, POINT(1 1), -1, 'm')", "S_DWITHIN(geometry, POINT(1 1), 101, 'km')",
        "S_DWITHIN(geometry, POINT(1 1), whole, 'm')", "S_DWITHIN(geometry, POINT(1 1), 1)", "whole ^ whole = 1",
        "whole ^ 0.5 = 1", "whole ^ 11 = 1", "name LIKE 'x\\'", "name LIKE '%a%a%a%a%a%a%a%a%a%a%a%'",
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told(text: str) -> None:
    refusal(text)


def test_the_message_names_the_property_and_both_types() -> None:
    error = refusal("whole = 'x'")
    assert "「whole」" in error.message and "数" in error.message and "文字列" in error.message
    assert error.details["properties"] == ["whole"]


@pytest.mark.parametrize(
    "text",
    [
        "since = DATE('2020-02-30')", "since = DATE('2020-1-1')", "since = DATE('x')", "since = DATE('２０２０-01-01')",
        "since = DATE('0000-01-01')", "since = DATE(1)", "since = DATE(name)", "seen = TIMESTAMP('2020-01-01')",
        "seen = TIMESTAMP('2020-01-01T25:00:00Z')", "seen = TIMESTAMP('0001-01-01T00:00:00+09:00')",
        "T_AFTER(since, INTERVAL('2021-01-01', '2020-01-01'))", "T_AFTER(since, INTERVAL('2020-01-01'))",
        "T_AFTER(since, INTERVAL('2020-01-01', '2020-01-01T00:00:00Z'))", "T_AFTER(since, INTERVAL('x', '..'))",
        "T_AFTER(since, INTERVAL(whole, '..'))", "T_AFTER(since, INTERVAL(1, 2))",
        "T_AFTER(since, INTERVAL('2020-01-01T00:00:00Z', '..'))",
    ],
)  # fmt: skip
def test_days_and_times_must_exist(text: str) -> None:
    refusal(text)


@pytest.mark.parametrize(
    "shape",
    [
        {"type": "Point", "coordinates": [39, 141]},
        {"type": "Point", "coordinates": [141]},
        {"type": "Point", "coordinates": [1, 2, 3, 4, 5]},
        {"type": "Point", "coordinates": ["1", 2]},
        {"type": "Point", "coordinates": [True, 2]},
        {"type": "Point", "coordinates": None},
        {"type": "Point"},
        {"type": "Points", "coordinates": [1, 2]},
        {"type": None},
        {"type": ["Point"]},
        {"type": "LineString", "coordinates": [[1, 2]]},
        {"type": "LineString", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[1, 2], [2, 3]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[]]},
        {"type": "MultiPolygon", "coordinates": [[]]},
        {"type": "MultiPoint", "coordinates": [1, 2]},
        {"type": "GeometryCollection", "geometries": []},
        {"type": "GeometryCollection", "geometries": [{"type": "GeometryCollection", "geometries": []}]},
        {"type": "GeometryCollection", "geometries": [1]},
        {"bbox": [1, 2, 3]},
        {"bbox": [1, 5, 3, 4]},
        {"bbox": "1,2,3,4"},
        {"bbox": [1, 2, 3, 1e999]},
        {"bbox": [1, 2, 3, None]},
    ],
)
def test_a_geometry_that_is_none_is_told(shape: Any) -> None:
    refusal({"op": "s_intersects", "args": [{"property": "geometry"}, shape]}, "cql2-json")


def test_coordinates_follow_the_system_and_its_axes() -> None:
    text = "S_INTERSECTS(geometry, POINT({} {}))"
    plain = read(text.format(141.15, 39.7)).args[1].value
    assert plain.equals(
        read(text.format(39.7, 141.15), frame=Frame(JGD2011, PLANE, swapped=True)).args[1].value
    )
    plane = read(text.format(-33277.0, 27157.0), frame=Frame(PLANE, PLANE, swapped=True)).args[1].value
    assert plane.distance(plain) < 0.01
    with pytest.raises(InputError, match="座標系"):
        Frame(WEB_MERCATOR, PLANE)


@pytest.mark.parametrize(
    "source",
    [
        "", "{", "[", "nul", '{"op": "=", "args": [1, NaN]}', '{"op": "=", "args": [1, 1e999]}',
        '{"op": "=", "args": [1, -Infinity]}', '{"op": "=", "op": "=", "args": [1, 1]}', "null", "[]", "{}", "1",
        '{"op": "and"}', '{"op": "and", "args": {}}', '{"op": "and", "args": []}', '{"op": "and", "args": [true]}',
        '{"op": ["and"], "args": []}', '{"op": "not", "args": [null]}', '{"property": ["a"]}', '{"property": {}}',
        '{"op": "=", "args": [{"property": "name"}, "\\ud800"]}', '{"op": "=", "args": [{"property": "name"}, "\\u0000"]}',
        '{"op": "in", "args": [{"property": "id"}, []]}', '{"op": "in", "args": [{"property": "id"}, 1]}',
        '{"interval": ["..", ".."]}', '{"op": "t_after", "args": [{"property": "since"}, {"interval": 1}]}',
        '{"op": "=", "args": [{"property": "id"}, 1' + "0" * 4500 + "]}", '{"function": {"name": "f", "args": []}}',
        '{"op": "not", "args": [' * 600 + "true" + "]}" * 600, "[" * 15_999,
    ],
)  # fmt: skip
def test_json_that_is_no_filter_is_told(source: str) -> None:
    refusal(source, "cql2-json")


def test_the_bounds_of_a_filter() -> None:
    one = {"op": "=", "args": [{"property": "id"}, 1]}
    read({"op": "or", "args": [one] * 300}, "cql2-json")
    assert refusal({"op": "or", "args": [one] * MAX_NODES}, "cql2-json").details["limit"] == MAX_NODES
    deep: Any = one
    for _ in range(40):
        deep = {"op": "not", "args": [deep]}
    assert "入れ子" in refusal(deep, "cql2-json").message
    ring = [[141 + i / 1e5, 39 + (i % 2) / 1e5] for i in range(MAX_VERTICES // 2 + 1)]
    line = {
        "op": "s_intersects",
        "args": [{"property": "geometry"}, {"type": "LineString", "coordinates": ring}],
    }
    read(line, "cql2-json")
    assert refusal({"op": "or", "args": [line, line]}, "cql2-json").details["limit"] == MAX_VERTICES
    assert "文字以内" in refusal("id = 1 AND " * 2000 + "id = 1").message
    assert "15桁" in refusal("id = 9007199254740993").message


def test_the_language_must_be_known() -> None:
    with pytest.raises(InputError) as caught:
        read("id = 1", "cql")
    assert caught.value.details["field"] == "filter-lang"


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
words = st.sampled_from(
    ["op", "args", "property", "date", "timestamp", "interval", "type", "coordinates", "bbox", "geometries"]
)
names = st.sampled_from(
    ["and", "not", "=", "in", "like", "between", "casei", "s_within", "s_dwithin", "t_after", "a_equals", "isNull",
     "id", "name", "geometry", "tags", "Point", "GeometryCollection", "Polygon", "..", "+", "^", "2020-01-01"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(
    st.recursive(
        scalars | names,
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(words, inner, max_size=3)
            | st.fixed_dictionaries({"op": names, "args": st.lists(inner, max_size=4)})
        ),
        max_leaves=12,
    )
)
def test_no_json_is_anything_but_a_filter_or_refused(source: Any) -> None:
    for given_source in ([source] if isinstance(source, dict) else []) + [json.dumps(source)]:
        try:
            found = read(given_source, "cql2-json")
        except InputError as error:
            assert error.details["field"] == "filter"
        else:
            assert found.type.name == "BOOLEAN"
