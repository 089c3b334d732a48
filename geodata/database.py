"""Connections with an audience: every transaction takes the role of those it reads or writes for.

The login role inherits nothing. `SET LOCAL ROLE` at the start of each transaction means that the database
itself refuses what the audience may not see, whatever a route forgot.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, LiteralString, TypeVar

import psycopg
from psycopg import sql
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

from geodata.replica import TOO_LONG, TOTAL, Replica, ReplicaLostError
from geodata.watched import Watcher, cursor_class
from geodata.written import CURRENT, position_of
from kyodo_geo.errors import NO_ROOM_LEFT, InputError, StorageFullError, UnavailableError

SEARCH_PATH = "kyodo, public"


class Audience(StrEnum):
    """Whom a transaction works for; the value is the database role."""

    PUBLIC = "kyodo_public"
    STAFF = "kyodo_staff"
    LOADER = "kyodo_loader"
    PARTNER = "kyodo_partner"
    """Reads what the public reads, and the tickets of one office (`office=`); may enter tickets."""
    AUTH = "kyodo_auth"


REPLICATED = frozenset({Audience.PUBLIC, Audience.STAFF})
"""Whose reads may go to a replica: sign-in, keys, loads and the offices' tickets always ask the primary."""

READ_ONLY: LiteralString = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
AWAY_WAIT_S = 0.5
"""How long a transaction waits for a primary that is known to be away, so that reads beside it go on."""
RECONNECT_S = 5.0
PATIENCE: Mapping[str, int] = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
"""What a URL that says nothing of it gets: a server whose machine or line is gone is noticed within 20 seconds, not hours."""

Connection = psycopg.Connection[DictRow]
T = TypeVar("T")

UNAVAILABLE = "データベースに接続できません。しばらくしてからもう一度お試しください。"
ALL_BUSY = "ただいま混み合っています。しばらくしてからもう一度お試しください。"
UNWRITABLE = "使えない文字（制御文字）が含まれています。入力し直してください。"
HELD = (
    "ほかの変更が終わるのを待っていましたが、時間内に終わりませんでした。何も変えていません。"
    "しばらくしてからもう一度お試しください。"
)


@dataclass(frozen=True, slots=True)
class WriteBounds:
    """How long a writing transaction may take, in ms: each statement, waiting for a lock, and doing nothing. 0: no bound.

    Loads of the command line have none: whoever started one sees it and can end it.
    """

    statement_ms: int = 0
    lock_ms: int = 0
    idle_ms: int = 0


def begin_writing(bounds: WriteBounds) -> sql.Composed:
    """The first thing a writing transaction says: one message, whatever is bounded."""
    named = {
        "statement_timeout": bounds.statement_ms,
        "lock_timeout": bounds.lock_ms,
        "idle_in_transaction_session_timeout": bounds.idle_ms,
    }
    said = [sql.SQL("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")]
    said += [sql.SQL(f"SET LOCAL {name} = {int(ms)}") for name, ms in named.items() if ms]
    return sql.SQL("; ").join(said)


