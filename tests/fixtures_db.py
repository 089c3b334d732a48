"""Real PostGIS for tests: one private cluster per test process, one migrated database to copy from.

- `conn`: a superuser's connection whose transaction is rolled back; `SET LOCAL ROLE kyodo_public` in it to
  read as the public does.
- `database`: a database of its own for what commits (NOTIFY, pools, browser, crashes); `db_url` and
  `owner_url` are its URLs.
- `blank_database`: a database with the extensions, not migrated.
- `cluster`: the running test cluster itself (crash safety off).
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import DictRow, dict_row

from geodata.cluster import Cluster
from geodata.cluster.bootstrap import DATABASE, ensure_database
from geodata.cluster.process import is_zombie
from kyodo_geo.errors import KyodoError

# Not pytest's own tmp_path: as root the server runs as `postgres`, who cannot enter that folder.
PREFIX = "kyodo-geo-test-"
# Every copy of a database is 300 small files: in memory they cost a fifth of the processor time that a disk takes.
MEMORY = Path("/dev/shm")
ROOM = 3 << 30
_numbers = itertools.count(1)


@dataclass(frozen=True)
class DatabaseUrls:
    """libpq URLs of one database: the service's login role, the owner, and a superuser."""

    name: str
    app: str
    owner: str
    superuser: str


def urls(cluster: Cluster, name: str) -> DatabaseUrls:
    return DatabaseUrls(
        name=name,
        app=cluster.url("kyodo_app", name),
        owner=cluster.url("kyodo_owner", name),
        superuser=cluster.url("postgres", name),
    )


def remove_cluster(state_dir: Path) -> None:
    """Stop a test cluster and delete its folder; a server that cannot be stopped keeps its folder."""
    with contextlib.suppress(KyodoError):
        cluster = Cluster(state_dir, durable=False)
        cluster.stop()
        if not cluster.status().running:
            shutil.rmtree(state_dir, ignore_errors=True)


def sweep_abandoned() -> None:
    """Remove clusters of test processes that were killed before they could clean up."""
    for folder in [*Path(tempfile.gettempdir()).glob(f"{PREFIX}*"), *MEMORY.glob(f"{PREFIX}*")]:
        pid = folder.name.removeprefix(PREFIX).split("-")[0]
        if not pid.isdigit() or folder.stat().st_uid != os.geteuid():
            continue
        if not Path(f"/proc/{pid}").exists() or is_zombie(int(pid)):
            remove_cluster(folder)


def new_state_dir(parent: Path | None = None) -> Path:
    """An empty folder that the server's account may pass through; on the disk unless told otherwise."""
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=parent))
    folder.chmod(0o711)
    return folder


def memory_with_room() -> Path | None:
    """The memory file system, where it has room for every database of a test process; containers often have less."""
    try:
        room = shutil.disk_usage(MEMORY).free
        told = Path("/proc/meminfo").read_text(encoding="ascii")
    except OSError:
        return None
    found = re.search(r"^MemAvailable: +(\d+) kB$", told, re.MULTILINE)
    free = int(found[1]) << 10 if found else 0
    return MEMORY if os.access(MEMORY, os.W_OK) and min(room, free) >= ROOM else None


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The running test cluster of this test process."""
    sweep_abandoned()
    state_dir = new_state_dir(memory_with_room())
    running = Cluster(state_dir, durable=False)
    try:
        running.ensure()
        yield running
    finally:
        remove_cluster(state_dir)


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> DatabaseUrls:
    """The migrated database other databases are copied from. Never connect to it: a copy needs it idle."""
    from geodata.migrate import upgrade

    found = urls(cluster, DATABASE)
    upgrade(found.owner)
    return found


@contextlib.contextmanager
def copied(cluster: Cluster, source: DatabaseUrls) -> Iterator[DatabaseUrls]:
    """A copy of `source`, dropped at the end whoever is still connected."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(cluster.url("postgres", "postgres"), autocommit=True) as admin:
        admin.execute(
            sql.SQL("CREATE DATABASE {} OWNER kyodo_owner TEMPLATE {} STRATEGY file_copy").format(
                sql.Identifier(name), sql.Identifier(source.name)
            )
        )
        try:
            yield urls(cluster, name)
        finally:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def database(cluster: Cluster, template: DatabaseUrls) -> Iterator[DatabaseUrls]:
    """A fresh migrated database of this test's own; everything may commit."""
    with copied(cluster, template) as found:
        yield found


@pytest.fixture
def db_url(database: DatabaseUrls) -> str:
    """The service's URL (login role kyodo_app) of a fresh migrated database."""
    return database.app


@pytest.fixture
def owner_url(database: DatabaseUrls) -> str:
    """The owner's URL of the same database as `db_url`."""
    return database.owner


@contextlib.contextmanager
def blank(cluster: Cluster) -> Iterator[DatabaseUrls]:
    """A database with the extensions and nothing else: what a migration starts from."""
    name = f"blank_{os.getpid()}_{next(_numbers)}"
    found = urls(cluster, name)
    ensure_database(cluster.url("postgres", "postgres"), found.superuser, name)
    try:
        yield found
    finally:
        with psycopg.connect(cluster.url("postgres", "postgres"), autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def blank_database(cluster: Cluster) -> Iterator[DatabaseUrls]:
    """A blank database for one test."""
    with blank(cluster) as found:
        yield found


@pytest.fixture(scope="session")
def rollback_database(cluster: Cluster, template: DatabaseUrls) -> Iterator[DatabaseUrls]:
    """The one database behind `conn`; nothing ever commits in it."""
    with copied(cluster, template) as found:
        yield found


@pytest.fixture
def conn(rollback_database: DatabaseUrls) -> Iterator[psycopg.Connection[DictRow]]:
    """Superuser's connection (rows are dicts) in a transaction that is rolled back."""
    with psycopg.connect(rollback_database.superuser, row_factory=dict_row) as connection:
        try:
            yield connection
        finally:
            connection.rollback()
