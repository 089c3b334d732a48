"""Files of records in the browser: upload, look at what would change, store or put right or discard."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field
from starlette.responses import JSONResponse, RedirectResponse

from api import logs, record_files
from api.answers import CSV
from api.auth import csrf
from api.auth.principals import Principal, signed_in
from api.clock import in_words
from api.jobs import dataset_uploads as jobs
from api.params import No, Params
from api.record_files import BASE
from api.routes.accounts import NO_STORE, form_of, page, text
from api.routes.downloads import disposition
from api.routes.staff_datasets import user_of
from api.security import refuse_foreign_form
from api.services import Served, Services
from api.staff_datasets import forms
from api.tables import rows_to_csv
from geodata import dataset_uploads as uploads
from geodata.database import Audience, Connection
from geodata.dataset_uploads import RECORDS
from kyodo_geo.errors import ConflictError, FileFormatError, InputError, NotFoundError

router = APIRouter(include_in_schema=False)

UploadId = Annotated[str, Path(pattern=r"^[0-9a-f]{24}$")]
ONE = BASE + "/{upload_id}"
SHOWN = 200
LEFT_OUT = ("ファイル", "行", "列", "理由")


class ImportParams(Params):
    """The kind that is chosen at first."""

    kind: Annotated[str, Field(pattern=r"^[a-z-]{0,40}$")] = ""


def _choices() -> dict[str, Any]:
    return {
        "kinds": record_files.KINDS, "encodings": forms.ENCODINGS, "qualities": record_files.QUALITIES,
        "columns": record_files.COLUMNS, "max_bytes": forms.MAX_BYTES, "max_files": forms.MAX_FILES,
    }  # fmt: skip


async def _new_page(
    request: Request,
    services: Services,
    principal: Principal,
    values: dict[str, str],
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response:
    waiting = await run_sync(record_files.waiting, services, limiter=services.limiter)
    return page(
        request, services, "staff_record_files.html", status, **user_of(principal), values=values, errors=errors or {},
        waiting=waiting, **_choices(),
    )  # fmt: skip


@router.get(BASE)
async def new_page(request: Request, services: Served, params: Annotated[ImportParams, Query()]) -> Response:
    """The form, and the files that wait for a decision."""
    kind = params.kind if params.kind in record_files.KINDS else ""
    return await _new_page(request, services, await signed_in(request), record_files.empty(kind))


@router.post(BASE)
async def upload_files(request: Request, services: Served, params: No) -> Response:
    """Take files in; the worker looks at them."""
    principal = await signed_in(request)
    refuse_foreign_form(request)  # before the body is read
    async with request.form(max_files=forms.MAX_FILES + 1, max_fields=20) as form:
        csrf.check_form(request, form, services.settings, principal)
        given = record_files.entered(form)
        errors, status = dict(given.errors), 400
        upload_id = secrets.token_hex(12)
        try:
            files, size = forms.files_of(form)
            if not errors:
                await run_sync(
                    _add, services, principal, upload_id, files, size, given, limiter=services.limiter
                )
        except (InputError, ConflictError) as error:
            errors["files"] = error.message.replace("kyodo-geo import", "kyodo-geo records import")
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
    return RedirectResponse(f"{BASE}/{upload_id}", 303, NO_STORE)


def _add(
    services: Services, principal: Principal, upload_id: str, files: Any, size: int, given: forms.Entered
) -> None:
    with services.database.write(Audience.LOADER) as conn:
        uploads.add(
            conn, services.settings.municipality, upload_id, files, kind=given.kind, size=size, options=given.options,
            meta=given.meta, by=principal.login or "", target=RECORDS,
        )  # fmt: skip


async def _wake(services: Services) -> None:
    try:
        await run_sync(jobs.wake, services.settings, limiter=services.limiter)
    except Exception as error:
        # The files wait in their table all the same: the worker looks there every minute.
        logs.SERVICE.warning("worker not told of an upload: %s", logs.failure(error))


async def _one_page(
    request: Request,
    services: Services,
    principal: Principal,
    upload_id: str,
    status: int = 200,
    error: str | None = None,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    def work() -> tuple[Any, dict[str, Any] | None]:
        upload = record_files.one(services, upload_id)
        return upload, record_files.found(services, upload) if upload.state in ("checked", "done") else None

    upload, seen = await run_sync(work, limiter=services.limiter)
    left_out = record_files.left_out(seen) if seen else []
    return page(
        request, services, "staff_record_file.html", status, **user_of(principal), upload=upload, seen=seen,
        left_out=left_out[:SHOWN], left_out_total=len(left_out), kind_label=record_files.KINDS.get(upload.kind, upload.kind),
        message=record_files.message(upload), error=error, errors=errors or {}, values=values or record_files.again(upload),
        steps=record_files.STEPS, expires=in_words(upload.expires_at), **_choices(),
    )  # fmt: skip


@router.get(ONE)
async def upload_page(request: Request, services: Served, upload_id: UploadId, params: No) -> Response:
    """How far it is; what would change; what to do."""
    return await _one_page(request, services, await signed_in(request), upload_id)


@router.get(ONE + "/state")
async def upload_state(request: Request, services: Served, upload_id: UploadId, params: No) -> Response:
    """How far it is, for the page's script."""
    await signed_in(request)
    upload = await run_sync(record_files.one, services, upload_id, limiter=services.limiter)
    words = record_files.STEPS[0] if upload.state == "running" else "順番を待っています"
    facts = {"running": upload.running, "done": int(upload.state == "running"), "words": words}
    return JSONResponse(facts, headers=NO_STORE)


