"""What stands around every route, without a server and without data."""

from __future__ import annotations

from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from api.middleware import Guard
from tests.api.test_jobs import play


def test_head_is_answered_without_a_body_and_the_server_still_knows_that_it_was_head() -> None:
    """The server counts what it sends: told GET, it would miss the body that the heading announces and cut the line."""
    asked: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        asked.append(scope["method"])
        await PlainTextResponse("twelve bytes")(scope, receive, send)

    scope: Scope = {"type": "http", "method": "HEAD", "path": "/", "query_string": b"", "headers": []}
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        sent.append(message)

    async def ask() -> None:
        await Guard(app)(scope, receive, send)

    play(ask())
    start, body = sent
    assert (asked, scope["method"]) == (["GET"], "HEAD")
    assert (b"content-length", b"12") in start["headers"]
    assert body["body"] == b""
