"""Reads of one generation: pages, filters, roles, and the snapshot the lookup is built from."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
import pytest
import shapely

from geodata.database import Audience, Database
from geodata.queries import associations, coverage, facilities, plans, small_areas, vacant
from geodata.queries.districts import district, districts
from geodata.queries.generation import resolve
from geodata.queries.snapshot import lookup_snapshot
from kyodo_geo.errors import NotFoundError
from kyodo_geo.quality import Quality
from tests.factories import (
    CODE,
    association_rows,
    district_rows,
    make_active,
    point,
    put,
    small_area_rows,
    square,
)


def facility(id_: str, x: float, **facts: Any) -> dict[str, Any]:
    row = {
        "facility_id": id_,
        "name": f"施設{id_}",
        "kana": None,
        "kind": "地区活動センター",
        "activity": True,
        "address": None,
        "operator": None,
        "capacity": None,
        "opened_on": None,
        "closed_on": None,
        "geom": point(x, 0.5),
    }
    return {**row, **facts}


@pytest.fixture
def world(db: Database) -> Database:
    shapes = {no: square(no, 0) for no in (1, 2, 3)}
    make_active(
        db,
        put(db, "outline", [{"part_no": 1, "name": "市", "geom": square(0, 0, 5)}]),
        put(db, "districts", district_rows(shapes)),
        put(db, "associations", association_rows({f"A{no}": shape for no, shape in shapes.items()})),
        put(
            db, "small-areas", small_area_rows({f"S{no}": (s, no * 100, no * 40) for no, s in shapes.items()})
        ),
        put(
            db,
            "district-assignment",
            [{"key_code": f"S{no}", "district_no": no, "confidence": "sure"} for no in (1, 2)],
        ),
        put(
            db,
            "facilities",
            [
                facility("F1", 1.5),
                facility("F2", 2.5, kind="学校", activity=False),
                facility("F3", 3.5, closed_on=date(2020, 4, 1)),
                facility("F4", 3.5, opened_on=date(2999, 4, 1)),
            ],
        ),
    )
    return db


def test_people_of_a_district_are_those_of_its_small_areas(world: Database) -> None:
    with world.read() as conn:
        rows = districts(conn, resolve(conn, CODE), None)
    assert [(row.no, row.people, row.households) for row in rows] == [
        (1, 100, 40),
        (2, 200, 80),
        (3, None, None),
    ]
    assert rows[0].plan_adopted is None


def test_plan_state_is_that_of_the_day(world: Database) -> None:
    with world.write(Audience.STAFF) as conn:
        conn.execute(
            "INSERT INTO district_plan (municipality_code, district_no, record_no, state, valid_from, valid_to) VALUES "
            "(%(m)s, 1, 1, 'none', NULL, '2021-04-01'), (%(m)s, 1, 2, 'adopted', '2021-04-01', NULL)",
            {"m": CODE},
        )
    with world.read() as conn:
        ref = resolve(conn, CODE)
        assert district(conn, ref, 1, None).plan_adopted is True
        assert district(conn, ref, 1, None, on=date(2021, 3, 31)).plan_adopted is False
        assert district(conn, ref, 1, None, on=date(2021, 4, 1)).plan_adopted is True


def test_a_plan_whose_first_day_is_known_is_not_only_as_a_paper_states(world: Database) -> None:
    """Else page and report would say that its first day is unknown."""
    with world.write(Audience.STAFF) as conn:
        conn.execute(
            "INSERT INTO district_plan (municipality_code, district_no, record_no, state, stated_on, valid_from, valid_to) "
            "VALUES (%(m)s, 1, 1, 'adopted', '2021-04-01', NULL, '2024-04-01'), "
            "(%(m)s, 1, 2, 'revised', '2025-03-01', '2024-04-01', NULL)",
            {"m": CODE},
        )
    with world.read() as conn:
        ref = resolve(conn, CODE)
        assert district(conn, ref, 1, None, on=date(2022, 4, 1)).plan_stated_on == date(2021, 4, 1)
        assert district(conn, ref, 1, None, on=date(2025, 4, 1)).plan_stated_on is None


def test_a_district_that_does_not_exist(world: Database) -> None:
    with world.read() as conn, pytest.raises(NotFoundError):
        district(conn, resolve(conn, CODE), 99, None)


def test_pages_give_every_association_once(world: Database) -> None:
    with world.read() as conn:
        ref = resolve(conn, CODE)
        seen, after = [], None
        while True:
            rows, after = associations.page(conn, ref, after=after, limit=2)
            seen += [row.id for row in rows]
            if after is None:
                break
    assert seen == ["A1", "A2", "A3"]


def test_associations_by_district_and_by_box(world: Database) -> None:
    with world.read() as conn:
        ref = resolve(conn, CODE)
        assert [row.id for row in associations.page(conn, ref, district=2)[0]] == ["A2"]
        box = (141.0299, 39.6, 141.0301, 39.61)
        assert [row.id for row in associations.page(conn, ref, bbox=box)[0]] == ["A2", "A3"]


def test_contacts_follow_the_reader(world: Database) -> None:
    with world.write(Audience.STAFF) as conn:
        conn.execute(
            "INSERT INTO association_contact (municipality_code, association_id, contact_no, role, phone, published) "
            "VALUES (%(m)s, 'A1', 1, 'president', 'PRIVATE', false), (%(m)s, 'A1', 2, 'office', 'OPEN', true)",
            {"m": CODE},
        )
    with world.read(Audience.PUBLIC) as conn:
        ref = resolve(conn, CODE)
        assert [c["phone"] for c in associations.one(conn, ref, "A1").contacts] == ["OPEN"]
    with world.read(Audience.STAFF) as conn:
        assert [c["phone"] for c in associations.one(conn, ref, "A1").contacts] == ["PRIVATE", "OPEN"]
        # The lookup serves everybody: even built with staff rights it holds published contacts only.
        found = {a.association_id: a.contact for a in lookup_snapshot(conn, ref).associations}
    assert found["A1"] is not None
    assert found["A1"]["phone"] == "OPEN"
    assert found["A2"] is None


def test_a_facility_is_there_only_while_it_is_open(world: Database) -> None:
    with world.read() as conn:
        ref = resolve(conn, CODE)
        assert [f.id for f in facilities.facilities(conn, ref)] == ["F1", "F2"]
        assert [f.id for f in facilities.facilities(conn, ref, activity=True)] == ["F1"]
        assert [f.id for f in facilities.facilities(conn, ref, on=date(2020, 3, 31))] == ["F1", "F2", "F3"]
        assert [f.id for f in facilities.facilities(conn, ref, kind="学校")] == ["F2"]


def test_figures_of_a_facility_carry_their_own_quality(world: Database) -> None:
    with world.write(Audience.STAFF) as conn:
        conn.execute(
            "INSERT INTO building (municipality_code, building_id, built_year, quality) VALUES (%s, 'B1', 1980, 'sample')",
            (CODE,),
        )
        conn.execute(
            "INSERT INTO facility_building (municipality_code, facility_id, building_id, use_no) VALUES (%s, 'F1', 'B1', 1)",
            (CODE,),
        )
    with world.read() as conn:
        row = facilities.facilities(conn, resolve(conn, CODE))[0]
    assert [(b["built_year"], b["quality"]) for b in row.buildings] == [(1980, "sample")]


def test_small_areas_in_pages_with_their_district(world: Database) -> None:
    with world.read() as conn:
        ref = resolve(conn, CODE)
        first, after = small_areas.page(conn, ref, limit=2)
        rest, end = small_areas.page(conn, ref, limit=2, after=after)
        assert [row.key_code for row in small_areas.page(conn, ref, district=1)[0]] == ["S1"]
    assert [(row.key_code, row.district_no) for row in first + rest] == [("S1", 1), ("S2", 2), ("S3", None)]
    assert end is None


def test_demand_is_people_by_small_area(world: Database) -> None:
    with world.read() as conn:
        found = coverage.inputs(conn, resolve(conn, CODE))
    assert [(d.key_code, d.district_no, d.people) for d in found.demand] == [
        ("S1", 1, 100),
        ("S2", 2, 200),
        ("S3", None, 300),
    ]
    assert [f.id for f in found.facilities] == ["F1"]


def test_a_plan_that_does_not_exist(world: Database) -> None:
    with world.read() as conn:
        ref = resolve(conn, CODE)
        assert plans.initiatives(conn, ref) == []
        with pytest.raises(NotFoundError):
            plans.indicators(conn, ref, "nothing")


def test_vacant_houses_need_staff_rights(world: Database) -> None:
    with world.read(Audience.STAFF) as conn:
        assert vacant.houses(conn, resolve(conn, CODE)) == []
    with world.read(Audience.PUBLIC) as conn:
        ref = resolve(conn, CODE)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            vacant.houses(conn, ref)


def test_the_snapshot_holds_the_generation(world: Database) -> None:
    with world.read() as conn:
        found = lookup_snapshot(conn, resolve(conn, CODE))
    assert (found.municipality_name, found.phone) == ("盛岡市", "019-626-7535")
    assert [d.no for d in found.districts] == [1, 2, 3]
    assert [a.district_no for a in found.associations] == [1, 2, 3]
    assert found.outline.covers(found.small_area_union)
    assert found.dataset["parts"][0]["kind"] == "associations"
    assert {part["kind"] for part in found.dataset["parts"]} >= {"districts", "outline", "small-areas"}


def test_an_answer_is_marked_by_the_worst_of_all_it_rests_on(db: Database) -> None:
    make_active(
        db,
        put(db, "outline", [{"part_no": 1, "geom": square(0, 0, 3)}], Quality.SAMPLE),
        put(db, "districts", district_rows({1: square(0, 0)}), Quality.UNOFFICIAL),
        put(db, "associations", association_rows({"A1": square(0, 0)})),
    )
    with db.read() as conn:
        found = lookup_snapshot(conn, resolve(conn, CODE))
    assert found.dataset["quality"] == "sample"
    assert [part["kind"] for part in found.dataset["parts"]] == ["associations", "districts", "outline"]


def test_rings_run_counter_clockwise_as_geojson_wants(world: Database) -> None:
    """shapely's box runs clockwise or not as it likes; what leaves follows RFC 7946, 3.1.6."""
    with world.read() as conn:
        ref = resolve(conn, CODE)
        shapes = [row.geometry for row in districts(conn, ref, None)]
        shapes += [row.geometry for row in associations.page(conn, ref)[0]]
        shapes += [row.geometry for row in small_areas.page(conn, ref)[0]]
    parts = [part for shape in shapes for part in shapely.from_geojson(shape).geoms]
    assert len(parts) == 9
    assert all(part.exterior.is_ccw for part in parts)
