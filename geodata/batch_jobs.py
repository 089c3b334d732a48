"""Uploaded files of addresses: jobs, their owners and their bytes. Audience `AUTH`.

Every function that a person's request reaches takes an `Owner` and finds nothing of anybody else's. The bytes hold
addresses: they stand in an unlogged table, the input is deleted as soon as the result is there, both when they
expire, and none of them is ever written to a log or the audit.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from geodata.audit import record
from geodata.database import Audience, Connection, Database
from kyodo_geo.errors import ConflictError, NotFoundError, StorageFullError
from kyodo_geo.roles import STAFF

PIECE = 1 << 20
MAX_JOBS = 5
"""Files one user may have here at a time."""
MAX_ATTEMPTS = 3
SILENT_MINUTES = 2
"""A running job whose worker has said nothing for so long belongs to nobody."""

GONE = "このファイルはありません。保存期間が過ぎて消えたか、削除されました。"


@dataclass(frozen=True, slots=True)
class Owner:
    """Who may see a job: the user, and the other users of the same office."""

    user_id: int
    office_id: str | None
    login: str


@dataclass(frozen=True, slots=True)
class Job:
    """One job as its owner may see it."""

    job_id: str
    user_id: int
    file_name: str
    kind: str
    rows: int
    column_no: int | None
    state: str
    done: int
    outcomes: Mapping[str, int]
    message: str | None
    created_at: datetime
    expires_at: datetime

    @property
    def running(self) -> bool:
        return self.state in ("waiting", "running")


_COLUMNS = "job_id, user_id, file_name, kind, rows, column_no, state, done, outcomes, message, created_at, expires_at"
_MINE = (
    "municipality_code = %(m)s AND expires_at > now() "
    "AND (user_id = %(user)s OR (office_id IS NOT NULL AND office_id = %(office)s))"
)


def _mine(municipality: str, owner: Owner, **more: Any) -> dict[str, Any]:
    return {"m": municipality, "user": owner.user_id, "office": owner.office_id, **more}


def jobs(conn: Connection, municipality: str, owner: Owner) -> list[Job]:
    """The owner's jobs, newest first."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM batch_job WHERE {_MINE} ORDER BY created_at DESC, job_id",  # noqa: S608
        _mine(municipality, owner),
    )
    return [Job(**row) for row in rows]


def job(conn: Connection, municipality: str, owner: Owner, job_id: str) -> Job:
    """One job of the owner's; raises NotFoundError for everything else."""
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM batch_job WHERE {_MINE} AND job_id = %(job)s",  # noqa: S608
        _mine(municipality, owner, job=job_id),
    ).fetchone()
    if row is None:
        raise NotFoundError(GONE)
    return Job(**row)


def add(
    conn: Connection,
    municipality: str,
    owner: Owner,
    job_id: str,
    stream: IO[bytes],
    preview: IO[bytes],
    *,
    file_name: str,
    kind: str,
    rows: int,
    keep_minutes: int,
    most: int,
) -> None:
    """Enter an uploaded file and the first rows of it (`preview`, JSON).

    Raises ConflictError when the user has too many here already, StorageFullError when everybody's together are more than
    `most` bytes with it.
    """
    conn.execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", (f"batch:{municipality}", owner.user_id))
    held = conn.execute(
        "SELECT count(*) AS n FROM batch_job WHERE municipality_code = %s AND user_id = %s AND expires_at > now()",
        (municipality, owner.user_id),
    ).fetchone()
    if held is not None and held["n"] >= MAX_JOBS:
        raise ConflictError(
            f"預けられるファイルは {MAX_JOBS} 個までです。終わったものを削除してから、もう一度お試しください。"
        )
    taken = conn.execute(
        "SELECT coalesce(sum(octet_length(content)), 0) AS bytes FROM batch_piece"
    ).fetchone()
    if int(taken["bytes"] if taken else 0) + stream.seek(0, io.SEEK_END) > most:
        raise StorageFullError(
            "ファイルを預かる場所がいっぱいです。終わったファイルを削除するか、時間をおいて、もう一度お試しください。"
        )
    conn.execute(
        "INSERT INTO batch_job (municipality_code, job_id, user_id, office_id, file_name, kind, rows, expires_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, now() + make_interval(mins => %s))",
        (municipality, job_id, owner.user_id, owner.office_id, file_name, kind, rows, keep_minutes),
    )
    put(conn, municipality, job_id, "input", stream)
    put(conn, municipality, job_id, "preview", preview)
    record(conn, municipality, owner.login, "batch.upload", job_id, {"rows": rows, "kind": kind})


