"""Datasets: one load of one kind, inactive until a generation names it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from geodata.audit import record
from geodata.database import Audience, Connection, Database, active_generation
from geodata.kind_tables import kind_table
from geodata.rows import carry_over, identifier, insert_frame
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.kinds import KIND_NAMES
from kyodo_geo.quality import Quality

if TYPE_CHECKING:
    from geodata.readers.result import ReadResult


@dataclass(frozen=True, slots=True)
class DatasetMeta:
    """What must be known about a load besides its rows."""

    title: str
    source: str
    quality: Quality
    loaded_by: str
    source_url: str | None = None
    licence: str | None = None
    authority: str | None = None
    as_of: date | None = None
    derived_from: tuple[int, ...] = ()
    notes: tuple[str, ...] = field(default=())
    carry_sample: bool = False
    """Sample records of a file somebody made by hand, to try the service with: the rest is carried over."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Outcome of one load: the dataset's number, rows loaded from the file and rows carried over."""

    dataset_id: int
    kind: str
    rows: int
    carried_over: int


def load(db: Database, municipality: str, result: ReadResult, meta: DatasetMeta) -> Loaded:
    """Store one read file as an inactive dataset, whole or not at all."""
    return load_many(db, municipality, [(result, meta)])[0]


def load_many(
    db: Database, municipality: str, items: Sequence[tuple[ReadResult, DatasetMeta]]
) -> list[Loaded]:
    """Store several read files in one transaction.

    Raises `InputError` when a row contradicts a constraint of the database, `NotFoundError` for an unknown
    municipality; nothing is stored then.
    """
    with db.write(Audience.LOADER) as conn:
        return [insert_dataset(conn, municipality, result, meta) for result, meta in items]


def insert_dataset(conn: Connection, municipality: str, result: ReadResult, meta: DatasetMeta) -> Loaded:
    """The same within a transaction of the caller's."""
    require_municipality(conn, municipality)
    kind = result.kind
    spec = kind_table(kind)
    base = _carried_base(conn, municipality, kind, meta) if spec.carries_over else None
    report = {**result.report.as_dict(), "summary": result.report.summary_ja()}
    if meta.notes:
        report["notes"] = [*report.get("notes", []), *meta.notes]
    try:
        row = conn.execute(
            """
            INSERT INTO dataset (municipality_code, kind, title, source, source_url, licence, authority, as_of,
                                 quality, loaded_by, checksum, row_count, report, derived_from, base_dataset_id)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            RETURNING dataset_id
            """,
            (
                municipality,
                kind,
                meta.title,
                meta.source,
                meta.source_url,
                meta.licence,
                meta.authority,
                meta.as_of or result.as_of,
                meta.quality.value,
                meta.loaded_by,
                result.checksum,
                len(result.frame),
                json.dumps(report, ensure_ascii=False, default=str),
                list(meta.derived_from),
                base,
            ),
        ).fetchone()
        assert row is not None
        dataset_id: int = row["dataset_id"]
        rows = insert_frame(conn, municipality, dataset_id, kind, result.frame)
        carried = carry_over(conn, municipality, kind, base, dataset_id) if base else 0
    except psycopg.errors.IntegrityError as error:
        raise _constraint_message(kind, error) from error
    except psycopg.DataError as error:
        raise InputError(
            f"{KIND_NAMES[kind]}の値をデータベースに格納できません: {error.diag.message_primary}", kind=kind
        ) from error
    details = {"kind": kind, "rows": rows, "carried_over": carried, "quality": meta.quality.value}
    record(conn, municipality, meta.loaded_by, "dataset.load", str(dataset_id), details)
    return Loaded(dataset_id, kind, rows, carried)


def require_municipality(conn: Connection, municipality: str) -> dict[str, Any]:
    """Row of the municipality; raises `NotFoundError`."""
    row = conn.execute("SELECT * FROM municipality WHERE municipality_code = %s", (municipality,)).fetchone()
    if row is None:
        raise NotFoundError(
            f"市区町村コード {municipality} はこのサービスに登録されていません。", municipality=municipality
        )
    return row


