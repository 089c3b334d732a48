"""Cases of grants below the pages: what they mean for the maps, who is faster, what the database itself refuses."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest

from geodata.cluster import Cluster
from geodata.database import Audience, Connection, Database
from geodata.edits import records
from geodata.edits.history import history
from geodata.grants import budgets, case_changes, cases, rules
from geodata.grants.budgets import Budget
from geodata.queries.generation import resolve
from kyodo_geo.edits import EditConflictError, stamp
from kyodo_geo.errors import ConflictError, InputError, NotFoundError
from kyodo_geo.grants.case_fields import CASE_KINDS
from kyodo_geo.grants.cases import Deed, State, Step, standing
from kyodo_geo.grants.schemes import scheme_of
from kyodo_geo.grants.table import Check, Condition, Part, RuleTable
from kyodo_geo.records import PROJECTS, SUBSIDIES
from tests.factories import CODE, association_rows, district_rows, make_active, morioka, put, square
from tests.fixtures_db import DatabaseUrls, copied

DAY = date(2026, 5, 1)
TODAY = date(2026, 11, 26)
TABLE = RuleTable(
    (Part("事業費の補助", "対象経費 × 1/2", most=300_000),),
    conditions=(
        Condition(Check.ADOPTED_PLAN, "地域づくり計画がある"),
        Condition(Check.TICKED, "ほかの補助を受けない"),
    ),
)
PROJECT: dict[str, Any] = {
    "fiscal_year": 2026, "district_no": 1, "applicant": "地区1 地域づくり協議会", "title": "防災マップづくり", "theme": "防災",
    "starts_on": None, "ends_on": None, "linked_id": None, "papers": None, "contact_name": "見本 花子",
    "contact_phone": "019-000-0000", "quality": "sample", "source": None, "counts_as_project": True,
}  # fmt: skip
COMMUNITY: dict[str, Any] = {
    name: value
    for name, value in PROJECT.items()
    if name not in ("title", "theme", "linked_id", "counts_as_project")
} | {"applicant": "地区1 コミュニティ推進協議会"}
WORKS: dict[str, Any] = {
    **{name: PROJECT[name] for name in ("fiscal_year", "starts_on", "ends_on", "linked_id", "papers", "contact_name",
                                        "contact_phone", "quality", "source")},
    "association_id": "a1", "applicant": "a1町内会", "hall_id": None, "geom": [141.005, 39.605], "work": "repair",
    "confirmed_on": date(1985, 4, 1), "retrofitted": None,
}  # fmt: skip


@pytest.fixture(scope="module")
def town(cluster: Cluster, template: DatabaseUrls) -> Iterator[Database]:
    """Two districts with an association each; tests that keep something say in which."""
    with copied(cluster, template) as urls:
        database = Database(urls.app)
        morioka(database)
        make_active(
            database,
            put(database, "districts", district_rows({1: square(0, 0), 2: square(1, 0)})),
            put(database, "associations", association_rows({"a1": square(0, 0), "a2": square(1, 0)})),
        )
        yield database
        database.close()


@pytest.fixture
def staff(town: Database) -> Iterator[Connection]:
    """As staff; nothing of it stays."""
    with town.write(Audience.STAFF) as conn, conn.transaction(force_rollback=True):
        yield conn


def rule(conn: Connection, scheme: str, table: RuleTable = TABLE, year: int = 2026) -> None:
    held = rules.save_draft(
        conn, CODE, scheme_of(scheme), year, table, quality="sample", source="見本", seen="", actor="p"
    )
    rules.put_into_force(conn, CODE, scheme_of(scheme), year, seen=held.mark, reason="初版", actor="p")


def enter(
    conn: Connection, facts: dict[str, Any], kind: str = "projects", cost: int = 500_000, yen: int = 250_000
) -> int:
    figures = {"eligible_cost": cost}
    return case_changes.enter(
        conn, resolve(conn, CODE), CASE_KINDS[kind], facts, [Step(1, Deed.APPLY, DAY, yen, figures)], today=TODAY,
        actor="hana",
    )  # fmt: skip


def take(conn: Connection, no: int, deed: Deed, yen: int | None = None, **more: Any) -> State:
    case = cases.one(conn, CODE, no)
    own = {name: more.pop(name) for name in ("ticked", "answered", "version") if name in more}
    step = Step(
        0, deed, more.pop("day", case.standing.last.day + timedelta(days=7)), yen, words="理由", **more
    )
    own.setdefault("version", case.mark)
    return case_changes.take_step(conn, resolve(conn, CODE), no, step, today=TODAY, actor="hana", **own).state


def rows(conn: Connection, kind: Any) -> list[tuple[str, dict[str, Any]]]:
    return records.records(conn, CODE, kind)


def test_a_granted_project_is_one_row_of_the_map_from_the_decision_to_its_withdrawal(
    staff: Connection,
) -> None:
    no = enter(staff, PROJECT)
    assert rows(staff, PROJECTS) == []
    take(staff, no, Deed.GRANT, 200_000, answered="見本のため")
    ((row_id, row),) = rows(staff, PROJECTS)
    assert (row["title"], row["district_no"], row["grant_yen"], row["participants"]) == (
        "防災マップづくり",
        1,
        200_000,
        None,
    )
    assert row["source"] == f"補助金の案件 第{no}号"
    take(staff, no, Deed.REPORT, figures={"eligible_cost": 380_000}, participants=120)
    assert take(staff, no, Deed.SETTLE, 190_000, answered="領収書による") is State.SETTLED
    assert rows(staff, PROJECTS) == [(row_id, {**row, "grant_yen": 190_000, "participants": 120})]
    assert take(staff, no, Deed.WITHDRAW) is State.WITHDRAWN
    assert rows(staff, PROJECTS) == [] and cases.one(staff, CODE, no).made_id is None
    take(staff, no, Deed.UNDO)
    assert [row["grant_yen"] for _, row in rows(staff, PROJECTS)] == [190_000]


def test_a_record_entered_by_hand_is_taken_over_and_given_back_as_it_was(staff: Connection) -> None:
    by_hand = {name: PROJECT.get(name) for name in ("title", "district_no", "fiscal_year", "theme", "quality")} | {
        "grant_yen": 111, "participants": 30, "source": "手で登録", "counts_as_project": True,
    }  # fmt: skip
    row_id = records.add(staff, CODE, PROJECTS, by_hand, actor="hana")
    no = enter(staff, PROJECT)
    with pytest.raises(InputError, match="2 重に数えません") as caught, staff.transaction():
        take(staff, no, Deed.GRANT, 200_000, answered="見本")
    assert caught.value.details["field"] == "linked_id"
    case_changes.correct(
        staff, resolve(staff, CODE), no, {**PROJECT, "linked_id": row_id}, version=cases.one(staff, CODE, no).mark,
        actor="hana",
    )  # fmt: skip
    take(staff, no, Deed.GRANT, 200_000, answered="見本")
    assert rows(staff, PROJECTS) == [(row_id, {**by_hand, "grant_yen": 200_000})]
    now = records.one(staff, CODE, PROJECTS, row_id)
    for change in (
        lambda: records.correct(staff, CODE, PROJECTS, row_id, by_hand, version=stamp(now), actor="x"),
        lambda: records.withdraw(staff, CODE, PROJECTS, row_id, version=stamp(now), actor="x"),
    ):
        with pytest.raises(InputError, match=f"案件 第{no}号"):
            change()
    twin = enter(staff, {**PROJECT, "title": "別の事業"})
    with pytest.raises(InputError, match="ほかの案件"), staff.transaction():
        case_changes.correct(
            staff, resolve(staff, CODE), twin, {**PROJECT, "title": "別の事業", "linked_id": row_id},
            version=cases.one(staff, CODE, twin).mark, actor="hana",
        )  # fmt: skip
    take(staff, no, Deed.UNDO)
    assert rows(staff, PROJECTS) == [(row_id, by_hand)]


def test_a_case_lets_go_of_a_record_when_it_is_linked_with_another(staff: Connection) -> None:
    base = {"district_no": 1, "fiscal_year": 2026, "theme": None, "quality": "real", "grant_yen": None,
            "participants": None, "source": None, "counts_as_project": True}  # fmt: skip
    one, other = (records.add(staff, CODE, PROJECTS, {**base, "title": t}, actor="h") for t in ("一", "二"))
    elsewhere = records.add(staff, CODE, PROJECTS, {**base, "title": "三", "district_no": 2}, actor="h")
    no = enter(staff, {**PROJECT, "linked_id": one})
    take(staff, no, Deed.GRANT, 200_000, answered="見本")
    ref = resolve(staff, CODE)
    with pytest.raises(InputError, match="年度か申請者"), staff.transaction():
        case_changes.correct(
            staff,
            ref,
            no,
            {**PROJECT, "linked_id": elsewhere},
            version=cases.one(staff, CODE, no).mark,
            actor="h",
        )
    case_changes.correct(
        staff, ref, no, {**PROJECT, "linked_id": other}, version=cases.one(staff, CODE, no).mark, actor="h"
    )
    assert {key: row["grant_yen"] for key, row in rows(staff, PROJECTS)} == {
        one: None,
        other: 200_000,
        elsewhere: None,
    }
    assert records.one(staff, CODE, PROJECTS, one)["title"] == "一"


def test_the_district_has_the_sum_of_what_its_organisations_were_granted(staff: Connection) -> None:
    def figure(conn: Connection) -> dict[str, float]:
        found = conn.execute(
            "SELECT area_key, value FROM area_figure WHERE measure = 'community_grant_yen' "
            "AND fiscal_year = 2026 ORDER BY 1"
        )
        return {row["area_key"]: row["value"] for row in found}

    one = enter(staff, COMMUNITY, "community")
    two = enter(staff, {**COMMUNITY, "applicant": "地区1 別の組織"}, "community")
    assert figure(staff) == {}
    take(staff, one, Deed.GRANT, 100_000, answered="見本")
    take(staff, two, Deed.GRANT, 50_000, answered="見本")
    assert figure(staff) == {"1": 150_000}
    case_changes.correct(
        staff, resolve(staff, CODE), two, {**COMMUNITY, "applicant": "地区2 の組織", "district_no": 2},
        version=cases.one(staff, CODE, two).mark, actor="h",
    )  # fmt: skip
    assert figure(staff) == {"1": 100_000, "2": 50_000}
    take(staff, one, Deed.WITHDRAW)
    assert figure(staff) == {"2": 50_000}


def test_a_row_that_a_load_took_away_is_made_anew(staff: Connection) -> None:
    no = enter(staff, PROJECT)
    take(staff, no, Deed.GRANT, 200_000, answered="見本")
    staff.execute("DELETE FROM project")
    take(staff, no, Deed.REPORT, participants=9)
    assert [row["participants"] for _, row in rows(staff, PROJECTS)] == [9]
    staff.execute("DELETE FROM project")
    assert take(staff, no, Deed.WITHDRAW) is State.WITHDRAWN


def test_works_of_a_hall_become_its_subsidy_with_its_place(staff: Connection) -> None:
    no = enter(staff, WORKS, "hall-works")
    take(staff, no, Deed.GRANT, 200_000, answered="見本")
    ((_, row),) = rows(staff, SUBSIDIES)
    assert (row["kind"], row["work"], row["amount_yen"], row["geom"]) == (
        "works",
        "repair",
        200_000,
        [141.005, 39.605],
    )


def test_the_rule_of_the_year_weighs_and_what_speaks_against_needs_words(staff: Connection) -> None:
    rule(staff, "projects")
    no = enter(staff, PROJECT, cost=400_000)
    applied = cases.one(staff, CODE, no).kept[0]
    assert applied.calculation is not None and applied.calculation["total"] == 200_000
    assert [item["met"] for item in applied.conditions or ()] == [None, None]
    with pytest.raises(InputError, match=r"超えています.*条件") as caught, staff.transaction():
        take(staff, no, Deed.GRANT, 250_000)
    assert caught.value.details["field"] == "answered" and len(caught.value.details["shown"]) == 3
    staff.execute(
        "INSERT INTO district_plan (municipality_code, district_no, record_no, state, valid_from) "
        "VALUES (%s, 1, 1, 'adopted', '2025-04-01')",
        (CODE,),
    )
    take(staff, no, Deed.GRANT, 200_000, ticked=(2,))
    granted = cases.one(staff, CODE, no).kept[1]
    assert (granted.doubts, granted.answered) == (None, None)
    assert granted.conditions == [
        {
            "words": "地域づくり計画がある",
            "met": True,
            "reason": "計画は策定されています",
            "by_hand": False,
        },
        {"words": "ほかの補助を受けない", "met": True, "reason": "職員が確かめました", "by_hand": True},
    ]


def test_what_was_decided_is_settled_by_the_rule_it_was_decided_by(staff: Connection) -> None:
    rule(staff, "community", RuleTable((Part("活動費", "対象経費 × 1/2"),)))
    no = enter(staff, COMMUNITY, "community")
    take(staff, no, Deed.GRANT, 250_000)
    held = rules.save_draft(
        staff, CODE, scheme_of("community"), 2026, RuleTable((Part("活動費", "対象経費 × 1/4"),)), quality="real",
        source=None, seen="", actor="p",
    )  # fmt: skip
    rules.put_into_force(staff, CODE, scheme_of("community"), 2026, seen=held.mark, reason="改定", actor="p")
    take(staff, no, Deed.REPORT, figures={"eligible_cost": 480_000})
    with pytest.raises(InputError, match="違います"), staff.transaction():
        take(staff, no, Deed.SETTLE, 120_000)
    take(staff, no, Deed.SETTLE, 240_000)
    assert [(kept.rule or {}).get("version") for kept in cases.one(staff, CODE, no).kept] == [1, 1, 1, 1]


def test_the_rent_is_calculated_by_the_terms_until_the_year_has_a_table(staff: Connection) -> None:
    from geodata import hall_terms
    from kyodo_geo.vacancy.terms import Terms

    rent = {name: value for name, value in WORKS.items() if name != "work"}
    figures = {"monthly_rent": 30_000, "months": 10}
    ref = resolve(staff, CODE)

    def asked(facts: dict[str, Any]) -> cases.KeptStep:
        step = Step(1, Deed.APPLY, DAY, 100_000, figures)
        no = case_changes.enter(staff, ref, CASE_KINDS["hall-rent"], facts, [step], today=TODAY, actor="h")
        return cases.one(staff, CODE, no).kept[0]

    assert asked(rent).rule is None
    hall_terms.enter(staff, CODE, Terms(rate=0.5), made_from=0, note="初", source="要綱", by="h")
    by_terms = asked({**rent, "association_id": "a2"})
    assert by_terms.rule is not None and by_terms.rule["source"] == "terms"
    assert by_terms.calculation is not None and by_terms.calculation["total"] == 150_000
    rule(staff, "hall-rent", RuleTable((Part("家賃", "月額賃借料 × 月数 × 1/3"),)))
    by_table = asked({**rent, "starts_on": DAY})
    assert by_table.calculation is not None and by_table.calculation["total"] == 100_000


def test_works_within_the_years_of_the_rule_are_found_whoever_entered_them(staff: Connection) -> None:
    table = RuleTable(
        (Part("工事", "対象経費 × 1/2"),), conditions=(Condition(Check.NONE_WITHIN, "10 年に 1 回", 10),)
    )
    subsidy = {"fiscal_year": 2020, "association_id": "a1", "kind": "works", "work": "repair", "amount_yen": 1,
               "hall_id": None, "geom": None, "quality": "real", "source": None}  # fmt: skip
    rule(staff, "hall-works", table)
    no = enter(staff, WORKS, "hall-works")
    assert [item["met"] for item in cases.one(staff, CODE, no).kept[0].conditions or ()] == [None]
    records.add(staff, CODE, SUBSIDIES, subsidy, actor="h")
    records.add(staff, CODE, SUBSIDIES, {**subsidy, "association_id": "a2"}, actor="h")
    with pytest.raises(InputError, match=r"前に受けたのは 2020 年度"), staff.transaction():
        take(staff, no, Deed.GRANT, 250_000)
    free = enter(staff, {**WORKS, "work": "new"}, "hall-works")
    take(staff, free, Deed.GRANT, 250_000)
    later = enter(staff, {**WORKS, "work": "new", "starts_on": DAY}, "hall-works")
    with pytest.raises(InputError, match=r"前に受けたのは 2026 年度"), staff.transaction():
        take(staff, later, Deed.GRANT, 250_000)


def test_decisions_above_the_budget_need_words(staff: Connection) -> None:
    rule(staff, "community", RuleTable((Part("活動費", "対象経費"),)))
    budgets.save(staff, CODE, "community", 2026, Budget(300_000), version=Budget().mark, actor="h")
    one, two = (enter(staff, {**COMMUNITY, "applicant": name}, "community") for name in ("甲", "乙"))
    take(staff, one, Deed.GRANT, 200_000)
    assert budgets.left(staff, CODE, "community", 2026) == 100_000
    with pytest.raises(InputError, match="50,000 円超えます"), staff.transaction():
        take(staff, two, Deed.GRANT, 150_000)
    take(staff, two, Deed.GRANT, 100_000)
    take(staff, one, Deed.CHANGE, 150_000)
    assert budgets.left(staff, CODE, "community", 2026) == 50_000
    with pytest.raises(EditConflictError), staff.transaction():
        budgets.save(staff, CODE, "community", 2026, Budget(1), version=Budget().mark, actor="h")
    found = budgets.sums(staff, CODE, 2026)["community"]
    assert (found.granted, found.open, found.granted_yen, found.paid_yen) == (2, 2, 250_000, 0)
    assert [
        (s.district_no, s.granted_yen) for s in budgets.by_district(staff, resolve(staff, CODE), 2026)
    ] == [(1, 250_000)]


def test_a_step_taken_back_is_held_against_the_budget_like_a_decision(staff: Connection) -> None:
    rule(staff, "community", RuleTable((Part("活動費", "対象経費"),)))
    budgets.save(staff, CODE, "community", 2026, Budget(300_000), version=Budget().mark, actor="h")
    one, two = (enter(staff, {**COMMUNITY, "applicant": name}, "community") for name in ("甲", "乙"))
    take(staff, one, Deed.GRANT, 200_000)
    take(staff, one, Deed.CHANGE, 100_000)
    take(staff, two, Deed.GRANT, 200_000)
    with pytest.raises(InputError, match="100,000 円超えます") as refused, staff.transaction():
        take(staff, one, Deed.UNDO)
    assert refused.value.details["field"] == "answered"
    take(staff, one, Deed.WITHDRAW)
    take(staff, one, Deed.UNDO)
    assert budgets.left(staff, CODE, "community", 2026) == 0
    take(staff, one, Deed.WITHDRAW)
    take(staff, two, Deed.CHANGE, 250_000)
    with pytest.raises(InputError, match="50,000 円超えます"), staff.transaction():
        take(staff, one, Deed.UNDO)
    assert take(staff, one, Deed.UNDO, answered="補正の見込み") is State.GRANTED
    kept = cases.one(staff, CODE, one).kept[-1]
    assert kept.doubts == ["予算の枠を 50,000 円超えます"] and kept.answered == "補正の見込み"
    take(staff, two, Deed.UNDO, answered="念のため")
    assert cases.one(staff, CODE, two).kept[-1].answered is None


def test_the_list_says_what_the_steps_say(staff: Connection) -> None:
    ref = resolve(staff, CODE)
    no = enter(staff, PROJECT)
    take(staff, no, Deed.GRANT, 200_000, answered="見本", due_on=date(2026, 6, 1))
    take(staff, no, Deed.REPORT)
    take(staff, no, Deed.UNDO)
    works = enter(staff, WORKS, "hall-works")
    every = cases.cases(staff, ref, cases.Wanted(TODAY))
    assert [(row.no, row.scheme, row.district_no, row.association) for row in every] == [
        (no, "projects", 1, None), (works, "hall-works", 1, "a1町内会"),
    ]  # fmt: skip
    for row in every:
        now = standing(cases.one(staff, CODE, row.no).steps)
        assert (row.state, row.requested_yen, row.decided_yen, row.settled_yen, row.paid_yen, row.due_on) == (
            now.state, now.requested, now.decided, now.settled, now.paid, now.due_on,
        )  # fmt: skip
        assert row.days == {step.deed: step.day for step in now.steps}
    assert [row.no for row in cases.cases(staff, ref, cases.Wanted(TODAY, late=True))] == [no]
    assert cases.cases(staff, ref, cases.Wanted(TODAY, state="paid")) == []
    assert [
        row.no for row in cases.cases(staff, ref, cases.Wanted(TODAY, scheme="hall-works", district=1))
    ] == [works]
    with pytest.raises(NotFoundError):
        cases.one(staff, CODE, 99)


def test_the_same_case_twice_is_refused_until_the_first_has_failed(staff: Connection) -> None:
    no = enter(staff, PROJECT)
    with pytest.raises(InputError, match=f"第{no}号"), staff.transaction():
        enter(staff, PROJECT)
    take(staff, no, Deed.REFUSE)
    assert enter(staff, PROJECT) == no + 1
    with pytest.raises(InputError, match=f"第{no + 1}号"), staff.transaction():
        take(staff, no, Deed.UNDO)


def test_a_withdrawn_grant_does_not_come_back_beside_the_same_case(staff: Connection) -> None:
    no = enter(staff, PROJECT)
    take(staff, no, Deed.GRANT, 200_000, answered="見本")
    take(staff, no, Deed.WITHDRAW)
    again = enter(staff, PROJECT)
    with pytest.raises(InputError, match=f"第{again}号") as refused, staff.transaction():
        take(staff, no, Deed.UNDO)
    assert refused.value.details["field"] == "words"
    take(staff, again, Deed.WITHDRAW)
    assert take(staff, no, Deed.UNDO) is State.GRANTED


def test_the_person_in_charge_is_in_no_audit_entry(staff: Connection) -> None:
    no = enter(staff, PROJECT)
    case_changes.correct(
        staff, resolve(staff, CODE), no, {**PROJECT, "contact_name": "別の 見本子"},
        version=cases.one(staff, CODE, no).mark, actor="hana",
    )  # fmt: skip
    told = history(staff, CODE, cases.target(no))
    assert [entry.action for entry in told] == [
        "edit.grant-case.correct",
        "edit.grant-case.add",
        "edit.grant-case.step",
    ]
    assert told[0].details["touched"] == ["contact_name"] and told[0].changes == {}
    assert not any("見本" in str(entry.details).replace("見本データ", "") for entry in told)


@pytest.mark.parametrize(
    "statement", ["UPDATE grant_step SET yen = 1", "DELETE FROM grant_step", "DELETE FROM grant_case"]
)
def test_nobody_of_the_service_changes_a_step(town: Database, statement: str) -> None:
    for audience in (Audience.STAFF, Audience.LOADER, Audience.AUTH, Audience.PARTNER):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), town.write(audience) as conn:
            conn.execute(statement)


def test_the_public_reads_nothing_of_applications(town: Database) -> None:
    for table in ("grant_case", "grant_step", "grant_budget"):
        for audience in (Audience.PUBLIC, Audience.PARTNER):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), town.read(audience) as conn:
                conn.execute(f"SELECT * FROM {table}")


# The two below keep what they enter: they come last.


def test_of_two_who_decide_at_the_same_moment_one_is_told(town: Database) -> None:
    with town.write(Audience.STAFF) as conn:
        no = enter(conn, PROJECT)
        seen = cases.one(conn, CODE, no).mark
    start, outcomes = threading.Barrier(3), []

    def decide(yen: int) -> None:
        start.wait()
        try:
            with town.write(Audience.STAFF) as conn:
                take(conn, no, Deed.GRANT, yen, answered="見本", version=seen, day=DAY)
            outcomes.append("decided")
        except (EditConflictError, ConflictError):
            outcomes.append("told")

    threads = [threading.Thread(target=decide, args=(yen,)) for yen in (100_000, 150_000, 200_000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["decided", "told", "told"]
    with town.read(Audience.STAFF) as conn:
        assert len(cases.one(conn, CODE, no).kept) == 2 and len(rows(conn, PROJECTS)) == 1


def test_two_who_enter_at_once_get_two_numbers(town: Database) -> None:
    start, found = threading.Barrier(4), []

    def work(number: int) -> None:
        start.wait()
        with town.write(Audience.STAFF) as conn:
            found.append(enter(conn, {**PROJECT, "title": f"事業{number}"}))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(min(found), min(found) + 4))
