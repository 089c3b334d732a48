"""The short way of ready answers sends what the route sends: status, headers, bytes and log line; never anything stale."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from starlette.testclient import TestClient

from api import access, hot_answers
from api.hot_answers import HotAnswers
from kyodo_geo.roles import Role
from tests.api.test_hot_lookup import told
from tests.api.tile_reading import path as path_of_tile
from tests.fixtures_db import DatabaseUrls

PATHS = (
    "/api/v1/districts",
    "/api/v1/districts?as_of=2199-01-01",
    "/api/v1/districts/1",
    "/api/v1/associations?limit=2",
    "/api/v1/datasets",
    "/districts",
    "/about",
    "/",
    "/maps/plan-adoption",
    "/maps/plan-adoption.js",
    "/downloads/districts.csv",
    "/ogc",
    path_of_tile("districts", 141.105, 39.705, 14),
    "/ogc/collections/districts/items?limit=3",
)
ENCODINGS = ("", "gzip", "zstd;q=0.5", "gzip, deflate, br, zstd", "br;q=0, zstd;q=0")
DISTRICTS = "/api/v1/districts"


@contextmanager
def only_the_route() -> Iterator[None]:
    """The short way closed: what is asked now is answered by the route."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HotAnswers, "_asked", lambda self, scope: (None, ""))
        yield


@contextmanager
def short_way_watched() -> Iterator[list[bool]]:
    """Whether each request was answered by the short way."""
    taken: list[bool] = []
    find = HotAnswers._found

    def watched(self, scope, held, tags):
        found = find(self, scope, held, tags)
        taken.append(found is not None)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HotAnswers, "_found", watched)
        yield taken


def thrice(client: TestClient, caplog, path: str, headers: dict[str, str]) -> tuple:
    """The first answer (learnt), the second (short) and the route's own are one; returns it."""
    with only_the_route():
        slow = told(client, caplog, "GET", path, headers=headers)
    assert told(client, caplog, "GET", path, headers=headers) == slow
    assert told(client, caplog, "GET", path, headers=headers) == slow
    return slow


@pytest.mark.parametrize("path", PATHS)
def test_the_short_way_sends_what_the_route_sends(client: TestClient, caplog, path: str) -> None:
    for encoding in ENCODINGS:
        status, headers, _, lines = thrice(client, caplog, path, {"accept-encoding": encoding})
        assert (status, len(lines)) == (200, 1), path
        tag = dict(headers)[b"etag"].decode()
        for tags in (f'"other", W/{tag}', '"other"'):
            told_of = thrice(client, caplog, path, {"accept-encoding": encoding, "if-none-match": tags})
            assert told_of[0] == (304 if tag in tags else 200)


def test_ready_answers_take_the_short_way(client: TestClient) -> None:
    for path in PATHS:
        client.get(path)
    with short_way_watched() as taken:
        for path in PATHS:
            assert client.get(path).status_code == 200
    assert taken == [True] * len(PATHS)


def test_pages_of_other_sites_take_it_too(client: TestClient, caplog) -> None:
    for path in ("/ogc/collections/districts/items?limit=3", DISTRICTS):
        headers = {"origin": "https://elsewhere.example", "accept-encoding": "gzip"}
        status, sent, _, _ = thrice(client, caplog, path, headers)
        assert (status, dict(sent)[b"access-control-allow-origin"]) == (200, b"*")
        unchanged = {**headers, "if-none-match": dict(sent)[b"etag"].decode()}
        status, sent, _, _ = thrice(client, caplog, path, unchanged)
        assert (status, dict(sent)[b"access-control-allow-origin"]) == (304, b"*")
        with short_way_watched() as taken:
            client.get(path, headers=headers)
        assert taken == [True]


def test_every_form_is_smaller_than_the_whole_and_the_smallest_one_is_sent(client: TestClient) -> None:
    sizes = {}
    for encoding in ("identity", "gzip", "br", "zstd", "gzip, br, zstd"):
        answer = client.get("/about", headers={"accept-encoding": encoding})
        assert answer.headers.get("content-encoding", "identity") in encoding
        sizes[encoding] = int(answer.headers["content-length"])
    assert sizes["gzip, br, zstd"] == min(sizes.values()) < sizes["identity"]


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer kg_none"},
        {"cookie": "kyodo_session=abc"},
        {"cookie": "a=b; __Host-kyodo_form=abc"},
        {"range": "bytes=0-10"},
        {"content-length": "0"},
    ],
)
def test_what_may_change_an_answer_goes_to_the_route(
    client: TestClient, caplog, headers: dict[str, str]
) -> None:
    client.get(DISTRICTS)
    with short_way_watched() as taken:
        found = told(client, caplog, "GET", DISTRICTS, headers=headers)
        with only_the_route():
            assert found == told(client, caplog, "GET", DISTRICTS, headers=headers)
    assert taken == []


