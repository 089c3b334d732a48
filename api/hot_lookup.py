"""The short way for the commonest questions: `POST /api/v1/lookup` with JSON, and `GET` of an address or a point, from
somebody who shows no key.

Routing, dependencies and four layers of wrapping cost several times what such a lookup takes, and for this question
they decide nothing. Here it is answered at once, by the same model, index, counter, headers and log line as the route
in `api/routes/lookup.py`, which stays the truth: whatever is not plain (a key, another site's page, an unknown host, a
body that the model refuses, an index that is not ready, any failure) travels on to it with its body untouched.
`tests/api/test_hot_lookup.py` asks both ways and compares every byte.
"""

from __future__ import annotations

import re
import time
from dataclasses import replace
from urllib.parse import unquote_to_bytes

import orjson
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import access
from api.answers import JSON, private
from api.asking import answered, count
from api.geojson import dumps
from api.held import Ready
from api.hosts import KnownHosts
from api.middleware import secure
from api.params import Address
from api.requests import SEEN, finished
from api.schemas.lookup import Question
from api.security import security_headers
from api.services import Services
from api.settings import Settings
from api.widget_cors import vary_by_origin
from kyodo_geo.lookup.answers import Answer

PATH = "/api/v1/lookup"
MAX_BODY = 4096
"""Bytes: more than 200 characters take in any spelling of JSON, far less than the guard's limit."""

MAX_ALIKE = 1024
"""Associations whose answer to a point is kept, some kB each."""
METHODS = frozenset({"GET", "POST"})
TYPES = frozenset({b"application/json", b"application/json; charset=utf-8"})
_DEGREES = rb"(-?[0-9]{1,3}(?:\.[0-9]{1,20})?)"
POINT = re.compile(rb"lon=" + _DEGREES + rb"&lat=" + _DEGREES + rb"(?:&municipality=([0-9]{5}))?")
"""The plain spelling of a point; every other one is the route's to read."""
ADDRESSED = re.compile(rb"address=((?:[0-9A-Za-z_.~-]|%[0-9A-Fa-f]{2})+)(?:&municipality=([0-9]{5}))?")
"""An address with everything but letters and digits escaped."""

ADDRESS = TypeAdapter(Address)
_ADDRESS_ALONE = {"address"}
NOT_PLAIN = frozenset({b"authorization", b"origin", b"transfer-encoding", b"expect"})
"""Headers that make a question one for the route. Cookies are none: the lookup does not look at them."""


