"""The cookies: the session's, the one that guards forms used before sign-in, and (with a replica) `api.written`'s."""

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


def written_name(settings: Settings) -> str:
    return _name(settings, "kyodo_written")


def put(response: Response, settings: Settings, name: str, value: str, *, seconds: int | None = None) -> None:
    """Set a cookie no script can read and no other site's form sends along."""
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=settings.secure_cookies, httponly=True, samesite="lax"
    )


def drop(response: Response, settings: Settings, name: str) -> None:
    response.delete_cookie(name, path="/", secure=settings.secure_cookies, httponly=True, samesite="lax")
