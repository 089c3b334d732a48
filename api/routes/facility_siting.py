"""Where facilities should be: staff ask for a run, follow it, and read, compare and take away what came out."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BeforeValidator, Field
from starlette.responses import JSONResponse, RedirectResponse

from api import logs
from api.answers import CSV, GEOJSON, SCRIPT, private
from api.auth.principals import Principal, signed_in
from api.cache import etag_of
from api.clock import JAPAN, today
from api.params import No, Params, left_empty
from api.reach_pages.people import UNIT
from api.reach_pages.shelf import held_for
from api.routes.accounts import NO_STORE, page, sent_by_user
from api.routes.downloads import disposition
from api.services import Served, Services
from api.siting_pages import asking, files, form, view, words
from api.siting_pages.compare import comparison
from geodata import siting_runs
from geodata.database import Audience
from kyodo_geo.errors import ConflictError, NotFoundError
from kyodo_geo.siting_city import question as q
from kyodo_geo.siting_city.question import Question

router = APIRouter(include_in_schema=False)

BASE = "/facilities/siting"
RUN = r"^[0-9a-f]{24}$"
RunId = Annotated[str, Path(pattern=RUN)]
Chosen = Annotated[Annotated[str, Field(pattern=RUN)] | None, BeforeValidator(left_empty)]
MOST_FIELDS = 300


class AskParams(Params):
    """`again`: a run whose question fills the form."""

    again: Chosen = None


class CompareParams(Params):
    """Two runs side by side."""

    a: Chosen = None
    b: Chosen = None


class Script(Params):
    """`v` only makes a new address of a new script."""

    v: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,40}$")] | None = None


class TableParams(Params):
    """Which table."""

    part: Literal["sites", "figures", "districts", "areas"] = "sites"


class ShapeParams(Params):
    """Which points."""

    part: Literal["sites", "areas"] = "sites"


def user_of(principal: Principal) -> dict[str, Any]:
    return {"user": principal, "csrf_token": principal.csrf_token, "zone": JAPAN, "words": words}


async def _form_page(
    request: Request,
    services: Services,
    principal: Principal,
    values: dict[str, Any] | None,
    status: int = 200,
    errors: dict[str, str] | None = None,
    facts: dict[str, Any] | None = None,
) -> Response:
    if facts is None:
        held = await held_for(services, None)
        facts = await run_sync(asking.form_facts, services, held, principal.roles, limiter=services.limiter)
    if values is None:
        values = dict(form.EMPTY) | {"travel": "area" if facts["has_roads"] else "foot"}
    values = values if values["year"] else {**values, "year": facts["latest"]}
    return page(
        request, services, "siting.html", status, **user_of(principal), **facts, values=values, errors=errors or {},
        may_ask=asking.may_ask(principal), ages=[(key, label) for key, (label, _) in form.AGES.items()],
        weights=form.WEIGHTS, q=q,
    )  # fmt: skip


@router.get(BASE)
async def siting_page(request: Request, services: Served, params: Annotated[AskParams, Query()]) -> Response:
    """The question, and the runs there are."""
    principal = await signed_in(request)
    values = None
    if params.again:

        def again() -> dict[str, Any]:
            with services.database.read(Audience.STAFF) as conn:
                run = view.run_of(conn, services.settings.municipality, params.again or "", principal.roles)
            return form.values_again(Question.from_json(run.parameters), view.names_in(run))

        values = await run_sync(again, limiter=services.limiter)
    return await _form_page(request, services, principal, values)


@router.post(BASE)
async def ask_for_run(request: Request, services: Served, params: No) -> Response:
    """Enter a question; the worker takes it up."""
    principal, sent = await sent_by_user(request, services, MOST_FIELDS)
    found = form.read(form.values_of(sent))
    held = await held_for(services, None)
    facts = await run_sync(asking.form_facts, services, held, principal.roles, limiter=services.limiter)
    asking.check_data(found, facts)
    status, run_id = 400, None
    if not found.errors:
        try:
            run_id = await run_sync(asking.enter, services, principal, found, limiter=services.limiter)
        except ConflictError as error:
            found.errors["model"], status = error.message, 409
    if run_id is None:
        return await _form_page(request, services, principal, found.values, status, found.errors, facts)
    await _wake(services)
    return RedirectResponse(f"{BASE}/{run_id}", 303, NO_STORE)


async def _wake(services: Services) -> None:
    from api.jobs.siting import wake

    try:
        await run_sync(wake, services.settings, limiter=services.limiter)
    except Exception as error:
        # The run waits in its table all the same: the worker looks there every minute.
        logs.SERVICE.warning("worker not told of a siting run: %s", logs.failure(error))


@router.get(BASE + "/compare")
async def compare_runs(
    request: Request, services: Served, params: Annotated[CompareParams, Query()]
) -> Response:
    """Two runs side by side."""
    principal = await signed_in(request)

    def work() -> dict[str, Any]:
        with services.database.read(Audience.STAFF) as conn:
            runs = view.listed(conn, services.settings.municipality, principal.roles)
        done = [run for run in runs if run.ended and run.result and run.result["sites"]]
        chosen = [key for key in (params.a, params.b) if key]
        views = [view.run_view(services, key, principal.roles, drawn=False) for key in chosen]
        both = comparison(views[0], views[1]) if len(views) == 2 else None
        return {"done": done, "views": views, "both": both, "dataset": views[0].dataset if views else None}

    found = await run_sync(work, limiter=services.limiter)
    return page(
        request, services, "siting_compare.html", **user_of(principal), **found, a=params.a, b=params.b, q=q
    )


@router.get(BASE + "/{run_id}")
async def run_page(request: Request, services: Served, run_id: RunId, params: No) -> Response:
    """How far the run is, or what came out."""
    principal = await signed_in(request)
    found = await run_sync(view.run_view, services, run_id, principal.roles, limiter=services.limiter)
    built = found.built
    return page(
        request, services, "siting_run.html", **user_of(principal), found=found, run=found.run, result=found.result,
        so_far=None if found.run.ended else found.run.result, dataset=found.dataset, map=built, q=q,
        shown_areas=view.SHOWN_AREAS, unit=UNIT[found.asked.demand], may_ask=asking.may_ask(principal),
        script_url=f"{BASE}/{run_id}/map.js?v={etag_of(built.script)}" if built else None,
        downloads=files.offered(found) if found.sites else [],
    )  # fmt: skip


@router.get(BASE + "/{run_id}/state")
async def run_state(request: Request, services: Served, run_id: RunId, params: No) -> Response:
    """How far it is, for the page's script."""
    principal = await signed_in(request)

    def work() -> siting_runs.Run:
        with services.database.read(Audience.STAFF) as conn:
            return view.run_of(conn, services.settings.municipality, run_id, principal.roles)

    run = await run_sync(work, limiter=services.limiter)
    facts = {"running": not run.ended, "done": round(100 * run.progress), "words": words.phase(run)}
    return JSONResponse(facts, headers=NO_STORE)


