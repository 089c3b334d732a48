"""Membership by district: figures of small groups never leave, by whatever route."""

from __future__ import annotations

import psycopg
import pytest

from geodata.database import Audience, Database
from geodata.queries import membership
from geodata.queries.districts import districts
from geodata.queries.generation import resolve
from tests.factories import CODE, association_rows, district_rows, make_active, membership_rows, put, square


def world(db: Database, figures: dict[tuple[str, int], tuple[int, int]]) -> None:
    """Four districts in a row, one association each: A1 in district 1 and so on."""
    shapes = {no: square(no, 0) for no in range(1, 5)}
    make_active(
        db,
        put(db, "districts", district_rows(shapes)),
        put(db, "associations", association_rows({f"A{no}": shape for no, shape in shapes.items()})),
        put(db, "membership", membership_rows(figures)),
    )


def rates(db: Database, year: int = 2019) -> dict[int, float | None]:
    with db.read() as conn:
        return {row.no: row.membership_rate for row in districts(conn, resolve(conn, CODE), year)}


def test_rate_is_members_by_households_of_the_district(db: Database) -> None:
    world(db, {("A1", 2019): (200, 150), ("A2", 2019): (100, 100), ("A3", 2019): (100, 50)})

    assert rates(db) == {1: 0.75, 2: 1.0, 3: 0.5, 4: None}


def test_a_small_district_is_withheld_and_the_next_with_it(db: Database) -> None:
    """With one withheld alone, the city's total less the others would give it away."""
    world(
        db,
        {("A1", 2019): (9, 5), ("A2", 2019): (50, 40), ("A3", 2019): (100, 50), ("A4", 2019): (200, 100)},
    )

    assert rates(db) == {1: None, 2: None, 3: 0.5, 4: 0.5}
    with db.read() as conn:
        found = {row.no: row.suppressed for row in districts(conn, resolve(conn, CODE), 2019)}
    assert found == {1: True, 2: True, 3: False, 4: False}


def test_two_small_districts_protect_each_other(db: Database) -> None:
    world(db, {("A1", 2019): (9, 5), ("A2", 2019): (8, 4), ("A3", 2019): (100, 50), ("A4", 2019): (200, 100)})

    assert rates(db) == {1: None, 2: None, 3: 0.5, 4: 0.5}


def test_staff_see_all_districts(db: Database) -> None:
    world(db, {("A1", 2019): (9, 5), ("A2", 2019): (50, 40)})
    query = "SELECT district_no, households FROM district_membership_full(%s, 1) ORDER BY 1"
    with db.read(Audience.STAFF) as conn:
        assert [row["households"] for row in conn.execute(query, (CODE,))] == [9, 50]
    with db.read(Audience.PUBLIC) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(query, (CODE,))


def test_the_city_has_its_years_and_its_rate(db: Database) -> None:
    world(db, {("A1", 2019): (80, 70), ("A2", 2019): (80, 70), ("A1", 2020): (100, 80)})
    with db.read() as conn:
        ref = resolve(conn, CODE)
        assert membership.fiscal_years(conn, ref) == [2019, 2020]
        assert [year.rate for year in membership.city(conn, ref)] == [0.875, 0.8]


def test_the_citys_list_decides_before_the_map(db: Database) -> None:
    world(db, {("A1", 2019): (100, 10), ("A2", 2019): (100, 90)})
    listed = put(db, "association-districts", [{"association_id": "A1", "district_no": 3}])
    make_active(db, listed)

    assert rates(db) == {1: None, 2: 0.9, 3: 0.1, 4: None}


def test_a_districts_years_are_those_of_the_city(db: Database) -> None:
    world(
        db,
        {("A1", 2019): (200, 150), ("A2", 2019): (100, 50), ("A2", 2020): (100, 60), ("A3", 2020): (9, 5)},
    )
    with db.read() as conn:
        ref = resolve(conn, CODE)
        first, second = (membership.district(conn, ref, no) for no in (1, 2))
    assert [(y.fiscal_year, y.rate, y.suppressed) for y in first] == [
        (2019, 0.75, False),
        (2020, None, False),
    ]
    assert [(y.fiscal_year, y.rate, y.suppressed) for y in second] == [(2019, 0.5, False), (2020, None, True)]
