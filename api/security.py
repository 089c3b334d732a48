"""What browsers are told to refuse, and which host names we answer to."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request

from api.settings import Settings
from kyodo_geo.errors import ForbiddenError

GSI_TILES = "https://cyberjapandata.gsi.go.jp"


def content_security_policy(settings: Settings) -> str:
    """Everything from ourselves; the only other host is the tile server, and only with the gsi profile."""
    images = "'self' data:" + (f" {GSI_TILES}" if settings.basemap == "gsi" else "")
    policy = {
        "default-src": "'self'",
        "script-src": "'self'",
        # Leaflet places tiles and panes through the style attribute of elements it makes by script, which CSP
        # allows; style attributes in HTML text are refused.
        "style-src": "'self'",
        "img-src": images,
        "connect-src": "'self'",
        "font-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in policy.items())


def framed_headers(settings: Settings) -> dict[str, str]:
    """Headers of the pages that the sites of `embed_origins` may frame: those of every answer, but for who may frame it."""
    headers = security_headers(settings)
    if settings.embed_origins:
        del headers[
            "X-Frame-Options"
        ]  # it knows no list; browsers that know frame-ancestors do not look at it
        allowed = " ".join(["'self'", *settings.embed_origins])
        policy = headers["Content-Security-Policy"]
        headers["Content-Security-Policy"] = policy.replace(
            "frame-ancestors 'none'", f"frame-ancestors {allowed}"
        )
        # Nothing to ask a visitor for in a frame, whatever the page around it would delegate.
        headers["Permissions-Policy"] = headers["Permissions-Policy"].replace("(self)", "()")
    return headers


def security_headers(settings: Settings) -> dict[str, str]:
    """Headers of every answer."""
    headers = {
        "Content-Security-Policy": content_security_policy(settings),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        # `same-origin`, not `no-referrer`: with the latter browsers send `Origin: null` with our own forms, and
        # over plain http on an internal network there is no Sec-Fetch-Site to tell them from foreign ones.
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if settings.public_url.startswith("https://"):
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def allowed_hosts(settings: Settings) -> list[str]:
    """Host names we answer to: the settings' and our own public one; `*` and `*.example.lg.jp` work too."""
    own = urlsplit(settings.public_url).hostname
    return list(dict.fromkeys([*settings.trusted_hosts, *([own] if own else []), "127.0.0.1", "localhost"]))


def refuse_foreign_form(request: Request) -> None:
    """Raise ForbiddenError when a form was sent from another site's page.

    Browsers say where a request comes from in Sec-Fetch-Site (secure contexts) or Origin; programs send neither.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise ForbiddenError(
                "ほかのサイトのページからは送れません。このサービスのページからお試しください。"
            )
        return
    origin = request.headers.get("origin")
    if origin is None:
        return
    if origin == "null" or urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower():
        raise ForbiddenError("ほかのサイトのページからは送れません。このサービスのページからお試しください。")
