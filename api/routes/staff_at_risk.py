"""Case sheets of associations at risk (取組14): the list, one sheet with its visits and dispatches, paper and file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from api.answers import CSV, Reading, private
from api.auth.principals import signed_in
from api.centres import case_pages, case_visits
from api.centres.at_risk import COLUMNS, SHOWN, Show, cells, listed
from api.centres.case_views import viewed
from api.clock import today
from api.credits import place_credit
from api.edit_forms import PLAIN
from api.paper.serve import PDF, attachment, rendered
from api.params import DistrictNo, No, Params
from api.routes.accounts import page
from api.routes.downloads import disposition
from api.routes.staff_records import EMPTY
from api.services import Served, Services
from api.tables import rows_to_csv
from geodata.database import Audience
from geodata.queries.association_names import district_names
from geodata.queries.generation import resolve

router = APIRouter(include_in_schema=False)

CaseId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,80}$")]
VisitId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,80}$")]
DONE = {
    "open": "見守りの記録を始めました。",
    "correct": "記録を直しました。",
    "visit": "訪問・助言を登録しました。",
    "visit-correct": "訪問・助言を直しました。",
    "visit-withdraw": "訪問・助言を取り消しました。",
    "dispatch": "アドバイザーの派遣を登録しました。",
    "withdraw": "記録を取り消しました。",
}
Done = Literal["open", "correct", "visit", "visit-correct", "visit-withdraw", "dispatch", "withdraw"]


class ListParams(Params):
    """Which lines, and what was just done."""

    show: Show = "needed"
    district: Annotated[DistrictNo | None, EMPTY] = None
    done: Done | None = None


class OneParams(Params):
    """What was just done."""

    done: Done | None = None


class NewParams(Params):
    """For which association."""

    association: Annotated[str | None, Field(pattern=r"^[0-9A-Za-z_-]{1,80}$"), EMPTY] = None


Asked = Annotated[ListParams, Query()]
One = Annotated[OneParams, Query()]


def _with(services: Services, work: Callable[[Reading], Any]) -> Any:
    with services.database.read(Audience.STAFF) as conn:
        return work(Reading(conn, resolve(conn, services.settings.municipality), today(), services))


@router.get("/staff/at-risk")
async def at_risk_list(request: Request, services: Served, params: Asked) -> Response:
    """Associations that need support by the rule, and those with a case sheet."""
    user = await signed_in(request)

    def work(reading: Reading) -> Response:
        found = listed(reading)
        lines = [
            line
            for line in found.lines
            if line.takes(params.show) and params.district in (None, line.district_no)
        ]
        return page(
            request, services, "staff_at_risk.html", ref=reading.ref, dataset=place_credit(reading.conn, reading.ref),
            user=user, csrf_token=user.csrf_token, lines=lines, year=found.fiscal_year, params=params, shown=SHOWN,
            districts=district_names(reading.conn, reading.ref), done=DONE[params.done] if params.done else None,
            running=sum(line.running for line in found.lines), late=sum(line.takes("late") for line in found.lines),
        )  # fmt: skip

    return await run_sync(_with, services, work, limiter=services.limiter)


@router.get("/staff/at-risk.csv")
async def at_risk_file(request: Request, services: Served, params: Asked) -> Response:
    """The same as a file, without names and texts; that it was taken stands in the audit log."""
    user = await signed_in(request)

    def work() -> bytes:
        found = _with(services, listed)
        lines = [
            line
            for line in found.lines
            if line.takes(params.show) and params.district in (None, line.district_no)
        ]
        viewed(services, user, "list", {"rows": len(lines), "show": params.show})
        return rows_to_csv(COLUMNS, map(cells, lines))

    body = await run_sync(work, limiter=services.limiter)
    return private(body, CSV, disposition(f"at-risk_{today():%Y%m%d}.csv"))


@router.get("/staff/at-risk/new")
async def new_case(request: Request, services: Served, params: Annotated[NewParams, Query()]) -> Response:
    """The form of a new sheet, with what the rule says of the association."""
    user = await signed_in(request)
    return await run_sync(
        lambda: case_pages.new_page(request, services, user, PLAIN, params.association),
        limiter=services.limiter,
    )


@router.post("/staff/at-risk/new")
async def open_case(request: Request, services: Served, params: No) -> Response:
    """Begin a sheet."""
    return await case_pages.open_case(request, services)


@router.get("/staff/at-risk/{case_id}")
async def case_page(request: Request, services: Served, case_id: CaseId, params: One) -> Response:
    """One sheet: what is known, visits, dispatches, forms for more, history."""
    user = await signed_in(request)
    done = DONE[params.done] if params.done else None
    return await run_sync(
        lambda: case_pages.case_page(request, services, user, case_id, PLAIN, done), limiter=services.limiter
    )


@router.get("/staff/at-risk/{case_id}/sheet.pdf")
async def case_paper(request: Request, services: Served, case_id: CaseId, params: No) -> Response:
    """The sheet on paper; that it was printed stands in the audit log."""
    user = await signed_in(request)
    html = await run_sync(case_pages.paper, services, case_id, limiter=services.limiter)
    await run_sync(
        viewed, services, user, f"risk-case/{case_id}", {"format": "pdf"}, limiter=services.limiter
    )
    body = await rendered(services, html)
    return private(body, PDF, attachment(f"at-risk-case_{today():%Y%m%d}.pdf"))


@router.post("/staff/at-risk/{case_id}")
async def correct_case(request: Request, services: Served, case_id: CaseId, params: No) -> Response:
    """Put a sheet right, watch on, or close it."""
    return await case_pages.correct_case(request, services, case_id)


@router.post("/staff/at-risk/{case_id}/withdraw")
async def withdraw_case(request: Request, services: Served, case_id: CaseId, params: No) -> Response:
    """Take back a sheet that was begun by mistake."""
    return await case_pages.withdraw_case(request, services, case_id)


@router.post("/staff/at-risk/{case_id}/visits")
async def add_visit(request: Request, services: Served, case_id: CaseId, params: No) -> Response:
    """Enter a visit, a talk or advice."""
    return await case_visits.add_visit(request, services, case_id)


@router.post("/staff/at-risk/{case_id}/dispatches")
async def add_dispatch(request: Request, services: Served, case_id: CaseId, params: No) -> Response:
    """Enter an adviser sent to the association."""
    return await case_visits.add_dispatch(request, services, case_id)


@router.get("/staff/at-risk/{case_id}/visits/{visit_id}")
async def visit_page(
    request: Request, services: Served, case_id: CaseId, visit_id: VisitId, params: One
) -> Response:
    """One visit: its form and its history."""
    user = await signed_in(request)
    return await run_sync(
        lambda: case_visits.visit_page(request, services, user, case_id, visit_id, PLAIN),
        limiter=services.limiter,
    )


@router.post("/staff/at-risk/{case_id}/visits/{visit_id}")
async def correct_visit(
    request: Request, services: Served, case_id: CaseId, visit_id: VisitId, params: No
) -> Response:
    """Put a visit right."""
    return await case_visits.change_visit(request, services, case_id, visit_id, "edit")


@router.post("/staff/at-risk/{case_id}/visits/{visit_id}/withdraw")
async def withdraw_visit(
    request: Request, services: Served, case_id: CaseId, visit_id: VisitId, params: No
) -> Response:
    """Take a visit back."""
    return await case_visits.change_visit(request, services, case_id, visit_id, "withdraw")
