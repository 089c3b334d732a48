"""Which tables are kept in partitions by municipality, and under which names.

The number was measured (docs/SCALE.md): more partitions make an index of the whole country smaller, fewer make plans
that are not bound to one municipality, and copies of the database, cheaper.
"""

from __future__ import annotations

from sqlalchemy import Table

from geodata.schema.base import metadata

PARTITIONS = 8


def partitioned_tables() -> tuple[Table, ...]:
    """Tables of the metadata that are partitioned, by name."""
    return tuple(
        metadata.tables[name]
        for name in sorted(metadata.tables)
        if metadata.tables[name].dialect_options["postgresql"]["partition_by"]
    )


def partitions_of(table: Table) -> tuple[str, ...]:
    """Names of its partitions, without schema, in the order of their remainders."""
    return tuple(f"{table.name}_p{remainder}" for remainder in range(PARTITIONS))
