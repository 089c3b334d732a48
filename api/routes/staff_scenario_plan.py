"""A scenario in the form of the 3-year 実施計画: page, CSV and workbook."""

from __future__ import annotations

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api.answers import CSV, private
from api.auth.principals import signed_in
from api.clock import today
from api.params import FiscalYear, Params
from api.reach_pages.shelf import held_for
from api.routes.accounts import page
from api.routes.downloads import disposition
from api.routes.staff_scenarios import ScenarioId, Version
from api.scenario_edit import files, plan
from api.scenario_edit.reading import STATES
from api.scenario_edit.saving import BASE
from api.services import Served, Services
from geodata.database import Audience

router = APIRouter(include_in_schema=False)


class PlanParams(Params):
    """Which version (the newest unless given), and the first of the three years."""

    version: Version | None = None
    first: Annotated[FiscalYear | None, Field(alias="from")] = None


Asked = Annotated[PlanParams, Query()]


async def _sheet(services: Services, scenario_id: str, params: PlanParams) -> plan.Sheet:
    held = await held_for(services, None)

    def work() -> plan.Sheet:
        with services.database.read(Audience.STAFF) as conn:
            return plan.sheet(services, conn, held, scenario_id, params.version, params.first)

    return await run_sync(work, limiter=services.limiter)


@router.get(BASE + "/{scenario_id}/plan")
async def plan_page(request: Request, services: Served, scenario_id: ScenarioId, params: Asked) -> Response:
    """The table, ready to be printed."""
    user = await signed_in(request)
    found = await _sheet(services, scenario_id, params)
    asked = f"?version={found.scenario.version}&from={found.plan.years[0]}"
    own = f"{BASE}/{scenario_id}"
    return page(
        request, services, "staff_scenario_plan.html", user=user, csrf_token=user.csrf_token, ref=found.ref,
        dataset=found.dataset, found=found, item=found.scenario, base=BASE, states=STATES,
        first_years=plan.first_years(found.scenario), printed_on=today(),
        downloads=[
            {"href": f"{own}/plan.xlsx{asked}", "label": "実施計画の表（Excel）", "note": "庁内限り"},
            {"href": f"{own}/plan.csv{asked}", "label": "実施計画の表（CSV）", "note": "庁内限り"},
        ],
    )  # fmt: skip


@router.get(BASE + "/{scenario_id}/plan.csv")
async def plan_csv(request: Request, services: Served, scenario_id: ScenarioId, params: Asked) -> Response:
    """The same as CSV."""
    return await _file(request, services, scenario_id, params, "csv")


@router.get(BASE + "/{scenario_id}/plan.xlsx")
async def plan_xlsx(request: Request, services: Served, scenario_id: ScenarioId, params: Asked) -> Response:
    """The same as a workbook."""
    return await _file(request, services, scenario_id, params, "xlsx")


async def _file(
    request: Request, services: Services, scenario_id: str, params: PlanParams, kind: str
) -> Response:
    await signed_in(request)
    found = await _sheet(services, scenario_id, params)
    body = plan.to_csv(found) if kind == "csv" else plan.to_xlsx(found)
    name = f"plan_{scenario_id}_v{found.scenario.version}_{found.plan.years[0]}_{today():%Y%m%d}.{kind}"
    return private(body, CSV if kind == "csv" else files.XLSX, disposition(name))
