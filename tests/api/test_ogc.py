"""OGC API at /ogc on the town of squares: what programs and people get, and what is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from openapi_spec_validator import validate
from starlette.testclient import TestClient

from kyodo_geo.collections import COLLECTIONS
from tests.api import city
from tests.api.conftest import HOST, JSON, PAGE

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
LAT_LON = "http://www.opengis.net/def/crs/EPSG/0/4326"
JGD2011 = "http://www.opengis.net/def/crs/EPSG/0/6668"
PLANE = "http://www.opengis.net/def/crs/EPSG/0/6678"
PAGES = (
    "/ogc",
    "/ogc/conformance",
    "/ogc/api",
    "/ogc/collections",
    "/ogc/collections/datasets",
    "/ogc/collections/datasets/items",
    "/ogc/collections/datasets/items/districts",
    "/ogc/collections/districts",
    "/ogc/collections/districts/queryables",
    "/ogc/collections/districts/sortables",
    "/ogc/collections/districts/schema",
    "/ogc/collections/districts/items",
    "/ogc/collections/districts/items/4",
    "/ogc/collections/district-plans/items",
)


def ask(client: TestClient, path: str, **query: Any) -> Any:
    answer = client.get(f"/ogc{path}", params=query, headers=JSON)
    assert answer.status_code == 200, answer.text
    return answer.json()


def items(client: TestClient, collection: str, **query: Any) -> Any:
    return ask(client, f"/collections/{collection}/items", **query)


def ids(client: TestClient, collection: str, **query: Any) -> list[str]:
    return [feature["id"] for feature in items(client, collection, **query)["features"]]


def refused(client: TestClient, path: str) -> dict[str, Any]:
    answer = client.get(f"/ogc{path}", headers=JSON)
    assert answer.status_code == 400, (path, answer.status_code, answer.text[:300])
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.json()


def link(body: dict[str, Any], rel: str, media_type: str | None = None) -> str | None:
    return next(
        (x["href"] for x in body["links"] if x["rel"] == rel and media_type in (None, x.get("type"))), None
    )


def walk(client: TestClient, href: str | None, rel: str = "next") -> Iterator[dict[str, Any]]:
    while href is not None:
        body = client.get(href, headers=JSON).json()
        yield body
        href = link(body, rel)


# -- what stands where


def test_every_link_of_the_landing_page_leads_somewhere(client: TestClient) -> None:
    body = ask(client, "")
    assert {"self", "alternate", "service-desc", "service-doc", "conformance", "data"} <= {
        x["rel"] for x in body["links"]
    }
    for found in body["links"]:
        answer = client.get(found["href"])
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(found["type"].partition(";")[0])


MADE_BY_CHILDREN = ("f=gpkg", "f=fgb", "f=parquet")


@pytest.mark.parametrize("files", [False, pytest.param(True, marks=pytest.mark.full)])
def test_every_link_of_every_collection_leads_to_what_it_says(client: TestClient, files: bool) -> None:
    """`files`: those that take a process of their own, a second each; by default the dump makes all of them."""
    for collection in ask(client, "/collections")["collections"]:
        assert collection["links"] == ask(client, f"/collections/{collection['id']}")["links"]
        for found in collection["links"]:
            if any(form in found["href"] for form in MADE_BY_CHILDREN) is not files:
                continue
            if not found["href"].startswith(f"{HOST}/ogc"):
                assert found["rel"] == "license"
                continue
            answer = client.get(found["href"])
            assert answer.status_code == 200, found
            assert answer.headers["content-type"].startswith(found["type"].partition(";")[0]), found


def test_the_landing_page_counts_as_the_list_does(client: TestClient) -> None:
    listed = ask(client, "/collections")["collections"]
    for path in ("", "/collections"):
        assert f"（{len(listed)} 件）" in client.get(f"/ogc{path}", headers=PAGE).text, path


def test_a_collection_says_what_a_catalogue_wants_to_know(client: TestClient) -> None:
    body = ask(client, "/collections/districts")
    assert body["itemType"] == "feature"
    assert body["crs"] == [CRS84, LAT_LON, JGD2011, PLANE]
    assert body["storageCrs"] == CRS84
    assert body["extent"]["spatial"]["bbox"] == [[141.1, 39.7, 141.14, 39.71]]
    assert body["extent"]["temporal"]["interval"] == [["2020-10-01T00:00:00Z", None]]
    assert body["license"] == "CC BY 4.0"
    assert link(body, "license") == "https://creativecommons.org/licenses/by/4.0/"
    assert (body["as_of"], body["quality"]) == ("2020-10-01", "sample")
    assert body["contacts"][0]["phones"] == [{"value": "019-626-7535"}]
    assert body["keywords"]
    assert "crs" not in ask(client, "/collections/district-plans"), "nothing of it has a place"


def test_what_is_not_loaded_is_no_collection(client: TestClient) -> None:
    known = {found["id"] for found in ask(client, "/collections")["collections"]}
    assert "districts" in known
    assert known.isdisjoint({"flood", "shelters", "halls"})
    assert client.get("/ogc/collections/flood", headers=JSON).status_code == 404
    assert client.get("/ogc/collections/flood/items", headers=JSON).status_code == 404


@pytest.mark.parametrize("path", PAGES)
def test_every_resource_comes_as_json_and_as_page(client: TestClient, path: str) -> None:
    by_name = [client.get(f"{path}?f={form}") for form in ("json", "html")]
    by_header = [client.get(path, headers=headers) for headers in (JSON, PAGE)]
    for named, asked, kind in zip(by_name, by_header, ("json", "html"), strict=True):
        assert named.status_code == asked.status_code == 200
        assert kind in named.headers["content-type"]
        assert kind in asked.headers["content-type"]
        assert "Accept" in asked.headers["vary"]
        # One address can be had in either form: each has a tag of its own.
    assert by_header[0].headers["etag"] != by_header[1].headers["etag"]


@pytest.mark.parametrize("path", PAGES)
def test_pages_stand_alone_and_carry_no_names_unescaped(client: TestClient, path: str) -> None:
    text = client.get(path, headers=PAGE).text
    assert city.HOSTILE not in text
    assert not re.search(r"<script(?![^>]*src=\"/)", text), "no inline script"
    assert not re.search(r'(src|href)="https?://(?!creativecommons)', text), "nothing from elsewhere"
    assert " style=" not in text


def test_links_of_pages_lead_somewhere(client: TestClient) -> None:
    seen: set[str] = set()
    for path in PAGES:
        text = client.get(path, headers=PAGE).text
        seen |= set(re.findall(r'href="(/ogc[^"]*)"', text))
    assert len(seen) > 30
    for href in sorted(seen):
        assert client.get(href.replace("&amp;", "&")).status_code == 200, href


def test_the_definition_is_valid_and_names_every_resource(client: TestClient) -> None:
    answer = client.get("/ogc/api", headers={"accept": "application/vnd.oai.openapi+json;version=3.0"})
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    document = answer.json()
    validate(document)
    assert document["openapi"].startswith("3.0")
    for collection in ask(client, "/collections")["collections"]:
        if collection["itemType"] == "feature":
            assert f"/ogc/collections/{collection['id']}/items/{{featureId}}" in document["paths"]
    named = {
        p.get("name") for p in document["paths"]["/ogc/collections/associations/items"]["get"]["parameters"]
    }
    assert "district_no" in named
    assert "households" not in named, "for staff only"


def test_the_definition_is_a_file_for_whoever_accepts_only_json(client: TestClient) -> None:
    assert client.get("/ogc/api", headers=JSON).json()["openapi"] == "3.0.3"
    assert client.get("/ogc", headers={"accept": "image/png"}).status_code == 406


# -- pages of features


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


@pytest.mark.parametrize("path", PAGES)
def test_unknown_parameters_are_400_everywhere(client: TestClient, path: str) -> None:
    for query in ("nosuch=1", "f=nosuch", "as_of=x"):
        refused(client, f"{path.removeprefix('/ogc')}?{query}")


def test_unknown_things_are_404(client: TestClient) -> None:
    for path in (
        "/collections/nosuch", "/collections/nosuch/items", "/collections/districts/items/99", "/nosuch",
        "/collections/districts/items/x", "/collections/districts/items/1.0", "/collections/districts/items/01",
        "/collections/districts/items/99999999999999999999", "/collections/facilities/items/nosuch",
        "/collections/nosuch/schema", "/collections/datasets/items/nosuch", "/collections/datasets/nosuch",
        "/collections/nosuch/items/1", "/collections?municipality=99999",
    ):  # fmt: skip
        answer = client.get(f"/ogc{path}", headers=JSON)
        assert answer.status_code == 404, path
        assert answer.headers["content-type"] == "application/problem+json"


# -- conditional requests and time


def test_answers_are_kept_compressed_with_a_strong_tag(client: TestClient) -> None:
    path = "/ogc/collections/districts/items"
    first = client.get(path, headers={**JSON, "accept-encoding": "br"})
    assert first.headers["content-encoding"] == "br"
    assert first.headers["cache-control"] == "public, no-cache"
    tag = first.headers["etag"]
    assert not tag.startswith("W/")
    again = client.get(path, headers={**JSON, "accept-encoding": "br", "if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    plain = client.get(path, headers={**JSON, "accept-encoding": "identity"})
    assert plain.headers["etag"] != tag
    assert plain.json() == first.json()


def test_time_travel_carries_on_in_links(client: TestClient) -> None:
    body = items(client, "associations", limit=3, as_of="2200-01-01", municipality=city.CODE)
    href = link(body, "next")
    assert href is not None
    assert "as_of=2200-01-01" in href
    assert f"municipality={city.CODE}" in href
    assert client.get("/ogc/collections?as_of=1999-01-01", headers=JSON).status_code == 404


def test_links_name_the_host_that_was_asked(client: TestClient) -> None:
    asked = client.get("/ogc", headers={**JSON, "host": "localhost:9999"}).json()
    assert {urlsplit(x["href"]).netloc for x in asked["links"]} == {"localhost:9999"}


# -- catalogue and schemas


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


def test_features_fit_the_schema_of_their_collection(client: TestClient) -> None:
    from jsonschema import Draft202012Validator

    for collection in ask(client, "/collections")["collections"]:
        if collection["itemType"] != "feature":
            continue
        schema = ask(client, f"/collections/{collection['id']}/schema")
        Draft202012Validator.check_schema(schema)
        check = Draft202012Validator(schema)
        for feature in items(client, collection["id"], limit=1000)["features"]:
            check.validate(feature["properties"])


def test_queryables_name_what_can_be_asked(client: TestClient) -> None:
    body = ask(client, "/collections/districts/queryables")
    assert body["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert body["properties"]["geometry"]["format"] == "geometry-multipolygon"
    assert body["properties"]["plan_state"]["enum"][0] == "none"
    assert body["properties"]["no"]["x-ogc-role"] == "id"
    contacts = ask(client, "/collections/association-contacts/queryables")["properties"]
    assert contacts.keys().isdisjoint({"phone", "name", "email", "address", "published"})


def test_every_collection_keeps_clear_of_the_names_of_parameters() -> None:
    from api.ogc.params import ItemsParams

    fixed = {field.alias or name for name, field in ItemsParams.model_fields.items()}
    for collection in COLLECTIONS.values():
        assert fixed.isdisjoint(p.name for p in collection.properties), collection.id


def test_the_public_bytes_hold_nothing_of_staff(client: TestClient) -> None:
    """Every JSON and page of the public, whole: no planted secret, no name of a column or collection of staff."""
    secrets = (
        "vacant-houses", "秘密町", "141.1123", "39.7078", "非公開", "019-999-9999", "published",
        '"households":200', "member_households", "memberships", "空き家",
    )  # fmt: skip
    paths = list(PAGES)
    for collection in ask(client, "/collections")["collections"]:
        base = f"/ogc/collections/{collection['id']}"
        paths += [base, f"{base}/items?limit=10000"]
        if collection["itemType"] == "feature":
            paths += [f"{base}/{part}" for part in ("schema", "queryables", "sortables")]
            paths += [f"{base}/items/{quote(id_)}" for id_ in ids(client, collection["id"])]
    for path in paths:
        for headers in (JSON, PAGE):
            text = client.get(path, headers=headers).text
            found = [secret for secret in secrets if secret in text and secret not in path]
            assert not found, (path, found)


@pytest.mark.parametrize("name", ["vacant-houses", "memberships", "halls"])
def test_collections_of_staff_do_not_exist_for_the_public(client: TestClient, name: str) -> None:
    unknown = client.get("/ogc/collections/nosuch", headers=JSON).json()
    for path in ("", "/items", "/items/v1", "/items?rank=A", "/schema", "/queryables", "/sortables"):
        answer = client.get(f"/ogc/collections/{name}{path}", headers=JSON)
        assert answer.status_code == 404
        assert answer.json()["detail"] == unknown["detail"]
        assert json.dumps(answer.json()).count(name) == 1, "only in the address that was sent"
