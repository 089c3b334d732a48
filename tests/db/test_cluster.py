"""The private cluster: made from nothing, found again, recovered after a crash, closed to everybody else."""

from __future__ import annotations

import os
import pwd
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from geodata.cluster import Cluster
from geodata.cluster.config import pg_hba_conf, pg_ident_conf
from geodata.cluster.layout import (
    Account,
)
from geodata.cluster.lock import exclusive
from geodata.cluster.process import processes_in
from tests.fixtures_db import new_state_dir, remove_cluster

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="acts as a second operating-system user")


@pytest.fixture(scope="module")
def module_cluster() -> Iterator[Cluster]:
    """A cluster these tests may stop, kill and start."""
    state_dir = new_state_dir()
    try:
        yield Cluster(state_dir, durable=False)
    finally:
        remove_cluster(state_dir)


@pytest.fixture
def running(module_cluster: Cluster) -> Cluster:
    module_cluster.ensure()
    return module_cluster


def ask(url: str, query: str) -> object:
    with psycopg.connect(url) as conn:
        row = conn.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def connect_as(user: str, url: str) -> subprocess.CompletedProcess[str]:
    """Try to connect with psql as another operating-system user."""
    account = pwd.getpwnam(user)
    return subprocess.run(
        ["/usr/bin/psql", url, "-Atc", "SELECT 1"],
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        user=account.pw_uid,
        group=account.pw_gid,
        extra_groups=[],
    )


# -- what `ensure` makes ------------------------------------------------------------------------------------


def test_ensure_starts_once_and_then_finds_the_running_server(module_cluster: Cluster) -> None:
    module_cluster.stop()
    assert module_cluster.ensure() is True
    pid = module_cluster.status().pid
    assert module_cluster.ensure() is False
    assert module_cluster.status().pid == pid


def test_the_database_speaks_utf8_in_the_c_utf8_locale(running: Cluster) -> None:
    query = "SELECT datcollate FROM pg_database WHERE datname = current_database()"
    assert ask(running.url(), query) == "C.UTF-8"
    assert ask(running.url(), "SHOW server_encoding") == "UTF8"


@pytest.mark.parametrize("extension", ["postgis", "btree_gist", "pg_trgm"])
def test_the_database_has_the_extensions(running: Cluster, extension: str) -> None:
    query = f"SELECT count(*) FROM pg_extension WHERE extname = '{extension}'"
    assert ask(running.url(), query) == 1


def test_the_service_role_inherits_nothing_and_the_owner_is_no_superuser(running: Cluster) -> None:
    query = (
        "SELECT array_agg(concat_ws(' ', rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb)"
        " ORDER BY rolname) FROM pg_roles WHERE rolname IN ('kyodo_app', 'kyodo_owner')"
    )
    assert ask(running.url(), query) == ["kyodo_app f f f f", "kyodo_owner f t t t"]


def test_the_database_belongs_to_the_owner_role(running: Cluster) -> None:
    query = "SELECT datdba::regrole::text FROM pg_database WHERE datname = 'kyodo'"
    assert ask(running.url(), query) == "kyodo_owner"


def test_a_changed_role_is_put_right_again(running: Cluster) -> None:
    with psycopg.connect(running.url("postgres", "postgres"), autocommit=True) as conn:
        conn.execute("ALTER ROLE kyodo_app INHERIT CREATEDB")
    running.ensure()
    query = "SELECT rolinherit OR rolcreatedb FROM pg_roles WHERE rolname = 'kyodo_app'"
    assert ask(running.url(), query) is False


# -- who may connect ----------------------------------------------------------------------------------------


def test_the_server_listens_on_no_network_address(running: Cluster) -> None:
    assert ask(running.url(), "SHOW listen_addresses") == ""


def test_the_socket_directory_is_private_to_the_server_user(running: Cluster) -> None:
    found = running.layout.socket_dir.stat()
    assert stat.S_IMODE(found.st_mode) == 0o700
    assert found.st_uid == Account.for_server().uid


def test_only_peer_authentication_with_the_named_users_is_configured(running: Cluster) -> None:
    rules = [
        line for line in (running.layout.data / "pg_hba.conf").read_text().splitlines() if line[0] != "#"
    ]
    assert rules == ["local all all peer map=kyodo", "local replication postgres peer map=kyodo"]
    names = {line.split()[1] for line in pg_ident_conf(["root", "postgres"]).splitlines() if line[0] != "#"}
    assert names == {'"root"', '"postgres"'}
    assert "trust" not in pg_hba_conf()


@as_root
def test_another_user_does_not_reach_the_socket(running: Cluster) -> None:
    refused = connect_as("nobody", running.url())
    assert refused.returncode != 0
    assert "Permission denied" in refused.stderr


