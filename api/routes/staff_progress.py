"""Staff enter the plan's progress: yearly values of indicators and records of initiatives, with their history."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse

from api.answers import reading_of
from api.auth.principals import Principal, signed_in
from api.clock import JAPAN, today
from api.progress import entries
from api.progress.entries import Filled
from api.progress.report import Indicator, Initiative, Progress, progress
from api.routes.accounts import NO_STORE, sent_by_user
from api.routes.progress import IndicatorId, InitiativeNo, PlanParams, query_of
from api.services import Served, Services
from geodata import progress as kept
from geodata.database import Audience
from geodata.progress import Kept, Key
from kyodo_geo.dates import fiscal_year_of
from kyodo_geo.errors import ConflictError, InputError, NotFoundError

router = APIRouter(include_in_schema=False)

Item = Indicator | Initiative


class FormParams(PlanParams):
    """Which year's form, and whether it has just been saved."""

    saved: Literal["", "yes"] = ""


def _find(found: Progress, name: str | int) -> Item:
    return found.initiative(name) if isinstance(name, int) else found.indicator(name)


def key_of(found: Progress, item: Item) -> Key:
    """Where the item's rows are kept."""
    assert found.plan is not None
    if isinstance(item, Indicator):
        return Key("indicator", found.plan["plan_id"], item.id)
    return Key("initiative", found.plan["plan_id"], item.no)


def first_year(found: Progress, item: Item) -> int:
    """The earliest year that can be entered: the baseline's, or the plan's first."""
    if isinstance(item, Indicator):
        return item.goal.baseline_year
    assert found.plan is not None
    return int(found.plan["first_fiscal_year"])


def last_year(found: Progress, item: Item) -> int:
    """The latest one: this year's; for an initiative not after its plan's end, where a successor's begins."""
    this_year = fiscal_year_of(today())
    if isinstance(item, Indicator):
        return this_year
    assert found.plan is not None
    return min(int(found.plan["last_fiscal_year"]), this_year)


@router.get("/staff/progress")
async def progress_desk(
    request: Request, services: Served, params: Annotated[PlanParams, Query()]
) -> Response:
    """What has been entered, and what is missing, year by year."""
    user = await signed_in(request)

    def render() -> str:
        with reading_of(services) as reading:
            found = progress(reading, params.plan)
            credit = found.credit(reading.ref.name)
        return services.pages.render(
            "staff_progress.html", path="/staff/progress", ref=reading.ref, dataset=credit, user=user,
            csrf_token=user.csrf_token, found=found, query=query_of(found),
            years=range(min(found.fiscal_years), fiscal_year_of(today()) + 1),
        )  # fmt: skip

    return HTMLResponse(await run_sync(render, limiter=services.limiter), 200, NO_STORE)


def _form(
    services: Services,
    user: Principal,
    name: str | int,
    params: FormParams,
    filled: Filled | None = None,
    *,
    error: InputError | ConflictError | None = None,
    doubt: str | None = None,
) -> str:
    """The page of one item and year. `filled` is what was typed; else the form holds what is kept."""
    with reading_of(services) as reading:
        found = progress(reading, params.plan)
        item = _find(found, name)
        credit = found.credit(reading.ref.name, item)
    key = key_of(found, item)
    with services.database.read(Audience.STAFF) as conn:
        rows = kept.years(conn, services.settings.municipality, key)
        history = kept.history(conn, services.settings.municipality, key)
    first = first_year(found, item)
    # A plan that begins next year has a form already, whose first year is refused until then.
    years = list(range(first, last_year(found, item) + 1)) or [first]
    year = filled.year if filled and filled.year in years else params.fiscal_year
    if year not in years:
        year = _missing(years, rows)
    current = next((row for row in rows if row.fiscal_year == year), None)
    conflict = isinstance(error, ConflictError)
    form = filled or entries.of_kept(current, year)
    if conflict:
        # What was typed stays, and is now held against what the reader sees beside it.
        form = form.with_version(current.version if current else 0)
    template = "indicator" if isinstance(item, Indicator) else "initiative"
    return services.pages.render(
        f"staff_progress_{template}.html", path=f"/staff/progress/{template}s/{name}", ref=reading.ref, dataset=credit, user=user,
        csrf_token=user.csrf_token, found=found, item=item, query=query_of(found), years=years, year=year, form=form,
        rows={row.fiscal_year: row for row in rows}, current=current, conflict=conflict, doubt=doubt,
        done=params.saved and filled is None,
        error=None if error is None else {"message": error.message, "field": error.details.get("field", "save")},
        history=[entries.told(change, item) for change in history], zone=JAPAN, qualities=entries.QUALITIES,
        both=entries.beside(current, form, item) if conflict else [],
    )  # fmt: skip


