"""Sign-in through the city's service: out, back, and its word that somebody signed out there."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from pydantic import ConfigDict, Field
from starlette.responses import RedirectResponse

from api.auth import cookies
from api.auth.elsewhere import RETURN_PATH
from api.auth.principals import identify
from api.auth.provider_sign_in import AWAY_MINUTES, Returned
from api.auth.sign_in import Visit
from api.auth.whence import source_for
from api.params import No, Params
from api.routes.accounts import (
    NO_STORE,
    SignInParams,
    form_of,
    go_on,
    local,
    login_page_of,
    slowly,
    visit_of,
)
from api.services import Served, Services
from kyodo_geo.errors import ForbiddenError, KyodoError

router = APIRouter(include_in_schema=False)

MAX_TOKEN = 16_000
NOT_OPENED = "このアドレスは、サインインのページのボタンから開いてください。"


def _visit(request: Request, services: Services, to: str = "/account") -> Visit:
    """The browser, counted apart from passwords."""
    return replace(visit_of(request, services, to), source=source_for(request, "provider"))


def _opened(request: Request) -> None:
    """Raise ForbiddenError for what a page elsewhere fetches or embeds (images, frames): each would start a process here.

    Browsers say it themselves; who says nothing is let through.
    """
    mode, where = request.headers.get("sec-fetch-mode"), request.headers.get("sec-fetch-dest")
    if mode not in (None, "navigate") or where not in (None, "document"):
        raise ForbiddenError(NOT_OPENED)


class ReturnParams(Params):
    """What a provider may send back; what else it sends (session_state and the like) is not read."""

    model_config = ConfigDict(extra="ignore")

    state: Annotated[str, Field(max_length=200)] = ""
    code: Annotated[str, Field(max_length=4000)] = ""
    iss: Annotated[str | None, Field(max_length=500)] = None
    error: Annotated[str, Field(max_length=100)] = ""


@router.get("/login/oidc")
async def leave(request: Request, services: Served, params: Annotated[SignInParams, Query()]) -> Response:
    """On to the city's service. A GET: a form may lead nowhere else (CSP), and a portal of the city's may link here."""
    _opened(request)
    to = local(params.next)
    if not (await identify(request)).anonymous:
        return RedirectResponse(to, 303, NO_STORE)
    try:
        url, token = await slowly(services, services.provider.begin, _visit(request, services, to))
    except KyodoError as error:
        return login_page_of(request, services, to, error=error)
    response = RedirectResponse(url, 303, NO_STORE)
    settings = services.settings
    cookies.put(response, settings, cookies.pending_name(settings), token, seconds=AWAY_MINUTES * 60)
    return response


@router.get(RETURN_PATH)
async def come_back(request: Request, services: Served, params: Annotated[ReturnParams, Query()]) -> Response:
    """Back from it: signed in, or told why not."""
    settings = services.settings
    token = request.cookies.get(cookies.pending_name(settings))
    returned = Returned(params.state, params.code, params.iss, params.error)
    try:
        step, to = await slowly(
            services, services.provider.finish, token, returned, _visit(request, services)
        )
    except KyodoError as error:
        response = login_page_of(request, services, "/account", error=error)
        cookies.drop(response, settings, cookies.pending_name(settings))
        return response
    response = go_on(services, step, to)
    cookies.drop(response, settings, cookies.pending_name(settings))
    return response


@router.post("/login/oidc/signed-out")
async def signed_out_there(request: Request, services: Served, params: No) -> Response:
    """OpenID Connect Back-Channel Logout: sent by the provider itself, and signed: it needs no token of a form."""
    form = await form_of(request, 5)
    token = form.get("logout_token")
    sent = token if isinstance(token, str) and len(token) <= MAX_TOKEN else ""
    counted = source_for(request, "signed-out")
    await run_sync(services.provider.signed_out_there, sent, counted, limiter=services.sign_in_limiter)
    return Response(status_code=200, headers={"Cache-Control": "no-store"})
