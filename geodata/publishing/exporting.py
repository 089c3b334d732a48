"""Make a package of what is published, as one snapshot, selected as the public's own database role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import LiteralString

from psycopg import sql
from psycopg.types.json import Jsonb

from geodata.audit import record
from geodata.database import Audience, Connection, Database, active_generation
from geodata.publishing.answers import acknowledged_tickets, answers_text
from geodata.publishing.decisions import CARRIED, FIGURES, Carried
from geodata.publishing.package import ANSWERS, READ_ME, READ_ME_TEXT, Manifest, Writer
from kyodo_geo.errors import ConflictError

LOCK = "SELECT pg_advisory_xact_lock(hashtext('kyodo.publication'), %s)"


@dataclass(frozen=True, slots=True)
class Exported:
    """A finished package."""

    file: Path
    manifest: Manifest
    key_id: str


def export(
    db: Database,
    municipality: str,
    file: Path,
    private_key: Path,
    *,
    schema: str,
    program: str,
    by: str,
    after: int = 0,
    on_step: Callable[[str], None] | None = None,
) -> Exported:
    """Write the package to `file` (0600), which must not be there yet.

    `after`: the sequence number is higher than this too (a database that was restored has forgotten some). Raises
    `ConflictError` while no generation is active. A number is never used twice, even when the export is interrupted.
    """
    if file.exists():
        raise ConflictError(f"{file} はすでにあります。別の名前を指定してください。")
    number, sequence = _reserve(db, municipality, by=by, after=after)
    with Writer(file) as writer:
        with db.read(Audience.PUBLIC) as conn:
            generation = _begin(conn, municipality)
            writer.text(READ_ME, READ_ME_TEXT)
            for name, columns, question in _parts(conn, municipality):
                if on_step:
                    on_step(name)
                with writer.part(name) as part:
                    part.rows = _copy(conn, question, columns, municipality, part.write)
        with db.read(Audience.STAFF) as conn:
            answers, count = answers_text(conn, municipality)
            acknowledged = acknowledged_tickets(conn, municipality)
        if count:
            writer.text(ANSWERS, answers, rows=count)
        manifest = Manifest(
            municipality, sequence, generation, schema, program,
            datetime.now(UTC).isoformat(timespec="seconds"), writer.parts, acknowledged,
        )  # fmt: skip
        signature, sha256 = writer.finish(manifest, private_key)
    with db.write(Audience.LOADER) as conn:
        conn.execute(
            "UPDATE publication SET key_id = %s, package_sha256 = %s, generation_no = %s, parts = %s "
            "WHERE municipality_code = %s AND publication_no = %s",
            (
                signature.key_id, sha256, generation,
                Jsonb({name: part.sha256 for name, part in manifest.parts.items()}), municipality, number,
            ),
        )  # fmt: skip
        told = {"generation": generation, "rows": manifest.rows, "key": signature.key_id, "sha256": sha256}
        record(conn, municipality, by, "publish.export", str(sequence), told)
    return Exported(file, manifest, signature.key_id)


def _reserve(db: Database, municipality: str, *, by: str, after: int) -> tuple[int, int]:
    with db.write(Audience.LOADER) as conn:
        conn.execute(LOCK, (int(municipality),))
        row = conn.execute(
            "SELECT coalesce(max(publication_no), 0) + 1 AS number, "
            "greatest(coalesce(max(sequence), 0), %s) + 1 AS sequence FROM publication "
            "WHERE municipality_code = %s",
            (after, municipality),
        ).fetchone()
        assert row is not None
        conn.execute(
            "INSERT INTO publication (municipality_code, publication_no, direction, sequence, actor) "
            "VALUES (%s, %s, 'export', %s, %s)",
            (municipality, row["number"], row["sequence"], by),
        )
        return row["number"], row["sequence"]


def _begin(conn: Connection, municipality: str) -> int:
    # One snapshot for all tables; how texts look must not depend on the session.
    conn.execute("SET LOCAL statement_timeout = 0")
    conn.execute("SET LOCAL TimeZone = 'UTC'")
    conn.execute("SET LOCAL DateStyle = 'ISO, YMD'")
    generation = active_generation(conn, municipality)
    if generation is None:
        raise ConflictError("有効な世代がないため、公開用データを作れません。")
    return generation


def _parts(conn: Connection, municipality: str) -> Iterator[tuple[str, tuple[str, ...], LiteralString]]:
    """(name in the package, columns, question) of every part."""
    for table, carried in CARRIED.items():
        plain = table.partition(".")[2]
        if carried.scope != "dataset":
            yield f"data/{plain}.csv", carried.names, selection(table, carried)
            continue
        found = conn.execute(
            f"SELECT DISTINCT dataset_id FROM {table} WHERE municipality_code = %(m)s AND {carried.within} ORDER BY 1",  # noqa: S608
            {"m": municipality},
        )
        for row in found.fetchall():
            question = f"{selection(table, carried)} AND t.dataset_id = {row['dataset_id']:d}"
            yield f"data/{plain}/{row['dataset_id']}.csv", carried.names, question
    for table, (columns, question) in FIGURES.items():
        yield f"figures/{table.partition('.')[2]}.csv", ("municipality_code", *columns.split()), question


def selection(table: str, carried: Carried) -> LiteralString:
    """Rows of a table that go across, in no order."""
    columns = ", ".join("ST_AsText(t.geom, 15) AS geom" if n == "geom" else f"t.{n}" for n in carried.names)
    return f"SELECT {columns} FROM {table} t WHERE t.municipality_code = %(m)s AND {carried.published} AND {carried.within}"  # noqa: S608


def _copy(
    conn: Connection,
    question: LiteralString,
    columns: tuple[str, ...],
    municipality: str,
    write: Callable[[bytes | bytearray | memoryview], None],
) -> int:
    """Send the answer as CSV, ordered by all columns, so that equal rows make equal bytes; how many rows."""
    order = sql.SQL(", ").join(sql.Identifier(name) for name in columns if name != "geom")
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    asked = sql.SQL(question.replace("%(m)s", "{m}")).format(m=sql.Literal(municipality))
    statement = sql.SQL(
        "COPY (SELECT {} FROM ({}) q ORDER BY {}) TO STDOUT (FORMAT csv, HEADER, ENCODING 'UTF8')"
    )
    with conn.cursor() as cursor:
        with cursor.copy(statement.format(listed, asked, order)) as copy:
            for piece in copy:
                write(piece)
        return max(cursor.rowcount, 0)
