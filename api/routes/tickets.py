"""Forms anybody may use: a question to the city, a wish to join. What is written stands in the body alone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from starlette.responses import HTMLResponse

from api.answers import reading_of
from api.auth import csrf
from api.auth.principals import ANYBODY, Principal, identify
from api.auth.tokens import new_token, well_formed
from api.credits import credit
from api.mail.server import sends_mail
from api.params import Identifier, No, Params
from api.routes.accounts import NO_STORE, form_of
from api.services import Served, Services
from api.tickets.forms import TRAP, TRAPPED, Filled, filled, typed
from api.zones import NOT_TAKEN, zone_of
from geodata.queries.association_names import by_district, names
from geodata.queries.datasets import active_datasets
from kyodo_geo.errors import ForbiddenError, InputError, TooManyRequestsError
from kyodo_geo.ticket_entries import referral_errors, wish_errors
from kyodo_geo.tickets import PURPOSE, channel

router = APIRouter(include_in_schema=False)

QUESTION, JOIN = "referral", "wish"
_PATHS = {QUESTION: "/referrals", JOIN: "/join"}
_TEMPLATES = {QUESTION: "referral_new.html", JOIN: "join_new.html"}


class NewParams(Params):
    """The association the ticket is about."""

    association: Identifier | None = None


New = Annotated[NewParams, Query()]


async def user_of(request: Request) -> Principal:
    """Whoever is signed in in the browser, or nobody; a program's key is nobody here."""
    found = await identify(request)
    return found if found.user_id is not None else ANYBODY


async def _page(
    request: Request,
    services: Services,
    what: str,
    values: Filled,
    status: int = 200,
    *,
    errors: dict[str, str] | None = None,
    form_id: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    user = await user_of(request)
    token = user.csrf_token or csrf.form_token(request, services.settings)
    context = {
        "user": user if user.user_id is not None else None,
        "csrf_token": token,
        "values": values,
        "errors": errors or {},
        "form_id": form_id if form_id is not None and well_formed(form_id) else new_token(),
        "channel": channel(user.roles, user.office_id),
        "keep_days": services.settings.ticket_retention_days,
        "trap": TRAP,
        "sends_mail": sends_mail(services.settings),
        "purpose": PURPOSE,
    }
    html = await run_sync(_render, services, what, values, context, limiter=services.limiter)
    response = HTMLResponse(html, status, {**NO_STORE, **(headers or {})})
    if user.csrf_token is None:
        csrf.keep(response, services.settings, token)
    return response


def _render(services: Services, what: str, values: Filled, context: dict[str, Any]) -> str:
    with reading_of(services) as reading:
        known = names(reading.conn, reading.ref)
        infos = active_datasets(reading.conn, reading.ref)
        chosen = next((item for item in known if item.id == values.association), None)
        return services.pages.render(
            _TEMPLATES[what],
            path=_PATHS[what] + "/new",
            ref=reading.ref,
            dataset=credit(infos, ("associations",)),
            chosen=chosen,
            districts=by_district(known),
            **context,
        )


async def _enter(request: Request, services: Services, what: str) -> Response:
    user = await user_of(request)
    if channel(user.roles, user.office_id) == "page" and not zone_of(services.settings).page_tickets:
        raise ForbiddenError(NOT_TAKEN)
    form = await form_of(request)
    csrf.check_form(request, form, services.settings, user if user.user_id is not None else None)
    values, form_id = filled(form), typed(form, "form_id")
    if values.trap:
        return await _page(request, services, what, values, 400, errors={TRAP: TRAPPED}, form_id=form_id)
    entry = values.referral() if what == QUESTION else values.wish()
    errors = referral_errors(entry) if what == QUESTION else wish_errors(entry)  # type: ignore[arg-type]
    if errors:
        return await _page(request, services, what, values, 400, errors=errors, form_id=form_id)
    # Pressed twice, the second press waits for the first and finds its number.
    lock = services.locks.setdefault(("ticket form", form_id), asyncio.Lock())
    async with lock:
        number = services.gate.ticket_of(form_id) if well_formed(form_id) else None
        if number is None:
            try:
                services.gate.enter(request.client.host if request.client else "", login=user.login)
                number = await run_sync(services.desk.enter, entry, user, limiter=services.limiter)
            except TooManyRequestsError as error:
                wait = {"Retry-After": str(error.details["retry_after"])}
                return await _page(
                    request, services, what, values, 429,
                    errors={"": error.message}, form_id=form_id, headers=wait,
                )  # fmt: skip
            except InputError as error:
                field = str(error.details.get("field", ""))
                again = replace(values, association="") if field == "association" else values
                return await _page(
                    request, services, what, again, 400, errors={field: error.message}, form_id=form_id
                )
            services.gate.remember(form_id, number)
    # Answered here and not by an address with the number in it: numbers can be guessed. Sent again on reloading, the
    # form finds its number.
    return await _done(request, services, what, number)


async def _done(request: Request, services: Services, what: str, number: int | None) -> Response:
    """The page after a ticket; without a number it says where the number is."""
    user = await user_of(request)

    def render() -> str:
        with reading_of(services) as reading:
            return services.pages.render(
                "ticket_done.html",
                path=request.url.path,
                ref=reading.ref,
                user=user if user.user_id is not None else None,
                csrf_token=user.csrf_token,
                number=number,
                what=what,
                channel=channel(user.roles, user.office_id),
                days=services.settings.referral_due_days
                if what == QUESTION
                else services.settings.wish_due_days,
                keep_days=services.settings.ticket_retention_days,
                sends_mail=sends_mail(services.settings),
            )

    return HTMLResponse(await run_sync(render, limiter=services.limiter), 200, NO_STORE)


@router.get("/referrals/new")
async def referral_form(request: Request, services: Served, params: New) -> Response:
    """Ask the city a question."""
    return await _page(request, services, QUESTION, Filled(association=params.association or ""))


@router.post("/referrals/new")
async def enter_referral(request: Request, services: Served, params: New) -> Response:
    """Enter the question."""
    return await _enter(request, services, QUESTION)


@router.get("/referrals/done")
async def referral_done(request: Request, services: Served, params: No) -> Response:
    """Nobody's number: it is shown once, in the answer to the form."""
    return await _done(request, services, QUESTION, None)


@router.get("/join/new")
async def join_form(request: Request, services: Served, params: New) -> Response:
    """Pass on a wish to join."""
    return await _page(request, services, JOIN, Filled(association=params.association or ""))


@router.post("/join/new")
async def enter_wish(request: Request, services: Served, params: New) -> Response:
    """Enter the wish."""
    return await _enter(request, services, JOIN)


@router.get("/join/done")
async def join_done(request: Request, services: Served, params: No) -> Response:
    """Nobody's number: it is shown once, in the answer to the form."""
    return await _done(request, services, JOIN, None)
