"""OGC API Features Part 1, conformance class Core."""

from __future__ import annotations

from typing import Any

import pytest

from kyodo_geo.collections import COLLECTIONS
from tests.conformance.api import (
    AREAS,
    GEOJSON,
    JSON,
    POINTS,
    RECORDS,
    ROOT,
    SAMPLED,
    SPATIAL,
    Api,
    ids,
    item_path,
    links,
)  # fmt: skip
from tests.conformance.registry import FEATURES_1, requirement

CLASS = FEATURES_1 + "core"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
every_sample = pytest.mark.parametrize("name", SAMPLED)
every_layer = pytest.mark.parametrize("name", SPATIAL)


# -- landing page, definition, conformance --------------------------------------------------------------------


@requirement("/req/core/root-op", "The landing page answers GET at the root of the API.")
@requirement(
    "/req/core/root-success", "It links to the definition, the conformance declaration and the collections."
)
def test_landing_page(api: Api) -> None:
    page = api.json()
    assert page["title"] and page["description"]
    for rel in ("service-desc", "service-doc", "conformance", "data", "self"):
        assert links(page, rel), rel
    assert all(
        link["href"].startswith(ROOT) for link in page["links"] if link["rel"] in ("data", "conformance")
    )


@requirement(
    "/rec/core/root-links", "Every link of the landing page answers 200 with the media type it names."
)
def test_links_of_the_landing_page_lead_somewhere(api: Api) -> None:
    for link in api.json()["links"]:
        answer = api.get(link["href"], link.get("type", "*/*"))
        assert answer.status_code == 200, link
        told = answer.headers["content-type"].partition(";")[0]
        assert told == link["type"].partition(";")[0], link


@requirement("/req/core/api-definition-op", "The definition that the landing page links to can be fetched.")
@requirement("/req/core/api-definition-success", "It is a definition of the type that the link names.")
def test_api_definition(api: Api) -> None:
    for link in links(api.json(), "service-desc") + links(api.json(), "service-doc"):
        answer = api.get(link["href"], link["type"])
        assert answer.status_code == 200
        assert answer.headers["content-type"].partition(";")[0] == link["type"].partition(";")[0]


@requirement("/req/core/conformance-op", "The conformance declaration answers GET at /conformance.")
@requirement(
    "/req/core/conformance-success", "It lists conformance classes by their URIs, each once, core among them."
)
def test_conformance_declaration(api: Api) -> None:
    found = api.json("/conformance")["conformsTo"]
    assert CLASS in found and len(found) == len(set(found))
    assert all(uri.startswith("http://www.opengis.net/spec/") for uri in found)


# -- HTTP, coordinates, parameters ----------------------------------------------------------------------------


@requirement(
    "/req/core/http", "GET and HEAD answer, wrong methods are refused with 405, unknown paths with 404."
)
def test_http(api: Api) -> None:
    assert api.client.head(f"{ROOT}/conformance").status_code == 200
    assert api.client.delete(f"{ROOT}/conformance").status_code == 405
    assert api.get("/no-such-thing").status_code == 404
    assert api.get("/collections/no-such-collection").status_code == 404
    assert api.get("/collections/no-such-collection/items").status_code == 404


@requirement(
    "/req/core/crs84",
    "Coordinates without `crs` are longitude and latitude: they lie in Japan in that order.",
)
@every_layer
def test_crs84(api: Api, name: str) -> None:
    for feature in api.items(name, limit=20)["features"]:
        for lon, lat in positions((feature["geometry"] or {}).get("coordinates")):
            assert 122 < lon < 154 and 20 < lat < 46


PATHS = [
    "",
    "/conformance",
    "/collections",
    "/collections/{c}",
    "/collections/{c}/items",
    "/collections/{c}/items/{i}",
]


@requirement(
    "/req/core/query-param-unknown",
    "A parameter that the definition does not know is refused with 400, everywhere.",
)
@pytest.mark.parametrize("path", PATHS)
@every_sample
def test_unknown_parameters(api: Api, path: str, name: str) -> None:
    first = ids(api.items(name, limit=1))[0]
    filled = path.replace("/items/{i}", item_path("", first).removeprefix("/collections/")).format(c=name)
    assert api.get(filled, GEOJSON if "items" in path else JSON).status_code == 200
    answer = api.get(filled, GEOJSON if "items" in path else JSON, this_is_unknown="1")
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("application/problem+json")


