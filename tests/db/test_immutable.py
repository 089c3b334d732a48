"""What a generation names stays as it was activated, whoever writes."""

from __future__ import annotations

import threading

import psycopg
import pytest

from geodata import migrate
from geodata.database import Audience, Database
from geodata.generations import activate_in
from geodata.kind_tables import KIND_TABLES
from geodata.rows import insert_frame
from tests.factories import CODE, district_rows, frame, make_active, put, square
from tests.fixtures_db import DatabaseUrls

CHANGES = [
    "DELETE FROM district_area WHERE dataset_id = %(d)s",
    "DELETE FROM district_area WHERE dataset_id = %(d)s AND district_no = 1",
    (
        "INSERT INTO district_area (municipality_code, dataset_id, district_no, name, geom) "
        "SELECT municipality_code, dataset_id, 2, name, geom FROM district_area WHERE dataset_id = %(d)s"
    ),
    "UPDATE district_area SET name = 'x' WHERE dataset_id = %(d)s",
]


@pytest.fixture
def active(db: Database) -> int:
    """A dataset of the first generation (a second one has replaced it since): districts 1, and 2 as an identity."""
    put(db, "districts", district_rows({1: square(0, 0), 2: square(1, 0)}))
    dataset = put(db, "districts", district_rows({1: square(0, 0)}))
    make_active(db, dataset)
    make_active(db, put(db, "districts", district_rows({1: square(3, 0)})))
    return dataset


@pytest.mark.parametrize("role", ["kyodo_loader", "kyodo_owner"])
@pytest.mark.parametrize("change", CHANGES)
def test_rows_of_a_dataset_that_any_generation_names_cannot_be_changed(
    database: DatabaseUrls, active: int, change: str, role: str
) -> None:
    with psycopg.connect(database.superuser) as conn:
        conn.execute(f"SET search_path = kyodo, public; SET ROLE {role}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute(change, {"d": active})
        conn.rollback()
        assert conn.execute(
            "SELECT count(*) FROM kyodo.district_area WHERE dataset_id = %s", (active,)
        ).fetchone() == (1,)


def test_rows_cannot_be_moved_into_one_either(database: DatabaseUrls, db: Database, active: int) -> None:
    other = put(db, "districts", district_rows({2: square(0, 0)}))
    with psycopg.connect(database.owner) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute("UPDATE kyodo.district_area SET dataset_id = %s WHERE dataset_id = %s", (active, other))


def test_nothing_can_be_copied_into_one(db: Database, active: int) -> None:
    rows = frame(district_rows({2: square(1, 0)}))
    refused = pytest.raises(psycopg.errors.InsufficientPrivilege, match="belongs to generation 1")
    with refused, db.write(Audience.LOADER) as conn:
        insert_frame(conn, CODE, active, "districts", rows)


def test_a_dataset_no_generation_names_can_be_deleted_with_its_rows(db: Database, active: int) -> None:
    spare = put(db, "districts", district_rows({1: square(0, 0)}))
    with db.write(Audience.LOADER) as conn:
        conn.execute("DELETE FROM dataset WHERE dataset_id = %s", (spare,))
        assert conn.execute("SELECT FROM district_area WHERE dataset_id = %s", (spare,)).fetchone() is None
    with pytest.raises(psycopg.Error), db.write(Audience.LOADER) as conn:
        conn.execute("DELETE FROM dataset WHERE dataset_id = %s", (active,))


def test_an_activation_waits_for_a_load_into_the_same_dataset(db: Database, active: int) -> None:
    """Otherwise rows could arrive after the activation by a transaction that began before it."""
    late = put(db, "districts", district_rows({1: square(0, 0)}))
    done = threading.Event()

    def press() -> None:
        make_active(db, late)
        done.set()

    with db.write(Audience.LOADER) as conn:
        conn.execute("DELETE FROM district_area WHERE dataset_id = %s", (late,))
        waiting = threading.Thread(target=press)
        waiting.start()
        assert not done.wait(1)
        conn.execute("SELECT 1")
    waiting.join(30)
    assert done.is_set()


def test_a_deletion_waits_for_an_activation_and_is_refused_then(db: Database, active: int) -> None:
    late = put(db, "districts", district_rows({1: square(0, 0)}))
    refused = threading.Event()

    def delete() -> None:
        try:
            with db.write(Audience.LOADER) as conn:
                conn.execute("DELETE FROM district_area WHERE dataset_id = %s", (late,))
        except psycopg.errors.InsufficientPrivilege:
            refused.set()

    with db.write(Audience.LOADER) as conn:
        activate_in(conn, CODE, [late], by="test")
        waiting = threading.Thread(target=delete)
        waiting.start()
        assert not refused.wait(1)
    waiting.join(30)
    assert refused.is_set()


def test_every_table_of_a_kind_is_guarded(conn: psycopg.Connection[dict[str, object]]) -> None:
    """On each kind, so that a new one cannot forget it."""
    for kind, spec in KIND_TABLES.items():
        rows = conn.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname LIKE 'activated%%' ORDER BY 1",
            (spec.table,),
        ).fetchall()
        assert [row["tgname"] for row in rows] == [
            "activated_delete_old",
            "activated_insert_new",
            "activated_update_new",
            "activated_update_old",
        ], kind


def test_a_city_with_active_data_can_be_taken_down_to_nothing(database: DatabaseUrls, active: int) -> None:
    migrate.downgrade(database.owner)
    assert migrate.current(database.owner) is None
