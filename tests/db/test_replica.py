"""Reads go to a streaming replica exactly while it shows everything they must, else to the primary."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from geodata.audit import record
from geodata.cluster import make_standby
from geodata.database import Audience, Connection, Database
from geodata.listen import Events, Listener
from geodata.replica import ReplicaLostError
from geodata.written import CURRENT, Written, position_of
from kyodo_geo.errors import ConflictError, UnavailableError
from tests.fixtures_replica import Pair, eventually

CODE = "03201"


@pytest.fixture
def db(pair: Pair) -> Iterator[Database]:
    """With the replica found, and no listener: the test tells what was heard."""
    database = Database(pair.town.app, read_url=pair.read, max_size=3, timeout_s=2)
    database.open()
    assert database.replica is not None
    eventually(lambda: database.replica.good)
    try:
        yield database
    finally:
        database.close()


def on_replica(conn: Connection) -> bool:
    row = conn.execute("SELECT pg_is_in_recovery() AS it").fetchone()
    assert row is not None
    return bool(row["it"])


def read_there(db: Database, audience: Audience = Audience.PUBLIC) -> bool:
    with db.read(audience) as conn:
        return on_replica(conn)


def bump(pair: Pair) -> int:
    """A change of the municipality; its new revision."""
    with psycopg.connect(pair.town.superuser) as conn:
        row = conn.execute(
            "UPDATE kyodo.municipality SET revision = revision + 1 WHERE municipality_code = %s RETURNING revision",
            (CODE,),
        ).fetchone()
        assert row is not None
        return int(row[0])


@contextmanager
def request(after: int = 0) -> Iterator[Written]:
    own = Written(after)
    token = CURRENT.set(own)
    try:
        yield own
    finally:
        CURRENT.reset(token)


@pytest.mark.parametrize(
    ("audience", "there"),
    [
        (Audience.PUBLIC, True),
        (Audience.STAFF, True),
        (Audience.AUTH, False),  # a revoked key or session must not live on
        (Audience.LOADER, False),
        (Audience.PARTNER, False),
    ],
)
def test_public_and_staff_read_from_the_replica(db: Database, audience: Audience, there: bool) -> None:
    assert read_there(db, audience) is there


def test_a_transaction_on_the_replica_has_its_audiences_rights_and_no_others(db: Database) -> None:
    with db.read() as conn:
        assert on_replica(conn)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("SELECT count(*) FROM kyodo.app_user")


def test_what_was_heard_and_not_replayed_is_read_from_the_primary(
    db: Database, pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    pair.pause()
    db.replica.told(CODE, bump(pair))
    with caplog.at_level(logging.INFO, "kyodo.replica"):
        assert not read_there(db)
        assert "the replica is behind" in caplog.text
        pair.resume()
        eventually(lambda: read_there(db))
        assert "reads go to the replica" in caplog.text


def test_a_replica_that_is_a_moment_late_is_waited_for(db: Database, pair: Pair) -> None:
    db.replica.told(CODE, bump(pair))  # told faster than it can replay
    assert read_there(db)


def test_a_state_once_shown_is_never_followed_by_an_older_one(db: Database, pair: Pair) -> None:
    """The primary showed n, nobody has told us of n, and the replica is at n - 1: it is not asked."""
    pair.pause()
    number = bump(pair)
    assert read_there(db)
    with request(after=1 << 63), db.read() as conn:  # whatever brings a read to the primary
        row = conn.execute(
            "SELECT revision FROM municipality WHERE municipality_code = %s", (CODE,)
        ).fetchone()
        assert row is not None
        assert (row["revision"], on_replica(conn)) == (number, False)
    assert not read_there(db)


def test_who_wrote_reads_what_they_wrote_though_no_revision_tells_of_it(db: Database, pair: Pair) -> None:
    pair.pause()
    with request() as own:
        with db.write(Audience.STAFF) as conn:
            record(conn, CODE, "me", "test.own", "x")
        assert own.changed
        assert not read_there(db, Audience.STAFF)
    eventually(lambda: not db.replica.good or read_there(db))
    with request(own.after):  # their next request, at another worker
        assert not read_there(db, Audience.STAFF)
    pair.resume()
    pair.caught_up()
    eventually(lambda: db.replica.good)
    with request(own.after):
        assert read_there(db, Audience.STAFF)


def test_a_forged_position_moves_nobody_elses_reads(db: Database) -> None:
    with request(after=1 << 63):
        assert not read_there(db)
    assert db.replica.good
    assert read_there(db)


def test_counting_and_sessions_are_no_writes_of_a_reader(db: Database) -> None:
    with request() as own:
        with db.write(Audience.AUTH) as conn:
            conn.execute("SELECT 1")
        assert not own.changed


def test_a_replica_that_replays_nothing_is_found_out_by_the_poll(db: Database, pair: Pair) -> None:
    """Tickets and drafts have no revision: what bounds their age is the primary's position."""
    pair.pause()
    listener = Listener(
        db, Events(revision=lambda *_: None, keys=lambda: None, connected=lambda _: None), poll_s=0.1
    )
    listener.start()
    try:
        with psycopg.connect(pair.town.superuser) as conn:
            conn.execute("SELECT pg_logical_emit_message(false, 'test', 'x')")
            conn.execute("CREATE TABLE kyodo.passing (n int)")
            conn.execute("DROP TABLE kyodo.passing")
        eventually(lambda: not db.replica.good or not read_there(db))
        pair.resume()
        eventually(lambda: db.replica.good)
    finally:
        listener.stop()


