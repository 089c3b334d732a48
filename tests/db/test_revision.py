"""The municipality's revision: bumped once per visible write, at commit, and told to every worker."""

from __future__ import annotations

import threading

import psycopg
import pytest

from geodata.database import Audience, Database
from geodata.listen import Events, Listener
from geodata.queries.generation import revisions
from tests.factories import CODE, district_rows, make_active, put, square


def revision(db: Database) -> int:
    with db.read() as conn:
        return revisions(conn)[CODE]


def test_a_load_and_an_activation_bump_it(db: Database) -> None:
    before = revision(db)
    dataset = put(db, "districts", district_rows({1: square(0, 0)}))
    loaded = revision(db)
    make_active(db, dataset)

    assert before < loaded < revision(db)


def test_many_writes_of_one_transaction_bump_it_once(db: Database) -> None:
    before = revision(db)
    with db.write(Audience.STAFF) as conn:
        for number in range(5):
            conn.execute(
                "INSERT INTO building (municipality_code, building_id) VALUES (%s, %s)", (CODE, f"B{number}")
            )

    assert revision(db) == before + 1


def test_a_failed_write_does_not(db: Database) -> None:
    before = revision(db)
    with pytest.raises(psycopg.errors.CheckViolation), db.write(Audience.STAFF) as conn:
        conn.execute("INSERT INTO building (municipality_code, building_id) VALUES (%s, 'B1')", (CODE,))
        conn.execute(
            "INSERT INTO building (municipality_code, building_id, floors) VALUES (%s, 'B2', 0)", (CODE,)
        )

    assert revision(db) == before


def test_an_update_and_a_delete_bump_it_too(db: Database) -> None:
    with db.write(Audience.STAFF) as conn:
        conn.execute("INSERT INTO building (municipality_code, building_id) VALUES (%s, 'B1')", (CODE,))
    first = revision(db)
    with db.write(Audience.STAFF) as conn:
        conn.execute("UPDATE building SET floors = 2 WHERE building_id = 'B1'")
    with db.write(Audience.STAFF) as conn:
        conn.execute("DELETE FROM building WHERE building_id = 'B1'")

    assert revision(db) == first + 2


def test_it_is_notified_at_commit_with_the_new_number(db: Database) -> None:
    listener = db.listener()
    try:
        listener.execute("LISTEN kyodo_revision")
        with db.write(Audience.STAFF) as conn:
            conn.execute("INSERT INTO building (municipality_code, building_id) VALUES (%s, 'B1')", (CODE,))
        told = [note.payload for note in listener.notifies(timeout=5, stop_after=1)]
    finally:
        listener.close()

    assert told == [f"{CODE}:{revision(db)}"]


def test_counters_and_the_audit_log_do_not_bump_it(db: Database) -> None:
    before = revision(db)
    with db.write(Audience.AUTH) as conn:
        conn.execute(
            "INSERT INTO lookup_count VALUES (%s, current_date, 'page', 'one', 'x', '', 1, 0)", (CODE,)
        )
        conn.execute(
            "INSERT INTO audit (municipality_code, actor, action, details) VALUES (%s, 'a', 'b', '{}')",
            (CODE,),
        )

    assert revision(db) == before


def test_a_change_of_key_is_told_to_the_workers(db: Database) -> None:
    listener = db.listener()
    try:
        listener.execute("LISTEN kyodo_keys")
        with db.write(Audience.AUTH) as conn:
            conn.execute(
                "INSERT INTO partner_key (municipality_code, key_id, key_hash, label, created_by) "
                "VALUES (%s, 'k1', sha256('x'), 'x', 'x')",
                (CODE,),
            )
        assert [note.payload for note in listener.notifies(timeout=5, stop_after=1)] == [CODE]
    finally:
        listener.close()


def test_who_listens_ends_at_once_when_told_to(db: Database, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever it waits for: here the next reading is an hour away."""
    read = threading.Event()
    events = Events(revision=lambda *_: read.set(), keys=lambda: None, connected=lambda _: None)
    listener = Listener(db, events, poll_s=3600)
    listener.start()
    assert read.wait(30)
    listener.stop(timeout_s=30)
    assert not listener._thread.is_alive()
    assert caplog.records == [], "nothing has gone wrong"