class Database:
    """A pool of connections to one PostGIS database.

    `url` is libpq's; `statement_timeout_ms` bounds every statement of a read, `bounds` those of a write. Rows are dicts.
    Raises `UnavailableError` when no connection can be had. With `read_url` (a streaming replica) the reads of the
    public and the staff go there while it shows everything it must (`geodata.replica`), else to the primary.
    `pooled`: `url` is a pooler that gives each transaction another connection (PgBouncer); it cannot LISTEN, which
    `listen_url` can. `watcher` sees each statement, by the function that asks (`geodata.watched`).
    """

    def __init__(
        self,
        url: str,
        *,
        read_url: str | None = None,
        listen_url: str | None = None,
        pooled: bool = False,
        watcher: Watcher | None = None,
        min_size: int = 1,
        max_size: int = 8,
        timeout_s: float = 5.0,
        statement_timeout_ms: int = 15_000,
        bounds: WriteBounds | None = None,
    ) -> None:
        self.url = url
        self._listen_url = listen_url or url
        self._pooled = pooled
        self._watcher = watcher
        self._statement_timeout_ms = statement_timeout_ms
        self._begin_writing = begin_writing(bounds or WriteBounds())
        self._sizes = (min_size, max_size, timeout_s)
        self._pool: ConnectionPool[Connection] | None = None
        self._failures = 0
        self._opening = threading.Lock()
        self.replica = None if read_url is None else Replica(read_url, self._open_pool)
        self.primary_connected = True
        """What the listener last found."""

    def open(self) -> ConnectionPool[Connection]:
        """The open pool (the first transaction opens it). A closed psycopg pool is for good: each opening makes one."""
        with self._opening:
            if self._pool is None:
                self._pool = self._open_pool(self.url)
                if self.replica is not None:
                    self.replica.start()
            return self._pool

    def _open_pool(self, url: str) -> ConnectionPool[Connection]:
        min_size, max_size, timeout_s = self._sizes
        return ConnectionPool(
            patient(url),
            connection_class=psycopg.Connection[DictRow],
            min_size=min_size,
            max_size=max_size,
            timeout=timeout_s,
            # After that the next transaction tries anew, instead of waiting for a retry that is minutes away.
            reconnect_timeout=RECONNECT_S,
            open=True,
            check=ConnectionPool.check_connection,
            configure=self._connected,
            kwargs=self._how(),
        )

    def _connected(self, conn: psycopg.Connection[Any]) -> None:
        """A new connection stands: attempts that failed before it say nothing of the server now."""
        pool = self._pool
        if pool is not None:
            self._failures = pool.get_stats().get("connections_errors", 0)

    def _why_none(self, pool: ConnectionPool[Connection]) -> str:
        """Why no connection could be had in time: the server does not take any, or all are in use."""
        stats = pool.get_stats()
        unreachable = not stats.get("pool_size") or stats.get("connections_errors", 0) > self._failures
        return UNAVAILABLE if unreachable else ALL_BUSY

    def _how(self) -> dict[str, Any]:
        found: dict[str, Any] = {"row_factory": dict_row, "autocommit": False}
        if self._pooled:
            # One connection to the pooler is many on the server, in turn: nothing may be left behind there. The search
            # path is the pooler's to set (api/deploy/pgbouncer.ini).
            found |= {"prepare_threshold": None, "application_name": "kyodo-geo"}
        else:
            found["options"] = f"-c search_path={SEARCH_PATH.replace(' ', '')} -c application_name=kyodo-geo"
        if self._watcher is not None:
            found["cursor_factory"] = cursor_class(self._watcher)
        return found

    def used(self) -> dict[str, int]:
        """What the pool says of itself (psycopg_pool's names); empty while it is closed."""
        pool = self._pool
        return {} if pool is None else pool.get_stats()

    def close(self) -> None:
        """Close every connection; the object can be opened again."""
        with self._opening:
            pool, self._pool = self._pool, None
        if self.replica is not None:
            self.replica.stop()
        if pool is not None:
            pool.close()

    @contextmanager
    def _transaction(
        self, audience: Audience, first: LiteralString | sql.Composed, office: str | None = None
    ) -> Iterator[Connection]:
        pool = self.open()
        away = self.replica is not None and not self.primary_connected
        try:
            with pool.connection(timeout=AWAY_WAIT_S if away else None) as conn:
                with conn.transaction():
                    conn.execute(first)
                    if office is not None:
                        conn.execute("SELECT set_config('kyodo.office', %s, true)", (office,))
                    take_role(conn, audience, transaction=True)
                    yield conn
                if first is not READ_ONLY and audience is not Audience.AUTH:
                    self._note_written(conn)
        except PoolTimeout as error:
            raise UnavailableError(self._why_none(pool)) from error
        except psycopg.errors.QueryCanceled as error:
            raise UnavailableError(TOO_LONG) from error
        except psycopg.errors.DiskFull as error:
            raise StorageFullError(NO_ROOM_LEFT) from error
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected) as error:
            raise UnavailableError(HELD) from error
        except (
            psycopg.OperationalError,
            psycopg.errors.IdleInTransactionSessionTimeout,
            # What was the primary is a standby now.
            psycopg.errors.ReadOnlySqlTransaction,
        ) as error:
            raise UnavailableError(UNAVAILABLE) from error
        except psycopg.DataError as error:
            if error.sqlstate is not None:
                raise
            # Refused before it was sent: a NUL in a text, which no keyboard types and no column holds.
            raise InputError(UNWRITABLE) from error
        except psycopg.errors.UndefinedTable as error:
            raise UnavailableError(
                "データベースにスキーマがないか、古い版です。`kyodo-geo db upgrade` を実行してください。"
            ) from error

    @contextmanager
    def read(
        self, audience: Audience = Audience.PUBLIC, *, office: str | None = None
    ) -> Iterator[Connection]:
        """One read-only transaction (repeatable read: all its queries see the same state).

        `office`: whose tickets the audience `PARTNER` sees; without one it sees none.
        Raises `ReplicaLostError` when a replica fails in the middle: asking again reads elsewhere (`reading`).
        """
        replica = self.replica if audience in REPLICATED else None
        with ExitStack() as stack:
            conn: Connection | None = None
            if replica is not None:
                self.open()
                own = CURRENT.get()
                conn = replica.enter(
                    stack, lambda conn: self._begin_there(conn, audience), own.after if own else 0
                )
            if conn is None:
                conn = stack.enter_context(self._transaction(audience, READ_ONLY, office))
                self._bound(conn)
                if replica is not None:
                    row: Any = conn.execute(TOTAL).fetchone()
                    replica.saw(row["total"])
            yield conn

    def reading(self, work: Callable[[Connection], T], audience: Audience = Audience.PUBLIC) -> T:
        """What `work` makes of one reading transaction; made once more when a replica was lost on the way."""
        try:
            with self.read(audience) as conn:
                return work(conn)
        except ReplicaLostError:
            with self.read(audience) as conn:
                return work(conn)

    def _begin_there(self, conn: Connection, audience: Audience) -> None:
        conn.execute(READ_ONLY)
        take_role(conn, audience, transaction=True)
        self._bound(conn)

    def _bound(self, conn: Connection) -> None:
        conn.execute(sql.SQL("SET LOCAL statement_timeout = {}").format(self._statement_timeout_ms))

    def _note_written(self, conn: Connection) -> None:
        """Where the log stands after this commit, for the reads of whoever wrote it."""
        own = CURRENT.get()
        if self.replica is None or own is None:
            return
        with suppress(psycopg.Error):  # it is committed whatever happens now
            row: Any = conn.execute("SELECT pg_current_wal_insert_lsn()::text AS position").fetchone()
            own.add(position_of(row["position"]))

    @contextmanager
    def write(self, audience: Audience, *, office: str | None = None) -> Iterator[Connection]:
        """One writing transaction; all of it or nothing. Triggers bump the municipality's revision."""
        with self._transaction(audience, self._begin_writing, office) as conn:
            yield conn

    @property
    def server_url(self) -> str:
        """libpq URL of PostgreSQL itself, never of a pooler: for connections that keep a state of their own."""
        return self._listen_url

    def listener(self) -> psycopg.Connection[Any]:
        """A connection of its own, in autocommit, for LISTEN; the caller closes it."""
        return psycopg.connect(patient(self.server_url), autocommit=True)


