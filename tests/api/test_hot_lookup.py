"""The short ways of the lookup answer as the route does: status, headers, bytes, log line and count alike."""

from __future__ import annotations

import json
import logging
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import psycopg
import pytest
from pydantic import ValidationError
from starlette.testclient import TestClient

from api import access
from api.hot_lookup import HotLookup
from api.schemas.lookup import Question
from kyodo_geo.roles import Role
from tests.api.city import HOSTILE
from tests.api.test_bad_lookups import LOOKUP_BODIES
from tests.fixtures_db import DatabaseUrls

PATH = "/api/v1/lookup"
TOWN = "盛岡市試験町一丁目5番1号"

QUESTIONS = {
    "one": {"address": TOWN},
    "several: no number": {"address": "試験町"},
    "none here": {"address": "試験町九丁目1番1号"},
    "outside": {"address": "滝沢市鵜飼1-1"},
    "not understood": {"address": "存在しない町1-1"},
    "NFD": {"address": unicodedata.normalize("NFD", "盛岡市グランド試験町一丁目5番1号")},
    "full width": {"address": "盛岡市試験町１丁目５－１"},
    "200 characters": {"address": TOWN + "あ" * (200 - len(TOWN))},
    "201 characters": {"address": TOWN + "あ" * (201 - len(TOWN))},
    "200 astral characters": {"address": "𠮷" * 200},
    "tab and line break": {"address": "盛岡市\t試験町一丁目\r\n5番1号\n"},
    "blank": {"address": "   "},
    "own municipality": {"address": TOWN, "municipality": "03201"},
    "null beside": {"address": TOWN, "lon": None, "lat": None, "municipality": None},
    "point": {"lon": 141.105, "lat": 39.702},
    "point in whole degrees": {"lon": 141, "lat": 39},
    "point on a border": {"lon": 141.105, "lat": 39.705},
    "point far away": {"lon": -0.0, "lat": 51.5},
    "swapped": {"lon": 39.702, "lat": 141.105},
    "as of a day": {"address": TOWN, "as_of": "2200-01-01"},
    "as of no day": {"address": TOWN, "as_of": "yesterday"},
    "as of nothing": {"address": TOWN, "as_of": None},
    "both": {"address": TOWN, "lon": 141.1, "lat": 39.7},
    **{f"hostile {i}": {"address": text} for i, text in enumerate(HOSTILE)},
}
BODIES = [
    *(json.dumps(question, ensure_ascii=False).encode("utf-8", "surrogatepass") for question in QUESTIONS.values()),
    *(json.dumps(question).encode() for question in QUESTIONS.values()),
    *(body.encode() for body in LOOKUP_BODIES),
    b"",
    b" ",
    b"\xff",
    b'{"address": "\xff"}',
    b"\xef\xbb\xbf" + json.dumps({"address": TOWN}).encode(),
    json.dumps({"address": TOWN}).encode("utf-16"),
    json.dumps({"address": TOWN}).encode("utf-16-le"),
    b'{"address": "x", "address": "\\u8a66\\u9a13\\u753a"}',
    b'{"lon": 141.105000000000000001, "lat": 39.70200000000000000000000000001}',
    b'{"lon": 123456789012345678901234567890, "lat": 39}',
    b'{"lon": 1.41105e2, "lat": 3.9702e+1}',
    b'{"lon": 141.105, "lat": 39.702,}',
    b' \n\t{"address": "x"} \r\n',
    b'{"address": "x"} x',
    b'{"address": "' + b"x" * 5000 + b'"}',
    b'{"address": "x"' + b" " * 5000 + b"}",
    b'{"address": "' + b"x" * 70_000 + b'"}',
]  # fmt: skip
POINTS = (
    "lon=141.105&lat=39.702",
    "lat=39.702&lon=141.105",
    "lon=141.105&lat=39.705",
    "lon=141&lat=39",
    "lon=-0.0&lat=51.5",
    "lon=-180&lat=-90",
    "lon=180.0000001&lat=39.7",
    "lon=39.702&lat=141.105",
    "lon=141.105&lat=39.702&municipality=03201",
    "lon=141.105&lat=39.702&municipality=99999",
    "lon=141.105&lat=39.702&municipality=3201",
    "lon=141.1050000000000001&lat=39.70199999999999",
    "lon=1.41105e2&lat=3.9702e1",
    "lon=141.105&lat=nan",
    "lon=141.105&lat=inf",
    "lon=+141.105&lat=39.702",
    "lon=%20141.105&lat=39.702",
    "lon=141.105&lat=39.702&",
    "lon=141.105&lat=39.702&lat=39.702",
    "lon=141.105&lat=39.702&nosuch=1",
    "lon=141.105&lat=39.702&accuracy_m=5",
    "lon=141.&lat=39.702",
    "lon=141.105",
    "lon=&lat=",
    "lon=\uff11\uff14\uff11&lat=39",
    "",
)
ADDRESSES = (
    *(
        quote(question["address"], safe="", errors="surrogatepass")
        for question in QUESTIONS.values()
        if "address" in question
    ),
    f"{quote(TOWN)}&municipality=03201",
    f"{quote(TOWN)}&municipality=99999",
    f"{quote(TOWN)}&municipality=",
    f"{quote(TOWN)}&as_of=2200-01-01",
    f"{quote(TOWN)}&nosuch=1",
    f"{quote(TOWN)}&address=x",
    f"{quote(TOWN)}&lon=141&lat=39",
    f"{quote(TOWN)}&",
    quote(TOWN).lower(),
    TOWN.replace("5番", "+5番+"),
    TOWN,
    "%E8%A9",
    "%ff",
    "%00",
    "%C2%85",
    "%2",
    "%zz",
    "+",
    "",
)
"""After address=: escaped in full, in part and wrongly."""
PLAIN = {"content-type": "application/json"}
HEADERS = {
    "no type": {},
    "other type": {"content-type": "text/plain"},
    "type with a charset": {"content-type": "application/json; charset=utf-8"},
    "type in capitals": {"content-type": "Application/JSON"},
    "a kind of JSON": {"content-type": "application/problem+json"},
    "form": {"content-type": "application/x-www-form-urlencoded"},
    "page": {**PLAIN, "accept": "text/html"},
    "cookie": {**PLAIN, "cookie": "kyodo_session=abc; other=1"},
    "wrong host": {**PLAIN, "host": "evil.example"},
    "no host": {**PLAIN, "host": ""},
    "host with a port": {**PLAIN, "host": "localhost:1234"},
    "host in capitals": {**PLAIN, "host": "LOCALHOST"},
    "key that is none": {**PLAIN, "authorization": "Bearer kg_none"},
    "empty key": {**PLAIN, "authorization": ""},
    "no scheme": {**PLAIN, "authorization": "x"},
    "other site": {**PLAIN, "origin": "https://evil.example"},
    "other site with a key": {**PLAIN, "origin": "https://evil.example", "authorization": "Bearer kg_none"},
    "length that is none": {**PLAIN, "content-length": "1e3"},
    "length beyond the limit": {**PLAIN, "content-length": "70000"},
    "method in a header": {**PLAIN, "x-http-method-override": "GET"},
}


