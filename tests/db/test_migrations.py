"""The schema goes up and down, and is what the code says it is."""

from __future__ import annotations

import psycopg
import pytest

from geodata import migrate
from geodata.database import Audience
from geodata.schema import SCHEMA, VACANT_SCHEMA, metadata
from tests.fixtures_db import DatabaseUrls


def test_an_empty_database_comes_to_exactly_the_metadata(blank_database: DatabaseUrls) -> None:
    migrate.upgrade(blank_database.owner)

    assert migrate.current(blank_database.owner) == migrate.head()
    assert migrate.differences(blank_database.owner) == []


def test_the_comparison_sees_a_missing_column(blank_database: DatabaseUrls) -> None:
    migrate.upgrade(blank_database.owner)
    with psycopg.connect(blank_database.owner, autocommit=True) as conn:
        conn.execute("ALTER TABLE kyodo.town DROP COLUMN kana")

    assert any("kana" in str(change) for change in migrate.differences(blank_database.owner))


def test_down_to_base_leaves_no_schema_but_the_roles(blank_database: DatabaseUrls) -> None:
    migrate.upgrade(blank_database.owner)
    migrate.downgrade(blank_database.owner)

    with psycopg.connect(blank_database.owner) as conn:
        schemas = {row[0] for row in conn.execute("SELECT nspname FROM pg_namespace")}
        roles = {row[0] for row in conn.execute("SELECT rolname FROM pg_roles")}
    assert not {SCHEMA, VACANT_SCHEMA, "kyodo_jobs"} & schemas
    assert {audience.value for audience in Audience} <= roles


def test_up_again_after_down(blank_database: DatabaseUrls) -> None:
    migrate.upgrade(blank_database.owner)
    migrate.downgrade(blank_database.owner)
    migrate.upgrade(blank_database.owner)

    assert migrate.differences(blank_database.owner) == []


def test_every_primary_key_starts_with_the_municipality() -> None:
    wrong = [
        table.fullname
        for table in metadata.tables.values()
        if next(iter(table.primary_key.columns)).name != "municipality_code"
    ]
    assert wrong == []


def undocumented(tables: object) -> list[str]:
    """Tables and columns without a comment."""
    found = []
    for table in tables:  # type: ignore[attr-defined]
        if not table.comment:
            found.append(table.fullname)
        found += [f"{table.fullname}.{column.name}" for column in table.columns if not column.comment]
    return found


def test_every_table_and_column_is_documented() -> None:
    assert undocumented(metadata.tables.values()) == []


def test_an_undocumented_column_is_found() -> None:
    from sqlalchemy import Column, Integer, MetaData, Table

    planted = Table("planted", MetaData(), Column("silent", Integer), comment="A table")
    assert undocumented([planted]) == ["planted.silent"]


def test_comments_reach_the_database(conn: psycopg.Connection[dict[str, object]]) -> None:
    row = conn.execute(
        "SELECT col_description('kyodo.membership'::regclass, attnum) AS text FROM pg_attribute "
        "WHERE attrelid = 'kyodo.membership'::regclass AND attname = 'households'"
    ).fetchone()
    assert row is not None
    assert row["text"] == "Households (denominator)"


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        (
            (
                "INSERT INTO kyodo.outline VALUES ('03201', 1, 1, 'x', "
                "ST_GeomFromText('MULTIPOLYGON(((0 0,1 1,1 0,0 1,0 0)))', 4326))"
            ),
            "ck_outline_geom_valid",
        ),
        (
            "INSERT INTO kyodo.membership VALUES ('03201', 1, 'A1', 2019, 10, 11, 'register')",
            "ck_membership_rate_at_most_one",
        ),
        (
            "INSERT INTO kyodo.address_rule VALUES ('03201', 1, 'A1', 1, 'part', 'x', NULL, 5, 3)",
            "ck_address_rule_block_order",
        ),
        (
            (
                "INSERT INTO kyodo_vacant.vacant_house (municipality_code, dataset_id, house_id, state, address, geom) "
                "VALUES ('03201', 1, 'H1', 'consented', 'x', ST_SetSRID(ST_Point(141, 39), 4326))"
            ),
            "ck_vacant_house_consent_is_written",
        ),
        (
            (
                "INSERT INTO kyodo.app_user (municipality_code, login, display_name, password_hash) "
                "VALUES ('03201', 'a', 'a', 'plain')"
            ),
            "ck_app_user_password_is_argon2id",
        ),
    ],
)
def test_the_database_itself_refuses_bad_rows(
    conn: psycopg.Connection[dict[str, object]], statement: str, constraint: str
) -> None:
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        conn.execute(statement)
    assert caught.value.diag.constraint_name == constraint


def test_a_geometry_in_another_system_is_refused(conn: psycopg.Connection[dict[str, object]]) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        conn.execute(
            "INSERT INTO kyodo.outline VALUES ('03201', 1, 1, 'x', ST_GeomFromText('MULTIPOLYGON EMPTY', 6678))"
        )


def test_two_states_of_a_district_cannot_hold_at_once(conn: psycopg.Connection[dict[str, object]]) -> None:
    conn.execute("INSERT INTO kyodo.municipality VALUES ('03201', '盛岡市', '岩手県', 6678)")
    conn.execute("INSERT INTO kyodo.district VALUES ('03201', 1)")
    add = (
        "INSERT INTO kyodo.district_plan (municipality_code, district_no, record_no, state, valid_from, valid_to) "
        "VALUES ('03201', 1, %s, 'none', %s, %s)"
    )
    conn.execute(add, (1, None, "2021-04-01"))
    conn.execute(add, (2, "2021-04-01", None))
    with pytest.raises(psycopg.errors.ExclusionViolation):
        conn.execute(add, (3, "2030-01-01", None))