@as_root
def test_another_user_who_reaches_the_socket_is_refused_by_the_server(running: Cluster) -> None:
    folder = running.layout.socket_dir
    with psycopg.connect(running.url("postgres", "postgres"), autocommit=True) as conn:
        assert conn.info.status == psycopg.pq.ConnStatus.OK
    try:
        folder.chmod(0o755)
        running.layout.socket.chmod(0o777)
        for role in ("kyodo_app", "kyodo_owner", "postgres"):
            refused = connect_as("nobody", running.url(role))
            assert refused.returncode != 0
            assert "Peer authentication failed" in refused.stderr
    finally:
        folder.chmod(0o700)
        running.layout.socket.chmod(0o700)


@as_root
def test_the_server_does_not_run_as_root(running: Cluster) -> None:
    pid = running.status().pid
    assert Path(f"/proc/{pid}").stat().st_uid == pwd.getpwnam("postgres").pw_uid


# -- stopping, crashing, racing -----------------------------------------------------------------------------


def test_stop_ends_the_server_and_says_whether_it_ran(running: Cluster) -> None:
    assert running.stop() is True
    assert not running.status().running
    deadline = time.monotonic() + 20
    while processes_in(running.layout.data):  # the last children end a moment after the server itself
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert running.stop() is False


def test_the_data_are_there_again_after_a_restart(running: Cluster) -> None:
    with psycopg.connect(running.url("kyodo_owner")) as conn:
        conn.execute("CREATE TABLE IF NOT EXISTS kept (n int); TRUNCATE kept; INSERT INTO kept VALUES (100)")
    running.stop()
    assert running.start() is True
    assert ask(running.url("kyodo_owner"), "SELECT n FROM kept") == 100


def test_a_server_killed_outright_is_recovered_by_the_next_start(running: Cluster) -> None:
    killed = running.status().pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    assert running.layout.pid_file.exists()
    assert running.ensure() is True
    assert running.status().pid != killed
    assert ask(running.url(), "SELECT 1") == 1


def test_a_pid_file_naming_an_unrelated_live_program_does_not_block_the_start(running: Cluster) -> None:
    server = running.status().pid
    assert server is not None
    left_behind = running.layout.pid_file.read_text()
    running.stop()
    account = Account.for_server()
    # The same user as the server's: the case in which PostgreSQL itself would refuse for ever.
    unrelated = subprocess.Popen(
        ["/bin/sleep", "600"],
        cwd="/",
        user=account.uid if os.geteuid() == 0 else None,
        group=account.gid if os.geteuid() == 0 else None,
    )
    try:
        for lock_file in (running.layout.pid_file, running.layout.socket_lock):
            lock_file.write_text(left_behind.replace(str(server), str(unrelated.pid), 1))
            os.chown(lock_file, account.uid, account.gid)
        assert not running.status().running
        assert running.ensure() is True
        assert unrelated.poll() is None
    finally:
        unrelated.kill()
        unrelated.wait()


def test_an_interrupted_initdb_is_begun_again() -> None:
    state_dir = new_state_dir()
    cluster = Cluster(state_dir, durable=False)
    try:
        half = cluster.layout.data_unfinished
        half.mkdir()
        (half / "PG_VERSION").write_text("15\n")
        assert not cluster.status().initialised
        assert cluster.ensure() is True
        assert not half.exists()
    finally:
        remove_cluster(state_dir)


def test_two_programs_that_start_at_once_end_with_one_server(module_cluster: Cluster) -> None:
    module_cluster.ensure()
    module_cluster.stop()
    program = (
        "import sys; from pathlib import Path; from geodata.cluster import Cluster;"
        "print(Cluster(Path(sys.argv[1]), durable=False).ensure())"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(module_cluster.layout.state_dir)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        for _ in range(2)
    ]
    answers = sorted(process.communicate(timeout=60)[0].strip() for process in both)
    assert answers == ["False", "True"]


def test_changes_wait_for_the_lock(running: Cluster) -> None:
    done = threading.Event()

    def stop() -> None:
        running.stop()
        done.set()

    with exclusive(running.layout):
        thread = threading.Thread(target=stop)
        thread.start()
        time.sleep(0.3)
        assert not done.is_set()
        assert running.status().running
    thread.join(30)
    assert done.is_set()


def test_a_server_in_a_deep_directory_can_be_reached() -> None:
    base = new_state_dir()
    deep = base / ("町内会" * 20)
    cluster = Cluster(deep, durable=False)
    try:
        cluster.ensure()
        assert cluster.layout.socket_dir.parent == Path("/tmp")
        assert ask(cluster.url(), "SELECT 1") == 1
    finally:
        remove_cluster(deep)
        remove_cluster(base)
        cluster.layout.socket_dir.rmdir()
