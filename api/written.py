"""Whoever has written something sees it in their next reading, whichever worker and database answers.

Only where reads go to a replica: after a request that wrote, its browser gets the position of the primary's log as a
cookie; what it reads afterwards comes from the replica only if that has replayed this position, else from the primary
(`geodata.database`). The position says nothing about anybody. A forged one sends its own sender's reads to the primary.
"""

from __future__ import annotations

import re
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth import cookies
from api.settings import Settings
from geodata.written import CURRENT, Written

SHAPE = re.compile(r"[0-9a-f]{1,16}", re.ASCII)
KEPT_S = 600
"""Long after any replica that reads still go to has replayed it."""


class ReadYourWrites:
    """Plain ASGI; opens a `Written` per request."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self._settings = settings
        self._name = cookies.written_name(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        own = Written(self._seen(Headers(scope=scope).get("cookie", "")))

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start" and own.changed:
                headers = MutableHeaders(scope=message)
                if "public" not in headers.get("cache-control", ""):
                    carrier = Response()
                    cookies.put(carrier, self._settings, self._name, f"{own.after:x}", seconds=KEPT_S)
                    headers.append("set-cookie", carrier.headers["set-cookie"])
            await send(message)

        token = CURRENT.set(own)
        try:
            await self.app(scope, receive, marked)
        finally:
            CURRENT.reset(token)

    def _seen(self, header: str) -> int:
        if self._name not in header:
            return 0
        try:
            found = SimpleCookie(header).get(self._name)
        except CookieError:
            return 0
        return int(found.value, 16) if found and SHAPE.fullmatch(found.value) else 0
