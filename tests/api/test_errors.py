"""Bad input on every route: a clear 4xx in the one error shape, never a 5xx."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from api.access import routes_of
from api.errors import STATUS
from kyodo_geo import errors as domain
from tests.api.conftest import JSON, PAGE

HUGE = "9" * 400
BAD_QUERIES = [
    "nosuch=1",
    "municipality=99999",
    "municipality=１２３４５",
    "municipality=" + HUGE,
    "as_of=yesterday",
    "as_of=2024-02-30",
    "as_of=0001-01-01",
    "as_of=9999-12-31",
    "as_of=%00",
    "municipality=03201&municipality=03201",
]
DATA_ROUTES = [
    "/api/v1/districts",
    "/api/v1/districts/1",
    "/api/v1/associations",
    "/api/v1/associations/a11",
    "/api/v1/facilities",
    "/api/v1/small-areas",
    "/api/v1/datasets",
    "/downloads/membership.csv",
    "/downloads/membership.geojson",
]


def assert_problem(answer, *statuses: int) -> None:
    """RFC 9457, in Japanese, telling the right status."""
    assert answer.status_code in statuses, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["type"].startswith("/api#")
    assert any(ord(char) > 0x3000 for char in body["detail"]), "says in Japanese what to do"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("query", BAD_QUERIES)
@pytest.mark.parametrize("path", DATA_ROUTES)
def test_bad_parameters_of_every_data_route(client: TestClient, path: str, query: str) -> None:
    assert_problem(client.get(f"{path}?{query}", headers=JSON), 400, 404)


@pytest.mark.parametrize("path", ["/api/v1/initiatives", "/api/v1/indicators"])
@pytest.mark.parametrize(
    "query", ["plan=x", "plan=%3Cimg%3E", "plan=" + HUGE, "as_of=2024-01-01", "municipality=1"]
)
def test_bad_parameters_of_plan_routes(client: TestClient, path: str, query: str) -> None:
    assert_problem(client.get(f"{path}?{query}"), 400, 404)


@pytest.mark.parametrize(
    "query",
    [
        "fiscal_year=abc",
        "fiscal_year=1e3",
        "fiscal_year=2019.0",
        "fiscal_year=" + HUGE,
        "fiscal_year=2100",
        "fiscal_year=-1",
        "fiscal_year=２０１９",
        "fiscal_year=",
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/districts", "/api/v1/districts/1", "/downloads/membership.csv"])
def test_bad_years(client: TestClient, path: str, query: str) -> None:
    assert_problem(client.get(f"{path}?{query}", headers=JSON), 400, 404)


@pytest.mark.parametrize(
    "query",
    [
        "bbox=1,2,3",
        "bbox=a,b,c,d",
        "bbox=nan,0,1,1",
        "bbox=inf,0,1,1",
        "bbox=2,0,1,1",
        "bbox=0,0,0,0",
        "bbox=-999,0,1,1",
        "bbox=0,0,1,1e999",
        "bbox=" + "1," * 300,
        "limit=0",
        "limit=1001",
        "limit=-1",
        "limit=many",
        "limit=" + HUGE,
        "cursor=%3Cscript%3E",
        "cursor=" + HUGE,
        "district=0",
        "district=1.5",
        "district=" + HUGE,
        "district=x",
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/associations", "/api/v1/small-areas"])
def test_bad_pages_and_boxes(client: TestClient, path: str, query: str) -> None:
    assert_problem(client.get(f"{path}?{query}"), 400)


@pytest.mark.parametrize(
    "query", ["activity=maybe", "activity=", "kind=" + "あ" * 41, "kind=%00", "kind=%ED%A0%80%00"]
)
def test_bad_facility_filters(client: TestClient, query: str) -> None:
    assert_problem(client.get(f"/api/v1/facilities?{query}"), 400)


@pytest.mark.parametrize("query", ["radius=1", "radius=801", "radius=x", "radius=" + HUGE, "radius=-500"])
def test_only_offered_radii(client: TestClient, query: str) -> None:
    assert_problem(client.get(f"/downloads/facility-coverage.csv?{query}", headers=JSON), 400)


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/districts/0",
        "/api/v1/districts/x",
        "/api/v1/districts/1.5",
        "/api/v1/districts/" + HUGE,
        "/api/v1/districts/99",
        "/api/v1/districts/-1",
        "/api/v1/associations/zzz",
        "/api/v1/associations/" + "a" * 41,
        "/api/v1/associations/%3Cimg%20src=x%20onerror=alert(1)%3E",
        "/api/v1/associations/${window.x=1}",
        "/api/v1/nosuch",
        "/api/v1/",
        "/api/v2/districts",
        "/downloads/nosuch.csv",
        "/downloads/..%2Fx.csv",
        "/downloads/membership.exe",
        "/maps/nosuch.js",
        "/maps/place.js?areas=zzz",
        "/maps/place.js?areas=" + "a," * 30,
        "/maps/place.js?areas=%3C",
        "/static/../settings.py",
        "/static/nosuch.css",
        "/leaflet/%2e%2e/__init__.py",
    ],
)
def test_what_does_not_exist(client: TestClient, path: str) -> None:
    assert_problem(client.get(path, headers=JSON), 400, 404)


@pytest.mark.parametrize(
    "path", ["/", "/lookup", "/datasets", "/about", "/api", "/maps/membership", "/districts/1", "/login"]
)
@pytest.mark.parametrize("query", ["nosuch=1", "nosuch=%3Cimg%20src=x%20onerror=alert(1)%3E"])
def test_pages_refuse_unknown_parameters_too(client: TestClient, path: str, query: str) -> None:
    answer = client.get(f"{path}?{query}", headers=PAGE)
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html")
    assert "<img" not in answer.text


def test_people_get_a_page_and_programs_a_problem(client: TestClient) -> None:
    page = client.get("/nosuch", headers=PAGE)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert '<html lang="ja">' in page.text
    assert "019-626-7535" in page.text, "whom to ask"
    assert_problem(client.get("/nosuch", headers=JSON), 404)
    assert_problem(client.get("/api/v1/nosuch", headers=PAGE), 404)


def test_the_wrong_method_is_405_everywhere(client: TestClient) -> None:
    for entry in routes_of(client.app):
        if "{path:path}" in entry.path:
            continue
        path = (
            entry.path.replace("{no}", "1").replace("{name}", "membership").replace("{association_id}", "a11")
        )
        answer = client.request("PROPFIND", path, headers=JSON)
        assert_problem(answer, 405)
        assert entry.method in answer.headers["allow"]


def test_a_strange_host_name_is_refused(client: TestClient) -> None:
    assert_problem(client.get("/api/v1/districts", headers={"host": "evil.example"}), 400)


def test_every_domain_error_has_a_status() -> None:
    classes = {
        value for value in vars(domain).values() if isinstance(value, type) and issubclass(value, Exception)
    }
    assert classes <= set(STATUS), "a new class of failure needs a line in the table"


def test_an_unexpected_failure_tells_nothing(client: TestClient, monkeypatch, caplog) -> None:
    def broken(*args, **kwargs):
        raise ValueError("盛岡市内丸12番2号")

    monkeypatch.setattr("kyodo_geo.lookup.LookupIndex.by_address", broken)
    answer = client.post("/api/v1/lookup", json={"address": "盛岡市内丸12番2号"})
    assert_problem(answer, 500)
    assert "内丸" not in answer.text
    assert "内丸" not in caplog.text, "the message of an exception may hold an address"
    assert "ValueError at" in caplog.text, "but the place is logged"
