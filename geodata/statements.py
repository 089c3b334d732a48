"""Connections that read for one audience only, for single short statements that are asked very often.

`Database.read` takes the audience's role anew in each transaction, which costs more than a small tile does. Here a
connection takes it once, when it is made, and cannot write: what it runs are prepared statements with parameters,
each seeing one state of the database. The role and the statements belong to the connection, so that it leads to the
server itself, never through a pooler. It is waited for on the event loop, so that no thread is needed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import pq

from geodata.database import SEARCH_PATH, UNAVAILABLE, Audience, Database, patient, take_role
from geodata.replica import TOO_LONG
from geodata.statement_line import Line
from kyodo_geo.errors import NO_ROOM_LEFT, StorageFullError, UnavailableError

CANCELLED = b"57014"
DISK_FULL = b"53100"
NOT_PREPARED = b"26000"
"""It was sent behind the one that was to prepare it, and that one failed: asked once more."""
DEPTH = 4
"""Statements that are under way on one connection: the server finds the next one when it has sent an answer, and neither
side goes to sleep between two of them."""


class Statements:
    """At most `size` connections of one audience; `texts` are the statements by name.

    One event loop at a time may use it. `statement_timeout_ms` bounds each statement, `wait_s` the time for a place
    among those that are under way, and again the time behind others on the same connection.
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
        self._lines: list[Line] = []
        self._opening: set[asyncio.Task[Line]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._places = asyncio.Semaphore(size * DEPTH)

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
            return await self._value(
                name, [None if value is None else str(value).encode() for value in params]
            )
        finally:
            places.release()

    def close(self) -> None:
        """Close all connections, from whatever thread; the object can be used again."""
        lines, self._lines = self._lines, []
        for line in lines:
            line.close_from_anywhere()

    def _places_here(self) -> asyncio.Semaphore:
        # Tests run one application in several loops after each other; sockets and waiting belong to a loop.
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self.close()
            self._loop, self._places, self._opening = loop, asyncio.Semaphore(self._size * DEPTH), set()
        return self._places

    async def _value(self, name: str, params: list[bytes | None]) -> bytes | None:
        line, fresh = await self._line()
        try:
            return await self._asked(line, name, params)
        except psycopg.OperationalError as error:
            if fresh:
                raise UnavailableError(UNAVAILABLE) from error
        # The server was restarted since: a connection that waits is as dead as this one was.
        line, _ = await self._line()
        try:
            return await self._asked(line, name, params)
        except psycopg.OperationalError as error:
            raise UnavailableError(UNAVAILABLE) from error

    async def _asked(self, line: Line, name: str, params: list[bytes | None]) -> bytes | None:
        found = _checked(await line.ask(name.encode(), self._texts[name], params))
        return None if found.ntuples == 0 else found.get_value(0, 0)

    async def _line(self) -> tuple[Line, bool]:
        """The connection with the least to do, and whether it was made for this; a new one rather than to wait."""
        lines = self._lines = [line for line in self._lines if line.alive]
        full = len(lines) + len(self._opening) >= self._size
        best = min(lines, key=len, default=None)
        if best is not None and (full or not len(best)):
            return best, False
        if not full:
            task = asyncio.create_task(self._opened())
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)
        else:
            task = next(iter(self._opening))
        try:
            return await asyncio.shield(task), True
        except psycopg.OperationalError as error:
            raise UnavailableError(UNAVAILABLE) from error

    async def _opened(self) -> Line:
        line = Line(await asyncio.to_thread(self._connect), self._wait_s)
        self._lines.append(line)
        return line

    def _connect(self) -> psycopg.Connection[Any]:
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
        conn = psycopg.connect(patient(self._database.server_url), autocommit=True, options=settings)
        try:
            take_role(conn, self._audience)
        except BaseException:
            conn.close()
            raise
        return conn


def _checked(result: pq.abc.PGresult) -> pq.abc.PGresult:
    if result.status in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK):
        return result
    state = result.error_field(pq.DiagnosticField.SQLSTATE)
    if state == CANCELLED:
        raise UnavailableError(TOO_LONG)
    if state == DISK_FULL:
        raise StorageFullError(NO_ROOM_LEFT)
    message = (result.error_message or b"").decode(errors="replace")
    if state is None or state == NOT_PREPARED or state[:2] in (b"57", b"08"):
        raise psycopg.OperationalError(message)
    raise psycopg.DatabaseError(message)
