"""Run and check the Alembic migrations; the schema version lives in the database itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, pool

from geodata.schema import SCHEMA, VACANT_SCHEMA, metadata

VERSION_TABLE = "kyodo_schema_version"
_HERE = Path(__file__).resolve().parent


def sqlalchemy_url(url: str) -> str:
    """The same URL for SQLAlchemy on psycopg 3 (libpq's own form names no driver)."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url[len(prefix) :]
    return url


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE / "migrations"))
    return config


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    engine = create_engine(sqlalchemy_url(url), poolclass=pool.NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database to `revision`; creates schemas, tables, roles and rights. `url` is the owner's."""
    with _connection(url) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def downgrade(url: str, revision: str = "base") -> None:
    """Take the schema back; roles stay, because other databases of the server may use them."""
    with _connection(url) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


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
    """Compare our own schemas only; PostGIS, the job tables and the rest of the server are not ours."""
    return name in (SCHEMA, VACANT_SCHEMA) if type_ == "schema" else True


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
        return list(compare_metadata(context, metadata))
