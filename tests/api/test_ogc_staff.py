"""What staff read below /ogc: columns and rows of their own, never kept, looks at vacant houses written down."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient

from api.ogc.answering import item_tag
from kyodo_geo.collections import COLLECTIONS
from kyodo_geo.roles import STAFF, VACANT_HOUSE_READERS, Role
from tests.api import city
from tests.api.conftest import JSON, PAGE, another
from tests.api.ticket_world import sign_in
from tests.fixtures_db import DatabaseUrls

OTHERS = sorted(set(Role) - STAFF - {Role.PUBLIC})


@pytest.fixture
def reader(client: TestClient) -> TestClient:
    """A browser of its own, so that no other test is signed in."""
    return another(client)


def known(client: TestClient) -> set[str]:
    return {c["id"] for c in client.get("/ogc/collections", headers=JSON).json()["collections"]}


def items(client: TestClient, name: str, **query: Any) -> dict[str, Any]:
    answer = client.get(f"/ogc/collections/{name}/items", params=query, headers=JSON)
    assert answer.status_code == 200, answer.text
    return answer.json()


def looks(town: DatabaseUrls) -> list[tuple[str, str, str]]:
    with psycopg.connect(town.superuser) as conn:
        return conn.execute(
            "SELECT actor, action, details->>'rows' FROM kyodo.audit WHERE action = 'vacant-houses.view' ORDER BY entry_no"
        ).fetchall()


@pytest.mark.parametrize("role", sorted(STAFF))
def test_staff_find_their_collections(reader: TestClient, role: Role) -> None:
    sign_in(reader, role)
    assert ("vacant-houses" in known(reader)) == (role in VACANT_HOUSE_READERS)
    assert "memberships" in known(reader)
    assert items(reader, "memberships")["numberMatched"] == 16
    answer = reader.get("/ogc/collections/vacant-houses/items", headers=JSON)
    assert answer.status_code == (200 if role in VACANT_HOUSE_READERS else 404)


@pytest.mark.parametrize("role", OTHERS)
def test_partners_counters_and_the_like_read_what_everybody_reads(
    reader: TestClient, client: TestClient, role: Role
) -> None:
    sign_in(reader, role)
    path = "/ogc/collections/associations/items"
    mine, everybodys = reader.get(path, headers=JSON), client.get(path, headers=JSON)
    assert mine.headers["etag"] == everybodys.headers["etag"]
    assert known(reader) == known(client)


def test_what_staff_read_is_private_and_leaves_no_trace_in_what_is_kept(
    reader: TestClient, client: TestClient
) -> None:
    sign_in(reader, Role.PLANNER)
    path = "/ogc/collections/associations/items?limit=2"
    before = client.get(path, headers=JSON)
    staff = reader.get(path, headers=JSON)
    assert staff.headers["cache-control"] == "private, no-store"
    assert staff.json()["features"][0]["properties"]["households"] == 200
    kept = reader.get(path, headers={**JSON, "if-none-match": before.headers["etag"]})
    assert kept.status_code == 200, "the public's tag is not the tag of what staff read"
    after = client.get(path, headers=JSON)
    assert after.content == before.content
    assert "households" not in after.json()["features"][0]["properties"]
    cache = client.app.state.services.cache
    assert not any(b'"member_households"' in answer.body for _, answer in cache._items.values())


def test_columns_of_staff_can_be_asked_for_by_staff_alone(reader: TestClient, client: TestClient) -> None:
    sign_in(reader, Role.DISTRICT_OFFICER)
    query = {"households": 200, "sortby": "-membership_rate", "properties": "member_households"}
    assert items(reader, "associations", **query)["numberMatched"] == 2
    for name, value in query.items():
        answer = client.get("/ogc/collections/associations/items", params={name: value}, headers=JSON)
        assert answer.status_code == 400
        assert "households" not in answer.json()["detail"]


def test_counts_are_those_of_the_reader(reader: TestClient, client: TestClient) -> None:
    """Two contacts, of which one is published: whoever asks first must not decide what the other is told."""
    sign_in(reader, Role.PLANNER)
    for first, second in ((reader, client), (client, reader)):
        counts = {
            who: items(who, "association-contacts", limit=1, association_id="a11") for who in (first, second)
        }
        assert counts[reader]["numberMatched"] == 2
        assert counts[client]["numberMatched"] == 1


@pytest.mark.parametrize(
    ("path", "rows"),
    [
        ("/items", 1),
        ("/items/v1", 1),
        ("/items?limit=1&rank=B", 0),
        ("/items?f=html", 1),
        ("/items/v1?f=html", 1),
    ],
)
def test_each_look_at_vacant_houses_is_written_down(
    reader: TestClient, shared_town: DatabaseUrls, path: str, rows: int
) -> None:
    sign_in(reader, Role.PLANNER)
    before = looks(shared_town)
    answer = reader.get(f"/ogc/collections/vacant-houses{path}", headers=JSON)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert looks(shared_town)[len(before) :] == [("planner-x", "vacant-houses.view", str(rows))]


def test_addresses_of_vacant_houses_are_no_question(reader: TestClient) -> None:
    sign_in(reader, Role.PLANNER)
    base = "/ogc/collections/vacant-houses"
    queryables = reader.get(f"{base}/queryables", headers=JSON).json()["properties"]
    assert "rank" in queryables
    assert "address" not in queryables
    for query in ("address=x", "sortby=address"):
        assert reader.get(f"{base}/items?{query}", headers=JSON).status_code == 400


def test_pages_for_staff_name_them_and_are_not_kept(reader: TestClient) -> None:
    sign_in(reader, Role.PLANNER)
    for path in ("/ogc", "/ogc/collections", "/ogc/collections/associations/items", "/ogc/api"):
        answer = reader.get(path, headers=PAGE)
        assert answer.status_code == 200
        assert "サインアウト" in answer.text
        assert answer.headers["cache-control"] == "private, no-store"
        assert city.HOSTILE not in answer.text


def test_the_tag_of_an_item_follows_its_row(reader: TestClient, shared_town: DatabaseUrls) -> None:
    sign_in(reader, Role.PLANNER)
    path = "/ogc/collections/district-plans/items/"

    def tag(no: str, who: TestClient) -> str:
        return item_tag(who.get(f"{path}{no}", headers=JSON).headers["etag"])

    nobody = another(reader)
    before = tag("1.1", reader), tag("2.1", reader)
    assert len(before[0]) == 32
    assert tag("1.1", nobody) == before[0], "of what both may see"
    with psycopg.connect(shared_town.superuser) as conn:
        conn.execute("UPDATE kyodo.district_plan SET note = '変更' WHERE district_no = 1")
    assert tag("1.1", reader) != before[0]
    assert tag("2.1", reader) == before[1]


def test_every_collection_and_part_answers_staff(reader: TestClient) -> None:
    sign_in(reader, Role.ADMINISTRATOR)
    for name in known(reader) - {"datasets"}:
        for part in ("", "/items", "/schema", "/queryables", "/sortables"):
            for headers in (JSON, PAGE):
                answer = reader.get(f"/ogc/collections/{name}{part}", headers=headers)
                assert answer.status_code == 200, (name, part)
        for key in COLLECTIONS[name].sortables:
            assert items(reader, name, sortby=f"-{key.name}", limit=2)["numberReturned"] <= 2


def test_a_key_that_no_longer_holds_is_told_so(client: TestClient) -> None:
    answer = client.get("/ogc", headers={**JSON, "authorization": "Bearer kg_nosuch"})
    assert answer.status_code == 401
