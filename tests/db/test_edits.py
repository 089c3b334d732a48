"""Plans and projects below the pages: two editors at the same moment, the revision, and what the database itself refuses."""

from __future__ import annotations

import threading
from datetime import date

import psycopg
import pytest

from geodata.database import Audience, Database
from geodata.edits import plans, projects, records
from kyodo_geo.edits import EditConflictError, stamp
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.plan_states import PlanRecord, PlanState
from kyodo_geo.records import OFFICERS, PROJECTS, Facts

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


def project() -> Facts:
    return {
        "title": "防災訓練", "district_no": 1, "fiscal_year": 2026, "theme": None, "grant_yen": None, "participants": None,
        "quality": "real", "source": None, "counts_as_project": True,
    }  # fmt: skip


def officer(first: date, last: date | None = None) -> Facts:
    return {
        "district_no": 1, "kind": "contact", "office": "市民協働推進課", "office_phone": None, "person_name": "盛岡花子",
        "valid_from": first, "valid_to": last, "quality": "real", "source": None,
    }  # fmt: skip


def test_a_district_has_one_contact_officer_at_a_time_and_no_name_gets_into_the_log(city: Database) -> None:
    with city.write(Audience.STAFF) as conn:
        held = records.add(conn, CODE, OFFICERS, officer(date(2025, 4, 1)), actor="hana")
    with pytest.raises(InputError, match="同時に 1 つ") as refused, city.write(Audience.STAFF) as conn:
        records.add(conn, CODE, OFFICERS, officer(date(2026, 4, 1)), actor="hana")
    assert refused.value.details["field"] == "valid_from"
    with city.write(Audience.STAFF) as conn:
        seen = stamp(records.one(conn, CODE, OFFICERS, held))
        ended = officer(date(2025, 4, 1), date(2026, 4, 1))
        records.correct(conn, CODE, OFFICERS, held, ended, version=seen, actor="hana")
        records.add(conn, CODE, OFFICERS, officer(date(2026, 4, 1)), actor="hana")
        log = conn.execute("SELECT action, details::text AS details FROM audit ORDER BY entry_no").fetchall()
    told = [row for row in log if row["action"].startswith("edit.officer.")]
    assert [row["action"] for row in told] == ["edit.officer.add", "edit.officer.correct", "edit.officer.add"]
    assert "盛岡花子" not in str(told) and "touched" in told[0]["details"]


def test_the_public_and_partners_cannot_edit(city: Database) -> None:
    new = project()
    for audience in (Audience.PUBLIC, Audience.PARTNER, Audience.AUTH):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), city.write(audience) as conn:
            records.add(conn, CODE, PROJECTS, new, actor="nobody")


def test_a_double_click_enters_one_project(city: Database) -> None:
    new, outcomes, start = project(), [], threading.Barrier(2)

    def work() -> None:
        start.wait()
        try:
            with city.write(Audience.STAFF) as conn:
                records.add(conn, CODE, PROJECTS, new, actor="hana")
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