class HotLookup:
    """Plain ASGI, outermost. `hosts` decides as it does for everybody."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self._municipality = settings.municipality
        self._hosts = KnownHosts(app, settings=settings)
        self._host = b""  # the last one that was ours
        # The headers exactly as the route and its wrapping make them; only the length differs between answers.
        headers = MutableHeaders(raw=list(private(b"", JSON).raw_headers))
        vary_by_origin(headers)
        secure(headers, security_headers(settings))
        at = next(i for i, (name, _) in enumerate(headers.raw) if name == b"content-length")
        self._before, self._after = headers.raw[:at], headers.raw[at + 1 :]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH or not self._plain(scope):
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        method = scope["method"]
        if method == "GET":
            body = self._point(scope) or self._addressed(scope)
        else:
            message = await receive()
            body = self._answer(scope, message)
            receive = _again(message, receive) if body is None else receive
        if body is None:
            await self.app(scope, receive, send)
            return
        length = (b"content-length", b"%d" % len(body))
        start: Message = {"type": "http.response.start", "status": 200}
        seen = scope.get(SEEN)
        if seen is None:
            start["headers"] = [*self._before, length, *self._after]
        else:
            start["headers"] = [*self._before, length, *self._after, seen.mark]
            send = seen.send
        try:
            await send(start)
            await send({"type": "http.response.body", "body": body})
        finally:
            finished(scope, method, PATH, 200, (time.perf_counter() - began) * 1000, len(body))

    def _plain(self, scope: Scope) -> bool:
        """Whether the request line and headers are those of the commonest question."""
        method = scope["method"]
        if (
            method not in METHODS
            or bool(scope["query_string"]) != (method == "GET")
            or scope.get("root_path")
        ):
            return False
        if access.allowed(method, PATH) != access.EVERYBODY:
            return False
        host = kind = length = None
        for name, value in scope["headers"]:
            if name in NOT_PLAIN:
                return False
            if name == b"host":
                if host is not None:
                    return False
                host = value
            elif name == b"content-type":
                if kind is not None:
                    return False
                kind = value
            elif name == b"content-length":
                if length is not None:
                    return False
                length = value
        if host is None or not self._is_ours(host):
            return False
        if method == "GET":
            return length is None
        if kind not in TYPES or length is None or not length.isdigit() or len(length) > 4:
            return False
        return int(length) <= MAX_BODY

    def _is_ours(self, host: bytes) -> bool:
        if host != self._host:
            if not self._hosts.known(host.decode("latin-1")):
                return False
            self._host = host
        return True

    def _point(self, scope: Scope) -> bytes | None:
        """The answer to a point in the address, counted; None for anything the route has to look at."""
        asked = POINT.fullmatch(scope["query_string"])
        if asked is None:
            return None
        lon, lat = float(asked[1]), float(asked[2])
        if abs(lon) > 180 or abs(lat) > 90:
            return None
        services: Services = scope["app"].state.services
        code = asked[3].decode() if asked[3] else self._municipality
        held = services.live.ready(code)
        if held is None:
            return None
        try:
            at = held.index.alone_at(lon, lat)
        except Exception:
            return None  # as below
        if at is None:
            return _told(services, code, None, lon, lat)
        alike = held.alike.get(at)
        if alike is None:
            return _told(services, code, None, lon, lat, at)
        before, between, behind, answer = alike
        count(services, held, "api", answer)
        return b"".join((before, dumps(round(lon, 6)), between, dumps(round(lat, 6)), behind))

    def _addressed(self, scope: Scope) -> bytes | None:
        """The answer to an address in the address line, counted; None for anything the route has to look at."""
        asked = ADDRESSED.fullmatch(scope["query_string"])
        if asked is None:
            return None
        try:
            address = ADDRESS.validate_python(unquote_to_bytes(asked[1]).decode())
        except (UnicodeDecodeError, ValidationError):
            return None
        code = asked[2].decode() if asked[2] else self._municipality
        return _told(scope["app"].state.services, code, address, None, None)

    def _answer(self, scope: Scope, message: Message) -> bytes | None:
        """The answer, counted; None for anything the route has to look at."""
        if message["type"] != "http.request" or message.get("more_body"):
            return None
        services: Services = scope["app"].state.services
        try:
            # orjson reads less than the route's parser does, and what it reads it reads alike.
            asked = orjson.loads(message.get("body", b""))
            if type(asked) is dict and asked.keys() == _ADDRESS_ALONE:
                # Nothing is left for the model to judge but the address itself.
                return _told(
                    services, self._municipality, ADDRESS.validate_python(asked["address"]), None, None
                )
            question = Question.model_validate(asked)
        except (ValidationError, orjson.JSONDecodeError, RecursionError):
            return None
        if question.as_of is not None:
            return None
        code = question.municipality or self._municipality
        return _told(services, code, question.address, question.lon, question.lat)


def _told(
    services: Services,
    municipality: str,
    address: str | None,
    lon: float | None,
    lat: float | None,
    at: int | None = None,
) -> bytes | None:
    """The answer as JSON, counted; None when there is no index yet, or on any failure.

    `at`: the position of the association that alone holds the point; what is common to its points is remembered.
    """
    held = services.live.ready(municipality)
    if held is None:
        return None
    try:
        found = answered(held, address, lon, lat)
        body = _as_sent(found, held)
    except Exception:
        # The route fails in the same way, and everything that tells of failures is built around it.
        return None
    count(services, held, "api", found)
    if at is not None:
        _remember(held, at, found, body)
    return body


def _remember(held: Ready, at: int, found: Answer, body: bytes) -> None:
    """Keep the bytes around longitude and latitude; nothing of the point itself stays."""
    place = found.address
    assert place.lon is not None and place.lat is not None
    names = (b'"lon":', b',"lat":', b",")
    lon, lat = dumps(round(place.lon, 6)), dumps(round(place.lat, 6))
    before, here, behind = body.partition(names[0] + lon + names[1] + lat + names[2])
    if not here:
        return
    nowhere = replace(place, lon=None, lat=None)
    if len(held.alike) >= MAX_ALIKE:
        held.alike.clear()
    held.alike[at] = (before + names[0], names[1], names[2] + behind, replace(found, address=nowhere))


def _as_sent(found: Answer, held: Ready) -> bytes:
    """The JSON of the answer; the credit, most of it, is the same for a whole revision and was written when it came."""
    shown = found.as_dict()
    if found.dataset is held.index.snapshot.dataset:
        shown["dataset"] = orjson.Fragment(held.credit)
    return dumps(shown)


def _again(first: Message, receive: Receive) -> Receive:
    """`receive`, with the message that has been taken out already put back."""
    waiting = [first]

    async def replayed() -> Message:
        return waiting.pop() if waiting else await receive()

    return replayed
