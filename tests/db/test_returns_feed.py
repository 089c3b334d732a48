"""One press: approved returns become membership, contacts, copies of circulars and notes; a second press is nothing more."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest

from geodata import returns
from geodata.database import Audience, Database
from geodata.edits import contacts, drafts
from geodata.generations import rollback
from geodata.queries.association_membership import AssociationYear, by_association
from geodata.queries.generation import resolve
from kyodo_geo.edits import EditConflictError
from kyodo_geo.errors import ConflictError
from kyodo_geo.returns import Answers, Came, ReturnState
from tests.db.test_returns import CODE, DAYS, YEAR, honest, some
from tests.factories import association_rows, district_rows, make_active, membership_rows, put, square


@pytest.fixture
def sample(db: Database) -> Database:
    """Three districts with an association each, all with figures of last year; a round that has begun."""
    shapes = {no: square(no, 0) for no in range(1, 4)}
    figures = {(f"A{no}", year): (100 * no, 80 * no) for no in range(1, 4) for year in (2024, 2025)}
    make_active(
        db,
        put(db, "districts", district_rows(shapes)),
        put(db, "associations", association_rows({f"A{no}": shape for no, shape in shapes.items()})),
        put(db, "membership", membership_rows(figures)),
    )
    with db.write(Audience.STAFF) as conn:
        returns.start(conn, resolve(conn, CODE), YEAR, **DAYS, actor="hana")
    return db


def row_at(db: Database, place: int) -> returns.Return:
    with db.read(Audience.STAFF) as conn:
        return some(conn, place)


def approve(db: Database, row: returns.Return, answers: Answers) -> None:
    with db.write(Audience.STAFF) as conn:
        ref = resolve(conn, CODE)
        returns.receive(
            conn, CODE, YEAR, row.association_id, answers, came=Came.PAPER, actor="hana", version=None
        )
        now = returns.one(conn, CODE, YEAR, row.association_id)
        returns.approve(conn, ref, YEAR, row.association_id, version=now.version, actor="taro")


def press(db: Database, *, carry: bool = False) -> returns.Fed:
    plan = returns.compare_feed(db, CODE, YEAR, carry=carry, actor="taro")
    return returns.feed(db, CODE, YEAR, carry=carry, plan=plan, actor="taro")


def years(db: Database, association_id: str) -> dict[int, AssociationYear]:
    with db.read(Audience.STAFF) as conn:
        found = by_association(conn, resolve(conn, CODE), [association_id])
    return {item.fiscal_year: item for item in found.get(association_id, [])}


def test_one_press_feeds_membership_contacts_copies_and_notes(sample: Database) -> None:
    row = row_at(sample, 0)
    said = replace(
        honest(row), households=321, member_households=300, circulation_copies=310, president_name="新 会長",
        president_phone="019-000-0009", president_published="yes", circulation_to="other", circulation_name="回覧 係",
        circulation_address="みたけ1", wishes="街灯がほしい", hall_use="owned", hall_name="新公民館",
    )  # fmt: skip
    before = years(sample, row.association_id)
    approve(sample, row, said)
    plan = returns.compare_feed(sample, CODE, YEAR, carry=False, actor="taro")
    assert [item.association_id for item in plan.returns] == [row.association_id] == list(plan.contacts)
    assert {"会長の名前", "会長の電話", "公開の同意"} <= set(plan.contacts[row.association_id])
    assert plan.comparison is not None and plan.comparison.changes.count("new") == 1
    assert set(plan.notes[row.association_id]) == {"hall", "wish"} and plan.circulation == 1
    assert years(sample, row.association_id) == before, "looking changes nothing"

    done = returns.feed(sample, CODE, YEAR, carry=False, plan=plan, actor="taro")
    assert (done.feed_no, done.returns, done.carried, done.contacts) == (
        1,
        1,
        0,
        1,
    ) and done.generation_no == plan.generation_no + 1
    now = years(sample, row.association_id)
    assert {year: now[year] for year in before} == before, "the years before stay"
    fresh = now[YEAR]
    assert (fresh.households, fresh.member_households, fresh.denominator) == (321, 300, "reported")
    assert fresh.denominator_as_of == date(2026, 4, 1) and "年度更新" in str(fresh.denominator_source)
    with sample.read(Audience.STAFF) as conn:
        ref = resolve(conn, CODE)
        held = [
            item
            for item in contacts.contacts(conn, CODE, row.association_id).values()
            if item.role == "president"
        ]
        assert [(item.name, item.phone, item.published) for item in held] == [
            ("新 会長", "019-000-0009", True)
        ]
        (mine,) = [
            item for item in returns.addressees(conn, ref, YEAR) if item.association_id == row.association_id
        ]
        assert (mine.to, mine.person, mine.copies) == ("circulation", "回覧 係", 310)
        assert [(note.about, note.words) for note in returns.notes(conn, CODE, YEAR)] == [
            ("hall", "持っている、新公民館" + (f"、{said.hall_address}" if said.hall_address else "")), ("wish", "街灯がほしい"),
        ]  # fmt: skip
        assert returns.one(conn, CODE, YEAR, row.association_id).state is ReturnState.FED


def test_a_second_press_is_nothing_more_and_a_later_approval_a_second_feed(sample: Database) -> None:
    first, second = row_at(sample, 0), row_at(sample, 1)
    approve(sample, first, replace(honest(first), households=5000))
    plan = returns.compare_feed(sample, CODE, YEAR, carry=False, actor="taro")
    done = returns.feed(sample, CODE, YEAR, carry=False, plan=plan, actor="taro")
    again = returns.feed(sample, CODE, YEAR, carry=False, plan=plan, actor="taro")
    assert (again.feed_no, again.generation_no, again.returns) == (None, None, 0), "a double click"
    approve(sample, second, honest(second))
    later = press(sample)
    assert (later.feed_no, later.returns) == (2, 1) and later.generation_no == (done.generation_no or 0) + 1
    assert years(sample, first.association_id)[YEAR].households == 5000, "the first feed is carried over"


def test_two_people_press_at_once_and_one_generation_comes_of_it(sample: Database) -> None:
    row = row_at(sample, 0)
    approve(sample, row, honest(row))
    plan = returns.compare_feed(sample, CODE, YEAR, carry=False, actor="taro")

    def press_it(who: str) -> returns.Fed:
        return returns.feed(sample, CODE, YEAR, carry=False, plan=plan, actor=who)

    with ThreadPoolExecutor(2) as both:
        done = list(both.map(press_it, ("taro", "hana")))
    assert sorted(item.feed_no or 0 for item in done) == [0, 1]
    with sample.read(Audience.STAFF) as conn:
        assert resolve(conn, CODE).generation_no == plan.generation_no + 1


def test_an_association_that_was_dissolved_has_no_figures_of_the_year(sample: Database) -> None:
    gone, other = row_at(sample, 0), row_at(sample, 1)
    for row in (gone, other):
        approve(sample, row, honest(row))
    make_active(
        sample, put(sample, "associations", association_rows({"A2": square(2, 0), "A3": square(3, 0)}))
    )
    assert (gone.association_id, other.association_id) == ("A1", "A2")
    plan = returns.compare_feed(sample, CODE, YEAR, carry=True, actor="taro")
    assert {row.association_id for row in plan.figures} == {"A2", "A3"}


def test_what_was_looked_at_is_what_is_fed(sample: Database) -> None:
    first, second = row_at(sample, 0), row_at(sample, 1)
    approve(sample, first, honest(first))
    plan = returns.compare_feed(sample, CODE, YEAR, carry=False, actor="taro")
    approve(sample, second, honest(second))
    with pytest.raises(EditConflictError, match="まだ何も反映していません"):
        returns.feed(sample, CODE, YEAR, carry=False, plan=plan, actor="taro")
    assert YEAR not in years(sample, first.association_id)


def test_those_who_did_not_answer_keep_last_years_figures_only_when_told_and_marked(sample: Database) -> None:
    row, silent = row_at(sample, 0), row_at(sample, 1)
    approve(sample, row, honest(row))
    done = press(sample)
    assert done.carried == 0 and YEAR not in years(sample, silent.association_id)
    kept = press(sample, carry=True)
    assert kept.returns == 0 and kept.carried == 2
    carried, last = (
        years(sample, silent.association_id)[year] for year in (YEAR, silent.last_fiscal_year or 0)
    )
    assert (carried.households, carried.member_households) == (last.households, last.member_households)
    assert "引き継ぎ" in str(carried.denominator_source) and carried.denominator == last.denominator
    assert press(sample, carry=True).feed_no is None
    approve(sample, silent, replace(honest(silent), households=777))
    press(sample, carry=True)
    assert years(sample, silent.association_id)[YEAR].households == 777, (
        "the answer takes the place of what was carried"
    )


def test_unknown_figures_are_never_zero(sample: Database) -> None:
    row = row_at(sample, 0)
    approve(sample, row, replace(honest(row), member_households=None, president_name="新 会長"))
    plan = returns.compare_feed(sample, CODE, YEAR, carry=False, actor="taro")
    assert [item.association_id for item in plan.without] == [row.association_id] and plan.comparison is None
    done = returns.feed(sample, CODE, YEAR, carry=False, plan=plan, actor="taro")
    assert (done.generation_no, done.returns, done.contacts) == (None, 1, 1)
    assert YEAR not in years(sample, row.association_id)


def test_a_roll_back_takes_the_figures_back(sample: Database) -> None:
    row = row_at(sample, 0)
    before = years(sample, row.association_id)
    approve(sample, row, honest(row))
    press(sample)
    rollback(sample, CODE, by="taro")
    assert years(sample, row.association_id) == before


def test_a_contact_without_consent_is_not_published(sample: Database) -> None:
    row = row_at(sample, 0)
    approve(sample, row, replace(honest(row), president_name="新 会長", president_published=None))
    press(sample)
    with sample.read(Audience.STAFF) as conn:
        held = contacts.contacts(conn, CODE, row.association_id).values()
        other = [item for item in held if item.role != "president"]
        assert [item.published for item in held if item.role == "president"] == [False]
    with sample.read(Audience.STAFF) as conn:
        assert [
            item
            for item in contacts.contacts(conn, CODE, row.association_id).values()
            if item.role != "president"
        ] == other


def test_no_to_being_published_is_heeded_with_nothing_beside_it(sample: Database) -> None:
    row, silent = row_at(sample, 0), row_at(sample, 1)
    public = contacts.Contact("president", "前の 会長", "019-000-0009", published=True)
    desk = contacts.Contact("member-desk", "窓口", "019-000-0008", published=True)
    with sample.write(Audience.STAFF) as conn:
        for item in (row, silent):
            for contact in (public, desk):
                contacts.add(conn, CODE, item.association_id, contact, actor="hana")
    nothing = dict.fromkeys(("president_name", "president_phone", "president_address", "president_email"))
    approve(sample, row, replace(honest(row), **nothing, president_published="no"))
    approve(sample, silent, replace(honest(silent), **nothing, president_published=None))
    plan = returns.compare_feed(sample, CODE, YEAR, carry=False, actor="taro")
    assert plan.contacts == {row.association_id: ("公開の同意",)}
    returns.feed(sample, CODE, YEAR, carry=False, plan=plan, actor="taro")
    with sample.read(Audience.STAFF) as conn:
        held = [[*contacts.contacts(conn, CODE, item.association_id).values()] for item in (row, silent)]
    assert held == [[replace(public, published=False), desk], [public, desk]], "nothing said changes nothing"


def test_notes_are_seen_to_one_by_one_and_areas_go_into_a_draft(sample: Database) -> None:
    row = row_at(sample, 0)
    words = "みたけ三丁目1番〜4番。ほかに東側の一部"
    approve(sample, row, replace(honest(row), area_text=words))
    press(sample)
    with sample.write(Audience.STAFF) as conn:
        (note,) = returns.notes(conn, CODE, YEAR, open_only=True)
        returns.area_to_draft(conn, resolve(conn, CODE), YEAR, row.association_id, actor="taro")
        draft = drafts.open_draft(conn, CODE, "associations")
        assert (
            draft is not None
            and draft.changes[0].after is not None
            and draft.changes[0].after["area_text"] == words
        )
        with pytest.raises(ConflictError, match="同じです"):
            returns.area_to_draft(conn, resolve(conn, CODE), YEAR, row.association_id, actor="taro")
        with pytest.raises(EditConflictError):
            returns.see_to(conn, CODE, YEAR, row.association_id, "area", words="別", actor="taro")
        returns.see_to(conn, CODE, YEAR, row.association_id, "area", words=note.words, actor="taro")
        assert returns.notes(conn, CODE, YEAR, open_only=True) == []
