"""The short way for public answers that lie ready as bytes: districts, maps' scripts, tiles, pages, downloads.

Routing, dependencies and wrapping decide nothing the second time the very same request comes while the data have not
changed. So what the route sent is learnt here, from outside all wrapping, and sent again: the same headers, one of the
same compressed forms, the same line of the log. A request counts as the same when its address, host, `Accept` and
`Accept-Encoding` are, and it carries no key and no cookie of ours.

Nothing here outlives the data: the bytes are those the cache holds at the revision known this moment, and they have to
be the very object the route sent. After an activation, at midnight, while notices of the database do not arrive, or once
the cache has dropped them, the request travels on to the route. `tests/api/test_hot_answers.py` asks both ways.
"""

from __future__ import annotations

import time
import weakref
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import access
from api.cache import Answer, ByteCache, matches
from api.clock import today
from api.hot_offer import OFFERS, Offer, Uses
from api.middleware import route_of
from api.requests import SEEN, finished
from api.services import Services

MAX_HELD = 4096
"""Requests that are remembered, about 1 kB each; the bytes themselves are the cache's."""

NOT_PLAIN = frozenset({b"authorization", b"transfer-encoding", b"expect", b"content-length", b"range"})
"""Headers that make a request one for the route. What depends on `Origin` says so in `Vary`, and is never learnt."""
OUR_COOKIES = b"kyodo_"

Asked = tuple[object, ...]


@dataclass(slots=True)
class _Held:
    """What the route sent. `start`: status line and headers of the whole answer; `unchanged`: of 304. None: not seen yet."""

    answer: weakref.ref[Answer]
    cache: ByteCache
    key: tuple[object, ...]
    kept_at: int
    municipality: str
    revision: int
    day: date
    route: str
    etag: str
    form: str
    start: Message | None = None
    unchanged: Message | None = None

    @property
    def known(self) -> tuple[object, ...]:
        """What another answer to the same request has to share to be this one."""
        return self.key, self.kept_at, self.municipality, self.revision, self.day, self.route, self.etag


class HotAnswers:
    """Plain ASGI, outside everything that wraps routes; used by one event loop."""

    def __init__(self, app: ASGIApp, *, uses: Uses | None = None) -> None:
        self.app = app
        self._uses = uses or Uses()
        self._held: OrderedDict[Asked, _Held] = OrderedDict()
        self._readers: dict[Asked, Asked] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        asked, tags = self._asked(scope)
        if asked is None:
            await self.app(scope, receive, send)
            return
        held = self._held.get(asked)
        found = None if held is None else self._found(scope, held, tags)
        if held is None or found is None:
            self._uses.misses += 1
            await self.app(scope, receive, self._learning(scope, asked, send))
            return
        self._uses.hits += 1
        self._held.move_to_end(asked)
        start, body = found
        seen = scope.get(SEEN)
        if seen is not None:
            # A copy: what is held goes out again and again.
            start = {**start, "headers": [*start["headers"], seen.mark]}
            send = seen.send
        try:
            await send(start)
            await send({"type": "http.response.body", "body": body})
        finally:
            spent = (time.perf_counter() - began) * 1000
            finished(scope, "GET", held.route, start["status"], spent, len(body))

    def _asked(self, scope: Scope) -> tuple[Asked | None, str]:
        """What is the same for the same request, and its If-None-Match; None for what only the route can judge."""
        host = accept = encodings = tags = None
        for name, value in scope["headers"]:
            if name in NOT_PLAIN or (name == b"cookie" and OUR_COOKIES in value):
                return None, ""
            if name == b"host":
                if host is not None:
                    return None, ""
                host = value
            elif name == b"accept":
                if accept is not None:
                    return None, ""
                accept = value
            elif name == b"accept-encoding":
                if encodings is not None:
                    return None, ""
                encodings = value
            elif name == b"if-none-match":
                if tags is not None:
                    return None, ""
                tags = value
        reader = (scope.get("scheme"), scope.get("root_path"), host, accept, encodings)
        # One object for the many requests of readers who differ in nothing.
        if len(self._readers) > MAX_HELD:
            self._readers.clear()
        reader = self._readers.setdefault(reader, reader)  # type: ignore[assignment]
        return (scope.get("raw_path"), scope["query_string"], reader), (tags or b"").decode("latin-1")

    def _found(self, scope: Scope, held: _Held, tags: str) -> tuple[Message, bytes] | None:
        """Start and body of the answer, when it holds now; None for the route."""
        services: Services = scope["app"].state.services
        # None, while notices do not arrive, is never the revision of anything held.
        if services.live.revision(held.municipality) != held.revision or held.day != today():
            return None
        if access.allowed("GET", held.route) != access.EVERYBODY:
            return None
        answer = held.cache.get(held.key, held.kept_at)
        if answer is None or answer is not held.answer():
            return None
        if tags and matches(tags, held.etag):
            return None if held.unchanged is None else (held.unchanged, b"")
        body = _form(answer, held.form)
        return None if held.start is None or body is None else (held.start, body)

    def _learning(self, scope: Scope, asked: Asked, send: Send) -> Send:
        """`send` that remembers what goes out, if the route offers it."""
        offers: list[Offer] = []
        scope[OFFERS] = offers
        begun: list[Message] = []

        async def learning(message: Message) -> None:
            if message["type"] == "http.response.start":
                begun.append(message)
            elif offers and len(begun) == 1 and not message.get("more_body"):
                self._learn(scope, asked, offers[-1], begun[0], message.get("body", b""))
            await send(message)

        return learning

    def _learn(self, scope: Scope, asked: Asked, offer: Offer, start: Message, body: bytes) -> None:
        services: Services = scope["app"].state.services
        revision = services.live.revision(offer.municipality)
        if revision is None or offer.revision not in (None, revision):
            return
        kept_at = revision if offer.kept_at is None else offer.kept_at
        if offer.cache.get(offer.key, kept_at) is not offer.answer:
            return
        headers: dict[bytes, bytes] = dict(start["headers"])
        form = headers.get(b"content-encoding", b"").decode("latin-1")
        etag = headers.get(b"etag", b"").decode("latin-1")
        if (
            b"set-cookie" in headers
            or b"origin" in headers.get(b"vary", b"").lower()
            or not headers.get(b"cache-control", b"").startswith(b"public")
            or not etag
        ):
            return
        status = start["status"]
        # A copy: who sent it may go on using its own.
        message = {"type": start["type"], "status": status, "headers": list(start["headers"])}
        held = self._held.get(asked)
        route = offer.route or route_of(scope)
        known = (offer.key, kept_at, offer.municipality, revision, offer.day, route, etag)
        if held is None or held.answer() is not offer.answer or held.known != known:
            held = _Held(weakref.ref(offer.answer), offer.cache, *known, form)
        if status == 304 and not body:
            held.unchanged = message
        elif status in (200, 204) and (body is _form(offer.answer, form) or not (body or offer.answer.body)):
            held.start, held.form = message, form
        else:
            return
        self._held[asked] = held
        while len(self._held) > MAX_HELD:
            self._held.popitem(last=False)
        self._uses.entries = len(self._held)


def _form(answer: Answer, encoding: str) -> bytes | None:
    """The bytes of one form of the answer; None when it has none such."""
    if not encoding:
        return answer.body
    return {"br": answer.brotli, "zstd": answer.zstd, "gzip": answer.gzip}.get(encoding)
