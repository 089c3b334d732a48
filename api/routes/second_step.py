"""Pages of the second step: a code on the way in, setting it up on the way in or from the account, and its codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse

from api.auth import cookies, csrf
from api.auth.principals import Principal, signed_in
from api.auth.second_step import GONE, Shown, by_session
from api.auth.tokens import digest
from api.errors import problem_of
from api.params import No
from api.routes.accounts import (
    NO_STORE,
    form_of,
    guarded,
    local,
    login_page_of,
    page,
    sent_by_user,
    slowly,
    text,
    visit_of,
)
from api.routes.accounts import enter as enter_session
from api.services import Served, Services
from geodata import accounts
from geodata.accounts import User
from geodata.database import Audience
from geodata.pending_sign_ins import CODE, ENROL
from kyodo_geo.errors import ForbiddenError, InputError, KyodoError, NotFoundError

router = APIRouter(include_in_schema=False)

NOT_FOR_PROVIDER = "市の認証システムでサインインしているので、ここでの確認コードは使いません。"


def _pending_token(request: Request, services: Services) -> str | None:
    return request.cookies.get(cookies.pending_name(services.settings))


# -- on the way in --------------------------------------------------------------------------------------------


@router.get("/login/code")
async def code_page(request: Request, services: Served, params: No) -> Response:
    """The form for the code that is owed."""
    try:
        pending, user = await slowly(
            services, services.second_step.pending, _pending_token(request, services)
        )
    except NotFoundError as error:
        return login_page_of(request, services, "/account", error=error)
    if pending.kind == ENROL:
        return RedirectResponse("/login/enrol", 303, NO_STORE)
    return guarded(request, services, "login_code.html", login=user.login, error=None)


@router.post("/login/code")
async def code(request: Request, services: Served, params: No) -> Response:
    """Sign in with the code."""
    form = await form_of(request)
    csrf.check_form(request, form, services.settings)
    token = _pending_token(request, services)
    try:
        pending, user = await slowly(services, services.second_step.pending, token)
    except NotFoundError as error:
        return login_page_of(request, services, "/account", error=error)
    try:
        step = await slowly(
            services, services.second_step.with_code, token, text(form, "code"), visit_of(request, services)
        )
    except NotFoundError as error:
        return login_page_of(request, services, "/account", error=error)
    except KyodoError as error:
        problem = problem_of(error)
        response = guarded(
            request, services, "login_code.html", problem.status, login=user.login, error=error.message
        )
        response.headers.update({k: v for k, v in problem.headers.items() if k == "Retry-After"})
        return response
    return _in(services, step.token, local(pending.next_path))


def _in(services: Services, token: str, to: str) -> Response:
    response = enter_session(services, token, to)
    cookies.drop(response, services.settings, cookies.pending_name(services.settings))
    return response


@router.get("/login/enrol")
async def enrol_page(request: Request, services: Served, params: No) -> Response:
    """Setting codes up before the first sign-in with a role that requires them."""
    try:
        pending, user = await slowly(
            services, services.second_step.pending, _pending_token(request, services)
        )
    except NotFoundError as error:
        return login_page_of(request, services, "/account", error=error)
    if pending.kind == CODE:
        return RedirectResponse("/login/code", 303, NO_STORE)
    return await _enrol_page(request, services, user, _pending_token(request, services))


async def _enrol_page(
    request: Request,
    services: Services,
    user: User,
    token: str | None,
    status: int = 200,
    error: str | None = None,
) -> Response:
    begun_by = digest(token or "")

    def shown() -> Shown | None:
        found = services.second_step.shown(user, begun_by)
        if found is None:
            services.second_step.begin(user, begun_by)
            found = services.second_step.shown(user, begun_by)
        return found

    secret = await slowly(services, shown)
    if secret is None:
        raise NotFoundError(GONE)
    return guarded(
        request, services, "login_enrol.html", status, login=user.login, secret=secret, error=error
    )


@router.post("/login/enrol")
async def enrol(request: Request, services: Served, params: No) -> Response:
    """The first code: the codes for emergencies are shown this once, and the session begins."""
    form = await form_of(request)
    csrf.check_form(request, form, services.settings)
    token = _pending_token(request, services)
    try:
        pending, user = await slowly(services, services.second_step.pending, token)
        step, codes = await slowly(
            services, services.second_step.enrolled, token, text(form, "code"), visit_of(request, services)
        )
    except NotFoundError as error:
        return login_page_of(request, services, "/account", error=error)
    except InputError as error:
        return await _enrol_page(request, services, user, token, 400, error.message)
    answer = _codes_page(request, services, None, codes, local(pending.next_path))
    entered = _in(services, step.token, "/")
    for header in entered.headers.getlist("set-cookie"):
        answer.headers.append("set-cookie", header)
    return answer


def _codes_page(
    request: Request, services: Services, user: Principal | None, codes: list[str], to: str
) -> HTMLResponse:
    return page(
        request, services, "recovery_codes.html", user=user, csrf_token=user.csrf_token if user else None,
        codes=codes, next=to,
    )  # fmt: skip


# -- from the account -----------------------------------------------------------------------------------------


def _refuse_providers(principal: Principal) -> None:
    if principal.via == "provider":
        raise ForbiddenError(NOT_FOR_PROVIDER)


def _user(services: Services, principal: Principal) -> User:
    with services.database.read(Audience.AUTH) as conn:
        return accounts.user(conn, services.settings.municipality, principal.login or "")


def _page(
    request: Request, services: Services, principal: Principal, status: int = 200, **told: Any
) -> HTMLResponse:
    """Where a user's codes stand: none, being set up, or in force."""
    user = _user(services, principal)
    required = bool({role.value for role in user.roles} & set(services.settings.totp_roles))
    ready = services.settings.totp_key_file is not None
    begun_by = by_session(principal.session_no)
    secret = services.second_step.shown(user, begun_by) if ready and not user.has_totp else None
    return page(
        request, services, "totp.html", status, user=principal, csrf_token=principal.csrf_token, ready=ready,
        enrolled=user.has_totp, codes_left=user.codes_left, required=required, secret=secret,
        **{"error": None, "error_field": None, "done": None, **told},
    )  # fmt: skip


