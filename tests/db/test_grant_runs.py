"""The incentive for all associations: where figures come from, what was decided stays, corrections, figures for the maps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import psycopg
import pytest

from api.grant_pages.runs import read
from geodata import returns
from geodata.cluster import Cluster
from geodata.database import Audience, Connection, Database
from geodata.grants import ground, rules, runs
from geodata.queries.generation import Ref, resolve
from kyodo_geo.edits import EditConflictError
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.grants.schemes import COMMUNITY, INCENTIVE
from kyodo_geo.grants.table import Part, RuleTable
from tests.db.test_returns import DAYS, answer, honest, some
from tests.fixtures_db import DatabaseUrls, copied

CODE, YEAR = "03201", 2026
TABLE = RuleTable((Part("均等割", "10,000円"), Part("世帯割", "会員世帯数 × 300円")))
WITH_COPIES = replace(TABLE, parts=(*TABLE.parts, Part("回覧割", "回覧部数 × 50円")))


@pytest.fixture(scope="module")
def sample(cluster: Cluster, sample_db_template: DatabaseUrls) -> Iterator[Database]:
    with copied(cluster, sample_db_template) as urls:
        database = Database(urls.app)
        with database.write(Audience.STAFF) as conn:
            returns.start(conn, resolve(conn, CODE), YEAR, **DAYS, actor="hana")
            for year, table in ((YEAR, TABLE), (YEAR - 1, TABLE)):
                rule(conn, table, year)
        try:
            yield database
        finally:
            database.close()


@pytest.fixture
def staff(sample: Database) -> Iterator[Connection]:
    """A transaction that is undone."""
    with sample.write(Audience.STAFF) as conn:
        yield conn
        raise psycopg.Rollback


def rule(conn: Connection, table: RuleTable, year: int = YEAR) -> None:
    held = rules.draft(conn, CODE, INCENTIVE.key, year)
    saved = rules.save_draft(
        conn, CODE, INCENTIVE, year, table, quality="sample", source="見本", seen=held.mark if held else "",
        actor="hana",
    )  # fmt: skip
    rules.put_into_force(conn, CODE, INCENTIVE, year, seen=saved.mark, reason="試験", actor="hana")


def calculated(conn: Connection, year: int = YEAR) -> runs.Run:
    return runs.one(conn, CODE, runs.calculate(conn, resolve(conn, CODE), year, actor="hana"))


def ref_of(conn: Connection) -> Ref:
    return resolve(conn, CODE)


def test_an_approved_return_comes_before_the_membership(staff: Connection) -> None:
    ref, row = ref_of(staff), some(staff)
    waiting = some(staff, 1)
    answer(staff, waiting, replace(honest(waiting), households=99_999))
    said = answer(staff, row, replace(honest(row), households=(row.held.households or 0) + 1))
    returns.approve(staff, ref, YEAR, row.association_id, version=said.version, actor="taro")
    known = {one.key: one for one in ground.associations(staff, ref, YEAR)}
    figures = known[row.association_id].figures
    assert figures["世帯数"].value == (row.held.households or 0) + 1
    assert {figure.source for name, figure in figures.items() if name != "地区人口"} == {
        "年度更新の届（承認済み）"
    }
    assert known[waiting.association_id].figures["世帯数"].source == "加入世帯数のデータ"
    assert "回覧部数" not in known[waiting.association_id].figures


def test_copies_are_the_newest_known_up_to_the_year(staff: Connection) -> None:
    key = some(staff).association_id
    for year, copies in ((2024, 10), (2025, 20), (2027, 99)):
        staff.execute(
            "INSERT INTO circulation (municipality_code, association_id, fiscal_year, copies) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (municipality_code, association_id, fiscal_year) DO UPDATE SET copies = excluded.copies",
            (CODE, key, year, copies),
        )
    known = {one.key: one.figures.get("回覧部数") for one in ground.associations(staff, ref_of(staff), YEAR)}
    found = known[key]
    assert (
        found is not None and (found.value, found.source) == (20, "回覧部数の記録") and "令和7" in found.as_of
    )


def test_districts_have_people_households_and_associations(staff: Connection) -> None:
    found = ground.recipients(staff, ref_of(staff), COMMUNITY, YEAR)
    assert len(found) == 30
    assert all(set(one.figures) == {"地区人口", "地区世帯数", "地区の団体数"} for one in found)
    total = sum(one.figures["地区の団体数"].value for one in found)
    assert total == sum(
        one.district_no is not None for one in ground.associations(staff, ref_of(staff), YEAR)
    )


def test_a_run_keeps_what_it_was_calculated_with(staff: Connection) -> None:
    run = calculated(staff)
    rows = runs.rows(staff, CODE, run.run_no)
    assert (
        run.associations == len(rows) > 100
        and run.quality == "sample"
        and run.rule_version == rules.in_force(staff, CODE, INCENTIVE.key, YEAR).version
    )
    assert run.total_yen == sum(row.amount_yen or 0 for row in rows)
    for row in rows:
        assert (row.amount_yen is None) == bool(row.reasons)
        if row.amount_yen is not None:
            assert row.amount_yen == sum(step["amount"] for step in row.steps)
            assert row.amount_yen == 10_000 + 300 * row.figures["会員世帯数"]["value"]
    assert {one["kind"] for one in run.basis["datasets"]} == {"associations", "membership"}


def test_what_nobody_knows_is_no_amount(staff: Connection) -> None:
    rule(staff, WITH_COPIES)
    run = calculated(staff)
    rows = runs.rows(staff, CODE, run.run_no)
    assert run.unknown == sum("回覧部数" not in row.figures for row in rows)
    assert {tuple(row.reasons) for row in rows if row.amount_yen is None} <= {
        ("回覧割：回覧部数が分かりません",), ("世帯割：会員世帯数が分かりません", "回覧割：回覧部数が分かりません"),
    }  # fmt: skip


def test_decided_paid_and_never_changed(staff: Connection) -> None:
    run = calculated(staff)
    with pytest.raises(EditConflictError, match="「計算済み」"):
        runs.pay(staff, CODE, run.run_no, date(2026, 5, 1), actor="hana")
    decided = runs.decide(staff, CODE, run.run_no, date(2026, 4, 10), actor="hana")
    assert decided.final and decided.state == "decided"
    with pytest.raises(EditConflictError, match="「決定」"):
        runs.decide(staff, CODE, run.run_no, date(2026, 4, 10), actor="hana")
    with pytest.raises(InputError, match="決定の日より前"):
        runs.pay(staff, CODE, run.run_no, date(2026, 4, 9), actor="hana")
    assert runs.pay(staff, CODE, run.run_no, date(2026, 5, 1), actor="hana").paid_on == date(2026, 5, 1)
    with pytest.raises(InputError, match="もう決定"):
        runs.calculate(staff, ref_of(staff), YEAR, actor="hana")
    figures = staff.execute(
        "SELECT area_kind, sum(value)::bigint AS yen, min(quality) AS quality FROM area_figure "
        "WHERE measure IN ('grant_incentive', 'grant_incentive_total') AND fiscal_year = %s GROUP BY 1 ORDER BY 1",
        (YEAR,),
    ).fetchall()
    assert [(row["area_kind"], row["yen"], row["quality"]) for row in figures] == [
        ("city", run.total_yen, "sample"), ("district", run.total_yen, "sample"),
    ]  # fmt: skip


def test_a_correction_takes_the_place_of_what_it_corrects(staff: Connection) -> None:
    ref = ref_of(staff)
    first = calculated(staff)
    runs.decide(staff, CODE, first.run_no, date(2026, 4, 10), actor="hana")
    with pytest.raises(InputError, match="理由"):
        runs.calculate(staff, ref, YEAR, actor="hana", corrects=first.run_no)
    with pytest.raises(InputError, match="最後に決定した"):
        runs.calculate(staff, ref, YEAR, actor="hana", corrects=first.run_no + 50, reason="x")
    second, third = (
        runs.calculate(staff, ref, YEAR, actor="hana", corrects=first.run_no, reason="誤り") for _ in range(2)
    )
    runs.decide(staff, CODE, second, date(2026, 6, 1), actor="hana")
    with pytest.raises(EditConflictError, match="別の計算が決定"):
        runs.decide(staff, CODE, third, date(2026, 6, 1), actor="hana")
    assert [(run.run_no, run.final) for run in runs.runs(staff, CODE, year=YEAR)] == [
        (third, False), (second, True), (first.run_no, False),
    ]  # fmt: skip
    runs.discard(staff, CODE, third, actor="hana")
    with pytest.raises(NotFoundError):
        runs.one(staff, CODE, third)
    assert runs.rows(staff, CODE, third) == []


def decided(conn: Connection, amounts: dict[str, int | None], corrects: int | None = None) -> int:
    """A run with these amounts, decided."""
    row = conn.execute(
        "INSERT INTO grant_run (municipality_code, run_no, scheme, fiscal_year, rule_version, corrects, reason, basis, "
        "calculated_by, quality) SELECT %(m)s, 1 + coalesce(max(run_no), 0), 'incentive', %(year)s, 1, %(corrects)s, "
        "%(reason)s, '{}', 'hana', 'sample' FROM grant_run RETURNING run_no",
        {"m": CODE, "year": YEAR, "corrects": corrects, "reason": corrects and "誤り"},
    ).fetchone()
    assert row is not None
    for key, yen in amounts.items():
        conn.execute(
            "INSERT INTO grant_run_row (municipality_code, run_no, association_id, name, amount_yen, reasons) "
            "VALUES (%s, %s, %s, 'x', %s, %s::jsonb)",
            (CODE, row["run_no"], key, yen, '["不明"]' if yen is None else "[]"),
        )
    return runs.decide(conn, CODE, row["run_no"], date(2026, 6, 1), actor="hana").run_no


def test_a_second_correction_pays_nobody_twice(staff: Connection) -> None:
    found = staff.execute("SELECT association_id AS id FROM association ORDER BY 1 LIMIT 5").fetchall()
    unknown, away, same, gone, new = (row["id"] for row in found)
    first = decided(staff, {unknown: 10_000, away: 10_000, same: 10_000, gone: 5_000})
    second = decided(staff, {unknown: None, same: 12_000}, first)
    third = decided(staff, {unknown: 10_000, away: 11_000, same: 12_000, new: 7_000}, second)
    told = read(staff, ref_of(staff), second)
    assert [(row.association_id, change.to_pay) for row, change in told.to_pay] == [(same, 2_000)]
    told = read(staff, ref_of(staff), third)
    paid = {row.association_id: (change.before, change.to_pay) for row, change in told.to_pay}
    assert paid == {away: (10_000, 1_000), new: (None, 7_000)}
    assert told.before is not None and told.before.run_no == second
    assert [row.association_id for row in told.gone] == [gone]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE grant_run SET rule_version = 1, basis = '{}'",
        "UPDATE grant_run SET decided_on = '2026-04-11'",
        "DELETE FROM grant_run",
        "UPDATE grant_run_row SET amount_yen = 1",
        "DELETE FROM grant_run_row",
        (
            "INSERT INTO grant_run_row (municipality_code, run_no, association_id, name, amount_yen) "
            "SELECT municipality_code, (SELECT max(run_no) FROM grant_run), association_id, 'x', 1 FROM association LIMIT 1"
        ),
    ],
)
def test_the_database_keeps_what_was_decided(staff: Connection, statement: str) -> None:
    run = calculated(staff)
    runs.decide(staff, CODE, run.run_no, date(2026, 4, 10), actor="hana")
    with pytest.raises(psycopg.errors.InsufficientPrivilege), staff.transaction():
        staff.execute(statement)


def test_amounts_of_districts_are_not_for_everybody(sample: Database) -> None:
    with sample.write(Audience.STAFF) as conn:
        runs.decide(conn, CODE, calculated(conn, YEAR - 1).run_no, date(2025, 4, 10), actor="hana")
    asked = "SELECT DISTINCT area_kind FROM area_figure WHERE starts_with(measure, 'grant_')"
    for audience in (Audience.PUBLIC, Audience.PARTNER):
        with sample.read(audience) as conn:
            assert [row["area_kind"] for row in conn.execute(asked)] == ["city"]
        for table in ("grant_run", "grant_run_row", "grant_rule"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), sample.read(audience) as conn:
                conn.execute(f"SELECT * FROM {table}")
