"""OGC API Features Part 1: conformance classes GeoJSON, HTML and OpenAPI 3.0."""

from __future__ import annotations

from typing import Any

import html5lib
import pytest
from openapi_spec_validator import validate

from tests.conformance.api import AREAS, GEOJSON, HTML, JSON, RECORDS, SAMPLED, Api, ids, item_path, links
from tests.conformance.registry import COMMON_1, FEATURES_1, requirement

CLASS = FEATURES_1 + "geojson"
PAGES, DEFINED = FEATURES_1 + "html", FEATURES_1 + "oas30"
SIZES = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
every_sample = pytest.mark.parametrize("name", SAMPLED)


@requirement(
    "/req/geojson/definition",
    "Features are served as application/geo+json, everything else as application/json.",
)
@every_sample
def test_media_types(api: Api, name: str) -> None:
    first = ids(api.items(name, limit=1))[0]
    for path in (f"/collections/{name}/items", item_path(name, first)):
        for accept in (GEOJSON, JSON, "*/*", f"{HTML};q=0.5, {GEOJSON}"):
            assert api.get(path, accept).headers["content-type"].partition(";")[0] == GEOJSON
        assert api.get(path, HTML, f="json").headers["content-type"].partition(";")[0] == GEOJSON
    for path in ("", "/conformance", "/collections", f"/collections/{name}"):
        assert api.get(path, JSON).headers["content-type"].partition(";")[0] == JSON


@requirement(
    "/req/geojson/content",
    "Pages are FeatureCollections, single answers Features; geometries are GeoJSON, ids unique.",
)
@every_sample
def test_content(api: Api, name: str) -> None:
    page = api.items(name, limit=50)
    assert page["type"] == "FeatureCollection" and "links" in page
    for feature in page["features"]:
        check_feature(feature)
    single = api.json(item_path(name, ids(page)[0]), GEOJSON)
    check_feature(single)
    assert "links" in single


def check_feature(feature: dict[str, Any]) -> None:
    assert feature["type"] == "Feature" and isinstance(feature["id"], (str, int))
    assert isinstance(feature["properties"], dict) and "geometry" in feature
    if feature["geometry"] is None:
        return
    depth, coordinates = SIZES[feature["geometry"]["type"]], feature["geometry"]["coordinates"]
    for _ in range(depth):
        assert isinstance(coordinates, list) and coordinates
        coordinates = coordinates[0]
    assert all(isinstance(number, (int, float)) for number in coordinates) and len(coordinates) == 2
    assert "crs" not in feature


@requirement("/req/geojson/content", "Outer rings run counter-clockwise and are closed (RFC 7946).")
def test_rings(api: Api) -> None:
    import shapely

    for feature in api.items(AREAS, limit=10)["features"]:
        for polygon in shapely.get_parts(shapely.geometry.shape(feature["geometry"])):
            assert polygon.exterior.is_ccw and polygon.exterior.is_closed
            assert not any(ring.is_ccw for ring in polygon.interiors)


@requirement("/req/html/definition", "Every resource is served as text/html too.", conformance_class=PAGES)
@requirement(
    "/req/html/content", "The pages are HTML 5 and hold what the JSON holds.", conformance_class=PAGES
)
@every_sample
def test_pages(api: Api, name: str) -> None:
    page = api.items(name, limit=3)
    first = page["features"][0]
    found = {
        "": None,
        "/conformance": FEATURES_1 + "core",
        "/collections": api.collection(name)["title"],
        f"/collections/{name}": api.collection(name)["title"],
        f"/collections/{name}/items": str(first["id"]),
        item_path(name, first["id"]): str(first["id"]),
    }
    for path, word in found.items():
        answer = api.get(path, HTML)
        assert answer.status_code == 200 and answer.headers["content-type"].startswith(HTML), path
        html5lib.HTMLParser(strict=True).parse(answer.text)
        assert word is None or word in answer.text, path


@requirement("/req/html/definition", "A page can be asked for by its address alone.", conformance_class=PAGES)
def test_pages_by_address(api: Api) -> None:
    for path in ("", "/collections", f"/collections/{RECORDS}/items"):
        assert api.get(path, "*/*", f="html").headers["content-type"].startswith(HTML)


def definition(api: Api) -> Any:
    link = links(api.json(), "service-desc")[0]
    assert link["type"] == "application/vnd.oai.openapi+json;version=3.0"
    return api.json(link["href"], link["type"])


@requirement(
    "/req/oas30/oas-definition-1",
    "The definition is linked as OpenAPI 3.0 in JSON and as a page.",
    conformance_class=DEFINED,
)
@requirement("/req/oas30/oas-definition-1", "The same of Common.", conformance_class=COMMON_1 + "oas30")
def test_definition_is_linked(api: Api) -> None:
    page = api.json()
    assert links(page, "service-desc")[0]["type"] == "application/vnd.oai.openapi+json;version=3.0"
    assert links(page, "service-doc")[0]["type"].startswith(HTML)


@requirement("/req/oas30/oas-definition-2", "The definition is valid OpenAPI 3.0.", conformance_class=DEFINED)
@requirement("/req/oas30/oas-definition-2", "The same of Common.", conformance_class=COMMON_1 + "oas30")
def test_definition_is_valid(api: Api) -> None:
    found = definition(api)
    assert found["openapi"].startswith("3.0.")
    validate(found)


@requirement(
    "/req/oas30/oas-impl", "Every path of the definition answers as it says.", conformance_class=DEFINED
)
@requirement("/req/oas30/oas-impl", "The same of Common.", conformance_class=COMMON_1 + "oas30")
@requirement(
    "/req/oas30/completeness",
    "Every path that the links lead to is in the definition, with its answers.",
    conformance_class=DEFINED,
)
@requirement("/req/oas30/completeness", "The same of Common.", conformance_class=COMMON_1 + "oas30")
def test_definition_is_complete(api: Api) -> None:
    paths = {shape(path): operations for path, operations in definition(api)["paths"].items()}
    wanted = ["/conformance", "/collections"]
    for found in api.collections:
        own = f"/collections/{found['id']}"
        wanted += [own, f"{own}/items", f"{own}/items/{{}}", f"{own}/queryables"]
    for path in wanted:
        matching = [known for known in paths if known.endswith(path)]
        assert matching, path
        answers = paths[matching[0]]["get"]["responses"]
        assert "200" in answers and answers["200"].get("content"), path


def shape(path: str) -> str:
    """A path whatever its variables are called."""
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


@requirement(
    "/req/oas30/exceptions-codes",
    "The definition has the answers 400 and 404 of the items, which come as it says.",
    conformance_class=DEFINED,
)
@requirement("/req/oas30/exceptions-codes", "The same of Common.", conformance_class=COMMON_1 + "oas30")
def test_exceptions(api: Api) -> None:
    for path, operations in definition(api)["paths"].items():
        if path.endswith("/items"):
            assert {"400", "404"} <= operations["get"]["responses"].keys()
    problem = api.refused(AREAS, limit="x").json()
    assert problem["status"] == 400 and problem["title"] and problem["detail"]


@requirement(
    "/req/oas30/security",
    "Nothing that the definition gives to the public asks for a key.",
    conformance_class=DEFINED,
)
@requirement("/req/oas30/security", "The same of Common.", conformance_class=COMMON_1 + "oas30")
def test_security(api: Api) -> None:
    found = definition(api)
    schemes = found.get("components", {}).get("securitySchemes", {})
    for operations in found["paths"].values():
        for demand in operations.get("get", {}).get("security", []):
            assert set(demand) <= set(schemes)
