"""Read files of records, compare with what is stored, and store them or only say what would change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from geodata.audit import record
from geodata.database import Audience, Connection, Database
from geodata.datasets import require_municipality
from geodata.importing import ImportOptions
from geodata.readers import ReadContext, sources, standard_sets
from geodata.readers.reading import Reading
from geodata.readers.result import LoadReport
from geodata.record_files.kinds import RECORD_KINDS, RecordKind
from geodata.record_files.known import known
from geodata.record_files.locking import lock
from geodata.record_files.row import Read, Row
from kyodo_geo.dates import fiscal_year_of
from kyodo_geo.errors import ConflictError, InputError
from kyodo_geo.quality import Quality

MAX_LISTED = 200
_MARKS = ("quality", "source")


@dataclass(frozen=True, slots=True)
class Change:
    """A row that is added (`before` None), changed, or removed (`after` None); only columns that differ."""

    key: dict[str, Any]
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class RecordsImported:
    """What a file says and what it changes. `changes` are the first 200 of them; `stored` false: only tried."""

    kind: str
    report: LoadReport
    checksum: str
    added: int
    changed: int
    removed: int
    same: int
    changes: tuple[Change, ...]
    stored: bool
    mark: str
    """Changes as soon as any of the changes does: what was looked at is what is stored."""

    def summary_ja(self) -> list[str]:
        """Lines for the person who loads the file."""
        head = f"追加 {self.added:,} 件、変更 {self.changed:,} 件、削除 {self.removed:,} 件、同じ {self.same:,} 件"
        return [*self.report.summary_ja(), head]


class _TriedError(Exception):
    """Ends the transaction of a trial."""


def import_records(
    db: Database,
    municipality: str,
    kind: str,
    files: Sequence[Path],
    options: ImportOptions,
    *,
    source: str,
    by: str,
    quality: Quality = Quality.REAL,
    dry_run: bool = False,
    within: Callable[[Connection, RecordsImported], None] | None = None,
) -> RecordsImported:
    """Read `files` as records of `kind` and store them, all or nothing; with `dry_run` say what would change.

    A value that the file does not state stays as it is stored; a row that is sample data is replaced as a whole, so that
    nothing invented passes for real. `within` is called in the transaction of the storing. Raises `InputError` or
    `FileFormatError` with nothing stored, `ConflictError` for sample data over real ones.
    """
    spec = record_kind(kind)
    if not source.strip():
        raise InputError("データの出典を書いてください。", field="source")
    report, read, checksum = _read(municipality, kind, spec, files, options)
    done: list[RecordsImported] = []
    with suppress(_TriedError), db.write(Audience.STAFF) as conn:
        require_municipality(conn, municipality)
        lock(conn, municipality)
        now = known(conn, municipality)
        rows = _happened(spec, spec.prepare(now, read, report), now.today, report)
        report.rows_loaded = len(rows)
        if not rows:
            raise _nothing(report)
        counts, changes = _store(conn, municipality, spec, _unique(spec, rows, report), quality, source)
        found = RecordsImported(
            kind,
            report,
            checksum,
            *counts,
            changes=tuple(changes[:MAX_LISTED]),
            stored=not dry_run,
            mark=sha256(repr([(c.key, c.before, c.after) for c in changes]).encode()).hexdigest(),
        )
        done.append(found)
        if within is not None:
            within(conn, found)
        if dry_run:
            raise _TriedError
        if found.added or found.changed or found.removed:
            record(
                conn, municipality, by, "records.import", kind,
                {
                    "added": found.added, "changed": found.changed, "removed": found.removed, "source": source,
                    "quality": quality.value, "checksum": checksum,
                },
            )  # fmt: skip
    return done[0]


def record_kind(kind: str) -> RecordKind:
    """The kind; raises `InputError` naming the known ones."""
    if kind not in RECORD_KINDS:
        names = "、".join(f"{name}（{spec.label}）" for name, spec in RECORD_KINDS.items())
        raise InputError(f"記録の種類「{kind[:40]}」はありません。使える種類: {names}", field="kind")
    return RECORD_KINDS[kind]


def _read(
    municipality: str, kind: str, spec: RecordKind, files: Sequence[Path], options: ImportOptions
) -> tuple[LoadReport, list[Read], str]:
    if not files:
        raise InputError("読み込むファイルを指定してください。", field="files")
    if options.format is not None:
        raise InputError("記録の読み込みに、形式（format）の指定は要りません。", field="format")
    before = sources.checksum_before(files)
    with sources.opened(
        files, encoding=options.encoding, layer=(options.mapping or {}).get("layer")
    ) as tables:
        reading = Reading(kind, municipality, tables, ReadContext(), mapping=options.mapping)
        report = reading.report
        read: list[Read] = []
        for table in tables:
            for note in table.notes:
                report.note(note)
            for number, reason in table.broken_rows:
                report.reject(table.source, number, None, None, reason)
            report.rows_read += len(table.frame) + len(table.broken_rows)
            if kind == "shelters":
                standard_sets.shelter_records(reading, table)
            frame = reading.typed(table, spec.fields)
            read += [
                Read(table.source, int(row), values)
                for row, values in zip(frame.index, frame.to_dict("records"), strict=True)
            ]
        if not read:
            raise _nothing(report)
        return report, read, sources.checksum_after(files, before)


SHOWN_REASONS = 5
"""Reasons that are told where nothing could be read; somebody puts all of them right at one go."""


def _nothing(report: LoadReport) -> InputError:
    if report.rejected:
        first = report.rejected[0]
        told = " ".join(rejection.text_ja() for rejection in report.rejected[:SHOWN_REASONS])
        more = len(report.rejected) - SHOWN_REASONS
        return InputError(
            f"読み込める行がありません。{told}{f' ほか {more} 件。' if more > 0 else ''}",
            file=first.file,
            row=first.row,
        )
    return InputError("読み込める行がありません。" + "".join(report.notes), field="files")


def _happened(spec: RecordKind, rows: list[Row], today: date, report: LoadReport) -> list[Row]:
    """Rows of what has been; a day or fiscal year that has not come is left out."""
    if spec.happened is None:
        return rows
    found = []
    for row in rows:
        value = row[spec.happened]
        if isinstance(value, date):
            reason = f"{value:%Y-%m-%d} は、まだ来ていない日です。" if value > today else None
        else:
            reason = f"{value}年度は、まだ始まっていません。" if value > fiscal_year_of(today) else None
        if reason is None:
            found.append(row)
        else:
            report.reject(row["_source"], row["_row"], spec.happened, None, reason)
    return found


def _unique(spec: RecordKind, rows: list[Row], report: LoadReport) -> list[Row]:
    """The first row of each key; others are left out."""
    seen: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        key = tuple(row[column] for column in spec.key)
        if key in seen:
            report.add("duplicates", file=row["_source"], row=row["_row"])
            report.reject(row["_source"], row["_row"], spec.key[-1], None, "同じ行がすでにあります。")
        else:
            seen[key] = row
    report.rows_loaded = len(seen)
    return list(seen.values())


def _store(
    conn: Connection, municipality: str, spec: RecordKind, rows: list[Row], quality: Quality, source: str
) -> tuple[tuple[int, int, int, int], list[Change]]:
    stored = {
        tuple(row[column] for column in spec.key): row for row in _stored(conn, municipality, spec.table)
    }
    changes: list[Change] = []
    added = changed = same = 0
    for row in rows:
        key = tuple(row[column] for column in spec.key)
        before = stored.get(key)
        after = _after(spec, row, before, quality, source)
        differs = {
            name: value for name, value in after.items() if before is None or before.get(name) != value
        }
        if before is not None and not set(differs) - set(_MARKS) and before["quality"] == quality.value:
            same += 1
            continue
        _write(conn, municipality, spec, row, after, differs, new=before is None)
        changes.append(
            Change(
                dict(zip(spec.key, key, strict=True)),
                None if before is None else {name: before.get(name) for name in differs},
                differs,
            )
        )
        added, changed = added + (before is None), changed + (before is not None)
    removed = _remove(conn, municipality, spec, rows, stored, changes)
    return (added, changed, removed, same), changes


def _stored(conn: Connection, municipality: str, table: str) -> list[dict[str, Any]]:
    return conn.execute(
        sql.SQL("SELECT * FROM {} WHERE municipality_code = %s").format(sql.Identifier(table)),
        (municipality,),
    ).fetchall()


def _after(
    spec: RecordKind, row: Row, before: dict[str, Any] | None, quality: Quality, source: str
) -> dict[str, Any]:
    """Columns beside the key as they shall be stored."""
    given = {
        name: value
        for name, value in row.items()
        if name not in spec.key and not name.startswith("_") and value is not None
    }
    if before is None:
        return {**given, "quality": quality.value, "source": source}
    if quality is Quality.SAMPLE and before["quality"] != Quality.SAMPLE.value:
        raise ConflictError("実データの記録を、見本データ（架空）で置き換えることはできません。")
    if before["quality"] == Quality.SAMPLE.value and quality is not Quality.SAMPLE:
        kept = {"municipality_code", "entered_at", *spec.key, *_MARKS}
        given = {**{name: None for name in before if name not in kept}, **given}
    return {**given, "quality": quality.value, "source": source}


def _write(
    conn: Connection, municipality: str, spec: RecordKind, row: Row, after: Row, differs: Row, *, new: bool
) -> None:
    table = sql.Identifier(spec.table)
    keys = [row[column] for column in spec.key]
    try:
        if new:
            columns = ["municipality_code", *spec.key, *after]
            conn.execute(
                sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                    table,
                    sql.SQL(", ").join(map(sql.Identifier, columns)),
                    sql.SQL(", ").join(sql.Placeholder() for _ in columns),
                ),
                (municipality, *keys, *after.values()),
            )
        else:
            conn.execute(
                sql.SQL("UPDATE {} SET {} WHERE municipality_code = %s AND {}").format(
                    table,
                    sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in differs),
                    sql.SQL(" AND ").join(
                        sql.SQL("{} = %s").format(sql.Identifier(name)) for name in spec.key
                    ),
                ),
                (*differs.values(), municipality, *keys),
            )
        if spec.links and row.get("_facility") is not None:
            conn.execute(
                "INSERT INTO facility_building (municipality_code, facility_id, building_id, use_no, floor_area_m2, quality, "
                "source) SELECT %(m)s, %(f)s, %(b)s, 1, %(area)s, %(q)s, %(s)s WHERE NOT EXISTS (SELECT FROM "
                "facility_building WHERE municipality_code = %(m)s AND facility_id = %(f)s AND building_id = %(b)s)",
                {
                    "m": municipality, "f": row["_facility"], "b": row["building_id"],
                    "area": row.get("floor_area_m2"), "q": after["quality"], "s": after["source"],
                },
            )  # fmt: skip
    except (psycopg.errors.IntegrityError, psycopg.DataError) as error:
        raise InputError(
            f"{row['_source']} の {row['_row']} 行目の値が決まりに合いません"
            f"（{error.diag.constraint_name or error.diag.message_primary}）。",
            file=row["_source"],
            row=row["_row"],
        ) from error


def _remove(
    conn: Connection,
    municipality: str,
    spec: RecordKind,
    rows: list[Row],
    stored: dict[tuple[Any, ...], dict[str, Any]],
    changes: list[Change],
) -> int:
    """Take out what the file no longer has of the facilities it names."""
    if not spec.replaces:
        return 0
    named = {tuple(row[column] for column in spec.replaces) for row in rows}
    here = {tuple(row[column] for column in spec.key) for row in rows}
    gone = [
        key
        for key, row in stored.items()
        if key not in here and tuple(row[column] for column in spec.replaces) in named
    ]
    for key in gone:
        conn.execute(
            sql.SQL("DELETE FROM {} WHERE municipality_code = %s AND {}").format(
                sql.Identifier(spec.table),
                sql.SQL(" AND ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in spec.key),
            ),
            (municipality, *key),
        )
        facts = {
            name: value for name, value in stored[key].items() if name not in ("municipality_code", *spec.key)
        }
        changes.append(Change(dict(zip(spec.key, key, strict=True)), facts, None))
    return len(gone)
