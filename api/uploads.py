"""An uploaded table on its way in: looked through, its first rows kept for the choice of the column."""

from __future__ import annotations

import io
import secrets
import unicodedata
from pathlib import PurePosixPath, PureWindowsPath
from typing import IO, Any
from urllib.parse import quote

import orjson

from api.looking import look
from api.services import Services
from geodata import batch_jobs
from geodata.batch_jobs import Job, Owner
from geodata.database import Audience

MAX_FILE_BYTES = 20 * 2**20
CHOOSE_MINUTES = 60
"""How long a file waits for its column before it is deleted."""
MEDIA = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def receive(services: Services, owner: Owner, stream: IO[bytes], name: str) -> str:
    """Have an uploaded file looked through and store it; returns its job's id (blocking, seconds for a large workbook).

    Raises FileFormatError for what is no table, ConflictError when the user has too many files here,
    StorageFullError when there is no room for more of anybody's.
    """
    shown = clean_name(name)
    found = look(stream, shown)
    job_id = secrets.token_hex(12)
    with services.database.write(Audience.AUTH) as conn:
        batch_jobs.add(
            conn,
            services.settings.municipality,
            owner,
            job_id,
            stream,
            io.BytesIO(orjson.dumps(found.preview)),
            file_name=shown,
            kind=found.kind,
            rows=found.rows,
            keep_minutes=CHOOSE_MINUTES,
            most=services.settings.batch_store_mb * 2**20,
        )
    return job_id


def preview_of(services: Services, job_id: str) -> dict[str, Any]:
    """Header, first rows and the column that looks like addresses (or None); empty after a crash of the server."""
    out = io.BytesIO()
    found = batch_jobs.read_into(services.database, services.settings.municipality, job_id, "preview", out)
    if not found:
        return {"header": [], "rows": [], "guess": None}
    loaded: dict[str, Any] = orjson.loads(out.getvalue())
    return loaded


def clean_name(name: str) -> str:
    """The file's own name without folders and control characters, at most 80 characters."""
    last = PureWindowsPath(PurePosixPath(name).name).name
    plain = "".join(char for char in last if unicodedata.category(char)[0] != "C").strip(". ")
    return plain[-80:] or "表"


def disposition(job: Job) -> str:
    """Content-Disposition of the result: the file's name with 結果."""
    stem = job.file_name.rpartition(".")[0] or job.file_name
    return f"attachment; filename=\"result.{job.kind}\"; filename*=UTF-8''{quote(f'{stem}_結果.{job.kind}', safe='')}"