@contextmanager
def only_the_route() -> Iterator[None]:
    """The short way closed: what is asked now is answered by the route."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HotLookup, "_plain", lambda self, scope: False)
        yield


@contextmanager
def short_way_watched() -> Iterator[list[bool]]:
    """Whether each question was answered by the short way."""
    taken: list[bool] = []
    answer = HotLookup._answer

    def watched(self, scope, message):
        body = answer(self, scope, message)
        taken.append(body is not None)
        return body

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HotLookup, "_answer", watched)
        yield taken


def told(client: TestClient, caplog, method: str, path: str, **request) -> tuple:
    """Everything that can be seen of one request, its access log without the milliseconds and the request's id."""
    caplog.clear()
    with caplog.at_level(logging.INFO, logger="kyodo"):
        answer = client.request(method, path, **request)
    lines = [
        (record.name, record.levelname, [w for w in record.getMessage().split()[:-1] if not w.endswith("ms")])
        for record in caplog.records
        if record.name == "kyodo.access"
    ]  # fmt: skip
    # Each request has an id of its own, which is in the line and in nothing else but a problem.
    own = answer.headers["x-request-id"]
    assert [r.getMessage().split()[-1] for r in caplog.records if r.name == "kyodo.access"] == [own]
    headers = [(name, value) for name, value in answer.headers.raw if name != b"x-request-id"]
    return answer.status_code, headers, answer.content.replace(own.encode(), b"{id}"), lines