@requirement("/req/core/query-param-invalid", "A value that a parameter cannot have is refused with 400.")
@pytest.mark.parametrize(
    "params",
    [
        {"limit": "-1"}, {"limit": "0"}, {"limit": "ten"}, {"limit": "1.5"}, {"limit": ""}, {"limit": "１"},
        {"bbox": "1,2,3"}, {"bbox": "a,b,c,d"}, {"bbox": "1,2,3,4,5"}, {"bbox": "141,40,142,39"}, {"bbox": "nan,1,2,3"},
        {"bbox": "1,2,3,inf"}, {"bbox": ""}, {"bbox": "-181,0,0,1"}, {"bbox": "0,-91,1,0"},
        {"datetime": "yesterday"}, {"datetime": "2024-13-01"}, {"datetime": "2024-02-30"},
        {"datetime": "2025-01-01/2024-01-01"},
        {"datetime": "2024-01-01/2025-01-01/2026-01-01"}, {"datetime": "../.."}, {"datetime": ""},
        {"datetime": "2024-01-01T25:00:00Z"},
        {"crs": "EPSG:4326"}, {"bbox_crs": "x", "bbox": "1,2,3,4"}, {"f": "gif"}, {"offset": "-1"}, {"sortby": "nothing"},
        {"properties": "nothing"}, {"count": "some"}, {"cursor": "x"}, {"as_of": "x"}, {"municipality": "x"},
    ],
    ids=str,
)  # fmt: skip
def test_invalid_values(api: Api, params: dict[str, str]) -> None:
    api.refused(POINTS, **params)


# -- collections ----------------------------------------------------------------------------------------------


@requirement("/req/core/fc-md-op", "The list of collections answers GET at /collections.")
@requirement(
    "/req/core/fc-md-success", "It is a list with links, each collection once and with id and links."
)
@requirement(
    "/req/core/fc-md-links", "It links to itself and to its other formats, each with relation and type."
)
def test_collections(api: Api) -> None:
    body = api.json("/collections")
    names = [found["id"] for found in body["collections"]]
    assert set(SAMPLED) <= set(names) and len(names) == len(set(names))
    assert links(body, "self") and links(body, "alternate")
    assert all(link["rel"] and link["type"] for link in body["links"])


@requirement("/req/core/fc-md-items", "Every collection of the list says that it holds features.")
@requirement(
    "/req/core/fc-md-items-links",
    "Every collection links to its items in each format, with relation and type.",
)
@requirement("/req/core/fc-md-extent", "Extents are boxes in CRS84 and periods; the boxes hold the features.")
def test_collections_of_the_list(api: Api) -> None:
    for found in api.collections:
        assert found.get("itemType", "feature") == "feature"
        items = links(found, "items")
        assert {link["type"] for link in items} >= {GEOJSON, "text/html"}
        assert all(link["href"].startswith(f"{ROOT}/collections/{found['id']}/items") for link in items)
        if "spatial" in found["extent"]:
            assert found["extent"]["spatial"].get("crs", CRS84) == CRS84
            west, south, east, north = found["extent"]["spatial"]["bbox"][0]
            assert -180 <= west <= east <= 180 and -90 <= south <= north <= 90
        for begin, end in found["extent"].get("temporal", {}).get("interval", []):
            assert begin is None or end is None or begin <= end


@requirement("/req/core/fc-md-extent-multi", "The first box of an extent holds every feature.")
@every_layer
def test_extent_holds_the_features(api: Api, name: str) -> None:
    west, south, east, north = api.collection(name)["extent"]["spatial"]["bbox"][0]
    for feature in api.everything(name, limit=1000):
        for lon, lat in positions((feature["geometry"] or {}).get("coordinates")):
            assert west - 1e-6 <= lon <= east + 1e-6 and south - 1e-6 <= lat <= north + 1e-6


@requirement("/req/core/sfc-md-op", "Every collection of the list answers GET at /collections/{id}.")
@requirement("/req/core/sfc-md-success", "It tells the same as the list does.")
def test_single_collection(api: Api) -> None:
    for listed in api.collections:
        single = api.json(f"/collections/{listed['id']}")
        for member in ("id", "title", "description", "extent", "itemType", "crs"):
            assert single.get(member) == listed.get(member), (listed["id"], member)
        assert {link["rel"] for link in single["links"]} >= {"self", "alternate", "items"}


