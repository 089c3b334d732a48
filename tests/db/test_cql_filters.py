"""What a filter finds in PostGIS is what a slow evaluator in Python finds, whether it comes as text or as JSON."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from psycopg import sql

from geodata.features.filters import compile_filter, filter_errors
from kyodo_geo.errors import InputError
from tests.cql_text import written
from tests.cql_world import PLANE, THINGS, at, make_table, rows
from tests.db.cql_oracle import evaluate
from tests.db.cql_strategies import condition

ROWS = rows()


@pytest.fixture(scope="module")
def things(rollback_database: Any) -> Any:
    """A connection with the temporary table `things`."""
    with psycopg.connect(rollback_database.superuser, autocommit=True) as conn:
        make_table(conn)
        yield conn


def found(conn: Any, source: Any, lang: str = "cql2-text", **kwargs: Any) -> set[int]:
    """Ids of the rows that a filter finds."""
    where, args = compile_filter(source, lang, THINGS, plane_epsg=PLANE, **kwargs)
    query = sql.SQL("SELECT id FROM things f WHERE {}").format(where)
    with filter_errors():
        return {row[0] for row in conn.execute(query, args)}


def meant(expression: Any) -> set[int]:
    return {row["id"] for row in ROWS if evaluate(expression, row) is True}


PROPERTY = {"property": "whole"}


@settings(max_examples=350, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(condition)
@example({"op": "not", "args": [{"op": "in", "args": [PROPERTY, [1, PROPERTY]]}]})
@example({"op": "=", "args": [{"op": "/", "args": [1, PROPERTY]}, {"op": "-", "args": [2, 1]}]})
@example({"op": "=", "args": [{"op": "-", "args": [5, {"op": "-", "args": [3, 1]}]}, 3]})
@example({"op": "=", "args": [{"op": "^", "args": [-2, 2]}, 4]})
def test_a_filter_finds_what_it_means(things: Any, expression: Any) -> None:
    text = written(expression)
    expected = meant(expression)
    assert found(things, text) == expected, text
    assert found(things, expression, "cql2-json") == expected, text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(condition)
def test_text_and_json_become_the_same_sql(expression: Any) -> None:
    text, json = (
        compile_filter(source, lang, THINGS, plane_epsg=PLANE)
        for source, lang in ((written(expression), "cql2-text"), (expression, "cql2-json"))
    )
    assert text[0].as_string(None) == json[0].as_string(None)
    assert [str(value) for value in text[1].values()] == [str(value) for value in json[1].values()]


def test_a_text_cannot_become_sql(things: Any) -> None:
    everything = {row["id"] for row in ROWS}
    assert found(things, "name = '''; DROP TABLE things; --' OR name = '%s' OR name = '%(cql0)s'") == set()
    assert found(things, "id >= 0") == everything


def test_the_letters_of_like_are_the_standards(things: Any) -> None:
    names = {row["id"]: row["name"] for row in ROWS}
    assert {names[n] for n in found(things, "name LIKE 'a_b'")} == {"a_b", "axb"}
    assert {names[n] for n in found(things, r"name LIKE 'a\_b'")} == {"a_b"}
    assert {names[n] for n in found(things, r"name LIKE '%\%'")} == {"50%"}
    assert {names[n] for n in found(things, "name LIKE 'it''%'")} == {"it's"}


def test_case_and_accents_are_folded_but_voiced_sounds_are_letters(things: Any) -> None:
    names = {row["id"]: row["name"] for row in ROWS}
    assert {names[n] for n in found(things, "CASEI(name) = CASEI('Strasse')")} == {"straße", "STRASSE"}
    assert {names[n] for n in found(things, "ACCENTI(name) = ACCENTI('E')")} == {"É"}
    assert {names[n] for n in found(things, "CASEI(ACCENTI(name)) = CASEI(ACCENTI('ét'))")} == {
        "e\u0301t",
        "ET",
    }
    assert {names[n] for n in found(things, "ACCENTI(name) = ACCENTI('かけ')")} == {"かけ"}


def test_an_own_period_without_an_end_goes_on(things: Any) -> None:
    running = {
        r["id"] for r in ROWS if (r["since"] is None or str(r["since"]) <= "2030-01-01") and not r["until"]
    }
    assert found(things, "T_INTERSECTS(INTERVAL(since, until), DATE('2030-01-01'))") == running


def test_numbers_are_compared_as_they_are_written(things: Any) -> None:
    assert found(things, "id = 3") == found(things, "id = 3.0") == found(things, "3 = id") == {3}
    assert found(things, "id = 3.5") == set()
    assert found(things, "id / 2 = 1.5") == {3}
    assert found(things, "id div 2 = 1") == {2, 3}


# -- coordinates --------------------------------------------------------------------------------------------


def test_the_order_of_the_axes_is_the_systems(things: Any) -> None:
    lon, lat = at(1, 1)
    east = found(things, f"S_INTERSECTS(geometry, POINT({lon} {lat}))")
    assert east and east == found(things, f"S_INTERSECTS(geometry, POINT({lat} {lon}))", swapped=True)
    assert east == found(
        things, f"S_INTERSECTS(geometry, POINT({lat} {lon}))", filter_epsg=6668, swapped=True
    )
    with pytest.raises(InputError, match="範囲"):
        found(things, f"S_INTERSECTS(geometry, POINT({lat} {lon}))")


def test_a_filter_may_speak_in_metres_of_the_plane_zone(things: Any) -> None:
    conn = things
    for x, y in ((1, 1), (4, 2), (3, 3)):
        place = conn.execute(
            "SELECT ST_Transform(ST_SetSRID(ST_MakePoint(%s, %s), 4326), %s)", (*at(x, y), PLANE)
        ).fetchone()[0]
        north, east = conn.execute("SELECT ST_Y(%s::geometry), ST_X(%s::geometry)", (place, place)).fetchone()
        box = f"BBOX({north - 1}, {east - 1}, {north + 1}, {east + 1})"
        lonlat = f"S_DWITHIN(geometry, POINT({at(x, y)[0]} {at(x, y)[1]}), 1, 'm')"
        there = found(conn, f"S_INTERSECTS(geometry, {box})", filter_epsg=PLANE, swapped=True)
        assert there and there == found(conn, lonlat)


def test_distances_are_those_of_the_plane_zone(things: Any) -> None:
    lon, lat = at(1, 1)
    asked = things.execute(
        "SELECT id, ST_Distance(ST_Transform(geom, %(p)s), ST_Transform(ST_SetSRID(ST_MakePoint(%(x)s, %(y)s), 4326),"
        " %(p)s)) FROM things WHERE geom IS NOT NULL",
        {"p": PLANE, "x": lon, "y": lat},
    )
    metres = dict(asked.fetchall())
    for limit in (0, 100, 1000, 2500):
        near = {n for n, d in metres.items() if d <= limit}
        assert found(things, f"S_DWITHIN(geometry, POINT({lon} {lat}), {limit}, 'm')") == near
        assert found(things, f"S_DWITHIN(POINT({lon} {lat}), geometry, {limit / 1000}, 'km')") == near


def test_a_distance_is_served_by_the_index_of_the_geometry(things: Any) -> None:
    conn = things
    conn.execute(
        "CREATE TEMP TABLE many AS SELECT n AS id, ST_SetSRID(ST_MakePoint(139 + n * 0.0001, 39), 4326) AS geom"
        " FROM generate_series(1, 30000) n"
    )
    conn.execute("CREATE INDEX ON many USING gist (geom)")
    conn.execute("ANALYZE many")
    where, args = compile_filter(
        "S_DWITHIN(geometry, POINT(141 39), 100, 'm')", "cql2-text", THINGS, plane_epsg=PLANE
    )
    plan = sql.SQL("EXPLAIN SELECT id FROM many f WHERE {}").format(where)
    told = "\n".join(row[0] for row in conn.execute(plan, args))
    assert "Index" in told and "Seq Scan" not in told


def test_a_box_over_the_180th_meridian_is_two(things: Any) -> None:
    lon, lat = at(1, 1)
    south, north = lat - 0.001, lat + 0.001
    here = found(things, f"S_INTERSECTS(geometry, BBOX({lon - 0.001}, {south}, {lon + 0.001}, {north}))")
    around = found(things, f"S_INTERSECTS(geometry, BBOX({lon - 0.001}, {south}, {lon - 0.002}, {north}))")
    half = found(things, f"S_INTERSECTS(geometry, BBOX(170, {south}, {lon + 0.001}, {north}))")
    beyond = found(things, f"S_INTERSECTS(geometry, BBOX(170, {south}, 100, {north}))")
    assert here and here <= around and here <= half and beyond == set()


# -- never the service's fault ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "id / 0 = 1 OR id > -1",
        "id % 0 = 1 OR id > -1",
        "(id - id) ^ -3 = 1 OR id > -1",
        "id div (id - id) = 1 OR id > -1",
    ],
)
def test_a_division_by_nothing_is_unknown(things: Any, text: str) -> None:
    assert found(things, text) == {row["id"] for row in ROWS}


@pytest.mark.parametrize("sign", ["*", "/", "^"])
def test_numbers_too_large_for_a_double_are_refused_before_they_are_computed(things: Any, sign: str) -> None:
    text = f"((100000000000000 {sign} 10) {sign} 10) {sign} 10 > 1"
    if sign == "^":
        with pytest.raises(InputError, match="計算"):
            found(things, text)
    else:
        found(things, text)


@pytest.mark.parametrize(
    "text",
    [
        "S_{}(geometry, POINT(141 39))",
        "S_{}(geometry, MULTIPOINT((141 39), (141.015625 39.015625)))",
        "S_{}(geometry, LINESTRING(141 39, 141.03125 39.03125))",
        "S_{}(geometry, MULTILINESTRING((141 39, 141.03125 39.03125), (141 39.03125, 141.03125 39)))",
        "S_{}(geometry, POLYGON((141 39, 141.03125 39, 141.03125 39.03125, 141 39)))",
        "S_{}(geometry, MULTIPOLYGON(((141 39, 141.03125 39, 141.03125 39.03125, 141 39))))",
        "S_{}(geometry, GEOMETRYCOLLECTION(POINT(141 39), POINT(141.015625 39.015625)))",
        "S_{}(geometry, BBOX(141, 39, 141.03125, 39.03125))",
        "S_{}(geometry, BBOX(141, 39, 141, 39))",
        "S_{}(geometry, BBOX(141, 39, 141, 39.03125))",
        "S_{}(geometry, geometry)",
    ],
)
def test_every_relation_takes_every_kind_of_geometry(things: Any, text: str) -> None:
    relations = ("INTERSECTS", "EQUALS", "DISJOINT", "TOUCHES", "WITHIN", "OVERLAPS", "CROSSES", "CONTAINS")
    answers = {name: found(things, text.format(name)) for name in relations}
    placed = {row["id"] for row in ROWS if row["geom"] is not None}
    assert answers["INTERSECTS"] | answers["DISJOINT"] == placed
    assert not answers["INTERSECTS"] & answers["DISJOINT"]
    assert answers["WITHIN"] <= answers["INTERSECTS"] and answers["TOUCHES"] <= answers["INTERSECTS"]


def test_a_mixed_collection_can_be_met(things: Any) -> None:
    mixed = "GEOMETRYCOLLECTION(POINT(141.015625 39.015625), LINESTRING(141 39.03125, 141.06 39.03125))"
    assert found(things, f"S_INTERSECTS(geometry, {mixed})")
    assert found(things, f"S_DWITHIN(geometry, {mixed}, 10, 'm')")
