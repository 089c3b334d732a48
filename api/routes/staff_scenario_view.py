"""Scenarios as everybody would read them, for staff: drafts and former versions too. Nothing of it is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from pydantic import BeforeValidator, Field

from api.answers import CSV, SCRIPT, Reading, private
from api.auth.principals import signed_in
from api.clock import today
from api.paper.serve import PDF, attachment, rendered
from api.params import Integer, left_empty
from api.reach_pages.shelf import Held, held_for
from api.routes.accounts import page
from api.routes.downloads import disposition
from api.routes.facility_scenarios import Id
from api.scenario_pages.files import scenario_csv
from api.scenario_pages.pages import STAFF_BASE, context_of
from api.scenario_pages.params import ScenarioFileParams, ScenarioParams, asked
from api.scenario_pages.report import report_html
from api.scenario_pages.view import ScenarioView, scenario_view
from api.services import Served, Services
from geodata import scenarios as stored
from geodata.database import Audience
from geodata.queries.generation import resolve

router = APIRouter(include_in_schema=False)
T = TypeVar("T")
Version = Annotated[Annotated[Integer, Field(ge=1, le=1_000_000)] | None, BeforeValidator(left_empty)]


class StaffParams(ScenarioParams):
    """`version`: by default the newest."""

    version: Version = Field(default=None, description="版。指定しなければ最新")


class StaffFileParams(ScenarioFileParams):
    """The same for files."""

    version: Version = Field(default=None, description="版。指定しなければ最新")


def _read(
    services: Services, held: Held, scenario_id: str, params: Any, work: Callable[[Reading, ScenarioView], T]
) -> T:
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, params.municipality or services.settings.municipality)
        reading = Reading(conn, ref, today(), services)
        scenario = stored.scenario(conn, ref.municipality_code, scenario_id, params.version)
        return work(reading, scenario_view(reading, held, scenario, params))


async def _ask(
    request: Request,
    services: Services,
    scenario_id: str,
    params: Any,
    work: Callable[[Reading, Held, ScenarioView], T],
) -> T:
    """Read as staff, in a thread."""
    await signed_in(request)
    held = await held_for(services, params.municipality)

    def run(reading: Reading, view: ScenarioView) -> T:
        return work(reading, held, view)

    return await run_sync(_read, services, held, scenario_id, params, run, limiter=services.limiter)


@router.get(STAFF_BASE + "/{scenario_id}/view")
async def staff_scenario_page(
    request: Request, services: Served, scenario_id: Id, params: Annotated[StaffParams, Query()]
) -> Response:
    """The page of a version."""
    user = await signed_in(request)
    path = f"{STAFF_BASE}/{scenario_id}/view"

    def work(reading: Reading, held: Held, view: ScenarioView) -> dict[str, Any]:
        version = view.scenario.version
        script = f"{STAFF_BASE}/{scenario_id}/map.js?{urlencode(asked(params, version=version))}"
        return context_of(reading, held, view, params, path, script_url=script, paper=True, version=version)

    found = await _ask(request, services, scenario_id, params, work)
    return page(request, services, "facility_scenario.html", user=user, csrf_token=user.csrf_token, **found)


@router.get(STAFF_BASE + "/{scenario_id}/map.js")
async def staff_scenario_script(
    request: Request, services: Served, scenario_id: Id, params: Annotated[StaffParams, Query()]
) -> Response:
    """The script of its map."""

    def work(reading: Reading, held: Held, view: ScenarioView) -> bytes:
        built = view.built()
        return b"" if built is None else built.script.encode()

    return private(await _ask(request, services, scenario_id, params, work), SCRIPT)


@router.get(STAFF_BASE + "/{scenario_id}/figures.csv")
async def staff_scenario_file(
    request: Request, services: Served, scenario_id: Id, params: Annotated[StaffFileParams, Query()]
) -> Response:
    """A table of the page as a file."""

    def work(reading: Reading, held: Held, view: ScenarioView) -> tuple[bytes, str]:
        name = f"scenario_{scenario_id}_v{view.scenario.version}_{params.part}_{today():%Y%m%d}.csv"
        return scenario_csv(view, params.part), name

    body, name = await _ask(request, services, scenario_id, params, work)
    return private(body, CSV, disposition(name))


@router.get(STAFF_BASE + "/{scenario_id}/report.pdf")
async def staff_scenario_report(
    request: Request, services: Served, scenario_id: Id, params: Annotated[StaffParams, Query()]
) -> Response:
    """The report of a version; a draft bears a mark on every sheet."""

    def work(reading: Reading, held: Held, view: ScenarioView) -> str:
        return report_html(reading, held, view.scenario, params)

    html = await _ask(request, services, scenario_id, params, work)
    body = await rendered(services, html)
    return private(body, PDF, attachment(f"scenario_{scenario_id}_{today():%Y%m%d}.pdf"))
