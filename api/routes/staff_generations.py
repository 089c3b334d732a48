"""Which datasets are active: activate after a look at what goes with it, roll back, and the history of both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from starlette.responses import RedirectResponse

from api.auth import csrf
from api.auth.principals import Principal, signed_in
from api.clock import in_words
from api.params import Integer, No, Params
from api.routes.accounts import NO_STORE, form_of, page, text
from api.routes.staff_datasets import BASE, MOST, DatasetId, user_of
from api.services import Served, Services
from api.staff_datasets import reading
from api.staff_datasets.deeds import deeds
from api.staff_datasets.faults import counts_of
from geodata.change_figures import history
from geodata.database import Connection, active_generation
from geodata.datasets import show_dataset
from geodata.generations import Plan, activate, plan, plan_rollback, rollback
from kyodo_geo.errors import ConflictError, InputError
from kyodo_geo.kinds import KIND_NAMES, KINDS, dependants

router = APIRouter(include_in_schema=False)

MOST_NAMED = 50
"""Overlaps and gaps that the confirmation names one by one."""
NO_GENERATION = "確かめた世代の番号がありません。前のページに戻り、開き直してから、もう一度お試しください。"


class RollbackParams(Params):
    """Which generation's set to take over; the one before the active one unless told."""

    to: Annotated[Integer, Field(ge=1, le=MOST)] | None = None


class ActivateParams(Params):
    """`also`: numbers of the datasets that become active at the same time."""

    also: list[Annotated[Integer, Field(ge=1, le=MOST)]] = Field(default=[], max_length=len(KINDS))


class HistoryParams(Params):
    """`done`: the generation that was just made."""

    done: Annotated[Integer, Field(ge=1, le=MOST)] | None = None


def _seen(value: str) -> int:
    """The generation the form was made for."""
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise InputError(NO_GENERATION, field="generation")
    return int(value)


@router.get(BASE + "/history")
async def history_page(
    request: Request, services: Served, params: Annotated[HistoryParams, Query()]
) -> Response:
    """Who made which generation, when and why, and how much it changed."""
    principal = await signed_in(request)
    rows, told = await run_sync(
        reading.in_loader, services, lambda conn, code: (history(conn, code), deeds(conn, code)),
        limiter=services.limiter,
    )  # fmt: skip
    for row in rows:
        row["at"] = in_words(row["activated_at"]).partition(" ")[2]
        row["changes"] = [
            (kind, number) for kind, number in row["datasets"].items() if row["before"].get(kind) != number
        ]
    return page(
        request, services, "staff_dataset_history.html", **user_of(principal), generations=rows, deeds=told, kinds=KIND_NAMES,
        done=next((row for row in rows if row["generation_no"] == params.done), None),
    )  # fmt: skip


def _planned(services: Services, dataset_id: int, also: Sequence[int] = ()) -> dict[str, Any]:
    def work(conn: Connection, code: str) -> dict[str, Any]:
        row = show_dataset(conn, code, dataset_id)
        refused, planned = None, None
        try:
            planned = plan(conn, code, [dataset_id, *also])
        except ConflictError as error:
            refused = error.message
        numbers = {**planned.fresh, **planned.retired} if planned else {}
        numbers_before = planned.replaced if planned else {}
        titles = {
            number: show_dataset(conn, code, number)
            for number in {*numbers.values(), *numbers_before.values()}
        }
        fresh = planned.fresh if planned else {}
        return {
            "row": row,
            "plan": planned,
            "refused": refused,
            "titles": titles,
            "active": reading.is_active(conn, code, row),
            "current": active_generation(conn, code) or 0,
            "standing": _standing(conn, code, planned) if planned else [],
            "diffs": {
                kind: reading.difference(services, conn, code, number) for kind, number in fresh.items()
            },
            "found": {
                kind: [item for item in counts_of(titles[number]["report"]) if item["count"]]
                for kind, number in fresh.items()
            },
            "rules": reading.rules_compared(services, conn, code, fresh),
            "also": list(also),
            "companions": reading.companions(conn, code, row["kind"]),
        }

    return reading.in_loader(services, work)


