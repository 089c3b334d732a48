"""Plans and projects below the pages: two editors at the same moment, the revision, and what the database itself refuses."""

from __future__ import annotations

import threading
from datetime import date

import psycopg
import pytest

from geodata.database import Audience, Database
from geodata.edits import plans, projects
from geodata.edits.projects import Project
from kyodo_geo.edits import EditConflictError
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.plan_states import PlanRecord, PlanState

CODE = "03201"


@pytest.fixture
def city(db: Database) -> Database:
    with db.write(Audience.LOADER) as conn:
        conn.execute("INSERT INTO district (municipality_code, district_no) VALUES (%s, 1)", (CODE,))
    return db


def entry(day: date) -> PlanRecord:
    return PlanRecord(0, PlanState.NONE, valid_from=day)


def history_of(db: Database) -> list[PlanRecord]:
    with db.read() as conn:
        return plans.records_of(conn, CODE, 1)


def add(db: Database, day: date, seen: list[PlanRecord], actor: str = "hana") -> None:
    with db.write(Audience.STAFF) as conn:
        plans.add(conn, CODE, 1, entry(day), version=plans.seen(seen), actor=actor)


def revision(db: Database) -> int:
    with db.read() as conn:
        row = conn.execute(
            "SELECT revision FROM municipality WHERE municipality_code = %s", (CODE,)
        ).fetchone()
    assert row is not None
    return int(row["revision"])


def test_of_two_editors_at_the_same_moment_one_is_told(city: Database) -> None:
    seen = history_of(city)
    start, outcomes = threading.Barrier(4), []

    def work(number: int) -> None:
        start.wait()
        try:
            add(city, date(2024, number, 1), seen, f"user{number}")
            outcomes.append("saved")
        except EditConflictError as error:
            outcomes.append("told")
            assert len(error.stored) == 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["saved", "told", "told", "told"]
    assert len(history_of(city)) == 1


def test_a_change_bumps_the_revision_once_and_a_refusal_does_not(city: Database) -> None:
    before = revision(city)
    add(city, date(2024, 1, 1), [])
    add(city, date(2025, 1, 1), history_of(city))
    assert revision(city) == before + 2
    with pytest.raises(InputError):
        add(city, date(2025, 1, 1), history_of(city))
    with pytest.raises(NotFoundError), city.write(Audience.STAFF) as conn:
        plans.add(conn, CODE, 99, entry(date(2024, 1, 1)), version=plans.seen([]), actor="hana")
    assert revision(city) == before + 2


def test_the_database_refuses_overlapping_periods_whatever_wrote_them(city: Database) -> None:
    add(city, date(2024, 1, 1), [])
    with pytest.raises(psycopg.errors.ExclusionViolation), city.write(Audience.STAFF) as conn:
        conn.execute(
            "INSERT INTO district_plan (municipality_code, district_no, record_no, state, valid_from) "
            "VALUES (%s, 1, 9, 'adopted', '2026-01-01')",
            (CODE,),
        )


def test_the_public_and_partners_cannot_edit(city: Database) -> None:
    new = Project(1, 2026, "防災訓練")
    for audience in (Audience.PUBLIC, Audience.PARTNER, Audience.AUTH):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), city.write(audience) as conn:
            projects.add(conn, CODE, new, actor="nobody")


def test_a_double_click_enters_one_project(city: Database) -> None:
    new, outcomes, start = Project(1, 2026, "防災訓練"), [], threading.Barrier(2)

    def work() -> None:
        start.wait()
        try:
            with city.write(Audience.STAFF) as conn:
                projects.add(conn, CODE, new, actor="hana")
            outcomes.append("saved")
        except InputError:
            outcomes.append("refused")

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["refused", "saved"]
    with city.read() as conn:
        (year,) = projects.years(conn, CODE)
    assert (year.counted, year.districts, year.grant_yen) == (1, 1, None)
