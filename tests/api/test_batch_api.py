"""`POST /api/v1/lookup/batch`: one answer per row in order, each row's own error, bounds, nothing stored or logged."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from api import asking_many
from geodata.database import Audience
from geodata.partner_keys import issue
from kyodo_geo.lookup.answers import Answer
from kyodo_geo.lookup.columns import COLUMNS, Columns, columns_of
from tests.api import city

PATH = "/api/v1/lookup/batch"
ONE, SEVERAL = "試験町一丁目5番1号", "試験町一丁目"


@pytest.fixture(scope="module")
def key(client: TestClient) -> Iterator[dict[str, str]]:
    with client.app.state.services.database.write(Audience.AUTH) as conn:
        _, secret = issue(conn, city.CODE, "試験", by="test")
    yield {"authorization": f"Bearer {secret}"}


def test_every_row_gets_its_answer_in_order(client: TestClient) -> None:
    rows = [
        {"id": "x", "address": ONE},
        {"id": 7, "lon": 141.105, "lat": 39.702},
        {"address": SEVERAL},
        {"id": "x", "address": "仙台市青葉区本町1-1"},
    ]
    answer = client.post(PATH, json={"rows": rows})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-store"
    body = answer.json()
    assert (body["count"], body["failed"]) == (4, 0)
    assert body["dataset"]["quality"] == "sample"
    assert [row["id"] for row in body["rows"]] == ["x", 7, None, "x"]
    results = [row["result"] for row in body["rows"]]
    assert [result["outcome"] for result in results] == ["one", "one", "several", "outside_city"]
    assert all(list(result) == list(COLUMNS) for result in results)
    assert results[0]["association_id"] == results[1]["association_id"] == "a11"
    assert results[2]["association_id"] is None
    assert [item["id"] for item in results[2]["candidates"]] == ["a11", "a12"]


def test_a_batch_says_what_single_lookups_say(client: TestClient) -> None:
    addresses = [ONE, SEVERAL, "試験町三丁目15番2号", "nowhere", "仙台市青葉区本町1-1"]
    rows = client.post(PATH, json={"rows": [{"address": text} for text in addresses]}).json()["rows"]
    for address, row in zip(addresses, rows, strict=True):
        single = client.post("/api/v1/lookup", json={"address": address}).json()
        assert row["result"]["outcome"] == single["outcome"]
        assert row["result"]["message"] == single["message"]
        known = [row["result"]["association_id"]] if row["result"]["association_id"] else []
        known += [item["id"] for item in row["result"]["candidates"]]
        assert known == [item["id"] for item in single["associations"]]


def test_breaks_and_tabs_within_an_address_are_spaces_here_too(client: TestClient) -> None:
    """As on the page: addresses are copied out of tables with whatever stood between their parts."""
    texts = [ONE, "試験町一丁目\t5番1号", "盛岡市\r\n試験町一丁目5番1号\n"]
    rows = client.post(PATH, json={"rows": [{"address": text} for text in texts]}).json()["rows"]
    assert [row["result"] and row["result"]["association_id"] for row in rows] == ["a11"] * 3
    for text in texts:
        single = client.post("/api/v1/lookup", json={"address": text})
        assert (single.status_code, single.json()["associations"][0]["id"]) == (200, "a11")


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"id": "b", "address": ""}, "row.address"),
        ({"id": "b", "address": "あ" * 201}, "row.address"),
        ({"id": "b", "address": "a\u0000"}, "row.address"),
        ({"id": "b", "lon": 141.1}, "row"),
        ({"id": "b", "address": ONE, "lon": 141.1, "lat": 39.7}, "row"),
        ({"id": "b", "lon": "141.1", "lat": 39.7}, "row.lon"),
        ({"id": "b", "lon": 1411, "lat": 39.7}, "row.lon"),
        ({"id": "b", "lon": 39.7, "lat": 141.1}, "row"),
        ({"id": "b"}, "row"),
        ({"id": "b", "adress": ONE}, "row.adress"),
    ],
)
def test_a_row_that_cannot_be_used_fails_alone(client: TestClient, row: dict, field: str) -> None:
    body = client.post(PATH, json={"rows": [{"address": ONE}, row, {"address": ONE}]}).json()
    assert [bool(item["errors"]) for item in body["rows"]] == [False, True, False]
    wrong = body["rows"][1]
    assert (wrong["id"], wrong["result"], body["failed"]) == ("b", None, 1)
    assert wrong["errors"][0]["field"] == field
    assert any(ord(char) > 0x3000 for char in wrong["errors"][0]["message"])


@pytest.mark.parametrize(
    "row", [None, 5, "x", [], {"id": [1]}, {"id": True, "address": ONE}, {"id": "y" * 101}, {"id": 2**60}]
)
def test_ids_that_cannot_be_sent_back_are_not(client: TestClient, row: object) -> None:
    found = client.post(PATH, json={"rows": [row]}).json()["rows"][0]
    assert (found["id"], found["result"]) == (None, None)
    assert found["errors"]


@pytest.mark.parametrize(
    "body", [{}, {"rows": []}, {"rows": "x"}, [], {"rows": [{"address": "x"}], "more": 1}, "{"]
)
def test_a_body_that_is_no_batch_is_refused_whole(client: TestClient, body: object) -> None:
    sent = {"content": body} if isinstance(body, str) else {"json": body}
    answer = client.post(PATH, headers={"content-type": "application/json"}, **sent)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_key_raises_the_number_of_rows(client: TestClient, key: dict[str, str]) -> None:
    def rows(number: int) -> dict:
        return {"rows": [{"address": ONE}] * number}

    assert client.post(PATH, json=rows(100)).status_code == 200
    refused = client.post(PATH, json=rows(101))
    assert refused.status_code == 401
    assert "100 行" in refused.json()["detail"]
    assert client.post(PATH, json=rows(1000), headers=key).json()["count"] == 1000
    too_many = client.post(PATH, json=rows(1001), headers=key)
    assert too_many.status_code == 422
    assert [item["message"] for item in too_many.json()["errors"]] == [
        "本文の「rows」: 1000 件以内で指定してください。多いときは分けて送ってください"
    ]
    assert client.post(PATH, json=rows(1), headers={"authorization": "Bearer kg_no"}).status_code == 401


def test_only_this_route_takes_a_larger_body(client: TestClient, key: dict[str, str]) -> None:
    """A thousand of the longest rows pass; the single lookup stays small."""
    # 200 characters and an id, written as \uXXXX
    rows = [{"id": "番" * 100, "address": "試験町一丁目" + "あ" * 194} for _ in range(1000)]
    body = json.dumps({"rows": rows})
    assert len(body) > 1_800_000
    answer = client.post(PATH, content=body, headers={**key, "content-type": "application/json"})
    assert answer.status_code == 200, answer.text[:300]
    too_much = json.dumps({"rows": rows * 2})
    assert client.post(PATH, content=too_much, headers=key).status_code == 413
    assert client.post("/api/v1/lookup", content=body).status_code == 413
    assert client.post("/login", content=body).status_code == 413


def test_lookups_are_counted_with_the_key_and_logged_without_addresses(
    client: TestClient, key: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    services = client.app.state.services
    services.counters.flush()

    def counted() -> int:
        services.counters.flush()
        with services.database.read(Audience.AUTH) as conn:
            row = conn.execute(
                "SELECT coalesce(sum(lookups), 0) AS n FROM lookup_count WHERE channel = 'batch' AND key_id <> ''"
            ).fetchone()
        return int(row["n"])

    before = counted()
    with caplog.at_level(logging.DEBUG):
        client.post(
            PATH, json={"rows": [{"address": ONE}, {"address": "秘密の住所99"}, {"address": ""}]}, headers=key
        )
    assert counted() - before == 2, "a row with an error is no lookup"
    assert "秘密の住所" not in caplog.text
    assert "/api/v1/lookup/batch" in caplog.text


def test_a_single_lookup_is_answered_in_the_middle_of_a_batch(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The batch stands still in its first row until a single lookup has been answered."""
    in_the_middle, answered, waited = threading.Event(), threading.Event(), []

    def slow(answer: Answer) -> Columns:
        in_the_middle.set()
        waited.append(answered.wait(20))
        return columns_of(answer)

    monkeypatch.setattr(asking_many, "columns_of", slow)
    thread = threading.Thread(target=client.post, args=(PATH,), kwargs={"json": {"rows": [{"address": ONE}]}})
    thread.start()
    assert in_the_middle.wait(20)
    assert client.post("/api/v1/lookup", json={"address": ONE}).status_code == 200
    answered.set()
    thread.join(20)
    assert waited == [True]