def start(
    conn: Connection, municipality: str, owner: Owner, job_id: str, column_no: int, *, keep_hours: int
) -> None:
    """Choose the column and let the work begin. Raises NotFoundError, or ConflictError when it has begun already."""
    job(conn, municipality, owner, job_id)
    done = conn.execute(
        f"UPDATE batch_job SET state = 'waiting', column_no = %(column)s, "  # noqa: S608
        f"expires_at = now() + make_interval(hours => %(hours)s) WHERE {_MINE} AND job_id = %(job)s "
        "AND state = 'uploaded'",
        _mine(municipality, owner, job=job_id, column=column_no, hours=keep_hours),
    ).rowcount
    if not done:
        raise ConflictError("このファイルは、すでに調べ始めています。")
    record(conn, municipality, owner.login, "batch.start", job_id)


def delete(conn: Connection, municipality: str, owner: Owner, job_id: str) -> None:
    """Delete a job of the owner's with everything it holds; a worker at it notices and stops."""
    job(conn, municipality, owner, job_id)
    conn.execute(
        f"DELETE FROM batch_job WHERE {_MINE} AND job_id = %(job)s",  # noqa: S608
        _mine(municipality, owner, job=job_id),
    )
    record(conn, municipality, owner.login, "batch.delete", job_id)


def fetched(conn: Connection, municipality: str, owner: Owner, job_id: str) -> None:
    """Write down that the result was fetched."""
    record(conn, municipality, owner.login, "batch.download", job_id, kind="view")


# -- bytes


def put(conn: Connection, municipality: str, job_id: str, part: str, stream: IO[bytes]) -> None:
    """Store a stream from its start, a piece at a time, in place of what was there."""
    conn.execute(
        "DELETE FROM batch_piece WHERE municipality_code = %s AND job_id = %s AND part = %s",
        (municipality, job_id, part),
    )
    stream.seek(0)
    number = 0
    while piece := stream.read(PIECE):
        conn.execute(
            "INSERT INTO batch_piece (municipality_code, job_id, part, piece_no, content) VALUES (%s, %s, %s, %s, %b)",
            (municipality, job_id, part, number, piece),
        )
        number += 1


def size(conn: Connection, municipality: str, job_id: str, part: str) -> tuple[int, int]:
    """(pieces, bytes) of a part; zeros after a crash of the server."""
    row = conn.execute(
        "SELECT count(*) AS pieces, coalesce(sum(octet_length(content)), 0) AS bytes FROM batch_piece "
        "WHERE municipality_code = %s AND job_id = %s AND part = %s",
        (municipality, job_id, part),
    ).fetchone()
    return (0, 0) if row is None else (int(row["pieces"]), int(row["bytes"]))


def piece(conn: Connection, municipality: str, job_id: str, part: str, number: int) -> bytes:
    """One piece; raises NotFoundError when it has been deleted meanwhile."""
    found = conn.execute(
        "SELECT content FROM batch_piece WHERE municipality_code = %s AND job_id = %s AND part = %s AND piece_no = %s",
        (municipality, job_id, part, number),
        binary=True,
    ).fetchone()
    if found is None:
        raise NotFoundError(GONE)
    return bytes(found["content"])


def read_into(database: Database, municipality: str, job_id: str, part: str, out: IO[bytes]) -> bool:
    """Copy the bytes into `out`; False when there are none."""
    with database.read(Audience.AUTH) as conn:
        number, _ = size(conn, municipality, job_id, part)
        for at in range(number):
            out.write(piece(conn, municipality, job_id, part, at))
    return number > 0


