"""Questions that cannot be asked: a clear 4xx, never a 5xx."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.api.city import HOSTILE
from tests.api.conftest import PAGE
from tests.api.test_errors import assert_problem

LOOKUP_BODIES = [
    "{",
    "[]",
    "null",
    '"x"',
    "{}",
    '{"address": ""}',
    '{"address": 5}',
    '{"address": null}',
    '{"address": "x", "lon": 1, "lat": 1}',
    '{"lon": 141}',
    '{"lon": "141", "lat": "39"}',
    '{"lon": NaN, "lat": 39}',
    '{"lon": Infinity, "lat": 39}',
    '{"lon": 1e999, "lat": 39}',
    '{"lon": 181, "lat": 39}',
    '{"lon": 141, "lat": 91}',
    '{"lon": true, "lat": 39}',
    '{"address": "x", "nosuch": 1}',
    '{"address": "\\u0000"}',
    '{"address": "\\ud800"}',
    '{"address": ["x"]}',
    '{"address": "x", "municipality": "1"}',
    '{"address": "x", "municipality": "99999"}',
    "[" * 5000,
    '{"address": "' + "あ" * 201 + '"}',
]


@pytest.mark.parametrize("body", LOOKUP_BODIES)
def test_bad_lookup_bodies(client: TestClient, body: str) -> None:
    answer = client.post(
        "/api/v1/lookup", content=body.encode(), headers={"content-type": "application/json"}
    )
    assert_problem(answer, 400, 404, 422)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "address=",
        "address=%00",
        "lon=141",
        "lon=nan&lat=39",
        "lon=inf&lat=39",
        "lon=1e999&lat=1",
        "lon=x&lat=39",
        "lon=181&lat=0",
        "address=x&lon=1&lat=1",
        "address=" + "x" * 201,
        "address=x&nosuch=1",
        "lon=141.1&lat=39.7&lat=39.8",
    ],
)
def test_bad_lookup_queries(client: TestClient, query: str) -> None:
    assert_problem(client.get(f"/api/v1/lookup?{query}"), 400)


def test_a_body_without_its_type_is_not_read(client: TestClient) -> None:
    assert_problem(client.post("/api/v1/lookup", content=b'{"address": "x"}'), 415, 422)


@pytest.mark.parametrize("how", ["declared", "streamed"])
def test_too_large_a_body(client: TestClient, how: str) -> None:
    big = b'{"address": "' + b"x" * 70_000 + b'"}'
    content = big if how == "declared" else iter([big[:40_000], big[40_000:]])
    answer = client.post("/api/v1/lookup", content=content, headers={"content-type": "application/json"})
    assert_problem(answer, 413)


def test_hostile_words_are_words(client: TestClient) -> None:
    answer = client.post("/api/v1/lookup", json={"address": HOSTILE})
    assert answer.status_code == 200
    assert answer.json()["outcome"] == "not_understood"
    page = client.post("/lookup", data={"address": HOSTILE}, headers=PAGE)
    assert page.status_code == 200
    assert "<img src=x" not in page.text
    assert "</script>$" not in page.text
