"""OGC API Features Part 4 (draft 20-002): create, replace, update, delete, optimistic locking, features."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from api.app import create_app
from api.settings import Settings
from geodata.cluster import Cluster
from tests.api.conftest import client_of
from tests.api.ogc_writer import FEATURE, PATCH, Writer, feature, writer
from tests.conformance.registry import FEATURES_4, requirement
from tests.fixtures_db import DatabaseUrls, copied

CLASS = FEATURES_4 + "create-replace-delete"
UPDATE, ETAGS = FEATURES_4 + "update", FEATURES_4 + "optimistic-locking-etags"
FEATURES = FEATURES_4 + "features"
NEW: dict[str, dict[str, Any]] = {
    "projects": {"title": "適合の事業", "district_no": 1, "fiscal_year": 2024},
    "district-plans": {"district_no": 1, "state": "none", "valid_from": "2000-04-01", "title": "適合の計画"},
}
NEW |= {
    "buildings": {
        "name": "適合の建物",
        "floor_area_m2": 120.5,
        "extendable": None,
        "acquired_on": "2001-04-01",
    },
    "rooms": {"facility_id": "", "name": "適合の部屋", "area_m2": 33.5, "capacity": 20},
    "facility-years": {"facility_id": "", "fiscal_year": 1960, "users": 1200, "cost_yen": 5_000_000_000},
}
WORDS = {"buildings": "name", "rooms": "name", "facility-years": "source"}
"""A property of each that may say anything; "title" where none is told."""
every = pytest.mark.parametrize("name", sorted(NEW))


@pytest.fixture(scope="module")
def town(cluster: Cluster, sample_db_template: DatabaseUrls) -> Iterator[DatabaseUrls]:
    """A copy of the sample whose districts have no plans yet, so that any history may begin."""
    with copied(cluster, sample_db_template) as found:
        import psycopg

        with psycopg.connect(found.superuser) as conn:
            conn.execute("DELETE FROM kyodo.district_plan")
            row = conn.execute("SELECT min(facility_id) FROM kyodo.facility").fetchone()
            for name in ("rooms", "facility-years"):
                NEW[name]["facility_id"] = row[0] if row else ""
        yield found


@pytest.fixture(scope="module")
def staff(town: DatabaseUrls) -> Iterator[Writer]:
    settings = Settings(database_url=town.app, owner_database_url=town.owner, database_pool_size=4)
    with client_of(create_app(settings)) as client:
        yield writer(client)


@pytest.fixture
def made(
    staff: Writer, name: str, request: pytest.FixtureRequest
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(path, entity tag, properties) of a new feature, taken back afterwards."""
    said = NEW[name] | {WORDS.get(name, "title"): request.node.name}
    answer = staff.create(name, **said)
    path = f"{name}/items/{answer.json()['id']}"
    yield path, answer.headers["etag"], said
    left = staff.get(path)
    if left.status_code == 200:
        assert staff.send("DELETE", path, if_match=left.headers["etag"]).status_code == 204


def known(staff: Writer, name: str) -> set[str]:
    return {f["id"] for f in staff.get(f"{name}/items?limit=10000").json()["features"]}


@requirement("/conf/create-replace-delete/options", "OPTIONS tells the methods and the media types of POST.")
@requirement("/conf/update/options", "OPTIONS tells PATCH and its media types.", conformance_class=UPDATE)
@every
def test_options(staff: Writer, name: str) -> None:
    items = staff.client.options(f"/ogc/collections/{name}/items")
    assert items.status_code == 200 and "POST" in items.headers["allow"].split(", ")
    assert items.headers["accept-post"] == FEATURE
    one = staff.client.options(f"/ogc/collections/{name}/items/x")
    assert one.status_code == 200 and {"PUT", "PATCH", "DELETE"} <= set(one.headers["allow"].split(", "))
    assert one.headers["accept-patch"] == PATCH


@requirement("/conf/create-replace-delete/create", "POST makes a feature under a new id, told in Location.")
@requirement(
    "/conf/features/endpoints", "Features are made below the items and changed at their own address.",
    conformance_class=FEATURES,
)  # fmt: skip
@every
def test_create(staff: Writer, name: str) -> None:
    before = known(staff, name)
    answer = staff.send("POST", f"{name}/items", feature(**NEW[name]))
    assert answer.status_code == 201
    read = staff.client.get(answer.headers["location"], headers={"accept": FEATURE})
    assert read.status_code == 200 and read.json()["properties"].items() >= NEW[name].items()
    made = read.json()["id"]
    assert made not in before and answer.headers["location"].endswith(f"/ogc/collections/{name}/items/{made}")
    named = staff.send("POST", f"{name}/items", feature(**NEW[name]) | {"id": "of-the-client"})
    assert named.status_code == 422 and known(staff, name) == before | {made}
    staff.send("DELETE", f"{name}/items/{made}", if_match=read.headers["etag"])


