"""A client that costs little: requests written ahead of time, answers found by their length."""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Got:
    """One answer, decoded no further than HTTP."""

    status: int
    body: bytes
    encoding: str


def request_bytes(
    path: str, *, method: str = "GET", body: bytes = b"", headers: Sequence[tuple[str, str]] = ()
) -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers)]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def fetch(port: int, request: bytes) -> Got:
    """One answer, for checks: chunks put together, compression left."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, path, _ = first.split(" ")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    names = (line.partition(": ")[::2] for line in lines)
    connection.request(method, path, body or None, dict(names))
    answer = connection.getresponse()
    found = Got(answer.status, answer.read(), answer.getheader("Content-Encoding") or "")
    connection.close()
    return found


def etag(port: int, path: str) -> str:
    """The tag of an answer that is not compressed."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.getheader("ETag") or ""


@dataclass
class _Work:
    """What is left to ask, shared by the connections; statuses as they came, with their number."""

    requests: Sequence[bytes]
    done: asyncio.Future[None]
    next: int = 0
    answered: int = 0
    statuses: dict[bytes, int] = field(default_factory=dict)


class _Connection(asyncio.Protocol):
    """Asks the next question as soon as the last is answered. Understands Content-Length and chunks."""

    def __init__(self, work: _Work) -> None:
        self._work = work
        self._waiting = b""
        self._left = -1  # bytes of the body to come; -1: the head comes, -2: chunks until the last

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        work = self._work
        if work.next < len(work.requests):
            work.next += 1
            self._transport.write(work.requests[work.next - 1])
        else:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        if self._left >= 0:
            self._left -= len(data)
            if self._left <= 0:
                self._answered()
            return
        self._waiting += data
        if self._left == -2:
            if self._waiting.endswith(b"0\r\n\r\n"):
                self._answered()
            return
        head, found, rest = self._waiting.partition(b"\r\n\r\n")
        if not found:
            return
        low = head.lower()
        status = head[9:12]
        self._work.statuses[status] = self._work.statuses.get(status, 0) + 1
        at = low.find(b"\r\ncontent-length:")
        if status in (b"204", b"304"):
            self._answered()
        elif at >= 0:
            end = low.find(b"\r\n", at + 2)
            self._left = int(low[at + 17 : end if end > 0 else None]) - len(rest)
            if self._left <= 0:
                self._answered()
        else:
            self._left, self._waiting = -2, rest[-5:]
            if rest.endswith(b"0\r\n\r\n"):
                self._answered()

    def _answered(self) -> None:
        self._left, self._waiting = -1, b""
        work = self._work
        work.answered += 1
        if work.answered == len(work.requests) and not work.done.done():
            work.done.set_result(None)
        self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        work = self._work
        if work.answered < len(work.requests) and work.next < len(work.requests) and not work.done.done():
            work.done.set_exception(error or ConnectionError("the server closed the connection"))


def load(
    port: int, requests: Sequence[bytes], *, connections: int = 8, timeout_s: float = 120
) -> dict[str, int]:
    """Ask every request once over that many connections; how many answers had which status."""

    async def run() -> dict[bytes, int]:
        loop = asyncio.get_running_loop()
        work = _Work(requests, loop.create_future())
        for _ in range(min(connections, len(requests))):
            await loop.create_connection(lambda: _Connection(work), "127.0.0.1", port)
        await asyncio.wait_for(work.done, timeout_s)
        return work.statuses

    return {status.decode(): number for status, number in asyncio.run(run()).items()}
