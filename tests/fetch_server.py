"""A real HTTP server on 127.0.0.1 that behaves as badly as told, and small originals to serve from it."""

from __future__ import annotations

import contextlib
import io
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Looks the path up in the server's `routes` and lets the behaviour answer."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.close_connection = True
        self.server.seen.append((self.path, dict(self.headers.items())))
        behaviour = self.server.routes.get(self.path, status(404))
        # The client may have had enough, which is what some tests are about.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            behaviour(self)

    def begin(self, code: int, headers: dict[str, str]) -> None:
        self.send_response(code)
        for name, value in ({"Connection": "close"} | headers).items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    routes: dict[str, Behaviour]
    seen: list[tuple[str, dict[str, str]]]

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def asked(self, path: str) -> list[dict[str, str]]:
        """Headers of each request for the path, in order."""
        return [headers for seen, headers in self.seen if seen == path]


@contextmanager
def running() -> Iterator[Server]:
    server = Server(("127.0.0.1", 0), Handler)
    server.routes, server.seen = {}, []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


# -- behaviours ---------------------------------------------------------------------------------------------


def whole(
    content: bytes,
    *,
    etag: str | None = '"v1"',
    last_modified: str | None = None,
    ranges: bool = True,
    cut_after: int | None = None,
    pause_s: float = 0.0,
    piece: int = 65536,
    headers: dict[str, str] | None = None,
) -> Behaviour:
    """A file server: ETag, conditional requests, ranges (unless not).

    `cut_after`: the connection ends after so many bytes of the body. `pause_s`: wait between pieces.
    """

    def answer(handler: Handler) -> None:
        own = {"ETag": etag} if etag else {}
        own |= {"Last-Modified": last_modified} if last_modified else {}
        asked = handler.headers
        if etag and asked.get("If-None-Match") == etag:
            return handler.begin(304, own)
        start, code = 0, 200
        wanted = asked.get("Range")
        current = {etag, last_modified} - {None}
        if ranges and wanted and asked.get("If-Range") in (None, *current):
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            if start >= len(content):
                return handler.begin(416, own | {"Content-Range": f"bytes */{len(content)}"})
            code = 206
            own["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        body = content[start:]
        handler.begin(code, own | {"Content-Length": str(len(body))} | (headers or {}))
        if cut_after is not None:
            body = body[:cut_after]
        for at in range(0, len(body), piece):
            handler.wfile.write(body[at : at + piece])
            time.sleep(pause_s)
        return None

    return answer


def status(code: int, body: bytes = b"", **headers: str) -> Behaviour:
    def answer(handler: Handler) -> None:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        handler.begin(code, {"Content-Length": str(len(body))} | given)
        handler.wfile.write(body)

    return answer


def redirect(to: str) -> Behaviour:
    return status(302, Location=to)


def endless(piece: bytes = b"0123456789abcdef" * 4096, pause_s: float = 0.0) -> Behaviour:
    """A body without a length that never ends."""

    def answer(handler: Handler) -> None:
        handler.begin(200, {"Content-Type": "application/zip"})
        while True:
            handler.wfile.write(piece)
            time.sleep(pause_s)

    return answer


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """One behaviour per request; the last one stays."""
    left = list(behaviours)

    def answer(handler: Handler) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(handler)

    return answer


# -- small originals ----------------------------------------------------------------------------------------


def zipped(members: dict[str, bytes]) -> bytes:
    """An archive, stored and not packed, so that a changed byte is a changed byte of a member."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo("x", (2020, 10, 1, 0, 0, 0))
            info.filename = name  # as given, also with backslashes
            archive.writestr(info, content)
    return packed.getvalue()


def table(rows: int = 3, *, each: int = 10) -> bytes:
    """A CSV with the columns name and people."""
    return ("name,people\n" + "".join(f"町{n},{each}\n" for n in range(rows))).encode()
