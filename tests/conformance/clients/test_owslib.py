"""OWSLib reads the service: landing page, conformance, collections, queryables, pages, filters."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from owslib.ogcapi.features import Features

from tests.conformance.api import POINTS, RECORDS, SAMPLED, SPATIAL
from tests.conformance.registry import FEATURES_1, requirement
from tests.conformance.report import CLIENTS

CLASS = CLIENTS
every_sample = pytest.mark.parametrize("name", SAMPLED)


@pytest.fixture(scope="module")
def owslib(server: str) -> Features:
    return Features(server)


@requirement("OWSLib: landing", "The landing page, the definition and the conformance classes are read.")
def test_landing(owslib: Features) -> None:
    assert {link["rel"] for link in owslib.links} >= {"self", "service-desc", "conformance", "data"}
    assert FEATURES_1 + "core" in owslib.conformance()["conformsTo"]
    assert owslib.api()["openapi"].startswith("3.0")


@requirement("OWSLib: collections", "All collections of features are found, and each is described.")
def test_collections(owslib: Features) -> None:
    assert set(SAMPLED) <= set(owslib.feature_collections())
    for name in SAMPLED:
        found = owslib.collection(name)
        assert found["id"] == name and found["title"]
        assert owslib.collection_queryables(name)["properties"]


@requirement(
    "OWSLib: paging",
    "Following `next` with a small page gives every id once, and as many as `numberMatched`.",
)
@every_sample
def test_paging(owslib: Features, name: str) -> None:
    page = owslib.collection_items(name, limit=7)
    total, found = page["numberMatched"], []
    whole = owslib.collection_items(name, limit=10_000)
    while True:
        found += [feature["id"] for feature in page["features"]]
        onward = [link["href"] for link in page["links"] if link["rel"] == "next"]
        if not onward:
            break
        page = owslib.collection_items(name, **dict(parse_qsl(urlsplit(onward[0]).query)))
    assert len(found) == len(set(found)) == total
    assert found == [feature["id"] for feature in whole["features"]]


@requirement("OWSLib: offset", "Paging by `offset` gives the same ids.")
def test_offset(owslib: Features) -> None:
    whole = [f["id"] for f in owslib.collection_items(SPATIAL[0], limit=10_000)["features"]]
    found = []
    for offset in range(0, len(whole), 11):
        found += [f["id"] for f in owslib.collection_items(SPATIAL[0], limit=11, offset=offset)["features"]]
    assert found == whole


@requirement("OWSLib: item", "Every feature of a page is read by its id.")
@every_sample
def test_item(owslib: Features, name: str) -> None:
    for feature in owslib.collection_items(name, limit=3)["features"]:
        assert owslib.collection_item(name, feature["id"])["properties"] == feature["properties"]


@requirement("OWSLib: bbox", "A box finds what a filter with the same box finds.")
@pytest.mark.parametrize("name", SPATIAL)
def test_bbox(owslib: Features, name: str) -> None:
    box = [141.1, 39.65, 141.17, 39.72]
    found = owslib.collection_items(name, bbox=box, limit=10_000)
    same = owslib.collection_items(
        name, filter=f"S_INTERSECTS(geometry, BBOX({','.join(map(str, box))}))", limit=10_000
    )
    assert {f["id"] for f in found["features"]} == {f["id"] for f in same["features"]} != set()


@requirement("OWSLib: CQL2", "Filters in text and JSON, sorting and choice of properties are understood.")
def test_cql2(owslib: Features) -> None:
    text = owslib.collection_items(POINTS, filter="activity = TRUE AND name LIKE '%館%'", limit=10_000)
    expression = {
        "op": "and",
        "args": [
            {"op": "=", "args": [{"property": "activity"}, True]},
            {"op": "like", "args": [{"property": "name"}, "%館%"]},
        ],
    }
    coded = owslib.collection_items(
        POINTS, filter=json.dumps(expression), **{"filter-lang": "cql2-json"}, limit=10_000
    )
    assert {f["id"] for f in text["features"]} == {f["id"] for f in coded["features"]}
    assert all(f["properties"]["activity"] and "館" in f["properties"]["name"] for f in text["features"])
    ordered = owslib.collection_items(
        RECORDS, sortby=("project_id", "desc"), properties="project_id", limit=5
    )
    names = [f["properties"]["project_id"] for f in ordered["features"]]
    assert names == sorted(names, reverse=True) and set(ordered["features"][0]["properties"]) == {
        "project_id"
    }


@requirement("OWSLib: errors", "A refusal is an error of the client, not an empty page.")
def test_errors(owslib: Features) -> None:
    with pytest.raises(RuntimeError):
        owslib.collection_items(POINTS, filter="nothing = 1")
