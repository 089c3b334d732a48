"""Uploaded files of records tried and stored: what was looked at is what is stored, or nothing is.

Runs where uploads of datasets do (`api.jobs.dataset_uploads`): in the worker's child with bounded memory and time.
"""

from __future__ import annotations

import io
import threading
from pathlib import Path
from typing import Any

import orjson

from api.jobs.dataset_uploads import NotOursError, Pulse, options_of
from geodata import dataset_uploads
from geodata.database import Audience, Connection, Database
from geodata.dataset_uploads import Claim
from geodata.record_files import RecordsImported, import_records
from geodata.record_files.findings import record_findings
from kyodo_geo.errors import ConflictError
from kyodo_geo.quality import Quality

OTHERWISE = (
    "確認のあとに、記録がほかの人によって変わりました。何も保存していません。"
    "「もう一度確認する」を押して、変わる内容を見直してください。"
)


def work_records(
    database: Database, taken: Claim, pulse: Pulse, files: list[Path], stop: threading.Event
) -> None:
    """Check, or keep what was checked. Raises what the readers raise, and `ConflictError` for another's change."""
    pulse.say(0)
    seen = _mark(database, taken) if taken.task == "keep" else None
    found: dict[str, Any] = {}

    def within(conn: Connection, done: RecordsImported) -> None:
        if stop.is_set() or pulse.lost:
            raise NotOursError
        if taken.task == "check":
            found.update(record_findings(conn, taken.municipality, done))
            return
        if done.mark != seen:
            raise ConflictError(OTHERWISE)
        if not dataset_uploads.records_kept(conn, taken):
            raise NotOursError

    import_records(
        database,
        taken.municipality,
        taken.kind,
        files,
        options_of(taken),
        source=taken.meta.get("source") or "、".join(taken.file_names),
        by=taken.uploaded_by,
        quality=Quality(taken.meta.get("quality") or Quality.REAL),
        dry_run=taken.task == "check",
        within=within,
    )
    if taken.task == "check":
        content = io.BytesIO(orjson.dumps(found, default=str, option=orjson.OPT_NON_STR_KEYS))
        with database.write(Audience.LOADER) as conn:
            if not dataset_uploads.checked(conn, taken, content):
                raise NotOursError


def _mark(database: Database, taken: Claim) -> str | None:
    """What was shown to the person who said yes."""
    out = io.BytesIO()
    if not dataset_uploads.read_into(database, taken.municipality, taken.upload_id, "findings", 0, out):
        return None
    mark = orjson.loads(out.getvalue()).get("mark")
    return mark if isinstance(mark, str) else None
