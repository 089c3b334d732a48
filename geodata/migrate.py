"""Run and check the Alembic migrations; the schema version lives in the database itself."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, pool, text
from sqlalchemy.exc import OperationalError

from geodata import prerequisites
from geodata.database import UNAVAILABLE, conninfo
from geodata.schema import SCHEMA, VACANT_SCHEMA, metadata
from geodata.schema.base import PARTITION_BY
from geodata.schema.partitions import PARTITIONS, partitioned_tables, partitions_of
from kyodo_geo.errors import NO_ROOM_LEFT, StorageFullError, UnavailableError

VERSION_TABLE = "kyodo_schema_version"
CONNECT_TIMEOUT_S = 10
_HERE = Path(__file__).resolve().parent


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE / "migrations"))
    return config


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    """A connection of SQLAlchemy's; raises `UnavailableError` when it cannot be had or is lost."""
    parameters = conninfo(url)
    parameters.setdefault("connect_timeout", CONNECT_TIMEOUT_S)
    # psycopg makes the connection, so that whatever libpq understands is understood here.
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(**parameters), poolclass=pool.NullPool
    )
    try:
        with engine.connect() as connection:
            yield connection
    except OperationalError as error:
        if isinstance(error.orig, psycopg.errors.DiskFull):
            raise StorageFullError(NO_ROOM_LEFT) from error
        raise UnavailableError(UNAVAILABLE) from error
    finally:
        engine.dispose()


def upgrade(url: str, revision: str = "head", *, login: str | None = None) -> None:
    """Bring the database to `revision`; creates extensions, schemas, tables, roles and rights.

    `url` is the owner's; `login` is the role the service signs in with (by default `kyodo_app` where there is one).
    Raises `UnavailableError` when the server cannot be reached, or with the SQL an administrator has to run first.
    """
    with _connection(url) as connection:
        # Two at once: the second waits, and finds nothing left to do. The lock goes with the connection.
        connection.execute(text("SELECT pg_advisory_lock(hashtext('kyodo.migrate'))"))
        connection.commit()
        prerequisites.ensure(connection, login)
        connection.commit()
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def downgrade(url: str, revision: str = "base") -> None:
    """Take the schema back; roles stay, because other databases of the server may use them."""
    with _connection(url) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def stamp(url: str, revision: str) -> None:
    """Write down at which revision a database is whose tables came from elsewhere (a backup)."""
    with _connection(url) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.stamp(config, revision)


def knows(revision: str) -> bool:
    """Whether this code has that revision: a newer program's database is not for it."""
    return any(
        script.revision == revision for script in ScriptDirectory.from_config(_config()).walk_revisions()
    )


def prepare(url: str, login: str | None = None) -> None:
    """Roles and extensions, as before an upgrade; nothing of the schema."""
    with _connection(url) as connection:
        prerequisites.ensure(connection, login)
        connection.commit()


def current(url: str) -> str | None:
    """Revision the database is at, or None when it is empty."""
    with _connection(url) as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        return context.get_current_revision()


def head() -> str:
    """Newest revision this code knows."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    assert found is not None
    return found


def include_name(name: str | None, type_: str, _parents: Any) -> bool:
    """Compare our own schemas only; PostGIS, the job tables and the rest of the server are not ours.

    Partitions are parts of their table: whether they are the right ones is compared by themselves.
    """
    if type_ == "table":
        return name not in _partition_names()
    return name in (SCHEMA, VACANT_SCHEMA) if type_ == "schema" else True


@functools.cache
def _partition_names() -> frozenset[str]:
    return frozenset(name for table in partitioned_tables() for name in partitions_of(table))


def differences(url: str) -> list[Any]:
    """What the database lacks or has too much of against the metadata; empty when they agree."""
    with _connection(url) as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "version_table": VERSION_TABLE,
                "include_schemas": True,
                "include_name": include_name,
                "compare_type": True,
                "compare_server_default": True,
                "target_metadata": metadata,
            },
        )
        return [*compare_metadata(context, metadata), *_wrong_partitions(connection)]


def _wrong_partitions(connection: Connection) -> list[Any]:
    """Tables whose partitions are not those of the metadata: ("partitions", table, wanted, found)."""
    rows = connection.execute(
        text(
            "SELECT p.partrelid::regclass::text, pg_get_partkeydef(p.partrelid), "
            "array_agg(c.relname || ' ' || pg_get_expr(c.relpartbound, c.oid)) "
            "FROM pg_partitioned_table p LEFT JOIN pg_inherits i ON i.inhparent = p.partrelid "
            "LEFT JOIN pg_class c ON c.oid = i.inhrelid GROUP BY p.partrelid"
        )
    ).all()
    found = {name: (key, frozenset(parts)) for name, key, parts in rows}
    wanted = {
        table.fullname: (
            PARTITION_BY,
            frozenset(
                f"{name} FOR VALUES WITH (modulus {PARTITIONS}, remainder {remainder})"
                for remainder, name in enumerate(partitions_of(table))
            ),
        )
        for table in partitioned_tables()
    }
    ours = {name: parts for name, parts in found.items() if name in metadata.tables}
    return [
        ("partitions", name, wanted.get(name), ours.get(name))
        for name in sorted(wanted.keys() | ours.keys())
        if wanted.get(name) != ours.get(name)
    ]
