"""What wraps every request, outermost first: guard (log, last resort, body limit, HEAD) and security headers.

Written as plain ASGI: nothing here may buffer or copy a response.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, MutableMapping
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import logs
from api.embedding import FRAMED
from api.errors import render_problem
from api.requests import finished, request_id
from api.security import framed_headers, security_headers
from api.settings import Settings

MAX_BODY_BYTES = 64 * 1024
"""Forms and lookups are small; files are loaded on the command line."""

MAX_BODY_BY_ROUTE: dict[tuple[str, str], int] = {
    # 1,000 rows of 200 characters, each written as \uXXXX, with ids
    ("POST", "/api/v1/lookup/batch"): 2 * 2**20,
    # a file of 20 MB and the form around it; read only after the table of access has let the sender in
    ("POST", "/partner/batch"): 20 * 2**20 + 64 * 2**10,
    # files of 50 MB that are to become a dataset
    ("POST", "/staff/datasets/new"): 50 * 2**20 + 64 * 2**10,
    # files of 50 MB that hold records
    ("POST", "/staff/records/import"): 50 * 2**20 + 64 * 2**10,
    # filled forms of associations, 60 MB together
    ("POST", "/staff/returns/upload"): 60 * 2**20 + 256 * 2**10,
    # filled sheets of the departments, 20 MB
    ("POST", "/staff/inquiries/upload"): 20 * 2**20 + 64 * 2**10,
    # a table of actions of 1 MB
    ("POST", "/staff/facilities/scenarios/import"): 2**20 + 64 * 2**10,
    # a photo of 20 MB for an activity case
    ("POST", "/staff/cases/photos"): 20 * 2**20 + 64 * 2**10,
    # the links of a list of 60 kB, one for each line, back from their page
    ("POST", "/staff/offices/links.csv"): 4 * 2**20,
    # a feature with an area, as below
    ("POST", "/ogc/collections/associations/items"): 2**20,
}
"""Routes that take more. Exact paths: a limit holds before routing, so none of them may have a parameter."""


def _limit(method: str, path: str) -> int | None:
    return MAX_BODY_BY_ROUTE.get((method, path)) or MAX_BODY_BELOW.get((method, path.rpartition("/")[0]))


def _names_nothing(path: str) -> bool:
    """An empty last part where the id of a feature stands: the router would send a change on to all the features (307)."""
    return path.endswith("/items/") and path.startswith("/ogc/")


MAX_BODY_BELOW: dict[tuple[str, str], int] = {
    # one feature with an area; the sender is looked at before the body is read
    **{(method, "/ogc/collections/associations/items"): 2**20 for method in ("PUT", "PATCH")},
}
"""The same of whatever stands right below a path."""


class Guard:
    """Access log by route, size limit of bodies, HEAD for every GET, and 500 for what nobody expected.

    An unexpected exception ends here: were it to travel on, the server would log its message, which may quote
    what a visitor typed.
    """

    def __init__(self, app: ASGIApp, *, max_body: int = MAX_BODY_BYTES) -> None:
        self.app = app
        self.max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        head = scope["method"] == "HEAD"
        if head:
            # A copy: the server's own must go on saying HEAD, else it waits for the body that was announced.
            scope = {**scope, "method": "GET"}
        seen: dict[str, Any] = {"status": 0, "bytes": 0, "read": 0}
        max_body = _limit(scope["method"], scope["path"]) or self.max_body
        of = logs.OF.set(f"request {request_id(scope)}")

        async def limited() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                seen["read"] += len(message.get("body", b""))
                if seen["read"] > max_body:
                    raise HTTPException(413)
            return message

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen["status"] = message["status"]
            elif message["type"] == "http.response.body":
                seen["bytes"] += len(message.get("body", b""))
                if head:
                    message = {**message, "body": b""}
            await send(message)

        try:
            if _is_packed(scope):
                await render_problem(Request(scope), HTTPException(415, headers={"Connection": "close"}))(
                    scope, receive, watched
                )
            elif _declares_too_much(scope, max_body):
                await render_problem(Request(scope), HTTPException(413, headers={"Connection": "close"}))(
                    scope, receive, watched
                )
            elif _names_nothing(scope["path"]):
                await render_problem(Request(scope), HTTPException(404))(scope, receive, watched)
            else:
                await self.app(scope, limited, watched)
        except Exception as error:
            logs.SERVICE.error("failed: %s %s", route_of(scope), logs.failure(error))
            if not seen["status"]:  # else the server cuts the connection: the answer had begun already
                await render_problem(Request(scope), error)(scope, receive, watched)
        finally:
            logs.OF.reset(of)
            spent = (time.perf_counter() - began) * 1000
            method = "HEAD" if head else scope["method"]
            finished(scope, method, route_of(scope), seen["status"], spent, seen["bytes"])


def _is_packed(scope: Scope) -> bool:
    """Whether the body is compressed: a few bytes could stand for gigabytes, and nothing of ours sends such."""
    if scope["method"] == "GET":
        return False
    return any(
        name == b"content-encoding" and value.lower() != b"identity" for name, value in scope["headers"]
    )


def _declares_too_much(scope: Scope, max_body: int) -> bool:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return not value.isdigit() or len(value) > 12 or int(value) > max_body
    return False


def route_of(scope: MutableMapping[str, Any]) -> str:
    """Template of the route that answered; "-" for anything else, because a stray path may be an address."""
    route = scope.get("route")
    path = getattr(route, "path_format", None) or getattr(route, "path", None)
    return str(path) if path else "-"


class SecurityHeaders:
    """Adds the security headers to every answer, and `no-store` where nobody said what may be stored."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self.headers = security_headers(settings)
        self.framed = framed_headers(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        wanted = self.framed if scope["path"] in FRAMED else self.headers

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                secure(headers, wanted)
                renew(headers, scope)
            await send(message)

        await self.app(scope, receive, add)


def renew(headers: MutableHeaders, scope: Scope) -> None:
    """Give the browser its session's next token, with an answer that nothing between it and us may keep.

    One that does not go out is no loss: the present token works until the next was seen.
    """
    cookie = scope.get("state", {}).get("session_cookie")
    kept = headers["cache-control"]
    if cookie is None or not (kept.startswith("private") or "no-store" in kept):
        return
    name = cookie.partition("=")[0]
    if not any(held.startswith(f"{name}=") for held in headers.getlist("set-cookie")):
        headers.append("set-cookie", cookie)


def secure(headers: MutableHeaders, wanted: Mapping[str, str]) -> None:
    """Add the headers that are not there yet."""
    for name, value in wanted.items():
        headers.setdefault(name, value)
    headers.setdefault("Cache-Control", "private, no-store")
