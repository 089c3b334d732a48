"""Plain table ⇄ partitions by municipality, with everything that stands on it. Migration 0039 has run: this stays as it is.

What a table carries (constraints, indexes, triggers, rights, comments, generated columns) is read from the catalogue and
made again word for word, so that a conversion neither adds to it nor forgets any of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from alembic import op

KEPT = "INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE INCLUDING STATISTICS INCLUDING COMMENTS"
"""Columns in their order with types, collations, NOT NULL, checks and comments; keys and indexes come afterwards."""


@dataclass(frozen=True, slots=True)
class Carried:
    """Statements that give a table of the same name what the former one had besides columns and checks."""

    keys: tuple[str, ...]
    indexes: tuple[str, ...]
    foreign_keys: tuple[str, ...]
    triggers: tuple[str, ...]
    rights: tuple[str, ...]
    comments: tuple[str, ...]
    columns: tuple[str, ...]
    """Names of the columns that are written (not those the database computes)."""


def partition(table: str, number: int) -> None:
    """Turn `schema.table` into `number` hash partitions by municipality, with its rows."""
    carried, name = _carried(table), table.partition(".")[2]
    _run(f"CREATE TABLE {table}_new (LIKE {table} {KEPT}) PARTITION BY HASH (municipality_code)")
    for remainder in range(number):
        _run(
            f"CREATE TABLE {table}_p{remainder} PARTITION OF {table}_new "
            f"FOR VALUES WITH (MODULUS {number}, REMAINDER {remainder})"
        )
    _replace(table, name, carried)
    for remainder in range(number):
        _run(
            f"CREATE TRIGGER whole_table_only BEFORE INSERT OR UPDATE OR DELETE ON {table}_p{remainder} "
            "FOR EACH STATEMENT EXECUTE FUNCTION kyodo.refuse_partition()"
        )


def unite(table: str) -> None:
    """Turn the partitions back into one plain table, with its rows."""
    carried, name = _carried(table), table.partition(".")[2]
    _run(f"CREATE TABLE {table}_new (LIKE {table} {KEPT})")
    _replace(table, name, carried)


def _replace(table: str, name: str, carried: Carried) -> None:
    """Rows over into `table`_new, which then takes the former one's name and all that stood on it."""
    columns = ", ".join(carried.columns)
    _run(f"INSERT INTO {table}_new ({columns}) SELECT {columns} FROM {table}")  # noqa: S608 - names of the catalogue
    # Without CASCADE: whatever else stands on the table (a view of the office's own) stops the migration instead of going.
    _run(f"DROP TABLE {table}")
    _run(f"ALTER TABLE {table}_new RENAME TO {name}")
    for statements in (
        carried.keys, carried.indexes, carried.foreign_keys, carried.triggers, carried.rights, carried.comments,
    ):  # fmt: skip
        for statement in statements:
            _run(statement)
    _run(f"ANALYZE {table}")


def _carried(table: str) -> Carried:
    _refuse_policies(table)
    return Carried(
        keys=_column(
            "SELECT format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid)) "
            "FROM pg_constraint WHERE conrelid = %(t)s::regclass AND contype IN ('p', 'u') ORDER BY conname",
            table,
        ),
        indexes=_column(
            # ON ONLY, as the catalogue writes it of a partitioned table, would leave the index without partitions.
            "SELECT replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') FROM pg_index i WHERE indrelid = %(t)s::regclass "
            "AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.conrelid = i.indrelid) "
            "ORDER BY indexrelid::regclass::text",
            table,
        ),
        foreign_keys=_column(
            "SELECT format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid)) "
            "FROM pg_constraint WHERE conrelid = %(t)s::regclass AND contype = 'f' ORDER BY conname",
            table,
        ),
        triggers=_column(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %(t)s::regclass AND NOT tgisinternal "
            "ORDER BY tgname",
            table,
        ),
        rights=_column(
            """
            SELECT format('GRANT %%s ON %%s TO %%s', string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type),
                          c.oid::regclass, a.grantee::regrole)
            FROM pg_class c, aclexplode(c.relacl) a
            WHERE c.oid = %(t)s::regclass AND a.grantee <> c.relowner AND a.grantee <> 0 GROUP BY c.oid, a.grantee
            UNION ALL
            SELECT format('GRANT %%s (%%I) ON %%s TO %%s', a.privilege_type, attname, attrelid::regclass, a.grantee::regrole)
            FROM pg_attribute, aclexplode(attacl) a WHERE attrelid = %(t)s::regclass AND a.grantee <> 0
            """,
            table,
        ),
        comments=_column(
            "SELECT format('COMMENT ON TABLE %%s IS %%L', oid::regclass, obj_description(oid, 'pg_class')) "
            "FROM pg_class WHERE oid = %(t)s::regclass",
            table,
        ),
        columns=_column(
            "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = %(t)s::regclass AND attnum > 0 "
            "AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
            table,
        ),
    )


def _refuse_policies(table: str) -> None:
    """Row-level security is not carried: no table that is partitioned has any."""
    found = _column(
        "SELECT relname FROM pg_class WHERE oid = %(t)s::regclass AND (relrowsecurity OR EXISTS "
        "(SELECT FROM pg_policy WHERE polrelid = %(t)s::regclass))",
        table,
    )
    if found:
        raise RuntimeError(f"{table} has row-level security, which this migration would lose")


def _column(query: str, table: str) -> tuple[str, ...]:
    return tuple(row[0] for row in _driver().execute(query, {"t": table}).fetchall())


def _run(statement: str) -> None:
    _driver().execute(statement)


def _driver() -> Any:
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    return driver
