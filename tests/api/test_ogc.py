"""OGC API at /ogc on the town of squares: what programs and people get, and what is refused."""

from __future__ import annotations

import json
import re
from urllib.parse import quote, urlsplit

import pytest
from openapi_spec_validator import validate
from starlette.testclient import TestClient

from kyodo_geo.collections import COLLECTIONS
from tests.api import city
from tests.api.conftest import HOST, JSON, PAGE
from tests.api.ogc_reading import CRS84, JGD2011, LAT_LON, PLANE, ask, ids, items, link, refused

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
        '"households":200', "member_households", "memberships", "空き家の記録",
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
            # `published_on` is the day of a published case (activity-cases), `published` a contact's column.
            text = client.get(path, headers=headers).text.replace("published_on", "")
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