# -- features -------------------------------------------------------------------------------------------------


@requirement("/req/core/fc-op", "Every collection of the list answers GET at its items.")
@requirement("/req/core/fc-response", "The answer is a page of features of that collection.")
def test_items_of_every_collection(api: Api) -> None:
    for found in api.collections:
        page = api.items(found["id"], limit=2)
        assert page["type"] == "FeatureCollection"
        assert len(page["features"]) == page["numberReturned"] <= 2


@requirement(
    "/req/core/fc-limit-definition", "The definition tells smallest, largest and default number of features."
)
@requirement(
    "/req/core/fc-limit-response-1", "No more features than `limit` and the largest number come at once."
)
@every_sample
def test_limit(api: Api, name: str) -> None:
    known = parameter(api, "limit")
    assert (
        known["schema"]["minimum"] == 1
        and known["schema"]["maximum"] == 10_000
        and known["schema"]["default"] == 100
    )
    assert not known.get("required", False) and known["in"] == "query"
    whole = api.items(name, limit=10_000)["numberMatched"]
    for limit in (1, 3, 10_000):
        assert len(api.items(name, limit=limit)["features"]) == min(limit, whole)
    assert len(api.items(name)["features"]) == min(100, whole)
    api.refused(name, limit=10_001)


@requirement("/req/core/fc-bbox-definition", "The definition has `bbox` with four or six numbers.")
@requirement("/req/core/fc-bbox-response", "Exactly the features whose geometry meets the box come.")
@every_layer
def test_bbox(api: Api, name: str) -> None:
    import shapely

    assert parameter(api, "bbox")["in"] == "query"
    features = api.everything(name, limit=1000)
    shapes = {f["id"]: shapely.geometry.shape(f["geometry"]) for f in features if f["geometry"]}
    west, south, east, north = api.collection(name)["extent"]["spatial"]["bbox"][0]
    middle = ((west + east) / 2, (south + north) / 2)
    boxes = [(west, south, *middle), (*middle, east, north), (middle[0], south, middle[0] + 1e-4, north)]
    for box in boxes:
        found = set(ids(api.everything(name, bbox=",".join(map(str, box)), limit=1000)))
        area = shapely.box(*box)
        sure = {key for key, shape in shapes.items() if shape.intersects(area.buffer(-2e-6))}
        maybe = {key for key, shape in shapes.items() if shape.intersects(area.buffer(2e-6))}
        assert sure <= found <= maybe, box
    heights = f"{west},{south},-100,{middle[0]},{middle[1]},9000"
    assert set(ids(api.everything(name, bbox=heights, limit=1000))) == set(
        ids(api.everything(name, bbox=",".join(map(str, boxes[0])), limit=1000))
    )


@requirement(
    "/req/core/fc-bbox-response", "A box over the 180th meridian holds both its sides and nothing between."
)
def test_bbox_over_the_meridian(api: Api) -> None:
    everything = api.items(POINTS, limit=1)["numberMatched"]
    assert api.items(POINTS, bbox="100,-10,-100,80")["numberMatched"] == everything
    assert api.items(POINTS, bbox="170,-10,-170,80")["numberMatched"] == 0


@requirement("/req/core/fc-time-definition", "The definition has `datetime`.")
def test_datetime_is_defined(api: Api) -> None:
    assert parameter(api, "datetime")["in"] == "query"


