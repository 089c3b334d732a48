"""A tile as an answer: its headers, 204 for an empty one, 304 for one that is held already."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from api.cache import PUBLIC_FOREVER, PUBLIC_FRESH, Answer, send
from api.tiles.store import Shown


def lasting(shown: Shown, layers: Sequence[str], version: str | None) -> str:
    """For good at the address that names the present version, else to be asked about before each use."""
    return PUBLIC_FOREVER if version is not None and version == shown.version(layers) else PUBLIC_FRESH


def send_tile(request: Request, tile: Answer, cache_control: str) -> Response:
    """The tile in the encoding the reader takes."""
    response = send(request, tile, cache_control)
    if tile.body or response.status_code != OK:
        return response
    kept = {name: value for name, value in response.headers.items() if name in _OF_EMPTY}
    return Response(status_code=204, headers=kept)


OK = 200
_OF_EMPTY = frozenset({"etag", "cache-control", "vary"})
