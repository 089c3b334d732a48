"""No question that people wait for reads a large table from end to end: plans at city size and at 300,000 areas.

Each question runs as the service runs it; every statement it sends is explained first, with its own parameters, and a
sequential scan of a table of more than `BIG` rows fails. Statistics are fresh, and the planner's settings untouched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import psycopg
import pytest
from psycopg import RawCursor, sql
from psycopg.rows import dict_row

from bench.large_city import CODE, LargeCity, generate
from geodata.cluster import Cluster
from geodata.database import active_generation
from geodata.features import query as features
from geodata.features.query import FeatureQuery
from geodata.features.tile_facts import layer_datasets
from geodata.features.tile_layers import TILE_LAYERS, tile_query
from geodata.queries import associations, datasets
from geodata.queries.associations_at import at_places
from geodata.queries.generation import Ref, resolve
from kyodo_geo.collections import COLLECTIONS, collections_for
from kyodo_geo.roles import Role
from kyodo_geo.tile_grid import limits, position
from tests.fixtures_db import DatabaseUrls, copied

BIG = 1500
TODAY = date(2026, 4, 1)
Conn = psycopg.Connection[dict[str, Any]]


class Explained(psycopg.Cursor[dict[str, Any]]):
    """Explains each statement before it runs; `plans` of the connection keeps them."""

    def execute(self, query: Any, params: Any = None, **more: Any) -> Any:
        plans = getattr(self.connection, "plans", None)
        if plans is not None:
            text = query.as_string(self.connection) if isinstance(query, sql.Composable) else str(query)
            if text.lstrip()[:4].upper() in ("SELE", "WITH"):
                super().execute("EXPLAIN (FORMAT JSON) " + text, params)  # type: ignore[arg-type]
                plans.append((text, self.fetchone()["QUERY PLAN"][0]["Plan"]))  # type: ignore[index]
        return super().execute(query, params, **more)


class Watched(psycopg.Connection[dict[str, Any]]):
    plans: list[tuple[str, dict[str, Any]]] | None = None


AREAS = 300_000


@pytest.fixture(scope="module")
def large(cluster: Cluster, template: DatabaseUrls) -> Iterator[tuple[Watched, LargeCity]]:
    """A throw-away city, its datasets loaded twice as after a year: the former ones lie in the same place."""
    with copied(cluster, template) as urls:
        with psycopg.connect(urls.superuser) as conn:
            city = generate(conn, AREAS, addresses=AREAS, former_generations=400)
        with psycopg.connect(urls.superuser, autocommit=True) as conn:
            conn.execute("VACUUM ANALYZE")
        with Watched.connect(urls.app, row_factory=dict_row, cursor_factory=Explained) as watched:
            watched.execute("SET search_path = kyodo, public")
            watched.execute("SET ROLE kyodo_public")
            watched.commit()
            yield watched, city


@contextmanager
def watching(conn: Watched) -> Iterator[list[str]]:
    """What is wrong with the plans of the block, filled when it ends."""
    wrong: list[str] = []
    sizes = {
        row["name"]: row["n"]
        for row in conn.execute(
            "SELECT relname AS name, reltuples::bigint AS n FROM pg_class WHERE relkind = 'r'"
        )
    }
    conn.plans = []
    try:
        yield wrong
        for text, plan in conn.plans:
            wrong += [f"{found}: {' '.join(text.split())[:160]}" for found in scans(plan, sizes)]
        assert conn.plans, "nothing was asked"
    finally:
        conn.plans = None
        conn.rollback()


def scans(plan: dict[str, Any], sizes: dict[str, int]) -> Iterator[str]:
    """Sequential scans of large tables, and functions that go through one for each question."""
    if plan["Node Type"] == "Seq Scan" and sizes.get(plan["Relation Name"], 0) > BIG:
        yield f"Seq Scan on {plan['Relation Name']}"
    if plan["Node Type"] == "Function Scan" and plan.get("Function Name") == "association_districts":
        yield "association_districts() of the whole city"
    for below in plan.get("Plans", ()):
        yield from scans(below, sizes)


Question = Callable[[Watched, Ref, LargeCity], object]


def _box(city: LargeCity) -> tuple[float, float, float, float]:
    lon, lat = city.middle
    return lon, lat, lon + 0.01, lat + 0.01


def _page(name: str, **asked: Any) -> Question:
    collection = next(found for found in collections_for({Role.PUBLIC}) if found.id == name)

    def ask(conn: Watched, ref: Ref, city: LargeCity) -> object:
        more = {"bbox": _box(city)} if asked.get("bbox") else {}
        return list(features.features(conn, ref, collection, FeatureQuery(**{**asked, **more}), TODAY))

    return ask


def _following(name: str) -> Question:
    """The page after a cursor in the middle."""
    collection = next(found for found in collections_for({Role.PUBLIC}) if found.id == name)

    def ask(conn: Watched, ref: Ref, city: LargeCity) -> object:
        first = list(features.features(conn, ref, collection, FeatureQuery(limit=50), TODAY))
        cursor = features.Cursor(first[-1].position)
        return list(features.features(conn, ref, collection, FeatureQuery(limit=50, after=cursor), TODAY))

    return ask


def _item(name: str, feature_id: str) -> Question:
    collection = next(found for found in collections_for({Role.PUBLIC}) if found.id == name)
    return lambda conn, ref, city: features.one(conn, ref, collection, feature_id, FeatureQuery(), TODAY)


QUESTIONS: dict[str, Question] = {
    "active generation": lambda conn, ref, city: active_generation(conn, CODE),
    "generation of a day": lambda conn, ref, city: active_generation(conn, CODE, "2200-01-01"),
    "resolve": lambda conn, ref, city: resolve(conn, CODE),
    "active dataset": lambda conn, ref, city: conn.execute(
        "SELECT active_dataset(%(m)s, %(g)s, 'associations')", ref.args
    ),
    "datasets": lambda conn, ref, city: datasets.active_datasets(conn, ref),
    "datasets of layers": lambda conn, ref, city: layer_datasets(conn, ref),
    "points in areas": lambda conn, ref, city: at_places(conn, ref, [city.middle] * 3),
    "association": lambda conn, ref, city: associations.one(conn, ref, "A1234"),
    "associations in a box": lambda conn, ref, city: associations.page(conn, ref, bbox=_box(city)),
    "associations, a page": lambda conn, ref, city: associations.page(conn, ref, after="A2", limit=50),
    "items": _page("associations"),
    "items in a box": _page("associations", bbox=True),
    "items after a cursor": _following("associations"),
    "item": _item("associations", "A1234"),
    "small areas in a box": _page("small-areas", bbox=True),
    "small area": _item("small-areas", "00000000012"),
    "towns after a cursor": _following("towns"),
    "town": _item("towns", "T12"),
    "districts in a box": _page("districts", bbox=True, properties=("no", "name")),
    "district": _item("outline", "1"),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_uses_an_index(large: tuple[Watched, LargeCity], name: str) -> None:
    conn, city = large
    ref = resolve(conn, CODE)
    with watching(conn) as wrong:
        QUESTIONS[name](conn, ref, city)
    assert wrong == []


@pytest.mark.parametrize("zoom", [8, 12, 14])
@pytest.mark.parametrize("layer", ["associations", "small-areas", "towns", "facilities", "districts"])
def test_a_tile_uses_its_index(large: tuple[Watched, LargeCity], layer: str, zoom: int) -> None:
    """With the plan that the connections of tiles keep for all tiles."""
    conn, city = large
    ref = resolve(conn, CODE)
    spec = TILE_LAYERS[layer]
    col, row = (int(n) for n in position(*city.middle, zoom))
    for sample in {False, bool(spec.sample)}:
        params = [CODE, layer_datasets(conn, ref)[layer], zoom, col, row, *([TODAY] if spec.dated else [])]
        name = f"tile{int(sample)}"
        conn.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        marks = ["text", "int", "int", "int", "int", "date"][: len(params)]
        raw = RawCursor(conn)
        raw.execute(f"PREPARE {name} ({', '.join(marks)}) AS {tile_query(layer, sample=sample)}")
        literals = sql.SQL(", ").join(map(sql.Literal, params))
        explain = sql.SQL("EXPLAIN (FORMAT JSON) EXECUTE {} ({})").format(sql.Identifier(name), literals)
        plan = conn.execute(explain).fetchone()["QUERY PLAN"][0]["Plan"]  # type: ignore[index]
        used = set(indexes(plan))
        conn.execute(f"DEALLOCATE {name}")
        assert list(scans(plan, {spec.table: BIG + 1})) == [] or layer == "districts"
        if layer not in ("districts",):
            wanted = f"{spec.table}_tile{'_sample' if sample else ''}"
            assert any(found.endswith(wanted) or "geom_mercator" in found for found in used), used
    conn.rollback()


def indexes(plan: dict[str, Any]) -> Iterator[str]:
    """Names of the indexes of a plan."""
    if "Index Name" in plan:
        yield plan["Index Name"]
    for below in plan.get("Plans", ()):
        yield from indexes(below)


def test_the_middle_has_an_area_and_every_tile_of_it_is_there(large: tuple[Watched, LargeCity]) -> None:
    """The generated city is what it says: without holes, and as large as it says."""
    conn, city = large
    ref = resolve(conn, CODE)
    assert len(at_places(conn, ref, [city.middle])) == 1
    dataset = city.datasets["associations"]
    row = conn.execute(
        "SELECT count(*) AS n FROM association_area WHERE dataset_id = %s", (dataset,)
    ).fetchone()
    conn.rollback()
    assert row == {"n": city.areas}
    assert limits(city.bounds, 8).holds(*reversed([int(n) for n in position(*city.middle, 8)]))
    assert set(TILE_LAYERS) <= set(COLLECTIONS)


def test_a_question_that_reads_everything_is_found(large: tuple[Watched, LargeCity]) -> None:
    conn, _ = large
    with watching(conn) as wrong:
        conn.execute("SELECT count(*) FROM association_area WHERE name LIKE '%%会1'")
    assert len(wrong) == 1
