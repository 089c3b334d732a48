"""施設カルテ: one facility as a page and as a PDF for everybody, and with the staff's part for staff."""

from __future__ import annotations

from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Request, Response

from api import facility_karte, facility_portfolio
from api.answers import CSV, HTML, Built, Reading, answer, private
from api.auth.principals import signed_in
from api.cache import send
from api.clock import today
from api.paper.serve import PDF, attachment, kept, rendered
from api.params import Data, No
from api.routes.accounts import NO_STORE, page
from api.routes.downloads import disposition
from api.services import Served, Services
from api.tables import rows_to_csv
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
async def facility_paper(
    request: Request, services: Served, facility_id: FacilityId, params: Data
) -> Response:
    """The public part on paper."""

    def build(reading: Reading) -> str:
        found = facility_karte.public(reading, facility_id)
        return reading.services.pages.render(
            "paper/facility.html",
            path=f"/facilities/{facility_id}",
            ref=reading.ref,
            dataset=found.dataset,
            karte=found,
            for_staff=False,
            html_lang="ja",
            printed_on=reading.on,
        )

    made = await kept(
        services, ("facility", facility_id), build, municipality=params.municipality, as_of=params.as_of
    )
    response = send(request, made)
    response.headers.update(attachment(f"facility_{today():%Y%m%d}.pdf"))
    return response


@router.get("/facilities/{facility_id}/sheet.csv")
async def facility_file(request: Request, facility_id: FacilityId, params: Data) -> Response:
    """The public part as a table."""

    def build(reading: Reading) -> Built:
        return Built(
            _csv(facility_karte.public(reading, facility_id)), disposition(f"facility_{today():%Y%m%d}.csv")
        )

    return await answer(request, build, params=params, media_type=CSV)


def _csv(karte: facility_karte.Karte) -> bytes:
    credit = [str(karte.dataset[key] or "不明") for key in ("quality_label", "as_of", "source", "licence")]
    header = (*facility_karte.HEADINGS, "データの品質", "時点", "出典", "利用条件")
    return rows_to_csv(header, ([*row, *credit] for row in facility_karte.rows(karte)))


@router.get("/staff/facilities/portfolio")
async def staff_portfolio(request: Request, services: Served, params: No) -> Response:
    """Facilities in quadrants, kind by kind."""
    user = await signed_in(request)
    found = await run_sync(_portfolio, services, limiter=services.limiter)
    return page(request, services, "staff_portfolio.html", user=user, csrf_token=user.csrf_token, **found)


def _portfolio(services: Services) -> dict[str, Any]:
    ways = facility_portfolio.ways_of(services)
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        found = facility_portfolio.gather(conn, ref, today(), ways)
    return {
        "ref": ref,
        "dataset": found.dataset,
        "kinds": facility_portfolio.pictures(found),
        "ways": facility_portfolio.WAYS,
    }


@router.get("/staff/facilities/{facility_id}")
async def staff_facility(request: Request, services: Served, facility_id: FacilityId, params: No) -> Response:
    """The whole sheet, for staff."""
    user = await signed_in(request)
    found = await run_sync(_whole, services, facility_id, limiter=services.limiter)
    return page(request, services, "facility.html", user=user, csrf_token=user.csrf_token, **found)


def _whole(services: Services, facility_id: str) -> dict[str, Any]:
    ways = facility_portfolio.ways_of(services)
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        karte = facility_karte.public(Reading(conn, ref, today(), services), facility_id)
        part = facility_sheet.staff_part(conn, ref, karte.found)
        lines = facility_portfolio.gather(conn, ref, today(), ways).kinds
    mine = next((line for _, held in lines for line in held if line.site.id == facility_id), None)
    karte.extra.extend(facility_karte.staff(karte.found, part, mine))
    return {"ref": ref, "dataset": karte.dataset, "karte": karte, "for_staff": True, "home": True}


@router.get("/staff/facilities/{facility_id}/sheet.pdf")
async def staff_paper(request: Request, services: Served, facility_id: FacilityId, params: No) -> Response:
    """The whole sheet on paper, for staff."""
    await signed_in(request)

    def work() -> str:
        found = _whole(services, facility_id)
        return services.pages.render(
            "paper/facility.html",
            path=f"/staff/facilities/{facility_id}",
            html_lang="ja",
            printed_on=today(),
            **found,
        )

    html = await run_sync(work, limiter=services.limiter)
    response = private(await rendered(services, html), PDF)
    response.headers.update(attachment(f"facility_staff_{today():%Y%m%d}.pdf"))
    return response


@router.get("/staff/facilities/{facility_id}/sheet.csv")
async def staff_file(request: Request, services: Served, facility_id: FacilityId, params: No) -> Response:
    """The whole sheet as a table, for staff."""
    await signed_in(request)

    def work() -> bytes:
        return _csv(_whole(services, facility_id)["karte"])

    body = await run_sync(work, limiter=services.limiter)
    name = disposition(f"facility_staff_{today():%Y%m%d}.csv")
    return Response(body, 200, {**NO_STORE, **name}, media_type=CSV)