def both_ways(client: TestClient, caplog, method: str, path: str, **request) -> tuple:
    found = told(client, caplog, method, path, **request)
    with only_the_route():
        assert found == told(client, caplog, method, path, **request)
    return found


def expected_status(body: bytes) -> int:
    """What the route owes to a body: an answer, or why there is none."""
    if len(body) > 65_536:
        return 413
    try:
        asked = json.loads(body)  # bytes: in UTF-16 too, and with a byte order mark
    except (UnicodeDecodeError, RecursionError):
        return 400
    except ValueError:
        return 422
    if isinstance(asked, dict) and asked.get("municipality") == "99999":
        return 404
    try:
        Question.model_validate(asked)
    except ValidationError:
        return 422
    return 200


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_every_body_is_answered_as_the_route_answers_it(client: TestClient, caplog, body: bytes) -> None:
    status, _, _, lines = both_ways(client, caplog, "POST", PATH, content=body, headers=PLAIN)
    assert status == expected_status(body)
    assert len(lines) == 1


@pytest.mark.parametrize("name", HEADERS)
def test_every_heading_is_answered_as_the_route_answers_it(client: TestClient, caplog, name: str) -> None:
    for question in ({"address": TOWN}, {"address": ""}):
        content = json.dumps(question).encode()
        both_ways(client, caplog, "POST", PATH, content=content, headers=HEADERS[name])


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "post", "NOSUCH"])
def test_every_method_is_answered_as_the_route_answers_it(client: TestClient, caplog, method: str) -> None:
    for path in (PATH, f"{PATH}?address={TOWN}"):
        both_ways(client, caplog, method, path, content=b'{"address": "x"}', headers=PLAIN)


@pytest.mark.parametrize("path", [f"{PATH}?", f"{PATH}?nosuch=1", f"{PATH}/", f"/{PATH}", "/api/v1/%6cookup"])
def test_every_spelling_of_the_path_is_answered_as_the_route_answers_it(
    client: TestClient, caplog, path: str
) -> None:
    both_ways(client, caplog, "POST", path, json={"address": TOWN})


@pytest.mark.parametrize("query", POINTS)
def test_every_point_in_the_address_is_answered_as_the_route_answers_it(
    client: TestClient, caplog, query: str
) -> None:
    for headers in ({}, {"accept": "text/html"}, {"origin": "https://evil.example"}, {"content-length": "0"}):
        _, _, _, lines = both_ways(client, caplog, "GET", f"{PATH}?{query}", headers=headers)
        assert len(lines) == 1 and "141" not in str(lines)


@pytest.mark.parametrize("written", ADDRESSES, ids=range(len(ADDRESSES)))
def test_every_address_in_the_address_line_is_answered_as_the_route_answers_it(
    client: TestClient, caplog, written: str
) -> None:
    _, _, _, lines = both_ways(client, caplog, "GET", f"{PATH}?address={written}")
    assert len(lines) == 1 and "%E8" not in str(lines)


def test_points_of_one_association_are_answered_as_the_route_answers_them(client: TestClient, caplog) -> None:
    """Its first point teaches the short way what all of them have in common; borders, gaps and the rim stay apart."""
    degrees = [(141.0955 + 0.00171 * i, 39.6955 + 0.00193 * j) for i in range(18) for j in range(9)]
    outcomes = set()
    for lon, lat in [*degrees, *degrees[::7], (141.105, 39.702), (141.1, 39.702), (141.105000001, 39.705)]:
        _, _, body, _ = both_ways(client, caplog, "GET", f"{PATH}?lon={lon:.9f}&lat={lat:.9f}")
        outcomes.add(json.loads(body)["outcome"])
    assert {"one", "several", "outside_city"} <= outcomes
    held = client.app.state.services.live.ready("03201")
    assert held.alike and all(answer.address.lon is None for *_, answer in held.alike.values())


