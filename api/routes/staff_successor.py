"""Planners look at the next plan beside the one before, and put it into force."""

from __future__ import annotations

from typing import Annotated, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from pydantic import BeforeValidator

from api.auth.principals import Principal, signed_in
from api.clock import today
from api.edit_forms import PLAIN, Sent, Shown, act
from api.params import Identifier, Params
from api.plan_reviews import succession
from api.plan_reviews.reading import staff_reading
from api.progress.files import XLSX
from api.routes.accounts import NO_STORE, page
from api.routes.downloads import disposition
from api.services import Served, Services
from geodata import successors
from geodata.database import Audience
from kyodo_geo.errors import InputError
from kyodo_geo.plan_kinds import INDICATORS, INITIATIVES, MAPPINGS, PLANS, POLICIES

router = APIRouter(include_in_schema=False)
BASE = "/staff/successor"
PARTS = (PLANS, POLICIES, INITIATIVES, INDICATORS, MAPPINGS)


class SuccessorParams(Params):
    """Which plan, and whether it has just been put into force."""

    plan: Annotated[Identifier | None, BeforeValidator(lambda value: value or None)] = None
    done: Literal["force"] | None = None


Asked = Annotated[SuccessorParams, Query()]


def _page(
    request: Request, services: Services, user: Principal, params: SuccessorParams, shown: Shown = PLAIN
) -> Response:
    with staff_reading(services) as reading:
        known = successors.successors(reading.conn, reading.ref.municipality_code)
        found = succession.shown(reading, params.plan) if known or params.plan else None
    return page(
        request, services, "staff_successor.html", shown.status, ref=reading.ref,
        dataset=found.credit(reading.ref.name) if found else None, user=user, csrf_token=user.csrf_token, shown_=found,
        plans=known, kinds=PARTS, shown=shown, seen=found.found.seen if found else "",
        done="計画を有効にしました。公開のページに出ています。" if params.done else None,
    )  # fmt: skip


@router.get(BASE)
async def successor_page(request: Request, services: Served, params: Asked) -> Response:
    """The next plan: its parts, what is missing, both plans side by side."""
    user = await signed_in(request)
    return await run_sync(lambda: _page(request, services, user, params), limiter=services.limiter)


@router.get(BASE + ".xlsx")
async def successor_workbook(request: Request, services: Served, params: Asked) -> Response:
    """Both plans side by side as a workbook, also of a draft."""
    await signed_in(request)

    def work() -> tuple[bytes, str]:
        with staff_reading(services) as reading:
            found = succession.shown(reading, params.plan)
            body = succession.to_xlsx(found, found.credit(reading.ref.name), reading.ref.name)
        return body, f"successor_{found.found.plan['plan_id']}_{today():%Y%m%d}.xlsx"

    body, name = await run_sync(work, limiter=services.limiter)
    return Response(body, 200, {**NO_STORE, **disposition(name)}, media_type=XLSX)


@router.post(BASE)
async def put_into_force(request: Request, services: Served, params: Asked) -> Response:
    """Make the draft the plan that everybody sees."""

    def work(sent: Sent) -> str:
        if not sent.ticked("sure"):
            raise InputError(
                "有効にした計画は、ここでは直せません。確かめて、チェックを入れてください。", field="sure"
            )
        plan_id = params.plan or ""
        with services.database.write(Audience.STAFF) as conn:
            successors.put_into_force(
                conn, services.settings.municipality, plan_id, seen=sent.version, actor=sent.actor
            )
        return f"{BASE}?plan={plan_id}&done=force"

    return await act(
        request, services, "force", work, lambda sent, shown: _page(request, services, sent.user, params, shown),
        lambda sent, error: (),
    )  # fmt: skip
