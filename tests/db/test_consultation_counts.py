"""Counts of consultations: what is small is withheld below the application, by the rule of the pages."""

from __future__ import annotations

import random
from datetime import date

import psycopg
import pytest

from geodata.database import Audience, Database
from geodata.queries import centres
from geodata.queries.generation import resolve
from kyodo_geo.centres.consultations import CITY, Said, shown
from tests.factories import CODE, district_rows, make_active, put, square

CLOSED = (Audience.PUBLIC, Audience.PARTNER)
CENTRES, TOPICS = [f"b{n}" for n in range(1, 7)], [f"t{n}" for n in range(1, 6)]


@pytest.fixture
def held(db: Database) -> Database:
    make_active(db, put(db, "districts", district_rows({1: square(1, 0)})))
    with db.write(Audience.STAFF) as conn:
        for name in CENTRES:
            conn.execute(
                "INSERT INTO body (municipality_code, body_id, kind, name) VALUES (%s, %s, 'centre', %s)",
                (CODE, name, name),
            )
        for place, name in enumerate(TOPICS):
            conn.execute(
                "INSERT INTO consultation_topic (municipality_code, topic_id, label, sort_order) VALUES (%s, %s, %s, %s)",
                (CODE, name, f"内容{name}", place),
            )
    return db


def enter(db: Database, year: int, said: list[Said], quality: str = "real") -> None:
    with db.write(Audience.STAFF) as conn, conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO consultation (municipality_code, consultation_id, body_id, held_on, asker, way, topic_id, topic_2, "
            "topic_3, content, result, quality) VALUES (%s, gen_random_uuid(), %s, %s, 'resident', 'phone', %s, %s, %s, "
            "'秘密の相談', 'answered', %s)",
            [
                (CODE, one.body, date(year, 6, 1), *(*one.topics, None, None)[:3], quality)
                for one in said
            ],
        )  # fmt: skip


def told(db: Database, audience: Audience = Audience.PUBLIC) -> dict[int, dict[tuple[str, str], int | None]]:
    with db.read(audience) as conn:
        tables = centres.counts(conn, resolve(conn, CODE))
    return {table.fiscal_year: dict(table.counts) for table in tables}


@pytest.mark.parametrize("audience", CLOSED)
@pytest.mark.parametrize(
    "table", ["consultation", "risk_case", "risk_visit", "adviser_dispatch", "event_attendance"]
)
def test_the_public_role_reads_no_single_record(held: Database, audience: Audience, table: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), held.read(audience) as conn:
        conn.execute(f"SELECT * FROM {table}")


@pytest.mark.parametrize("audience", CLOSED)
def test_only_published_events_are_read(held: Database, audience: Audience) -> None:
    with held.write(Audience.STAFF) as conn:
        for name, published in (("e1", True), ("e2", False)):
            conn.execute(
                "INSERT INTO event (municipality_code, event_id, initiative_no, title, starts_on, state, published) "
                "VALUES (%s, %s, '26', '講座', '2026-06-01', 'planned', %s)",
                (CODE, name, published),
            )
    with held.read(audience) as conn:
        assert [row["event_id"] for row in conn.execute("SELECT event_id FROM event")] == ["e1"]


def test_a_small_count_and_what_would_give_it_away_are_withheld(held: Database) -> None:
    enter(
        held,
        2026,
        [*[Said("b1", ("t1",))] * 2, *[Said("b2", ("t1",))] * 5, *[Said("b3", ("t1",))] * 9]
        + [Said("b3", ("t2",))] * 4,
    )
    assert told(held)[2026] == {
        (CITY, CITY): 20, (CITY, "t1"): 16, (CITY, "t2"): 4,
        ("b1", "t1"): None, ("b2", "t1"): None, ("b3", "t1"): 9, ("b3", "t2"): 4,
    }  # fmt: skip


def test_the_years_are_fiscal_years_and_invented_records_are_marked(held: Database) -> None:
    with held.write(Audience.STAFF) as conn:
        conn.execute(
            "INSERT INTO consultation (municipality_code, consultation_id, body_id, held_on, asker, way, topic_id, result, "
            "quality) SELECT %s, d::text || n, 'b1', d, 'npo', 'visit', 't1', 'answered', 'sample' "
            "FROM unnest(ARRAY['2026-03-31', '2026-04-01']::date[]) d, generate_series(1, 3) n",
            (CODE,),
        )
    assert {year: counts[CITY, CITY] for year, counts in told(held).items()} == {2025: 3, 2026: 3}
    with held.read() as conn:
        assert {table.quality for table in centres.counts(conn, resolve(conn, CODE))} == {"sample"}


def test_the_database_withholds_what_the_rule_withholds(held: Database) -> None:
    draw = random.Random(11)
    expected = {}
    for year in range(1990, 2020):
        crowd = draw.choice([1, 3, 12, 60])
        said = [
            Said(draw.choice(CENTRES), tuple(draw.sample(TOPICS, draw.choice([1, 1, 1, 2, 3]))))
            for _ in range(crowd)
        ]
        enter(held, year, said)
        expected[year] = shown(said)
    for year in range(2020, 2040):  # few at each centre, at times beside many
        cells = draw.sample(
            [(body, topic) for body in CENTRES for topic in TOPICS[:2]], draw.choice([3, 4, 6])
        )
        said = [Said(body, (topic,)) for body, topic in cells for _ in range(draw.choice([1, 1, 1, 1, 4]))]
        enter(held, year, said)
        expected[year] = shown(said)
    assert any(counts[CITY, CITY] is None for year, counts in expected.items() if year >= 2020)
    assert told(held) == expected
    assert told(held, Audience.STAFF) == expected


def test_only_the_owner_alters_the_function(held: Database) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), held.write(Audience.STAFF) as conn:
        conn.execute("DROP FUNCTION kyodo.consultation_counts")
