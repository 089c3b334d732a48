"""Questions that cannot be asked: a clear 4xx, never a 5xx."""

from __future__ import annotations

import html5lib
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


@pytest.mark.parametrize("how", ["body", "query"])
def test_exchanged_coordinates_are_told_as_such(client: TestClient, how: str) -> None:
    if how == "body":
        answer = client.post("/api/v1/lookup", json={"lon": 39.7, "lat": 141.15})
    else:
        answer = client.get("/api/v1/lookup?lon=39.7&lat=141.15")
    assert_problem(answer, 400, 422)
    assert "逆になっていないか" in answer.text


FORMS = [
    ({"lon": "39.7", "lat": "141.15"}, "逆になっていないか", {"lon", "lat"}),
    ({"lon": "１４１．１", "lat": "北"}, "緯度は、度を単位とする数", {"lat"}),
    ({"lon": "181", "lat": "39.7"}, "経度は、度を単位とする数", {"lon"}),
    ({"lon": "181", "lat": "91"}, "経度と緯度は、度を単位とする数", {"lon", "lat"}),
    ({"lon": "", "lat": ""}, "経度と緯度を、度を単位とする数", {"lon", "lat"}),
    ({"address": " "}, "住所を入力", {"address"}),
    ({"address": "あ" * 201}, "文字以内", {"address"}),
]


@pytest.mark.parametrize(("form", "words", "marked"), FORMS)
def test_the_form_says_what_is_wrong_at_the_field_that_is(
    client: TestClient, form: dict[str, str], words: str, marked: set[str]
) -> None:
    answer = client.post("/lookup", data=form, headers=PAGE)
    assert answer.status_code == 400
    root = html5lib.parse(answer.text, namespaceHTMLElements=False)
    inputs = {field.get("name"): field for field in root.iter("input")}
    assert {name for name, field in inputs.items() if field.get("aria-invalid") == "true"} == marked
    summary = next(box for box in root.iter("div") if box.get("role") == "alert")
    link = next(summary.iter("a"))
    assert words in (link.text or "")
    assert (link.get("href") or "").removeprefix("#") in marked
    texts = {node.get("id"): "".join(node.itertext()) for node in root.iter("p")}
    for name in marked:
        described = (inputs[name].get("aria-describedby") or "").split()
        assert any(words in texts.get(id_, "") for id_ in described)
    assert not any(details.get("open") is None for details in root.iter("details") if marked & {"lon", "lat"})


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