# -- the worker


@dataclass(frozen=True, slots=True)
class Claim:
    """A job a worker has taken."""

    municipality: str
    job_id: str
    file_name: str
    column_no: int
    attempts: int
    office_id: str | None = None
    of_staff: bool = False
    login: str = ""


def claim(conn: Connection) -> Claim | None:
    """The oldest job that waits, or whose worker went silent; nobody else gets it."""
    row = conn.execute(
        """
        UPDATE batch_job SET state = 'running', attempts = attempts + 1, touched_at = now(),
               started_at = coalesce(started_at, now())
        WHERE (municipality_code, job_id) = (
            SELECT municipality_code, job_id FROM batch_job
            WHERE expires_at > now() AND (state = 'waiting'
                OR (state = 'running' AND touched_at < now() - make_interval(mins => %s)))
            ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING municipality_code AS municipality, job_id, file_name, column_no, attempts, office_id, EXISTS (
            SELECT FROM user_role r JOIN app_user u USING (municipality_code, user_id)
            WHERE r.municipality_code = batch_job.municipality_code AND r.user_id = batch_job.user_id
              AND u.active AND r.role = ANY(%s)) AS of_staff,
            (SELECT u.login FROM app_user u WHERE u.municipality_code = batch_job.municipality_code
             AND u.user_id = batch_job.user_id) AS login
        """,
        (SILENT_MINUTES, sorted(STAFF)),
    ).fetchone()
    return None if row is None else Claim(**row)


def touch(conn: Connection, taken: Claim, done: int) -> bool:
    """Tell how far the work is; False when it is no longer this worker's (deleted, expired, taken over)."""
    return bool(
        conn.execute(
            "UPDATE batch_job SET done = least(%s, rows), touched_at = now() WHERE municipality_code = %s "
            "AND job_id = %s AND state = 'running' AND attempts = %s AND expires_at > now()",
            (done, taken.municipality, taken.job_id, taken.attempts),
        ).rowcount
    )


def give_back(conn: Connection, taken: Claim) -> None:
    """The worker has to end: another one begins again."""
    conn.execute(
        "UPDATE batch_job SET state = 'waiting', done = 0, attempts = attempts - 1 "
        "WHERE municipality_code = %s AND job_id = %s AND state = 'running' AND attempts = %s",
        (taken.municipality, taken.job_id, taken.attempts),
    )


def finish(
    conn: Connection, taken: Claim, result: IO[bytes], outcomes: Mapping[str, int], *, keep_hours: int
) -> bool:
    """Store the result and delete the input; False when the job is no longer this worker's."""
    done = conn.execute(
        "UPDATE batch_job SET state = 'done', done = rows, outcomes = %s, finished_at = now(), "
        "expires_at = now() + make_interval(hours => %s) "
        "WHERE municipality_code = %s AND job_id = %s AND state = 'running' AND attempts = %s",
        (json.dumps(dict(outcomes)), keep_hours, taken.municipality, taken.job_id, taken.attempts),
    ).rowcount
    if not done:
        return False
    put(conn, taken.municipality, taken.job_id, "result", result)
    _drop_input(conn, taken)
    return True


def fail(conn: Connection, taken: Claim, message: str) -> None:
    """Give up for good: the input is deleted, the owner is told why."""
    done = conn.execute(
        "UPDATE batch_job SET state = 'failed', message = %s, finished_at = now() "
        "WHERE municipality_code = %s AND job_id = %s AND state = 'running' AND attempts = %s",
        (message, taken.municipality, taken.job_id, taken.attempts),
    ).rowcount
    if done:
        _drop_input(conn, taken)


def _drop_input(conn: Connection, taken: Claim) -> None:
    conn.execute(
        "DELETE FROM batch_piece WHERE municipality_code = %s AND job_id = %s AND part <> 'result'",
        (taken.municipality, taken.job_id),
    )


def purge(conn: Connection) -> int:
    """Delete every job past its time, with its bytes; returns how many."""
    return conn.execute("DELETE FROM batch_job WHERE expires_at <= now()").rowcount
