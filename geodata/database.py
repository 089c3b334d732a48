"""Connections with an audience: every transaction takes the role of those it reads or writes for.

The login role inherits nothing. `SET LOCAL ROLE` at the start of each transaction means that the database
itself refuses what the audience may not see, whatever a route forgot.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

from kyodo_geo.errors import InputError, UnavailableError

SEARCH_PATH = "kyodo, public"


class Audience(StrEnum):
    """Whom a transaction works for; the value is the database role."""

    PUBLIC = "kyodo_public"
    STAFF = "kyodo_staff"
    LOADER = "kyodo_loader"
    PARTNER = "kyodo_partner"
    """Reads what the public reads, and the tickets of one office (`office=`); may enter tickets."""
    AUTH = "kyodo_auth"


Connection = psycopg.Connection[DictRow]

UNAVAILABLE = "データベースに接続できません。しばらくしてからもう一度お試しください。"


class Database:
    """A pool of connections to one PostGIS database.

    `url` is libpq's; `statement_timeout_ms` bounds every statement of a read. Rows are dicts.
    Raises `UnavailableError` when no connection can be had.
    """

    def __init__(
        self,
        url: str,
        *,
        min_size: int = 1,
        max_size: int = 8,
        timeout_s: float = 5.0,
        statement_timeout_ms: int = 15_000,
    ) -> None:
        self.url = url
        self._statement_timeout_ms = statement_timeout_ms
        self._sizes = (min_size, max_size, timeout_s)
        self._pool: ConnectionPool[Connection] | None = None
        self._opening = threading.Lock()

    def open(self) -> ConnectionPool[Connection]:
        """The open pool (the first transaction opens it). A closed psycopg pool is for good: each opening makes one."""
        with self._opening:
            if self._pool is None:
                min_size, max_size, timeout_s = self._sizes
                self._pool = ConnectionPool(
                    self.url,
                    connection_class=psycopg.Connection[DictRow],
                    min_size=min_size,
                    max_size=max_size,
                    timeout=timeout_s,
                    open=True,
                    check=ConnectionPool.check_connection,
                    kwargs={
                        "row_factory": dict_row,
                        "autocommit": False,
                        "options": f"-c search_path={SEARCH_PATH.replace(' ', '')} -c application_name=kyodo-geo",
                    },
                )
            return self._pool

    def close(self) -> None:
        """Close every connection; the object can be opened again."""
        with self._opening:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    @contextmanager
    def _transaction(
        self, audience: Audience, first: LiteralString, office: str | None = None
    ) -> Iterator[Connection]:
        pool = self.open()
        try:
            with pool.connection() as conn, conn.transaction():
                conn.execute(first)
                if office is not None:
                    conn.execute("SELECT set_config('kyodo.office', %s, true)", (office,))
                take_role(conn, audience, transaction=True)
                yield conn
        except PoolTimeout as error:
            raise UnavailableError(UNAVAILABLE) from error
        except psycopg.errors.QueryCanceled as error:
            raise UnavailableError(
                "処理に時間がかかりすぎたため中止しました。条件を絞ってお試しください。"
            ) from error
        except psycopg.OperationalError as error:
            raise UnavailableError(UNAVAILABLE) from error
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
        """
        with self._transaction(
            audience, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY", office
        ) as conn:
            conn.execute(sql.SQL("SET LOCAL statement_timeout = {}").format(self._statement_timeout_ms))
            yield conn

    @contextmanager
    def write(self, audience: Audience, *, office: str | None = None) -> Iterator[Connection]:
        """One writing transaction; all of it or nothing. Triggers bump the municipality's revision."""
        with self._transaction(audience, "SET TRANSACTION ISOLATION LEVEL READ COMMITTED", office) as conn:
            yield conn

    def listener(self) -> psycopg.Connection[Any]:
        """A connection of its own, in autocommit, for LISTEN; the caller closes it."""
        return psycopg.connect(self.url, autocommit=True)


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
