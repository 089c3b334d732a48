"""Lets pages of other sites read what everybody may read: `/ogc`, `/opendata` and the public data below `/api/v1`.

One constant answer, whoever asks: every origin, reading alone, no credentials. So it needs no `Vary`, may lie in caches
and in what the short ways hold, and an answer made for somebody who signed in never carries it. Looking up addresses
stays with the keys of pages (`api/widget_cors.py`): public, but asked of us, not published by us.
"""

from __future__ import annotations

import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import logs
from api.access_table import read_elsewhere
from api.hot_answers import OUR_COOKIES

METHODS = frozenset({"GET", "HEAD"})
READABLE = (
    "Link, ETag, Content-Crs, Content-Disposition, Content-Encoding, Content-Length, Retry-After, RateLimit-Limit, "
    "RateLimit-Remaining, RateLimit-Reset"
)
"""Beside what every page may read of an answer anyway (type, language, cache control)."""
SENDABLE = "Accept, Accept-Language, Cache-Control, Content-Type, If-None-Match, Pragma, X-Requested-With"
"""What the page's own program may send beside what needs no asking; never a key."""
LASTS_S = 86_400


class PublicCors:
    """Plain ASGI, around all that refuses and fails, so that a page can read why it got nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not read_elsewhere(scope["path"]):
            await self.app(scope, receive, send)
            return
        if scope["method"] == "OPTIONS" and _asks_to_read(Headers(scope=scope)):
            began = time.perf_counter()
            await _yes()(scope, receive, send)
            logs.access("OPTIONS", "-", 204, (time.perf_counter() - began) * 1000, 0)
            return
        if scope["method"] not in METHODS:
            await self.app(scope, receive, send)
            return
        nobody = not _shows_who(scope)

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if nobody or headers.get("cache-control", "").startswith("public"):
                    let_read(headers)
            await send(message)

        await self.app(scope, receive, add)


def let_read(headers: MutableHeaders) -> None:
    """Every page may read the answer, and these of its headers."""
    headers["Access-Control-Allow-Origin"] = "*"
    headers["Access-Control-Expose-Headers"] = READABLE


def _shows_who(scope: Scope) -> bool:
    """Whether a refusal may have to do with who asks; bytes made for everybody say so themselves (`public`)."""
    return any(
        name == b"authorization" or (name == b"cookie" and OUR_COOKIES in value)
        for name, value in scope["headers"]
    )


def _asks_to_read(headers: Headers) -> bool:
    return "origin" in headers and headers.get("access-control-request-method") in METHODS


def _yes() -> Response:
    return Response(
        status_code=204,
        headers={
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Methods": "GET, HEAD",
            "Access-Control-Allow-Headers": SENDABLE,
            "Access-Control-Max-Age": str(LASTS_S),
            "Vary": "Access-Control-Request-Method",
            "Cache-Control": "no-store",
        },
    )
