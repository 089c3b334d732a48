"""Meetings of the two bodies for staff: what is to be done, and the papers as PDF and workbook."""

from __future__ import annotations

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response

from api.answers import Reading, reading_of
from api.auth.principals import signed_in
from api.clock import today
from api.paper.serve import PDF, attachment, rendered
from api.plan_reviews import papers
from api.plan_reviews.reading import staff_reading
from api.progress import paper
from api.progress.files import XLSX
from api.progress.report import progress
from api.routes.accounts import NO_STORE, page
from api.routes.downloads import disposition
from api.routes.progress import PlanParams, query_of
from api.services import Served
from geodata import body_meetings
from geodata.queries import plans as plan_queries
from kyodo_geo.body_kinds import BODIES, SETTLED, STATES, overdue
from kyodo_geo.dates import fiscal_year_of
from kyodo_geo.plan_years import plan_years

router = APIRouter(include_in_schema=False)
BASE = "/staff/bodies"
MeetingId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
Asked = Annotated[PlanParams, Query()]


def _asked(reading: Reading, params: PlanParams) -> tuple[str | None, int | None]:
    """Plan and year; where no year was asked for, the one that the inquiry begins with, too."""
    if params.fiscal_year is not None:
        return params.plan, params.fiscal_year
    spans = [
        (plan["plan_id"], plan["first_fiscal_year"], plan["last_fiscal_year"])
        for plan in plan_queries.plans(reading.conn, reading.ref)
        if params.plan in (None, plan["plan_id"])
    ]
    return next(iter(plan_years(spans, fiscal_year_of(today()))), (params.plan, None))


@router.get(BASE)
async def bodies_page(request: Request, services: Served, params: Asked) -> Response:
    """The meetings, and everything that is still to be done; plan and year are those of the papers."""
    user = await signed_in(request)

    def work() -> Response:
        with staff_reading(services) as reading:
            code = reading.ref.municipality_code
            meetings = body_meetings.meetings(reading.conn, code)
            actions = body_meetings.actions(reading.conn, code)
            found = progress(reading, *_asked(reading, params))
        return page(
            request, services, "staff_bodies.html", ref=reading.ref, dataset=found.credit(reading.ref.name), user=user,
            meetings=meetings, bodies=dict(BODIES), states=dict(STATES), found=found,
            query=query_of(found, fiscal_year=found.fiscal_year),
            actions=[(one, overdue(one, today())) for one in actions if one["state"] not in SETTLED],
        )  # fmt: skip

    return await run_sync(work, limiter=services.limiter)


@router.get(BASE + "/{meeting_id}/papers.pdf")
async def meeting_papers(
    request: Request, services: Served, meeting_id: MeetingId, params: Asked
) -> Response:
    """The papers of a meeting."""
    await signed_in(request)

    def work() -> tuple[str, str]:
        with staff_reading(services) as reading:
            found = papers.papers(reading, meeting_id, *_asked(reading, params))
            with reading_of(services) as public:
                pictures = paper.pictures(public, found.found.fiscal_year)
            return papers.on_paper(
                reading, found, pictures
            ), f"{found.meeting['body']}_{found.meeting['held_on']:%Y%m%d}"

    html, name = await run_sync(work, limiter=services.limiter)
    body = await rendered(services, html)
    return Response(body, 200, {**NO_STORE, **attachment(f"papers_{name}.pdf")}, media_type=PDF)


@router.get(BASE + "/{meeting_id}/papers.xlsx")
async def meeting_tables(
    request: Request, services: Served, meeting_id: MeetingId, params: Asked
) -> Response:
    """Their tables."""
    await signed_in(request)

    def work() -> tuple[bytes, str]:
        with staff_reading(services) as reading:
            found = papers.papers(reading, meeting_id, *_asked(reading, params))
            body = papers.to_xlsx(found, reading.ref.name)
        return body, f"papers_{found.meeting['body']}_{found.meeting['held_on']:%Y%m%d}.xlsx"

    body, name = await run_sync(work, limiter=services.limiter)
    return Response(body, 200, {**NO_STORE, **disposition(name)}, media_type=XLSX)
