"""Sign-in, one-time links, the account page and sign-out. None of these answers may be stored anywhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse

from api.auth import cookies, csrf, passwords
from api.auth.principals import ANYBODY, Principal, identify, signed_in
from api.auth.sign_in import IN, LINK_GONE, SECOND_STEP_MINUTES, Step, Visit
from api.auth.tokens import well_formed
from api.auth.whence import source, whence
from api.errors import problem_of
from api.params import No, Params
from api.services import Served, Services
from api.sign_in_settings import EVERYBODY
from geodata.pending_sign_ins import CODE
from kyodo_geo.errors import InputError, KyodoError, NotFoundError

Worked = TypeVar("Worked")

router = APIRouter(include_in_schema=False)

# A path of our own, so that a link to the sign-in page cannot lead somewhere else afterwards.
LOCAL_PATH = re.compile(r"/(?![/\\])[0-9A-Za-z/_.~%-]{0,200}")
MAX_FIELD = 300
NO_STORE = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}


class SignInParams(Params):
    """Where to go after sign-in; anything but a path of ours is ignored."""

    next: Annotated[str, Field(max_length=300)] = "/account"


class WelcomeParams(Params):
    """The one-time token."""

    token: Annotated[str, Field(max_length=100)] = ""


def local(path: str) -> str:
    return path if LOCAL_PATH.fullmatch(path) else "/account"


def text(form: FormData, name: str) -> str:
    """A text field of a form, cut where no honest value reaches; files and missing fields are empty."""
    value = form.get(name)
    return value[:MAX_FIELD] if isinstance(value, str) else ""


async def form_of(request: Request, most_fields: int = 30) -> FormData:
    """The form; few fields and no files (the middleware bounds its size)."""
    return await request.form(max_files=0, max_fields=most_fields)


async def sent_by_user(
    request: Request, services: Services, most_fields: int = 30
) -> tuple[Principal, FormData]:
    """Who is signed in and the form they sent; raises what `signed_in` and `csrf.check_form` raise."""
    user = await signed_in(request)
    form = await form_of(request, most_fields)
    csrf.check_form(request, form, services.settings, user)
    return user, form


def page(request: Request, services: Services, name: str, status: int = 200, **context: Any) -> HTMLResponse:
    html = services.pages.render(name, path=request.url.path, **context)
    return HTMLResponse(html, status, NO_STORE)


def guarded(
    request: Request, services: Services, name: str, status: int = 200, **context: Any
) -> HTMLResponse:
    """A page whose form is used before sign-in: it carries a token and sets the cookie that goes with it."""
    token = csrf.form_token(request, services.settings)
    response = page(request, services, name, status, csrf_token=token, **context)
    csrf.keep(response, services.settings, token)
    return response


def enter(services: Services, token: str, to: str) -> Response:
    """Set the new session's cookie and go on."""
    response = RedirectResponse(to, 303, NO_STORE)
    settings = services.settings
    cookies.put(
        response, settings, cookies.session_name(settings), token, seconds=settings.session_hours * 3600
    )
    cookies.drop(response, settings, cookies.form_name(settings))
    return response


async def slowly(services: Services, work: Callable[..., Worked], *values: Any, **named: Any) -> Worked:
    """Sign-in work: in a thread, a bounded number at a time."""
    return await run_sync(lambda: work(*values, **named), limiter=services.sign_in_limiter)


def visit_of(request: Request, services: Services, to: str = "/account") -> Visit:
    """The browser that signs in, and where it wants to go."""
    old = request.cookies.get(cookies.session_name(services.settings))
    return Visit(to, whence(request), source(request), old)


def go_on(services: Services, step: Step, to: str) -> Response:
    """In, or to the page of what is owed; that page knows from the pending record where to go afterwards."""
    if step.kind == IN:
        return enter(services, step.token, to)
    response = RedirectResponse("/login/code" if step.kind == CODE else "/login/enrol", 303, NO_STORE)
    settings = services.settings
    cookies.put(
        response, settings, cookies.pending_name(settings), step.token, seconds=SECOND_STEP_MINUTES * 60
    )
    return response


def login_page_of(
    request: Request,
    services: Services,
    to: str,
    status: int = 200,
    error: KyodoError | None = None,
    login: str = "",
) -> Response:
    """The page of sign-in, with why it failed; the status is the error's own."""
    settings = services.settings
    headers: Mapping[str, str] = {}
    if error is not None:
        problem = problem_of(error)
        status, headers = problem.status, problem.headers
    response = guarded(
        request, services, "login.html", status, next=to, login=login, error=error.message if error else None,
        of_password=error is None or "field" in error.details,
        provider=settings.oidc_button if settings.oidc_issuer else None, directory=bool(settings.ldap_urls),
        all_local=not settings.elsewhere or EVERYBODY in settings.local_logins,
    )  # fmt: skip
    response.headers.update({name: headers[name] for name in ("Retry-After",) if name in headers})
    return response


