"""The sessions of one's own account: when each began, from where roughly, and an end to any of them."""

from __future__ import annotations

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Request, Response
from starlette.responses import HTMLResponse, RedirectResponse

from api.auth import cookies
from api.auth.principals import ANYBODY, Principal, signed_in
from api.clock import in_words
from api.params import No
from api.routes.accounts import NO_STORE, page, sent_by_user
from api.services import Served, Services
from geodata import sessions
from geodata.audit import record
from geodata.database import Audience

router = APIRouter(include_in_schema=False)

SessionNo = Annotated[int, Path(ge=1, le=2**53)]
VIA = {
    "password": "このサービスのパスワード", "link": "招待リンク", "directory": "庁内のパスワード", "provider": "市の認証システム",
}  # fmt: skip


def _page(request: Request, services: Services, user: Principal, done: str | None = None) -> HTMLResponse:
    settings = services.settings
    with services.database.read(Audience.AUTH) as conn:
        found = sessions.sessions_of(
            conn, settings.municipality, user.user_id or 0, idle_minutes=settings.session_idle_minutes
        )
    return page(
        request, services, "sessions.html", user=user, csrf_token=user.csrf_token, sessions=found, here=user.session_no,
        via=VIA, said=in_words, done=done, idle=settings.session_idle_minutes,
    )  # fmt: skip


@router.get("/account/sessions")
async def session_list(request: Request, services: Served, params: No) -> Response:
    """Where one is signed in."""
    user = await signed_in(request)
    return await run_sync(_page, request, services, user, limiter=services.limiter)


@router.post("/account/sessions/{session_no}/end")
async def end_one(request: Request, services: Served, session_no: SessionNo, params: No) -> Response:
    """End one of them; with the present one, this browser is signed out."""
    user, _ = await sent_by_user(request, services)

    def work() -> Response:
        with services.database.write(Audience.AUTH) as conn:
            code, login = services.settings.municipality, user.login or ""
            ended = sessions.end_session(conn, code, user.user_id or 0, session_no)
            record(conn, code, login, "sign-out", login, {"sessions": int(ended)}, kind="sign-in")
        if session_no == user.session_no:
            response = RedirectResponse("/login", 303, NO_STORE)
            cookies.drop(response, services.settings, cookies.session_name(services.settings))
            return response
        return _page(request, services, user, done="その機器のサインインを終わりにしました。")

    response = await run_sync(work, limiter=services.limiter)
    if session_no == user.session_no:
        request.state.principal = ANYBODY
    return response


@router.post("/account/sessions/end-others")
async def end_others(request: Request, services: Served, params: No) -> Response:
    """End all but this one."""
    user, _ = await sent_by_user(request, services)

    def work() -> Response:
        with services.database.write(Audience.AUTH) as conn:
            code, login = services.settings.municipality, user.login or ""
            ended = sessions.end_sessions(conn, code, user.user_id or 0, but=user.session_no)
            record(conn, code, login, "sign-out", login, {"sessions": ended}, kind="sign-in")
        return _page(request, services, user, done=f"ほかの {ended} 件のサインインを終わりにしました。")

    return await run_sync(work, limiter=services.limiter)
