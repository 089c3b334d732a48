"""Membership by district: figures of small groups never leave, by whatever route."""

from __future__ import annotations

import random

import psycopg
import pytest

from geodata.database import Audience, Database
from geodata.queries import membership
from geodata.queries.districts import districts
from geodata.queries.generation import resolve
from kyodo_geo.membership import withheld
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


def test_two_districts_that_are_small_together_take_a_third(db: Database) -> None:
    """The total less the others would be a group of 7 households: too few to be told of."""
    world(db, {("A1", 2019): (3, 1), ("A2", 2019): (4, 4), ("A3", 2019): (100, 50), ("A4", 2019): (200, 100)})

    assert rates(db) == {1: None, 2: None, 3: None, 4: 0.5}


def test_associations_without_a_district_cannot_be_had_by_subtraction(db: Database) -> None:
    """They are in the city's total and on no page: what the districts leave of it."""
    make_active(
        db,
        put(db, "districts", district_rows({1: square(1, 0), 2: square(2, 0)})),
        put(db, "associations", association_rows({"A1": square(1, 0), "A2": square(2, 0), "far": None})),
        put(
            db,
            "membership",
            membership_rows(
                {
                    ("far", 2019): (6, 2),
                    ("A1", 2019): (50, 40),
                    ("A2", 2019): (80, 60),
                    ("far", 2020): (60, 2),
                }
                | {("A1", 2020): (50, 40), ("A2", 2020): (8, 6)}
            ),
        ),
    )

    assert rates(db) == {1: None, 2: 0.75}
    assert rates(db, 2020) == {1: None, 2: None}, "60 of them do not hide district 2: they may get a district"


def test_nobody_lives_there_is_not_a_group_to_hide_behind(db: Database) -> None:
    world(db, {("A1", 2019): (9, 5), ("A2", 2019): (0, 0), ("A3", 2019): (50, 40), ("A4", 2019): (200, 100)})

    with db.read() as conn:
        found = {row.no: row.suppressed for row in districts(conn, resolve(conn, CODE), 2019)}
    assert found == {1: True, 2: False, 3: True, 4: False}


def test_the_database_and_the_rule_withhold_the_same(db: Database) -> None:
    """100 random years: `district_membership` for everybody, `withheld` for what Python sums."""
    draws = random.Random(20)
    sizes = {
        year: {no: draws.choice((0, 1, 3, 4, 5, 9, 10, 11, 30, 400)) for no in range(1, 5)}
        for year in range(1960, 2060)
    }
    world(
        db,
        {(f"A{no}", year): (size, size // 2) for year, held in sizes.items() for no, size in held.items()},
    )
    with db.read() as conn:
        query = "SELECT fiscal_year, district_no FROM district_membership(%s, 1) WHERE suppressed"
        found = {(row["fiscal_year"], row["district_no"]) for row in conn.execute(query, (CODE,))}
    assert found == {(year, no) for year, held in sizes.items() for no in withheld(held, 10)}
    assert found


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
