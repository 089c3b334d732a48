"""Shapes in web mercator are the database's own work: right, indexed, and no part of the data."""

from __future__ import annotations

import warnings

import psycopg
import pytest

from geodata import migrate
from geodata.database import Audience, Database
from geodata.diffs import diff
from geodata.features.tile_layers import TILE_LAYERS
from geodata.kind_tables import KIND_TABLES
from geodata.rows import read_frame
from kyodo_geo.crs import WEB_MERCATOR
from tests.factories import CODE, association_rows, put, square
from tests.fixtures_db import DatabaseUrls

TABLES = sorted({f"kyodo.{layer.table}" for layer in TILE_LAYERS.values()})


def test_the_metadata_says_what_the_server_computes(database: DatabaseUrls) -> None:
    """Alembic only warns of another expression."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert migrate.differences(database.owner) == []


def test_another_expression_would_be_noticed(database: DatabaseUrls) -> None:
    with psycopg.connect(database.owner, autocommit=True) as conn:
        conn.execute(
            f"ALTER TABLE kyodo.town DROP COLUMN geom_mercator, ADD COLUMN geom_mercator "
            f"geometry(Point, {WEB_MERCATOR}) GENERATED ALWAYS AS (ST_Transform(geom, {WEB_MERCATOR})) STORED"
        )
    with pytest.warns(UserWarning, match=r"town\.geom_mercator"):
        migrate.differences(database.owner)


def test_a_loaded_shape_is_there_in_web_mercator(db: Database) -> None:
    put(db, "associations", association_rows({"A1": square(0, 0), "A2": None}))
    with db.read(Audience.STAFF) as conn:
        rows = conn.execute(
            "SELECT association_id, geom_mercator IS NULL AS missing, ST_Equals(geom_mercator, ST_Transform(geom, %s)) "
            "AS same FROM association_area ORDER BY 1",
            (WEB_MERCATOR,),
        ).fetchall()
    assert [(r["association_id"], r["missing"], r["same"]) for r in rows] == [
        ("A1", False, True),
        ("A2", True, None),
    ]


def test_it_is_no_column_of_the_data(db: Database) -> None:
    assert all("geom_mercator" not in spec.columns for spec in KIND_TABLES.values())
    dataset = put(db, "associations", association_rows({"A1": square(0, 0)}))
    with db.read(Audience.STAFF) as conn:
        frame = read_frame(conn, CODE, dataset, "associations")
    assert "geom_mercator" not in frame.columns


def test_two_loads_of_the_same_shapes_do_not_differ(db: Database) -> None:
    first, second = (put(db, "associations", association_rows({"A1": square(0, 0)})) for _ in range(2))
    with db.read(Audience.STAFF) as conn:
        found = diff(conn, CODE, second, first)
    assert (found.unchanged, found.changed) == (1, 0)


def test_nobody_can_write_it(database: DatabaseUrls, db: Database) -> None:
    put(db, "associations", association_rows({"A1": square(0, 0)}))
    with (
        psycopg.connect(database.owner) as conn,
        pytest.raises(psycopg.errors.GeneratedAlways),
    ):
        conn.execute("UPDATE kyodo.association_area SET geom_mercator = NULL")


@pytest.mark.parametrize("table", TABLES)
def test_every_table_of_tiles_has_its_index(conn: psycopg.Connection[dict[str, object]], table: str) -> None:
    found = conn.execute(
        "SELECT indexdef FROM pg_indexes WHERE schemaname || '.' || tablename = %s AND indexname = %s",
        (table, f"ix_{table.removeprefix('kyodo.')}_tile"),
    ).fetchone()
    assert found is not None
    assert "gist (dataset_id, geom_mercator)" in str(found["indexdef"])