@requirement("/conf/create-replace-delete/create-content-type", "POST without Content-Type is 400.")
@every
def test_create_content_type(staff: Writer, name: str) -> None:
    assert staff.send("POST", f"{name}/items", feature(**NEW[name]), content_type=None).status_code == 400


@requirement("/conf/create-replace-delete/replace", "PUT replaces the content.")
@requirement(
    "/conf/create-replace-delete/replace-rid", "PUT with another id is refused, and nothing changes."
)
@requirement("/conf/create-replace-delete/replace-content-type", "PUT without Content-Type is 400.")
@requirement("/conf/features/geojson", "The same of GeoJSON.", conformance_class=FEATURES)
@every
def test_replace(staff: Writer, name: str, made: tuple[str, str, dict[str, Any]]) -> None:
    path, tag, said = made
    new = {k: v for k, v in said.items() if k not in ("valid_from", "acquired_on")}
    new |= {"source": "出典", WORDS.get(name, "title"): "置き換え"}
    assert staff.send("PUT", path, feature(**new), if_match=tag, content_type=None).status_code == 400
    other = staff.send("PUT", path, feature(**new) | {"id": "another"}, if_match=tag)
    assert other.status_code == 422 and staff.get(path).headers["etag"] == tag
    assert staff.send("PUT", path, feature(**new), if_match=tag).status_code == 200
    assert staff.get(path).json()["properties"].items() >= new.items()


@requirement(
    "/conf/create-replace-delete/replace-exceptions", "PUT to what is not there is 404, and makes nothing."
)
@every
def test_replace_nothing(staff: Writer, name: str) -> None:
    before = known(staff, name)
    for headers in ({}, {"if_match": '"xyz"'}):
        assert staff.send("PUT", f"{name}/items/9.9999", feature(**NEW[name]), **headers).status_code == 404
    assert known(staff, name) == before


@requirement("/conf/create-replace-delete/delete", "DELETE removes the feature.")
@requirement(
    "/conf/optimistic-locking-etags/delete",
    "DELETE holds to If-Match: 412, 428, then done.",
    conformance_class=ETAGS,
)
@every
def test_delete(staff: Writer, name: str, made: tuple[str, str, dict[str, Any]]) -> None:
    path, tag, _ = made
    assert staff.send("DELETE", path, if_match='"0"').status_code == 412
    assert staff.send("DELETE", path).status_code == 428
    assert staff.get(path).headers["etag"] == tag
    assert staff.send("DELETE", path, if_match=tag).status_code == 204
    assert staff.get(path).status_code == 404


@requirement("/conf/update/update", "PATCH changes what it names and nothing else.", conformance_class=UPDATE)
@requirement("/conf/update/update-rid", "PATCH of the id is refused.", conformance_class=UPDATE)
@requirement(
    "/conf/update/update-content-type", "PATCH without Content-Type is 400.", conformance_class=UPDATE
)
@requirement("/conf/features/json-merge-patch", "Patches are JSON Merge Patch.", conformance_class=FEATURES)
@every
def test_update(staff: Writer, name: str, made: tuple[str, str, dict[str, Any]]) -> None:
    path, tag, _ = made
    before = staff.get(path).json()["properties"]
    patch = {"properties": {"source": "直した出典", "quality": "unofficial"}}
    assert staff.send("PATCH", path, patch, if_match=tag, content_type=None).status_code == 400
    key = next(iter(before))
    for refused in ({"id": "x"}, {"properties": {key: "x"}}):
        assert staff.send("PATCH", path, refused, if_match=tag).status_code == 422
    done = staff.send("PATCH", path, patch, if_match=tag)
    assert done.status_code == 200
    assert staff.get(path).json()["properties"] == before | patch["properties"]
    empty = staff.send("PATCH", path, {"properties": {"source": None}}, if_match=done.headers["etag"])
    assert empty.status_code == 200 and staff.get(path).json()["properties"]["source"] is None


