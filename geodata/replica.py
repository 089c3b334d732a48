"""A streaming replica that reads go to while it is there and has replayed what the primary has told us.

A standby's state is always a beginning of the primary's history, and revisions only grow: the sum of all revisions,
read in the same snapshot as the answer, says whether everything heard of by `LISTEN` (on the primary) is in it.
What carries no revision (tickets, drafts) is bounded by positions in the log: the reader's own latest write
(`geodata.written`) before each read, the primary's position of the latest poll in the watching thread.

No request waits for a connection to a replica that is away: a thread of its own looks for it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from enum import Enum
from itertools import chain, repeat
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool, PoolTimeout

from geodata.written import position_of
from kyodo_geo.errors import NO_ROOM_LEFT, StorageFullError, UnavailableError

log = logging.getLogger("kyodo.replica")

TOO_LONG = "処理に時間がかかりすぎたため中止しました。条件を絞ってお試しください。"
TOTAL = "SELECT coalesce(sum(revision), 0)::bigint AS total FROM kyodo.municipality"
REPLAYED = "SELECT pg_is_in_recovery() AS standby, pg_last_wal_replay_lsn()::text AS position"
WAIT_S = 0.3
"""How long a read waits for the replica; the rest of the second in which a change must show is for making the answer."""
CONNECTION_WAIT_S = 0.5
PAUSES_S = (0.002, 0.005, 0.01, 0.02)
PATIENCE: Mapping[str, int] = {"connect_timeout": 2, "tcp_user_timeout": 3000, "keepalives_idle": 5}
"""What a URL that says nothing of it gets: a replica that no longer answers is noticed in seconds."""

Pool = ConnectionPool[Any]


class ReplicaLostError(UnavailableError):
    """The replica went away, or undid the query, while an answer was being read from it: ask again."""


class State(Enum):
    GOOD = "good"
    BEHIND = "behind"
    AWAY = "away"


class Replica:
    """Thread-safe. `open_pool(url)` makes an open pool; `wait_s`: how long a read waits for the replica to catch up."""

    def __init__(self, url: str, open_pool: Callable[[str], Pool], *, wait_s: float = WAIT_S) -> None:
        self._url = make_conninfo(
            url, **{k: v for k, v in PATIENCE.items() if k not in conninfo_to_dict(url)}
        )
        self._open_pool = open_pool
        self._wait_s = wait_s
        self._lock = threading.Lock()
        self._state = State.AWAY
        self._pool: Pool | None = None
        self._discarded: list[Pool] = []
        self._known: dict[str, int] = {}
        self._required = 0
        self._polled = 0
        self._position = 0
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def good(self) -> bool:
        """Whether reads go to it now."""
        return self._state is State.GOOD

    def start(self) -> None:
        """Look for the replica and watch over it (a thread)."""
        if self._thread is None:
            self._ending.clear()
            self._thread = threading.Thread(target=self._watch, name="kyodo-replica", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        self._ending.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(5)
            self._thread = None
        self._become(State.AWAY, "")
        self._close_discarded()

    # -- told by the listener, which hears the primary

    def told(self, code: str, revision: int) -> None:
        """A notice of the primary: from now on nothing older is read here."""
        with self._lock:
            self._known[code] = max(revision, self._known.get(code, 0))
            self._required = max(self._required, sum(self._known.values()))

    def told_all(self, revisions: Mapping[str, int], position: str) -> None:
        """All revisions and the position of the log, as the primary has them. Lower ones: it was restored."""
        with self._lock:
            total = sum(revisions.values())
            restored = total < self._polled
            self._known, self._polled = dict(revisions), total
            self._required = total if restored else max(self._required, total)
            self._position = position_of(position)
        self._wake.set()

    def saw(self, total: int) -> None:
        """Somebody was shown this state: nobody is shown an older one afterwards."""
        with self._lock:
            self._required = max(self._required, total)

    # -- asked by reads

    def enter(
        self, stack: ExitStack, begin: Callable[[psycopg.Connection[Any]], None], after: int
    ) -> psycopg.Connection[Any] | None:
        """A transaction on the replica, closed by `stack`, that shows everything it must; None: read elsewhere.

        `begin` opens the transaction (isolation, role); `after`: the position of the reader's own latest write.
        """
        deadline = time.monotonic() + self._wait_s
        pauses = chain(PAUSES_S, repeat(PAUSES_S[-1]))
        while True:
            pool = self._pool
            if pool is None or self._state is not State.GOOD:
                return None
            waits_for_all = True
            try:
                with ExitStack() as tried:
                    conn = tried.enter_context(pool.connection(timeout=CONNECTION_WAIT_S))
                    waits_for_all = not after or self._replayed(conn) >= after
                    if waits_for_all:
                        tried.enter_context(conn.transaction())
                        begin(conn)
                        total = conn.execute(TOTAL).fetchone()["total"]
                        if total >= self._required:
                            self.saw(total)
                            stack.push(self._lost)
                            stack.push(tried.pop_all())
                            return conn
            except (psycopg.Error, PoolTimeout, UnavailableError) as error:
                self._become(State.AWAY, type(error).__name__)
                return None
            if time.monotonic() > deadline:
                if (
                    waits_for_all
                ):  # else one reader's position, which may be forged, says nothing to the others
                    self._become(State.BEHIND, f"not there after {self._wait_s:g} s")
                return None
            time.sleep(next(pauses))

    def _replayed(self, conn: psycopg.Connection[Any]) -> int:
        """The replica's position, asked in a transaction of its own: a snapshot taken after it holds all of it."""
        row: Any = conn.execute(REPLAYED).fetchone()
        conn.rollback()
        # Promoted: it has a history of its own, and the revisions decide.
        return position_of(row["position"]) if row["standby"] and row["position"] else 1 << 64

    def _lost(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> bool:
        """Failures of the replica that are none of the query's: the connection, or a conflict with what it replays."""
        if isinstance(error, psycopg.errors.QueryCanceled):
            raise UnavailableError(TOO_LONG) from error
        if isinstance(error, psycopg.errors.DiskFull):
            raise StorageFullError(NO_ROOM_LEFT) from error
        if isinstance(error, psycopg.errors.SerializationFailure | psycopg.errors.DeadlockDetected):
            raise ReplicaLostError("読み取りが中断されました。もう一度お試しください。") from error
        if isinstance(error, psycopg.OperationalError):
            self._become(State.AWAY, type(error).__name__)
            raise ReplicaLostError("データベースへの接続が切れました。もう一度お試しください。") from error
        return False

    # -- the watching thread

    def _become(self, state: State, why: str) -> None:
        with self._lock:
            before, self._state = self._state, state
            if state is State.AWAY and self._pool is not None:
                self._discarded.append(self._pool)  # closing waits for its threads: not here
                self._pool = None
                self._wake.set()
        if state is before or self._ending.is_set():
            return
        if state is State.GOOD:
            log.info("reads go to the replica")
        else:
            log.warning("the replica is %s (%s): reads go to the primary", state.value, why)
            self._wake.set()

    def _watch(self) -> None:
        pause = 0.1
        while not self._ending.is_set():
            if self._state is State.GOOD:
                self._wake.wait()
                pause = 0.1
            self._wake.clear()
            self._close_discarded()
            if self._ending.is_set():
                return
            try:
                self._look()
            except (psycopg.Error, PoolTimeout) as error:
                self._become(State.AWAY, type(error).__name__)
            if self._state is not State.GOOD:
                self._ending.wait(pause)
                pause = min(pause * 2, 2.0 if self._state is State.AWAY else 0.5)

    def _close_discarded(self) -> None:
        while self._discarded:
            self._discarded.pop().close()

    def _look(self) -> None:
        """Whether it is there and has what it should; a poll's position is given the same time as a read gives."""
        deadline = time.monotonic() + self._wait_s
        with psycopg.connect(self._url, autocommit=True, row_factory=psycopg.rows.dict_row) as conn:
            conn.execute("SET ROLE kyodo_public")
            while not self._ending.is_set():
                enough = self._replayed(conn) >= self._position
                row: Any = conn.execute(TOTAL).fetchone()
                if enough and row["total"] >= self._required:
                    with self._lock:
                        if self._pool is None:
                            self._pool = self._open_pool(self._url)
                    self._become(State.GOOD, "")
                    return
                if time.monotonic() > deadline:
                    self._become(State.BEHIND, "it has not replayed what the primary has")
                    return
                self._ending.wait(PAUSES_S[-1])
