"""Partitions by municipality: the same tables as before for everybody who names the table, and one part per question."""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest

from geodata import migrate
from geodata.database import Audience, Database
from geodata.features.tile_layers import TILE_LAYERS, tile_query
from geodata.municipalities import Municipality, ensure_municipality
from geodata.rows import insert_frame
from geodata.schema.partitions import PARTITIONS, partitioned_tables, partitions_of
from tests.factories import CODE, association_rows, frame, make_active, point, put, square
from tests.fixtures_db import DatabaseUrls

BEFORE = "0037"
OTHER = "22212"
PARTITIONED = {table.fullname for table in partitioned_tables()}

STANDS_ON = """
    SELECT 'constraint ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = %(t)s::regclass
    UNION ALL SELECT 'index ' || replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') FROM pg_index
        WHERE indrelid = %(t)s::regclass
    UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %(t)s::regclass AND NOT tgisinternal
    UNION ALL SELECT 'right ' || privilege_type || ' ' || grantee::regrole FROM pg_class, aclexplode(relacl)
        WHERE pg_class.oid = %(t)s::regclass AND grantee <> relowner
    UNION ALL SELECT 'comment ' || coalesce(col_description(%(t)s::regclass, attnum), '-') || attname || ' '
        || format_type(atttypid, atttypmod) || attnotnull || attcollation::regcollation
        || coalesce(pg_get_expr(adbin, adrelid), '')
        FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE attrelid = %(t)s::regclass AND attnum > 0 AND NOT attisdropped
    UNION ALL SELECT 'table ' || obj_description(%(t)s::regclass, 'pg_class')
    ORDER BY 1
"""


def _stands_on(url: str) -> dict[str, list[str]]:
    with psycopg.connect(url) as conn:
        return {
            table.fullname: [row[0] for row in conn.execute(STANDS_ON, {"t": table.fullname})]
            for table in partitioned_tables()
        }


def _rows(url: str) -> dict[str, list[Any]]:
    with psycopg.connect(url) as conn:
        return {
            table.fullname: conn.execute(f"SELECT md5(t::text) FROM {table.fullname} t ORDER BY 1").fetchall()
            for table in partitioned_tables()
        }


@pytest.fixture
def two_cities(db: Database) -> dict[str, int]:
    """盛岡 (an active generation) and 焼津 (a dataset nobody named), code → dataset of associations."""
    ensure_municipality(db, Municipality(OTHER, "焼津市", "静岡県"), by="test")
    found = {}
    for code in (CODE, OTHER):
        rows = frame(association_rows({"A1": square(0, 0), "A2": square(1, 0), "A3": None}))
        with db.write(Audience.LOADER) as conn:
            row = conn.execute(
                "INSERT INTO dataset (municipality_code, kind, title, source, quality, loaded_by, row_count, report) "
                "VALUES (%s, 'associations', 'x', 'x', 'real', 'x', 3, '{}') RETURNING dataset_id",
                (code,),
            ).fetchone()
            assert row is not None
            found[code] = row["dataset_id"]
            insert_frame(conn, code, found[code], "associations", rows)
    blocks = [
        {"town": "内丸", "koaza": None, "block": "12", "house": None, "accuracy_m": 1.0, "geom": point(0, 0)}
    ]
    make_active(db, found[CODE], put(db, "blocks", blocks))
    return found


def test_conversion_down_and_up_loses_no_row_and_nothing_that_stands_on_a_table(
    database: DatabaseUrls, two_cities: dict[str, int]
) -> None:
    rows, stands = _rows(database.superuser), _stands_on(database.owner)
    assert len(rows["kyodo.association_area"]) == 6

    migrate.downgrade(database.owner, BEFORE)
    assert _rows(database.superuser) == rows
    assert _stands_on(database.owner) == stands
    migrate.upgrade(database.owner)

    assert _rows(database.superuser) == rows
    assert _stands_on(database.owner) == stands
    assert migrate.differences(database.owner) == []


