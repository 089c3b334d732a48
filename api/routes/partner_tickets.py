"""What an office of the agreement has passed on, and what came back: its own tickets alone."""

from __future__ import annotations

from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BeforeValidator, Field
from starlette.responses import HTMLResponse

from api.answers import reading_of
from api.auth.principals import Principal, signed_in
from api.clock import JAPAN, today
from api.credits import place_credit
from api.params import Integer, No, Params, plain_integer
from api.routes.accounts import NO_STORE
from api.services import Served, Services
from kyodo_geo.errors import ForbiddenError
from kyodo_geo.tickets import erased_on_request

router = APIRouter(include_in_schema=False)

TicketNo = Annotated[int, BeforeValidator(plain_integer), Path(ge=1, le=2_147_483_647)]


class ListParams(Params):
    """Where the list goes on."""

    cursor: Annotated[Integer, Field(ge=1, le=2_147_483_647)] | None = None


async def office_of(request: Request) -> tuple[Principal, str]:
    """The signed-in user and the office they work for; raises ForbiddenError without one."""
    user = await signed_in(request)
    if not user.office_id:
        raise ForbiddenError("このアカウントには会員店が登録されていません。管理者にお問い合わせください。")
    return user, user.office_id


def _credit(services: Services) -> dict[str, Any]:
    with reading_of(services) as reading:
        return place_credit(reading.conn, reading.ref)


@router.get("/partner/tickets")
async def partner_tickets(
    request: Request, services: Served, params: Annotated[ListParams, Query()]
) -> Response:
    """The office's own list."""
    user, office = await office_of(request)

    def render() -> str:
        ref, rows, following = services.desk.own(office, params.cursor)
        return services.pages.render(
            "partner_tickets.html", path="/partner/tickets", ref=ref, dataset=_credit(services),
            user=user, csrf_token=user.csrf_token, rows=rows, following=following, today=today(), zone=JAPAN,
        )  # fmt: skip

    return HTMLResponse(await run_sync(render, limiter=services.limiter), 200, NO_STORE)


@router.get("/partner/tickets/{no}")
async def partner_ticket(request: Request, services: Served, no: TicketNo, params: No) -> Response:
    """One ticket of the office."""
    user, office = await office_of(request)

    def render() -> str:
        ref, detail, events = services.desk.own_one(office, no)
        return services.pages.render(
            "partner_ticket.html", path="/partner/tickets", ref=ref, dataset=_credit(services),
            user=user, csrf_token=user.csrf_token, ticket=detail, events=events, today=today(), zone=JAPAN,
            on_request=erased_on_request(
                detail.summary.closed_at, detail.summary.erased_at, services.settings.ticket_retention_days,
                moved_at=max([detail.summary.received_at, *(event.at for event in events)]),
                open_days=services.settings.ticket_open_days,
            ),
        )  # fmt: skip

    return HTMLResponse(await run_sync(render, limiter=services.limiter), 200, NO_STORE)
