"""The upload page: a table of addresses in, the same table with the result's columns out.

Everything here belongs to its owner (the user, and the users of the same office); nothing may be stored or logged.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Request, Response
from starlette.datastructures import UploadFile
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, StreamingResponse

from api import logs
from api.auth import csrf
from api.auth.principals import Principal, signed_in
from api.clock import in_words
from api.jobs import batches
from api.params import No
from api.routes.accounts import NO_STORE, form_of, page
from api.security import refuse_foreign_form
from api.services import Served, Services
from api.uploads import MAX_FILE_BYTES, MEDIA, disposition, preview_of, receive
from geodata import batch_jobs
from geodata.batch_jobs import GONE, Job, Owner
from geodata.database import Audience
from kyodo_geo.errors import ConflictError, FileFormatError, InputError, NotFoundError, StorageFullError

router = APIRouter(include_in_schema=False)

# What stands in the result, for people; the columns themselves: kyodo_geo/lookup/columns.py.
READING = {
    "outcomes": [
        ("one", "1 つに決まった", "案内する（加入は任意）"),
        ("several", "候補がある（1 件でも確かではない）", "候補から選んでもらうか、市に尋ねる"),
        ("none_here", "この場所には登録がない", "市に尋ねる"),
        ("outside_city", "市の外", "その市町村に尋ねる"),
        ("not_understood", "住所を読み取れない", "町名と番地を確かめる"),
    ],
    "columns": [
        ("municipality、town、koaza", "読み取った市、町、小字"),
        ("block、house", "番（または地番）と号（または枝番）"),
        (
            "level",
            "どこまで分かったか（house 号、lot 地番、block 番、chome 丁目、jiwari 地割、koaza 小字、oaza 町・大字）",
        ),
        ("lon、lat、accuracy_m", "位置（経度・緯度）と、その誤差の目安（m）"),
        ("association_id、association_name", "町内会・自治会の番号と名前（1 つに決まったときだけ）"),
        ("basis", "何による結果か（rule 住所の範囲、area 区域の図、memory 物件台帳）"),
        ("confidence", "確からしさ（0〜1）。測られていないときは空"),
        ("candidates", "1 つに決まらないときの候補（番号 名前 | 番号 名前）"),
        ("message", "結果と、次にすること"),
    ],
}

JobId = Annotated[str, Path(pattern=r"^[0-9a-f]{24}$")]
BASE = "/partner/batch"


def owner_of(principal: Principal) -> Owner:
    assert principal.user_id is not None and principal.login is not None
    return Owner(principal.user_id, principal.office_id, principal.login)


async def in_database(services: Services, work: Any, *values: Any, write: bool = False, **named: Any) -> Any:
    """A function of `batch_jobs` in a transaction of its own, in a thread."""

    def run() -> Any:
        opened = services.database.write if write else services.database.read
        with opened(Audience.AUTH) as conn:
            return work(conn, services.settings.municipality, *values, **named)

    return await run_sync(run, limiter=services.limiter)


@router.get(BASE)
async def upload_page(request: Request, services: Served, params: No) -> Response:
    """The form and the files that are here."""
    return await listed(request, services, await signed_in(request))


async def listed(
    request: Request, services: Services, principal: Principal, status: int = 200, error: str | None = None
) -> HTMLResponse:
    found = await in_database(services, batch_jobs.jobs, owner_of(principal))
    return page(
        request, services, "batch.html", status, user=principal, csrf_token=principal.csrf_token,
        jobs=found, error=error, keep_hours=services.settings.batch_keep_hours, max_bytes=MAX_FILE_BYTES,
    )  # fmt: skip


@router.post(BASE)
async def upload(request: Request, services: Served, params: No) -> Response:
    """Take a file in; the column is chosen on the next page."""
    principal = await signed_in(request)
    refuse_foreign_form(request)  # before the body is read
    async with request.form(max_files=1, max_fields=3) as form:
        csrf.check_form(request, form, services.settings, principal)
        given = form.get("file")
        try:
            if not isinstance(given, UploadFile) or not given.filename:
                raise InputError("ファイルを選んでください。", field="file")
            if not given.size:
                raise InputError("ファイルが空です。住所の列がある表を選んでください。", field="file")
            if given.size > MAX_FILE_BYTES:
                raise InputError(f"ファイルは {MAX_FILE_BYTES >> 20} MB までです。", field="file")
            work = (services, owner_of(principal), given.file, given.filename)
            # One file at a time is looked through in a process, like one slice of a batch.
            job_id = await run_sync(receive, *work, limiter=services.batch_limiter)
        except (InputError, FileFormatError, ConflictError, StorageFullError) as error:
            status = {InputError: 400, FileFormatError: 422, ConflictError: 409, StorageFullError: 507}[
                type(error)
            ]
            return await listed(request, services, principal, status, error.message)
    return RedirectResponse(f"{BASE}/{job_id}", 303, NO_STORE)


@router.get(BASE + "/{job_id}")
async def job_page(request: Request, services: Served, job_id: JobId, params: No) -> Response:
    """Choose the column, see how far it is, fetch the result."""
    principal = await signed_in(request)
    job = await in_database(services, batch_jobs.job, owner_of(principal), job_id)
    return await shown(request, services, principal, job)


async def shown(
    request: Request,
    services: Services,
    principal: Principal,
    job: Job,
    status: int = 200,
    error: str | None = None,
) -> HTMLResponse:
    preview = None
    if job.state == "uploaded":
        preview = await run_sync(preview_of, services, job.job_id, limiter=services.limiter)
    return page(
        request, services, "batch_job.html", status, user=principal, csrf_token=principal.csrf_token,
        job=job, preview=preview, error=error, expires=in_words(job.expires_at), mine=job.user_id == principal.user_id,
        keep_hours=services.settings.batch_keep_hours, reading=READING,
    )  # fmt: skip


@router.get(BASE + "/{job_id}/state")
async def state(request: Request, services: Served, job_id: JobId, params: No) -> Response:
    """How far it is, for the page's script."""
    principal = await signed_in(request)
    job = await in_database(services, batch_jobs.job, owner_of(principal), job_id)
    running = job.state in ("waiting", "running")
    facts = {"state": job.state, "running": running, "done": job.done, "rows": job.rows}
    if job.state == "running":
        facts["heading"] = "調べています"
    return JSONResponse(facts, headers=NO_STORE)


