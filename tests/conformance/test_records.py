"""OGC API Records Part 1: the catalogue of datasets."""

from __future__ import annotations

from tests.conformance.api import GEOJSON, Api, ids, item_path, links
from tests.conformance.registry import RECORDS_1, requirement

CLASS = RECORDS_1 + "record-core"
CATALOGUE = "datasets"


@requirement(
    "/req/record-core/mandatory-properties-record",
    "A record has id, type Feature, geometry, time, properties and links.",
)
@requirement("/req/record-core/record-response", "Each record of the catalogue is read by its id.")
def test_records(api: Api) -> None:
    page = api.items(CATALOGUE)
    assert page["features"] and len(set(ids(page))) == len(page["features"]) == page["numberReturned"]
    for record in page["features"]:
        assert (
            record["type"] == "Feature" and {"id", "geometry", "time", "properties", "links"} <= record.keys()
        )
        assert record["properties"]["type"] and record["properties"]["title"]
        assert CLASS in record["conformsTo"]
    first = page["features"][0]
    assert api.json(item_path(CATALOGUE, first["id"]), GEOJSON)["properties"] == first["properties"]


@requirement(
    "/req/record-core/mandatory-properties-record", "There is a record for every collection of features."
)
def test_every_collection_has_a_record(api: Api) -> None:
    assert {found["id"] for found in api.collections} <= set(ids(api.items(CATALOGUE, limit=1000)))


@requirement(
    "/req/record-collection/mandatory-properties",
    "The catalogue says that its items are records, and links to them.",
    conformance_class=RECORDS_1 + "record-collection",
)
def test_catalogue(api: Api) -> None:
    found = api.collection(CATALOGUE)
    assert found["itemType"] == "record" and found["title"] and found["description"]
    assert links(found, "items")[0]["type"] == GEOJSON
