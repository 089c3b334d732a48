"""Changes below /ogc to layers that belong to generations: they wait in the draft, and what is active stays."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from kyodo_geo.roles import Role
from tests.api.conftest import HOST, JSON
from tests.api.ogc_writer import Writer, at_once, audited, everything, writer
from tests.fixtures_db import DatabaseUrls


@pytest.fixture(scope="module")
def staff(client: TestClient) -> Writer:
    return writer(client)


def test_names_of_associations_wait_in_the_draft(
    client: TestClient, staff: Writer, shared_town: DatabaseUrls
) -> None:
    path = "associations/items/a11"
    read = staff.get(path)
    tag, kept = read.headers["etag"], everything(shared_town)
    assert staff.send("PUT", path, read.json(), if_match=tag).status_code == 200, (
        "what was read says nothing new"
    )
    plane = "http://www.opengis.net/def/crs/EPSG/0/6678"
    turned = staff.client.get(f"/ogc/collections/{path}", params={"crs": plane}, headers=JSON).json()
    assert staff.send("PUT", path, turned, if_match=tag, content_crs=f"<{plane}>").status_code == 200
    for patch, field in (
        ({"properties": {"name": ""}}, "name"),
        ({"properties": {"district_no": 2}}, "district_no"),
        ({"properties": {"households": 1}}, "households"),
        ({"geometry": None}, "geometry"),
        ({"geometry": {"coordinates": []}}, "geometry"),
    ):
        answer = staff.send("PATCH", path, patch, if_match=tag)
        assert (answer.status_code, answer.json().get("field")) == (422, field), answer.text
    patch = {"properties": {"name": "新しい名前の町内会"}}
    assert staff.send("PATCH", path, patch).status_code == 428
    assert staff.send("PATCH", path, patch, if_match='"0"').status_code == 412
    assert everything(shared_town) == kept

    entered = staff.send("PATCH", path, patch, if_match=tag)
    assert entered.status_code == 202 and entered.headers["location"] == f"{HOST}/staff/drafts/associations"
    assert entered.json()["links"][0]["href"] == entered.headers["location"]
    assert audited(shared_town)[:3] == ("planner-x", "edit.draft.enter", "associations/a11")
    assert (
        "新しい名前の町内会"
        in staff.client.get("/staff/drafts/associations", headers={"accept": "text/html"}).text
    )
    now = staff.get(path)
    assert now.headers["etag"] == tag and now.json() == read.json(), "what is active stays until activation"
    again = writer(client, Role.ADMINISTRATOR).send(
        "PATCH", path, {"properties": {"name": "別の名前"}}, if_match=tag
    )
    assert again.status_code == 409, "what waits there is not overwritten unseen"


def test_districts_of_small_areas_wait_in_the_draft(staff: Writer, shared_town: DatabaseUrls) -> None:
    first = staff.get("small-areas/items?limit=1").json()["features"][0]
    path = f"small-areas/items/{first['id']}"
    read = staff.get(path)
    tag, kept = read.headers["etag"], everything(shared_town)
    said = read.json()["properties"]
    for patch, field in (
        ({"district_no": 99}, "district_no"),
        ({"district_no": None}, "district_no"),
        ({"confidence": "certain"}, "confidence"),
        ({"people": 1_000_000}, "people"),
    ):
        answer = staff.send("PATCH", path, {"properties": patch}, if_match=tag)
        assert (answer.status_code, answer.json().get("field")) == (422, field), answer.text
    assert everything(shared_town) == kept
    other = 2 if said["district_no"] != 2 else 1
    patch = {"properties": {"district_no": other, "confidence": "official"}}
    entered = staff.send("PATCH", path, patch, if_match=tag)
    assert entered.status_code == 202 and entered.headers["location"] == f"{HOST}/staff/drafts/assignment"
    assert audited(shared_town)[1:3] == ("edit.draft.enter", f"district-assignment/{first['id']}")
    assert staff.get(path).json() == read.json() and staff.get(path).headers["etag"] == tag
    assert staff.send("PATCH", path, patch, if_match=tag).status_code == 409
    operations = staff.client.get("/ogc/api", headers=JSON).json()["paths"][
        "/ogc/collections/small-areas/items/{featureId}"
    ]
    assert staff.send("DELETE", path, if_match=tag).headers["allow"] == "GET, HEAD, OPTIONS, PUT, PATCH"
    assert set(operations) == {"get", "put", "patch"} and "202" in operations["patch"]["responses"]


def test_of_writers_into_the_draft_exactly_one_wins(client: TestClient, staff: Writer) -> None:
    tag = staff.get("associations/items/a12").headers["etag"]
    answers = at_once(client, "associations/items/a12", tag, lambda n: {"name": f"町内会 {n}"})
    assert sorted(answer.status_code for answer in answers.values()) == [202, 409, 409, 409]
