"""Head and body of an answer leave in one piece.

uvicorn hands a socket the head, then the body: two system calls and two packets, each of which wakes the reader. For
answers that lie ready that is a tenth of what they cost. Here the head waits for what comes next, at most to the end of
this turn of the event loop.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD = b"HTTP/1."
"""What a head begins with; a body that does so too only waits for the end of the turn."""

SMALL = 64 * 1024
"""Bodies up to it are copied behind their head, which costs less than to hand over two pieces."""


class Joined:
    """A transport whose heads wait; everything else is the real one's."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head: bytes | None = None
        self.get_extra_info = transport.get_extra_info
        self.is_closing = transport.is_closing
        self.pause_reading = transport.pause_reading
        self.resume_reading = transport.resume_reading

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        head = self._head
        if head is not None:
            self._head = None
            if len(data) <= SMALL:
                self._transport.write(head + data)
            else:
                self._transport.writelines((head, data))
        elif data.startswith(HEAD):
            self._head = data
            self._loop.call_soon(self._send)
        else:
            self._transport.write(data)

    def close(self) -> None:
        self._send()
        self._transport.close()

    def _send(self) -> None:
        head, self._head = self._head, None
        if head is not None:
            self._transport.write(head)


class OneWriteProtocol(HttpToolsProtocol):
    """uvicorn's own, with such a transport."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(cast("asyncio.Transport", Joined(transport, self.loop)))
