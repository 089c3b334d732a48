"""Lets pages of other sites look up: one route, only origins of publishable keys, never with cookies.

The browser asks first (preflight, which carries no key): the answer is yes only for an origin of some key that works.
The lookup itself is then readable for the very origin its key was issued to; `api.auth.principals` decides that.
"""

from __future__ import annotations

from contextlib import suppress

from anyio.to_thread import run_sync
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access_table import FOR_PAGES_ELSEWHERE
from api.auth.principals import identify
from api.services import Services
from kyodo_geo.errors import KyodoError

PATHS = frozenset(path for _, path in FOR_PAGES_ELSEWHERE)
HEADERS = frozenset({"authorization", "content-type"})
READABLE = "Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset"
MAX_ORIGIN = 300


class WidgetCors:
    """Plain ASGI, inside the guard; passes everything on that is not for the one route."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in PATHS:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if scope["method"] == "OPTIONS" and await self._may_ask(scope, headers):
            await Response(status_code=204, headers=_yes(headers["origin"]))(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        if "origin" in headers and "authorization" in headers:
            # Before the body is read, so that the page can read what was wrong with it.
            with suppress(KyodoError):
                await identify(Request(scope))

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                found = MutableHeaders(scope=message)
                vary_by_origin(found)
                origin = state.get("widget_origin")
                if origin is not None:
                    found["Access-Control-Allow-Origin"] = origin
                    found["Access-Control-Expose-Headers"] = READABLE
            await send(message)

        await self.app(scope, receive, add)

    async def _may_ask(self, scope: Scope, headers: Headers) -> bool:
        """Whether this is a preflight for what a publishable key may do, from an origin that has one."""
        origin = headers.get("origin", "")
        method = headers.get("access-control-request-method", "")
        wanted = {
            name.strip().lower()
            for name in headers.get("access-control-request-headers", "").split(",")
            if name.strip()
        }
        if (
            (method, scope["path"]) not in FOR_PAGES_ELSEWHERE
            or not wanted <= HEADERS
            or len(origin) > MAX_ORIGIN
        ):
            return False
        services: Services = scope["app"].state.services
        try:
            return await run_sync(services.key_ring.allows_origin, origin, limiter=services.limiter)
        except KyodoError:
            return False


def vary_by_origin(headers: MutableHeaders) -> None:
    """Every answer of the route says so, whoever asked: caches must not mix them up."""
    headers.add_vary_header("Origin")


def _yes(origin: str) -> dict[str, str]:
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "POST",
        "Access-Control-Allow-Headers": "Authorization, Content-Type",
        # Short: a revoked key's origin is asked about again soon. Each lookup checks its key anyway.
        "Access-Control-Max-Age": "600",
        "Vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        "Cache-Control": "no-store",
    }
