"""OGC API Common Parts 1 and 2, as far as Features does not ask for the same already."""

from __future__ import annotations

import html5lib
import pytest

from tests.conformance.api import GEOJSON, HTML, JSON, ROOT, SAMPLED, Api, links
from tests.conformance.registry import COMMON_1, COMMON_2, requirement

CLASS = COMMON_1 + "core"
PATHS = ("", "/conformance", "/collections", "/collections/districts")
every_path = pytest.mark.parametrize("path", PATHS)


@requirement("/req/core/http", "HTTP 1.1 as it is used on the web: HEAD has the header of GET, and no body.")
@every_path
def test_head(api: Api, path: str) -> None:
    got = api.get(path)
    head = api.client.head(ROOT + path, headers={"accept": JSON})
    assert head.status_code == got.status_code == 200 and head.content == b""
    assert head.headers["content-type"] == got.headers["content-type"]
    assert head.headers["etag"] == got.headers["etag"]


@requirement("/req/core/query-param-name-unknown", "A parameter that nobody knows is refused.")
@requirement("/req/core/query-param-value-invalid", "So is a value that a parameter cannot have.")
@requirement("/req/core/query-param-name-tolerance", "Names of parameters are told by case.")
@every_path
def test_parameters(api: Api, path: str) -> None:
    assert api.get(path, unknown="1").status_code == 400
    assert api.get(path, f="nothing").status_code == 400
    assert api.get(path, F="json").status_code == 400


@requirement(
    "/req/landing-page/root-success",
    "The landing page has a title, a description and links to definition and conformance.",
    conformance_class=COMMON_1 + "landing-page",
)
@requirement(
    "/req/landing-page/conformance-success",
    "The conformance declaration names the classes of Common.",
    conformance_class=COMMON_1 + "landing-page",
)
def test_landing_page(api: Api) -> None:
    page = api.json()
    assert page["title"] and page["description"]
    assert links(page, "service-desc") and (links(page, "conformance"))
    assert {CLASS, COMMON_1 + "landing-page", COMMON_2 + "collections"} <= set(
        api.json("/conformance")["conformsTo"]
    )


@requirement(
    "/req/json/definition", "Resources are served as application/json.", conformance_class=COMMON_1 + "json"
)
@requirement(
    "/req/json/content",
    "Their members are those of the standard's schemas.",
    conformance_class=COMMON_1 + "json",
)
@requirement("/req/json/definition", "So are the collections.", conformance_class=COMMON_2 + "json")
@every_path
def test_json(api: Api, path: str) -> None:
    answer = api.get(path, JSON)
    assert answer.headers["content-type"].partition(";")[0] == JSON
    assert all({"href", "rel"} <= link.keys() for link in answer.json()["links"])


@requirement(
    "/req/html/definition", "Resources are served as text/html.", conformance_class=COMMON_1 + "html"
)
@requirement("/req/html/content", "The pages are valid HTML 5.", conformance_class=COMMON_1 + "html")
@requirement("/req/html/definition", "So are the collections.", conformance_class=COMMON_2 + "html")
@every_path
def test_html(api: Api, path: str) -> None:
    answer = api.get(path, HTML)
    assert answer.headers["content-type"].startswith(HTML)
    html5lib.HTMLParser(strict=True).parse(answer.text)


@requirement(
    "/req/oas30/oas-definition-1",
    "The landing page links to an OpenAPI 3.0 definition.",
    conformance_class=COMMON_1 + "oas30",
)
def test_definition(api: Api) -> None:
    link = links(api.json(), "service-desc")[0]
    assert link["type"] == "application/vnd.oai.openapi+json;version=3.0"
    assert api.json(link["href"], link["type"])["openapi"].startswith("3.0.")


@requirement(
    "/req/collections/rc-md-success",
    "The list and each collection have id, title, extent and links.",
    conformance_class=COMMON_2 + "collections",
)
@requirement(
    "/req/collections/src-md-success",
    "Each collection tells of itself what the list tells.",
    conformance_class=COMMON_2 + "collections",
)
@pytest.mark.parametrize("name", SAMPLED)
def test_collection(api: Api, name: str) -> None:
    listed = {found["id"]: found for found in api.collections}[name]
    single = api.collection(name)
    assert {"id", "title", "description", "extent", "links"} <= single.keys()
    assert {key: single[key] for key in ("id", "title", "extent")} == {
        key: listed[key] for key in ("id", "title", "extent")
    }
    assert any(link["type"] == GEOJSON for link in links(single, "items"))
