"""The administrators' page of accounts: who can sign in and how, and help for those who cannot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Request, Response
from starlette.responses import HTMLResponse

from api.auth.principals import Principal, signed_in
from api.clock import in_words
from api.params import No
from api.routes.accounts import page, sent_by_user
from api.services import Served, Services
from geodata import accounts, second_factors, sessions
from geodata.accounts import User
from geodata.database import Audience, Connection

router = APIRouter(include_in_schema=False)

Login = Annotated[str, Path(pattern=r"^[0-9A-Za-z._@+-]{1,80}$")]


def _page(request: Request, services: Services, user: Principal, done: str | None = None) -> HTMLResponse:
    settings = services.settings
    with services.database.read(Audience.AUTH) as conn:
        found = accounts.users(conn, settings.municipality)
    return page(
        request, services, "staff_accounts.html", user=user, csrf_token=user.csrf_token, accounts=found, done=done,
        said=in_words, way=lambda one: _way(services, one), required=set(settings.totp_roles),
    )  # fmt: skip


def _way(services: Services, one: User) -> str:
    """How the account signs in."""
    settings = services.settings
    if settings.signs_in_here(one.login, one.office_id) and (one.has_password or not settings.elsewhere):
        return "このサービスのパスワード" if one.has_password else "パスワード未設定"
    if settings.oidc_issuer and settings.ldap_urls:
        return "市の認証システムか庁内のパスワード"
    return "市の認証システム" if settings.oidc_issuer else "庁内のパスワード"


@router.get("/staff/accounts")
async def account_list(request: Request, services: Served, params: No) -> Response:
    """All accounts."""
    user = await signed_in(request)
    return await run_sync(_page, request, services, user, limiter=services.limiter)


async def _do(
    request: Request, services: Services, login: str, deed: Callable[[Connection, str, User, str], str]
) -> Response:
    user, _ = await sent_by_user(request, services)

    def work() -> Response:
        with services.database.write(Audience.AUTH) as conn:
            code = services.settings.municipality
            done = deed(conn, code, accounts.user(conn, code, login), user.login or "")
        return _page(request, services, user, done)

    return await run_sync(work, limiter=services.limiter)


@router.post("/staff/accounts/{login}/unlock")
async def unlock(request: Request, services: Served, login: Login, params: No) -> Response:
    """Let somebody try again who was locked out."""

    def deed(conn: Connection, code: str, one: User, by: str) -> str:
        accounts.unlock(conn, code, one.login, by=by)
        return f"「{one.login}」のロックを解きました。"

    return await _do(request, services, login, deed)


@router.post("/staff/accounts/{login}/codes-reset")
async def reset_codes(request: Request, services: Served, login: Login, params: No) -> Response:
    """Take somebody's authenticator away who lost it, after making sure who asks."""

    def deed(conn: Connection, code: str, one: User, by: str) -> str:
        second_factors.remove(conn, code, one.user_id, one.login, by=by)
        sessions.end_sessions(conn, code, one.user_id)
        return f"「{one.login}」の確認コードの登録を消し、サインインを終わりにしました。"

    return await _do(request, services, login, deed)


@router.post("/staff/accounts/{login}/sign-out")
async def sign_out_everywhere(request: Request, services: Served, login: Login, params: No) -> Response:
    """End every session of somebody."""

    def deed(conn: Connection, code: str, one: User, by: str) -> str:
        ended = sessions.sign_out_everywhere(conn, code, one.user_id, one.login, by=by)
        return f"「{one.login}」のサインイン {ended} 件を終わりにしました。"

    return await _do(request, services, login, deed)
