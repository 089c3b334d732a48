"""What became of the questions and wishes that the city's counters have entered: state and result, nobody's data."""

from __future__ import annotations

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from starlette.responses import HTMLResponse

from api.answers import reading_of
from api.auth.principals import signed_in
from api.clock import JAPAN, today
from api.credits import place_credit
from api.routes.accounts import NO_STORE
from api.routes.partner_tickets import ListParams
from api.services import Served

router = APIRouter(include_in_schema=False)


@router.get("/counter/tickets")
async def counter_tickets(
    request: Request, services: Served, params: Annotated[ListParams, Query()]
) -> Response:
    """The list of all counters together: whoever sits there tomorrow must find what was entered today."""
    user = await signed_in(request)

    def render() -> str:
        ref, rows, following = services.desk.at_counter(params.cursor)
        with reading_of(services) as reading:
            dataset = place_credit(reading.conn, reading.ref)
        return services.pages.render(
            "counter_tickets.html", path="/counter/tickets", ref=ref, dataset=dataset,
            user=user, csrf_token=user.csrf_token, rows=rows, following=following, today=today(), zone=JAPAN,
        )  # fmt: skip

    return HTMLResponse(await run_sync(render, limiter=services.limiter), 200, NO_STORE)
