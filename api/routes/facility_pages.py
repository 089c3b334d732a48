"""施設カルテ: one facility as a page and as a PDF for everybody, and with the staff's part for staff."""

from __future__ import annotations

from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Request, Response

from api import facility_karte, facility_portfolio
from api.answers import HTML, Reading, answer
from api.auth.principals import signed_in
from api.cache import send
from api.clock import today
from api.paper.serve import attachment, kept
from api.params import Data, No
from api.routes.accounts import page
from api.services import Served, Services
from geodata.database import Audience
from geodata.queries import facility_sheet
from geodata.queries.generation import resolve

router = APIRouter(include_in_schema=False)

FacilityId = Annotated[str, Path(pattern=r"^[^/\x00-\x1f]{1,80}$", max_length=80)]


@router.get("/facilities/{facility_id}")
async def facility_page(request: Request, facility_id: FacilityId, params: Data) -> Response:
    """The public part."""

    def build(reading: Reading) -> bytes:
        found = facility_karte.public(reading, facility_id)
        return reading.services.pages.render(
            "facility.html",
            path=f"/facilities/{facility_id}",
            ref=reading.ref,
            dataset=found.dataset,
            karte=found,
            for_staff=False,
            home=reading.ref.municipality_code == reading.services.settings.municipality,
        ).encode()

    return await answer(request, build, params=params, media_type=HTML)


@router.get("/facilities/{facility_id}/sheet.pdf")
async def facility_paper(request: Request, services: Served, facility_id: FacilityId, params: No) -> Response:
    """The public part on paper."""

    def build(reading: Reading) -> str:
        found = facility_karte.public(reading, facility_id)
        return reading.services.pages.render(
            "paper/facility.html",
            path=f"/facilities/{facility_id}",
            ref=reading.ref,
            dataset=found.dataset,
            karte=found,
            html_lang="ja",
            printed_on=reading.on,
        )

    made = await kept(services, ("facility", facility_id), build)
    response = send(request, made)
    response.headers.update(attachment(f"facility_{today():%Y%m%d}.pdf"))
    return response


@router.get("/staff/facilities/portfolio")
async def staff_portfolio(request: Request, services: Served, params: No) -> Response:
    """Facilities in quadrants, kind by kind."""
    user = await signed_in(request)
    found = await run_sync(_portfolio, services, limiter=services.limiter)
    return page(request, services, "staff_portfolio.html", user=user, csrf_token=user.csrf_token, **found)


def _portfolio(services: Services) -> dict[str, Any]:
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        found = facility_portfolio.gather(conn, ref, today())
    return {"ref": ref, "dataset": found.dataset, "kinds": facility_portfolio.pictures(found)}


@router.get("/staff/facilities/{facility_id}")
async def staff_facility(request: Request, services: Served, facility_id: FacilityId, params: No) -> Response:
    """The whole sheet, for staff."""
    user = await signed_in(request)
    found = await run_sync(_whole, services, facility_id, limiter=services.limiter)
    return page(request, services, "facility.html", user=user, csrf_token=user.csrf_token, **found)


def _whole(services: Services, facility_id: str) -> dict[str, Any]:
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        karte = facility_karte.public(Reading(conn, ref, today(), services), facility_id)
        part = facility_sheet.staff_part(conn, ref, karte.found)
    karte.extra.extend(facility_karte.staff(karte.found, part))
    return {"ref": ref, "dataset": karte.dataset, "karte": karte, "for_staff": True, "home": True}
