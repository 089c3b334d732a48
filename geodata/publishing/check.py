"""Whether a database holds only what the public zone may hold: looked at before it serves, and after each package."""

from __future__ import annotations

from collections.abc import Iterator
from typing import LiteralString

import psycopg

from geodata.database import Audience, Connection, Database
from geodata.publishing.decisions import CARRIED, NEVER
from kyodo_geo.errors import ConflictError

_READERS = (Audience.STAFF, Audience.LOADER, Audience.AUTH)

STAFF_ROLES: LiteralString = "SELECT FROM kyodo.user_role WHERE role <> 'partner'"


def questions() -> Iterator[tuple[str, str, LiteralString]]:
    """(table, what is wrong when there is a row, question without parameters) for all that must not be there."""
    for table in NEVER:
        yield table, "rows", f"SELECT FROM {table}"
    for table, carried in CARRIED.items():
        if carried.published != "true":
            yield (
                table,
                "unpublished rows",
                f"SELECT FROM {table} WHERE NOT ({carried.published})",
            )
        for column in carried.never.split():
            yield table, column, f"SELECT FROM {table} WHERE {column} IS NOT NULL"
        for column, value in carried.replaced.items():
            yield (
                table,
                column,
                f"SELECT FROM {table} WHERE {column} IS DISTINCT FROM {value}",  # noqa: S608
            )
    yield "kyodo.user_role", "roles of staff", STAFF_ROLES


def refuse_internal_data(db: Database) -> None:
    """Raise `ConflictError` naming the tables where something is that the public zone must not hold."""
    wrong: list[str] = []
    asked: set[tuple[str, str]] = set()
    for audience in _READERS:
        with db.write(audience) as conn:
            conn.execute("SET LOCAL default_transaction_read_only = on")
            for table, what, question in questions():
                if (table, what) in asked or not _readable(conn, audience, table):
                    continue
                asked.add((table, what))
                if _found(conn, question):
                    wrong.append(f"{table} ({what})")
    missed = sorted({(table, what) for table, what, _ in questions()} - asked)
    if missed:
        raise ConflictError(
            f"確かめられない表があるため、公開の環境として起動しません: {', '.join(t for t, _ in missed)}"
        )
    _refuse(wrong)


def refuse_in_transaction(conn: psycopg.Connection[dict[str, object]]) -> None:
    """The same as the owner of the tables, within what has just been written."""
    _refuse([f"{table} ({what})" for table, what, question in questions() if _found(conn, question)])


def _refuse(wrong: list[str]) -> None:
    if wrong:
        raise ConflictError(
            "公開の環境（KYODO_ZONE=public）のデータベースに、内部だけのデータが入っています: "
            f"{', '.join(wrong)}。公開の環境には、空のデータベースを使ってください（docs/ZONES.md）。",
            tables=wrong,
        )


def _readable(conn: Connection, audience: Audience, table: str) -> bool:
    row = conn.execute(
        "SELECT has_schema_privilege(%(role)s, split_part(%(table)s, '.', 1), 'USAGE') "
        "AND has_table_privilege(%(role)s, %(table)s, 'SELECT') AS may",
        {"role": audience.value, "table": table},
    ).fetchone()
    return bool(row and row["may"])


def _found(conn: psycopg.Connection[dict[str, object]], question: LiteralString) -> bool:
    return conn.execute(f"{question} LIMIT 1").fetchone() is not None
