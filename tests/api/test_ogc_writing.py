"""Changes below /ogc: who may, what is refused, that nobody overwrites another unseen, and that a failure keeps everything."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from starlette.testclient import TestClient

from kyodo_geo.roles import Role
from tests.api.conftest import HOST, JSON, another
from tests.api.ogc_writer import FEATURE, PATCH, Writer, at_once, audited, everything, feature, writer
from tests.api.ticket_world import sign_in
from tests.fixtures_db import DatabaseUrls
from tests.fixtures_replica import eventually

EDITORS = {Role.PLANNER, Role.ADMINISTRATOR}
PROJECT = {"title": "見守り", "district_no": 2, "fiscal_year": 2025}


@pytest.fixture(scope="module")
def staff(client: TestClient) -> Writer:
    return writer(client)


def of(answer: Any) -> str:
    """Path below /ogc/collections of a new feature."""
    return urlsplit(answer.headers["location"]).path.removeprefix("/ogc/collections/")


def test_a_project_lives(staff: Writer, shared_town: DatabaseUrls) -> None:
    made = staff.create("projects", **PROJECT, grant_yen=300_000)
    path, tag = of(made), made.headers["etag"]
    assert (
        made.headers["content-type"] == FEATURE
        and made.headers["content-location"] == made.headers["location"]
    )
    assert made.json()["properties"] == {
        **PROJECT, "project_id": path.rpartition("/")[2], "theme": None, "grant_yen": 300_000, "participants": None,
        "counts_as_project": True, "quality": "real", "source": None,
    }  # fmt: skip
    assert staff.get(path).headers["etag"] == tag and not tag.startswith("W/")
    assert audited(shared_town)[:3] == ("planner-x", "edit.project.add", f"project/{path.rpartition('/')[2]}")

    whole = feature(**PROJECT, theme="防災", counts_as_project=False)
    put = staff.send("PUT", path, whole, if_match=tag)
    assert put.status_code == 200 and put.json()["properties"]["grant_yen"] is None, (
        "what is not said is not kept"
    )
    assert audited(shared_town)[1] == "edit.project.correct"
    assert audited(shared_town)[3]["grant_yen"] == {"before": 300_000, "after": None}

    patch = {"properties": {"participants": 40, "theme": None}}
    patched = staff.send("PATCH", path, patch, if_match=put.headers["etag"])
    assert patched.status_code == 200
    now = staff.get(path)
    assert now.headers["etag"] == patched.headers["etag"] != put.headers["etag"]
    assert now.json()["properties"] | PROJECT == now.json()["properties"]
    assert (now.json()["properties"]["participants"], now.json()["properties"]["theme"]) == (40, None)
    assert now.json()["properties"]["counts_as_project"] is False, (
        "a patch leaves alone what it does not name"
    )

    gone = staff.send("DELETE", path, if_match=now.headers["etag"])
    assert (gone.status_code, gone.content) == (204, b"")
    assert staff.get(path).status_code == 404
    assert audited(shared_town)[1] == "edit.project.withdraw"


def test_what_was_read_can_be_sent_back(staff: Writer) -> None:
    path = of(staff.create("projects", **PROJECT | {"title": "往復"}))
    read = staff.get(path)
    back = staff.send("PUT", path, read.json(), if_match=read.headers["etag"])
    assert back.status_code == 200 and back.headers["etag"] == read.headers["etag"]


def test_a_plan_lives_and_its_periods_follow(staff: Writer, shared_town: DatabaseUrls) -> None:
    said = {"district_no": 2, "title": "東の計画", "source": "市の資料"}
    first = staff.create("district-plans", **said, state="in_preparation", valid_from="2023-04-01")
    before = first.headers["etag"]
    second = staff.create("district-plans", **said, state="adopted", valid_from="2024-04-01", valid_to=None)
    assert audited(shared_town)[:3] == ("planner-x", "edit.plan.add", "district-plan/2")
    now = staff.get(of(first))
    assert now.json()["properties"]["valid_to"] == "2024-04-01" and now.headers["etag"] != before
    patched = staff.send(
        "PATCH", of(second), {"properties": {"valid_from": "2024-05-01"}}, if_match=second.headers["etag"]
    )
    assert patched.status_code == 200
    assert staff.get(of(first)).json()["properties"]["valid_to"] == "2024-05-01"
    stale = staff.send("DELETE", of(second), if_match=second.headers["etag"])
    assert stale.status_code == 412
    assert staff.send("DELETE", of(second), if_match=patched.headers["etag"]).status_code == 204
    assert staff.get(of(first)).json()["properties"]["valid_to"] is None


def test_a_contact_lives_and_nothing_personal_is_told(
    client: TestClient, staff: Writer, shared_town: DatabaseUrls
) -> None:
    said = {"association_id": "a12", "role": "president", "name": "秘密 花子", "phone": "019-000-7777"}
    made = staff.create("association-contacts", **said)
    path, tag = of(made), made.headers["etag"]
    assert made.json()["properties"]["published"] is False, "nobody is published who did not agree"
    assert client.get(f"/ogc/collections/{path}", headers=JSON).status_code == 404
    assert staff.send("PATCH", path, {"properties": {"published": None}}, if_match=tag).status_code == 422
    moved = staff.send("PATCH", path, {"properties": {"association_id": "a11"}}, if_match=tag)
    assert (moved.status_code, moved.json()["field"]) == (422, "association_id")
    patched = staff.send(
        "PATCH", path, {"properties": {"name": "秘密 次郎", "published": True}}, if_match=tag
    )
    assert patched.status_code == 200 and patched.headers["cache-control"] == "private, no-store"
    assert client.get(f"/ogc/collections/{path}", headers=JSON).json()["properties"]["name"] == "秘密 次郎"
    assert staff.send("DELETE", path, if_match=tag).status_code == 412
    assert staff.send("DELETE", path, if_match=patched.headers["etag"]).status_code == 204
    with psycopg.connect(shared_town.superuser) as conn:
        told = conn.execute(
            "SELECT action, details::text FROM kyodo.audit WHERE target = 'contacts/a12' ORDER BY entry_no"
        ).fetchall()
    assert [action for action, _ in told] == [
        f"edit.contact.{word}" for word in ("add", "correct", "withdraw")
    ]
    assert not any(word in text for _, text in told for word in ("秘密", "7777"))


@pytest.mark.parametrize(
    ("properties", "field"),
    [
        ({"association_id": "nosuch", "role": "office", "name": "事務局"}, "association_id"),
        ({"role": "office", "name": "事務局"}, "association_id"),
        ({"association_id": "a12", "role": "king", "name": "事務局"}, "role"),
        ({"association_id": "a12", "role": "office"}, "name"),
        ({"association_id": "a12", "role": "office", "phone": "電話"}, "phone"),
        ({"association_id": "a12", "role": "office", "email": "x"}, "email"),
        ({"association_id": "a12", "role": "office", "name": "事務局", "contact_no": 1}, "contact_no"),
        ({"association_id": "a12", "role": "office", "name": "事務局", "valid_to": "2030-01-01"}, "valid_to"),
    ],
)
def test_contacts_that_do_not_hold(
    staff: Writer, shared_town: DatabaseUrls, properties: dict[str, Any], field: str
) -> None:
    before = everything(shared_town)
    answer = staff.send("POST", "association-contacts/items", feature(**properties))
    assert (answer.status_code, answer.json().get("field")) == (422, field), answer.text
    assert everything(shared_town) == before


REFUSED = [
    (PROJECT | {"title": ""}, "title"),
    (PROJECT | {"title": None}, "title"),
    (PROJECT | {"title": "あ" * 201}, "title"),
    (PROJECT | {"title": "改\u0000行"}, "title"),
    (PROJECT | {"title": 5}, "title"),
    (PROJECT | {"district_no": 99}, "district_no"),
    (PROJECT | {"district_no": "2"}, "district_no"),
    (PROJECT | {"district_no": True}, "district_no"),
    (PROJECT | {"district_no": None}, "district_no"),
    (PROJECT | {"fiscal_year": 1900}, "fiscal_year"),
    (PROJECT | {"fiscal_year": 2025.5}, "fiscal_year"),
    (PROJECT | {"grant_yen": -1}, "grant_yen"),
    (PROJECT | {"grant_yen": 1e300}, "grant_yen"),
    (PROJECT | {"grant_yen": 9_000_000_000}, "grant_yen"),
    (PROJECT | {"grant_yen": [1]}, "grant_yen"),
    (PROJECT | {"counts_as_project": "yes"}, "counts_as_project"),
    (PROJECT | {"counts_as_project": None}, "counts_as_project"),
    (PROJECT | {"quality": "guess"}, "quality"),
    (PROJECT | {"quality": None}, "quality"),
    (PROJECT | {"project_id": "mine"}, "project_id"),
    (PROJECT | {"nosuch": 1}, "properties"),
    ({"title": "年度なし", "district_no": 2}, "fiscal_year"),
]


@pytest.mark.parametrize(("properties", "field"), REFUSED)
def test_what_does_not_hold_is_refused_with_its_field(
    staff: Writer, shared_town: DatabaseUrls, properties: dict[str, Any], field: str
) -> None:
    before = everything(shared_town)
    answer = staff.send("POST", "projects/items", feature(**properties))
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["field"] == field and answer.json()["detail"].endswith(("。", "）。"))
    assert everything(shared_town) == before


@pytest.mark.parametrize(
    ("properties", "field"),
    [
        ({"district_no": 99, "state": "none"}, "district_no"),
        ({"state": "none"}, "district_no"),
        ({"district_no": 3, "state": "fine"}, "state"),
        ({"district_no": 3}, "state"),
        ({"district_no": 3, "state": "none", "valid_from": "2999-01-01"}, "valid_from"),
        ({"district_no": 3, "state": "none", "valid_from": "令和6年4月1日"}, "valid_from"),
        ({"district_no": 3, "state": "none", "valid_from": "2024-02-30"}, "valid_from"),
        ({"district_no": 3, "state": "none", "valid_to": "2030-01-01"}, "valid_to"),
        ({"district_no": 3, "state": "none", "record_no": 7}, "record_no"),
        ({"district_no": 3, "state": "none", "document_url": "javascript:alert(1)"}, "document_url"),
    ],
)
def test_plans_that_do_not_hold(
    staff: Writer, shared_town: DatabaseUrls, properties: dict[str, Any], field: str
) -> None:
    before = everything(shared_town)
    answer = staff.send("POST", "district-plans/items", feature(**properties))
    assert (answer.status_code, answer.json().get("field")) == (422, field), answer.text
    assert everything(shared_town) == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"", 400),
        (b'{"type":"Feature","geometry":null,"properties":{"title":NaN}}', 400),
        (b"\xff\xfe", 400),
        (b"[" * 5000, 400),
        (b"[]", 422),
        (b"null", 422),
        (b'{"type":"FeatureCollection","features":[]}', 422),
        (b'{"type":"Feature","geometry":null,"properties":null}', 422),
        (b'{"type":"Feature","properties":{}}', 422),
        (b'{"type":"Feature","geometry":{"type":"Point","coordinates":[141,39]},"properties":{}}', 422),
        (b'{"type":"Feature","geometry":null,"properties":{},"id":"mine"}', 422),
        (b'{"type":"Feature","geometry":null,"properties":{},"id":{}}', 422),
        (b" " * 70_000, 413),
    ],
)
def test_bodies_that_are_none(staff: Writer, shared_town: DatabaseUrls, body: bytes, status: int) -> None:
    before = everything(shared_town)
    assert staff.send("POST", "projects/items", body).status_code == status
    assert everything(shared_town) == before


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (None, 400),
        ("application/json", 415),
        ("text/plain", 415),
        (PATCH, 415),
        ("application/geo+json; charset=shift_jis", 415),
        ("application/geo+json; charset=utf-8", 201),
    ],
)
def test_types_of_content(staff: Writer, said: str | None, status: int) -> None:
    body = feature(**PROJECT | {"title": f"形式 {said}"})
    answer = staff.send("POST", "projects/items", body, content_type=said)
    assert answer.status_code == status
    if status == 415:
        assert answer.headers["accept-post"] == FEATURE


def test_a_system_of_coordinates_must_be_known(staff: Writer) -> None:
    body = feature(**PROJECT | {"title": "座標"})
    assert staff.send("POST", "projects/items", body, content_crs="<urn:nosuch>").status_code == 400
    known = "<http://www.opengis.net/def/crs/EPSG/0/6668>"
    assert staff.send("POST", "projects/items", body, content_crs=known).status_code == 201


def test_the_same_record_twice_is_refused(staff: Writer) -> None:
    staff.create("projects", **PROJECT | {"title": "二度"})
    again = staff.send("POST", "projects/items", feature(**PROJECT | {"title": "二度"}))
    assert again.status_code == 422 and "もう登録" in again.json()["detail"]


def test_a_change_must_rest_on_what_is_stored(staff: Writer, shared_town: DatabaseUrls) -> None:
    made = staff.create("projects", **PROJECT | {"title": "鍵"})
    path, tag = of(made), made.headers["etag"]
    whole, before = feature(**PROJECT | {"title": "鍵 2"}), everything(shared_town)
    for method, body in (("PUT", whole), ("PATCH", {"properties": {"title": "鍵 2"}}), ("DELETE", None)):
        missing = staff.send(method, path, body)
        assert (missing.status_code, missing.json()["field"]) == (428, "If-Match")
        for said, status in (
            ("*", 428), ('"0"', 412), (f"W/{tag}", 412), (tag.strip('"'), 412), ("nonsense", 412), ("", 412),
        ):  # fmt: skip
            assert staff.send(method, path, body, if_match=said).status_code == status, (method, said)
        assert staff.send(method, path, body, if_match=tag, if_none_match="*").status_code == 412
        for unknown in ("projects/items/nosuch", "projects/items/%E3%81%82", "district-plans/items/2.99"):
            assert staff.send(method, unknown, body, if_match=tag).status_code == 404, (method, unknown)
            assert staff.send(method, unknown, body, if_none_match="*").status_code == 404
    assert everything(shared_town) == before
    assert staff.send("PUT", path, whole, if_match=f'"0", {tag}').status_code == 200


@pytest.mark.parametrize(
    ("patch", "field"),
    [
        ([], "type"),
        ({"properties": None}, "properties"),
        ({"id": "other"}, "id"),
        ({"properties": {"project_id": "other"}}, "project_id"),
        ({"properties": {"project_id": None}}, "project_id"),
        ({"properties": {"title": None}}, "title"),
        ({"properties": {"counts_as_project": None}}, "counts_as_project"),
        ({"geometry": {"type": "Point", "coordinates": [141.1, 39.7]}}, "geometry"),
        ({"type": None}, "type"),
    ],
)
def test_patches_that_do_not_hold(
    staff: Writer, shared_town: DatabaseUrls, patch: Any, field: str, request: pytest.FixtureRequest
) -> None:
    made = staff.create("projects", **PROJECT | {"title": request.node.name})
    before = everything(shared_town)
    answer = staff.send("PATCH", of(made), patch, if_match=made.headers["etag"])
    assert (answer.status_code, answer.json().get("field")) == (422, field), answer.text
    assert everything(shared_town) == before


def test_what_fails_at_the_very_end_leaves_nothing(
    staff: Writer, shared_town: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(shared_town)

    def fails(*_: Any) -> None:
        raise RuntimeError("the answer cannot be made")

    monkeypatch.setattr("api.ogc.item.as_geojson", fails)
    answer = staff.send("POST", "projects/items", feature(**PROJECT | {"title": "最後に失敗"}))
    assert answer.status_code == 500 and everything(shared_town) == before


@pytest.mark.parametrize(
    ("collection", "said"),
    [
        ("projects", PROJECT | {"title": "競う"}),
        ("district-plans", {"district_no": 4, "state": "none", "valid_from": "2022-04-01"}),
    ],
)
def test_of_writers_at_once_exactly_one_wins(
    client: TestClient, staff: Writer, shared_town: DatabaseUrls, collection: str, said: dict[str, Any]
) -> None:
    made = staff.create(collection, **said)
    path, tag = of(made), made.headers["etag"]
    answers = at_once(client, path, tag, lambda n: {"source": f"書いた人 {n}"})
    assert sorted(answer.status_code for answer in answers.values()) == [200, 412, 412, 412]
    won = next(n for n, answer in answers.items() if answer.status_code == 200)
    assert staff.get(path).json()["properties"]["source"] == f"書いた人 {won}"
    assert audited(shared_town)[3] == {"source": {"before": None, "after": f"書いた人 {won}"}}


CHANGES = [
    ("POST", "projects/items", feature(**PROJECT | {"title": "だれ"})),
    ("PUT", "projects/items/nosuch", feature(**PROJECT)),
    ("PATCH", "projects/items/nosuch", {}),
    ("DELETE", "projects/items/nosuch", None),
]


@pytest.fixture(scope="module")
def project(staff: Writer) -> str:
    """The id of a project that everybody reads."""
    found: str = staff.create("projects", **PROJECT | {"title": "だれでも読める"}).json()["id"]
    return found


@pytest.mark.parametrize("role", list(Role))
def test_who_may_change(client: TestClient, shared_town: DatabaseUrls, project: str, role: Role) -> None:
    who = another(client)
    sign_in(who, None if role is Role.PUBLIC else role)
    token = who.get("/ogc", headers=JSON).headers.get("x-csrf-token", "")
    sender, before = Writer(who, token), everything(shared_town)
    for method, path, body in CHANGES:
        body = feature(**PROJECT | {"title": f"だれ {role}"}) if method == "POST" else body
        answer = sender.send(method, path, body, if_match='"0"')
        wanted = 401 if role is Role.PUBLIC else 403
        if role in EDITORS:
            wanted = 201 if method == "POST" else 404
        assert answer.status_code == wanted, (role, method, answer.text)
    assert (everything(shared_town) == before) == (role not in EDITORS)
    allow = who.options("/ogc/collections/projects/items").headers["allow"]
    assert ("POST" in allow) == (role in EDITORS)
    definition = who.get("/ogc/api", headers=JSON).json()["paths"]
    assert ("post" in definition["/ogc/collections/projects/items"]) == (role in EDITORS)
    one = who.get(f"/ogc/collections/projects/items/{project}", headers=JSON).json()
    assert ("edit" in {link["rel"] for link in one["links"]}) == (role in EDITORS)
    if role is Role.PUBLIC:
        assert token == "" and "post" not in str(
            who.get("/api/v1/openapi.json").json()["paths"].get("/ogc", "")
        )


def test_pages_of_other_sites_change_nothing(staff: Writer, shared_town: DatabaseUrls) -> None:
    before = everything(shared_town)
    body = feature(**PROJECT | {"title": "よそ"})
    for headers in (
        {"x_csrf_token": None}, {"x_csrf_token": "x"},
        {"origin": "https://evil.example"}, {"origin": "null"}, {"sec_fetch_site": "cross-site"},
    ):  # fmt: skip
        for method, path, sent in (("POST", "projects/items", body), *CHANGES[1:]):
            assert staff.send(method, path, sent, **headers).status_code == 403, (headers, method)
    assert everything(shared_town) == before
    assert staff.send("POST", "projects/items", body, origin=HOST).status_code == 201


def test_another_municipality_is_not_theirs(staff: Writer, shared_town: DatabaseUrls) -> None:
    before = everything(shared_town)
    answer = staff.send("POST", "projects/items?municipality=13101", feature(**PROJECT | {"title": "他市"}))
    assert (answer.status_code, answer.json()["field"]) == (403, "municipality")
    assert staff.send("POST", "projects/items?nosuch=1", feature(**PROJECT)).status_code == 400
    assert staff.send("POST", "projects/items?as_of=2020-01-01", feature(**PROJECT)).status_code == 400
    assert everything(shared_town) == before


@pytest.mark.parametrize("signed_in", [True, False])
def test_collections_that_take_no_changes_say_so(client: TestClient, staff: Writer, signed_in: bool) -> None:
    staff = staff if signed_in else Writer(another(client), "")
    for name in ("outline", "towns", "memberships", "datasets")[: None if signed_in else 2]:
        for method, path, body in (
            ("POST", f"{name}/items", feature()), ("PUT", f"{name}/items/1", feature()),
            ("PATCH", f"{name}/items/1", {}), ("DELETE", f"{name}/items/1", None),
        ):  # fmt: skip
            answer = staff.send(method, path, body)
            assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS"), (
                name,
                method,
            )
        for method, path in (("DELETE", f"{name}/items"), ("POST", f"{name}/items/1")):
            answer = staff.send(method, path)
            assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
        told = staff.client.options(f"/ogc/collections/{name}/items")
        assert (told.status_code, told.headers["allow"]) == (200, "GET, HEAD, OPTIONS")
    unseen = "nosuch" if signed_in else "memberships"
    for method, path, body in (("POST", f"{unseen}/items", feature()), ("DELETE", f"{unseen}/items/1", None)):
        assert staff.send(method, path, body).status_code == 404
    for method in ("GET", "PUT", "PATCH", "DELETE", "OPTIONS"):
        for name in ("projects", "towns"):
            nothing = staff.send(method, f"{name}/items/")
            assert (nothing.status_code, nothing.headers["content-type"]) == (404, "application/problem+json")
    assert staff.client.options("/ogc/collections/nosuch/items").status_code == 404


def test_the_public_reads_the_change(client: TestClient, staff: Writer) -> None:
    path = "/ogc/collections/projects/items"
    before = client.get(path, headers=JSON)
    staff.create("projects", **PROJECT | {"title": "公開される事業"})
    eventually(lambda: client.get(path, headers=JSON).headers["etag"] != before.headers["etag"])
    assert "公開される事業" in client.get(f"{path}?limit=1000", headers=JSON).text
