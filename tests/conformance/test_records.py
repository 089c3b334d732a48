"""OGC API Records Part 1: the catalogue of datasets."""

from __future__ import annotations

import re

from tests.conformance.api import GEOJSON, ROOT, Api, ids, item_path, links
from tests.conformance.registry import RECORDS_1, requirement

CLASS = RECORDS_1 + "record-core"
CATALOGUE = "datasets"
COLLECTION = RECORDS_1 + "record-collection"


@requirement(
    "/req/record-core/mandatory-properties-record",
    "A record has id, type Feature, geometry, time, properties and links.",
)
@requirement("/req/record-core/license", "Terms are an SPDX name, or `other` and a link to them.")
@requirement("/req/record-core/links", "One link leads to the catalogue it stands in.")
@requirement("/req/record-core/time-interval", "Its period is two days, or open.")
def test_records(api: Api) -> None:
    page = api.items(CATALOGUE)
    assert page["features"] and len(set(ids(page))) == len(page["features"]) == page["numberReturned"]
    for record in page["features"]:
        assert (
            record["type"] == "Feature" and {"id", "geometry", "time", "properties", "links"} <= record.keys()
        )
        assert record["properties"]["type"] and record["properties"]["title"]
        assert CLASS in record["conformsTo"]
        assert record["properties"]["license"] in ("other", "CC-BY-4.0") and links(record, "license")
        (catalogue,) = links(record, "collection")
        assert catalogue["href"].partition("?")[0] == f"{ROOT}/collections/{CATALOGUE}"
        if record["time"] is not None:
            assert all(re.fullmatch(r"\.\.|\d{4}-\d\d-\d\d", end) for end in record["time"]["interval"])
    first = page["features"][0]
    assert api.json(item_path(CATALOGUE, first["id"]), GEOJSON)["properties"] == first["properties"]


@requirement(
    "/req/record-core/mandatory-properties-record", "There is a record for every collection of features."
)
def test_every_collection_has_a_record(api: Api) -> None:
    assert {found["id"] for found in api.collections} <= set(ids(api.items(CATALOGUE, limit=1000)))


@requirement(
    "/req/record-collection/mandatory-properties-collection",
    "The catalogue says that its items are records, and links to them.",
    conformance_class=COLLECTION,
)
@requirement("/req/record-collection/itemType", "Its items are records.", conformance_class=COLLECTION)
@requirement("/req/record-collection/links", "It links to itself and its page.", conformance_class=COLLECTION)
@requirement("/req/record-collection/links-records", "It links to the records.", conformance_class=COLLECTION)
def test_catalogue(api: Api) -> None:
    found = api.collection(CATALOGUE)
    assert found["itemType"] == "record" and found["title"] and found["description"]
    assert links(found, "items")[0]["type"] == GEOJSON
    assert links(found, "self") and links(found, "alternate")


@requirement(
    "/req/record-collection/itemType",
    "The class is not declared while not all of it holds.",
    conformance_class=COLLECTION,
)
def test_records_are_not_declared(api: Api) -> None:
    """Two requirements of its classes do not hold (`standards.py`)."""
    assert not [name for name in api.json("/conformance")["conformsTo"] if name.startswith(RECORDS_1)]
