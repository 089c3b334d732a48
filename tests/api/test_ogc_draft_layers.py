"""Associations with their areas and facilities below /ogc: made, changed and taken away in the draft, for staff alone."""

from __future__ import annotations

from typing import Any

import orjson
import psycopg
import pytest
from starlette.testclient import TestClient

from geodata.database import Audience
from geodata.edits import drafts, publish
from geodata.edits.publish import by_kind
from kyodo_geo.roles import Role
from tests.api.city import CODE, SOUTH, STEP, WEST
from tests.api.conftest import JSON, another
from tests.api.ogc_writer import Writer, at_once, audited, everything, writer
from tests.api.ticket_world import sign_in
from tests.fixtures_db import DatabaseUrls
from tests.fixtures_replica import eventually

PLANE = "http://www.opengis.net/def/crs/EPSG/0/6678"
LATLON = "http://www.opengis.net/def/crs/EPSG/0/6668"
PLACE = {"type": "Point", "coordinates": [WEST + STEP / 2, SOUTH + STEP / 3]}


def box(west: float, south: float, size: float = STEP / 4) -> dict[str, Any]:
    ring = [
        [west, south],
        [west + size, south],
        [west + size, south + size],
        [west, south + size],
        [west, south],
    ]
    return {"type": "Polygon", "coordinates": [ring]}


def ring(*corners: tuple[int, int]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[[WEST + x / 100, SOUTH + y / 100] for x, y in corners]]}


