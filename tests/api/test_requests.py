"""Every answer carries the id that its line in the log has; nothing that is kept holds one."""

from __future__ import annotations

import io
import json
import logging
import re
import uuid
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from api import logs
from api.app import create_app
from tests.api.conftest import HOST
from tests.api.test_jobs import play
from tests.fixtures_db import DatabaseUrls

ID = re.compile(r"[0-9a-f]{16}")
PATHS = ("/api/v1/lookup?lon=141.105&lat=39.702", "/api/v1/districts", "/", "/healthz", "/static/nothing", "/nowhere",
         "/api/v1/districts?nosuch=1", "/staff/audit")  # fmt: skip
GIVEN = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize("path", PATHS)
def test_each_answer_has_an_id_of_its_own_and_so_has_its_line(client: TestClient, caplog, path: str) -> None:
    seen = []
    for _ in range(3):  # the third is one of the ready answers
        caplog.clear()
        with caplog.at_level(logging.INFO, logger="kyodo"):
            answer = client.get(path)
        assert len(answer.headers.get_list("x-request-id")) == 1
        own = answer.headers["x-request-id"]
        assert ID.fullmatch(own)
        (line,) = [r.getMessage() for r in caplog.records if r.name == "kyodo.access"]
        assert line.endswith(f" {own}")
        seen.append(own)
        if answer.headers["content-type"] == "application/problem+json":
            assert answer.json()["request_id"] == own
        else:
            assert own not in answer.text
    assert len(set(seen)) == 3


def test_a_page_for_people_says_its_number(client: TestClient) -> None:
    answer = client.get("/nowhere", headers={"accept": "text/html"})
    assert f"お問い合わせ番号 <code>{answer.headers['x-request-id']}</code>" in answer.text


def test_an_unchanged_answer_has_one_too(client: TestClient) -> None:
    tag = client.get("/api/v1/districts").headers["etag"]
    both = [client.get("/api/v1/districts", headers={"if-none-match": tag}) for _ in range(2)]
    assert [answer.status_code for answer in both] == [304, 304]
    assert both[0].headers["x-request-id"] != both[1].headers["x-request-id"]


def asked_through(
    shared_town: DatabaseUrls, settings_for: Callable, peer: str, headers: dict[str, str], **values
) -> str:
    app = create_app(settings_for(shared_town, **values))
    with TestClient(app, base_url=HOST, client=(peer, 50000)) as client:
        return client.get("/healthz", headers=headers).headers["x-request-id"]


def test_an_id_is_taken_over_from_a_trusted_proxy_alone(shared_town: DatabaseUrls, settings_for) -> None:
    proxies = ["10.1.0.0/16"]
    assert (
        asked_through(shared_town, settings_for, "10.1.2.3", {"x-request-id": GIVEN}, trusted_proxies=proxies)
        == GIVEN
    )
    assert (
        asked_through(shared_town, settings_for, "10.2.2.3", {"x-request-id": GIVEN}, trusted_proxies=proxies)
        != GIVEN
    )


@pytest.mark.parametrize("given", [GIVEN, GIVEN[:16], str(uuid.UUID(GIVEN))])
def test_hexadecimal_ids_are_taken_over(shared_town: DatabaseUrls, settings_for, given: str) -> None:
    assert asked_through(shared_town, settings_for, "127.0.0.1", {"x-request-id": given}) == given


@pytest.mark.parametrize(
    "given", ["uchimaru-1-1", GIVEN[:15], GIVEN + "0", GIVEN.upper(), "a\tb", "", "-" * 32, "%E7%9B%9B"]
)
def test_nothing_that_could_be_a_word_is(shared_town: DatabaseUrls, settings_for, given: str) -> None:
    assert ID.fullmatch(asked_through(shared_town, settings_for, "127.0.0.1", {"x-request-id": given}))


def test_what_a_stranger_says_of_the_caller_is_not_believed(shared_town: DatabaseUrls, settings_for) -> None:
    seen = []

    async def caller(scope, receive, send) -> None:
        seen.append((scope["client"][0], scope["scheme"]))

    from api.requests import Requests

    wrapped = Requests(caller, settings=settings_for(shared_town, trusted_proxies=["10.0.0.1"]), figures=None)
    for peer in ("10.0.0.1", "10.0.0.2"):
        headers = [(b"x-forwarded-for", b"192.0.2.9"), (b"x-forwarded-proto", b"https")]
        scope = {
            "type": "http",
            "client": (peer, 1),
            "scheme": "http",
            "headers": headers,
            "method": "GET",
            "path": "/",
        }
        play(wrapped(scope, None, None))
    assert seen == [("192.0.2.9", "https"), ("10.0.0.2", "http")]


# -- lines as JSON


def as_json(record: logging.LogRecord) -> dict:
    text = logs.json_lines().format(record)
    assert "\n" not in text
    return json.loads(text)


def record_of(name: str, *args: object, **values) -> logging.LogRecord:
    return logging.LogRecord(name, logging.INFO, "", 0, values.pop("msg", "%s"), args, values.get("exc_info"))


def test_the_line_of_a_request_as_json() -> None:
    values = ("GET", "/districts/{no}", 200, 1.64, 12, GIVEN)
    found = as_json(record_of("kyodo.access", *values, msg=logs.ACCESS_LINE))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", found.pop("time"))
    assert isinstance(found.pop("pid"), int)
    assert found == {
        "level": "INFO", "logger": "kyodo.access", "message": "request", "method": "GET", "route": "/districts/{no}",
        "status": 200, "ms": 1.6, "bytes": 12, "request_id": GIVEN,
    }  # fmt: skip


def test_other_lines_say_what_they_belong_to() -> None:
    token = logs.OF.set("job send_ticket_mail 17")
    try:
        found = as_json(record_of("kyodo.service", "done"))
    finally:
        logs.OF.reset(token)
    assert (found["message"], found["task"], found["job_id"]) == ("done", "send_ticket_mail", "17")
    token = logs.OF.set(f"request {GIVEN}")
    try:
        assert as_json(record_of("kyodo.service", "done"))["request_id"] == GIVEN
    finally:
        logs.OF.reset(token)


def test_the_message_of_an_exception_is_in_no_line() -> None:
    try:
        raise ValueError("盛岡市内丸12-2")
    except ValueError as error:
        found = as_json(
            record_of("asyncio", "never retrieved", exc_info=(type(error), error, error.__traceback__))
        )
    assert "内丸" not in json.dumps(found, ensure_ascii=False)
    assert found["failure"].startswith("ValueError at test_requests.py")


def test_a_failure_in_the_middle_of_a_request_is_under_its_id(client: TestClient, monkeypatch) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.Lines(logs.FORMAT))
    monkeypatch.setattr(logging.getLogger("kyodo"), "handlers", [handler])
    monkeypatch.setattr("kyodo_geo.lookup.LookupIndex.by_address", lambda *_: 1 / 0)
    answer = client.post("/api/v1/lookup", json={"address": "盛岡市試験町一丁目5番1号"})
    assert answer.status_code == 500
    (line,) = [line for line in written.getvalue().splitlines() if " failed: " in line]
    assert line.endswith(f"[request {answer.headers['x-request-id']}]")
