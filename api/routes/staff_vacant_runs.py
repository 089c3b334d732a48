"""Which vacant houses together: asking for the exact choice, its state and its answer, for the staff who may see them."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Request, Response
from pydantic import ValidationError
from starlette.responses import RedirectResponse

from api.auth import csrf
from api.auth.principals import Principal, signed_in
from api.clock import JAPAN
from api.credits import credit
from api.params import No
from api.routes.accounts import NO_STORE, page
from api.services import Served, Services
from api.tickets.forms import typed
from api.vacant_houses.params import HouseParams
from geodata import siting_runs
from geodata.audit import looked_at, record
from geodata.database import Audience
from geodata.queries import datasets as dataset_queries
from geodata.queries import vacant
from geodata.queries.generation import resolve
from kyodo_geo import edit_entries as entries
from kyodo_geo.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from starlette.datastructures import FormData

    from geodata.siting_runs import Run

router = APIRouter(include_in_schema=False)

BASE = "/staff/facilities/vacant-houses"
MODEL = "vacant-houses"
MOST_MAN = 1_000_000
RunId = Annotated[str, Path(pattern=r"^[0-9a-f]{24}$")]


@router.post(BASE + "/runs")
async def ask_for_choice(request: Request, services: Served, params: No) -> Response:
    """Enter a run and go to its page; refused where the form makes no sense."""
    user = await signed_in(request)
    form = await request.form(max_files=0, max_fields=40)
    csrf.check_form(request, form, services.settings, user)
    run_id = secrets.token_hex(12)

    def work() -> Response:
        from api.jobs.siting import wake
        from api.vacant_houses.assess import check_where

        asked = read_form(form)
        code = services.settings.municipality
        with services.database.write(Audience.STAFF) as conn:
            ref = resolve(conn, code)
            check_where(conn, ref, asked.houses)
            siting_runs.ask(
                conn, code, run_id, model=MODEL, parameters=asked.to_json(),
                basis={"generation": ref.generation_no}, by=user.login or "unknown",
            )  # fmt: skip
        wake(services.settings)
        return RedirectResponse(f"{BASE}/runs/{run_id}", 303, NO_STORE)

    return await run_sync(work, limiter=services.limiter)


def read_form(form: FormData) -> Any:
    """The choice that was typed; raises InputError."""
    from api.vacant_houses.choice import read_choice

    given = {name: typed(form, name) for name in HouseParams.model_fields if typed(form, name)}
    try:
        houses = HouseParams(**given)  # type: ignore[arg-type]
    except ValidationError:
        raise InputError("条件を読めません。空き家の候補のページから、もう一度送ってください。") from None
    return read_choice(
        houses,
        typed(form, "limit"),
        entries.whole(typed(form, "count"), "count", "選ぶ数", most=1000),
        entries.whole(typed(form, "budget"), "budget", "予算（万円）", most=MOST_MAN, unit="万円"),
        entries.whole(
            typed(form, "price"), "price", "見積りのない空き家の整備費（万円）", most=MOST_MAN, unit="万円"
        ),
    )


@router.get(BASE + "/runs/{run_id}")
async def choice_page(request: Request, services: Served, run_id: RunId, params: No) -> Response:
    """State and answer of one run."""
    user = await signed_in(request)
    context = await run_sync(_read, services, user, run_id, limiter=services.limiter)
    return page(
        request,
        services,
        "staff_vacant_run.html",
        user=user,
        csrf_token=user.csrf_token,
        zone=JAPAN,
        **context,
    )


@router.post(BASE + "/runs/{run_id}/cancel")
async def cancel_choice(request: Request, services: Served, run_id: RunId, params: No) -> Response:
    """Ask a run to end."""
    user = await signed_in(request)
    form = await request.form(max_files=0, max_fields=5)
    csrf.check_form(request, form, services.settings, user)

    def work() -> Response:
        code = services.settings.municipality
        with services.database.write(Audience.STAFF) as conn:
            _run(siting_runs.run(conn, code, run_id))
            siting_runs.cancel(conn, code, run_id, by=user.login or "unknown")
        return RedirectResponse(f"{BASE}/runs/{run_id}", 303, NO_STORE)

    return await run_sync(work, limiter=services.limiter)


def _run(found: Run) -> Run:
    """Other runs have pages of their own."""
    if found.model != MODEL:
        raise NotFoundError(siting_runs.GONE)
    return found


def _read(services: Services, user: Principal, run_id: str) -> dict[str, Any]:
    from api.vacant_houses.choice import Choice
    from api.vacant_houses.runs import answered, told
    from api.vacant_houses.view import KINDS

    code = services.settings.municipality
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, code)
        run = _run(siting_runs.run(conn, code, run_id))
        houses = {house.house_id: house for house in vacant.places(conn, ref)} if answered(run) else {}
        dataset = credit(dataset_queries.active_datasets(conn, ref), KINDS)
    asked = Choice.from_json(run.parameters)
    answers = told(run, asked, houses, ref.generation_no)
    if answers:
        seen = looked_at(str(row.key) for part in answers for row in part.table.rows)
        with services.database.write(Audience.STAFF) as conn:
            details = seen | {"generation": ref.generation_no, "part": "run"}
            record(conn, code, user.login or "unknown", "vacant-houses.view", run_id, details, kind="view")
    return {"ref": ref, "dataset": dataset, "run": run, "asked": asked, "answers": answers}
