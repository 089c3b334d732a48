"""Alembic environment: the connection is handed over by `geodata.migrate`."""

from __future__ import annotations

from alembic import context

from geodata.migrate import VERSION_TABLE, include_name
from geodata.schema import metadata

connection = context.config.attributes.get("connection")
if connection is None:
    raise RuntimeError("run migrations through `kyodo-geo db upgrade` (geodata.migrate.upgrade)")

context.configure(
    connection=connection,
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    include_schemas=True,
    include_name=include_name,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
