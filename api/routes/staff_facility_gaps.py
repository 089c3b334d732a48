"""Who is out of reach by association, and where groups go when a facility is closed: for staff. Never stored anywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal
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
from geodata.database import Audience, Connection
from geodata.queries.generation import Ref, resolve

router = APIRouter(include_in_schema=False)
PATH = "/staff/facilities/gaps"
GROUPS = "/staff/facilities/groups"
Asked = Annotated[ReachParams, Query()]
PARTS = (
    ("associations", "町内会・自治会別の表（CSV）"),
    ("figures", "町内会・自治会別のすべての項目（CSV）"),
    ("districts", "自治公民館による違いの表（CSV）"),
    ("halls", "自治公民館の名簿（CSV）"),
)


class FileParams(ReachParams):
    """The same for files; `part` says which table."""

    part: Literal["associations", "figures", "districts", "halls"] = "associations"


View = Callable[[Connection, Ref, Held, ReachParams], AssociationGaps | GroupsView]


@router.get(PATH)
async def gaps_by_association(request: Request, services: Served, params: Asked) -> Response:
    """The table by association."""
    return await _page(request, services, params, association_gaps, "staff_facility_gaps.html", PATH, PARTS)


@router.get(PATH + ".csv")
async def gaps_by_association_csv(
    request: Request, services: Served, params: Annotated[FileParams, Query()]
) -> Response:
    """The same as a file."""
    return await _file(request, services, params, association_gaps, "facility-gaps", params.part)


@router.get(GROUPS)
async def groups_when_closed(request: Request, services: Served, params: Asked) -> Response:
    """Where the registered groups of each facility find a room."""
    return await _page(
        request,
        services,
        params,
        groups_view,
        "staff_facility_groups.html",
        GROUPS,
        (("", "団体別の表（CSV）"),),
    )


@router.get(GROUPS + ".csv")
async def groups_when_closed_csv(request: Request, services: Served, params: Asked) -> Response:
    """The same as a file."""
    return await _file(request, services, params, groups_view, "facility-groups")


async def _page(
    request: Request,
    services: Services,
    params: ReachParams,
    view: View,
    template: str,
    path: str,
    parts: tuple[tuple[str, str], ...],
) -> Response:
    principal = await signed_in(request)
    held = await held_for(services, params.municipality, params.demand)
    ref, found = await run_sync(_read, services, held, params, view, limiter=services.limiter)
    return page(
        request,
        services,
        template,
        user=principal,
        csrf_token=principal.csrf_token,
        ref=ref,
        dataset=found.dataset,
        found=found,
        ready=held.ready,
        form=form_of(held, params, found.choice, path),
        downloads=[
            {"href": _address(f"{path}.csv", params, part), "label": label, "note": "庁内限り"}
            for part, label in parts
        ],
    )


def _address(path: str, params: ReachParams, part: str) -> str:
    given = asked(params, **({"part": part} if part else {}))
    return f"{path}?{urlencode(given)}" if given else path


async def _file(
    request: Request, services: Services, params: ReachParams, view: View, name: str, part: str = ""
) -> Response:
    await signed_in(request)
    held = await held_for(services, params.municipality, params.demand)
    _, found = await run_sync(_read, services, held, params, view, limiter=services.limiter)
    table = found.part(part) if isinstance(found, AssociationGaps) else found.table
    body = table_csv(table, found.dataset, found.period)
    stem = "_".join(word for word in (name, part, str(found.choice.year)) if word)
    return private(body, CSV, disposition(f"{stem}.csv"))


def _read(
    services: Services, held: Held, params: ReachParams, view: View
) -> tuple[Ref, AssociationGaps | GroupsView]:
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, params.municipality or services.settings.municipality)
        return ref, view(conn, ref, held, params)
