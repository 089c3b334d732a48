"""Items at /ogc: pages, order, choice, coordinates."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import JSON
from tests.api.ogc_reading import CRS84, JGD2011, LAT_LON, PLANE, ask, ids, items, link, refused, walk


@pytest.mark.parametrize("query", ["limit=3", "limit=3&sortby=-name", "limit=1&sortby=district_no,-name"])
def test_next_and_prev_give_every_feature_once(client: TestClient, query: str) -> None:
    pages = list(walk(client, f"/ogc/collections/associations/items?{query}"))
    found = [feature["id"] for page in pages for feature in page["features"]]
    assert len(found) == len(set(found)) == 8
    assert {page["numberMatched"] for page in pages} == {8}
    assert sum(page["numberReturned"] for page in pages) == 8
    back = list(walk(client, link(pages[-1], "prev"), "prev"))
    before = [feature["id"] for page in reversed(back) for feature in page["features"]]
    assert before == found[: len(before)]
    assert len(before) == 8 - pages[-1]["numberReturned"]


def test_offset_goes_on_where_the_page_ended(client: TestClient) -> None:
    every = ids(client, "associations")
    assert ids(client, "associations", limit=3, offset=5) == every[5:]
    body = items(client, "associations", limit=3, offset=3)
    assert ids_of(client, link(body, "prev")) == every[:3]
    assert ids_of(client, link(body, "next")) == every[6:]
    assert items(client, "associations", offset=50)["numberMatched"] == 8


def ids_of(client: TestClient, href: str | None) -> list[str]:
    assert href is not None
    return [feature["id"] for feature in client.get(href, headers=JSON).json()["features"]]


def test_a_cursor_is_worthless_when_altered_or_used_elsewhere(client: TestClient) -> None:
    href = link(items(client, "associations", limit=3), "next")
    assert href is not None
    cursor = re.search(r"cursor=([^&]+)", href)[1]  # type: ignore[index]
    for i in (0, len(cursor) // 2, len(cursor) - 2):
        other = "A" if cursor[i] != "A" else "B"
        refused(client, f"/collections/associations/items?cursor={cursor[:i]}{other}{cursor[i + 1 :]}")
    refused(client, f"/collections/associations/items?cursor={cursor}A")
    refused(client, f"/collections/districts/items?cursor={cursor}")
    refused(client, f"/collections/associations/items?cursor={cursor}&sortby=name")
    refused(client, f"/collections/associations/items?cursor={cursor}&offset=2")


def test_counting_is_exact_estimated_or_left_out(client: TestClient) -> None:
    assert items(client, "associations", limit=2, kind="association")["numberMatched"] == 8
    assert items(client, "associations", limit=2, count="estimate")["numberMatched"] >= 0
    assert "numberMatched" not in items(client, "associations", limit=2, count="none")
    assert items(client, "associations", limit=2)["timeStamp"].endswith("Z")


def test_every_order_of_every_collection_gives_every_id_once(client: TestClient) -> None:
    for collection in ask(client, "/collections")["collections"]:
        if collection["itemType"] != "feature":
            continue
        name = collection["id"]
        expected = sorted(ids(client, name))
        for key in ask(client, f"/collections/{name}/sortables")["properties"]:
            assert sorted(ids(client, name, sortby=f"-{key}")) == expected
            assert sorted(ids(client, name, sortby=f"+{key}")) == expected


# -- choosing features


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("bbox=141.101,39.701,141.102,39.702", ["1"]),
        ("bbox=141.101,39.701,0,141.102,39.702,3000", ["1"]),
        (f"bbox=39.701,141.101,39.702,141.102&bbox-crs={quote(LAT_LON)}", ["1"]),
        (f"bbox=39.701,141.101,39.702,141.102&bbox-crs={quote(JGD2011)}", ["1"]),
        (f"bbox=-33200,23000,-33100,23100&bbox-crs={quote(PLANE)}", ["1"]),
        ("bbox=141.11,39.7,141.115,39.71", ["1", "2"]),
        ("bbox=170,-90,-170,90", []),
        ("no=2", ["2"]),
        ("plan_state=none&people=2000", ["2"]),
        ("plan_adopted=true", ["1"]),
        ("name=nobody", []),
        ("datetime=2200-01-01", ["1", "2", "3", "4"]),
        ("datetime=1999-12-31T23:59:59Z", []),
        ("datetime=../1999-12-31", []),
        ("datetime=1999-01-01/..", ["1", "2", "3", "4"]),
        ("sortby=-no&limit=2", ["4", "3"]),
    ],
)
def test_features_are_chosen(client: TestClient, query: str, expected: list[str]) -> None:
    body = client.get(f"/ogc/collections/districts/items?{query}", headers=JSON).json()
    assert [feature["id"] for feature in body["features"]] == expected
    if "limit" not in query:
        assert body["numberMatched"] == len(expected)


def test_properties_and_their_order_are_chosen(client: TestClient) -> None:
    found = items(client, "districts", properties="people,name")["features"][0]
    assert set(found["properties"]) == {"people", "name"}
    assert found["geometry"] is not None
    one = ask(client, "/collections/districts/items/1", properties="name")
    assert set(one["properties"]) == {"name"}


@pytest.mark.parametrize("path", ["items", "items/f1"])
@pytest.mark.parametrize(
    ("uri", "first", "second"),
    [
        (CRS84, 141.105, 39.705),
        (LAT_LON, 39.705, 141.105),
        (JGD2011, 39.705, 141.105),
        (PLANE, -32715.824, 23295.872),
    ],
)
def test_coordinates_stand_in_the_order_of_the_authority(
    client: TestClient, path: str, uri: str, first: float, second: float
) -> None:
    answer = client.get(f"/ogc/collections/facilities/{path}", params={"crs": uri}, headers=JSON)
    assert answer.headers["content-crs"] == f"<{uri}>"
    body = answer.json()
    feature = body["features"][0] if path == "items" else body
    assert feature["geometry"]["coordinates"] == [first, second]


# -- what is refused


@pytest.mark.parametrize(
    "query",
    [
        "nosuch=1", "limit=0", "limit=10001", "limit=x", "limit=", "limit=1&limit=2", "offset=-1", "cursor=x", "cursor=",
        "bbox=1,2,3", "bbox=a,b,c,d", "bbox=1,2,3,4,5", "bbox=141,40,142,39", "bbox=nan,1,2,3", "bbox=1,2,3,inf",
        "bbox=141,39,500,40", "bbox=1_0,2,3,4", "bbox=", "bbox-crs=EPSG:4326",
        "bbox=141,39,142,40&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/1",
        "bbox=9e9,9e9,9e10,9e10&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/6678",
        "datetime=2020", "datetime=../..", "datetime=2020-13-01", "datetime=2021-01-01/2020-01-01", "datetime=",
        "datetime=0001-01-01", "datetime=9999-12-31T23:59:59-12:00", "datetime=2020-01-01/2021-01-01/2022-01-01",
        "datetime=2020-01-01T00:00:00", "datetime=/",
        "crs=EPSG:4326", "crs=", "crs=http://www.opengis.net/def/crs/EPSG/0/6677", "sortby=nosuch", "sortby=",
        "sortby=aliases", "sortby=name,-name", "properties=nosuch", "filter-lang=cql", "filter-crs=x", "count=maybe",
        "f=xml", "f=", "no=one", "no=1.5", "no=99999999999999999999", "plan_adopted=1", "name=%00", "as_of=x",
        "municipality=1",
    ],
)  # fmt: skip
def test_whatever_cannot_be_understood_is_400(client: TestClient, query: str) -> None:
    refused(client, f"/collections/districts/items?{query}")