def test_the_guard_of_activated_rows_holds_on_the_partitioned_table(
    db: Database, two_cities: dict[str, int]
) -> None:
    for change in ("UPDATE association_area SET name = 'x'", "DELETE FROM association_area"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), db.write(Audience.LOADER) as conn:
            conn.execute(f"{change} WHERE dataset_id = %s", (two_cities[CODE],))  # type: ignore[arg-type]
    with db.write(Audience.LOADER) as conn:
        # No generation names it; its rows go with it, through the foreign key.
        conn.execute("DELETE FROM dataset WHERE dataset_id = %s", (two_cities[OTHER],))
        left = conn.execute("SELECT DISTINCT municipality_code AS m FROM association_area").fetchall()
    assert [row["m"] for row in left] == [CODE]


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM {p}",
        "UPDATE {p} SET name = 'x'",
        "INSERT INTO {p} (municipality_code) VALUES ('03201')",
        "COPY {p} FROM STDIN",
    ],
)
def test_a_partition_named_directly_does_not_pass_by_the_guard(
    database: DatabaseUrls, two_cities: dict[str, int], change: str
) -> None:
    with psycopg.connect(database.superuser) as conn:
        row = conn.execute(
            "SELECT tableoid::regclass::text FROM kyodo.association_area WHERE municipality_code = %s",
            (CODE,),
        ).fetchone()
        assert row is not None
        refused = pytest.raises(
            psycopg.errors.InsufficientPrivilege, match="write to the table it belongs to"
        )
        with refused, conn.cursor() as cursor:
            statement = change.format(p=row[0])
            if statement.startswith("COPY"):
                with cursor.copy(statement) as copy:
                    copy.write_row([])
            else:
                cursor.execute(statement)


def test_no_audience_may_name_a_partition(conn: psycopg.Connection[dict[str, Any]]) -> None:
    may = [
        (part, audience.value, right)
        for table in partitioned_tables()
        for part in partitions_of(table)
        for audience in Audience
        for right in ("SELECT", "INSERT", "UPDATE", "DELETE")
        if conn.execute(
            "SELECT has_table_privilege(%s, %s, %s) AS may", (audience.value, f"{table.schema}.{part}", right)
        ).fetchone()
        == {"may": True}
    ]
    assert may == []


def test_the_comparison_sees_a_partition_that_is_missing_and_one_of_another_number(
    blank_database: DatabaseUrls,
) -> None:
    migrate.upgrade(blank_database.owner)
    with psycopg.connect(blank_database.owner, autocommit=True) as conn:
        conn.execute("DROP TABLE kyodo.block_p0")
        conn.execute("CREATE TABLE kyodo.stray (n int)")
    found = [str(change) for change in migrate.differences(blank_database.owner)]
    assert any("kyodo.block" in change and change.startswith("('partitions'") for change in found)
    assert any("stray" in change for change in found)


def test_every_municipality_has_a_partition(conn: psycopg.Connection[dict[str, Any]]) -> None:
    """Codes of all prefectures land somewhere, and not all in one place."""
    codes = [f"{pref:02d}{number:03d}" for pref in range(1, 48) for number in range(201, 230)]
    row = conn.execute(
        "SELECT array_agg(DISTINCT r ORDER BY r) AS used FROM unnest(%s::text[]) c, generate_series(0, %s) r "
        "WHERE satisfies_hash_partition('kyodo.block'::regclass, %s, r, c)",
        (codes, PARTITIONS - 1, PARTITIONS),
    ).fetchone()
    assert row == {"used": list(range(PARTITIONS))}


@pytest.mark.parametrize("mode", ["force_generic_plan", "force_custom_plan"])
@pytest.mark.parametrize(
    "layer", sorted(id_ for id_, layer in TILE_LAYERS.items() if f"kyodo.{layer.table}" in PARTITIONED)
)
def test_a_tile_opens_the_one_partition_of_its_municipality(
    conn: psycopg.Connection[dict[str, Any]], layer: str, mode: str
) -> None:
    conn.execute("SET LOCAL search_path = kyodo, public")
    conn.execute(f"SET LOCAL plan_cache_mode = {mode}")  # type: ignore[arg-type]
    days = ", '2024-04-01'" if TILE_LAYERS[layer].dated else ""
    conn.execute(f"PREPARE one_tile AS {tile_query(layer, sample=False)}")  # type: ignore[arg-type]
    plan = conn.execute(f"EXPLAIN EXECUTE one_tile ('03201', 1, 12, 3650, 1540{days})").fetchall()  # type: ignore[arg-type]
    conn.execute("DEALLOCATE one_tile")
    text = "\n".join(str(row["QUERY PLAN"]) for row in plan)
    assert len(set(re.findall(rf"\b{TILE_LAYERS[layer].table}_p[0-9]+\b", text))) == 1, text
