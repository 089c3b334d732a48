"""The short way of tiles answers as the route does: status, headers, bytes and log line alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from starlette.testclient import TestClient

from api import access
from api.hot_answers import HotAnswers
from api.tiles.hot import HotTiles
from api.tiles.paths import ONE_LAYER
from api.tiles.store import MVT
from kyodo_geo.roles import Role
from tests.api.test_hot_lookup import told
from tests.api.test_tiles import DISTRICTS, MIDDLE, version_of
from tests.api.tile_reading import SET, path

PATHS = {
    "district": DISTRICTS,
    "with its format": f"{DISTRICTS}?f=mvt",
    "other version": f"{DISTRICTS}?v=1-000000000000",
    "format and other version": f"{DISTRICTS}?f=mvt&v=1-000000000000",
    "empty version": f"{DISTRICTS}?v=",
    "version twice": f"{DISTRICTS}?v=1-0&v=1-0",
    "version first": f"{DISTRICTS}?v=1-000000000000&f=mvt",
    "format twice": f"{DISTRICTS}?f=mvt&f=mvt",
    "empty query": f"{DISTRICTS}?",
    "unknown parameter": f"{DISTRICTS}?x=1",
    "day": f"{DISTRICTS}?as_of=2200-01-01",
    "empty tile": path("towns", 141.11, 39.705, 18),
    "outside": path("districts", 140.0, 39.0, 14),
    "no such layer": path("no-such", *MIDDLE, 14),
    "for staff": path("halls", *MIDDLE, 14),
    "vacant houses": path("vacant-houses", *MIDDLE, 14),
    "column before the set": f"/ogc/collections/districts/tiles/{SET}/14/1/99999999",
    "leading zero": f"/ogc/collections/districts/tiles/{SET}/014/1/1",
    "no number": f"/ogc/collections/districts/tiles/{SET}/a/b/c",
    "slash behind": f"{DISTRICTS}/",
    "the list": "/ogc/collections/districts/tiles",
    "the set": f"/ogc/collections/districts/tiles/{SET}",
}
HEADERS = {
    "nothing": {},
    "gzip": {"accept-encoding": "gzip"},
    "gzip refused": {"accept-encoding": "gzip;q=0, identity"},
    "everything": {"accept-encoding": "gzip, deflate, br, zstd"},
    "tag of another": {"if-none-match": '"x"'},
    "any tag": {"if-none-match": "*"},
    "cookie": {"cookie": "kyodo_session=abc"},
    "wrong host": {"host": "evil.example"},
    "key that is none": {"authorization": "Bearer kg_none"},
    "other site": {"origin": "https://evil.example"},
    "page": {"accept": "text/html"},
    "picture": {"accept": "image/png"},
    "tile": {"accept": MVT},
    "tile by its old name": {"accept": "application/x-protobuf"},
}


@contextmanager
def only_the_route() -> Iterator[None]:
    """The short way closed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HotTiles, "_plain", lambda self, scope: None)
        yield


@contextmanager
def short_way_watched() -> Iterator[list[bool]]:
    """Whether each request was answered by the short way."""
    taken: list[bool] = []
    found = HotTiles._found

    async def watched(self, scope, asked):
        answer = await found(self, scope, asked)
        taken.append(answer is not None)
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HotTiles, "_found", watched)
        yield taken


def both_ways(client: TestClient, caplog, method: str, address: str, **request) -> tuple:
    found = told(client, caplog, method, address, **request)
    with only_the_route():
        assert found == told(client, caplog, method, address, **request)
    return found


@pytest.fixture(scope="module", autouse=True)
def everything_is_packed() -> Iterator[None]:
    """Small tiles too, so that both forms are compared; nothing is learnt (`test_hot_answers.py`), so that all is compared."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HotAnswers, "_asked", lambda self, scope: (None, ""))
        patch.setattr("api.tiles.store.COMPRESS_FROM", 10)
        yield


@pytest.mark.parametrize("name", PATHS)
def test_every_address_is_answered_as_the_route_answers_it(client: TestClient, caplog, name: str) -> None:
    _, _, _, lines = both_ways(client, caplog, "GET", PATHS[name])
    assert len(lines) == 1


@pytest.mark.parametrize("name", HEADERS)
def test_every_heading_is_answered_as_the_route_answers_it(client: TestClient, caplog, name: str) -> None:
    for address in (DISTRICTS, PATHS["empty tile"]):
        _, headers, _, _ = both_ways(client, caplog, "GET", address, headers=HEADERS[name])
        assert ((b"access-control-allow-origin", b"*") in headers) == (name != "key that is none")


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST", "DELETE", "get"])
def test_every_method_is_answered_as_the_route_answers_it(client: TestClient, caplog, method: str) -> None:
    both_ways(client, caplog, method, DISTRICTS)


def test_a_tile_held_already_and_one_of_its_version(client: TestClient, caplog) -> None:
    tag = client.get(DISTRICTS).headers["etag"]
    status, *_ = both_ways(client, caplog, "GET", DISTRICTS, headers={"if-none-match": tag})
    assert status == 304
    address = f"{DISTRICTS}?f=mvt&v={version_of(client, 'districts')}"
    _, headers, _, _ = both_ways(client, caplog, "GET", address)
    assert (b"cache-control", b"public, max-age=31536000, immutable") in headers


@pytest.mark.parametrize("query", ["", "?f=mvt", "?f=mvt&v={v}", "?v={v}"])
def test_the_common_requests_take_the_short_way(client: TestClient, query: str) -> None:
    client.get(DISTRICTS)  # the first one of all finds out what is active
    with short_way_watched() as taken:
        assert client.get(DISTRICTS + query.format(v=version_of(client, "districts"))).status_code == 200
    assert taken == [True]


def test_what_the_table_of_access_closes_is_closed(
    client: TestClient, caplog, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get(DISTRICTS)
    monkeypatch.setitem(access.ACCESS, ("GET", ONE_LAYER), frozenset({Role.ADMINISTRATOR}))
    status, *_ = both_ways(client, caplog, "GET", DISTRICTS)
    assert status == 401
