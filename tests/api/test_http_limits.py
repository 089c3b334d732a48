"""Connections that cost too much are ended with a reason, and those beside them go on: raw sockets against a real server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
import uvicorn

from api import http_limits

PATIENCE_S = 30


async def app(scope, receive, send) -> None:
    """Reads the whole body and says how long it was."""
    assert scope["type"] == "http"
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    body = f"{size} bytes {len(scope['headers'])} headers".encode()
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]}
    )
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(http_limits, "HEAD_S", 0.3)
    monkeypatch.setattr(http_limits, "BODY_GRACE_S", 0.3)
    monkeypatch.setattr(http_limits, "LOOK_EVERY_S", 0.05)
    bound = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        http=http_limits.BoundedProtocol,
        ws="none",
        lifespan="off",
        log_level="critical",
        limit_concurrency=20,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    try:
        yield bound.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)
        bound.close()


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), PATIENCE_S)


def rest(connection: socket.socket) -> bytes:
    """Everything until the other side closes."""
    found = b""
    with suppress(ConnectionResetError):
        while piece := connection.recv(65_536):
            found += piece
    return found


def answer(port: int, request: bytes) -> bytes:
    with connected(port) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(request)
        return rest(connection)


def get(path: str = "/", *lines: str, method: str = "GET") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: a", "Connection: close", *lines, "", ""]).encode()


def test_what_is_within_the_limits_is_answered(port: int) -> None:
    wide = [f"X-{n}: {'v' * 200}" for n in range(http_limits.MAX_HEADERS - 2)]
    assert b"200 OK" in answer(port, get("/" + "a" * (http_limits.MAX_URL - 1), *wide[:50]))
    assert b"200 OK" in answer(port, get("/", *wide))
    assert b"70000 bytes" in answer(port, get("/", "Content-Length: 70000", method="POST") + b"b" * 70_000)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (get("/" + "a" * http_limits.MAX_URL), 414),
        (get("/", *[f"X-{n}: v" for n in range(http_limits.MAX_HEADERS)]), 431),
        (get("/", f"X: {'v' * http_limits.MAX_HEAD}"), 431),
        (get("/", *[f"X-{n}: {'v' * 1000}" for n in range(90)]), 431),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"\x16\x03\x01 this is TLS", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"A" * 100_000, 431),
    ],
)  # fmt: skip
def test_too_large_a_head_is_refused(port: int, request_: bytes, status: int) -> None:
    got = answer(port, request_)
    assert got.startswith(b"HTTP/1.1 %d " % status), got[:200]
    assert b"200 OK" not in got


def test_a_second_request_on_the_same_connection_is_measured_too(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b"200 OK" in connection.recv(65_536)
        connection.sendall(get("/", f"X: {'v' * 60_000}"))
        assert b" 431 " in rest(connection)


CHUNKED = get("/", "Transfer-Encoding: chunked", method="POST") + b"1\r\nx\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        b"0\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"v" * 1000) for n in range(100)) + b"\r\n",
        b"0\r\nX: " + b"v" * 1_000_000,
        b"0\r\n" + b"A" * 1_000_000,
        b"1;" + b"e" * 1_000_000,
    ],
)
def test_what_stands_beside_a_body_is_bounded_too(port: int, sent: bytes) -> None:
    """Trailers and extensions never reach the application, and must not fill the memory (at most one read more)."""
    with connected(port) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(CHUNKED)
            for at in range(0, len(sent), 8_192):
                connection.sendall(sent[at : at + 8_192])
        got = rest(connection)
    assert b"200 OK" not in got
    assert b" 408 " not in got, "at once, not when the time is up"


def test_trailers_do_not_join_the_headers(port: int) -> None:
    plain, with_some = (
        answer(port, CHUNKED + b"0\r\n" + more + b"\r\n") for more in (b"", b"X-Role: admin\r\n")
    )
    assert b"1 bytes 3 headers" in plain and b"1 bytes 3 headers" in with_some


@pytest.mark.parametrize("said", [b"", b"GET /", b"GET / HTTP/1.1\r\nHost: a\r\nX: "])
def test_a_head_that_does_not_come_ends_the_connection(port: int, said: bytes) -> None:
    with connected(port) as slow:
        slow.sendall(said)
        assert b"200 OK" in answer(port, get())  # others are answered meanwhile
        got = rest(slow)
    assert got == b"" if not said else got.startswith(b"HTTP/1.1 408 ")


def test_a_body_that_does_not_come_ends_the_connection(port: int) -> None:
    with connected(port) as slow:
        slow.sendall(get("/", "Content-Length: 1000", method="POST") + b"x")
        assert rest(slow).startswith(b"HTTP/1.1 408 ")


def test_more_connections_than_the_limit_are_told_so(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_limits, "HEAD_S", 60.0)
    held = [connected(port) for _ in range(25)]
    try:
        assert b" 503 " in answer(port, get())
    finally:
        for connection in held:
            connection.close()
