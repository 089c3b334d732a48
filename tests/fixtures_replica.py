"""A primary and its streaming replica, both real and private, with the town of squares (`tests/api/city.py`).

One pair per test process that asks for it. A test that stops or pauses one of them starts it again (`mended`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from geodata.cluster import Cluster, make_standby
from geodata.cluster.bootstrap import DATABASE
from tests.fixtures_db import DatabaseUrls, memory_with_room, new_state_dir, remove_cluster, urls


@dataclass(frozen=True)
class Pair:
    """`town`: URLs of the primary; `read`: the service's URL on the replica."""

    primary: Cluster
    standby: Cluster
    town: DatabaseUrls

    @property
    def read(self) -> str:
        return self.standby.url("kyodo_app", DATABASE)

    def on_standby(self, query: str) -> Any:
        """One value, asked of the replica by a superuser."""
        with psycopg.connect(self.standby.url("postgres", DATABASE), autocommit=True) as conn:
            row = conn.execute(query.encode()).fetchone()
            return row and row[0]

    def pause(self) -> None:
        """From now on the replica stands still, until `resume`."""
        self.on_standby("SELECT pg_wal_replay_pause()")
        eventually(lambda: self.on_standby("SELECT pg_get_wal_replay_pause_state()") == "paused")

    def resume(self) -> None:
        self.on_standby("SELECT pg_wal_replay_resume()")

    def caught_up(self) -> None:
        """Wait until the replica has everything the primary has now."""
        with psycopg.connect(self.town.superuser) as conn:
            row = conn.execute("SELECT pg_current_wal_lsn()::text").fetchone()
        assert row is not None
        eventually(lambda: self.on_standby(f"SELECT pg_last_wal_replay_lsn() >= '{row[0]}'"))

    def mended(self) -> None:
        """Both run, and the replica follows."""
        self.primary.start()
        self.standby.start()
        if self.on_standby("SELECT pg_is_wal_replay_paused()"):
            self.resume()
        self.caught_up()


def eventually(check: Callable[[], bool], seconds: float = 60) -> None:
    """Ask until it is so; the time is a watchdog."""
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


@pytest.fixture(scope="session")
def running_pair() -> Iterator[Pair]:
    from geodata.migrate import upgrade
    from tests.api import city

    memory = memory_with_room()
    first, second = new_state_dir(memory), new_state_dir(memory)
    try:
        primary = Cluster(first, durable=False)
        primary.ensure()
        town = urls(primary, DATABASE)
        upgrade(town.owner)
        with psycopg.connect(town.superuser) as conn:
            city.build(conn)
        standby = make_standby(primary, second)
        standby.start()
        yield Pair(primary, standby, town)
    finally:
        remove_cluster(second)
        remove_cluster(first)


@pytest.fixture
def pair(running_pair: Pair) -> Iterator[Pair]:
    """The pair in order; whatever the test does to it is mended."""
    running_pair.mended()
    yield running_pair
    running_pair.mended()
