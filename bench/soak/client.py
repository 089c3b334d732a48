"""A browser that costs little: one connection, kept open, requests written by hand."""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
WITHIN_S = 120.0


@dataclass
class Got:
    """One answer; the body as bytes, never compressed."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


@dataclass
class Client:
    """Keeps its cookies and its connection, follows nothing."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    key: str = ""
    _open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> Got:
        """One answer; a connection that the server has closed meanwhile is opened once more."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", "Accept: text/html, */*;q=0.8"]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{k}={v}" for k, v in self.cookies.items()))
        if self.key:
            lines.append(f"Authorization: Bearer {self.key}")
        if method != "GET":
            lines += [f"Origin: http://127.0.0.1:{self.port}", f"Content-Length: {len(body)}"]
        if kind:
            lines.append(f"Content-Type: {kind}")
        request = "\r\n".join([*lines, "", ""]).encode() + body
        for again in (True, False):
            stale = self._open is not None
            try:
                async with asyncio.timeout(WITHIN_S):
                    return await self._exchange(request)
            except (OSError, asyncio.IncompleteReadError) as error:
                self.close()
                # As browsers do: a kept connection that ended without a byte was closed for its idleness.
                unanswered = not isinstance(error, asyncio.IncompleteReadError) or not error.partial
                if not (again and stale and unanswered):
                    raise
        raise AssertionError

    async def _exchange(self, request: bytes) -> Got:
        if self._open is None:
            self._open = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)
        reader, writer = self._open
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name
        }
        for line in lines:
            if line.lower().startswith("set-cookie:"):
                name, _, rest = line.partition(":")[2].strip().partition("=")
                self.cookies[name] = rest.partition(";")[0]
        if headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int((await reader.readline()).split(b";")[0], 16):
                body += await reader.readexactly(size)
                await reader.readexactly(2)
            await reader.readline()
        else:
            body = await reader.readexactly(int(headers.get("content-length", 0)))
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Got(int(first.split(" ")[1]), headers, body)

    async def form(self, path: str, to: str, **fields: str) -> Got:
        """Open a page and send the form on it."""
        page = await self.ask("GET", path)
        found = TOKEN.search(page.text)
        if found is None:
            return page
        sent = urlencode({"csrf_token": found[1], **fields}).encode()
        return await self.ask("POST", to, sent, "application/x-www-form-urlencoded")

    async def upload(self, path: str, name: str, content: bytes, **fields: str) -> Got:
        """The same with a file."""
        page = await self.ask("GET", path)
        found = TOKEN.search(page.text)
        if found is None:
            return page
        parts = [
            f'--soak\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode()
            for k, v in {"csrf_token": found[1], **fields}.items()
        ]
        parts.append(
            f'--soak\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        )
        body = b"".join(parts) + content + b"\r\n--soak--\r\n"
        return await self.ask("POST", path, body, "multipart/form-data; boundary=soak")

    def close(self) -> None:
        if self._open is not None:
            with contextlib.suppress(OSError):
                self._open[1].close()
            self._open = None
