"""Yearly values and records under the hands of staff: versions, withdrawal, history, and what the public sees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from geodata import progress
from geodata.database import Audience, Database
from geodata.progress import Key
from geodata.queries import plans
from geodata.queries.generation import Ref, resolve
from kyodo_geo.errors import ConflictError, NotFoundError, UnavailableError
from kyodo_geo.progress_entries import Document, RecordEntry, ValueEntry
from tests.api import city
from tests.db.test_revision import revision

VALUE = ValueEntry(2021, 88.0, 1000, None, None, "調査", "real")
RECORD = RecordEntry(
    2021,
    "協定を結びました。",
    (Document("協定書", "https://example.jp/", "協第12号"), Document("議事録", None, "協第13号")),
    None,
    "real",
)
RATE = Key("indicator", "r3-r7", "rate")
AGREEMENT = Key("initiative", "r3-r7", 1)
CODE = city.CODE


@pytest.fixture
def town(db_url: str, database: object) -> Iterator[Database]:
    with psycopg.connect(database.superuser) as conn:  # type: ignore[attr-defined]
        city.build(conn)
    found = Database(db_url, max_size=4)
    yield found
    found.close()


def ref_of(town: Database) -> Ref:
    with town.read() as conn:
        return resolve(conn, CODE)


def seen(town: Database, audience: Audience = Audience.PUBLIC) -> dict[int, float]:
    with town.read(audience) as conn:
        rows = plans.indicators(conn, ref_of(town))
    return {value["fiscal_year"]: value["value"] for value in rows[0]["values"]}


def enter(town: Database, entry: ValueEntry = VALUE, version: int = 0, reason: str = "") -> progress.Kept:
    with town.write(Audience.STAFF) as conn:
        return progress.save(conn, CODE, RATE, entry, version=version, actor="planner", reason=reason)


def test_a_value_is_entered_corrected_withdrawn_and_entered_again(town: Database) -> None:
    assert enter(town).version == 1
    corrected = enter(town, replace(VALUE, value=88.5), 1, "転記の誤り")
    assert (corrected.version, corrected.changed_by) == (2, "planner")
    assert seen(town) == {2019: 87.5, 2021: 88.5}

    with town.write(Audience.STAFF) as conn:
        progress.withdraw(conn, CODE, RATE, 2021, version=2, actor="chief", reason="再集計のため")
    assert seen(town) == seen(town, Audience.STAFF) == {2019: 87.5}
    with town.read(Audience.STAFF) as conn:
        kept = progress.one(conn, CODE, RATE, 2021)
    assert kept is not None
    assert (kept.withdrawn, kept.content["value"], kept.version) == (True, 88.5, 3)

    assert enter(town, version=3).withdrawn is False
    assert seen(town) == {2019: 87.5, 2021: 88.0}
    with town.read(Audience.STAFF) as conn:
        told = progress.history(conn, CODE, RATE)
    assert [
        (c.actor, c.action, c.before and c.before["value"], c.after and c.after["value"], c.reason)
        for c in told
    ] == [
        ("planner", "restore", None, 88.0, ""),
        ("chief", "withdraw", 88.5, None, "再集計のため"),
        ("planner", "correct", 88.0, 88.5, "転記の誤り"),
        ("planner", "enter", None, 88.0, ""),
    ]


def test_a_record_is_kept_the_same_way(town: Database) -> None:
    with town.write(Audience.STAFF) as conn:
        progress.save(conn, CODE, AGREEMENT, RECORD, version=0, actor="planner")
    with town.read() as conn:
        found = plans.initiatives(conn, ref_of(town))[0]["records"]
    assert [(row["fiscal_year"], row["record"]) for row in found] == [(2021, RECORD.record)]
    assert [Document(**one) for one in found[0]["evidence"]] == list(RECORD.evidence)
    assert found[0]["evidence_url"] == "https://example.jp/", (
        "the first address, for programs that know one only"
    )
    with town.read(Audience.STAFF) as conn:
        assert [change.action for change in progress.history(conn, CODE, AGREEMENT)] == ["enter"]
        assert progress.history(conn, CODE, RATE) == [], "each record has its own history"


def test_one_document_more_is_a_change_of_the_record(town: Database) -> None:
    further = replace(RECORD, evidence=(*RECORD.evidence, Document("写真", "https://example.jp/photo")))
    with town.write(Audience.STAFF) as conn:
        first = progress.save(conn, CODE, AGREEMENT, RECORD, version=0, actor="a")
        assert progress.save(conn, CODE, AGREEMENT, RECORD, version=1, actor="b") == first, "nothing new"
        second = progress.save(conn, CODE, AGREEMENT, further, version=1, actor="b", reason="追加")
        with pytest.raises(ConflictError):
            progress.save(conn, CODE, AGREEMENT, RECORD, version=1, actor="c")
        newest = progress.history(conn, CODE, AGREEMENT)[0]
    assert second.version == 2
    assert newest.before is not None and newest.after is not None
    assert [len(state["evidence"]) for state in (newest.before, newest.after)] == [2, 3]


@pytest.mark.parametrize(
    "evidence",
    ['{}', '"x"', '[1]', '[{"title": "a"}]', '[{"title": " ", "url": "https://a.jp/", "number": null}]',
     '[{"title": "a", "url": null, "number": null}]', '[{"title": "a", "url": "javascript:x", "number": "1"}]',
     '[{"title": 1, "url": "https://a.jp/", "number": null}]', '[[{"title": "a", "url": "https://a.jp/", "number": null}]]',
     "[" + ", ".join(['{"title": "a", "url": "https://a.jp/", "number": null}'] * 11) + "]"],
)  # fmt: skip
def test_the_database_refuses_what_is_no_document(town: Database, evidence: str) -> None:
    with town.write(Audience.STAFF) as conn:
        progress.save(conn, CODE, AGREEMENT, RECORD, version=0, actor="a")
    with pytest.raises(psycopg.errors.CheckViolation), town.write(Audience.STAFF) as conn:
        conn.execute("UPDATE initiative_year SET evidence = %s", (evidence,))


@pytest.mark.parametrize("version", [0, 2])
def test_a_stale_version_overwrites_nothing(town: Database, version: int) -> None:
    enter(town)
    with pytest.raises(ConflictError):
        enter(town, replace(VALUE, value=1.0), version)
    with pytest.raises(ConflictError), town.write(Audience.STAFF) as conn:
        progress.withdraw(conn, CODE, RATE, 2021, version=version, actor="planner", reason="x")
    assert seen(town)[2021] == 88.0
    with town.read(Audience.STAFF) as conn:
        assert len(progress.history(conn, CODE, RATE)) == 1, "what was refused left no trace"


def test_of_two_who_enter_a_new_year_at_once_one_is_told(town: Database) -> None:
    with town.write(Audience.STAFF) as first:
        progress.save(first, CODE, RATE, VALUE, version=0, actor="a")
        with pytest.raises(UnavailableError), town.write(Audience.STAFF) as second:
            # The second waits for the first; it may not get past it.
            second.execute("SET LOCAL lock_timeout = '100ms'")
            progress.save(second, CODE, RATE, replace(VALUE, value=1.0), version=0, actor="b")
    with pytest.raises(ConflictError):
        enter(town, replace(VALUE, value=1.0))


def test_saving_what_is_there_already_is_no_change(town: Database) -> None:
    enter(town)
    before = revision(town)
    assert enter(town, version=1).version == 1
    assert revision(town) == before


def test_a_change_makes_new_pages(town: Database) -> None:
    before = revision(town)
    enter(town)
    assert revision(town) == before + 1


def test_nothing_can_be_withdrawn_that_is_not_there(town: Database) -> None:
    with pytest.raises(NotFoundError), town.write(Audience.STAFF) as conn:
        progress.withdraw(conn, CODE, RATE, 2021, version=0, actor="planner", reason="x")


def test_the_database_keeps_withdrawn_rows_from_everybody_else(town: Database) -> None:
    enter(town)
    with town.write(Audience.STAFF) as conn:
        progress.withdraw(conn, CODE, RATE, 2021, version=1, actor="planner", reason="x")
    count = "SELECT count(*) AS n FROM indicator_value"
    for audience, number in ((Audience.PUBLIC, 1), (Audience.PARTNER, 1), (Audience.STAFF, 2)):
        with town.read(audience) as conn:
            assert conn.execute(count).fetchone() == {"n": number}


@pytest.mark.parametrize("table", ["indicator_value", "initiative_year"])
def test_staff_cannot_remove_a_row(town: Database, table: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), town.write(Audience.STAFF) as conn:
        conn.execute(f"DELETE FROM {table}")
