"""Hear of changes made by other processes: `LISTEN`, and re-reading of the revisions in case one was missed.

One thread per process with a connection of its own. A notice arrives within milliseconds of the commit; every
`poll_s` seconds and after every reconnect the revisions are read again, so that a lost notice costs seconds only.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

from geodata.database import Audience, Database

log = logging.getLogger("kyodo.listen")

SHORTEST_WAIT_S = 0.2
LONGEST_WAIT_S = 5.0


@dataclass(frozen=True, slots=True)
class Events:
    """What the listener calls, from its own thread; none of them may block for long.

    `revision(code, number)` for each revision heard, or read and not known yet (all of them after each connection);
    `keys()` when partner keys may have changed; `connected(bool)` when the connection comes or goes.
    """

    revision: Callable[[str, int], None]
    keys: Callable[[], None]
    connected: Callable[[bool], None]


class Listener:
    """Runs until `stop()`; reconnects with growing pauses."""

    def __init__(self, database: Database, events: Events, *, poll_s: float = 5.0) -> None:
        self._database = database
        self._events = events
        self._poll_s = poll_s
        self._seen = Seen()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._waiting: psycopg.Connection[Any] | None = None
        self._thread = threading.Thread(target=self._run, name="kyodo-listen", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Ask the thread to end and wait for it."""
        self._stop.set()
        self._wake()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _wake(self) -> None:
        """Close the line that the thread listens on, so that it ends now and not when it next reads."""
        with self._lock:
            if self._waiting is not None:
                with (
                    contextlib.suppress(OSError, psycopg.Error),
                    socket.socket(fileno=os.dup(self._waiting.fileno())) as line,
                ):
                    line.shutdown(socket.SHUT_RDWR)

    @contextlib.contextmanager
    def _known(self, conn: psycopg.Connection[Any]) -> Iterator[None]:
        """`conn` may be cut by `stop()` until the block ends, and no longer: its number may be another's then."""
        with self._lock:
            self._waiting = conn
        try:
            yield
        finally:
            with self._lock:
                self._waiting = None

    def _run(self) -> None:
        wait = SHORTEST_WAIT_S
        while not self._stop.is_set():
            try:
                with self._database.listener() as conn, self._known(conn):
                    self._subscribe(conn)
                    wait = SHORTEST_WAIT_S
                    self._seen = Seen()  # another database may stand there now, or an older state of it
                    self._database.primary_connected = True
                    self._events.connected(True)
                    self._listen(conn)
            except psycopg.Error as error:
                if self._stop.is_set():
                    return
                log.warning("no connection for notices (%s); next try in %.1f s", type(error).__name__, wait)
            finally:
                self._database.primary_connected = False
                self._events.connected(False)
            self._stop.wait(wait)
            wait = min(wait * 2, LONGEST_WAIT_S)

    def _subscribe(self, conn: psycopg.Connection[Any]) -> None:
        conn.execute(f"SET ROLE {Audience.PUBLIC.value}")
        conn.execute("LISTEN kyodo_revision")
        conn.execute("LISTEN kyodo_keys")

    def _listen(self, conn: psycopg.Connection[Any]) -> None:
        while not self._stop.is_set():
            # Subscribed first, read second: whatever commits in between is heard, read, or both.
            self._read(conn)
            for notice in conn.notifies(timeout=self._poll_s):
                self._tell(notice)

    def _read(self, conn: psycopg.Connection[Any]) -> None:
        changed = self._seen.changed(conn)
        replica = self._database.replica
        if replica is not None:
            row: Any = conn.execute("SELECT pg_current_wal_insert_lsn()::text").fetchone()
            replica.told_all(self._seen.revisions, row[0])
        for code, revision in changed:
            self._events.revision(code, revision)

    def _tell(self, notice: psycopg.Notify) -> None:
        if notice.channel == "kyodo_keys":
            self._events.keys()
            return
        code, _, number = notice.payload.partition(":")
        # A notice may have been under way while a later revision was read: it says nothing new.
        if not number.isdigit() or not self._seen.heard(code, int(number)):
            return
        if self._database.replica is not None:
            self._database.replica.told(code, int(number))
        self._events.revision(code, int(number))


class Seen:
    """Revisions as far as they are known, so that reading them again costs one row while nothing has changed.

    Revisions only grow: their number and sum are the same exactly when each of them is.
    """

    def __init__(self) -> None:
        self.revisions: dict[str, int] = {}
        self._total: tuple[int, int] | None = None

    def changed(self, conn: psycopg.Connection[Any]) -> list[tuple[str, int]]:
        """Municipality and revision of those that are not known as they are; all of them at first."""
        total = conn.execute(
            "SELECT count(*), coalesce(sum(revision), 0)::bigint FROM kyodo.municipality"
        ).fetchone()
        if total == self._total:
            return []
        rows = dict(conn.execute("SELECT municipality_code, revision FROM kyodo.municipality").fetchall())
        found = [(code, number) for code, number in rows.items() if self.revisions.get(code) != number]
        self.revisions = rows
        self._total = len(rows), sum(rows.values())
        return found

    def heard(self, code: str, revision: int) -> bool:
        """Note what a notice says; false when it is known already."""
        before = self.revisions.get(code)
        if before is not None and before >= revision:
            return False
        self.revisions[code] = revision
        self._total = len(self.revisions), sum(self.revisions.values())
        return True
