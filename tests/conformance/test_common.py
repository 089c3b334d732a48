"""OGC API Common Parts 1 and 2, as far as Features does not ask for the same already."""

from __future__ import annotations

import html5lib
import pytest

from tests.conformance.api import GEOJSON, HTML, JSON, ROOT, SAMPLED, Api, links
from tests.conformance.registry import COMMON_1, COMMON_2, requirement

CLASS = COMMON_1 + "core"
PATHS = ("", "/conformance", "/collections", "/collections/districts")
COLLECTIONS = COMMON_2 + "collections"
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
@requirement("/req/core/query-param-capitalization", "Names and values of parameters are told by case.")
@every_path
def test_parameters(api: Api, path: str) -> None:
    assert api.get(path, unknown="1").status_code == 400
    assert api.get(path, f="nothing").status_code == 400
    assert api.get(path, F="json").status_code == 400
    assert api.get(path, f="JSON").status_code == 400


@requirement(
    "/req/landing-page/root-success",
    "The landing page has a title, a description and links to definition and conformance.",
    conformance_class=COMMON_1 + "landing-page",
)
@requirement(
    "/req/landing-page/root-op",
    "It answers GET at the root of the API.",
    conformance_class=COMMON_1 + "landing-page",
)
@requirement(
    "/req/landing-page/api-definition-op",
    "The definition answers GET where the link leads.",
    conformance_class=COMMON_1 + "landing-page",
)
@requirement(
    "/req/landing-page/api-definition-success",
    "It is of the type that the link names.",
    conformance_class=COMMON_1 + "landing-page",
)
@requirement(
    "/req/landing-page/conformance-op",
    "The declaration answers GET where the link leads.",
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
    (described,) = links(page, "service-desc")
    assert api.get(described["href"], described["type"]).headers["content-type"] == described["type"]
    assert api.json(links(page, "conformance")[0]["href"])["conformsTo"]
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
@requirement("/req/json/content", "So are theirs.", conformance_class=COMMON_2 + "json")
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
@requirement("/req/html/content", "So are theirs.", conformance_class=COMMON_2 + "html")
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
    "/req/collections/collections-list-success",
    "The list and each collection have id, title, extent and links.",
    conformance_class=COMMON_2 + "collections",
)
@requirement(
    "/req/collections/description-success",
    "Each collection tells of itself what the list tells.",
    conformance_class=COMMON_2 + "collections",
)
@requirement("/req/collections/collections-list-op", "The list answers GET.", conformance_class=COLLECTIONS)
@requirement("/req/collections/collections-list-links", "It links to itself.", conformance_class=COLLECTIONS)
@requirement(
    "/req/collections/collections-list-collections", "It has every collection.", conformance_class=COLLECTIONS
)
@requirement("/req/collections/description-op", "Each collection answers GET.", conformance_class=COLLECTIONS)
@requirement("/req/collections/description-links", "It links to its items.", conformance_class=COLLECTIONS)
@requirement(
    "/req/collections/description-extent", "Its extent is a box and a period.", conformance_class=COLLECTIONS
)
@requirement(
    "/req/collections/description-extent-multi", "The first box holds all.", conformance_class=COLLECTIONS
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
    assert links(api.json("/collections"), "self") and links(single, "self")
    assert len(single["extent"]["temporal"]["interval"][0]) == 2
    boxes = single["extent"].get("spatial", {}).get("bbox", [])
    assert all(len(box) == 4 and box[1] <= box[3] for box in boxes) and len(boxes) <= 1


@requirement("/req/core/query-param-list-delimiter", "Members of a list are parted by commas.")
@requirement("/req/core/query-param-list-escape", "A comma or space within a value is percent-encoded.")
@requirement("/req/core/query-param-list-empty", "An empty member is the empty text, and no name.")
@requirement("/req/core/query-param-value-boolean", "True and false are written so, in small letters.")
@requirement(
    "/req/core/query-param-value-integer", "Whole numbers are digits, with a sign where they are negative."
)
@requirement("/req/core/query-param-value-decimal", "Decimals have a point, and zeros where one likes.")
@requirement("/req/core/query-param-value-double", "Numbers may have an exponent.")
def test_how_values_are_written(api: Api) -> None:
    assert set(api.items("districts", properties="no,name", limit=1)["features"][0]["properties"]) == {
        "no",
        "name",
    }
    api.refused("districts", properties="no,,name")
    # Encoded commas and spaces belong to the value: this is one name, which nothing bears.
    assert api.items("facilities", name="a, b")["numberMatched"] == 0
    both = [
        api.items("districts", plan_adopted=value, limit=1)["numberMatched"] for value in ("true", "false")
    ]
    assert sum(both) == api.items("districts", limit=1)["numberMatched"]
    for value in ("TRUE", "yes", "t"):
        api.refused("districts", plan_adopted=value)
    assert api.items("districts", no="1")["numberMatched"] == 1
    assert api.items("districts", no="-1")["numberMatched"] == 0
    for value in ("1.5", "1e0", "0x1", "1 "):
        api.refused("districts", no=value)
    boxes = ("141,39,142,40", "141.0,39.00,142.,40", "1.41e2,3.9e1,1.42E2,4e1")
    assert len({api.items("districts", bbox=box, limit=1)["numberMatched"] for box in boxes}) == 1
