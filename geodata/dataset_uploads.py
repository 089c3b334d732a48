"""Uploaded files on their way to a dataset, or into dated records: who waits for what, and the bytes. Audience `LOADER`.

States: waiting → running → checked (or refused), then on a person's word waiting → running → done. The files stay
until they have been stored, are discarded, or a day has passed, so that a refused file can be read again with
other options. Their bytes may name persons and reach no log and no audit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from geodata.audit import record
from geodata.database import Audience, Connection, Database
from kyodo_geo.errors import ConflictError, NotFoundError

PIECE = 1 << 20
MAX_UPLOADS = 10
"""Uploads of one municipality that are here at a time."""
MAX_ATTEMPTS = 3
SILENT_MINUTES = 2
"""A running upload whose worker has said nothing for so long belongs to nobody."""
KEEP_HOURS = 24

DATASET, RECORDS = "dataset", "records"
"""What an upload is for; each has pages of its own, and none of them shows the other's."""

GONE = "このアップロードはありません。保存期間（24 時間）が過ぎて消えたか、取りやめられました。"
CHANGED = "このアップロードは、ほかの人が先に進めたか、状態が変わっています。今の状態を確かめてください。"


@dataclass(frozen=True, slots=True)
class Upload:
    """One upload as staff see it."""

    upload_id: str
    kind: str
    file_names: list[str]
    bytes: int
    options: Mapping[str, Any]
    meta: Mapping[str, Any]
    uploaded_by: str
    state: str
    task: str
    step: int
    version: int
    message: str | None
    dataset_ids: list[int]
    created_at: datetime
    expires_at: datetime

    @property
    def running(self) -> bool:
        return self.state in ("waiting", "running")


_COLUMNS = (
    "upload_id, kind, file_names, bytes, options, meta, uploaded_by, state, task, step, version, message, dataset_ids, "
    "created_at, expires_at"
)