@router.post(BASE + "/{job_id}/start")
async def start(request: Request, services: Served, job_id: JobId, params: No) -> Response:
    """Look up the column that was chosen."""
    principal = await signed_in(request)
    form = await form_of(request)
    csrf.check_form(request, form, services.settings, principal)
    owner = owner_of(principal)
    job = await in_database(services, batch_jobs.job, owner, job_id)
    preview = await run_sync(preview_of, services, job_id, limiter=services.limiter)
    column = form.get("column")
    if job.state == "uploaded":
        chosen = isinstance(column, str) and column.isascii() and column.isdigit() and len(column) < 4
        if not chosen or int(str(column)) >= len(preview["header"]):
            return await shown(request, services, principal, job, 400, "住所の列を選んでください。")
        await in_database(
            services, batch_jobs.start, owner, job_id, int(str(column)),
            keep_hours=services.settings.batch_keep_hours, write=True,
        )  # fmt: skip
        try:
            await run_sync(batches.wake, services.settings, limiter=services.limiter)
        except Exception as error:
            # The file waits in its table all the same: the worker looks there every minute.
            logs.SERVICE.warning("worker not told of a file: %s", logs.failure(error))
    return RedirectResponse(f"{BASE}/{job_id}", 303, NO_STORE)


@router.get(BASE + "/{job_id}/result")
async def result(request: Request, services: Served, job_id: JobId, params: No) -> Response:
    """The file with the result's columns, a piece at a time."""
    principal = await signed_in(request)
    owner = owner_of(principal)
    job = await in_database(services, batch_jobs.job, owner, job_id)
    number, length = await in_database(services, batch_jobs.size, job_id, "result")
    if job.state != "done" or not number:
        raise NotFoundError(GONE if job.state == "done" else "結果は、まだできていません。")
    await in_database(services, batch_jobs.fetched, owner, job_id, write=True)

    async def content() -> AsyncIterator[bytes]:
        for at in range(number):
            yield await in_database(services, batch_jobs.piece, job_id, "result", at)

    headers = {**NO_STORE, "Content-Disposition": disposition(job), "Content-Length": str(length)}
    return StreamingResponse(content(), 200, headers, MEDIA[job.kind])


@router.post(BASE + "/{job_id}/delete")
async def delete(request: Request, services: Served, job_id: JobId, params: No) -> Response:
    """Delete the file, its result and all that is known of it."""
    principal = await signed_in(request)
    form = await form_of(request)
    csrf.check_form(request, form, services.settings, principal)
    await in_database(services, batch_jobs.delete, owner_of(principal), job_id, write=True)
    return RedirectResponse(BASE, 303, NO_STORE)
