"""Files of the inquiry: sheets out (one, or all in a ZIP), filled sheets in, the letter to who has not answered."""

from __future__ import annotations

from typing import IO

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData, UploadFile
from starlette.responses import StreamingResponse

from api.auth import csrf
from api.auth.principals import signed_in
from api.clock import today
from api.edit_forms import PLAIN, Shown
from api.form_workbooks import workbooks_zip
from api.inquiry import pages, sheets
from api.inquiry.pages import BASE
from api.paper.serve import PDF, attachment, rendered
from api.params import No
from api.plan_reviews.reading import staff_reading
from api.progress.files import XLSX
from api.routes.accounts import NO_STORE
from api.routes.downloads import disposition
from api.routes.staff_inquiries import INQUIRY_ID, DepartmentId, InquiryId
from api.security import refuse_foreign_form
from api.services import Served
from geodata.database import Audience
from geodata.inquiries import answers, rounds
from kyodo_geo.errors import ConflictError, InputError, NotFoundError

router = APIRouter(include_in_schema=False)
MAX_FILES = 60


@router.post(BASE + "/upload")
async def upload_sheets(request: Request, services: Served, params: No) -> Response:
    """Take filled sheets in; each file has its result line."""
    user = await signed_in(request)
    refuse_foreign_form(request)  # before the body is read
    async with request.form(max_files=MAX_FILES, max_fields=5) as form:
        csrf.check_form(request, form, services.settings, user)
        inquiry_id = str(form.get("inquiry") or "")
        if not INQUIRY_ID.fullmatch(inquiry_id):
            raise NotFoundError("この照会はありません。")

        def work() -> Response:
            try:
                code, files = services.settings.municipality, _files(form)
                with services.database.read(Audience.STAFF) as conn:
                    round_ = rounds.one(conn, code, inquiry_id)
                read = sheets.looked_through(round_, files)
                with services.database.write(Audience.STAFF) as conn:
                    told = sheets.take_in(conn, code, inquiry_id, read, actor=user.login or "")
            except NotFoundError:
                raise
            except (InputError, ConflictError) as error:
                status = 409 if isinstance(error, ConflictError) else 400
                shown = Shown(status, "upload", {}, error.message, "files")
                return pages.round_page(request, services, user, inquiry_id, shown)
            return pages.round_page(
                request, services, user, inquiry_id, Shown(200, "upload", {}, extra=told) if told else PLAIN
            )

        # One upload at a time is looked through in a process, like one slice of a batch.
        return await run_sync(work, limiter=services.batch_limiter)


def _files(form: FormData) -> list[tuple[str, IO[bytes]]]:
    found: list[tuple[str, IO[bytes]]] = [
        (value.filename or "", value.file)
        for value in form.getlist("files")
        if isinstance(value, UploadFile) and value.filename
    ]
    if not found:
        raise InputError("ファイルを選んでください。", field="files")
    return found


@router.get(BASE + "/{inquiry_id}/sheets.zip")
async def all_sheets(request: Request, services: Served, inquiry_id: InquiryId, params: No) -> Response:
    """Every department's sheet."""
    await signed_in(request)

    def work() -> list[tuple[str, bytes]]:
        with services.database.read(Audience.STAFF) as conn:
            return sheets.sheets_of(conn, services.settings.municipality, inquiry_id)

    made = await run_sync(work, limiter=services.limiter)
    headers = {**NO_STORE, **disposition(f"inquiry_{today():%Y%m%d}.zip")}
    return StreamingResponse(workbooks_zip(made), 200, headers, "application/zip")


@router.get(BASE + "/{inquiry_id}/{department_id}/sheet.xlsx")
async def one_sheet(
    request: Request, services: Served, inquiry_id: InquiryId, department_id: DepartmentId, params: No
) -> Response:
    """One department's sheet."""
    await signed_in(request)

    def work() -> bytes:
        code = services.settings.municipality
        with services.database.read(Audience.STAFF) as conn:
            round_ = rounds.one(conn, code, inquiry_id)
            items = answers.items(conn, code, inquiry_id, department_id)[department_id]
            known = {sheet["department_id"]: sheet for sheet in rounds.sheets(conn, code, inquiry_id)}
        return sheets.sheet_of(round_, known[department_id], items)

    body = await run_sync(work, limiter=services.limiter)
    return Response(body, 200, {**NO_STORE, **disposition(f"inquiry_{department_id}.xlsx")}, media_type=XLSX)


@router.get(BASE + "/{inquiry_id}/reminder.pdf")
async def reminder(request: Request, services: Served, inquiry_id: InquiryId, params: No) -> Response:
    """A letter to each department that has not answered, a page each."""
    await signed_in(request)

    def work() -> str:
        with staff_reading(services) as reading:
            code = reading.ref.municipality_code
            round_ = rounds.one(reading.conn, code, inquiry_id)
            items = answers.items(reading.conn, code, inquiry_id)
            silent = [
                (sheet, items[sheet["department_id"]])
                for sheet in rounds.sheets(reading.conn, code, inquiry_id)
                if not any(item.answers for item in items[sheet["department_id"]])
            ]
        if not silent:
            raise NotFoundError("すべての課から回答がありました。送る手紙はありません。")
        return services.pages.render(
            "paper/inquiry_reminder.html", path=BASE, ref=reading.ref, dataset=None, html_lang="ja", round=round_, letters=silent,
            printed_on=today(),
        )  # fmt: skip

    html = await run_sync(work, limiter=services.limiter)
    return Response(
        await rendered(services, html),
        200,
        {**NO_STORE, **attachment(f"inquiry-reminder_{today():%Y%m%d}.pdf")},
        media_type=PDF,
    )
