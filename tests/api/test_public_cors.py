"""Pages of other sites read what everybody may read: without asking for more, without credentials, problems included.

That every public route says so and no answer made for somebody does is walked in `test_access.py`.
"""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from kyodo_geo.roles import Role
from tests.api.conftest import another
from tests.api.ticket_world import sign_in

ORIGIN = {"origin": "https://map.example"}
ITEMS = "/ogc/collections/districts/items"


def preflight(client: TestClient, path: str, method: str, headers: str = "accept") -> dict[str, str]:
    asked = {**ORIGIN, "access-control-request-method": method, "access-control-request-headers": headers}
    answer = client.options(path, headers=asked)
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (ITEMS, 200),
        (f"{ITEMS}?f=geojsonseq", 200),
        (f"{ITEMS}?no-such=1", 400),
        (f"{ITEMS}/none", 404),
        (f"{ITEMS}?f=nothing", 400),
        ("/ogc/no-such-page", 404),
        ("/opendata/catalog.jsonld", 200),
        ("/opendata/generations/1/manifest.json", 200),
        ("/api/v1/districts?x=1", 400),
    ],
)
def test_answers_and_problems_can_be_read(client: TestClient, path: str, status: int) -> None:
    for method in ("GET", "HEAD"):
        answer = client.request(method, path, headers=ORIGIN)
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == "*"
        assert {"Link", "ETag", "Content-Crs"} <= set(
            answer.headers["access-control-expose-headers"].split(", ")
        )
        assert "access-control-allow-credentials" not in answer.headers
        assert "origin" not in answer.headers.get("vary", "").lower()


def test_failures_and_what_is_refused_at_the_door_can_be_read(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.ogc.landing.made", lambda reading: 1 / 0)
    for headers, status in (
        ({}, 500),
        ({"host": "evil.example"}, 400),
        ({"content-length": "99999999"}, 413),
    ):
        answer = client.get("/ogc?as_of=2198-01-01", headers={**ORIGIN, **headers})
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (status, "*")


@pytest.mark.parametrize("path", ["/ogc", ITEMS, "/opendata", "/api/v1/districts", "/ogc/no-such-page"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_page_may_ask_before_it_reads(client: TestClient, path: str, method: str) -> None:
    found = preflight(client, path, method)
    assert found["access-control-allow-origin"] == "*"
    assert found["access-control-allow-methods"] == "GET, HEAD"
    assert "authorization" not in found["access-control-allow-headers"].lower()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nobody_elsewhere_may_write(client: TestClient, method: str) -> None:
    assert preflight(client, ITEMS, method) == {}
    assert preflight(client, f"{ITEMS}/1", method) == {}


@pytest.mark.parametrize(
    "path", ["/api/v1/lookup", "/api/v1/referrals", "/api/v1/vacant-houses", "/staff", "/login", "/ogcx"]
)
def test_everything_else_stays_closed(client: TestClient, path: str) -> None:
    assert preflight(client, path, "GET") == {}
    assert "access-control-allow-origin" not in client.get(path, headers=ORIGIN).headers


def test_what_is_made_for_somebody_stays_theirs(client: TestClient) -> None:
    reader = another(client)
    sign_in(reader, Role.PLANNER)
    for path in ("/ogc", ITEMS, f"{ITEMS}/none", f"{ITEMS}?f=csv", "/ogc/tiles"):
        answer = reader.get(path, headers=ORIGIN)
        assert answer.headers["cache-control"] != "public"
        assert "access-control-allow-origin" not in answer.headers, path
    assert reader.get("/opendata", headers=ORIGIN).headers["access-control-allow-origin"] == "*"


def test_a_key_that_is_none_is_refused_without_it(client: TestClient) -> None:
    answer = client.get("/ogc", headers={**ORIGIN, "authorization": "Bearer kg_none"})
    assert answer.status_code == 401
    assert "access-control-allow-origin" not in answer.headers
