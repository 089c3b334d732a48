"""Features of collections from PostGIS: orders, pages, conditions, coordinates, and what each role gets."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row, tuple_row

from geodata.features import query as features_of
from geodata.features.query import Cursor, FeatureQuery
from geodata.features.sources import SOURCES
from geodata.queries.generation import Ref, resolve
from kyodo_geo.collections import COLLECTIONS, Collection
from kyodo_geo.errors import InputError
from kyodo_geo.roles import Role
from tests.api import city

DAY = date(2026, 4, 1)
PUBLIC = {Role.PUBLIC}
PLANNER = {Role.PUBLIC, Role.PLANNER}


@pytest.fixture
def ref(conn: psycopg.Connection[Any]) -> Ref:
    conn.row_factory = tuple_row
    city.build(conn)
    conn.row_factory = dict_row
    return resolve(conn, city.CODE)


def seen(collection_id: str, roles: set[Role]) -> Collection:
    found = COLLECTIONS[collection_id].seen_by(roles)
    assert found is not None
    return found


def as_role(conn: psycopg.Connection[Any], role: str) -> None:
    conn.execute("RESET ROLE")
    conn.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
    conn.execute("SET LOCAL search_path = kyodo, public")


def ask(conn: Any, ref: Ref, collection_id: str, roles: set[Role] = PUBLIC, **kwargs: Any) -> list[Any]:
    query = FeatureQuery(**kwargs)
    return list(features_of.features(conn, ref, seen(collection_id, roles), query, DAY))


@pytest.mark.parametrize("collection_id", SOURCES)
def test_every_collection_can_be_read_by_those_who_may(conn: Any, ref: Ref, collection_id: str) -> None:
    roles = PUBLIC if COLLECTIONS[collection_id].seen_by(PUBLIC) else PLANNER
    as_role(conn, "kyodo_public" if roles == PUBLIC else "kyodo_staff")
    collection = seen(collection_id, roles)
    rows = ask(conn, ref, collection_id, roles, limit=None)
    assert len(rows) == features_of.count(conn, ref, collection, FeatureQuery(), DAY)
    assert len({row.id for row in rows}) == len(rows)
    assert all(list(row.properties) == [p.name for p in collection.properties] for row in rows)
    features_of.extent(conn, ref, collection, DAY)
    for row in rows:
        found = features_of.one(conn, ref, collection, row.id, FeatureQuery(), DAY)
        assert found is not None
        assert (found.id, found.properties, found.geometry) == (row.id, row.properties, row.geometry)
    for p in collection.sortables:
        both = [ask(conn, ref, collection_id, roles, sort=((p.name, down),)) for down in (False, True)]
        assert {r.id for r in both[0]} == {r.id for r in both[1]}


def test_figures_of_districts_are_those_of_the_pages(conn: Any, ref: Ref) -> None:
    from geodata.queries.districts import districts

    as_role(conn, "kyodo_public")
    rows = {row.no: row for row in districts(conn, ref, 2020, on=DAY)}
    for found in ask(conn, ref, "districts"):
        row = rows[found.properties["no"]]
        assert found.geometry == row.geometry
        assert found.properties["plan_state"] == row.plan_state
        assert found.properties["people"] == row.people
        assert found.properties["associations"] == row.associations
        assert found.properties["membership_rate"] == pytest.approx(row.membership_rate)
        assert found.properties["area_m2"] == pytest.approx(row.area_m2, abs=0.06)


def test_district_of_each_association_is_that_of_the_database_function(conn: Any, ref: Ref) -> None:
    conn.execute("SET LOCAL session_replication_role = replica")
    conn.execute("DELETE FROM kyodo.association_district WHERE association_id IN ('a11', 'a32')")
    rows = conn.execute("SELECT * FROM association_districts(%(m)s, %(g)s)", ref.args)
    expected = {row["association_id"]: (row["district_no"], row["basis"]) for row in rows}
    found = {
        row.id: (row.properties["district_no"], row.properties["district_basis"])
        for row in ask(conn, ref, "associations")
    }
    assert found == expected
    assert {basis for _, basis in found.values()} == {"list", "area"}


@pytest.mark.parametrize("sort", [(), (("plan_state", False),), (("plan_state", True), ("people", True))])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_by_cursor_give_every_id_once_in_both_directions(
    conn: Any, ref: Ref, sort: tuple[tuple[str, bool], ...], size: int
) -> None:
    """District 3 has no plan record: its NULL stands last, ascending and descending."""
    whole = ask(conn, ref, "districts", sort=sort)
    if sort:
        assert whole[-1].id == "3"
    pages = []
    after = None
    while rows := ask(conn, ref, "districts", sort=sort, limit=size, after=after):
        pages += [row.id for row in rows]
        after = Cursor(rows[-1].position)
    assert pages == [row.id for row in whole]
    back: list[str] = []
    before: Cursor | None = Cursor(whole[-1].position, before=True)
    while rows := ask(conn, ref, "districts", sort=sort, limit=size, after=before):
        back += [row.id for row in rows]
        before = Cursor(rows[-1].position, before=True)
    assert back[::-1] == [row.id for row in whole[:-1]]


def test_the_public_gets_published_contacts_of_the_present_day_only(conn: Any, ref: Ref) -> None:
    conn.execute("UPDATE kyodo.association_contact SET valid_to = '2020-01-01' WHERE published")
    as_role(conn, "kyodo_public")
    assert ask(conn, ref, "association-contacts") == []
    assert features_of.estimate(conn, ref, seen("association-contacts", PUBLIC), FeatureQuery(), DAY) == 0
    as_role(conn, "kyodo_staff")
    assert len(ask(conn, ref, "association-contacts", PLANNER)) == 2


def test_public_database_role_is_refused_what_only_staff_may_read(conn: Any, ref: Ref) -> None:
    for collection_id in ("memberships", "halls", "vacant-houses"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
            as_role(conn, "kyodo_public")
            ask(conn, ref, collection_id, PLANNER)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
        as_role(conn, "kyodo_public")
        ask(conn, ref, "associations", PLANNER)


def test_coordinates_in_the_plane_zone_are_metres_northing_first(conn: Any, ref: Ref) -> None:
    lonlat = json.loads(ask(conn, ref, "facilities", limit=1)[0].geometry)["coordinates"]
    swapped = json.loads(ask(conn, ref, "facilities", limit=1, flip=True)[0].geometry)["coordinates"]
    assert swapped == lonlat[::-1]
    plane = json.loads(ask(conn, ref, "facilities", limit=1, epsg=6678, flip=True)[0].geometry)["coordinates"]
    north, east = plane
    # 39.705 N lies 32.7 km south of the zone's origin at 40 N, 141.105 E lies 23.3 km east of 140°50'.
    assert (north, east) == (pytest.approx(-32_715, abs=60), pytest.approx(23_300, abs=60))


def test_boxes_include_their_borders_and_leave_out_what_has_no_place(conn: Any, ref: Ref) -> None:
    west = city.WEST
    inside = ask(conn, ref, "districts", bbox=(west + 0.001, 39.7, west + 0.002, 39.71))
    assert [row.id for row in inside] == ["1"]
    touching = ask(conn, ref, "districts", bbox=(west - 1, 39.0, west, 40.0))
    assert [row.id for row in touching] == ["1"]
    assert ask(conn, ref, "districts", bbox=(170.0, -90, -170.0, 90)) == []
    assert len(ask(conn, ref, "districts", bbox=(140.0, -90, -170.0, 90))) == 4
    assert ask(conn, ref, "district-plans", bbox=(140.0, 39, 142, 40)) == []


def test_intervals_choose_the_records_that_hold_in_them(conn: Any, ref: Ref) -> None:
    conn.execute(
        "UPDATE kyodo.district_plan SET valid_from = '2020-04-01', valid_to = '2023-04-01' WHERE district_no = 1"
    )
    conn.execute("DELETE FROM kyodo.district_plan WHERE district_no <> 1")

    def ids(first: date | None, last: date | None) -> list[str]:
        return [row.id for row in ask(conn, ref, "district-plans", interval=(first, last))]

    assert ids(date(2023, 3, 31), date(2023, 3, 31)) == ["1.1"]
    assert ids(date(2023, 4, 1), None) == []
    assert ids(None, date(2020, 3, 31)) == []
    assert ids(None, date(2020, 4, 1)) == ["1.1"]
    extent = features_of.extent(conn, ref, seen("district-plans", PUBLIC), DAY)
    assert (extent.bbox, extent.begin, extent.end) == (None, date(2020, 4, 1), date(2023, 3, 31))


def test_values_and_names_of_others_are_refused(conn: Any, ref: Ref) -> None:
    assert [row.id for row in ask(conn, ref, "districts", equals={"plan_state": "adopted"})] == ["1"]
    with pytest.raises(InputError):
        ask(conn, ref, "associations", equals={"households": 1})
    with pytest.raises(InputError):
        ask(conn, ref, "associations", sort=(("households", False),))
    with pytest.raises(InputError):
        ask(conn, ref, "districts", after=Cursor((1, 2)))


def test_tag_of_an_item_changes_with_its_row_alone(conn: Any, ref: Ref) -> None:
    collection = seen("district-plans", PUBLIC)

    def tag(record: str) -> str:
        found = features_of.one(conn, ref, collection, record, FeatureQuery(), DAY)
        assert found is not None
        return found.tag

    before = tag("1.1"), tag("2.1")
    conn.execute("UPDATE kyodo.district_plan SET note = '変更' WHERE district_no = 1")
    assert tag("1.1") != before[0]
    assert tag("2.1") == before[1]


def test_counting_associations_does_not_look_for_their_districts(conn: Any, ref: Ref) -> None:
    text = SOURCES["associations"].select({"name"}, staff=False).as_string(None)
    assert "district_area" not in text
    assert "membership" not in text