def _missing(years: list[int], rows: list[Kept]) -> int:
    """The first year after the newest that is kept, so that the next entry is one step away."""
    newest = max((row.fiscal_year for row in rows if not row.withdrawn), default=years[0] - 1)
    return min(newest + 1, years[-1])


@router.get("/staff/progress/indicators/{indicator_id}")
async def indicator_form(
    request: Request, services: Served, indicator_id: IndicatorId, params: Annotated[FormParams, Query()]
) -> Response:
    """Enter, correct or withdraw a value."""
    return await _show(request, services, indicator_id, params)


@router.get("/staff/progress/initiatives/{no}")
async def initiative_form(
    request: Request, services: Served, no: InitiativeNo, params: Annotated[FormParams, Query()]
) -> Response:
    """Enter, correct or withdraw a record."""
    return await _show(request, services, no, params)


async def _show(request: Request, services: Services, name: str | int, params: FormParams) -> Response:
    user = await signed_in(request)
    html = await run_sync(lambda: _form(services, user, name, params), limiter=services.limiter)
    return HTMLResponse(html, 200, NO_STORE)


@router.post("/staff/progress/indicators/{indicator_id}")
async def change_indicator(
    request: Request, services: Served, indicator_id: IndicatorId, params: Annotated[FormParams, Query()]
) -> Response:
    """Save or withdraw a value."""
    return await _change(request, services, indicator_id, params)


@router.post("/staff/progress/initiatives/{no}")
async def change_initiative(
    request: Request, services: Served, no: InitiativeNo, params: Annotated[FormParams, Query()]
) -> Response:
    """Save or withdraw a record."""
    return await _change(request, services, no, params)


async def _change(request: Request, services: Services, name: str | int, params: FormParams) -> Response:
    user, form = await sent_by_user(request, services, entries.MOST_FIELDS)
    return await run_sync(_changed, services, user, name, params, form, limiter=services.limiter)


def _changed(
    services: Services, user: Principal, name: str | int, params: FormParams, form: FormData
) -> Response:
    """Do what the form says; what cannot be done is said on the form as it was filled in."""
    filled = entries.filled(form)

    def again(status: int, **more: Any) -> Response:
        return HTMLResponse(_form(services, user, name, params, filled, **more), status, NO_STORE)

    try:
        with reading_of(services) as reading:
            found = progress(reading, params.plan)
            item = _find(found, name)
        doubt = _work(services, user, found, item, filled)
    except ConflictError as error:
        return again(409, error=error)
    except (InputError, NotFoundError) as error:
        if isinstance(error, NotFoundError) and "fiscal_year" not in error.details:
            raise
        return again(400, error=InputError(error.message, **error.details))
    if doubt is not None:
        return again(200, doubt=doubt)
    folder = "initiatives" if isinstance(name, int) else "indicators"
    query = query_of(found, fiscal_year=filled.year, saved="yes")
    return RedirectResponse(f"/staff/progress/{folder}/{name}{query}", 303, NO_STORE)


def _work(services: Services, user: Principal, found: Progress, item: Item, filled: Filled) -> str | None:
    """Save or withdraw; returns a question instead when the entry looks like a slip."""
    code, actor, key = services.settings.municipality, user.login or "unknown", key_of(found, item)
    if filled.withdraw:
        entries.check_withdrawal(filled, item)
        with services.database.write(Audience.STAFF) as conn:
            kept.withdraw(
                conn, code, key, filled.year, version=filled.version, actor=actor, reason=filled.reason
            )
        return None
    entry = entries.entry_of(filled, item, first=first_year(found, item), this_year=last_year(found, item))
    with services.database.write(Audience.STAFF) as conn:
        rows = kept.years(conn, code, key)
        before = next((row for row in rows if row.fiscal_year == entry.fiscal_year), None)
        if (before.version if before else 0) != filled.version:
            raise ConflictError(kept.CHANGED_MEANWHILE, fiscal_year=entry.fiscal_year)
        if before is not None and not before.withdrawn:
            if not entries.changes(entry, before):
                return None
            if not filled.reason.strip():
                raise InputError("訂正するときは、理由を入力してください。", field="reason")
        question = entries.doubt(entry, item, rows)
        if question is not None and not filled.sure:
            return question
        kept.save(conn, code, key, entry, version=filled.version, actor=actor, reason=filled.reason)
    return None
