"""Staff keep the community development projects (地域づくり事業): the generic editor, and the indicator beside it."""

from __future__ import annotations

from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Request, Response

from api import record_pages
from api.auth.principals import signed_in
from api.routes.staff_records import Asked
from api.services import Served
from geodata.database import Connection
from geodata.edits import projects
from geodata.edits.projects import Aim, Year
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.records import PROJECTS

router = APIRouter(include_in_schema=False)

ProjectId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,64}$")]


def progress(year: Year, aim: Aim | None) -> str:
    """How far a year is on the way of the indicator, in words."""
    if aim is None:
        return ""
    words = f"基準 {aim.baseline:,.0f} 件（{fiscal_year_label(aim.baseline_fiscal_year)}）"
    if aim.target is None or aim.target_fiscal_year is None:
        return words
    words += f" → 目標 {aim.target:,.0f} 件（{fiscal_year_label(aim.target_fiscal_year)}）"
    left = aim.target - year.counted
    return f"{words}。目標まであと {left:,.0f} 件" if left > 0 else f"{words}。目標に届いています"


def _more(conn: Connection, code: str, year: int) -> dict[str, Any]:
    """Totals beside the indicator."""
    totals, aim = projects.years(conn, code), projects.aim(conn, code)
    this = next((item for item in totals if item.fiscal_year == year), Year(year, 0, 0, 0, None))
    return {"this": this, "totals": totals, "aim": aim, "progress": progress(this, aim)}


_AS_LIST: dict[str, Any] = {"template": "staff_projects.html", "more": _more}


@router.get("/staff/projects")
async def project_list(request: Request, services: Served, params: Asked) -> Response:
    """The projects of a year (default: the newest), forms for more, the totals beside the indicator."""
    user = await signed_in(request)
    return await run_sync(
        lambda: record_pages.list_page(request, services, user, PROJECTS, params.wanted, **_AS_LIST),
        limiter=services.limiter,
    )


@router.post("/staff/projects")
async def add_project(request: Request, services: Served, params: Asked) -> Response:
    """Enter a project."""
    return await record_pages.add(request, services, PROJECTS, params.wanted, **_AS_LIST)


@router.post("/staff/projects/table")
async def add_projects(request: Request, services: Served, params: Asked) -> Response:
    """Look at the rows of a pasted table, or enter them."""
    return await record_pages.add_table(request, services, PROJECTS, params.wanted, **_AS_LIST)


@router.get("/staff/projects/{project_id}")
async def project_page(request: Request, services: Served, project_id: ProjectId, params: Asked) -> Response:
    """One project: its form and its history."""
    user = await signed_in(request)
    return await run_sync(
        lambda: record_pages.one_page(request, services, user, PROJECTS, project_id, done=params.done),
        limiter=services.limiter,
    )


@router.post("/staff/projects/{project_id}")
async def correct_project(
    request: Request, services: Served, project_id: ProjectId, params: Asked
) -> Response:
    """Put a project right."""
    return await record_pages.correct(request, services, PROJECTS, project_id, **_AS_LIST)


@router.post("/staff/projects/{project_id}/withdraw")
async def withdraw_project(
    request: Request, services: Served, project_id: ProjectId, params: Asked
) -> Response:
    """Take a project back."""
    return await record_pages.withdraw(request, services, PROJECTS, project_id, **_AS_LIST)