def shaped(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


@pytest.fixture(scope="module")
def staff(client: TestClient) -> Writer:
    return writer(client)


def activated(client: TestClient, scope: str) -> set[str]:
    """Activate the draft as its page does; returns the kinds it changed."""
    services = client.app.state.services
    with services.database.read(Audience.STAFF) as conn:
        draft = drafts.open_draft(conn, CODE, scope)
    assert draft is not None
    seen = publish.compare(services.database, CODE, scope, version=draft.version, actor="planner-x")
    publish.activate(
        services.database,
        CODE,
        scope,
        version=draft.version,
        generation_no=seen.generation_no,
        actor="planner-x",
    )
    services.live.wait(CODE)
    return set(by_kind(draft))


def public(client: TestClient, path: str) -> Any:
    return another(client).get(f"/ogc/collections/{path}", headers=JSON)


def test_a_new_association_is_seen_in_the_draft_alone(
    client: TestClient, staff: Writer, shared_town: DatabaseUrls
) -> None:
    kept = public(client, "associations/items?limit=1000")
    body = shaped(box(WEST + 0.002, SOUTH + 0.001), name="まだ秘密の町内会", area_text="試験町")
    made = staff.send("POST", "associations/items", body)
    assert made.status_code == 202 and made.headers["location"].endswith("/staff/drafts/associations")
    assert made.headers["cache-control"] == "private, no-store"
    key = made.json()["id"]
    path = f"associations/items/{key}"
    drafted = f"{path}?draft=true"
    assert made.json()["links"][1]["href"].endswith(drafted)
    actor, action, target, changes = audited(shared_town)
    assert (actor, action, target) == ("planner-x", "edit.draft.enter", f"associations/{key}")
    assert "141.1" not in str(changes) and "点" in changes["geom"]["after"], (
        "the log tells of the area in words"
    )
    assert staff.send("POST", "associations/items", body).status_code == 422, "the same twice"

    # Nobody outside: not by its address, in the list, a count, an area, the API of version 1, a search, or the draft itself.
    for address in (path, f"{path}?draft=false"):
        assert public(client, address).status_code == 404 and staff.get(address).status_code == 404
    listed = public(client, "associations/items?limit=1000")
    assert (
        listed.json()["numberMatched"] == kept.json()["numberMatched"]
        and listed.headers["etag"] == kept.headers["etag"]
    )
    visitor = another(client)
    for address in (
        "/api/v1/associations",
        f"/associations/{key}",
        "/ogc/collections/associations",
        "/districts/1",
    ):
        assert "秘密" not in visitor.get(address, headers={"accept": "*/*"}).text
    for address in (drafted, "associations/items?draft=true"):
        assert public(client, address).status_code == 401
        for role in (Role.FACILITY_STAFF, Role.DISTRICT_OFFICER, Role.PARTNER):
            other = another(client)
            sign_in(other, role)
            refused = other.get(f"/ogc/collections/{address}", headers=JSON)
            assert refused.status_code == 403 and "秘密" not in refused.text

    read = staff.get(drafted)
    assert read.status_code == 200 and read.headers["cache-control"] == "private, no-store"
    assert (
        read.json()["properties"]["name"] == "まだ秘密の町内会"
        and read.json()["properties"]["district_no"] == 1
    )
    assert read.json()["geometry"]["type"] == "MultiPolygon"
    items = staff.get("associations/items?draft=true&limit=1000").json()
    assert items["numberMatched"] == kept.json()["numberMatched"] + 1 and key in {
        f["id"] for f in items["features"]
    }
    found = staff.get("associations/items?draft=true&sortby=-name&filter=name LIKE 'まだ%'").json()
    assert [f["id"] for f in found["features"]] == [key]

    # Two clients with the same version of the draft: the second learns of it.
    tag = read.headers["etag"]
    second = writer(client, Role.ADMINISTRATOR)
    assert second.send("PATCH", path, {"properties": {"kana": "ひみつ"}}, if_match=tag).status_code == 404
    patch = {"properties": {"kana": "ひみつ"}}
    assert second.send("PATCH", drafted, patch).status_code == 428
    assert second.send("PATCH", drafted, patch, if_match=tag).status_code == 202
    assert staff.send("PATCH", drafted, {"properties": {"kana": "べつ"}}, if_match=tag).status_code == 412
    now = staff.get(drafted)
    assert now.json()["properties"]["kana"] == "ひみつ" and now.json()["geometry"] == read.json()["geometry"]
    page = staff.client.get("/staff/drafts/associations", headers={"accept": "text/html"})
    assert page.status_code == 200 and "まだ秘密の町内会" in page.text and " ha、" in page.text
    gone = staff.send("DELETE", drafted, if_match=now.headers["etag"])
    assert gone.status_code == 202 and staff.get(drafted).status_code == 404
    assert (
        staff.get("associations/items?draft=true&limit=1000").json()["numberMatched"]
        == kept.json()["numberMatched"]
    )


@pytest.mark.parametrize(
    ("geometry", "words"),
    [
        (None, "Polygon"),
        ({"type": "Point", "coordinates": [WEST, SOUTH]}, "Polygon"),
        ({"type": "Polygon", "coordinates": []}, "空"),
        ({"type": "Polygon", "coordinates": [[]]}, "4 点"),
        ({"type": "MultiPolygon", "coordinates": [[]]}, "空"),
        ({"type": "Polygon", "coordinates": [[[0, 0, 0]] * 4]}, "高さ"),
        ({"type": "Polygon", "coordinates": [[["a", 1]] * 4]}, "2 つの数"),
        ({"type": "Polygon", "coordinates": [[[True, 1]] * 4]}, "2 つの数"),
        ({"type": "Polygon", "coordinates": [[[1e300, 1]] * 4]}, "2 つの数"),
        (ring((0, 0), (1, 0), (0, 1), (0, 2)), "閉じて"),
        (ring((0, 0), (1, 1), (1, 0), (0, 1), (0, 0)), "交わって"),
        ({"type": "Polygon", "coordinates": [[[WEST, SOUTH]] * 4]}, "区域"),
        (box(2.35, 48.85), "日本の外"),
        (box(SOUTH, WEST), "逆"),
        (box(139.7, 35.6), "市域の外"),
        ({"type": "Polygon", "coordinates": [[[WEST + n * 1e-9, SOUTH] for n in range(20_001)]]}, "20,000"),
        ({"type": "MultiPolygon", "coordinates": [box(WEST, SOUTH)["coordinates"]] * 501}, "500"),
        ({"type": "MultiPolygon", "coordinates": [box(WEST, SOUTH)["coordinates"]] * 2}, "交わって"),
        ("POLYGON EMPTY", "Polygon"),
        ({"type": "Polygon", "coordinates": {"a": 1}}, "空"),
    ],
)  # fmt: skip
def test_areas_that_do_not_hold(staff: Writer, shared_town: DatabaseUrls, geometry: Any, words: str) -> None:
    before = everything(shared_town)
    answer = staff.send("POST", "associations/items", shaped(geometry, name="形"))
    assert (answer.status_code, answer.json().get("field")) == (422, "geometry"), answer.text
    assert words in answer.json()["detail"] and answer.json()["detail"].endswith("。")
    tag = staff.get("associations/items/a22").headers["etag"]
    patch = staff.send("PUT", "associations/items/a22", shaped(geometry, name="形"), if_match=tag)
    assert patch.status_code == 422 and everything(shared_town) == before


@pytest.mark.parametrize(
    ("properties", "field"),
    [
        ({"name": ""}, "name"), ({"name": "形", "kind": "club"}, "kind"),
        ({"name": "形", "association_id": "x"}, "association_id"),
        ({"name": "形", "district_no": 1}, "district_no"), ({"name": "形", "households": 3}, "households"),
    ],
)  # fmt: skip
def test_new_associations_that_do_not_hold(
    staff: Writer, shared_town: DatabaseUrls, properties: dict[str, Any], field: str
) -> None:
    before = everything(shared_town)
    answer = staff.send("POST", "associations/items", shaped(box(WEST, SOUTH), **properties))
    assert (answer.status_code, answer.json().get("field")) == (422, field), answer.text
    assert everything(shared_town) == before


def test_bodies_as_large_as_real_areas_and_no_larger(staff: Writer, shared_town: DatabaseUrls) -> None:
    padded = shaped(box(WEST, SOUTH), name="大きい形", area_text="あ" * 2001)
    large = orjson.dumps(padded) + b" " * 900_000
    assert staff.send("POST", "associations/items", large).json()["field"] == "area_text", "it was read"
    tag = staff.get("associations/items/a22").headers["etag"]
    for method, path in (("POST", "associations/items"), ("PUT", "associations/items/a22")):
        before = everything(shared_town)
        assert staff.send(method, path, large + b" " * 200_000, if_match=tag).status_code == 413
        assert everything(shared_town) == before
    assert staff.send("POST", "facilities/items", large).status_code == 413
    assert staff.send("PUT", "associations/items/a22", large, if_match=tag).status_code == 422


def test_areas_change_with_the_activation(
    client: TestClient, staff: Writer, shared_town: DatabaseUrls
) -> None:
    hidden = ("非公開 太郎", "019-999-9999")
    a11, a12 = staff.get("associations/items/a11"), staff.get("associations/items/a12")
    moved = box(WEST + 0.001, SOUTH + 0.001, 0.002)
    # in the plane grid, northing first, as it is read with this system
    put = staff.send("PATCH", "associations/items/a11", {"geometry": moved}, if_match=a11.headers["etag"])
    assert put.status_code == 202, put.text
    turned = staff.client.get(
        "/ogc/collections/associations/items/a11", params={"crs": PLANE, "draft": "true"}, headers=JSON
    )
    again = staff.send(
        "PUT", "associations/items/a11?draft=true", turned.json(), if_match=turned.headers["etag"], content_crs=f"<{PLANE}>",
    )  # fmt: skip
    assert again.status_code == 200, "what was read says nothing new"
    north = turned.json()["geometry"]["coordinates"]
    north[0][0] = [[n + 100.0, e] for n, e in north[0][0]]
    shifted = {"type": "MultiPolygon", "coordinates": north}
    body = turned.json() | {"geometry": shifted}
    further = staff.send(
        "PUT",
        "associations/items/a11?draft=true",
        body,
        if_match=turned.headers["etag"],
        content_crs=f"<{PLANE}>",
    )
    assert further.status_code == 202, further.text
    stale = staff.send("PATCH", "associations/items/a11", {"geometry": moved}, if_match=a11.headers["etag"])
    assert stale.status_code == 409, "what waits is not overwritten by somebody who has not read it"
    gone = staff.send("DELETE", "associations/items/a12", if_match=a12.headers["etag"])
    assert gone.status_code == 202 and staff.get("associations/items/a12?draft=true").status_code == 404
    new = staff.send(
        "POST", "associations/items", shaped(box(WEST + 0.021, SOUTH + 0.001, 0.001), name="新町内会")
    )
    for answer in (put, again, further, gone, new):
        assert not any(word in answer.text for word in hidden)

    # The page of names keeps the area that waits.
    token = staff.client.get("/staff/associations/a11", headers={"accept": "text/html"}).text
    assert "位置・区域" in token
    assert (
        public(client, "associations/items/a11").json()
        == another(client).get("/ogc/collections/associations/items/a11", headers=JSON).json()
    )
    assert public(client, "associations/items/a11").json()["geometry"] == a11.json()["geometry"]
    assert public(client, "associations/items/a12").status_code == 200
    assert activated(client, "associations") == {"associations", "association-rules"}
    eventually(lambda: public(client, "associations/items/a12").status_code == 404)
    now = public(client, "associations/items/a11").json()
    lats = [lat for _, lat in now["geometry"]["coordinates"][0][0]]
    assert min(lats) == pytest.approx(SOUTH + 0.001 + 100 / 111_030, abs=2e-5)
    assert now["properties"]["name"] == a11.json()["properties"]["name"]
    assert public(client, f"associations/items/{new.json()['id']}").json()["properties"]["district_no"] == 3
    with psycopg.connect(shared_town.superuser) as conn:
        left = conn.execute(
            "SELECT count(*) FROM kyodo.address_rule r WHERE association_id = 'a12' AND dataset_id = "
            "kyodo.active_dataset('03201', (SELECT max(generation_no) FROM kyodo.generation), 'association-rules')"
        ).fetchone()
        logged = conn.execute(
            "SELECT string_agg(details::text, '') FROM kyodo.audit WHERE action LIKE 'edit.%'"
        ).fetchone()
    assert left == (0,) and logged is not None and "coordinates" not in logged[0]


def test_a_facility_lives_in_the_draft(client: TestClient, staff: Writer, shared_town: DatabaseUrls) -> None:
    facts = {
        "name": "東の新しい館",
        "kind": "地区活動センター",
        "activity": True,
        "capacity": 80,
        "opened_on": "2026-04-01",
    }
    made = staff.send("POST", "facilities/items", shaped(PLACE, **facts))
    assert made.status_code == 202, made.text
    path = f"facilities/items/{made.json()['id']}"
    assert public(client, path).status_code == 404
    first = staff.get(f"{path}?draft=true")
    assert first.json()["properties"].items() >= facts.items() and first.json()["geometry"] == PLACE | {
        "coordinates": [round(value, 6) for value in PLACE["coordinates"]]
    }
    swapped = {"type": "Point", "coordinates": [SOUTH + STEP / 2, WEST + STEP / 2]}
    patch = {"geometry": swapped, "properties": {"capacity": None}}
    moved = staff.send(
        "PATCH", f"{path}?draft=true", patch, if_match=first.headers["etag"], content_crs=f"<{LATLON}>"
    )
    assert moved.status_code == 202, moved.text
    for geometry, properties, field in (
        (box(WEST, SOUTH), facts, "geometry"), (None, facts, "geometry"),
        ({"type": "Point", "coordinates": [139.7, 35.6]}, facts, "geometry"),
        ({"type": "Point", "coordinates": [WEST, SOUTH, 3.0]}, facts, "geometry"),
        (PLACE, facts | {"activity": None}, "activity"), (PLACE, facts | {"closed_on": "2026-04-01"}, "closed_on"),
        (PLACE, facts | {"capacity": -1}, "capacity"), (PLACE, {"name": "種類なし", "activity": False}, "kind"),
    ):  # fmt: skip
        answer = staff.send("POST", "facilities/items", shaped(geometry, **properties))
        assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text
    f1, f2 = staff.get("facilities/items/f1"), staff.get("facilities/items/f2")
    renamed = staff.send(
        "PATCH", "facilities/items/f1", {"properties": {"name": "改めた名前"}}, if_match=f1.headers["etag"]
    )
    assert renamed.status_code == 202
    assert staff.send("DELETE", "facilities/items/f2", if_match=f2.headers["etag"]).status_code == 202
    for role in (Role.FACILITY_STAFF, Role.CENTRE_STAFF):
        other = writer(client, role)
        assert other.send("POST", "facilities/items", shaped(PLACE, **facts)).status_code == 403
    page = staff.client.get("/staff/drafts/facilities", headers={"accept": "text/html"})
    assert (
        page.status_code == 200
        and "東の新しい館" in page.text
        and "緯度" in page.text
        and "（なくす）" in page.text
    )
    assert (
        public(client, "facilities/items/f1").json()["properties"]["name"] == f1.json()["properties"]["name"]
    )
    assert activated(client, "facilities") == {"facilities"}
    eventually(lambda: public(client, path).status_code == 200)
    now = public(client, path).json()
    assert now["geometry"]["coordinates"] == [round(WEST + STEP / 2, 6), round(SOUTH + STEP / 2, 6)]
    assert now["properties"]["capacity"] is None and now["properties"]["opened_on"] == "2026-04-01"
    assert public(client, "facilities/items/f1").json()["properties"]["name"] == "改めた名前"
    assert public(client, "facilities/items/f1").json()["geometry"] == f1.json()["geometry"]
    assert public(client, "facilities/items/f2").status_code == 404


def test_the_draft_of_the_assignment_is_read_too(staff: Writer) -> None:
    first = staff.get("small-areas/items?limit=1").json()["features"][0]
    path, tag = (
        f"small-areas/items/{first['id']}",
        staff.get(f"small-areas/items/{first['id']}").headers["etag"],
    )
    assert staff.get(f"{path}?draft=true").headers["etag"] == tag, "where nothing waits the row is the same"
    other = 2 if first["properties"]["district_no"] != 2 else 1
    patch = {"properties": {"district_no": other, "confidence": "guess"}}
    assert staff.send("PATCH", path, patch, if_match=tag).status_code == 202
    drafted = staff.get(f"{path}?draft=true")
    assert drafted.json()["properties"]["district_no"] == other and drafted.headers["etag"] != tag
    assert staff.get(path).json()["properties"]["district_no"] == first["properties"]["district_no"]


def test_of_two_who_change_the_draft_at_once_one_wins(client: TestClient, staff: Writer) -> None:
    path = "associations/items/a31?draft=true"
    answers = at_once(client, path, staff.get(path).headers["etag"], lambda n: {"name": f"町内会 {n}"})
    assert sorted(answer.status_code for answer in answers.values()) == [202, 412, 412, 412]
    won = next(n for n, answer in answers.items() if answer.status_code == 202)
    assert staff.get(path).json()["properties"]["name"] == f"町内会 {won}"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("projects/items?draft=true", 400), ("towns/items/t1?draft=true", 400), ("associations/items?draft=yes", 400),
        ("associations/items?draft=true&as_of=2026-01-01", 400), ("associations/items?draft=true&datetime=2026-01-01", 400),
        ("associations/items?draft=true&municipality=13101", 403), ("nosuch/items?draft=true", 404),
        ("associations/items?draft=true&f=html", 406), ("associations/items?draft=true&f=csv", 406),
        ("associations/items?draft=false", 200),
    ],
)  # fmt: skip
def test_where_there_is_no_draft(staff: Writer, path: str, status: int) -> None:
    answer = staff.get(path)
    assert answer.status_code in ({400, 406} if status == 406 else {status}), answer.text


