"""One connection in libpq's pipeline mode: several statements under way, watched by the event loop."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import pq

from geodata.replica import TOO_LONG
from kyodo_geo.errors import UnavailableError

BINARY = 1


class _Asked:
    """A statement under way: who waits, what has come, and the name under which it is still to be prepared."""

    __slots__ = ("found", "preparing", "since", "waiting")

    def __init__(self, waiting: asyncio.Future[pq.abc.PGresult], preparing: bytes | None) -> None:
        self.waiting = waiting
        self.preparing = preparing
        self.since = time.monotonic()
        self.found: pq.abc.PGresult | None = None


class Line:
    """One connection in libpq's pipeline mode, watched by the loop in which it was made.

    Each statement ends with a sync of its own, so that the failure of one is no failure of the next.
    """

    def __init__(self, conn: psycopg.Connection[Any], patience_s: float) -> None:
        self.conn = conn
        self.alive = True
        self._patience_s = patience_s
        self._pg = conn.pgconn
        self._prepared: set[bytes] = set()
        self._asked: deque[_Asked] = deque()
        self._writing = False
        self._loop = asyncio.get_running_loop()
        self._pg.nonblocking = 1
        self._pg.enter_pipeline_mode()
        self._socket = self._pg.socket
        self._loop.add_reader(self._socket, self._read)

    def __len__(self) -> int:
        return len(self._asked)

    def ask(self, name: bytes, text: str, params: list[bytes | None]) -> asyncio.Future[pq.abc.PGresult]:
        """Send it. The future fails with `psycopg.OperationalError` where the connection is lost."""
        waiting: asyncio.Future[pq.abc.PGresult] = self._loop.create_future()
        new = name not in self._prepared
        try:
            if new:
                self._pg.send_prepare(name, text.encode())
                self._prepared.add(name)
            self._pg.send_query_prepared(name, params, result_format=BINARY)
            self._pg.pipeline_sync()
            self._asked.append(_Asked(waiting, name if new else None))
            self._write()
        except psycopg.OperationalError as error:
            self._lost(error)
            if not waiting.done():
                waiting.set_exception(error)
        return waiting

    def close_from_anywhere(self) -> None:
        """In the loop's own thread where it still runs: only there it may be told to look away."""
        if self._loop.is_running() and self._loop is not _running():
            self._loop.call_soon_threadsafe(self._lost, psycopg.OperationalError("closed"))
        else:
            self._lost(psycopg.OperationalError("closed"))

    def _write(self) -> None:
        """Send what libpq still holds, when the socket takes it again."""
        left = self._pg.flush()
        if bool(left) is self._writing:
            return
        self._writing = bool(left)
        if left:
            self._loop.add_writer(self._socket, self._written)
        else:
            self._loop.remove_writer(self._socket)

    def _written(self) -> None:
        try:
            self._write()
        except psycopg.OperationalError as error:
            self._lost(error)

    def _read(self) -> None:
        """Hand out what has come."""
        pg, asked = self._pg, self._asked
        try:
            pg.consume_input()
            nothing = False
            while not pg.is_busy() and asked:
                result = pg.get_result()
                if result is None:
                    # One stands behind each statement; two of them say that nothing is there.
                    if nothing:
                        break
                    nothing = True
                    continue
                nothing = False
                if result.status == pq.ExecStatus.PIPELINE_SYNC:
                    self._ended(asked.popleft())
                elif asked[0].found is None or asked[0].found.status == pq.ExecStatus.COMMAND_OK:
                    # Prepared, or already the last word: after a failure the rest is only said to be left out.
                    if result.status == pq.ExecStatus.COMMAND_OK:
                        asked[0].preparing = None
                    asked[0].found = result
        except psycopg.OperationalError as error:
            self._lost(error)

    def _ended(self, one: _Asked) -> None:
        found = one.found
        if one.preparing is not None:
            self._prepared.discard(one.preparing)
        if not one.waiting.done():  # else whoever waited has gone
            if found is None:
                one.waiting.set_exception(psycopg.OperationalError("the server sent nothing"))
            else:
                one.waiting.set_result(found)
        if self._asked and time.monotonic() - self._asked[0].since > self._patience_s:
            for late in self._asked:
                if not late.waiting.done():
                    late.waiting.set_exception(UnavailableError(TOO_LONG))

    def _lost(self, error: psycopg.OperationalError) -> None:
        """Close it, and tell everybody who waits."""
        if not self.alive:
            return
        self.alive = False
        with suppress(RuntimeError, OSError, ValueError):  # the loop may have ended
            self._loop.remove_reader(self._socket)
            if self._writing:
                self._loop.remove_writer(self._socket)
        self.conn.close()
        asked, self._asked = self._asked, deque()
        if not self._loop.is_closed():
            for one in asked:
                if not one.waiting.done():
                    one.waiting.set_exception(error)


def _running() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
