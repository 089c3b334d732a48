"""What every request gets, outermost of all: an id, the proxy's word about the caller, and its place in log and figures.

The id is in `X-Request-ID` of the answer, in the log line, in problem+json and on error pages, so that a sentence from
a user leads to the line. Nothing that is kept holds it: it is added here, outside the caches of answers. One that comes
with the request is taken over from a trusted proxy only, and only if it is hexadecimal: no word gets into the log by it.
"""

from __future__ import annotations

import os
import re
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import logs
from api.settings import Settings

if TYPE_CHECKING:
    from api.metrics import Figures
    from api.tracing import Tracer

SEEN = "kyodo.seen"
"""Name in the scope of what this module notes about a request."""
SHAPE = re.compile(rb"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}|[0-9a-f]{16}", re.ASCII)
"""128 bits with or without the dashes of a UUID, or 64 bits."""

MOST_PEERS = 1024
"""Peers of whom is remembered whether they are trusted: to read an address costs more than all else here."""


class Seen:
    """One request: its id, and what counts it."""

    __slots__ = ("figures", "id", "mark", "route", "send", "status")

    def __init__(self, id: str, figures: Figures | None, send: Send) -> None:
        self.id = id
        self.mark = (b"x-request-id", id.encode())
        self.figures = figures
        self.send = send
        """The server's own, for short ways that put the mark on the answer themselves."""
        self.route = "-"
        self.status = 0


def request_id(scope: MutableMapping[str, Any]) -> str:
    """The request's id; "-" outside of an application (tests of single parts)."""
    seen = scope.get(SEEN)
    return "-" if seen is None else seen.id


def finished(
    scope: MutableMapping[str, Any], method: str, route: str, status: int, spent_ms: float, sent: int
) -> None:
    """An answer has gone out, or failed to: its line in the log, and its place in the figures."""
    seen: Seen | None = scope.get(SEEN)
    if seen is None:
        logs.access(method, route, status, spent_ms, sent)
        return
    seen.route, seen.status = route, status
    if seen.figures is not None:
        seen.figures.answered(method, route, status, spent_ms)
    logs.access(method, route, status, spent_ms, sent, seen.id)


class Requests:
    """Plain ASGI. `trusted_proxies` of the settings say whose `X-Forwarded-*` and `X-Request-ID` count."""

    def __init__(
        self, app: ASGIApp, *, settings: Settings, figures: Figures | None, tracer: Tracer | None = None
    ) -> None:
        # The server's own class; the server itself is told not to use it (`proxy_headers=False`), for behind it nobody
        # can tell any more who the peer was.
        from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

        self.app = app if tracer is None else tracer.around(app)
        self._forwarded: Any = ProxyHeadersMiddleware(self.app, list(settings.trusted_proxies))  # type: ignore[arg-type]
        self._trusted = self._forwarded.trusted_hosts
        self._figures = figures
        self._peers: dict[str, bool] = {}

    def _is_trusted(self, peer: str) -> bool:
        found = self._peers.get(peer)
        if found is None:
            if len(self._peers) >= MOST_PEERS:
                self._peers.clear()
            found = self._peers[peer] = peer in self._trusted
        return found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        app, name, sent = self.app, None, send
        peer = scope.get("client")
        if peer is not None and self._is_trusted(peer[0]):
            for header, value in scope["headers"]:
                if header == b"x-request-id":
                    name = value if name is None and SHAPE.fullmatch(value) else b""
                elif header in (b"x-forwarded-for", b"x-forwarded-proto"):
                    app = self._forwarded
            if app is self._forwarded:
                sent = _told_how_long(send)
        seen = Seen(name.decode() if name else os.urandom(8).hex(), self._figures, sent)
        scope[SEEN] = seen
        mark = seen.mark

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                # A copy: what lies ready to be sent again and again stays as it is.
                message = {**message, "headers": [*message["headers"], mark]}
            await sent(message)

        figures = self._figures
        if figures is None:
            await app(scope, receive, named)
            return
        figures.in_flight += 1
        try:
            await app(scope, receive, named)
        finally:
            figures.in_flight -= 1


ALREADY_OVER = b"@1"
"""A moment of 1970."""


def _told_how_long(send: Send) -> Send:
    """Says to an nginx in front how long it may use a public answer; it keeps this header to itself.

    nginx stores nothing that is `no-cache`, which means: store it, and ask before each use. Stored as over already, it
    does just that. What has no such header is not stored (`api/deploy/nginx.conf.template`).
    """

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] in STORED:
            for name, value in message["headers"]:
                if name == b"cache-control" and value.startswith(b"public"):
                    age = re.search(rb"max-age=([0-9]{1,9})", value)
                    over = age[1] if age and int(age[1]) and b"no-cache" not in value else ALREADY_OVER
                    message = {**message, "headers": [*message["headers"], (b"x-accel-expires", over)]}
                    break
        await send(message)

    return told


STORED = frozenset({200, 304})
