"""Files on their way to a dataset: upload, look at what they would give, keep or put right or discard."""

from __future__ import annotations

import io
import secrets
from typing import Annotated, Any

import orjson
from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field
from starlette.responses import JSONResponse, RedirectResponse

from api import logs
from api.answers import CSV, SCRIPT, private
from api.auth import csrf
from api.auth.principals import Principal, signed_in
from api.cache import etag_of
from api.clock import in_words
from api.jobs import dataset_uploads as jobs
from api.params import No, Params
from api.routes.accounts import NO_STORE, form_of, page, text
from api.routes.downloads import disposition
from api.routes.staff_datasets import BASE, Script, user_of
from api.security import refuse_foreign_form
from api.services import Served, Services
from api.staff_datasets import forms, reading
from api.staff_datasets.faults import HEADER, counts_of, faults_of, shown_of, table_rows
from api.tables import rows_to_csv
from geodata import dataset_uploads as uploads
from geodata.database import Audience, Connection
from geodata.dataset_uploads import Upload
from geodata.importing import STEPS
from geodata.trial_findings import FORM
from kyodo_geo.errors import ConflictError, FileFormatError, InputError, NotFoundError
from kyodo_geo.kinds import KIND_NAMES
from kyodo_geo.quality import Quality

router = APIRouter(include_in_schema=False)

UploadId = Annotated[str, Path(pattern=r"^[0-9a-f]{24}$")]
NEW = BASE + "/new"
ONE = BASE + "/uploads/{upload_id}"
REPLACES = "すでに値のある年度が含まれています。置き換えるときは、チェックを入れてから保存してください。"


class NewParams(Params):
    """The kind that is chosen at first."""

    kind: Annotated[str, Field(pattern=r"^[a-z-]{1,40}$")] = ""


def _form_facts(services: Services) -> dict[str, Any]:
    qualities = reading.in_loader(services, reading.qualities_for)
    return {
        "kinds": KIND_NAMES, "formats": forms.formats(), "encodings": forms.ENCODINGS, "qualities": qualities,
        "max_bytes": forms.MAX_BYTES, "max_files": forms.MAX_FILES,
    }  # fmt: skip


