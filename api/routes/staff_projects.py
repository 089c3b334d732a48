"""Staff keep the community development projects (地域づくり事業) of the districts, year by year."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BeforeValidator

from api.auth.principals import Principal, signed_in
from api.clock import JAPAN, today
from api.credits import place_credit
from api.edit_forms import PLAIN, QUALITY_CHOICES, Sent, Shown, act, history_lines
from api.params import DistrictNo, FiscalYear, Params
from api.routes.accounts import page
from api.services import Served, Services
from geodata.database import Audience
from geodata.edits import history, projects
from geodata.edits.projects import Aim, Project, Year
from geodata.queries.association_names import district_names
from geodata.queries.generation import resolve
from kyodo_geo import edit_entries as entries
from kyodo_geo.dates import fiscal_year_label, fiscal_year_of
from kyodo_geo.edits import EditConflictError, stamp
from kyodo_geo.errors import NotFoundError

router = APIRouter(include_in_schema=False)

EMPTY = BeforeValidator(lambda value: value or None)
ProjectId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
FIRST_YEAR = 2006
"""盛岡市 began to work with districts in this way before the first plan; nobody enters anything older."""
MAX_YEN = 1_000_000_000
MAX_PEOPLE = 1_000_000
LABELS = {
    "district_no": "地区",
    "fiscal_year": "年度",
    "title": "事業の名前",
    "theme": "分野",
    "grant_yen": "補助金（円）",
    "participants": "参加者数（人）",
    "counts_as_project": "指標に数える",
    "quality": "記録の種類",
    "source": "出典",
}
ACTIONS = {"edit.project.add": "追加", "edit.project.correct": "訂正", "edit.project.withdraw": "取り消し"}
WORDS = {"quality": dict(QUALITY_CHOICES)}
DONE = {
    "add": "事業を登録しました。",
    "correct": "事業の記録を直しました。",
    "withdraw": "事業の記録を取り消しました。",
}


class ProjectParams(Params):
    """Which year and district, and what was just done."""

    fiscal_year: Annotated[FiscalYear | None, EMPTY] = None
    district: Annotated[DistrictNo | None, EMPTY] = None
    done: Literal["add", "correct", "withdraw"] | None = None


Asked = Annotated[ProjectParams, Query()]


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


@router.get("/staff/projects")
async def project_list(request: Request, services: Served, params: Asked) -> Response:
    """The projects of a year (default: the newest), a form for another one, the totals beside the indicator."""
    user = await signed_in(request)
    done = DONE[params.done] if params.done else None
    return await run_sync(
        lambda: _list(request, services, user, params, PLAIN, done), limiter=services.limiter
    )


def _list(
    request: Request,
    services: Services,
    user: Principal,
    params: ProjectParams,
    shown: Shown,
    done: str | None = None,
) -> Response:
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        credit = place_credit(conn, ref)
        code = ref.municipality_code
        names = district_names(conn, ref)
        years = projects.years(conn, code)
        year = params.fiscal_year or (years[0].fiscal_year if years else fiscal_year_of(today()))
        rows = projects.projects(conn, code, fiscal_year=year, district_no=params.district)
        aim = projects.aim(conn, code)
        changed = history.recent(conn, code, "edit.project.", limit=20)
    this = next((item for item in years if item.fiscal_year == year), Year(year, 0, 0, 0, None))
    return page(
        request, services, "staff_projects.html", shown.status, ref=ref, dataset=credit, user=user, csrf_token=user.csrf_token,
        rows=rows, names=dict(names), districts=[(no, f"{no} {name}") for no, name in names], year=year, this=this,
        years=years, aim=aim, progress=progress(this, aim), asked=params, shown=shown, done=done,
        year_choices=_years({item.fiscal_year for item in years} | {year}), qualities=QUALITY_CHOICES,
        history=history_lines(changed, ACTIONS, LABELS, WORDS), zone=JAPAN,
    )  # fmt: skip


def _years(known: set[int]) -> list[tuple[int, str]]:
    newest = max(fiscal_year_of(today()) + 1, *known)
    return [
        (year, fiscal_year_label(year))
        for year in sorted(known | set(range(FIRST_YEAR, newest + 1)), reverse=True)
    ]


def _entry(sent: Sent) -> Project:
    """What the form says; raises InputError."""
    district = entries.whole(sent.text("district_no"), "district_no", "地区", most=999)
    year = entries.whole(sent.text("fiscal_year"), "fiscal_year", "年度", most=2200)
    if not district:
        entries.choice("", "district_no", "地区", ())
    if year is None or year < 1950:
        entries.choice("", "fiscal_year", "年度", ())
    assert district is not None and year is not None
    return Project(
        district_no=district,
        fiscal_year=year,
        title=entries.line(sent.text("title"), "title", "事業の名前", required=True) or "",
        theme=entries.line(sent.text("theme"), "theme", "分野", most=60),
        grant_yen=entries.whole(sent.text("grant_yen"), "grant_yen", "補助金", most=MAX_YEN, unit="円"),
        participants=entries.whole(
            sent.text("participants"), "participants", "参加者数", most=MAX_PEOPLE, unit="人"
        ),
        counts_as_project=sent.ticked("counts_as_project"),
        quality=entries.choice(
            sent.text("quality"), "quality", "記録の種類", [value for value, _ in QUALITY_CHOICES]
        ),
        source=entries.line(sent.text("source"), "source", "出典", most=300),
    )


@router.post("/staff/projects")
async def add_project(request: Request, services: Served, params: Asked) -> Response:
    """Enter a project."""

    def work(sent: Sent) -> str:
        new = _entry(sent)
        with services.database.write(Audience.STAFF) as conn:
            projects.add(conn, services.settings.municipality, new, actor=sent.actor)
        return f"/staff/projects?fiscal_year={new.fiscal_year}&done=add"

    return await act(
        request, services, "add", work,
        lambda sent, shown: _list(request, services, sent.user, params, shown), lambda sent, error: (),
    )  # fmt: skip


def _refused(request: Request, services: Services, sent: Sent, project_id: str, shown: Shown) -> Response:
    """The project's page; when somebody has withdrawn it meanwhile, the list with what was typed in the form for a new one."""
    try:
        return _one(request, services, sent.user, project_id, shown)
    except NotFoundError:
        return _list(request, services, sent.user, ProjectParams(), replace(shown, form="add"))