def uploads(conn: Connection, municipality: str, target: str = DATASET) -> list[Upload]:
    """Uploads that are here, newest first."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM dataset_upload WHERE municipality_code = %s AND target = %s "  # noqa: S608
        "AND expires_at > now() ORDER BY created_at DESC, upload_id",
        (municipality, target),
    )
    return [Upload(**row) for row in rows]


def upload(conn: Connection, municipality: str, upload_id: str, target: str = DATASET) -> Upload:
    """One of them; raises NotFoundError."""
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM dataset_upload "  # noqa: S608
        "WHERE municipality_code = %s AND upload_id = %s AND target = %s AND expires_at > now()",
        (municipality, upload_id, target),
    ).fetchone()
    if row is None:
        raise NotFoundError(GONE)
    return Upload(**row)


def add(
    conn: Connection,
    municipality: str,
    upload_id: str,
    files: Sequence[tuple[str, IO[bytes]]],
    *,
    kind: str,
    size: int,
    options: Mapping[str, Any],
    meta: Mapping[str, Any],
    by: str,
    target: str = DATASET,
) -> None:
    """Enter files (name, stream), to be checked. Raises ConflictError when too many are here already."""
    conn.execute("SELECT pg_advisory_xact_lock(hashtext('kyodo.dataset_upload'), %s)", (int(municipality),))
    held = conn.execute(
        "SELECT count(*) AS n FROM dataset_upload WHERE municipality_code = %s AND expires_at > now() "
        "AND state <> 'done'",
        (municipality,),
    ).fetchone()
    if held is not None and held["n"] >= MAX_UPLOADS:
        raise ConflictError(
            f"預かっているファイルが {MAX_UPLOADS} 件あります。要らないものを取りやめてから、もう一度お試しください。"
        )
    conn.execute(
        "INSERT INTO dataset_upload (municipality_code, upload_id, target, kind, file_names, bytes, options, meta, "
        "uploaded_by, expires_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, now() + make_interval(hours => %s))",
        (
            municipality, upload_id, target, kind, [name for name, _ in files], size, _json(options), _json(meta), by, KEEP_HOURS,
        ),
    )  # fmt: skip
    for number, (_, stream) in enumerate(files):
        _put(conn, municipality, upload_id, "input", number, stream)
    record(conn, municipality, by, f"{target}.upload", upload_id, {"kind": kind, "bytes": size})


def again(
    conn: Connection,
    municipality: str,
    upload_id: str,
    version: int,
    *,
    kind: str,
    options: Mapping[str, Any],
    meta: Mapping[str, Any],
    by: str,
    target: str = DATASET,
) -> None:
    """Check the same files anew, read in another way. Raises ConflictError when somebody was faster."""
    _move(
        conn, municipality, upload_id, version, ("checked", "refused"), target,
        "task = 'check', kind = %(kind)s, options = %(options)s, meta = %(meta)s",
        kind=kind, options=_json(options), meta=_json(meta),
    )  # fmt: skip
    record(conn, municipality, by, f"{target}.check", upload_id, {"kind": kind})


def keep(
    conn: Connection, municipality: str, upload_id: str, version: int, *, by: str, target: str = DATASET
) -> None:
    """Let what was checked be stored. Raises ConflictError when somebody was faster."""
    _move(conn, municipality, upload_id, version, ("checked",), target, "task = 'keep'")
    record(
        conn,
        municipality,
        by,
        f"{target}.keep",
        upload_id,
        {"kind": upload(conn, municipality, upload_id, target).kind},
    )


def _move(
    conn: Connection,
    municipality: str,
    upload_id: str,
    version: int,
    states: Sequence[str],
    target: str,
    change: str,
    **values: Any,
) -> None:
    upload(conn, municipality, upload_id, target)
    done = conn.execute(
        f"UPDATE dataset_upload SET state = 'waiting', step = 0, attempts = 0, message = NULL, version = version + 1, "  # noqa: S608
        f"expires_at = now() + make_interval(hours => %(hours)s), {change} "
        "WHERE municipality_code = %(m)s AND upload_id = %(id)s AND version = %(version)s AND state = ANY(%(states)s)",
        {"m": municipality, "id": upload_id, "version": version, "states": list(states), "hours": KEEP_HOURS, **values},
    ).rowcount  # fmt: skip
    if not done:
        raise ConflictError(CHANGED)


def discard(conn: Connection, municipality: str, upload_id: str, *, by: str, target: str = DATASET) -> None:
    """Delete an upload with its bytes; a worker at it notices and stores nothing."""
    kind = upload(conn, municipality, upload_id, target).kind
    conn.execute(
        "DELETE FROM dataset_upload WHERE municipality_code = %s AND upload_id = %s",
        (municipality, upload_id),
    )
    record(conn, municipality, by, f"{target}.discard", upload_id, {"kind": kind})


# -- bytes


def _put(
    conn: Connection, municipality: str, upload_id: str, part: str, file_no: int, stream: IO[bytes]
) -> None:
    stream.seek(0)
    number = 0
    while piece := stream.read(PIECE):
        conn.execute(
            "INSERT INTO dataset_upload_piece (municipality_code, upload_id, part, file_no, piece_no, content) "
            "VALUES (%s, %s, %s, %s, %s, %b)",
            (municipality, upload_id, part, file_no, number, piece),
        )
        number += 1


def read_into(
    database: Database, municipality: str, upload_id: str, part: str, file_no: int, out: IO[bytes]
) -> bool:
    """Copy the bytes into `out`, a piece at a time; False when there are none."""
    with database.read(Audience.LOADER) as conn:
        number = 0
        while True:
            row = conn.execute(
                "SELECT content FROM dataset_upload_piece WHERE municipality_code = %s AND upload_id = %s "
                "AND part = %s AND file_no = %s AND piece_no = %s",
                (municipality, upload_id, part, file_no, number),
                binary=True,
            ).fetchone()
            if row is None:
                return number > 0
            out.write(bytes(row["content"]))
            number += 1


# -- the worker


@dataclass(frozen=True, slots=True)
class Claim:
    """An upload a worker has taken."""

    municipality: str
    upload_id: str
    kind: str
    file_names: list[str]
    options: Mapping[str, Any]
    meta: Mapping[str, Any]
    task: str
    attempts: int
    uploaded_by: str
    target: str = DATASET


def claim(conn: Connection) -> Claim | None:
    """The oldest upload that waits, or whose worker went silent; nobody else gets it."""
    row = conn.execute(
        """
        UPDATE dataset_upload SET state = 'running', step = 0, attempts = attempts + 1, touched_at = now()
        WHERE (municipality_code, upload_id) = (
            SELECT municipality_code, upload_id FROM dataset_upload
            WHERE expires_at > now() AND (state = 'waiting'
                OR (state = 'running' AND touched_at < now() - make_interval(mins => %s)))
            ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING municipality_code AS municipality, upload_id, kind, file_names, options, meta, task, attempts,
                  uploaded_by, target
        """,
        (SILENT_MINUTES,),
    ).fetchone()
    return None if row is None else Claim(**row)


_OURS = "municipality_code = %(m)s AND upload_id = %(id)s AND state = 'running' AND attempts = %(attempts)s"


def _ours(taken: Claim, **more: Any) -> dict[str, Any]:
    return {"m": taken.municipality, "id": taken.upload_id, "attempts": taken.attempts, **more}


def touch(conn: Connection, taken: Claim, step: int) -> bool:
    """A sign of life; False when the upload is no longer this worker's (discarded, taken over)."""
    return bool(
        conn.execute(
            f"UPDATE dataset_upload SET step = %(step)s, touched_at = now() WHERE {_OURS}",  # noqa: S608
            _ours(taken, step=step),
        ).rowcount
    )


def give_back(conn: Connection, taken: Claim) -> None:
    """The worker has to end: another one begins again."""
    conn.execute(
        f"UPDATE dataset_upload SET state = 'waiting', step = 0, attempts = attempts - 1 WHERE {_OURS}",  # noqa: S608
        _ours(taken),
    )


def checked(conn: Connection, taken: Claim, findings: IO[bytes]) -> bool:
    """Store what was found (JSON); False when the upload is no longer this worker's."""
    if not _end(conn, taken, "state = 'checked'"):
        return False
    conn.execute(
        "DELETE FROM dataset_upload_piece WHERE municipality_code = %s AND upload_id = %s AND part = 'findings'",
        (taken.municipality, taken.upload_id),
    )
    _put(conn, taken.municipality, taken.upload_id, "findings", 0, findings)
    return True


def kept(conn: Connection, taken: Claim, dataset_ids: Sequence[int]) -> bool:
    """In the transaction that stores the datasets: the upload is done, its files go. False: not this worker's."""
    if not _end(conn, taken, "state = 'done', dataset_ids = %(ids)s", ids=list(dataset_ids)):
        return False
    conn.execute(
        "DELETE FROM dataset_upload_piece WHERE municipality_code = %s AND upload_id = %s",
        (taken.municipality, taken.upload_id),
    )
    return True


def records_kept(conn: Connection, taken: Claim) -> bool:
    """In the transaction of staff that stores the records: the upload is done, its files go. False: not this worker's."""
    row = conn.execute(
        "SELECT end_record_upload(%s, %s, %s) AS done", (taken.municipality, taken.upload_id, taken.attempts)
    ).fetchone()
    return bool(row and row["done"])


def refused(conn: Connection, taken: Claim, message: str) -> None:
    """The files cannot be used as they are; they stay, to be read in another way."""
    _end(conn, taken, "state = 'refused', message = %(message)s", message=message)


def _end(conn: Connection, taken: Claim, change: str, **values: Any) -> int:
    return conn.execute(
        f"UPDATE dataset_upload SET {change}, version = version + 1, finished_at = now() WHERE {_OURS}",  # noqa: S608
        _ours(taken, **values),
    ).rowcount


def purge(conn: Connection) -> int:
    """Delete every upload past its time, with its bytes; returns how many."""
    return conn.execute("DELETE FROM dataset_upload WHERE expires_at <= now()").rowcount


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), ensure_ascii=False)