@requirement(
    "/req/core/fc-time-response",
    "Exactly the features whose period meets the time come; those without one always.",
)
@pytest.mark.parametrize("name", ["district-plans", "buildings"])
def test_datetime(api: Api, name: str) -> None:
    begin, end = COLLECTIONS[name].interval or ("", "")
    periods = {
        f["id"]: (f["properties"][begin] or "0000", f["properties"][end] or "9999")
        for f in api.everything(name, limit=1000)
    }
    days = sorted({day for period in periods.values() for day in period if day not in ("0000", "9999")})
    assert days, "the sample has dated records"
    early, late = days[len(days) // 3], days[-1]
    for text, first, last in [
        (early, early, early),
        (f"{early}T12:00:00Z", early, early),
        (f"../{early}", "0000", early),
        (f"/{early}", "0000", early),
        (f"{late}/..", late, "9999"),
        (f"{early}/{late}", early, late),
    ]:
        # The second day of a period is the day after its last.
        expected = {key for key, (b, e) in periods.items() if b <= last and e > first}
        assert set(ids(api.everything(name, datetime=text, limit=1000))) == expected, text


@requirement("/req/core/fc-links", "A page links to itself and to its other formats.")
@requirement("/req/core/fc-rel-type", "Every link of a page has a relation and a type.")
@every_sample
def test_links_of_a_page(api: Api, name: str) -> None:
    page = api.items(name, limit=2)
    assert links(page, "self")[0]["type"] == GEOJSON
    assert {link["type"] for link in links(page, "alternate")} >= {"text/html"}
    assert all(link.get("rel") and link.get("type") for link in page["links"])
    again = api.json(links(page, "self")[0]["href"], GEOJSON)
    assert ids(again) == ids(page)
    for link in links(page, "alternate"):
        assert (
            api.get(link["href"], link["type"]).headers["content-type"].partition(";")[0]
            == link["type"].partition(";")[0]
        )


@requirement("/req/core/fc-timeStamp", "`timeStamp` is the time of the answer.")
@requirement(
    "/req/core/fc-numberMatched",
    "`numberMatched` is the number of all features that match, whatever the page.",
)
@requirement("/req/core/fc-numberReturned", "`numberReturned` is the number of features of the page.")
@every_sample
def test_numbers_of_a_page(api: Api, name: str) -> None:
    from datetime import datetime

    page = api.items(name, limit=2)
    assert datetime.fromisoformat(page["timeStamp"]).utcoffset() is not None
    assert page["numberReturned"] == len(page["features"])
    assert page["numberMatched"] == len(api.everything(name, limit=1000))


@requirement(
    "/rec/core/fc-next-1", "The links `next` lead through every feature once, and `prev` back again."
)
@every_sample
def test_paging(api: Api, name: str) -> None:
    whole = ids(api.items(name, limit=10_000))
    size = max(2, len(whole) // 7)
    pages = list(api.pages(name, limit=size))
    found = [key for page in pages for key in ids(page)]
    assert found == whole and len(found) == len(set(found))
    assert all(page["numberMatched"] == len(whole) for page in pages)
    backwards = api.json(links(pages[-1], "prev")[0]["href"], GEOJSON)
    assert ids(backwards) == ids(pages[-2])


@requirement("/req/core/f-op", "Every feature of a page answers GET at its own address.")
@requirement("/req/core/f-success", "It is the feature of the page.")
@requirement("/req/core/f-links", "It links to itself, its other formats and its collection.")
@every_sample
def test_single_feature(api: Api, name: str) -> None:
    for feature in api.items(name, limit=3)["features"]:
        single = api.json(item_path(name, feature["id"]), GEOJSON)
        assert single["id"] == feature["id"] and single["properties"] == feature["properties"]
        assert single["geometry"] == feature["geometry"]
        for rel in ("self", "alternate", "collection"):
            assert links(single, rel), rel
    assert api.get(item_path(name, "no-such-feature"), GEOJSON).status_code == 404
    assert api.get(item_path(name, "999999999999999999999"), GEOJSON).status_code == 404


@requirement("/rec/core/fc-filters", "Properties can be asked for by value, one parameter each.")
def test_properties_as_parameters(api: Api) -> None:
    first = api.items(AREAS, limit=1)["features"][0]["properties"]
    found = api.items(AREAS, no=first["no"])["features"]
    assert [f["properties"]["no"] for f in found] == [first["no"]]
    assert RECORDS != AREAS


def positions(coordinates: Any) -> list[tuple[float, float]]:
    """Every position of a geometry."""
    if coordinates is None:
        return []
    if isinstance(coordinates[0], (int, float)):
        return [(coordinates[0], coordinates[1])]
    return [found for part in coordinates for found in positions(part)]


def parameter(api: Api, name: str) -> dict[str, Any]:
    """A parameter of the items of the definition, references followed."""
    definition = api.json(
        links(api.json(), "service-desc")[0]["href"], "application/vnd.oai.openapi+json;version=3.0"
    )
    for path, operations in definition["paths"].items():
        if path.endswith("/items"):
            for found in operations["get"]["parameters"]:
                if "$ref" in found:
                    found = definition["components"]["parameters"][found["$ref"].rpartition("/")[2]]
                if found["name"] == name:
                    return dict(found)
    raise AssertionError(f"the definition has no parameter {name}")
