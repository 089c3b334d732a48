"""「この施設を閉じる」: the page and the sheet, for everybody without the groups and for staff with them."""

from __future__ import annotations

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response

from api.answers import HTML, Built, Reading, answer, private
from api.auth.principals import signed_in
from api.cache import send
from api.clock import today
from api.close_sheet.params import CloseParams
from api.close_sheet.sheet import CloseSheet, close_sheet, on_one_page
from api.paper.serve import PDF, attachment, kept, rendered
from api.reach_pages.shelf import Held, held_for
from api.routes.accounts import page
from api.routes.facility_pages import FacilityId
from api.services import Served, Services, services_of
from geodata.database import Audience
from geodata.queries.generation import resolve

router = APIRouter(include_in_schema=False)

Asked = Annotated[CloseParams, Query()]
STAFF_PAGE = "/staff/facilities/{facility_id}/close"
PUBLIC_PAGE = "/facilities/{facility_id}/close"


@router.get(PUBLIC_PAGE)
async def close_page(request: Request, facility_id: FacilityId, params: Asked) -> Response:
    """What closing means, without the registered groups."""
    held = await held_for(services_of(request), None)

    def build(reading: Reading) -> Built:
        found = close_sheet(reading, held, facility_id, params, for_staff=False)
        html = reading.services.pages.render(
            "facility_close.html", path=f"/facilities/{facility_id}/close", ref=reading.ref, dataset=found.dataset,
            sheet=found, base=f"/facilities/{facility_id}",
        )  # fmt: skip
        return Built(html.encode(), keep=held.ready and held.revision == reading.ref.revision)

    return await answer(request, build, params=params, media_type=HTML)


@router.get(PUBLIC_PAGE + ".pdf")
async def close_paper(request: Request, services: Served, facility_id: FacilityId, params: Asked) -> Response:
    """The same on one A4 page."""
    held = await held_for(services, None)

    def build(reading: Reading) -> str:
        return _html(reading, on_one_page(close_sheet(reading, held, facility_id, params, for_staff=False)))

    key = ("close", facility_id, *params.model_dump().values(), held.input_hash, held.ready)
    made = await kept(services, key, build)
    response = send(request, made)
    response.headers.update(attachment(_name(params)))
    return response


@router.get(STAFF_PAGE)
async def staff_close_page(
    request: Request, services: Served, facility_id: FacilityId, params: Asked
) -> Response:
    """With the registered groups."""
    user = await signed_in(request)
    held = await held_for(services, None)

    def work() -> Response:
        with services.database.read(Audience.STAFF) as conn:
            reading = Reading(conn, resolve(conn, services.settings.municipality), today(), services)
            found = close_sheet(reading, held, facility_id, params, for_staff=True)
        return page(
            request, services, "facility_close.html", user=user, csrf_token=user.csrf_token, ref=reading.ref,
            dataset=found.dataset, sheet=found, base=f"/staff/facilities/{facility_id}",
        )  # fmt: skip

    return await run_sync(work, limiter=services.limiter)


@router.get(STAFF_PAGE + ".pdf")
async def staff_close_paper(
    request: Request, services: Served, facility_id: FacilityId, params: Asked
) -> Response:
    """The same on one A4 page; nobody keeps it."""
    await signed_in(request)
    held = await held_for(services, None)
    html = await run_sync(_staff_html, services, held, facility_id, params, limiter=services.limiter)
    return private(await rendered(services, html), PDF, attachment(_name(params)))


def _staff_html(services: Services, held: Held, facility_id: str, params: CloseParams) -> str:
    with services.database.read(Audience.STAFF) as conn:
        reading = Reading(conn, resolve(conn, services.settings.municipality), today(), services)
        found = on_one_page(close_sheet(reading, held, facility_id, params, for_staff=True))
    return _html(reading, found)


def _html(reading: Reading, found: CloseSheet) -> str:
    return reading.services.pages.render(
        "paper/close.html", path="/facilities", ref=reading.ref, dataset=found.dataset, html_lang="ja", sheet=found,
        printed_on=reading.on,
    )  # fmt: skip


def _name(params: CloseParams) -> str:
    year = f"_{params.year}" if params.year is not None else ""
    return f"close{year}_{today():%Y%m%d}.pdf"
