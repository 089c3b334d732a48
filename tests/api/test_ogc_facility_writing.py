"""Records of facilities below /ogc: buildings, rooms and yearly figures, changed in place by whoever keeps them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from starlette.testclient import TestClient

from kyodo_geo.roles import FACILITY_KEEPERS, Role
from tests.api.conftest import JSON
from tests.api.ogc_writer import Writer, at_once, audited, everything, feature, writer
from tests.fixtures_db import DatabaseUrls

BUILDING = {"name": "東の集会所", "floor_area_m2": 210.25, "built_year": 1981, "ledger_no": "Ａ-100"}
ROOM = {"facility_id": "fx", "name": "会議室", "area_m2": 42.5, "capacity": 24}
YEAR = {"facility_id": "fx", "fiscal_year": 2024, "users": 12_345, "cost_yen": 30_000_000_000}
NOUNS = {"buildings": "asset-building", "rooms": "room", "facility-years": "facility-year"}


@pytest.fixture(scope="module")
def staff(client: TestClient, shared_town: DatabaseUrls) -> Writer:
    with psycopg.connect(shared_town.superuser) as conn:
        conn.execute("INSERT INTO kyodo.facility VALUES ('03201', 'fx')")
    return writer(client, Role.FACILITY_STAFF)


def of(answer: Any) -> str:
    return urlsplit(answer.headers["location"]).path.removeprefix("/ogc/collections/")


@pytest.mark.parametrize(
    ("name", "said", "stored", "patch"),
    [
        (
            "buildings",
            BUILDING,
            {"ledger_no": "A-100", "extendable": None},
            {"extendable": False, "floors": 2},
        ),
        ("rooms", ROOM, {"room_no": 1, "id": "fx.1"}, {"valid_to": "2030-04-01", "capacity": 0}),
        ("facility-years", YEAR, {"id": "fx.2024"}, {"open_days": 300, "income_yen": 0}),
    ],
)
def test_a_record_lives(
    client: TestClient, staff: Writer, shared_town: DatabaseUrls, name: str, said: dict[str, Any],
    stored: dict[str, Any], patch: dict[str, Any],
) -> None:  # fmt: skip
    made = staff.create(name, **said)
    path, tag, noun = of(made), made.headers["etag"], NOUNS[name]
    first = made.json()["properties"]
    assert first | said | stored == first and first["quality"] == "real"
    assert audited(shared_town)[1:3] == (f"edit.{noun}.add", f"{noun}/{path.rpartition('/')[2]}")
    assert client.get(f"/ogc/collections/{path}", headers=JSON).json()["properties"] == first
    assert staff.send("PUT", path, made.json(), if_match=tag).headers["etag"] == tag, "read and sent back"

    assert staff.send("PATCH", path, {"properties": patch}).status_code == 428
    patched = staff.send("PATCH", path, {"properties": patch}, if_match=tag)
    assert patched.status_code == 200 and patched.json()["properties"] == first | patch
    changes = {key: {"before": said.get(key), "after": value} for key, value in patch.items()}
    assert audited(shared_town)[3] == changes
    assert staff.send("PUT", path, feature(**said), if_match=tag).status_code == 412
    whole = staff.send("PUT", path, feature(**said), if_match=patched.headers["etag"])
    assert whole.json()["properties"] == first and whole.headers["etag"] == tag
    to_sample = {"properties": {"quality": "sample"}}
    assert staff.send("PATCH", path, to_sample, if_match=tag).status_code == 409

    assert staff.send("DELETE", path).status_code == 428
    assert staff.send("DELETE", path, if_match=tag).status_code == 204
    assert client.get(f"/ogc/collections/{path}", headers=JSON).status_code == 404
    assert audited(shared_town)[1] == f"edit.{noun}.withdraw"
    listed = writer(client).client.get("/staff/audit?topic=facility-records", headers={"accept": "text/html"})
    assert listed.status_code == 200 and path.rpartition("/")[2] in listed.text


@pytest.mark.parametrize(
    ("name", "said", "field"),
    [
        ("buildings", {"floor_area_m2": 0}, "floor_area_m2"),
        ("buildings", {"floor_area_m2": -1.5}, "floor_area_m2"),
        ("buildings", {"floor_area_m2": 1e300}, "floor_area_m2"),
        ("buildings", {"floor_area_m2": "10"}, "floor_area_m2"),
        ("buildings", {"floors": 0}, "floors"),
        ("buildings", {"built_year": 12}, "built_year"),
        ("buildings", {"useful_life": 500}, "useful_life"),
        ("buildings", {"seismic": "maybe"}, "seismic"),
        ("buildings", {"use_class": "city"}, "use_class"),
        ("buildings", {"extendable": "yes"}, "extendable"),
        ("buildings", {"ledger_no": "9" * 41}, "ledger_no"),
        ("buildings", {"acquired_yen": 10, "depreciated_yen": 11}, "depreciated_yen"),
        ("buildings", {"acquired_on": "2020-01-01", "demolished_on": "2019-01-01"}, "demolished_on"),
        ("buildings", {"building_id": "mine"}, "building_id"),
        ("rooms", ROOM | {"facility_id": "nosuch"}, "facility_id"),
        ("rooms", ROOM | {"name": " "}, "name"),
        ("rooms", ROOM | {"room_no": 9}, "room_no"),
        ("rooms", ROOM | {"capacity": -1}, "capacity"),
        ("rooms", ROOM | {"valid_from": "2024-04-01", "valid_to": "2024-04-01"}, "valid_to"),
        ("facility-years", YEAR | {"fiscal_year": 2199}, "fiscal_year"),
        ("facility-years", YEAR | {"fiscal_year": None}, "fiscal_year"),
        ("facility-years", YEAR | {"users": 3_000_000_000}, "users"),
        ("facility-years", YEAR | {"open_days": 367}, "open_days"),
        ("facility-years", YEAR | {"staff_yen": 10**13}, "staff_yen"),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_refused_with_its_field(
    staff: Writer, shared_town: DatabaseUrls, name: str, said: dict[str, Any], field: str
) -> None:
    before = everything(shared_town)
    answer = staff.send("POST", f"{name}/items", feature(**said))
    assert (answer.status_code, answer.json().get("field")) == (422, field), answer.text
    assert everything(shared_town) == before


def test_the_same_twice_and_what_others_rest_on(staff: Writer, shared_town: DatabaseUrls) -> None:
    staff.create("facility-years", **YEAR | {"fiscal_year": 2020})
    again = staff.send("POST", "facility-years/items", feature(**YEAR | {"fiscal_year": 2020}))
    assert (again.status_code, again.json()["field"]) == (422, "fiscal_year")
    made = staff.create("buildings", **BUILDING)
    again = staff.send(
        "POST", "buildings/items", feature(**BUILDING | {"name": "別の名前", "ledger_no": "A-100"})
    )
    assert (again.status_code, again.json()["field"]) == (422, "ledger_no")
    for _ in range(2):  # Nothing says that two buildings without a number are the same.
        staff.create("buildings", name="番号のない建物")
    path = of(made)
    moved = {"properties": {"facility_id": "f2"}}
    year = staff.get("facility-years/items/fx.2020")
    refused = staff.send("PATCH", "facility-years/items/fx.2020", moved, if_match=year.headers["etag"])
    assert (refused.status_code, refused.json()["field"]) == (422, "facility_id")
    with psycopg.connect(shared_town.superuser) as conn:
        conn.execute(
            "INSERT INTO kyodo.facility_building (municipality_code, facility_id, building_id, use_no) "
            "VALUES ('03201', 'fx', %s, 1)",
            (path.rpartition("/")[2],),
        )
    before = everything(shared_town)
    assert staff.send("DELETE", path, if_match=made.headers["etag"]).status_code == 409
    assert everything(shared_town) == before


@pytest.mark.parametrize("role", [Role.PUBLIC, Role.DISTRICT_OFFICER, Role.FACILITY_STAFF, Role.PLANNER])
def test_who_may_change(client: TestClient, shared_town: DatabaseUrls, staff: Writer, role: Role) -> None:
    who = writer(client, role) if role is not Role.PUBLIC else Writer(client, "")
    before = everything(shared_town)
    answer = who.send("POST", "rooms/items", feature(**ROOM | {"name": f"{role} の部屋"}))
    assert answer.status_code == (201 if role in FACILITY_KEEPERS else 401 if role is Role.PUBLIC else 403)
    assert ("POST" in who.client.options("/ogc/collections/rooms/items").headers["allow"]) == (
        role in FACILITY_KEEPERS
    )
    if role is Role.FACILITY_STAFF:
        project = feature(title="事業", district_no=2, fiscal_year=2024)
        assert who.send("POST", "projects/items", project).status_code == 403
    elif role not in FACILITY_KEEPERS:
        assert everything(shared_town) == before


def test_of_two_clients_with_the_same_version_one_wins(client: TestClient, staff: Writer) -> None:
    made = staff.create("buildings", name="ふたりで変える建物")
    answers = at_once(client, of(made), made.headers["etag"], lambda n: {"source": f"書いた人 {n}"})
    assert sorted(answer.status_code for answer in answers.values()) == [200, 412, 412, 412]
    won = next(n for n, answer in answers.items() if answer.status_code == 200)
    assert staff.get(of(made)).json()["properties"]["source"] == f"書いた人 {won}"
