"""What one connection may cost: the size of a request's head, and how long its head and body may take to come.

uvicorn and httptools have no such limits. nginx in front has its own; the bare server must stand without it. The times are
looked at by one timer for all connections, so that a request pays for two clock readings only.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from api.one_write import OneWriteProtocol

if TYPE_CHECKING:
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
    from uvicorn.server import ServerState

MAX_URL = 8_192
MAX_HEADERS = 100
MAX_HEAD = 32_768
"""Bytes of the request line and all headers; of what comes after a chunked body, and of what stands between two pieces."""
HEAD_S = 20.0
"""From the opening of a connection, or the first byte of a further request, to the end of its head."""
BODY_GRACE_S = 30.0
BODY_BYTES_PER_S = 4_096
"""A body may take its grace, and a second more for each so many bytes: 20 MB over the slowest line a file is sent by."""
LOOK_EVERY_S = 5.0
MAX_CONNECTIONS = 1_000
"""Of one process; further ones are answered 503."""

_REASONS = {
    408: (b"Request Timeout", "要求が届くのに時間がかかりすぎたため、接続を終えました。"),
    414: (b"URI Too Long", f"アドレスが長すぎます（{MAX_URL:,} バイトまで）。"),
    431: (b"Request Header Fields Too Large", f"要求の見出しが多すぎます（{MAX_HEADERS} 個、{MAX_HEAD:,} バイトまで）。"),
}  # fmt: skip


class TooMuchError(Exception):
    """Ends the reading of a head; the parser passes it on as an error of its own."""


class BoundedProtocol(OneWriteProtocol):
    """uvicorn's protocol with those limits. Times are of the event loop; 0: nothing is waited for."""

    head_since = 0.0
    body_since = 0.0
    head_bytes = 0
    body_bytes = 0
    beside_bytes = 0
    """Received since the last piece of the body without being one: sizes of chunks, their extensions, trailers."""
    trailer_bytes = 0
    refused = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.head_since = self.loop.time()
        _keep_looking(self.loop, self.server_state)

    def data_received(self, data: bytes) -> None:
        size = len(data)
        if self.head_since:
            self.head_bytes += size
        elif size > MAX_HEAD:
            self.head_bytes = size
        before = self.body_bytes
        super().data_received(data)
        if self.head_since:
            if self.head_bytes > MAX_HEAD:  # and no end of it
                self.refuse(431)
        elif self.body_since:
            self.beside_bytes = self.beside_bytes + size if self.body_bytes == before else 0
            if self.beside_bytes > MAX_HEAD:
                self.refuse(431)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if not self.head_since:
            self.head_since = self.loop.time()

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > MAX_URL:
            self.refused = 414
            raise TooMuchError

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.head_since:
            super().on_header(name, value)
            return
        # Behind a chunked body: nobody asks for them, and the headers of the request are the application's by now.
        self.trailer_bytes += len(name) + len(value) + 4
        if self.trailer_bytes > MAX_HEAD:
            self.refused = 431
            raise TooMuchError

    def on_headers_complete(self) -> None:
        headers = self.headers
        if len(headers) > MAX_HEADERS or (
            self.head_bytes > MAX_HEAD and sum(len(name) + len(value) for name, value in headers) > MAX_HEAD
        ):
            self.refused = 431
            raise TooMuchError
        self.head_since = 0.0
        self.head_bytes = 0
        self.body_bytes = 0
        self.beside_bytes = 0
        self.trailer_bytes = 0
        self.body_since = self.loop.time()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self.body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self.body_since = 0.0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """What uvicorn calls for whatever the parser could not take."""
        if self.refused:
            self.refuse(self.refused)
        else:
            super().send_400_response(msg)

    def refuse(self, status: int) -> None:
        """Say why in a few words, and close; only close where the answer has begun."""
        if self.transport.is_closing():
            return
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is not None and cycle.response_started and not (self.head_since and cycle.response_complete):
            self.transport.close()
            return
        reason, words = _REASONS[status]
        body = words.encode()
        self.transport.write(
            b"HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\nCache-Control: no-store\r\n"
            b"X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n%s"
            % (status, reason, len(body), body)
        )
        self.transport.close()

    def is_too_slow(self, now: float) -> bool:
        """Whether the other side has taken too long; a body that we ourselves do not read yet is no fault of theirs."""
        if self.head_since:
            return now - self.head_since > HEAD_S
        if not self.body_since:
            return False
        if self.flow.read_paused:
            self.body_since = now
            self.body_bytes = 0
            return False
        return now - self.body_since > BODY_GRACE_S + self.body_bytes / BODY_BYTES_PER_S


def _keep_looking(loop: asyncio.AbstractEventLoop, state: ServerState) -> None:
    """One timer of each server, as long as it has connections."""
    if getattr(state, "looking", None) is None:
        state.looking = loop.call_later(LOOK_EVERY_S, _look, loop, state)  # type: ignore[attr-defined]


def _look(loop: asyncio.AbstractEventLoop, state: ServerState) -> None:
    state.looking = None  # type: ignore[attr-defined]
    now = loop.time()
    for connection in list(state.connections):
        one = cast("BoundedProtocol", connection)
        if isinstance(connection, BoundedProtocol) and one.is_too_slow(now):
            if one.head_since and not one.head_bytes:
                one.transport.close()  # never said a word
            else:
                one.refuse(408)
    if state.connections:
        _keep_looking(loop, state)