def _carried_base(conn: Connection, municipality: str, kind: str, meta: DatasetMeta) -> int | None:
    """Active dataset whose records a partial file leaves untouched; never sample under real data."""
    row = conn.execute(
        """
        SELECT d.dataset_id, d.quality FROM generation_dataset g
        JOIN dataset d USING (municipality_code, dataset_id, kind)
        WHERE g.municipality_code = %s AND g.generation_no = %s AND g.kind = %s
        """,
        (municipality, active_generation(conn, municipality), kind),
    ).fetchone()
    if row is None:
        return None
    # A generated sample is complete in itself: records of an older one would name associations it no longer has.
    samples = (meta.quality is Quality.SAMPLE, row["quality"] == Quality.SAMPLE)
    if any(samples) and not (all(samples) and meta.carry_sample):
        return None
    return int(row["dataset_id"])


def _constraint_message(kind: str, error: psycopg.errors.IntegrityError) -> InputError:
    """A Japanese sentence for what the database refused; its detail names the row."""
    detail = error.diag.message_detail or error.diag.message_primary or ""
    name = KIND_NAMES[kind]
    if isinstance(error, psycopg.errors.ForeignKeyViolation):
        text = f"{name}に、登録されていない番号への参照があります。先に参照先のデータを読み込んでください。（{detail}）"
    elif isinstance(error, psycopg.errors.UniqueViolation):
        text = f"{name}に、同じ行が2回以上あります。（{detail}）"
    elif isinstance(error, psycopg.errors.NotNullViolation):
        text = f"{name}の必須項目「{error.diag.column_name}」が空の行があります。"
    else:
        text = f"{name}の値が決まりに合いません（{error.diag.constraint_name}）。（{detail}）"
    return InputError(text, kind=kind, constraint=error.diag.constraint_name)


def list_datasets(
    conn: Connection, municipality: str, *, kind: str | None = None, staff: bool = False
) -> list[dict[str, Any]]:
    """Datasets, newest first, each with `active` (in the active generation). Reports are for staff."""
    extra = sql.SQL(", d.loaded_by" if staff else "")
    query = sql.SQL(
        """
        SELECT d.dataset_id, d.kind, d.title, d.source, d.source_url, d.licence, d.authority, d.as_of, d.quality,
               d.loaded_at, d.checksum, d.row_count, d.derived_from, d.base_dataset_id,
               g.generation_no IS NOT NULL AS active{extra}
        FROM dataset d
        LEFT JOIN generation_dataset g ON g.municipality_code = d.municipality_code
            AND g.dataset_id = d.dataset_id AND g.generation_no = %(generation)s
        WHERE d.municipality_code = %(m)s AND (%(kind)s::text IS NULL OR d.kind = %(kind)s)
        ORDER BY d.dataset_id DESC
        """
    ).format(extra=extra)
    generation = active_generation(conn, municipality)
    return conn.execute(query, {"m": municipality, "kind": kind, "generation": generation}).fetchall()


def show_dataset(conn: Connection, municipality: str, dataset_id: int) -> dict[str, Any]:
    """One dataset with its stored report (staff or loader only); raises `NotFoundError`."""
    row = conn.execute(
        "SELECT * FROM dataset WHERE municipality_code = %s AND dataset_id = %s", (municipality, dataset_id)
    ).fetchone()
    if row is None:
        raise NotFoundError(f"データセット {dataset_id} はありません。", dataset_id=dataset_id)
    return row


def count_rows(conn: Connection, municipality: str, dataset_id: int, kind: str) -> int:
    """Rows of a dataset as they stand in the table (carried-over ones included)."""
    row = conn.execute(
        sql.SQL("SELECT count(*) AS n FROM {} WHERE municipality_code = %s AND dataset_id = %s").format(
            identifier(kind_table(kind).table)
        ),
        (municipality, dataset_id),
    ).fetchone()
    assert row is not None
    return int(row["n"])