@pytest.mark.parametrize("host", ["evil.example", "", "localhost:1"])
def test_another_host_name_is_judged_by_the_route(client: TestClient, caplog, host: str) -> None:
    client.get(DISTRICTS)
    status, *_ = thrice(client, caplog, DISTRICTS, {"host": host})
    assert status == (200 if host.startswith("localhost") else 400)


@pytest.mark.parametrize("method", ["HEAD", "POST", "OPTIONS", "PUT", "DELETE"])
def test_other_methods_go_to_the_route(client: TestClient, caplog, method: str) -> None:
    client.get(DISTRICTS)
    with short_way_watched() as taken:
        told(client, caplog, method, DISTRICTS)
    assert taken == []


@pytest.mark.parametrize(
    "path", [f"{DISTRICTS}?nosuch=1", f"{DISTRICTS}/999", f"{DISTRICTS}?fiscal_year=x", "/nosuch"]
)
def test_refusals_are_never_learnt(client: TestClient, path: str) -> None:
    with short_way_watched() as taken:
        statuses = {client.get(path).status_code for _ in range(3)}
    assert statuses <= {400, 404} and taken == []


def test_a_change_shows_at_once_and_the_old_bytes_are_gone(serve, town: DatabaseUrls, caplog) -> None:
    client = serve()
    live = client.app.state.services.live
    before = client.get(DISTRICTS)
    assert client.get(DISTRICTS).content == before.content
    revision = live.revision("03201")
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.district_plan SET state = 'revised' WHERE municipality_code = '03201'")
    with live._changed:
        assert live._changed.wait_for(lambda: live.revision("03201") != revision, 10)
    with short_way_watched() as taken:
        after = client.get(DISTRICTS)
        assert taken == [False]
        assert after.headers["etag"] != before.headers["etag"]
        stale = client.get(DISTRICTS, headers={"if-none-match": before.headers["etag"]})
    assert stale.status_code == 200 and stale.content == after.content
    thrice(client, caplog, DISTRICTS, {})


def test_without_notices_every_answer_is_the_routes(client: TestClient) -> None:
    live = client.app.state.services.live
    client.get(DISTRICTS)
    live.set_connected(False)
    try:
        with short_way_watched() as taken:
            assert client.get(DISTRICTS).status_code == 200
        assert taken == [False]
    finally:
        live.set_connected(True)
    with short_way_watched() as taken:
        client.get(DISTRICTS)
        client.get(DISTRICTS)
    assert taken[-1] is True


def test_the_day_ends_what_was_learnt(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    client.get(DISTRICTS)
    tomorrow = hot_answers.today() + timedelta(days=1)
    monkeypatch.setattr(hot_answers, "today", lambda: tomorrow)
    with short_way_watched() as taken:
        client.get(DISTRICTS)
    assert taken == [False]


def test_bytes_the_cache_has_dropped_are_made_again(client: TestClient) -> None:
    first = client.get(DISTRICTS)
    client.app.state.services.cache._items.clear()
    with short_way_watched() as taken:
        assert client.get(DISTRICTS).content == first.content
        assert client.get(DISTRICTS).content == first.content
    assert taken == [False, True]


def test_what_the_table_of_access_closes_is_closed(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get(DISTRICTS)
    monkeypatch.setitem(access.ACCESS, ("GET", DISTRICTS), frozenset({Role.ADMINISTRATOR}))
    assert client.get(DISTRICTS).status_code == 401


def test_readers_who_differ_are_kept_apart(client: TestClient) -> None:
    """A route may choose its format by Accept: what one reader got is nothing for another."""
    client.get(DISTRICTS, headers={"accept": "text/html"})
    with short_way_watched() as taken:
        client.get(DISTRICTS, headers={"accept": "application/geo+json"})
    assert taken == []


def test_only_so_many_requests_are_remembered(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hot_answers, "MAX_HELD", 2)
    seen = ["/api/v1/districts/1", "/api/v1/districts/2", "/api/v1/associations?limit=1"]
    for path in seen:
        client.get(path)
    with short_way_watched() as taken:
        for path in reversed(seen):
            client.get(path)
    assert taken == [True, True]
