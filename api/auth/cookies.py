"""The cookies: the session's, those of a sign-in under way and of forms before it, that of a return opened with its code, and
(with a replica) `api.written`'s.

All are `SameSite=Lax`. Strict would lose them on the way back from the city's sign-in service and on every link in a mail
to staff, which are top-level visits from elsewhere; what changes something is a POST, which Lax does not send from
elsewhere, and carries a token besides (`api/auth/csrf.py`).
"""

from __future__ import annotations

from starlette.responses import Response

from api.settings import Settings


def _name(settings: Settings, base: str) -> str:
    # With the __Host- prefix a browser takes the cookie from this very host and over HTTPS only.
    return f"__Host-{base}" if settings.secure_cookies else base


def session_name(settings: Settings) -> str:
    return _name(settings, "kyodo_session")


def form_name(settings: Settings) -> str:
    return _name(settings, "kyodo_form")


def pending_name(settings: Settings) -> str:
    return _name(settings, "kyodo_pending")


def return_name(settings: Settings) -> str:
    return _name(settings, "kyodo_return")


def written_name(settings: Settings) -> str:
    return _name(settings, "kyodo_written")


def put(response: Response, settings: Settings, name: str, value: str, *, seconds: int | None = None) -> None:
    """Set a cookie no script can read and no other site's form sends along."""
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=settings.secure_cookies, httponly=True, samesite="lax"
    )


def session_header(settings: Settings, token: str) -> str:
    """The session's cookie as the value of a `Set-Cookie` header."""
    response = Response()
    put(response, settings, session_name(settings), token, seconds=settings.session_hours * 3600)
    return response.headers["set-cookie"]


def drop(response: Response, settings: Settings, name: str) -> None:
    response.delete_cookie(name, path="/", secure=settings.secure_cookies, httponly=True, samesite="lax")
