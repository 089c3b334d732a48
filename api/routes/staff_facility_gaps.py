"""Who is out of reach by association, and where groups go when a facility is closed: for staff. Never stored anywhere."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response

from api.answers import CSV, private
from api.auth.principals import signed_in
from api.reach_pages.associations import AssociationGaps, association_gaps
from api.reach_pages.groups import GroupsView, groups_view
from api.reach_pages.params import ReachParams, asked, form_of
from api.reach_pages.shelf import Held, held_for
from api.routes.accounts import page
from api.routes.downloads import disposition
from api.services import Served, Services
from api.support.files import table_csv
from geodata.database import Audience
from geodata.queries.generation import Ref, resolve

router = APIRouter(include_in_schema=False)
PATH = "/staff/facilities/gaps"
GROUPS = "/staff/facilities/groups"
Asked = Annotated[ReachParams, Query()]


@router.get(PATH)
async def gaps_by_association(request: Request, services: Served, params: Asked) -> Response:
    """The table by association."""
    principal = await signed_in(request)
    held = await held_for(services, params.municipality)
    ref, found = await run_sync(_read, services, held, params, limiter=services.limiter)
    given = asked(params)
    query = f"?{urlencode(given)}" if given else ""
    return page(
        request,
        services,
        "staff_facility_gaps.html",
        user=principal,
        csrf_token=principal.csrf_token,
        ref=ref,
        dataset=found.dataset,
        found=found,
        ready=held.ready,
        form=form_of(held, params, found.choice, PATH),
        downloads=[{"href": f"{PATH}.csv{query}", "label": "表（CSV）", "note": "庁内限り"}],
    )


@router.get(PATH + ".csv")
async def gaps_by_association_csv(request: Request, services: Served, params: Asked) -> Response:
    """The same as a file."""
    await signed_in(request)
    held = await held_for(services, params.municipality)
    _, found = await run_sync(_read, services, held, params, limiter=services.limiter)
    body = table_csv(found.table, found.dataset, found.period)
    return private(body, CSV, disposition(f"facility-gaps-associations_{found.choice.year}.csv"))


def _read(services: Services, held: Held, params: ReachParams) -> tuple[Ref, AssociationGaps]:
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, params.municipality or services.settings.municipality)
        return ref, association_gaps(conn, ref, held, params)


@router.get(GROUPS)
async def groups_when_closed(request: Request, services: Served, params: Asked) -> Response:
    """Where the registered groups of each facility find a room."""
    principal = await signed_in(request)
    held = await held_for(services, params.municipality)
    ref, found = await run_sync(_read_groups, services, held, params, limiter=services.limiter)
    given = asked(params)
    query = f"?{urlencode(given)}" if given else ""
    return page(
        request,
        services,
        "staff_facility_groups.html",
        user=principal,
        csrf_token=principal.csrf_token,
        ref=ref,
        dataset=found.dataset,
        found=found,
        form=form_of(held, params, found.choice, GROUPS),
        downloads=[{"href": f"{GROUPS}.csv{query}", "label": "団体別の表（CSV）", "note": "庁内限り"}],
    )


@router.get(GROUPS + ".csv")
async def groups_when_closed_csv(request: Request, services: Served, params: Asked) -> Response:
    """The same as a file."""
    await signed_in(request)
    held = await held_for(services, params.municipality)
    _, found = await run_sync(_read_groups, services, held, params, limiter=services.limiter)
    body = table_csv(found.table, found.dataset, found.period)
    return private(body, CSV, disposition(f"facility-groups_{found.choice.year}.csv"))


def _read_groups(services: Services, held: Held, params: ReachParams) -> tuple[Ref, GroupsView]:
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, params.municipality or services.settings.municipality)
        return ref, groups_view(conn, ref, held, params)
