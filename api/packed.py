"""Private pages whose large common part travels compressed, and whose secrets do not.

A page for one reader carries a form's token. Compressed together with text that somebody else can choose, its length would
tell of the token (BREACH). So only the part that is the same for all readers is compressed, once and by itself; what
stands before and behind it goes into the same gzip stream as stored blocks, whose length tells nothing.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from api.cache import accepts_gzip

_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
"""gzip (RFC 1952): deflate, no name, no time, unknown system."""


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of a page that are the same for every reader, with their deflated form."""

    body: bytes
    deflated: bytes


def part(text: str) -> Part:
    """A part, compressed; it refers to nothing before it and ends on a whole byte."""
    body = text.encode()
    return Part(body, _deflate(body, 6, zlib.Z_FULL_FLUSH))


def packed(request: Request, response: Response, common: Part) -> Response:
    """The response with its `common` part compressed, where the reader takes gzip."""
    whole = bytes(response.body)
    before, found, behind = whole.partition(common.body)
    if not found or not accepts_gzip(request):
        return response
    stream = (
        _HEADER,
        _deflate(before, 0, zlib.Z_FULL_FLUSH),
        common.deflated,
        _deflate(behind, 0, zlib.Z_FINISH),
        zlib.crc32(whole).to_bytes(4, "little"),
        (len(whole) & 0xFFFFFFFF).to_bytes(4, "little"),
    )
    headers = {k: v for k, v in response.headers.items() if k not in ("content-length", "content-type")}
    headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(b"".join(stream), response.status_code, headers, response.headers["content-type"])


def _deflate(body: bytes, level: int, flush: int) -> bytes:
    maker = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    return maker.compress(body) + maker.flush(flush)
