"""Who wrote carries the position of the log to their next request; nobody else does, and no shared cache keeps it."""

from __future__ import annotations

import pytest
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from api.settings import Settings
from api.written import ReadYourWrites
from geodata.written import CURRENT


def write() -> None:
    own = CURRENT.get()
    assert own is not None
    own.add(0x16B374D848)


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    path = Request(scope).url.path
    if path.startswith("/write"):
        await run_sync(write)  # as routes do: in a thread
    own = CURRENT.get()
    assert own is not None
    control = "public, no-cache" if path.endswith("public") else "private, no-store"
    await Response(str(own.after), headers={"cache-control": control})(scope, receive, send)


def client(**settings: object) -> TestClient:
    return TestClient(ReadYourWrites(app, settings=Settings(**settings)))  # type: ignore[arg-type]


def test_a_write_is_remembered_by_the_browser_until_its_next_reading() -> None:
    browser = client()
    assert browser.get("/read").text == "0"
    assert "kyodo_written=16b374d848;" in browser.get("/write").headers["set-cookie"]
    assert browser.get("/read").text == str(0x16B374D848)
    assert "set-cookie" not in browser.get("/read").headers
    assert CURRENT.get() is None


def test_the_cookie_is_no_scripts_and_ends_by_itself() -> None:
    told = client(base_url="https://kyodo.test").get("/write").headers["set-cookie"]
    assert told.startswith("__Host-kyodo_written=")
    for part in ("HttpOnly", "SameSite=lax", "Secure", "Max-Age=600", "Path=/"):
        assert part.lower() in told.lower()


def test_an_answer_for_everybody_carries_no_cookie() -> None:
    assert "set-cookie" not in client().get("/write-public").headers


@pytest.mark.parametrize("value", ["", "x", "16/B374D848", "-1", "0x1", "+1", "1_0", "1" * 17])
def test_what_is_no_position_is_as_if_it_were_not_there(value: str) -> None:
    assert client().get("/read", headers={"cookie": f"kyodo_written={value}"}).text == "0"