def test_a_restored_database_with_lower_revisions_is_believed(db: Database) -> None:
    db.replica.told_all({CODE: 10**9}, "0/1")
    assert not read_there(db)
    with db.read() as conn:
        row = conn.execute(
            "SELECT revision FROM municipality WHERE municipality_code = %s", (CODE,)
        ).fetchone()
    assert row is not None
    db.replica.told_all({CODE: row["revision"]}, "0/1")
    eventually(lambda: read_there(db))


def test_a_replica_that_stops_is_left_and_found_again(
    db: Database, pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "kyodo.replica"):
        pair.standby.stop()
        assert not read_there(db)
        assert not read_there(db)
        assert caplog.text.count("the replica is away") == 1, "said once"
        pair.standby.start()
        eventually(lambda: read_there(db))


def test_an_answer_that_was_being_read_is_read_again(db: Database, pair: Pair) -> None:
    tried = []

    def work(conn: Connection) -> bool:
        tried.append(on_replica(conn))
        if len(tried) == 1:
            pair.on_standby(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'kyodo_app'"
            )
        return on_replica(conn)

    assert db.reading(work) in (True, False)
    assert tried[0] is True
    assert len(tried) == 2
    eventually(lambda: read_there(db))
    with pytest.raises(ReplicaLostError), db.read():
        raise psycopg.errors.SerializationFailure  # what a conflict with replaying looks like
    eventually(lambda: read_there(db))


def test_without_the_primary_reads_go_on_and_writes_are_refused_soon(db: Database, pair: Pair) -> None:
    db.primary_connected = False
    pair.primary.stop()
    assert read_there(db)
    with pytest.raises(UnavailableError), db.write(Audience.STAFF):
        pass
    assert read_there(db)
    pair.primary.start()
    with db.write(Audience.STAFF) as conn:
        conn.execute("SELECT 1")


def test_a_standby_is_not_made_where_a_cluster_is(pair: Pair) -> None:
    with pytest.raises(ConflictError):
        make_standby(pair.primary, pair.standby.layout.state_dir)


def test_positions_of_the_log_are_numbers_in_their_order() -> None:
    assert position_of("0/0") == 0
    assert position_of("0/FFFFFFFF") + 1 == position_of("1/0")
    assert position_of("16/B374D848") == 0x16B374D848


@pytest.mark.parametrize("text", ["", "16", "/", "1/", "x/1", "123456789/0", "1/2/3", "-1/0 "])
def test_anything_else_is_no_position(text: str) -> None:
    with pytest.raises(ValueError):
        position_of(text)
