"""Constraints of the database: they are the metadata's, and they refuse what they are for."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, text

from geodata import migrate
from geodata.schema import SCHEMA, VACANT_SCHEMA, metadata
from tests.fixtures_db import DatabaseUrls

Conn = psycopg.Connection[dict[str, Any]]

DEFINITIONS = """
    SELECT conrelid::regclass || ' ' || conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace::regnamespace::text LIKE 'kyodo%' AND contype <> 't'
      AND connamespace::regnamespace::text <> 'kyodo_jobs'
      AND NOT EXISTS (SELECT FROM pg_class p WHERE p.oid = conrelid AND p.relispartition)
    UNION ALL
    SELECT attrelid::regclass || '.' || attname, attcollation::regcollation::text FROM pg_attribute
    JOIN pg_class c ON c.oid = attrelid
    WHERE c.relnamespace::regnamespace::text IN ('kyodo', 'kyodo_vacant') AND c.relkind IN ('r', 'p')
      AND NOT c.relispartition AND attnum > 0
      AND NOT attisdropped AND attcollation <> 0
"""


def _definitions(url: str) -> dict[str, str]:
    with psycopg.connect(url) as conn:
        found = dict(conn.execute(DEFINITIONS).fetchall())
    del found["kyodo.dataset pk_dataset"]  # create_all puts the numbered column first; see test_migrations
    return found


def test_the_migrations_come_to_the_constraints_and_collations_of_the_metadata(
    blank_database: DatabaseUrls, database: DatabaseUrls
) -> None:
    """Alembic's comparison does not look at checks, exclusions and collations; the server's own words are compared."""
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(blank_database.owner))
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
        connection.execute(text(f"CREATE SCHEMA {VACANT_SCHEMA}"))
        connection.execute(text("CREATE SEQUENCE kyodo.ticket_no_seq"))
        metadata.create_all(connection)
    engine.dispose()

    assert _definitions(database.owner) == _definitions(blank_database.owner)


def test_one_step_down_and_up_again_with_rows(database: DatabaseUrls) -> None:
    with psycopg.connect(database.superuser) as conn:
        _district(conn)
        _officer(conn, "o1", 1, "contact", None, "2024-04-01")
        _officer(conn, "o1", 2, "contact", "2024-04-01", None)
        conn.execute(
            "INSERT INTO kyodo.district_request (municipality_code, request_no, district_no, officer_id, "
            "officer_record_no, received_on, text, state) VALUES ('03201', 1, 1, 'o1', 2, '2024-05-01', 'x', 'received')"
        )
    migrate.downgrade(database.owner, "0003")
    with psycopg.connect(database.superuser) as conn:
        assert conn.execute("SELECT count(*) FROM kyodo.officer").fetchone() == (1,)
    migrate.upgrade(database.owner)

    assert migrate.differences(database.owner) == []
    with psycopg.connect(database.superuser) as conn:
        found = conn.execute("SELECT officer_id, officer_record_no FROM kyodo.district_request").fetchall()
    assert found == [("o1", 1)]


# -- officers -------------------------------------------------------------------------------------------------


def _district(conn: Any) -> None:
    conn.execute("INSERT INTO kyodo.municipality VALUES ('03201', '盛岡市', '岩手県', 6678)")
    conn.execute("INSERT INTO kyodo.district VALUES ('03201', 1), ('03201', 2)")


def _officer(
    conn: Any, id_: str, no: int, kind: str, begin: str | None, end: str | None, district: int = 1
) -> None:
    conn.execute(
        "INSERT INTO kyodo.officer (municipality_code, officer_id, record_no, district_no, kind, office, valid_from, "
        "valid_to) VALUES ('03201', %s, %s, %s, %s, '市民協働推進課', %s, %s)",
        (id_, no, district, kind, begin, end),
    )


def test_an_officer_changes_districts_and_comes_back(conn: Conn) -> None:
    _district(conn)
    _officer(conn, "o1", 1, "issue", "2022-04-01", "2023-04-01")
    _officer(conn, "o1", 2, "issue", "2023-04-01", "2024-04-01", district=2)
    _officer(conn, "o1", 3, "issue", "2024-04-01", None)
    _officer(conn, "o1", 4, "issue", "2024-04-01", None, district=2)  # two districts at once are possible

    with pytest.raises(psycopg.errors.ExclusionViolation) as caught:
        _officer(conn, "o1", 5, "coordinator", "2025-04-01", None)
    assert caught.value.diag.constraint_name == "ex_officer_validity"


def test_a_district_has_one_contact_at_a_time(conn: Conn) -> None:
    _district(conn)
    _officer(conn, "o1", 1, "contact", None, "2024-04-01")
    _officer(conn, "o2", 1, "contact", "2024-04-01", None)
    _officer(conn, "o3", 1, "issue", "2024-04-01", None)
    _officer(conn, "o3", 2, "contact", "2024-04-01", None, district=2)

    with pytest.raises(psycopg.errors.ExclusionViolation) as caught:
        _officer(conn, "o4", 1, "contact", "2030-04-01", None)
    assert caught.value.diag.constraint_name == "ex_officer_one_contact"


def test_the_public_reads_everything_of_an_officer_but_the_name(conn: Conn) -> None:
    _district(conn)
    _officer(conn, "o1", 1, "contact", None, None)
    conn.execute("SET LOCAL ROLE kyodo_public")
    row = conn.execute(
        "SELECT officer_id, record_no, district_no, kind, office FROM kyodo.officer"
    ).fetchone()
    assert row is not None
    assert row["record_no"] == 1


# -- geometry and figures -------------------------------------------------------------------------------------

OUTLINE = "INSERT INTO kyodo.outline VALUES ('03201', 1, 1, 'x', ST_GeomFromText(%s, 4326))"
HALL = (
    "INSERT INTO kyodo.hall (municipality_code, dataset_id, hall_id, name, geom) "
    "VALUES ('03201', 1, 'h', 'x', ST_GeomFromText(%s, 4326))"
)


@pytest.mark.parametrize(
    ("statement", "shape"),
    [
        (OUTLINE, "MULTIPOLYGON EMPTY"),
        (OUTLINE, "MULTIPOLYGON(((39.7 141.1, 39.8 141.1, 39.8 141.2, 39.7 141.1)))"),
        (OUTLINE, "MULTIPOLYGON(((141.1 39.7, 141.2 39.7, 155 39.8, 141.1 39.7)))"),
        (HALL, "POINT EMPTY"),
        (HALL, "POINT(39.7 141.1)"),
        (HALL, "POINT(0 0)"),
        (HALL, "POINT(NaN 39.7)"),
    ],
)
def test_a_shape_that_is_empty_or_not_in_japan_is_refused(conn: Conn, statement: str, shape: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        conn.execute(statement, (shape,))
    assert str(caught.value.diag.constraint_name).endswith("_geom_valid")


def test_the_outermost_islands_are_in_japan(conn: Conn) -> None:
    _dataset(conn)
    for number, place in enumerate(("153.98 24.28", "122.93 24.45", "136.08 20.42", "148.75 45.56")):
        conn.execute(HALL.replace("'h'", f"'h{number}'"), (f"POINT({place})",))


def _dataset(conn: Conn) -> None:
    conn.execute("INSERT INTO kyodo.municipality VALUES ('03201', '盛岡市', '岩手県', 6678)")
    conn.execute(
        "INSERT INTO kyodo.dataset (municipality_code, dataset_id, kind, title, source, quality, loaded_by, row_count, "
        "report) VALUES ('03201', 1, 'halls', 'x', 'x', 'real', 'x', 0, '{}')"
    )


def test_every_figure_with_a_fraction_is_a_number(conn: Conn) -> None:
    """On each column, so that a new table cannot forget it."""
    from sqlalchemy import Float, Numeric

    columns = [
        (table, column)
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Numeric | Float)
    ]
    assert len(columns) >= 16
    for table, column in columns:
        row = conn.execute(
            "SELECT pg_get_constraintdef(oid) AS says FROM pg_constraint "
            "WHERE conrelid = %s::regclass AND conname = %s",
            (table.fullname, f"ck_{table.name}_{column.name}_finite"),
        ).fetchone()
        assert row is not None, f"{table.fullname}.{column.name}"


FIGURE = (
    "INSERT INTO kyodo.area_figure (municipality_code, area_kind, area_key, measure, fiscal_year, value, unit) "
    "VALUES ('03201', 'city', '03201', 'x', 2024, %s, %s)"
)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_no_figure(conn: Conn, value: str) -> None:
    for statement in (
        FIGURE.replace("%s, %s", f"'{value}', 'people'"),
        (
            "INSERT INTO kyodo.town (municipality_code, dataset_id, town_id, name, oaza, level, accuracy_m) "
            f"VALUES ('03201', 1, 't', 'x', 'x', 'oaza', '{value}')"
        ),
        (
            "INSERT INTO kyodo.indicator_value (municipality_code, plan_id, indicator_id, fiscal_year, value) "
            f"VALUES ('03201', 'p', 'i', 2024, '{value}')"
        ),
    ):
        with pytest.raises(psycopg.errors.CheckViolation), conn.transaction():
            conn.execute(statement)


@pytest.mark.parametrize(("value", "unit", "kept"), [
    (0, "rate", True), (0.875, "rate", True), (1, "rate", True), (87.5, "%", True),
    (1.0001, "rate", False), (-0.1, "rate", False), (87.5, "rate", False),
])  # fmt: skip
def test_a_rate_is_a_share_of_one(conn: Conn, value: float, unit: str, kept: bool) -> None:
    conn.execute("INSERT INTO kyodo.municipality VALUES ('03201', '盛岡市', '岩手県', 6678)")
    if kept:
        conn.execute(FIGURE, (value, unit))
        return
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        conn.execute(FIGURE, (value, unit))
    assert caught.value.diag.constraint_name == "ck_area_figure_rate_range"
