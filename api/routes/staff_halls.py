"""The neighbourhood halls in years to come (取組12), for staff. Never stored anywhere."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response

from api.answers import CSV, private
from api.auth.principals import signed_in
from api.reach_pages.hall_outlook import HallsView, halls_view
from api.reach_pages.hall_params import HallsFileParams, HallsParams, fields_of
from api.reach_pages.params import asked, form_of
from api.reach_pages.shelf import Held, held_for
from api.routes.accounts import page
from api.routes.downloads import disposition
from api.services import Served, Services
from api.support.files import table_csv
from geodata.database import Audience
from geodata.queries.generation import Ref, resolve

router = APIRouter(include_in_schema=False)
PATH = "/staff/facilities/halls"
SHOWN = 30
FILES = (
    ("halls", "自治公民館ごとの見通し（CSV）"),
    ("periods", "5年ごとの見通し（CSV）"),
    ("years", "年度別の見通し（CSV）"),
    ("districts", "地区別の表（CSV）"),
    ("without", "自治公民館のない団体（CSV）"),
)


@router.get(PATH)
async def halls_page(request: Request, services: Served, params: Annotated[HallsParams, Query()]) -> Response:
    """Chart, sums, halls, districts, and associations without one."""
    principal = await signed_in(request)
    held = await held_for(services, params.municipality, params.demand)
    ref, found = await run_sync(_read, services, held, params, limiter=services.limiter)
    return page(
        request,
        services,
        "staff_facility_halls.html",
        user=principal,
        csrf_token=principal.csrf_token,
        ref=ref,
        dataset=found.dataset,
        found=found,
        shown=SHOWN,
        ready=held.ready,
        form=form_of(held, params, found.choice, PATH),
        fields=fields_of(params),
        downloads=[
            {"href": f"{PATH}.csv?{urlencode(asked(params, part=part))}", "label": label, "note": "庁内限り"}
            for part, label in FILES
        ],
    )


@router.get(PATH + ".csv")
async def halls_csv(
    request: Request, services: Served, params: Annotated[HallsFileParams, Query()]
) -> Response:
    """One of the tables as a file."""
    await signed_in(request)
    held = await held_for(services, params.municipality, params.demand)
    _, found = await run_sync(_read, services, held, params, limiter=services.limiter)
    body = table_csv(found.part(params.part), found.dataset, found.period)
    return private(body, CSV, disposition(f"halls_{params.part}_{found.rules.base}.csv"))


def _read(services: Services, held: Held, params: HallsParams) -> tuple[Ref, HallsView]:
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, params.municipality or services.settings.municipality)
        return ref, halls_view(conn, ref, held, params)
