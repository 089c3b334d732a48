"""Workbooks of the returns: one or all out, those that come back in, each with its result line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import IO, Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from pydantic import BeforeValidator
from starlette.datastructures import FormData, UploadFile
from starlette.responses import StreamingResponse

from api.answers import private
from api.auth import csrf
from api.auth.principals import Principal, signed_in
from api.clock import today
from api.credits import place_credit
from api.edit_forms import PLAIN, Sent, Shown
from api.errors import problem_of
from api.form_uploads import MAX_BYTES, MAX_FILES
from api.params import DistrictNo, No, Params
from api.return_uploads import LABELS, Outcome, receive_uploaded
from api.return_workbooks import all_workbooks, name_of, return_workbook
from api.routes.accounts import NO_STORE, form_of, page
from api.routes.staff_return import OF, AssociationId
from api.routes.staff_returns import BASE, ONE, Year, own, whole
from api.security import refuse_foreign_form
from api.services import Served, Services
from api.workbooks import XLSX
from geodata import return_feeds, returns
from geodata.database import Audience
from geodata.queries.association_names import district_names
from geodata.queries.generation import Ref, resolve
from geodata.returns import Return, Round
from kyodo_geo.errors import FileFormatError, InputError

router = APIRouter(include_in_schema=False)

EMPTY = BeforeValidator(lambda value: value or None)
UPLOAD = BASE + "/upload"


class FileParams(Params):
    """Which district is chosen at first."""

    district: Annotated[DistrictNo | None, EMPTY] = None


def desk(ref: Ref) -> str:
    """Whom a form says to ask."""
    return " ".join(
        part
        for part in (
            ref.name,
            (ref.contact_department or "").removeprefix(ref.name).strip(),
            ref.contact_phone,
        )
        if part
    )


def files_page(
    request: Request, services: Services, user: Principal, fiscal_year: int, district: int | None = None,
    shown: Shown = PLAIN, outcomes: list[Outcome] | None = None,
) -> Response:  # fmt: skip
    """Forms out and in. `outcomes`: what came of an upload."""
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        found = returns.one_round(conn, ref.municipality_code, fiscal_year)
        known = district_names(conn, ref)
        credit = place_credit(conn, ref)
    return page(
        request, services, "staff_return_files.html", shown.status, ref=ref, dataset=credit, user=user,
        csrf_token=user.csrf_token, own=own(fiscal_year), round=found, shown=shown, district=district, upload=UPLOAD,
        districts=[(no, f"{no} {name}") for no, name in known], outcomes=outcomes, labels=LABELS,
        counted=Counter(item.verdict for item in outcomes or ()), max_files=MAX_FILES, max_mb=MAX_BYTES >> 20,
    )  # fmt: skip


@router.get(ONE + "/files")
async def files(
    request: Request, services: Served, fiscal_year: Year, params: Annotated[FileParams, Query()]
) -> Response:  # fmt: skip
    """Where forms are taken from and brought back to."""
    user = await signed_in(request)
    return await run_sync(
        lambda: files_page(request, services, user, fiscal_year, params.district), limiter=services.limiter
    )


@router.get(OF + "/workbook.xlsx")
async def one_workbook(
    request: Request, services: Served, fiscal_year: Year, association_id: AssociationId, params: No
) -> Response:  # fmt: skip
    """The form of one association."""
    await signed_in(request)

    def build() -> tuple[Return, bytes]:
        code = services.settings.municipality
        with services.database.read(Audience.STAFF) as conn:
            ref = resolve(conn, code)
            row = returns.one(conn, code, fiscal_year, association_id)
            found, secret = (
                returns.one_round(conn, code, fiscal_year),
                returns.form_key(conn, code, fiscal_year),
            )
        return row, return_workbook(row, found, secret, desk(ref))

    row, body = await run_sync(build, limiter=services.limiter)
    return private(body, XLSX, attached(f"return-{fiscal_year}-{association_id}.xlsx", name_of(row)))


def attached(plain: str, name: str) -> dict[str, str]:
    """Content-Disposition with a Japanese file name."""
    from urllib.parse import quote

    return {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "X-Robots-Tag": "noindex",
    }


@router.post(ONE + "/workbooks.zip")
async def workbooks(request: Request, services: Served, fiscal_year: Year, params: No) -> Response:
    """The forms of a round, of a district, or of those who have not answered; told as sent where the form says so."""
    user = await signed_in(request)
    form = await form_of(request)
    csrf.check_form(request, form, services.settings, user)
    sent = Sent(user, form)

    def choose() -> tuple[list[Return], Round, bytes, str] | Response:
        code, district = services.settings.municipality, whole(sent.text("district")) or None
        with services.database.write(Audience.STAFF) as conn:
            ref = resolve(conn, code)
            found = returns.one_round(conn, code, fiscal_year)
            pick = returns.unanswered if sent.text("whose") == "unanswered" else returns.listed
            rows = pick(conn, code, fiscal_year, district=district)
            if not rows:
                error = "あてはまる町内会・自治会がありません。地区か対象を選び直してください。"
                shown = Shown(400, "out", sent.values(), error, "district")
                return files_page(request, services, user, fiscal_year, district, shown)
            secret = returns.form_key(conn, code, fiscal_year)
            return_feeds.workbooks_taken(conn, code, fiscal_year, len(rows), actor=sent.actor)
            if sent.ticked("sent"):
                ids = [row.association_id for row in rows]
                returns.mark_sent(conn, code, fiscal_year, ids, on=today(), actor=sent.actor)
        return rows, found, secret, desk(ref)

    made = await run_sync(choose, limiter=services.limiter)
    if isinstance(made, Response):
        return made
    rows, found, secret, asked = made
    pieces: Iterator[bytes] = all_workbooks(rows, found, secret, asked)
    name = f"年度更新_{fiscal_year}.zip"
    headers = {**NO_STORE, **attached(f"returns-{fiscal_year}.zip", name)}
    return StreamingResponse(pieces, 200, headers, "application/zip")


def _files(form: FormData) -> list[tuple[str, IO[bytes]]]:
    given = [item for item in form.getlist("files") if isinstance(item, UploadFile) and item.filename]
    if not given:
        raise InputError("返ってきた Excel のファイルか ZIP を選んでください。", field="files")
    return [(item.filename or "", item.file) for item in given]


@router.post(UPLOAD)
async def upload(request: Request, services: Served, params: No) -> Response:
    """Take filled forms in; each is kept whole or refused with its reason."""
    user = await signed_in(request)
    refuse_foreign_form(request)  # before the body is read
    async with request.form(max_files=MAX_FILES + 1, max_fields=10) as form:
        csrf.check_form(request, form, services.settings, user)
        sent = Sent(user, form)
        year = whole(sent.text("fiscal_year"))

        def work() -> tuple[list[Outcome], Shown]:
            try:
                # One upload at a time is looked through in a process, like one slice of a batch.
                found = receive_uploaded(
                    services.database, services.settings.municipality, year, _files(form), actor=sent.actor,
                    replace=sent.ticked("replace"),
                )  # fmt: skip
            except (InputError, FileFormatError) as error:
                return [], Shown(
                    problem_of(error).status, "in", {"replace": sent.text("replace")}, error.message, "files"
                )
            with services.database.write(Audience.STAFF) as conn:
                verdicts: Counter[str] = Counter(item.verdict for item in found)
                return_feeds.uploaded(
                    conn, services.settings.municipality, year, dict(verdicts), actor=sent.actor
                )
            return found, PLAIN

        outcomes, shown = await run_sync(work, limiter=services.batch_limiter)
    return await run_sync(
        lambda: files_page(request, services, user, year, None, shown, outcomes or None),
        limiter=services.limiter,
    )