def test_the_definition_tells_editors_alone(client: TestClient, staff: Writer) -> None:
    name = "/ogc/collections/associations/items/{featureId}"
    told = {
        who: who.get("/ogc/api", headers=JSON).json()["paths"][name]
        for who in (staff.client, another(client))
    }
    for who, operations in told.items():
        named = {item.get("name") for item in operations["get"]["parameters"]}
        assert ("draft" in named) == (who is staff.client) == ("delete" in operations)
    assert "202" in told[staff.client]["delete"]["responses"]


def test_names_of_districts_wait_in_the_draft(client: TestClient, staff: Writer) -> None:
    path, before = "districts/items/2", staff.get("districts/items/2")
    tag, kept = before.headers["etag"], before.json()
    assert staff.send("PUT", path, kept, if_match=tag).status_code == 200, "what was read says nothing new"
    assert staff.get(f"{path}?draft=true").headers["etag"] == tag
    for said, field in (
        ({"name": ""}, "name"), ({"aliases": "東"}, "aliases"), ({"aliases": [1]}, "aliases"),
        ({"aliases": ["あ" * 61]}, "aliases"),
        ({"aliases": [str(n) for n in range(21)]}, "aliases"), ({"people": 1}, "people"), ({"no": 3}, "no"),
    ):  # fmt: skip
        answer = staff.send("PATCH", path, {"properties": said}, if_match=tag)
        assert (answer.status_code, answer.json().get("field")) == (422, field), answer.text
    moved = staff.send("PATCH", path, {"geometry": box(WEST, SOUTH)}, if_match=tag)
    assert (moved.status_code, moved.json()["field"]) == (422, "geometry"), "areas follow from small areas"
    said = {"name": "東の地区", "aliases": ["東地区", "ひがし"]}
    assert staff.send("PATCH", path, {"properties": said}, if_match=tag).status_code == 202
    drafted = staff.get(f"{path}?draft=true").json()["properties"]
    assert drafted == kept["properties"] | said
    listed = staff.get("districts/items?draft=true").json()["features"]
    assert [f["properties"]["no"] for f in listed] == [1, 2, 3, 4]
    assert public(client, path).json()["properties"]["name"] == kept["properties"]["name"]
    page = staff.client.get("/staff/drafts/districts", headers={"accept": "text/html"})
    assert page.status_code == 200 and "東地区、ひがし" in page.text
    # The last test of this module: the town's sample associations retire with it, as with any real districts.
    assert activated(client, "districts") == {"districts"}
    eventually(lambda: public(client, path).json()["properties"]["name"] == "東の地区")
    now = public(client, path).json()
    assert now["properties"]["aliases"] == ["東地区", "ひがし"] and now["geometry"] == kept["geometry"]