@router.get("/login")
async def login_page(
    request: Request, services: Served, params: Annotated[SignInParams, Query()]
) -> Response:
    """The sign-in form."""
    if not (await identify(request)).anonymous:
        return RedirectResponse(local(params.next), 303, NO_STORE)
    return login_page_of(request, services, local(params.next))


@router.post("/login")
async def login(request: Request, services: Served, params: No) -> Response:
    """Sign in with name and password."""
    form = await form_of(request)
    csrf.check_form(request, form, services.settings)
    name, to = text(form, "login"), local(text(form, "next"))
    visit = visit_of(request, services, to)
    try:
        step = await slowly(services, services.sign_in.with_password, name, text(form, "password"), visit)
    except KyodoError as error:
        return login_page_of(request, services, to, error=error, login=name)
    return go_on(services, step, to)


@router.get("/welcome")
async def welcome_page(
    request: Request, services: Served, params: Annotated[WelcomeParams, Query()]
) -> Response:
    """Where a one-time link leads; opening it does not use it up."""
    if not well_formed(params.token):
        raise NotFoundError(LINK_GONE)
    link = await run_sync(services.sign_in.look_at_link, params.token, limiter=services.limiter)
    return guarded(
        request, services, "welcome.html", token=params.token, login=link.login,
        display_name=link.display_name, rule=passwords.RULE, error=None,
    )  # fmt: skip


@router.post("/welcome")
async def welcome(request: Request, services: Served, params: No) -> Response:
    """Use the link up: set the password and sign in."""
    form = await form_of(request)
    csrf.check_form(request, form, services.settings)
    token = text(form, "token")
    if not well_formed(token):
        raise NotFoundError(LINK_GONE)
    try:
        new = same_twice(form)
        step = await slowly(services, services.sign_in.with_link, token, new, visit_of(request, services))
    except InputError as error:
        link = await run_sync(services.sign_in.look_at_link, token, limiter=services.limiter)
        return guarded(
            request, services, "welcome.html", 400, token=token, login=link.login,
            display_name=link.display_name, rule=passwords.RULE, error=error.message,
        )  # fmt: skip
    return go_on(services, step, "/account")


def same_twice(form: FormData) -> str:
    """The new password, typed the same way twice."""
    new = text(form, "password")
    if new != text(form, "password_again"):
        raise InputError(
            "2 回入力したパスワードが一致しません。もう一度入力してください。", field="password_again"
        )
    return new


@router.get("/account")
async def account_page(request: Request, services: Served, params: No) -> Response:
    """Who is signed in, with which roles."""
    principal = await signed_in(request)
    return account(request, services, principal)


def account(
    request: Request, services: Services, principal: Principal, status: int = 200, error: str | None = None
) -> HTMLResponse:
    settings = services.settings
    return page(
        request, services, "account.html", status,
        user=principal, csrf_token=principal.csrf_token, rule=passwords.RULE, error=error,
        own_password=settings.signs_in_here(principal.login or "", principal.office_id),
        codes=settings.totp_key_file is not None and principal.via != "provider",
    )  # fmt: skip


@router.post("/account/password")
async def change_password(request: Request, services: Served, params: No) -> Response:
    """Change the password; every other session of the user ends."""
    principal = await signed_in(request)
    form = await form_of(request)
    csrf.check_form(request, form, services.settings, principal)
    try:
        new = same_twice(form)
        session = await slowly(
            services, services.sign_in.change_password,
            principal.user_id, principal.login, text(form, "old_password"), new, visit_of(request, services),
        )  # fmt: skip
    except InputError as error:
        return account(request, services, principal, 400, error.message)
    return enter(services, session, "/account")


@router.post("/logout")
async def logout(request: Request, services: Served, params: No) -> Response:
    """End the session. Who came through the city's sign-in service is asked whether to leave that too: a page with a link,
    because a form may lead nowhere else (CSP form-action).
    """
    principal = await signed_in(request)
    csrf.check_form(request, await form_of(request), services.settings, principal)
    assert principal.session_hash is not None and principal.login is not None
    via = await run_sync(
        services.sign_in.sign_out, principal.session_hash, principal.login, limiter=services.limiter
    )
    request.state.principal = ANYBODY
    there = None
    if via == "provider":
        there = await run_sync(services.provider.sign_out_address, limiter=services.sign_in_limiter)
    response: Response = RedirectResponse("/", 303, NO_STORE)
    if there is not None:
        response = page(request, services, "signed_out.html", there=there)
    cookies.drop(response, services.settings, cookies.session_name(services.settings))
    return response


@router.get("/staff")
async def staff_page(request: Request, services: Served, params: No) -> Response:
    """What staff find here."""
    principal = await signed_in(request)
    return page(request, services, "staff.html", user=principal, csrf_token=principal.csrf_token)