def patient(url: str) -> str:
    """The URL with `PATIENCE` for what it does not set itself."""
    try:
        known = psycopg.conninfo.conninfo_to_dict(url)
        return psycopg.conninfo.make_conninfo(url, **{k: v for k, v in PATIENCE.items() if k not in known})
    except psycopg.ProgrammingError:
        return url  # connecting says what is wrong with it


def take_role(conn: psycopg.Connection[Any], audience: Audience, *, transaction: bool = False) -> None:
    """For as long as the connection lives, or for its transaction.

    Raises `UnavailableError` where the schema or the login's right to it is missing.
    """
    statement = sql.SQL("SET LOCAL ROLE {}" if transaction else "SET ROLE {}")
    try:
        conn.execute(statement.format(sql.Identifier(audience.value)))
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidParameterValue) as error:
        raise UnavailableError(
            f"データベースの利用者「{conn.info.user}」に、ロール {audience.value} になる権限がありません。"
            "`kyodo-geo db upgrade` を実行すると、権限が与えられます。",
            login=conn.info.user,
        ) from error


def conninfo(url: str) -> dict[str, Any]:
    """Parameters of a libpq URL (or `name=value` string); raises `InputError` when it is neither."""
    try:
        return dict(psycopg.conninfo.conninfo_to_dict(url))
    except psycopg.ProgrammingError as error:
        raise InputError(
            "データベースの接続先を読めません。"
            "postgresql://利用者:パスワード@ホスト/データベース の形で指定してください。",
            field="KYODO_DATABASE_URL",
        ) from error


def login_of(url: str) -> str | None:
    """Role a libpq URL signs in with: the one it names, else the environment's (PGUSER), else libpq's own choice."""
    named = conninfo(url).get("user")
    if named is not None:
        return str(named)
    for option in psycopg.pq.Conninfo.get_defaults():
        if option.keyword == b"user" and option.val is not None:
            return option.val.decode()
    return None


def active_generation(conn: Connection, municipality: str, as_of: str | None = None) -> int | None:
    """Number of the generation that is active (or was at the end of the day `as_of`), or None."""
    if as_of is None:
        query = "SELECT max(generation_no) AS n FROM generation WHERE municipality_code = %s"
        row = conn.execute(query, (municipality,)).fetchone()
    else:
        query = """
            SELECT max(generation_no) AS n FROM generation
            WHERE municipality_code = %s
              AND activated_at < (%s::date + 1)::timestamp AT TIME ZONE 'Asia/Tokyo'
        """
        row = conn.execute(query, (municipality, as_of)).fetchone()
    return None if row is None else row["n"]