@router.get(ONE + "/left-out.csv")
async def left_out_file(request: Request, services: Served, upload_id: UploadId, params: No) -> Response:
    """Every row that is not read, with its reason."""
    await signed_in(request)

    def work() -> bytes:
        upload = record_files.one(services, upload_id)
        seen = record_files.found(services, upload) if upload.state in ("checked", "done") else None
        if seen is None:
            raise NotFoundError(uploads.GONE)
        return rows_to_csv(LEFT_OUT, record_files.left_out(seen))

    body = await run_sync(work, limiter=services.limiter)
    return Response(body, 200, {**NO_STORE, **disposition(f"records-{upload_id}.csv")}, media_type=CSV)


async def _change(request: Request, services: Services, upload_id: str, act: str) -> Response:
    principal = await signed_in(request)
    form = await form_of(request)
    csrf.check_form(request, form, services.settings, principal)
    code, by = services.settings.municipality, principal.login or ""
    version = text(form, "version")
    seen = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0
    given = record_files.entered(form) if act == "check" else None
    if given is not None and given.errors:
        return await _one_page(
            request, services, principal, upload_id, 400, values=given.values, errors=given.errors
        )

    def work(conn: Connection) -> None:
        if act == "keep":
            uploads.keep(conn, code, upload_id, seen, by=by, target=RECORDS)
        elif act == "discard":
            uploads.discard(conn, code, upload_id, by=by, target=RECORDS)
        elif given is not None:
            uploads.again(
                conn, code, upload_id, seen, kind=given.kind, options=given.options, meta=given.meta, by=by, target=RECORDS
            )  # fmt: skip

    def run() -> None:
        with services.database.write(Audience.LOADER) as conn:
            work(conn)

    try:
        await run_sync(run, limiter=services.limiter)
    except ConflictError as error:
        return await _one_page(
            request, services, principal, upload_id, 409, error=error.message,
            values=given.values if given else None,
        )  # fmt: skip
    if act == "discard":
        return RedirectResponse(BASE, 303, NO_STORE)
    await _wake(services)
    return RedirectResponse(f"{BASE}/{upload_id}", 303, NO_STORE)


@router.post(ONE + "/check")
async def check_again(request: Request, services: Served, upload_id: UploadId, params: No) -> Response:
    """Read the same files in another way."""
    return await _change(request, services, upload_id, "check")


@router.post(ONE + "/keep")
async def keep_upload(request: Request, services: Served, upload_id: UploadId, params: No) -> Response:
    """Store what was looked at."""
    return await _change(request, services, upload_id, "keep")


@router.post(ONE + "/discard")
async def discard_upload(request: Request, services: Served, upload_id: UploadId, params: No) -> Response:
    """Delete the files."""
    return await _change(request, services, upload_id, "discard")
