"""Forms that change something must come from a page of ours: a token, and what the browser says of the origin.

Signed in, the token is the session's. Before sign-in it is the value of a cookie only we can have set.
"""

from __future__ import annotations

import secrets

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from api.auth import cookies
from api.auth.principals import Principal
from api.auth.tokens import new_token, well_formed
from api.security import refuse_foreign_form
from api.settings import Settings
from kyodo_geo.errors import ForbiddenError

FIELD = "csrf_token"
HEADER = "X-CSRF-Token"
"""Where programs say it that change something without a form."""
STALE = "フォームの有効期限が切れました。前のページに戻り、開き直してから、もう一度送ってください。"
STALE_HEADER = "見出し X-CSRF-Token に、サインインの確認の値が必要です。/ogc の答えの同じ見出しの値を、そのまま付けてください。"


def form_token(request: Request, settings: Settings) -> str:
    """Token for a form shown before sign-in: the cookie's, or a new one that `keep` must set."""
    held = request.cookies.get(cookies.form_name(settings))
    return held if held is not None and well_formed(held) else new_token()


def keep(response: Response, settings: Settings, token: str) -> None:
    """Set the cookie that goes with `form_token`."""
    cookies.put(response, settings, cookies.form_name(settings), token)


def check_form(
    request: Request, form: FormData, settings: Settings, principal: Principal | None = None
) -> None:
    """Raise ForbiddenError unless the form carries the right token and comes from our own page."""
    refuse_foreign_form(request)
    expected = principal.csrf_token if principal else request.cookies.get(cookies.form_name(settings))
    given = form.get(FIELD)
    if (
        not expected
        or not isinstance(given, str)
        or not secrets.compare_digest(given.encode(), expected.encode())
    ):
        raise ForbiddenError(STALE)


def check_header(request: Request, principal: Principal) -> None:
    """The same for a request without a form, which says the session's token in a header."""
    refuse_foreign_form(request)
    expected, given = principal.csrf_token, request.headers.get(HEADER, "")
    if not expected or not secrets.compare_digest(given.encode(), expected.encode()):
        raise ForbiddenError(STALE_HEADER, field=HEADER)