async def _new_page(
    request: Request,
    services: Services,
    principal: Principal,
    values: dict[str, str],
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response:
    facts = await run_sync(_form_facts, services, limiter=services.limiter)
    return page(
        request, services, "staff_dataset_new.html", status, **user_of(principal), values=values, errors=errors or {},
        **facts,
    )  # fmt: skip


@router.get(NEW)
async def new_page(request: Request, services: Served, params: Annotated[NewParams, Query()]) -> Response:
    """The form."""
    kind = params.kind if params.kind in KIND_NAMES else ""
    return await _new_page(request, services, await signed_in(request), forms.empty(kind))


@router.post(NEW)
async def upload_files(request: Request, services: Served, params: No) -> Response:
    """Take files in; the worker looks at them."""
    principal = await signed_in(request)
    refuse_foreign_form(request)  # before the body is read
    async with request.form(max_files=forms.MAX_FILES + 1, max_fields=20) as form:
        csrf.check_form(request, form, services.settings, principal)
        given = forms.entered(form)
        errors, status = dict(given.errors), 400
        upload_id = secrets.token_hex(12)
        try:
            files, size = forms.files_of(form)
            if not errors:
                await run_sync(
                    _add, services, principal, upload_id, files, size, given, limiter=services.limiter
                )
        except (InputError, ConflictError) as error:
            errors["files"] = error.message
            status = (
                409
                if isinstance(error, ConflictError)
                else 422
                if isinstance(error, FileFormatError)
                else 400
            )
        if errors:
            return await _new_page(request, services, principal, given.values, status, errors)
    await _wake(services)
    return RedirectResponse(f"{BASE}/uploads/{upload_id}", 303, NO_STORE)


def _add(
    services: Services, principal: Principal, upload_id: str, files: Any, size: int, given: forms.Entered
) -> None:
    code = services.settings.municipality
    with services.database.write(Audience.LOADER) as conn:
        reading.refuse_invented(conn, code, given.kind, given.meta["quality"])
        uploads.add(
            conn, code, upload_id, files, kind=given.kind, size=size, options=given.options, meta=given.meta,
            by=principal.login or "",
        )  # fmt: skip


async def _wake(services: Services) -> None:
    try:
        await run_sync(jobs.wake, services.settings, limiter=services.limiter)
    except Exception as error:
        # The files wait in their table all the same: the worker looks there every minute.
        logs.SERVICE.warning("worker not told of an upload: %s", logs.failure(error))


def _one(services: Services, upload_id: str) -> Upload:
    return reading.in_loader(services, lambda conn, code: uploads.upload(conn, code, upload_id))


def _found(services: Services, upload: Upload) -> dict[str, Any] | None:
    """What the worker found; None after a crash of the server, or where an older version of the worker found it."""
    out = io.BytesIO()
    code = services.settings.municipality
    if not uploads.read_into(services.database, code, upload.upload_id, "findings", 0, out):
        return None
    found: dict[str, Any] = orjson.loads(out.getvalue())
    return found if found.get("form") == FORM else None


def _preview(services: Services, upload: Upload) -> dict[str, Any] | None:
    found = _found(services, upload)
    if found is None:
        return None
    faults = shown_of(faults_of(upload.kind, found["report"]))
    # Before the cache is asked: who waits for it must hold no connection, and who holds it must need none.
    city = reading.in_loader(services, reading.city_outline)
    key = ("staff", "upload-faults", services.settings.municipality, upload.upload_id, upload.version)
    built = services.compared.get_or_make(
        key,
        0,
        lambda: reading.faults_map(services, faults, city, "点検で見つかったところ"),
    )
    return {
        **found, "faults": faults, "counts": counts_of(found["report"]), "map": built,
        "placed": sum(fault.lon is not None for fault in faults),
    }  # fmt: skip


async def _upload_page(
    request: Request,
    services: Services,
    principal: Principal,
    upload_id: str,
    status: int = 200,
    error: str | None = None,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    def work() -> dict[str, Any]:
        upload = _one(services, upload_id)
        preview = _preview(services, upload) if upload.state == "checked" else None
        return {"upload": upload, "preview": preview, **_form_facts(services)}

    found = await run_sync(work, limiter=services.limiter)
    upload, preview = found["upload"], found["preview"]
    quality = upload.meta.get("quality") or "real"
    label = dict(found["qualities"]).get(quality, quality)
    return page(
        request, services, "staff_dataset_upload.html", status, **user_of(principal), **found,
        dataset={"quality": quality, "quality_label": label} if quality != "real" else None,
        kind_label=KIND_NAMES[upload.kind], message=forms.for_page(upload.message or ""), error=error,
        errors=errors or {}, values=values or forms.again(upload), steps=STEPS, expires=in_words(upload.expires_at),
        script_url=f"{BASE}/uploads/{upload_id}/faults.js?v={etag_of(preview['map'].script)}" if preview else None,
    )  # fmt: skip


@router.get(ONE)
async def upload_page(request: Request, services: Served, upload_id: UploadId, params: No) -> Response:
    """How far it is; what was found; what to do."""
    return await _upload_page(request, services, await signed_in(request), upload_id)


@router.get(ONE + "/state")
async def upload_state(request: Request, services: Served, upload_id: UploadId, params: No) -> Response:
    """How far it is, for the page's script."""
    await signed_in(request)
    upload = await run_sync(_one, services, upload_id, limiter=services.limiter)
    words = STEPS[min(upload.step, len(STEPS) - 1)] if upload.state == "running" else "順番を待っています"
    facts = {"running": upload.running, "done": upload.step + (upload.state == "running"), "words": words}
    return JSONResponse(facts, headers=NO_STORE)


@router.get(ONE + "/faults.js")
async def upload_script(
    request: Request, services: Served, upload_id: UploadId, params: Annotated[Script, Query()]
) -> Response:
    """The script of the map of findings."""
    await signed_in(request)

    def work() -> bytes:
        upload = _one(services, upload_id)
        preview = _preview(services, upload) if upload.state == "checked" else None
        if preview is None:
            raise NotFoundError(uploads.GONE)
        script: str = preview["map"].script
        return script.encode()

    return private(await run_sync(work, limiter=services.limiter), SCRIPT)


def _replaces(services: Services, upload_id: str) -> bool:
    """Whether keeping would put other figures in place of a year's that are there already."""
    upload = _one(services, upload_id)
    found = _found(services, upload) if upload.state == "checked" else None
    return bool(found and (found.get("membership") or {}).get("replaced"))


@router.get(ONE + "/faults.csv")
async def upload_faults(request: Request, services: Served, upload_id: UploadId, params: No) -> Response:
    """Everything that was found in the files, with the numbers of page and map."""
    await signed_in(request)

    def work() -> bytes:
        upload = _one(services, upload_id)
        found = _found(services, upload) if upload.state == "checked" else None
        if found is None:
            raise NotFoundError(uploads.GONE)
        credit = ["、".join(upload.file_names), Quality(upload.meta.get("quality") or "real").label]
        rows = table_rows(faults_of(upload.kind, found["report"]), credit)
        return rows_to_csv((*HEADER, "ファイル", "品質"), rows)

    table = await run_sync(work, limiter=services.limiter)
    return Response(table, 200, {**NO_STORE, **disposition(f"upload-{upload_id}-faults.csv")}, media_type=CSV)


async def _change(request: Request, services: Services, upload_id: str, act: str) -> Response:
    principal = await signed_in(request)
    form = await form_of(request)
    csrf.check_form(request, form, services.settings, principal)
    code, by = services.settings.municipality, principal.login or ""
    version = text(form, "version")
    seen = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0
    given = forms.entered(form) if act == "check" else None
    if given is not None and given.errors:
        return await _upload_page(
            request, services, principal, upload_id, 400, values=given.values, errors=given.errors
        )

    if (
        act == "keep"
        and text(form, "replace") != "yes"
        and await run_sync(_replaces, services, upload_id, limiter=services.limiter)
    ):
        return await _upload_page(request, services, principal, upload_id, 400, errors={"replace": REPLACES})

    def work(conn: Connection) -> None:
        if act == "keep":
            uploads.keep(conn, code, upload_id, seen, by=by)
        elif act == "discard":
            uploads.discard(conn, code, upload_id, by=by)
        elif given is not None:
            reading.refuse_invented(conn, code, given.kind, given.meta["quality"])
            uploads.again(
                conn, code, upload_id, seen, kind=given.kind, options=given.options, meta=given.meta, by=by
            )

    def run() -> None:
        with services.database.write(Audience.LOADER) as conn:
            work(conn)

    try:
        await run_sync(run, limiter=services.limiter)
    except ConflictError as error:
        return await _upload_page(
            request, services, principal, upload_id, 409, error=error.message,
            values=given.values if given else None,
        )  # fmt: skip
    if act == "discard":
        return RedirectResponse(BASE, 303, NO_STORE)
    await _wake(services)
    return RedirectResponse(f"{BASE}/uploads/{upload_id}", 303, NO_STORE)


@router.post(ONE + "/check")
async def check_again(request: Request, services: Served, upload_id: UploadId, params: No) -> Response:
    """Read the same files in another way."""
    return await _change(request, services, upload_id, "check")


@router.post(ONE + "/keep")
async def keep_upload(request: Request, services: Served, upload_id: UploadId, params: No) -> Response:
    """Store what was looked at as a dataset."""
    return await _change(request, services, upload_id, "keep")


@router.post(ONE + "/discard")
async def discard_upload(request: Request, services: Served, upload_id: UploadId, params: No) -> Response:
    """Delete the files."""
    return await _change(request, services, upload_id, "discard")
