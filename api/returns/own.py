"""Whose return a browser may see: the one of the code it was opened with, or the one of the officer who is signed in.

Everything the association's form reads and writes goes by `Own`; no address and no field of a form names an association.
"""

from __future__ import annotations

from dataclasses import dataclass

from anyio.to_thread import run_sync
from starlette.datastructures import FormData
from starlette.requests import Request

from api.auth import cookies, csrf
from api.auth.principals import Principal, identify
from api.auth.tokens import digest, new_token, well_formed
from api.auth.whence import source_for
from api.services import Services
from geodata import return_visits
from geodata.database import Audience
from geodata.officers_of import association_of
from geodata.returns import opened_by, rounds
from kyodo_geo.errors import ConflictError, InputError, TooManyRequestsError
from kyodo_geo.roles import Role

BY_CODE = "association"
"""Who changed a return, in the audit log, where nobody signed in."""
WRONG_CODE = "この番号では開けません。書き間違いがないか、期限が過ぎていないか、新しいお手紙が届いていないかを確かめてください。"
TOO_OFTEN = (
    "番号の間違いが続いたため、いったん止めています。{minutes} 分ほど待ってから、もう一度お試しください。"
)
NO_ROUND = "今は、回答を受け付けている年度更新がありません。"
NOT_OFFICER = "このアカウントには、町内会・自治会が登録されていません。市の担当課にご連絡ください。"


@dataclass(frozen=True, slots=True)
class Own:
    """A return, and what its forms must carry. `user`: the officer, None for a visit with a code."""

    fiscal_year: int
    association_id: str
    csrf_token: str
    user: Principal | None = None

    @property
    def actor(self) -> str:
        return BY_CODE if self.user is None else self.user.login or BY_CODE


async def own_of(request: Request, services: Services) -> Own | None:
    """The return this browser may see; None for everybody else. A visit goes before an account.

    Raises ConflictError for an officer whose association or round is not there.
    """
    token = request.cookies.get(cookies.return_name(services.settings))
    if token is not None and well_formed(token):
        visit = await run_sync(_visit, services, token, limiter=services.limiter)
        if visit is not None:
            return Own(visit.fiscal_year, visit.association_id, visit.csrf_token)
    principal = await identify(request)
    if principal.user_id is None or Role.ASSOCIATION_OFFICER not in principal.roles:
        return None
    return await run_sync(_of_officer, services, principal, limiter=services.limiter)


def _visit(services: Services, token: str) -> return_visits.Visit | None:
    with services.database.write(Audience.AUTH) as conn:
        return return_visits.find(conn, services.settings.municipality, digest(token))


def _of_officer(services: Services, principal: Principal) -> Own:
    """The newest round, an open one before a closed one."""
    code = services.settings.municipality
    with services.database.read(Audience.AUTH) as conn:
        association = association_of(conn, code, principal.user_id or 0)
        known = rounds(conn, code)
    if association is None:
        raise ConflictError(NOT_OFFICER)
    found = next((item for item in known if item.open), known[0] if known else None)
    if found is None:
        raise ConflictError(NO_ROUND)
    return Own(found.fiscal_year, association, principal.csrf_token or "", principal)


def open_visit(services: Services, request: Request, typed: str) -> str:
    """Open a return with the code of its letter; returns the cookie's token (blocking).

    Attempts are counted before they are made, by where they come from, as those of sign-in are. Raises InputError,
    TooManyRequestsError.
    """
    code, source = services.settings.municipality, source_for(request, "returns")
    try:
        services.sign_in.count(source)
    except TooManyRequestsError as error:
        wait = int(error.details["retry_after"])
        raise TooManyRequestsError(TOO_OFTEN.format(minutes=-(-wait // 60)), retry_after=wait) from None
    token = new_token()
    with services.database.write(Audience.AUTH) as conn:
        found = opened_by(conn, code, typed)
        if found is not None:
            services.sign_in.forgive(conn, source)
            return_visits.begin(conn, code, digest(token), *found, new_token())
    if found is None:
        raise InputError(WRONG_CODE, field="code")
    return token


def leave(services: Services, token: str) -> None:
    """End a visit (blocking)."""
    with services.database.write(Audience.AUTH) as conn:
        return_visits.leave(conn, services.settings.municipality, digest(token))


def check_form(request: Request, form: FormData, services: Services, own: Own) -> None:
    """Raise ForbiddenError unless the form comes from this return's own page."""
    bearer = Principal(frozenset({Role.PUBLIC}), csrf_token=own.csrf_token)
    csrf.check_form(request, form, services.settings, bearer)