@router.get("/staff/projects/{project_id}")
async def project_page(request: Request, services: Served, project_id: ProjectId, params: Asked) -> Response:
    """One project: its form and its history."""
    user = await signed_in(request)
    done = DONE[params.done] if params.done else None
    return await run_sync(
        lambda: _one(request, services, user, project_id, PLAIN, done), limiter=services.limiter
    )


def _one(
    request: Request,
    services: Services,
    user: Principal,
    project_id: str,
    shown: Shown,
    done: str | None = None,
) -> Response:
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        credit = place_credit(conn, ref)
        names = district_names(conn, ref)
        found = projects.one(conn, ref.municipality_code, project_id)
        told = history.history(conn, ref.municipality_code, projects.target(project_id))
    return page(
        request, services, "staff_project.html", shown.status, ref=ref, dataset=credit, user=user, csrf_token=user.csrf_token,
        project_id=project_id, project=found, version=stamp(found.as_dict()), names=dict(names),
        districts=[(no, f"{no} {name}") for no, name in names], year_choices=_years({found.fiscal_year}),
        qualities=QUALITY_CHOICES, shown=shown, done=done,
        history=history_lines(told, ACTIONS, LABELS, WORDS), zone=JAPAN,
    )  # fmt: skip


def _compare(sent: Sent, error: EditConflictError) -> list[tuple[str, object, object]]:
    stored: dict[str, Any] = error.stored or {}
    rows: list[tuple[str, object, object]] = []
    for name, label in LABELS.items():
        typed: object = sent.ticked(name) if name == "counts_as_project" else sent.text(name)
        known = WORDS.get(name, {})
        old = stored.get(name)
        if name not in sent.form and name != "counts_as_project":
            typed = "（取り消す）"
        rows.append((label, known.get(str(old), old), known.get(str(typed), typed)))
    return rows


@router.post("/staff/projects/{project_id}")
async def correct_project(
    request: Request, services: Served, project_id: ProjectId, params: Asked
) -> Response:
    """Put a project right."""

    def work(sent: Sent) -> str:
        with services.database.write(Audience.STAFF) as conn:
            code = services.settings.municipality
            projects.correct(conn, code, project_id, _entry(sent), version=sent.version, actor=sent.actor)
        return f"/staff/projects/{project_id}?done=correct"

    return await act(
        request, services, "edit", work,
        lambda sent, shown: _refused(request, services, sent, project_id, shown), _compare,
    )  # fmt: skip


@router.post("/staff/projects/{project_id}/withdraw")
async def withdraw_project(
    request: Request, services: Served, project_id: ProjectId, params: Asked
) -> Response:
    """Take a project back."""

    def work(sent: Sent) -> str:
        with services.database.write(Audience.STAFF) as conn:
            projects.withdraw(
                conn, services.settings.municipality, project_id, version=sent.version, actor=sent.actor
            )
        return "/staff/projects?done=withdraw"

    return await act(
        request, services, "withdraw", work,
        lambda sent, shown: _refused(request, services, sent, project_id, shown), _compare,
    )  # fmt: skip