@router.get(BASE + "/{run_id}/map.js")
async def run_script(
    request: Request, services: Served, run_id: RunId, params: Annotated[Script, Query()]
) -> Response:
    """The script of the map: the places are in it, so it is as private as the page."""
    principal = await signed_in(request)
    found = await run_sync(view.run_view, services, run_id, principal.roles, limiter=services.limiter)
    if found.built is None:
        raise NotFoundError("この計算に、地図はありません。")
    return private(found.built.script.encode(), SCRIPT)


@router.get(BASE + "/{run_id}/table.csv")
async def run_table(
    request: Request, services: Served, run_id: RunId, params: Annotated[TableParams, Query()]
) -> Response:
    """One of its tables."""
    found = await _answered(request, services, run_id)
    headers = disposition(f"siting_{params.part}_{run_id[:8]}_{today():%Y%m%d}.csv")
    return private(files.table(found, params.part), CSV, headers)


@router.get(BASE + "/{run_id}/points.geojson")
async def run_points(
    request: Request, services: Served, run_id: RunId, params: Annotated[ShapeParams, Query()]
) -> Response:
    """Its places or small areas as points."""
    found = await _answered(request, services, run_id)
    headers = disposition(f"siting_{params.part}_{run_id[:8]}_{today():%Y%m%d}.geojson")
    return private(files.points(found, params.part), GEOJSON, headers)


async def _answered(request: Request, services: Services, run_id: str) -> view.RunView:
    principal = await signed_in(request)
    found = await run_sync(
        lambda: view.run_view(services, run_id, principal.roles, drawn=False), limiter=services.limiter
    )
    if found.sites is None:
        raise NotFoundError("この計算に、答えの表はありません。")
    return found


@router.post(BASE + "/{run_id}/cancel")
async def cancel_run(request: Request, services: Served, run_id: RunId, params: No) -> Response:
    """Ask it to end."""
    principal, _ = await sent_by_user(request, services)
    code = services.settings.municipality

    def work() -> None:
        with services.database.write(Audience.STAFF) as conn:
            view.run_of(conn, code, run_id, principal.roles)
            siting_runs.cancel(conn, code, run_id, by=principal.login or "")

    await run_sync(work, limiter=services.limiter)
    return RedirectResponse(f"{BASE}/{run_id}", 303, NO_STORE)
