"""Connections that read for one audience only, for single short statements that are asked very often.

`Database.read` takes the audience's role anew in each transaction, which costs more than a small tile does. Here a
connection takes it once, when it is made, and cannot write: what it runs are prepared statements with parameters, one
at a time, each seeing one state of the database. It is waited for on the event loop, so that no thread is needed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import pq

from geodata.database import SEARCH_PATH, UNAVAILABLE, Audience, Database, take_role
from geodata.replica import TOO_LONG
from kyodo_geo.errors import UnavailableError

CANCELLED = b"57014"
BINARY = 1


@dataclass(slots=True)
class _Held:
    """A connection with the statements it has prepared."""

    conn: psycopg.Connection[Any]
    prepared: set[bytes] = field(default_factory=set)

    @property
    def pg(self) -> pq.abc.PGconn:
        return self.conn.pgconn


class Statements:
    """At most `size` connections of one audience; `texts` are the statements by name.

    One event loop at a time may use it. `statement_timeout_ms` bounds each statement, `wait_s` the time for a
    connection to become free.
    """

    def __init__(
        self,
        database: Database,
        texts: Mapping[str, str],
        *,
        audience: Audience = Audience.PUBLIC,
        size: int = 2,
        statement_timeout_ms: int = 5_000,
        wait_s: float = 5.0,
    ) -> None:
        self._database = database
        self._texts = texts
        self._audience = audience
        self._size = size
        self._timeout_ms = statement_timeout_ms
        self._wait_s = wait_s
        self._free: list[_Held] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._places = asyncio.Semaphore(size)

    async def value(self, name: str, params: Sequence[object]) -> bytes | None:
        """First column of the first row as the server's binary form; None where it is NULL or there is no row.

        Raises `UnavailableError` when the database cannot be reached or the statement takes too long.
        """
        places = self._places_here()
        if places.locked():
            try:
                async with asyncio.timeout(self._wait_s):
                    await places.acquire()
            except TimeoutError:
                raise UnavailableError(TOO_LONG) from None
        else:
            await places.acquire()  # at once: no timer has to be made for it
        try:
            return await self._value(name.encode(), params)
        finally:
            places.release()

    def close(self) -> None:
        """Close what is free; the object can be used again."""
        free, self._free = self._free, []
        for held in free:
            held.conn.close()

    def _places_here(self) -> asyncio.Semaphore:
        # Tests run one application in several loops after each other; waiting belongs to a loop.
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._places = loop, asyncio.Semaphore(self._size)
        return self._places

    async def _value(self, name: bytes, params: Sequence[object]) -> bytes | None:
        texts = [None if value is None else str(value).encode() for value in params]
        fresh = not self._free
        held = await self._connected()
        try:
            return await self._asked(held, name, texts)
        except psycopg.OperationalError as error:
            held.conn.close()
            if fresh:
                raise UnavailableError(UNAVAILABLE) from error
        # The server was restarted since: those that wait are as dead as this one was.
        self.close()
        held = await self._connected()
        try:
            return await self._asked(held, name, texts)
        except psycopg.OperationalError as error:
            held.conn.close()
            raise UnavailableError(UNAVAILABLE) from error

    async def _connected(self) -> _Held:
        if self._free:
            return self._free.pop()
        try:
            return await asyncio.to_thread(self._connect)
        except psycopg.OperationalError as error:
            raise UnavailableError(UNAVAILABLE) from error

    def _connect(self) -> _Held:
        options = {
            "search_path": SEARCH_PATH.replace(" ", ""),
            "application_name": "kyodo-geo-statements",
            "default_transaction_read_only": "on",
            "statement_timeout": str(self._timeout_ms),
            # The parameters change the plan of none of these, and planning costs as much as a small tile.
            "plan_cache_mode": "force_generic_plan",
            "jit": "off",
        }
        settings = " ".join(f"-c {key}={value}" for key, value in options.items())
        conn = psycopg.connect(self._database.url, autocommit=True, options=settings)
        try:
            take_role(conn, self._audience)
        except BaseException:
            conn.close()
            raise
        conn.pgconn.nonblocking = 1
        return _Held(conn)

    async def _asked(self, held: _Held, name: bytes, params: list[bytes | None]) -> bytes | None:
        """Run it and give the connection back; one that is left in the middle is closed."""
        done = False
        try:
            if name not in held.prepared:
                held.pg.send_prepare(name, self._texts[name.decode()].encode())
                _checked(await _result(held.pg))
                held.prepared.add(name)
            held.pg.send_query_prepared(name, params, result_format=BINARY)
            found = _checked(await _result(held.pg))
            done = True
            return None if found.ntuples == 0 else found.get_value(0, 0)
        finally:
            if done:
                self._free.append(held)
            else:
                held.conn.close()


def _checked(result: pq.abc.PGresult) -> pq.abc.PGresult:
    if result.status in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK):
        return result
    state = result.error_field(pq.DiagnosticField.SQLSTATE)
    if state == CANCELLED:
        raise UnavailableError(TOO_LONG)
    message = (result.error_message or b"").decode(errors="replace")
    if state is None or state[:2] in (b"57", b"08"):
        raise psycopg.OperationalError(message)
    raise psycopg.DatabaseError(message)


async def _result(pg: pq.abc.PGconn) -> pq.abc.PGresult:
    """The one result of what was sent, waiting on the event loop. Raises `psycopg.OperationalError` on a lost line."""
    loop = asyncio.get_running_loop()
    while pg.flush():
        await _ready(loop.add_writer, loop.remove_writer, pg.socket)
    found: pq.abc.PGresult | None = None
    while True:
        while pg.is_busy():
            await _ready(loop.add_reader, loop.remove_reader, pg.socket)
            pg.consume_input()
        result = pg.get_result()
        if result is None:
            break
        found = result
    if found is None:
        raise psycopg.OperationalError("the server sent nothing")
    return found


async def _ready(add: Any, remove: Any, descriptor: int) -> None:
    """Until the socket can be read from (or written to)."""
    waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def told() -> None:
        if not waiting.done():
            waiting.set_result(None)

    add(descriptor, told)
    try:
        await waiting
    finally:
        with suppress(OSError, ValueError):
            remove(descriptor)