def test_plain_points_and_addresses_take_the_short_way(client: TestClient) -> None:
    with only_the_route():
        slow = client.get(f"{PATH}?{POINTS[0]}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("api.asking.answer_to", None)  # the route would fail
        assert client.get(f"{PATH}?{POINTS[0]}").content == slow.content
        assert client.get(PATH, params={"address": TOWN}).json()["outcome"] == "one"
    assert slow.json()["outcome"] == "one"


@pytest.mark.parametrize("name", ["one", "none here", "outside", "not understood", "NFD", "200 characters", "point"])  # fmt: skip
def test_the_common_questions_take_the_short_way(client: TestClient, name: str) -> None:
    with short_way_watched() as taken:
        assert client.post(PATH, json=QUESTIONS[name]).status_code == 200
    assert taken == [True]


def test_a_body_in_pieces_and_two_equal_headings_go_to_the_route(client: TestClient, caplog) -> None:
    body = json.dumps({"address": TOWN}).encode()

    def pieces() -> Iterator[bytes]:
        yield body[:5]
        yield body[5:]

    with short_way_watched() as taken:
        assert client.post(PATH, content=pieces(), headers=PLAIN).status_code == 200
        twice = [("content-type", "application/json"), ("content-type", "text/plain")]
        both_ways(client, caplog, "POST", PATH, content=body, headers=twice)
    assert taken == []


def test_what_the_table_of_access_closes_is_closed(
    client: TestClient, caplog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(access.ACCESS, ("POST", PATH), frozenset({Role.ADMINISTRATOR}))
    status, *_ = both_ways(client, caplog, "POST", PATH, json={"address": TOWN})
    assert status == 401


def test_a_failure_is_told_as_everywhere(client: TestClient, caplog, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self, text: str) -> None:
        raise RuntimeError(f"cannot read {text}")

    monkeypatch.setattr("kyodo_geo.lookup.LookupIndex.by_address", fails)
    caplog.clear()
    with caplog.at_level(logging.INFO, logger="kyodo"):
        answer = client.post(PATH, json={"address": TOWN})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "試験町" not in answer.text + caplog.text
    with only_the_route():
        again = client.post(PATH, json={"address": TOWN})
    assert {**again.json(), "request_id": ""} == {**answer.json(), "request_id": ""}


def test_an_index_that_is_not_ready_is_the_routes_business(
    client: TestClient, caplog, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = type(client.app.state.services.live)
    monkeypatch.setattr(live, "ready", lambda self, code: None)
    with short_way_watched() as taken:
        both_ways(client, caplog, "POST", PATH, json={"address": TOWN})
    assert taken == [False]


def test_both_ways_count_alike(client: TestClient, shared_town: DatabaseUrls) -> None:
    """Channel, outcome, town, district and faults: the same rows, once for each question."""
    services = client.app.state.services
    asked = [question for question in QUESTIONS.values() if "address" in question]
    points = [*filter(None, POINTS), *(f"address={written}" for written in ADDRESSES)]

    def counted() -> dict[tuple, int]:
        services.counters.flush()
        with psycopg.connect(shared_town.superuser) as conn:
            rows = conn.execute(
                "SELECT channel, outcome, town, key_id, district_no, lookups, data_faults FROM kyodo.lookup_count"
            ).fetchall()
        return {(*row[:5], kind): number for row in rows for kind, number in zip("lf", row[5:], strict=True)}

    def added() -> dict[tuple, int]:
        before = counted()
        for question in asked:
            client.post(PATH, json=question)
        for query in points:
            client.get(f"{PATH}?{query}")
        return {key: n - before.get(key, 0) for key, n in counted().items() if n != before.get(key, 0)}

    short = added()
    with only_the_route():
        assert added() == short
    assert sum(number for (*_, kind), number in short.items() if kind == "l") > 5
