"""Ends in the middle of a load, by the server's side and by the program's: the active generation stays whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from geodata.database import Database
from geodata.datasets import load_many
from geodata.municipalities import KNOWN, ensure_municipality
from kyodo_geo.errors import UnavailableError
from tests.conftest import ROOT
from tests.factories import CODE, association_rows, district_rows, make_active, meta, put, result, square
from tests.fixtures_db import DatabaseUrls
from tests.unit.readers.files import csv

WATCHDOG_S = 60
COUNTED = (
    "dataset",
    "generation",
    "generation_dataset",
    "district_area",
    "association_area",
    "town",
    "audit",
    "plan",
)


def stored(database: DatabaseUrls) -> dict[str, int]:
    """Rows of the tables that a load, an activation or the sample writes."""
    with psycopg.connect(database.superuser) as conn:
        counts = {}
        for table in COUNTED:
            row = conn.execute(f"SELECT count(*) FROM kyodo.{table}").fetchone()
            assert row is not None
            counts[table] = row[0]
        return counts


def test_the_server_ends_the_connection_in_the_middle_of_a_copy(
    db: Database, database: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_active(db, put(db, "districts", district_rows({1: square(0, 0)})))
    before = stored(database)
    items = [
        (result("districts", district_rows({no: square(no, 0) for no in range(1, 31)})), meta()),
        (result("associations", association_rows({f"A{n}": square(n, 1) for n in range(300)})), meta()),
    ]
    seen = 0
    real = psycopg.Copy.write_row

    def ending(copy: Any, row: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == 130:  # the first dataset is in, of the second a hundred rows have been sent
            with psycopg.connect(database.superuser, autocommit=True) as admin:
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid() "
                    "AND query LIKE 'COPY%association_area%'"
                )
        real(copy, row)

    monkeypatch.setattr(psycopg.Copy, "write_row", ending)
    with pytest.raises(UnavailableError):
        load_many(db, CODE, items)
    assert seen >= 130
    assert stored(database) == before

    assert [item.rows for item in load_many(db, CODE, items)] == [30, 300]
    assert stored(database)["generation"] == 1


# -- kill -9 --------------------------------------------------------------------------------------------------


@contextmanager
def killed_while_it_writes(database: DatabaseUrls, table: str, *arguments: str) -> Iterator[None]:
    """Run the command, hold it where it writes to `table`, kill it outright, wait until the server knows."""
    with psycopg.connect(database.superuser, autocommit=True) as admin:

        def backends(where: str = "true") -> int:
            row = admin.execute(
                f"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                f"AND application_name = 'kyodo-geo' AND {where}"
            ).fetchone()
            assert row is not None
            return int(row[0])

        def wait(done: Any) -> None:
            deadline = time.monotonic() + WATCHDOG_S
            while not done():
                assert time.monotonic() < deadline
                time.sleep(0.02)

        others = backends()
        with psycopg.connect(database.superuser) as holder:
            holder.execute(f"LOCK TABLE {table} IN SHARE MODE")
            process = command(database, *arguments)
            try:
                wait(lambda: process.poll() is not None or backends("wait_event_type = 'Lock'"))
                assert process.poll() is None, process.communicate()
            finally:
                process.send_signal(signal.SIGKILL)
                process.communicate()
        wait(lambda: backends() == others)
        yield


def command(database: DatabaseUrls, *arguments: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KYODO_")}
    return subprocess.Popen(
        [sys.executable, "-m", "api.cli", *arguments],
        cwd=ROOT,
        env={**environment, "KYODO_DATABASE_URL": database.app, "KYODO_OWNER_DATABASE_URL": database.owner},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def succeeds(database: DatabaseUrls, *arguments: str) -> None:
    process = command(database, *arguments)
    out, err = process.communicate(timeout=WATCHDOG_S)
    assert process.returncode == 0, out + err


@pytest.fixture
def towns(tmp_path: Path) -> Path:
    lines = "".join(f"見本{number}町,141.1,39.7\n" for number in range(500))
    return csv(tmp_path / "t.csv", f"町名,経度,緯度\n{lines}")


def test_an_import_is_killed_in_the_middle_of_its_rows(
    db: Database, database: DatabaseUrls, towns: Path
) -> None:
    make_active(db, put(db, "districts", district_rows({1: square(0, 0)})))
    before = stored(database)
    arguments = ("import", "towns", str(towns), "--activate")
    with killed_while_it_writes(database, "kyodo.town", *arguments):
        assert stored(database) == before

    succeeds(database, *arguments)
    after = stored(database)
    assert (after["town"], after["dataset"], after["generation"]) == (500, 2, 2)


def test_an_import_is_killed_in_the_middle_of_its_activation(
    db: Database, database: DatabaseUrls, towns: Path
) -> None:
    make_active(db, put(db, "districts", district_rows({1: square(0, 0)})))
    before = stored(database)
    arguments = ("import", "towns", str(towns), "--activate")
    with killed_while_it_writes(database, "kyodo.generation_dataset", *arguments):
        after = stored(database)
        assert (after["town"], after["dataset"]) == (500, 2)  # the load was whole and stays, inactive
        assert after["generation"] == before["generation"]
        assert after["generation_dataset"] == before["generation_dataset"]

    succeeds(database, "dataset", "activate", "2")
    assert stored(database)["generation"] == 2


@pytest.mark.parametrize(
    "table",
    [
        pytest.param("kyodo.association_area", marks=pytest.mark.full),
        pytest.param("kyodo.generation_dataset", marks=pytest.mark.full),
        pytest.param("kyodo.plan", marks=pytest.mark.full),
    ],
)
def test_the_sample_is_killed_in_the_middle(database: DatabaseUrls, table: str) -> None:
    owned = Database(database.app)
    try:
        ensure_municipality(owned, KNOWN[CODE], by="test")
    finally:
        owned.close()
    before = stored(database)
    with killed_while_it_writes(database, table, "sample", "load"):
        assert stored(database) == before

    if table == "kyodo.plan":
        succeeds(database, "sample", "load")
        assert stored(database)["generation"] == 1