@requirement("/conf/optimistic-locking-etags/get-etag", "GET tells a strong ETag.", conformance_class=ETAGS)
@requirement("/conf/optimistic-locking-etags/replace", "PUT holds to If-Match.", conformance_class=ETAGS)
@requirement("/conf/optimistic-locking-etags/update", "PATCH holds to If-Match.", conformance_class=ETAGS)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@every
def test_locking(staff: Writer, name: str, made: tuple[str, str, dict[str, Any]], method: str) -> None:
    path, tag, said = made
    assert staff.get(path).headers["etag"] == tag and tag.startswith('"')
    new = said | {"quality": "unofficial"}
    body = feature(**new) if method == "PUT" else {"properties": new}
    assert staff.send(method, path, body, if_match='"0"').status_code == 412
    assert staff.get(path).headers["etag"] == tag
    done = staff.send(method, path, body, if_match=tag)
    assert done.status_code == 200 and done.headers["etag"] != tag
    assert staff.get(path).headers["etag"] == done.headers["etag"]
    assert staff.send(method, path, body).status_code == 428


@pytest.fixture
def drafted(staff: Writer, name: str) -> tuple[str, dict[str, Any]]:
    """(collection, a Feature that may be added to it) of a layer whose changes wait in a draft."""
    first = staff.get(f"{name}/items?limit=1").json()["features"][0]
    said = {"associations": {}, "facilities": {"kind": "集会施設", "activity": True}}[name]
    return name, {**feature(name=f"適合の{name}", **said), "geometry": first["geometry"]}


@requirement("/conf/create-replace-delete/create", "POST may be taken for later (202): a draft shows it.")
@requirement("/conf/create-replace-delete/replace", "PUT may be taken for later (202).")
@requirement("/conf/create-replace-delete/delete", "DELETE may be taken for later (202).")
@requirement("/conf/update/update", "PATCH may be taken for later (202).", conformance_class=UPDATE)
@requirement(
    "/conf/optimistic-locking-etags/replace", "Drafts hold to If-Match, too.", conformance_class=ETAGS
)
@pytest.mark.parametrize("name", ["associations", "facilities"])
def test_layers_of_generations(staff: Writer, drafted: tuple[str, dict[str, Any]]) -> None:
    name, body = drafted
    allow = staff.client.options(f"/ogc/collections/{name}/items").headers["allow"]
    one = staff.client.options(f"/ogc/collections/{name}/items/x").headers["allow"].split(", ")
    assert "POST" in allow and {"PUT", "PATCH", "DELETE"} <= set(one)
    before = known(staff, name)
    assert staff.send("POST", f"{name}/items", body, content_type=None).status_code == 400
    assert staff.send("POST", f"{name}/items", body | {"id": "of-the-client"}).status_code == 422
    made = staff.send("POST", f"{name}/items", body)
    assert made.status_code == 202 and known(staff, name) == before, "what is active stays"
    path = f"{name}/items/{made.json()['id']}?draft=true"
    first = staff.get(path)
    assert first.status_code == 200 and first.json()["properties"].items() >= body["properties"].items()
    assert first.headers["etag"].startswith('"')
    whole = {**body, "properties": {**body["properties"], "kana": "かな"}}
    for method, sent in (
        ("PUT", whole),
        ("PATCH", {"properties": {"name": "直した名前"}}),
        ("DELETE", None),
    ):
        tag = staff.get(path).headers["etag"]
        assert staff.send(method, path, sent).status_code == 428
        assert staff.send(method, path, sent, if_match='"0"').status_code == 412
        assert staff.get(path).headers["etag"] == tag
        assert staff.send(method, path, sent, if_match=tag).status_code == 202
        now = staff.get(path)
        assert now.status_code == 404 if method == "DELETE" else now.headers["etag"] != tag
    assert known(staff, name) == before


@requirement(
    "/conf/features/crs", "Content-Crs must be a system of the collection.", conformance_class=FEATURES
)
@requirement(
    "/conf/features/schema",
    "What the schema does not know, or only reads, is refused.",
    conformance_class=FEATURES,
)
@every
def test_schema_and_crs(staff: Writer, name: str) -> None:
    schema = staff.client.get(
        f"/ogc/collections/{name}/schema", headers={"accept": "application/schema+json"}
    ).json()
    assert schema["additionalProperties"] is False
    read_only = [key for key, described in schema["properties"].items() if described.get("readOnly")]
    assert read_only
    for more in ("nosuch", *read_only):
        sent = feature(**NEW[name] | {more: "2020-01-01"})
        assert staff.send("POST", f"{name}/items", sent).status_code == 422, more
    unknown = "<http://www.opengis.net/def/crs/EPSG/0/3857>"
    assert staff.send("POST", f"{name}/items", feature(**NEW[name]), content_crs=unknown).status_code == 400
