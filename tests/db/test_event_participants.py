"""Participants of events by district: small groups are withheld below the application, by the rule of the pages."""

from __future__ import annotations

import random

import psycopg
import pytest

from geodata.database import Audience, Database
from geodata.queries import support
from geodata.queries.generation import resolve
from kyodo_geo.membership import withheld
from kyodo_geo.small_counts import THRESHOLD
from tests.factories import CODE, district_rows, make_active, put, square

Counts = dict[int, int]
DISTRICTS = 12
CLOSED = (Audience.PUBLIC, Audience.PARTNER)


@pytest.fixture
def held(db: Database) -> Database:
    make_active(
        db, put(db, "districts", district_rows({no: square(no, 0) for no in range(1, DISTRICTS + 1)}))
    )
    return db


def enter(db: Database, year: int, counts: Counts, measure: str = "participants_26") -> None:
    with db.write(Audience.LOADER) as conn:
        for no, count in counts.items():
            conn.execute(
                "INSERT INTO area_figure (municipality_code, area_kind, area_key, measure, fiscal_year, value, unit, source) "
                "VALUES (%s, 'district', %s, %s, %s, %s, '人', '名簿')",
                (CODE, str(no), measure, year, count),
            )


def seen(db: Database, year: int, audience: Audience = Audience.PUBLIC) -> dict[int, int | None]:
    with db.read(audience) as conn:
        rows = support.participants(conn, resolve(conn, CODE), year)
    return {row.district_no: row.participants for row in rows}


@pytest.mark.parametrize("audience", CLOSED)
def test_the_public_role_reads_no_single_count(held: Database, audience: Audience) -> None:
    enter(held, 2024, {1: 1, 2: 40, 3: 60})
    with held.read(audience) as conn:
        rows = conn.execute("SELECT value FROM area_figure WHERE measure = 'participants_26'").fetchall()
    assert rows == []
    assert seen(held, 2024, audience) == {1: None, 2: None, 3: 60}
    with held.read(Audience.STAFF) as conn:
        assert conn.execute("SELECT count(*) AS n FROM area_figure").fetchone() == {"n": 3}


@pytest.mark.parametrize("audience", CLOSED)
def test_other_figures_of_districts_stay_public(held: Database, audience: Audience) -> None:
    enter(held, 2024, {1: 1}, "meetings_issue")
    with held.read(audience) as conn:
        found = support.figures(conn, resolve(conn, CODE), ["meetings_issue"], 2024)
    assert [row.value for row in found] == [1]


def test_events_count_together_and_the_city_by_event(held: Database) -> None:
    enter(held, 2024, {1: 2, 2: 5}, "participants_22")
    enter(held, 2024, {1: 3, 2: 0, 3: 0}, "participants_27")
    assert seen(held, 2024) == {1: 5, 2: 5, 3: 0}, "nobody from a district is nobody's secret"
    with held.read() as conn:
        ref = resolve(conn, CODE)
        assert support.participant_totals(conn, ref, 2024) == {"participants_22": 7, "participants_27": 3}
        assert support.years(conn, ref, ["participants_22"]) == [2024]
        assert support.participants(conn, ref, 2023) == []
        assert {row.source for row in support.participants(conn, ref, 2024)} == {"名簿"}


def test_the_database_withholds_what_the_rule_withholds(held: Database) -> None:
    draw = random.Random(7)
    for year in range(1980, 2040):
        counts = {
            no: draw.choice([0, 0, 1, 1, 2, 3, 4, 5, 9, 40])
            for no in range(1, DISTRICTS + 1)
            if draw.random() < 0.7
        }
        enter(held, year, counts)
        hidden = withheld(counts, THRESHOLD)
        assert seen(held, year) == {no: None if no in hidden else count for no, count in counts.items()}, (
            counts
        )


def test_only_the_owner_alters_the_functions(held: Database) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), held.write(Audience.STAFF) as conn:
        conn.execute("DROP FUNCTION kyodo.event_participants")
