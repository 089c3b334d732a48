"""What the pages of facility planning read, on the bundled sample."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import psycopg
import pytest

from geodata.database import Audience, Connection, Database
from geodata.queries import assets, demand, facility_sheet, facility_use, planning_layers
from geodata.queries.generation import Ref, resolve
from geodata.queries.halls import halls
from geodata.queries.network import edges_around, network
from kyodo_geo.errors import NotFoundError
from tests.factories import CODE, district_rows, make_active, point, put, small_area_rows, square
from tests.fixtures_db import DatabaseUrls


@pytest.fixture(scope="module")
def town(sample_town: DatabaseUrls) -> Iterator[Database]:
    database = Database(sample_town.app)
    yield database
    database.close()


@pytest.fixture
def public(town: Database) -> Iterator[tuple[Connection, Ref]]:
    with town.read() as conn:
        yield conn, resolve(conn, CODE)


@pytest.fixture
def staff(town: Database) -> Iterator[tuple[Connection, Ref]]:
    with town.read(Audience.STAFF) as conn:
        yield conn, resolve(conn, CODE)


def test_the_network_comes_as_arrays_that_fit_each_other(public: tuple[Connection, Ref]) -> None:
    found = network(*public)
    assert found is not None
    edges, nodes = len(found.start), len(found.node_ids)
    assert edges > 4000 and nodes > 2000
    assert found.lonlat.shape == found.xy.shape == (nodes, 2)
    assert (
        found.end.shape == found.length_m.shape == found.slope.shape == found.winter_factor.shape == (edges,)
    )
    assert int(found.start.min()) == 0 and int(found.end.max()) == nodes - 1
    straight = np.hypot(*(found.xy[found.start] - found.xy[found.end]).T)
    # The sample measures in its own flat plane; the zone differs by less than half a percent.
    assert np.allclose(found.length_m, straight, rtol=0.005, atol=0.6)
    assert np.isnan(found.slope).any() and np.nanmax(np.abs(found.slope)) > 0.05


def test_edges_around_a_point_are_those_of_a_map(public: tuple[Connection, Ref]) -> None:
    conn, ref = public
    near = edges_around(conn, ref, 141.15, 39.70, 500)
    assert 0 < len(near) < len(edges_around(conn, ref, 141.15, 39.70, 3000))


def test_every_small_area_has_a_point_and_people_by_age_that_add_up(public: tuple[Connection, Ref]) -> None:
    conn, ref = public
    points = demand.points(conn, ref)
    table = demand.ages(conn, ref, 2020)
    assert table is not None and not table.projected
    assert table.keys == tuple(point.key_code for point in points)
    assert table.people.sum(axis=1).tolist() == [point.people for point in points]
    assert table.classes[0] == (0, 4) and table.classes[-1] == (85, None)
    assert sum(point.association_id is None for point in points) < len(points) / 4
    assert {point.district_no for point in points} == set(range(1, 31))


def test_years_of_people_by_age_say_which_are_projected(public: tuple[Connection, Ref]) -> None:
    conn, ref = public
    assert [(row.year, row.projected, row.people) for row in demand.age_years(conn, ref)] == [
        (2015, False, 291_500), (2020, False, 285_000), (2040, True, 243_000),
    ]  # fmt: skip
    assert demand.ages(conn, ref, 2030) is None
    assert demand.mesh_years(conn, ref) == []


def test_the_sheet_of_a_facility_has_all_its_parts(staff: tuple[Connection, Ref]) -> None:
    conn, ref = staff
    for site in facility_sheet.sites(conn, ref):
        sheet = facility_sheet.sheet(conn, ref, site.id)
        assert sheet.site == site
        assert site.district_no is not None
        (building,) = sheet.buildings
        assert building.used == {site.id: building.floor_area_m2}
        assert building.kind == site.kind and building.district_no == site.district_no
        assert len(sheet.years) == 6 and sheet.rooms
        part = facility_sheet.staff_part(conn, ref, sheet)
        assert part.groups
        assert {group.facility_id for group in part.groups} == {site.id}
    with pytest.raises(NotFoundError):
        facility_sheet.sheet(conn, ref, "no-such")


def test_what_is_not_known_is_counted(public: tuple[Connection, Ref]) -> None:
    found = facility_sheet.counts_of_unknown(*public)
    assert found["openings"] == {"unknown": 2, "of": 19}
    assert found["acquired_yen"] == {"unknown": 2, "of": 19}
    assert found["built_year"]["unknown"] == 0
    assert 0 < found["extendable"]["unknown"] < 10


def test_the_latest_inspection_of_each_building(staff: tuple[Connection, Ref]) -> None:
    conn, ref = staff
    every = assets.inspections(conn, ref)
    latest = assets.inspections(conn, ref, latest=True)
    assert len({row.building_id for row in every}) == len(latest) == 16 < len(every)
    for row in latest:
        assert row.inspected_on == max(
            other.inspected_on for other in every if other.building_id == row.building_id
        )


def test_groups_meet_while_their_facility_is_open_in_a_room_that_holds_them(
    staff: tuple[Connection, Ref],
) -> None:
    conn, ref = staff
    opening = {(row.facility_id, row.weekday): row for row in facility_use.openings(conn, ref)}
    rooms = {(row.facility_id, row.room_no): row for row in facility_use.rooms(conn, ref)}
    known = {facility for facility, _ in opening}
    groups = facility_use.groups(conn, ref)
    assert any(group.name is None for group in groups) and any(group.room_no is None for group in groups)
    for group in groups:
        if group.facility_id in known:
            hours = opening[group.facility_id, group.weekday]
            assert hours.opens <= group.starts < group.ends <= hours.closes
        if group.room_no is not None:
            assert (rooms[group.facility_id, group.room_no].capacity or 0) >= group.people


def test_occupancy_is_known_only_where_both_hours_are(public: tuple[Connection, Ref]) -> None:
    rows = facility_use.room_years(*public)
    assert any(row.occupancy is None for row in rows)
    assert all(0 <= row.occupancy <= 1 for row in rows if row.occupancy is not None)


@pytest.mark.parametrize(
    "read",
    [facility_use.groups, assets.inspections, assets.works, assets.stages, halls],
    ids=lambda f: f.__name__,
)
def test_what_staff_alone_read_is_refused_to_the_public(
    town: Database, read: object, staff: tuple[Connection, Ref]
) -> None:
    assert read(*staff)  # type: ignore[operator]
    with town.read() as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        read(conn, resolve(conn, CODE))  # type: ignore[operator]


def test_halls_carry_their_grants(staff: tuple[Connection, Ref]) -> None:
    rows = halls(*staff)
    granted = [row for row in rows if row.grants]
    assert granted and all(row.district_no for row in rows)
    years = [grant["fiscal_year"] for grant in max(granted, key=lambda row: len(row.grants)).grants]
    assert years == sorted(years, reverse=True)
    assert any(row.confirmed_on for row in rows) and any(row.confirmed_on is None for row in rows)


def test_without_datasets_there_is_nothing_and_no_error(db: Database) -> None:
    make_active(db, put(db, "districts", district_rows({1: square(0, 0)})))
    with db.read(Audience.STAFF) as conn:
        ref = resolve(conn, CODE)
        assert network(conn, ref) is None
        assert demand.points(conn, ref) == [] and demand.age_years(conn, ref) == []
        assert facility_sheet.sites(conn, ref) == [] and assets.stock(conn, ref) == []
        assert planning_layers.loaded(conn, ref) == [] and demand.built_up(conn, ref) == {}
        assert facility_sheet.counts_of_unknown(conn, ref)["built_year"] == {"unknown": 0, "of": 0}


def test_layers_say_what_holds_a_place_and_what_is_not_loaded(db: Database) -> None:
    landslide = [
        {"name": "土砂災害警戒区域", "detail": "急傾斜地の崩壊", "geom": square(0, 0, 2)},
        {"name": "土砂災害特別警戒区域", "detail": None, "geom": square(0, 0)},
    ]
    built = [
        {"name": "建物のある区域", "geom": square(0.5, 0)},
        {"name": "建物のある区域", "geom": square(9, 9)},
    ]
    areas = small_area_rows({"032010010": (square(0, 0), 10, 4), "032010020": (square(5, 5), 10, 4)})
    make_active(
        db, put(db, "landslide", landslide), put(db, "built-up", built), put(db, "small-areas", areas)
    )
    places = [(point(0.5, 0.2).x, point(0.5, 0.2).y), (point(1.5, 1.5).x, point(1.5, 1.5).y), (141.5, 39.9)]
    with db.read() as conn:
        ref = resolve(conn, CODE)
        assert planning_layers.loaded(conn, ref) == ["built-up", "landslide"]
        found = [(hit.no, hit.kind, hit.name) for hit in planning_layers.at_places(conn, ref, places)]
        parts = demand.built_up(conn, ref)
    assert [hit for hit in sorted(found) if hit[1] == "landslide"] == [
        (0, "landslide", "土砂災害特別警戒区域"), (0, "landslide", "土砂災害警戒区域"), (1, "landslide", "土砂災害警戒区域"),
    ]  # fmt: skip
    assert list(parts) == ["032010010"]