def _standing(conn: Connection, code: str, planned: Plan) -> list[str]:
    """Kinds that stay active and stand on what is replaced."""
    on_it = {kind for fresh in planned.fresh for kind in dependants(fresh)} - {
        *planned.fresh,
        *planned.retired,
    }
    return [
        label for kind, label in KIND_NAMES.items() if kind in on_it and reading.active_of(conn, code, kind)
    ]


async def _activate_page(
    request: Request,
    services: Services,
    principal: Principal,
    dataset_id: int,
    also: Sequence[int],
    status: int = 200,
    **more: Any,
) -> Response:
    found = await run_sync(_planned, services, dataset_id, also, limiter=services.limiter)
    return page(
        request, services, "staff_dataset_activate.html", status, **user_of(principal), kinds=KIND_NAMES,
        dataset=reading.credit_of(found["row"]), most=MOST_NAMED, **{"error": None, "note": "", **found, **more},
    )  # fmt: skip


@router.get(BASE + "/{dataset_id}/activate")
async def activate_page(
    request: Request, services: Served, dataset_id: DatasetId, params: Annotated[ActivateParams, Query()]
) -> Response:
    """What would come, go and retire."""
    return await _activate_page(request, services, await signed_in(request), dataset_id, params.also)


@router.post(BASE + "/{dataset_id}/activate")
async def activate_dataset(request: Request, services: Served, dataset_id: DatasetId, params: No) -> Response:
    """Make the new generation, unless another one was made since the page was opened."""
    principal = await signed_in(request)
    form = await form_of(request)
    csrf.check_form(request, form, services.settings, principal)
    note, seen = text(form, "note").strip(), _seen(text(form, "generation"))
    also = [_seen(value) for value in form.getlist("also") if isinstance(value, str)]

    def work() -> int:
        done = activate(
            services.database, services.settings.municipality, [dataset_id, *also], by=principal.login or "",
            note=note or None, expected=seen,
        )  # fmt: skip
        return done.generation_no

    try:
        number = await run_sync(work, limiter=services.limiter)
    except ConflictError as error:
        return await _activate_page(
            request, services, principal, dataset_id, also, 409, error=error.message, note=note
        )
    return RedirectResponse(f"{BASE}/history?done={number}", 303, NO_STORE)


def _restored(services: Services, to: int | None) -> dict[str, Any]:
    def work(conn: Connection, code: str) -> dict[str, Any]:
        refused, planned = None, None
        try:
            planned = plan_rollback(conn, code, to)
        except ConflictError as error:
            refused = error.message
        numbers = (
            {number for pair in planned.changes.values() for number in pair if number} if planned else set()
        )
        return {
            "plan": planned,
            "refused": refused,
            "titles": {number: show_dataset(conn, code, number) for number in numbers},
            "current": active_generation(conn, code) or 0,
        }

    return reading.in_loader(services, work)


async def _rollback_page(
    request: Request, services: Services, principal: Principal, to: int | None, status: int = 200, **more: Any
) -> Response:
    found = await run_sync(_restored, services, to, limiter=services.limiter)
    return page(
        request, services, "staff_dataset_rollback.html", status, **user_of(principal), kinds=KIND_NAMES,
        **{"error": None, "note": "", "to": to, **found, **more},
    )  # fmt: skip


@router.get(BASE + "/rollback")
async def rollback_page(
    request: Request, services: Served, params: Annotated[RollbackParams, Query()]
) -> Response:
    """What an earlier generation would bring back."""
    return await _rollback_page(request, services, await signed_in(request), params.to)


@router.post(BASE + "/rollback")
async def roll_back(request: Request, services: Served, params: No) -> Response:
    """Make a new generation with the set of an earlier one."""
    principal = await signed_in(request)
    form = await form_of(request)
    csrf.check_form(request, form, services.settings, principal)
    note, seen, to = text(form, "note").strip(), _seen(text(form, "generation")), _seen(text(form, "to"))

    def work() -> int:
        done = rollback(
            services.database, services.settings.municipality, by=principal.login or "", to_generation=to,
            note=note or None, expected=seen,
        )  # fmt: skip
        return done.generation_no

    try:
        number = await run_sync(work, limiter=services.limiter)
    except ConflictError as error:
        return await _rollback_page(request, services, principal, to, 409, error=error.message, note=note)
    return RedirectResponse(f"{BASE}/history?done={number}", 303, NO_STORE)
