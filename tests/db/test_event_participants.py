"""Participants of events by district: small groups are withheld below the application, by the rule of the pages."""

from __future__ import annotations

import random

import psycopg
import pytest

from geodata.database import Audience, Database
from geodata.queries import events, support
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


def test_a_small_total_of_an_initiative_is_withheld_with_what_would_tell_it(held: Database) -> None:
    """The districts add up to 2 + 5 + 40: less 40 and 5, they would tell the 2."""
    for measure, people in (("participants_22", 2), ("participants_26", 5), ("participants_27", 40)):
        enter(held, 2024, {1: people}, measure)
    enter(held, 2025, {1: 2}, "participants_22")
    with held.read() as conn:
        ref = resolve(conn, CODE)
        assert support.participant_totals(conn, ref, 2024) == {
            "participants_22": None, "participants_26": None, "participants_27": 40,
        }  # fmt: skip
        assert support.participant_totals(conn, ref, 2025) == {"participants_22": None}


def test_the_database_withholds_of_the_totals_what_the_rule_withholds(held: Database) -> None:
    draw = random.Random(8)
    for year in range(1980, 2040):
        counts = {no: draw.choice([0, 1, 2, 3, 4, 40]) for no in (22, 23, 26, 27) if draw.random() < 0.8}
        for no, count in counts.items():
            enter(held, year, {draw.randint(1, DISTRICTS): count}, f"participants_{no}")
        hidden = withheld(counts, THRESHOLD)
        with held.read() as conn:
            told = support.participant_totals(conn, resolve(conn, CODE), year)
        assert told == {f"participants_{no}": None if no in hidden else n for no, n in counts.items()}


def hold(db: Database, day: str, people: dict[str, int | None], published: bool = True) -> None:
    """Events of initiative 26, by id."""
    with db.write(Audience.STAFF) as conn:
        for name, count in people.items():
            conn.execute(
                "INSERT INTO event (municipality_code, event_id, initiative_no, title, state, starts_on, participants, "
                "published) VALUES (%s, %s, '26', '講座', 'held', %s, %s, %s)",
                (CODE, name, day, count, published),
            )


def sizes(db: Database, audience: Audience = Audience.PUBLIC) -> dict[str, tuple[int | None, bool]]:
    with db.read(audience) as conn:
        return {row.id: (row.participants, row.withheld) for row in events.events(conn, resolve(conn, CODE))}


@pytest.mark.parametrize("audience", CLOSED)
@pytest.mark.parametrize("asked", ["participants", "count(*) FILTER (WHERE participants = 2)", "*", "event"])
def test_the_public_role_cannot_ask_an_event_for_its_participants(
    held: Database, audience: Audience, asked: str
) -> None:
    hold(held, "2024-06-01", {"e1": 2})
    with pytest.raises(psycopg.errors.InsufficientPrivilege), held.read(audience) as conn:
        conn.execute(f"SELECT {asked} FROM event")
    with pytest.raises(psycopg.errors.InsufficientPrivilege), held.read(audience) as conn:
        conn.execute("SELECT title FROM event ORDER BY participants")


@pytest.mark.parametrize("audience", [*CLOSED, Audience.STAFF])
def test_small_events_are_withheld_and_what_would_tell_them_of_the_year(
    held: Database, audience: Audience
) -> None:
    hold(held, "2024-06-01", {"few": 2, "next": 5, "many": 40, "nobody": 0, "unknown": None})
    hold(held, "2025-04-01", {"other year": 5})
    assert sizes(held, audience) == {
        "few": (None, True), "next": (None, True), "many": (40, False), "nobody": (0, False),
        "unknown": (None, False), "other year": (5, False),
    }  # fmt: skip
    with held.read(audience) as conn:
        rows = conn.execute("SELECT * FROM event_sizes(%s) WHERE withheld", (CODE,)).fetchall()
    assert {row["event_id"]: row["participants"] for row in rows} == {"few": None, "next": None}


def test_a_small_event_that_is_not_published_is_protected_too(held: Database) -> None:
    hold(held, "2024-06-01", {"secret": 1}, published=False)
    hold(held, "2024-06-01", {"next": 5, "many": 40})
    assert sizes(held) == {"next": (None, True), "many": (40, False)}
    with held.read() as conn:
        assert {row["event_id"] for row in conn.execute("SELECT event_id FROM event_sizes(%s)", (CODE,))} == {
            "next", "many",
        }  # fmt: skip


def test_the_database_withholds_of_events_what_the_rule_withholds(held: Database) -> None:
    draw = random.Random(9)
    expected: dict[str, tuple[int | None, bool]] = {}
    for year in range(1980, 2040):
        counts = {f"{year}-{n:02}": draw.choice([0, 1, 2, 3, 4, 40, 50]) for n in range(draw.randint(1, 6))}
        hold(held, f"{year}-06-01", dict(counts))
        hidden = withheld(counts, THRESHOLD)
        expected |= {key: (None, True) if key in hidden else (n, False) for key, n in counts.items()}
    assert any(shown for shown in expected.values() if shown == (None, True))
    assert sizes(held) == expected


def test_only_the_owner_alters_the_functions(held: Database) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), held.write(Audience.STAFF) as conn:
        conn.execute("DROP FUNCTION kyodo.event_participants")
