"""Tiles of the base map from the file on this server, for maps on a network without a way out."""

from __future__ import annotations

import hashlib
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BeforeValidator, Field

from api.basemap import ROUTE
from api.cache import PUBLIC_FOREVER, PUBLIC_FRESH, Answer, etag_of, finish, send
from api.params import Params, plain_integer
from api.services import Served, Services
from geodata.tiles import TileSource
from geodata.tiles.source import MAX_ZOOM, is_packed, media_type, unpacked
from kyodo_geo.errors import NotFoundError, UnavailableError

router = APIRouter(include_in_schema=False)

Number = Annotated[int, BeforeValidator(plain_integer), Path(ge=0, lt=2**MAX_ZOOM)]
PUBLIC_DAY = "public, max-age=86400"
"""Of a folder, whose single tiles may change: a day old is new enough, and a conditional request costs little."""


class TileParams(Params):
    """`v` is the version of the file that the page knows."""

    v: Annotated[str, Field(pattern=r"^[0-9a-f]{1,40}$")] | None = None


@router.get(ROUTE)
async def tile(
    request: Request,
    services: Served,
    z: Number,
    x: Number,
    y: Number,
    params: Annotated[TileParams, Query()],
) -> Response:
    """One tile; 204 where the file has none, so that the map stays quiet over its edge."""
    tiles = services.ground.tiles
    if tiles is None:
        raise NotFoundError("このサービスは、サーバーの背景地図を使っていません。")
    if z > MAX_ZOOM or max(x, y) >= 2**z:
        raise NotFoundError("この番号のタイルはありません。")
    lasting = _lasting(tiles, params)
    found = await run_sync(_read, services, tiles, z, x, y, limiter=services.tile_limiter)
    if found is None:
        return Response(status_code=204, headers={"Cache-Control": lasting})
    return send(request, found, lasting)


def _lasting(tiles: TileSource, params: TileParams) -> str:
    if params.v != tiles.info.version:
        return PUBLIC_FRESH
    return PUBLIC_FOREVER if tiles.info.settled else PUBLIC_DAY


def _read(services: Services, tiles: TileSource, z: int, x: int, y: int) -> Answer | None:
    """The tile ready to be sent: a picture as it is stored, shapes drawn."""
    try:
        stored = tiles.tile(z, x, y)
        if stored is None:
            return None
        if tiles.info.vector:
            return _drawn(services, stored)
        plain = unpacked(stored)
    except OSError as error:
        raise UnavailableError("背景地図のファイルを読めません。") from error
    kind = media_type(plain)
    if kind is None:
        raise UnavailableError("背景地図のタイルを読めません。")
    etag = hashlib.sha256(plain).hexdigest()[:22]
    return Answer(plain, kind, etag, gzip=stored if is_packed(stored) else None)


def _drawn(services: Services, stored: bytes) -> Answer:
    """A vector tile as SVG, kept in memory; equal tiles are drawn once."""
    from maps.vector_tile import VectorTileError, draw_tile

    etag = etag_of("vector tile", hashlib.sha256(stored).hexdigest())
    key = ("basemap", etag)
    with services.ground.drawing:  # it takes a core for some tenths of a second; others go on answering
        kept = services.ground.drawn.get(key, None)
        if kept is not None:
            return kept
        try:
            picture = draw_tile(unpacked(stored))
        except VectorTileError as error:
            raise UnavailableError("背景地図のタイルを読めません。") from error
        made = finish(picture, "image/svg+xml", etag)
        services.ground.drawn.put(key, 0, made)
        return made
