"""Activation, roll-back, and what may not stand together."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest

from geodata.database import Audience, Database
from geodata.generations import activate, rollback
from geodata.queries.districts import districts
from geodata.queries.generation import resolve
from kyodo_geo.errors import ConflictError, NotFoundError, UnavailableError
from kyodo_geo.quality import Quality
from tests.factories import (
    CODE,
    association_rows,
    district_rows,
    make_active,
    membership_rows,
    put,
    small_area_rows,
    square,
)


def numbers_on_the_map(db: Database, as_of: date | None = None) -> list[int]:
    with db.read() as conn:
        return [row.no for row in districts(conn, resolve(conn, CODE, as_of), None)]


def test_before_the_first_activation_there_is_nothing_to_show(db: Database) -> None:
    put(db, "districts", district_rows({1: square(0, 0)}))
    with db.read() as conn, pytest.raises(UnavailableError, match="まだデータ"):
        resolve(conn, CODE)


def test_activation_replaces_one_kind_and_keeps_the_others(db: Database) -> None:
    first = put(db, "districts", district_rows({1: square(0, 0)}))
    areas = put(db, "associations", association_rows({"A1": square(0, 0)}))
    make_active(db, first, areas)
    second = put(db, "districts", district_rows({1: square(0, 0), 2: square(1, 0)}))
    done = make_active(db, second)

    assert (done.generation_no, done.retired) == (2, ())
    assert numbers_on_the_map(db) == [1, 2]
    with db.read() as conn:
        kinds = conn.execute(
            "SELECT kind, dataset_id FROM generation_dataset WHERE generation_no = 2 ORDER BY kind"
        ).fetchall()
    assert [tuple(row.values()) for row in kinds] == [("associations", areas), ("districts", second)]


def test_roll_back_is_a_new_generation_with_the_former_set(db: Database) -> None:
    make_active(db, put(db, "districts", district_rows({1: square(0, 0)})))
    make_active(db, put(db, "districts", district_rows({1: square(0, 0), 2: square(1, 0)})))
    done = rollback(db, CODE, by="test")

    assert done.generation_no == 3
    assert numbers_on_the_map(db) == [1]


def test_each_further_roll_back_goes_one_step_further_back(db: Database) -> None:
    for count in (1, 2, 3):
        make_active(
            db, put(db, "districts", district_rows({no: square(no, 0) for no in range(1, count + 1)}))
        )

    assert rollback(db, CODE, by="test").generation_no == 4
    assert numbers_on_the_map(db) == [1, 2]
    assert rollback(db, CODE, by="test").generation_no == 5
    assert numbers_on_the_map(db) == [1]
    with pytest.raises(ConflictError, match="これより前の世代はない"):
        rollback(db, CODE, by="test")
    assert numbers_on_the_map(db) == [1]


def test_a_roll_back_after_a_new_activation_undoes_that_one(db: Database) -> None:
    make_active(db, put(db, "districts", district_rows({1: square(0, 0)})))
    make_active(db, put(db, "districts", district_rows({1: square(0, 0), 2: square(1, 0)})))
    rollback(db, CODE, by="test")
    make_active(db, put(db, "districts", district_rows({7: square(7, 0)})))

    rollback(db, CODE, by="test")  # the activation alone: back to what the first roll-back restored
    assert numbers_on_the_map(db) == [1]
    with pytest.raises(ConflictError):
        rollback(db, CODE, by="test")
    rollback(db, CODE, by="test", to_generation=2)  # what was undone can still be had by its number
    assert numbers_on_the_map(db) == [1, 2]
    rollback(db, CODE, by="test")
    assert numbers_on_the_map(db) == [1]


def test_there_is_nothing_before_the_first_generation(db: Database) -> None:
    with pytest.raises(ConflictError):
        rollback(db, CODE, by="test")
    make_active(db, put(db, "districts", district_rows({1: square(0, 0)})))
    with pytest.raises(ConflictError):
        rollback(db, CODE, by="test")
    with pytest.raises(NotFoundError):
        rollback(db, CODE, by="test", to_generation=9)


def test_old_generations_stay_readable_by_date(db: Database, owner_url: str) -> None:
    import psycopg

    make_active(db, put(db, "districts", district_rows({1: square(0, 0)})))
    # Time is the database's own: the first activation is set back by ten days, as the owner may.
    with psycopg.connect(owner_url) as conn:
        conn.execute("UPDATE kyodo.generation SET activated_at = activated_at - interval '10 days'")
    make_active(db, put(db, "districts", district_rows({1: square(0, 0), 2: square(1, 0)})))
    with db.read() as conn:
        row = conn.execute("SELECT (now() AT TIME ZONE 'Asia/Tokyo')::date AS today").fetchone()
    assert row is not None
    today = row["today"]

    assert numbers_on_the_map(db, today) == [1, 2]
    assert numbers_on_the_map(db, today - timedelta(days=1)) == [1]
    with db.read() as conn, pytest.raises(NotFoundError, match="時点"):
        resolve(conn, CODE, today - timedelta(days=11))


def test_sample_data_that_stand_on_replaced_ones_retire(db: Database) -> None:
    sample = Quality.SAMPLE
    make_active(
        db,
        put(db, "districts", district_rows({1: square(0, 0)}), sample),
        put(db, "associations", association_rows({"S1": square(0, 0)}), sample),
        put(db, "membership", membership_rows({("S1", 2019): (10, 9)}), sample),
    )
    done = make_active(db, put(db, "districts", district_rows({1: square(0, 0)}), Quality.UNOFFICIAL))

    assert done.retired == ("associations", "membership")
    with db.read() as conn:
        row = conn.execute("SELECT retired_kinds FROM generation WHERE generation_no = 2").fetchone()
    assert row == {"retired_kinds": ["associations", "membership"]}


def test_real_data_do_not_stand_on_sample_data(db: Database) -> None:
    make_active(db, put(db, "districts", district_rows({1: square(0, 0)}), Quality.SAMPLE))
    real = put(db, "associations", association_rows({"A1": square(0, 0)}))
    with pytest.raises(ConflictError, match="見本のコミュニティ推進地区の上に重ねることはできません"):
        make_active(db, real)


def test_sample_data_do_not_replace_real_data(db: Database) -> None:
    make_active(db, put(db, "districts", district_rows({1: square(0, 0)})))
    with pytest.raises(ConflictError, match="見本データで置き換えることはできません"):
        make_active(db, put(db, "districts", district_rows({1: square(0, 0)}), Quality.SAMPLE))


def test_a_carried_over_load_is_refused_when_its_base_has_changed(db: Database) -> None:
    make_active(
        db,
        put(db, "associations", association_rows({"A1": square(0, 0)})),
        put(db, "membership", membership_rows({("A1", 2019): (10, 9)})),
    )
    mine = put(db, "membership", membership_rows({("A1", 2020): (10, 9)}))
    yours = put(db, "membership", membership_rows({("A1", 2021): (10, 9)}))
    make_active(db, yours)
    with pytest.raises(ConflictError, match="もう一度ファイルを読み込んで"):
        make_active(db, mine)


def test_derived_districts_come_and_stay_with_their_sources(db: Database) -> None:
    small = put(db, "small-areas", small_area_rows({"1": (square(0, 0), 10, 5)}))
    put(db, "districts", district_rows({1: square(0, 0)}))
    assignment = put(
        db,
        "district-assignment",
        [{"key_code": "1", "district_no": 1, "confidence": "likely"}],
        Quality.UNOFFICIAL,
    )
    derived = put(
        db,
        "districts",
        district_rows({1: square(0, 0)}),
        Quality.UNOFFICIAL,
        derived_from=(small, assignment),
    )
    with pytest.raises(ConflictError, match=f"データセット {small} から計算したもの"):
        make_active(db, assignment)
    done = make_active(db, small, assignment)

    assert set(done.activated) == {"small-areas", "district-assignment", "districts"}
    with db.read() as conn:
        row = conn.execute("SELECT dataset_id FROM generation_dataset WHERE kind = 'districts'").fetchone()
    assert row == {"dataset_id": derived}


def test_two_administrators_at_once_make_two_generations(db: Database) -> None:
    first = put(db, "districts", district_rows({1: square(0, 0)}))
    second = put(db, "districts", district_rows({1: square(0, 0), 2: square(1, 0)}))
    done: list[int] = []

    def press(dataset: int) -> None:
        done.append(activate(db, CODE, [dataset], by="test").generation_no)

    threads = [threading.Thread(target=press, args=(dataset,)) for dataset in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(done) == [1, 2]


def test_a_crash_in_the_middle_leaves_the_active_generation_whole(db: Database, owner_url: str) -> None:
    """The server process of the activating connection is ended between its writes and its commit."""
    import psycopg

    from geodata.generations import activate_in

    make_active(db, put(db, "districts", district_rows({1: square(0, 0)})))
    second = put(db, "districts", district_rows({1: square(0, 0), 2: square(1, 0)}))
    with pytest.raises(UnavailableError), db.write(Audience.LOADER) as conn:
        activate_in(conn, CODE, [second], by="test")
        pid = conn.info.backend_pid
        with psycopg.connect(owner_url.replace("kyodo_owner", "postgres"), autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(%s)", (pid,))
        conn.execute("SELECT 1")

    assert numbers_on_the_map(db) == [1]
    assert make_active(db, second).generation_no == 2
