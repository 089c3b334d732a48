"""Back to a moment, and a replica that takes over: with real clusters, killed outright."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from geodata.cluster import Cluster, base_backup, make_standby, promote, recover
from geodata.cluster.bootstrap import DATABASE
from geodata.cluster.config import archiving
from geodata.cluster.process import processes_in
from kyodo_geo.errors import ConflictError, InputError, NotFoundError
from tests.db.kill_proxy import kill
from tests.fixtures_db import memory_with_room, new_state_dir, remove_cluster
from tests.fixtures_replica import eventually


@contextmanager
def places(number: int) -> Iterator[list[Path]]:
    memory = memory_with_room()
    found = [new_state_dir(memory) for _ in range(number)]
    try:
        yield found
    finally:
        for place in reversed(found):
            remove_cluster(place)


def killed(cluster: Cluster) -> None:
    pid = cluster.status().pid
    assert pid is not None
    kill(pid)
    for child in processes_in(cluster.layout.data):
        kill(child)


def enter(conn: psycopg.Connection[tuple[int]], number: int) -> None:
    conn.execute("INSERT INTO written VALUES (%s)", (number,))


def written(cluster: Cluster) -> list[int]:
    with psycopg.connect(cluster.url("postgres", DATABASE)) as conn:
        return [row[0] for row in conn.execute("SELECT n FROM written ORDER BY n")]


def test_a_moment_without_its_zone_and_a_folder_that_is_no_copy_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="時差"):
        recover(tmp_path, tmp_path, tmp_path / "x", until="2026-11-26 10:30:00")
    with pytest.raises(NotFoundError):
        recover(tmp_path, tmp_path, tmp_path / "x")


def test_a_piece_of_the_log_is_archived_whole_once_and_never_over_another(tmp_path: Path) -> None:
    import subprocess

    line = next(line for line in archiving(tmp_path / "ar chive") if line.startswith("archive_command"))
    command = line.partition("= ")[2][1:-1].replace("''", "'").replace("\\\\", "\\")
    (tmp_path / "ar chive").mkdir()
    (tmp_path / "wal").write_bytes(b"one")

    def archive() -> int:
        said = command.replace("%p", str(tmp_path / "wal")).replace("%f", "0001")
        return subprocess.run(["sh", "-c", said], check=False).returncode

    assert archive() == 0
    assert [path.name for path in (tmp_path / "ar chive").iterdir()] == ["0001"]
    assert archive() == 0, "the same once more, after a crash: PostgreSQL asks for that"
    (tmp_path / "wal").write_bytes(b"two")
    assert archive() != 0
    assert (tmp_path / "ar chive" / "0001").read_bytes() == b"one"


@pytest.mark.full
def test_back_to_the_moment_before_a_mistake_after_the_server_was_killed() -> None:
    with places(3) as (first, second, beside):
        archive = beside / "wal"
        cluster = Cluster(first, archive=archive)
        cluster.ensure()
        with psycopg.connect(cluster.url("postgres", DATABASE), autocommit=True) as conn:
            conn.execute("CREATE TABLE written (n int)")
            conn.execute(
                "CREATE SCHEMA kyodo; CREATE TABLE kyodo.session (n int); INSERT INTO kyodo.session VALUES (1)"
            )
            enter(conn, 1)
            base_backup(cluster, first / "base")
            with pytest.raises(ConflictError):
                base_backup(cluster, first / "base")
            enter(conn, 2)
            row = conn.execute("SELECT clock_timestamp()::text").fetchone()
            assert row is not None
            conn.execute("SELECT pg_sleep(0.05)")
            conn.execute("DELETE FROM written")
            enter(conn, 3)
            wal = conn.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
            assert wal is not None
            eventually(lambda: (archive / str(wal[0])).is_file())
        killed(cluster)
        moment = str(row[0]).replace("+00", "+00:00")
        back = recover(first / "base", archive, second, until=moment)
        assert written(back) == [1, 2], "what stood there, and not the mistake"
        with psycopg.connect(back.url("postgres", DATABASE)) as conn:
            signed_in = conn.execute("SELECT count(*) FROM kyodo.session").fetchone()
            assert signed_in == (0,), "who was signed out since does not come back"
            enter(conn, 4)
        back.stop()
        back.start()
        assert written(back) == [1, 2, 4], "an ordinary server from now on"
        with pytest.raises(ConflictError):
            recover(first / "base", archive, second)


@pytest.mark.full
@pytest.mark.parametrize("waits", [False, True])
def test_a_replica_takes_over_when_the_primary_is_killed_while_somebody_writes(waits: bool) -> None:
    """With `synchronous_standby_names` every acknowledged write is on the replica; without, the last moments may be lost,
    and what there is is a beginning of what was written.
    """
    with places(2) as (first, second):
        primary = Cluster(first)
        primary.ensure()
        with psycopg.connect(primary.url("postgres", DATABASE), autocommit=True) as conn:
            conn.execute("CREATE TABLE written (n int)")
        standby = make_standby(primary, second)
        standby.start()
        with psycopg.connect(primary.url("postgres", "postgres"), autocommit=True) as conn:
            if waits:
                conn.execute("ALTER SYSTEM SET synchronous_standby_names = '\"kyodo-replica\"'")
                conn.execute("SELECT pg_reload_conf()")
            wanted = "sync" if waits else "async"
            eventually(
                lambda: conn.execute("SELECT sync_state FROM pg_stat_replication").fetchone() == (wanted,)
            )
        acknowledged: list[int] = []
        enough = threading.Event()

        def write() -> None:
            try:
                with psycopg.connect(primary.url("postgres", DATABASE), autocommit=True) as conn:
                    for number in range(1_000_000):
                        enter(conn, number)
                        acknowledged.append(number)
                        if number == 500:
                            enough.set()
            except psycopg.OperationalError:
                pass

        writer = threading.Thread(target=write)
        writer.start()
        assert enough.wait(60)
        killed(primary)
        writer.join(60)
        promote(standby)
        with pytest.raises(ConflictError):
            promote(standby)
        there = written(standby)
        print(f"acknowledged {len(acknowledged)}, on the replica {len(there)}, {wanted}")
        assert there == list(range(len(there))), "a beginning of what was written, without gaps"
        assert len(there) > 0
        if waits:
            assert len(there) >= len(acknowledged), "no acknowledged write is missing"
        with psycopg.connect(standby.url("postgres", DATABASE), autocommit=True) as conn:
            conn.execute("SET synchronous_commit = local")
            enter(conn, -1)
