"""Files of records in the browser: the form, what was found in them, and what the pages show (blocking)."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, TypeVar

import orjson
from starlette.datastructures import FormData

from api.services import Services
from api.staff_datasets.forms import ENCODINGS, MAX_TEXT, Entered, for_page, mapping_of, text_of
from geodata import dataset_uploads as uploads
from geodata.database import Audience, Connection
from geodata.dataset_uploads import RECORDS, Upload
from geodata.record_files.findings import FORM
from geodata.record_files.kinds import RECORD_KINDS
from kyodo_geo.quality import Quality

BASE = "/staff/records/import"
STEPS = ("ファイルを読み、いまの記録と比べています",)
KINDS = {kind: spec.label for kind, spec in RECORD_KINDS.items()}
COLUMNS = [
    (spec.label, [(column.label, column.name, column.required) for column in spec.fields])
    for spec in RECORD_KINDS.values()
]
"""What a file of each kind may hold: (kind, [(heading, its name where columns are mapped, whether it must be there)])."""
QUALITIES = [(Quality.REAL.value, Quality.REAL.label), (Quality.UNOFFICIAL.value, Quality.UNOFFICIAL.label)]
T = TypeVar("T")


def entered(form: FormData) -> Entered:
    """Read the form's texts; with errors they come back to be put right."""
    values = {name: text_of(form, name, MAX_TEXT) for name in ("kind", "source", "encoding", "quality")}
    values["mapping"] = text_of(form, "mapping", 2_000)
    values["quality"] = values["quality"] or Quality.REAL.value
    errors: dict[str, str] = {}
    if values["kind"] not in KINDS:
        errors["kind"] = "記録の種類を選んでください。"
    if values["encoding"] not in ENCODINGS:
        errors["encoding"] = "文字コードを一覧から選んでください。"
    if values["quality"] not in dict(QUALITIES):
        errors["quality"] = "区分を選んでください。"
    if not values["source"].isprintable():
        errors["source"] = "出典に、制御文字など使えない文字が含まれています。"
    mapping = mapping_of(values["mapping"], errors)
    options = {"encoding": values["encoding"] or None, "mapping": mapping}
    meta = {"source": values["source"] or None, "quality": values["quality"]}
    return Entered(values, errors, options, meta)


def empty(kind: str = "") -> dict[str, str]:
    """The form before anything was typed."""
    return {"kind": kind, "source": "", "encoding": "", "mapping": "", "quality": Quality.REAL.value}


def again(upload: Upload) -> dict[str, str]:
    """The form of an upload that is to be read in another way."""
    mapping = upload.options.get("mapping") or {}
    return {
        "kind": upload.kind,
        "source": upload.meta.get("source") or "",
        "quality": upload.meta.get("quality") or Quality.REAL.value,
        "encoding": upload.options.get("encoding") or "",
        "mapping": "\n".join(f"{key}={column}" for key, column in mapping.items()),
    }


def in_loader(services: Services, work: Callable[[Connection, str], T]) -> T:
    """`work(conn, municipality)` in a reading transaction of the role that may see uploads."""
    with services.database.read(Audience.LOADER) as conn:
        return work(conn, services.settings.municipality)


def one(services: Services, upload_id: str) -> Upload:
    """An upload of records; raises NotFoundError."""
    return in_loader(services, lambda conn, code: uploads.upload(conn, code, upload_id, RECORDS))


def waiting(services: Services) -> list[Upload]:
    """Uploads of records that are here."""
    return in_loader(services, lambda conn, code: uploads.uploads(conn, code, RECORDS))


def found(services: Services, upload: Upload) -> dict[str, Any] | None:
    """What the worker found, with the rows that are left out; None where it is no longer here."""
    out = io.BytesIO()
    code = services.settings.municipality
    if not uploads.read_into(services.database, code, upload.upload_id, "findings", 0, out):
        return None
    seen: dict[str, Any] = orjson.loads(out.getvalue())
    return seen if seen.get("form") == FORM else None


def left_out(seen: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """(file, row, column, why) of every row or month that is not read, in the order of the file."""
    report, labels = seen["report"], seen["labels"]
    rows = [
        (item.get("file") or "", item.get("row"), labels.get(item.get("column") or "", item.get("column") or ""),
         for_page(item.get("reason_ja") or ""))
        for item in report.get("rejected") or []
    ]  # fmt: skip
    rows += [
        (
            item.get("file") or "",
            item.get("row"),
            labels.get(item.get("column") or "", ""),
            str(item["value"]),
        )
        for item in report.get("unmatched") or []
        if item.get("value")
    ]
    rows.sort(key=lambda row: (row[0], row[1] or 0))
    return [(file, "" if row is None else str(row), column, why) for file, row, column, why in rows]


def message(upload: Upload) -> str:
    """Why files were refused, in the page's words."""
    return for_page(upload.message or "").replace("kyodo-geo import", "kyodo-geo records import")