@router.get("/account/codes")
async def codes_page(request: Request, services: Served, params: No) -> Response:
    """One's own codes."""
    principal = await signed_in(request)
    _refuse_providers(principal)
    return await run_sync(_page, request, services, principal, limiter=services.sign_in_limiter)


def _refused(request: Request, services: Services, principal: Principal, error: KyodoError) -> Response:
    problem = problem_of(error)
    response = _page(
        request,
        services,
        principal,
        problem.status,
        error=error.message,
        error_field=error.details.get("field"),
    )
    response.headers.update({k: v for k, v in problem.headers.items() if k == "Retry-After"})
    return response


async def _done(
    request: Request, services: Services, deed: Callable[[Principal, FormData], Response]
) -> Response:
    """A form of the page, carried out in a thread; what is refused is told on the page."""
    principal, form = await sent_by_user(request, services)
    _refuse_providers(principal)

    def work() -> Response:
        try:
            return deed(principal, form)
        except KyodoError as error:
            return _refused(request, services, principal, error)

    return await slowly(services, work)


def _confirmed(request: Request, services: Services, principal: Principal, form: FormData) -> User:
    """The user, whose password was typed once more."""
    return services.sign_in.confirm_password(
        principal.login or "", text(form, "old_password"), visit_of(request, services)
    )


@router.post("/account/codes/begin")
async def begin_codes(request: Request, services: Served, params: No) -> Response:
    """A new secret, after the password was typed once more."""

    def deed(principal: Principal, form: FormData) -> Response:
        user = _confirmed(request, services, principal, form)
        services.second_step.begin(user, by_session(principal.session_no))
        return RedirectResponse("/account/codes", 303, NO_STORE)

    return await _done(request, services, deed)


@router.post("/account/codes/confirm")
async def confirm_codes(request: Request, services: Served, params: No) -> Response:
    """The first code puts the secret in force; every other session of the user ends."""

    def deed(principal: Principal, form: FormData) -> Response:
        codes = services.second_step.confirm(
            _user(services, principal),
            text(form, "code"),
            by_session(principal.session_no),
            session_no=principal.session_no,
        )
        return _codes_page(request, services, principal, codes, "/account/codes")

    return await _done(request, services, deed)


@router.post("/account/codes/recovery")
async def new_recovery_codes(request: Request, services: Served, params: No) -> Response:
    """New recovery codes."""

    def deed(principal: Principal, form: FormData) -> Response:
        codes = services.second_step.replace_codes(_confirmed(request, services, principal, form))
        return _codes_page(request, services, principal, codes, "/account/codes")

    return await _done(request, services, deed)


@router.post("/account/codes/remove")
async def remove_codes(request: Request, services: Served, params: No) -> Response:
    """No codes any more; refused where a role requires them."""

    def deed(principal: Principal, form: FormData) -> Response:
        user = _confirmed(request, services, principal, form)
        services.second_step.remove(user, session_no=principal.session_no)
        return _page(
            request,
            services,
            principal,
            done="確認コードをやめました。ほかの機器のサインインは終わりました。",
        )

    return await _done(request, services, deed)
