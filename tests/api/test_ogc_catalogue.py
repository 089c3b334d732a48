"""The catalogue at /ogc: a record for every collection and dataset, found by conditions."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import HOST, JSON, PAGE
from tests.api.ogc_reading import ask, link, walk


def test_records_tell_of_every_collection_and_dataset(client: TestClient) -> None:
    body = ask(client, "/collections/datasets/items")
    found = {record["id"]: record for record in body["features"]}
    assert {"districts", "facilities", "district-plans", "membership"} <= set(found)
    record = found["districts"]
    assert (record["properties"]["license"], record["properties"]["rights"]) == ("CC-BY-4.0", "CC BY 4.0")
    assert record["properties"]["type"] == "dataset"
    assert record["time"] == {"interval": ["2020-10-01", ".."]}
    assert record["geometry"]["type"] == "Polygon"
    assert link(record, "items") == f"{HOST}/ogc/collections/districts/items?f=json"
    assert body["numberMatched"] == body["numberReturned"] == len(found)
    assert ask(client, "/collections/datasets")["itemType"] == "record"
    assert ask(client, "/collections/datasets/items/districts")["properties"] == record["properties"]
    searched = ask(client, "/collections/datasets/items", q="公共施設")["features"]
    assert "facilities" in {x["id"] for x in searched}
    assert "districts" not in {x["id"] for x in searched}
    pages = list(walk(client, "/ogc/collections/datasets/items?limit=4"))
    assert sorted(x["id"] for page in pages for x in page["features"]) == sorted(found)


RECORDS = "/collections/datasets/items"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"filter": "id = 'districts'"}, {"districts"}),
        ({"filter": "id IN ('districts', 'towns') AND type = 'dataset'"}, {"districts", "towns"}),
        ({"filter": "A_CONTAINS(keywords, ('加入率'))"}, {"districts"}),
        ({"filter": "CASEI(license) = CASEI('cc-by-4.0') AND id LIKE 'distr%ts'"}, {"districts"}),
        ({"filter": "as_of = DATE('2020-10-01') AND id = 'districts'"}, {"districts"}),
        ({"filter": "T_AFTER(as_of, DATE('2020-10-01'))"}, set()),
        ({"filter": "S_INTERSECTS(geometry, POINT(0 0))"}, set()),
        ({"filter": '{"op":"=","args":[{"property":"id"},"towns"]}', "filter-lang": "cql2-json"}, {"towns"}),
        ({"filter": "id = 'towns'", "q": "加入率"}, set()),
    ],
)
def test_records_are_filtered(client: TestClient, query: dict[str, str], expected: set[str]) -> None:
    body = ask(client, RECORDS, **query)
    assert {record["id"] for record in body["features"]} == expected
    assert body["numberMatched"] == len(expected)


def test_records_are_ordered_and_their_pages_keep_the_question(client: TestClient) -> None:
    everything = {record["id"]: record["properties"] for record in ask(client, RECORDS)["features"]}
    for sort in ("title", "-title", "-as_of,id"):
        pages = list(walk(client, f"/ogc{RECORDS}?limit=3&sortby={sort}&filter=quality%20IS%20NOT%20NULL"))
        found = [record["id"] for page in pages for record in page["features"]]
        assert sorted(found) == sorted(everything)
        if "title" in sort:
            titles = [everything[id_]["title"] for id_ in found]
            assert titles[0] != titles[-1] and (titles[0] < titles[-1]) == (sort == "title")
    placed = ask(client, RECORDS, filter="geometry IS NOT NULL")["features"]
    assert {r["id"] for r in placed} == {r["id"] for r in ask(client, RECORDS)["features"] if r["geometry"]}


@pytest.mark.parametrize(
    "query",
    ["filter=nosuch%20=%201", "filter=(", "filter=", "filter-lang=sql", "sortby=nosuch", "sortby=keywords",
     "filter=id%20=%20'x'&filter-crs=EPSG:1"],
)  # fmt: skip
def test_what_the_catalogue_cannot_answer_is_400(client: TestClient, query: str) -> None:
    answer = client.get(f"/ogc{RECORDS}?{query}", headers=JSON)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_catalogue_names_what_can_be_asked(client: TestClient) -> None:
    described = ask(client, "/collections/datasets")
    for part in ("queryables", "sortables", "schema"):
        (address,) = [x["href"] for x in described["links"] if x["rel"].endswith(f"/{part}")]
        found = client.get(address, headers=JSON).json()
        assert "title" in found["properties"]
        assert client.get(f"/ogc/collections/datasets/{part}", headers=PAGE).status_code == 200
    record = ask(client, f"{RECORDS}/districts")["properties"]
    assert set(record) <= {*found["properties"], "language", "contacts", "quality_label"}
