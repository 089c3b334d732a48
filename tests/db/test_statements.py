"""Many statements under way on a few connections: each gets its own answer, and the failure of one is its own alone."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from geodata.database import Database
from geodata.statements import DEPTH, Statements
from kyodo_geo.errors import UnavailableError
from tests.fixtures_db import DatabaseUrls

TEXTS = {
    "echo": "SELECT convert_to($1::text, 'UTF8')",
    "large": "SELECT convert_to(repeat($1::text, 500000), 'UTF8')",
    "nothing": "SELECT $1::text WHERE false",
    "divide": "SELECT int4send(1 / $1::int)",
    "no such function": "SELECT no_such_function($1::int)",
    "sleep": "SELECT ''::bytea FROM pg_sleep($1::float)",
}


def play(scene: Coroutine[Any, Any, None]) -> None:
    """In a thread of its own: see `tests/api/test_jobs.py`."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(asyncio.run, scene).result()


def test_each_gets_its_own_answer_and_its_own_failure(db: Database) -> None:
    statements = Statements(db, TEXTS, statement_timeout_ms=1500)

    async def scene() -> None:
        asked = [("echo", str(n)) for n in range(4 * DEPTH)]
        for place, other in (
            (1, ("divide", 0)),
            (3, ("no such function", 1)),
            (6, ("large", "あ")),
            (9, ("nothing", "x")),
        ):
            asked.insert(place, other)
        asked.insert(11, ("no such function", 2))
        found = await asyncio.gather(
            *(statements.value(name, [value]) for name, value in asked), return_exceptions=True
        )
        for (name, value), got in zip(asked, found, strict=True):
            if name == "echo":
                assert got == str(value).encode()
            elif name == "large":
                assert isinstance(got, bytes)
                assert len(got) == 1_500_000
            elif name == "nothing":
                assert got is None
            elif name == "divide":
                assert isinstance(got, psycopg.DatabaseError)
            else:
                assert isinstance(got, psycopg.DatabaseError | UnavailableError)
        assert len(statements._lines) <= 2
        statements.close()
        assert await statements.value("echo", ["again"]) == b"again", "it can be used again"

    play(scene())
    play(scene())  # another loop
    statements.close()


def test_what_takes_too_long_ends_alone(db: Database) -> None:
    statements = Statements(db, TEXTS, size=1, statement_timeout_ms=300, wait_s=20)

    async def scene() -> None:
        slow, behind = await asyncio.gather(
            statements.value("sleep", [5]), statements.value("echo", ["a"]), return_exceptions=True
        )
        assert isinstance(slow, UnavailableError)
        assert behind == b"a"

    play(scene())
    statements.close()


def test_nobody_waits_long_behind_others(db: Database) -> None:
    """Those behind a slow one are told that it takes too long, and the connection goes on to serve."""
    statements = Statements(db, TEXTS, size=1, wait_s=0.1)

    async def scene() -> None:
        await statements.value("echo", ["a"])
        found = await asyncio.gather(
            *(statements.value(*asked) for asked in [("sleep", [0.4]), *[("echo", ["b"])] * DEPTH]),
            return_exceptions=True,
        )
        assert found[0] == b""
        assert all(isinstance(one, UnavailableError) for one in found[1:])
        assert await statements.value("echo", ["c"]) == b"c"
        assert len(statements._lines) == 1

    play(scene())
    statements.close()


def test_a_connection_that_is_lost_in_the_middle_is_made_anew_once(
    db: Database, database: DatabaseUrls
) -> None:
    statements = Statements(db, TEXTS, size=1)

    async def scene() -> None:
        await statements.value("echo", ["a"])
        (line,) = statements._lines
        both = asyncio.gather(statements.value("sleep", [0.3]), statements.value("echo", ["b"]))
        await asyncio.to_thread(cut, line.conn.pgconn.backend_pid)
        assert await both == [b"", b"b"]
        assert not line.alive

    def cut(pid: int) -> None:
        with psycopg.connect(database.superuser) as conn:
            conn.execute("SELECT pg_terminate_backend(%s)", (pid,))

    play(scene())
    statements.close()


@pytest.mark.parametrize("gone", [0, 1])
def test_who_goes_away_takes_nobody_along(db: Database, gone: int) -> None:
    statements = Statements(db, TEXTS, size=1)

    async def scene() -> None:
        tasks = [
            asyncio.create_task(statements.value(*asked)) for asked in (("sleep", [0.1]), ("echo", ["b"]))
        ]
        while not statements._lines or len(statements._lines[0]) < len(tasks):
            await asyncio.sleep(0)
        tasks[gone].cancel()
        assert await tasks[1 - gone] == [b"", b"b"][1 - gone]
        assert await statements.value("echo", ["c"]) == b"c"

    play(scene())
    statements.close()
