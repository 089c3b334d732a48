"""The short way for tiles: `GET` of one public layer's tile, from somebody who shows no key.

A map asks for dozens at once, and for a tile that is held as bytes the routing and wrapping would cost many times what
the tile does. The route in `api/ogc/tiles.py` stays the truth: whatever is not plain, and every refusal, travels on to
it. `tests/api/test_hot_tiles.py` asks both ways and compares every byte.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api import access
from api.cache import PUBLIC_FOREVER, Answer, choose, tag, takes_gzip
from api.hosts import KnownHosts
from api.hot_offer import offer
from api.middleware import secure
from api.public_cors import let_read
from api.requests import finished
from api.security import security_headers
from api.services import Services
from api.settings import Settings
from api.tiles import paths
from api.tiles.sending import lasting, send_tile
from api.tiles.store import MVT, TileStore
from kyodo_geo.errors import KyodoError

NOT_PLAIN = frozenset({b"authorization", b"transfer-encoding", b"expect"})
PLAIN_ACCEPTS = frozenset({b"*/*", MVT.encode()})
PLAIN_QUERIES = frozenset({b"", b"f=mvt"})
Raw = list[tuple[bytes, bytes]]
MOST_HEADS = 16
"""More than there can be: two ways of lasting, two forms, full or empty."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A plain request. `encodings`: its Accept-Encoding; `tagged`: it names a tile that is held already."""

    layer: str
    zoom: int
    row: int
    col: int
    version: str | None
    encodings: str
    tagged: bool


class HotTiles:
    """Plain ASGI, outside everything that wraps routes. `hosts` decides as it does for everybody."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self._municipality = settings.municipality
        self._hosts = KnownHosts(app, settings=settings)
        self._security = security_headers(settings)
        self._host = b""  # the last one that was ours
        self._heads: dict[tuple[str, str, bool], tuple[int, Raw]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(paths.COLLECTIONS):
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        asked = self._plain(scope)
        found = await self._found(scope, asked) if asked is not None else None
        if found is None:
            await self.app(scope, receive, send)
            return
        status, headers, body = found
        try:
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body})
        finally:
            spent = (time.perf_counter() - began) * 1000
            finished(scope, "GET", paths.ONE_LAYER, status, spent, len(body))

    def _plain(self, scope: Scope) -> _Asked | None:
        """What is asked for, if the request is plain."""
        query = scope["query_string"]
        if scope["method"] != "GET" or scope.get("root_path") or not _is_plain(query):
            return None
        if access.allowed("GET", paths.ONE_LAYER) != access.EVERYBODY:
            return None
        place = paths.one_layer(scope["path"])
        if place is None:
            return None
        host = encodings = None
        tagged = False
        for name, value in scope["headers"]:
            if name in NOT_PLAIN:
                return None
            if name == b"host":
                if host is not None:
                    return None
                host = value
            elif name == b"accept":
                if value not in PLAIN_ACCEPTS:
                    return None
            elif name == b"accept-encoding":
                encodings = value if encodings is None else encodings  # the first one, as the route reads it
            elif name == b"if-none-match":
                tagged = True
        if host is None or not self._is_ours(host):
            return None
        version = query.rpartition(b"v=")[2].decode("latin-1") if b"v=" in query else None
        return _Asked(*place, version, (encodings or b"").decode("latin-1"), tagged)

    def _is_ours(self, host: bytes) -> bool:
        if host != self._host:
            if not self._hosts.known(host.decode("latin-1")):
                return False
            self._host = host
        return True

    async def _found(self, scope: Scope, asked: _Asked) -> tuple[int, Raw, bytes] | None:
        """Status, headers and body; None for anything the route has to look at."""
        services: Services = scope["app"].state.services
        store: TileStore = services.tiles
        shown = store.known(self._municipality)
        if shown is None or asked.layer not in shown.datasets:
            return None
        layers = (asked.layer,)
        control = lasting(shown, layers, asked.version)
        if asked.version is not None and control is not PUBLIC_FOREVER:
            return None  # another process may know the newer version already: the route looks
        place = (asked.zoom, asked.row, asked.col)
        try:
            tile = await store.tile(shown, layers, *place, packed=takes_gzip(asked.encodings))
        except KyodoError:
            return None  # the route fails in the same way, and tells of it
        request = Request(scope)
        offer(request, store.offer(tile, shown, layers, *place, route=paths.ONE_LAYER))
        return self._answer(request, asked, tile, control)

    def _answer(self, request: Request, asked: _Asked, tile: Answer, control: str) -> tuple[int, Raw, bytes]:
        """What `send_tile` makes of it. Its headers are the same for all tiles of a kind but for tag and length: learnt
        once and filled in."""
        encoding, body = choose(asked.encodings, tile)
        kind = (control, encoding, bool(body))
        known = None if asked.tagged else self._heads.get(kind)
        if known is not None:
            status, headers = known
            given = {b"etag": tag(tile, encoding).encode(), b"content-length": b"%d" % len(body)}
            return status, [(name, given.get(name, value)) for name, value in headers], body
        response = send_tile(request, tile, control)
        sent = MutableHeaders(raw=response.raw_headers)
        let_read(sent)
        secure(sent, self._security)
        if not asked.tagged and len(self._heads) < MOST_HEADS:
            self._heads[kind] = (response.status_code, list(response.raw_headers))
        return response.status_code, response.raw_headers, bytes(response.body)


def _is_plain(query: bytes) -> bool:
    """Nothing, or only the format and the version, in the order in which our own addresses have them."""
    if query in PLAIN_QUERIES:
        return True
    name, _, version = query.removeprefix(b"f=mvt&").partition(b"=")
    return name == b"v" and 1 <= len(version) <= 40 and all(byte in _VERSION for byte in version)


_VERSION = frozenset(b"0123456789abcdef-")
