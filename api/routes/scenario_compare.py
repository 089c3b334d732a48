"""Scenarios side by side: the page and its file. Everybody gets what is published, staff the newest versions, drafts too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response

from api.answers import CSV, HTML, Built, Reading, answer, private
from api.auth.principals import signed_in
from api.clock import today
from api.reach_pages.shelf import Held, held_for
from api.routes.accounts import page
from api.routes.downloads import disposition
from api.routes.facility_scenarios import kept_while
from api.scenario_pages.comparing import chosen, compare_context, compare_csv
from api.scenario_pages.pages import BASE, STAFF_BASE
from api.scenario_pages.params import CompareFileParams, CompareParams
from api.services import Served, Services, services_of
from geodata.database import Audience
from geodata.queries.generation import resolve
from kyodo_geo.errors import NotFoundError

router = APIRouter(include_in_schema=False)
PATH, STAFF_PATH = f"{BASE}/compare", f"{STAFF_BASE}/compare"
T = TypeVar("T")


@router.get(PATH)
async def compare_page(request: Request, params: Annotated[CompareParams, Query()]) -> Response:
    """Two or three beside each other; where nothing is published, the empty list says so."""
    held = await held_for(services_of(request), params.municipality)

    def build(reading: Reading) -> Built:
        ids = chosen(reading, params)
        if not ids:
            from api.scenario_pages.listing import listing

            nothing = listing(reading, held, BASE)
            html = reading.services.pages.render(
                "facility_scenarios.html", path=BASE, ref=reading.ref, dataset=nothing.dataset, found=nothing,
                path_compare=PATH, municipality=params.municipality,
            )  # fmt: skip
            return kept_while(reading, held, html.encode())
        context = compare_context(reading, held, params, ids)
        html = reading.services.pages.render("facility_scenario_compare.html", path=BASE, **context)
        return kept_while(reading, held, html.encode())

    return await answer(request, build, params=params, media_type=HTML)


@router.get(PATH + ".csv")
async def compare_file(request: Request, params: Annotated[CompareFileParams, Query()]) -> Response:
    """The table of differences, or every year of every scenario."""
    held = await held_for(services_of(request), params.municipality)

    def build(reading: Reading) -> Built:
        body, name = compare_csv(reading, held, params)
        return kept_while(reading, held, body, disposition(name))

    return await answer(request, build, params=params, media_type=CSV)


@router.get(STAFF_PATH)
async def staff_compare_page(
    request: Request, services: Served, params: Annotated[CompareParams, Query()]
) -> Response:
    """The newest version of each; nothing of it is kept."""
    user = await signed_in(request)

    def work(reading: Reading, held: Held) -> dict[str, Any]:
        ids = chosen(reading, params)
        if not ids:
            raise NotFoundError("まだ案がありません。案を作ってから比べてください。")
        return compare_context(reading, held, params, ids, for_staff=True)

    found = await _staff(services, params, work)
    return page(
        request, services, "facility_scenario_compare.html", user=user, csrf_token=user.csrf_token, **found
    )


@router.get(STAFF_PATH + ".csv")
async def staff_compare_file(
    request: Request, services: Served, params: Annotated[CompareFileParams, Query()]
) -> Response:
    """Its file."""
    await signed_in(request)

    def work(reading: Reading, held: Held) -> tuple[bytes, str]:
        return compare_csv(reading, held, params, for_staff=True)

    body, name = await _staff(services, params, work)
    return private(body, CSV, disposition(name))


async def _staff(services: Services, params: CompareParams, work: Callable[[Reading, Held], T]) -> T:
    """Read as staff, in a thread."""
    held = await held_for(services, params.municipality)

    def run() -> T:
        with services.database.read(Audience.STAFF) as conn:
            ref = resolve(conn, params.municipality or services.settings.municipality)
            return work(Reading(conn, ref, today(), services), held)

    return await run_sync(run, limiter=services.limiter)
