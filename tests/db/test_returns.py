"""The yearly return in the database: a round with all associations, answers, checks, decisions; nobody overwrites another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from geodata import returns
from geodata.cluster import Cluster
from geodata.database import Audience, Connection, Database
from geodata.edits.history import history
from geodata.queries.generation import resolve
from geodata.returns import erasing
from kyodo_geo.edits import EditConflictError
from kyodo_geo.errors import ConflictError, InputError, NotFoundError
from kyodo_geo.returns import Answers, Came, ReturnState, Severity, first_answers
from tests.fixtures_db import DatabaseUrls, copied

CODE, YEAR = "03201", 2026
DAYS = {"reference_day": date(2026, 4, 1), "opens_on": date(2026, 4, 1), "due_on": date(2026, 5, 31)}


@pytest.fixture(scope="module")
def sample(cluster: Cluster, sample_db_template: DatabaseUrls) -> Iterator[Database]:
    with copied(cluster, sample_db_template) as urls:
        database = Database(urls.app)
        with database.write(Audience.STAFF) as conn:
            returns.start(conn, resolve(conn, CODE), YEAR, **DAYS, actor="hana")
        try:
            yield database
        finally:
            database.close()


@pytest.fixture
def staff(sample: Database) -> Iterator[Connection]:
    """A transaction that is undone."""
    with sample.write(Audience.STAFF) as conn:
        yield conn
        conn.execute("SELECT 1")
        raise_undo(conn)


def raise_undo(conn: Connection) -> None:
    raise psycopg.Rollback


def some(conn: Connection, place: int = 0) -> returns.Return:
    """One with figures of the last year."""
    return [row for row in returns.listed(conn, CODE, YEAR) if row.held.households][place]


def honest(row: returns.Return) -> Answers:
    """Answers that nobody has to doubt."""
    held = row.held
    return replace(
        held, president_name=held.president_name or "山田", circulation_copies=held.member_households,
        households_basis="reported", hall_use=held.hall_use or "none", area_answer="confirmed",
    )  # fmt: skip


def answer(
    conn: Connection, row: returns.Return, answers: Answers, came: Came = Came.PAPER
) -> returns.Return:
    returns.receive(
        conn, CODE, YEAR, row.association_id, answers, came=came, actor="hana", version=row.version
    )
    return returns.one(conn, CODE, YEAR, row.association_id)


def test_a_round_begins_with_every_association_and_what_the_city_holds(staff: Connection) -> None:
    rows = returns.listed(staff, CODE, YEAR)
    known = staff.execute("SELECT count(DISTINCT association_id) AS n FROM association_area").fetchone()
    assert known is not None and len(rows) == known["n"] > 100
    assert returns.counts(staff, CODE, YEAR)[ReturnState.NOT_SENT] == len(rows)
    assert sum(row.district_no is not None for row in rows) == len(rows)
    assert all(row.held.area_text for row in rows if row.held.households)
    assert any(row.held.president_name or row.held.hall_name for row in rows)
    assert {row.last_fiscal_year for row in rows} >= {max(row.last_fiscal_year or 0 for row in rows)}
    assert [row.district_no for row in rows] == sorted(row.district_no or 0 for row in rows)


def test_a_second_round_of_the_year_is_refused(staff: Connection) -> None:
    with pytest.raises(ConflictError, match="もう始まって"):
        returns.start(staff, resolve(staff, CODE), YEAR, **DAYS, actor="hana")
    with pytest.raises(InputError, match="締め切り"):
        returns.start(staff, resolve(staff, CODE), 2027, **{**DAYS, "due_on": date(2026, 3, 1)}, actor="hana")


def test_answers_come_are_checked_and_approved(staff: Connection) -> None:
    ref, row = resolve(staff, CODE), some(staff)
    row = answer(staff, row, replace(honest(row), households=(row.held.households or 0) + 1))
    assert (row.state, row.came_by) == (ReturnState.RECEIVED, Came.PAPER)
    found = returns.check(staff, ref, row)
    assert "households" in {item.field for item in found.differences} and not found.doubts
    returns.approve(staff, ref, YEAR, row.association_id, version=row.version, actor="taro")
    row = returns.one(staff, CODE, YEAR, row.association_id)
    assert (row.state, row.decided_by) == (ReturnState.APPROVED, "taro")
    told = [entry.action for entry in history(staff, CODE, returns.target(YEAR, row.association_id))]
    assert told == ["edit.return.approve", "edit.return.receive"]
    figures = returns.figures(staff, CODE, YEAR)
    assert set(figures) == {row.association_id} and figures[row.association_id].approved


def test_the_audit_log_knows_no_name(staff: Connection) -> None:
    row = some(staff)
    answer(staff, row, replace(honest(row), president_name="秘密 太郎", circulation_address="秘密町1"))
    (entry,) = history(staff, CODE, returns.target(YEAR, row.association_id))
    assert "秘密" not in str(entry.details) and {"president_name", "circulation_address"} <= set(
        entry.details["touched"]
    )


def test_impossible_figures_cannot_be_approved(staff: Connection) -> None:
    ref, row = resolve(staff, CODE), some(staff)
    row = answer(staff, row, replace(honest(row), member_households=(row.held.households or 0) + 1))
    assert returns.check(staff, ref, row).doubts[0].severity is Severity.WRONG
    with pytest.raises(ConflictError, match="加入世帯数"):
        returns.approve(staff, ref, YEAR, row.association_id, version=row.version, actor="taro")
    returns.send_back(
        staff, CODE, YEAR, row.association_id, "世帯数を確かめてください", version=row.version, actor="taro"
    )
    row = returns.one(staff, CODE, YEAR, row.association_id)
    assert row.state is ReturnState.SENT_BACK and row in returns.unanswered(staff, CODE, YEAR)
    assert answer(staff, row, honest(row)).state is ReturnState.RECEIVED


def test_many_without_doubts_are_approved_at_once(staff: Connection) -> None:
    ref = resolve(staff, CODE)
    clear, odd, late = (some(staff, place) for place in (0, 1, 2))
    seen = {}
    for row, said in (
        (clear, honest(clear)),
        (odd, replace(honest(odd), households=0, member_households=0)),
        (late, honest(late)),
    ):
        seen[row.association_id] = answer(staff, row, said).version
    seen[late.association_id] -= 1  # it changed after the planner had seen it
    assert returns.approve_without_doubts(staff, ref, YEAR, seen=seen, actor="taro") == [clear.association_id]


def test_whoever_saw_an_older_version_decides_nothing(staff: Connection) -> None:
    ref, before = resolve(staff, CODE), some(staff)
    now = answer(staff, before, honest(before))
    for step in (
        lambda: returns.approve(staff, ref, YEAR, now.association_id, version=before.version, actor="x"),
        lambda: answer(staff, before, replace(honest(before), wishes="別")),
        lambda: returns.looked_at(staff, CODE, YEAR, now.association_id, version=before.version, actor="x"),
    ):
        with pytest.raises(EditConflictError):
            step()
    assert returns.one(staff, CODE, YEAR, now.association_id) == now


def test_the_same_answers_twice_are_one(staff: Connection) -> None:
    row = some(staff)
    now = answer(staff, row, honest(row))
    assert not returns.receive(
        staff, CODE, YEAR, row.association_id, honest(row), came=Came.WEB, actor="x", version=now.version
    )


def test_reminders_reach_each_association_once_a_day(staff: Connection) -> None:
    first, second = some(staff, 0), some(staff, 1)
    ids = [first.association_id, second.association_id]
    returns.mark_sent(staff, CODE, YEAR, ids, on=date(2026, 4, 1), actor="hana")
    answered = returns.one(staff, CODE, YEAR, second.association_id)
    answer(staff, answered, honest(answered))
    day = date(2026, 6, 1)
    assert returns.remind(staff, CODE, YEAR, ids, way="letter", on=day, actor="hana") == [
        first.association_id
    ]
    assert returns.remind(staff, CODE, YEAR, ids, way="mail", on=day, actor="taro") == []
    (row,) = [row for row in returns.listed(staff, CODE, YEAR) if row.association_id == first.association_id]
    assert (row.state, row.sent_on, row.reminded) == (ReturnState.SENT, date(2026, 4, 1), (day,))


@pytest.mark.parametrize(("on", "by"), [(date(2026, 5, 31), date(2026, 5, 31)), (date(2026, 6, 1), None)])
def test_forms_are_one_document_of_the_register_even_when_they_go_out_late(
    staff: Connection, on: date, by: date | None
) -> None:
    for place in (0, 1):
        ids = [some(staff, place).association_id]
        assert returns.mark_sent(staff, CODE, YEAR, ids, on=on, actor="hana") == 1
    entered = staff.execute(
        "SELECT sent_on, answer_by FROM sent_document WHERE made_by = 'return/2026'"
    ).fetchall()
    assert entered == [{"sent_on": on, "answer_by": by}]


def test_a_draft_is_kept_word_by_word_and_gone_once_sent(sample: Database) -> None:
    with sample.write(Audience.AUTH) as conn:
        row = returns.one(conn, CODE, YEAR, _some_id(sample))
        version = returns.save_draft(
            conn,
            CODE,
            YEAR,
            row.association_id,
            {"households": "百", "wishes": ""},
            actor="association",
            version=row.version,
        )
        kept = returns.one(conn, CODE, YEAR, row.association_id)
        assert kept.draft == {"households": "百"} and kept.state is row.state
        returns.receive(
            conn,
            CODE,
            YEAR,
            row.association_id,
            first_answers(row.held),
            came=Came.WEB,
            actor="association",
            version=version,
        )
        assert returns.one(conn, CODE, YEAR, row.association_id).draft is None
        raise_undo(conn)


def _some_id(sample: Database) -> str:
    with sample.read(Audience.STAFF) as conn:
        return some(conn, 5).association_id


def test_a_closed_round_takes_papers_only(staff: Connection) -> None:
    row = some(staff)
    returns.close(staff, CODE, YEAR, version=1, actor="hana")
    with pytest.raises(ConflictError, match="終わりました"):
        answer(staff, row, honest(row), Came.WEB)
    assert answer(staff, row, honest(row), Came.PAPER).state is ReturnState.RECEIVED
    with pytest.raises(EditConflictError):
        returns.reopen(staff, CODE, YEAR, version=1, actor="x")
    returns.reopen(staff, CODE, YEAR, version=2, actor="x")
    assert returns.one_round(staff, CODE, YEAR).open


def test_a_code_opens_one_return_until_it_ends(sample: Database) -> None:
    wanted, later = _some_id(sample), datetime.now(UTC) + timedelta(days=60)
    with sample.write(Audience.STAFF) as conn:
        first = returns.issue(conn, CODE, YEAR, wanted, until=later, actor="hana")
        second = returns.issue(conn, CODE, YEAR, wanted, until=later, actor="hana")
        kept = conn.execute("SELECT code_hash FROM return_code").fetchall()
        assert second not in str(kept)
    with sample.write(Audience.AUTH) as conn:
        assert returns.opened_by(conn, CODE, first) is None, "the former one is void"
        assert returns.opened_by(conn, CODE, second.lower().replace("-", " ")) == (YEAR, wanted)
        assert returns.opened_by(conn, CODE, "") is None
    with sample.write(Audience.STAFF) as conn:
        third = returns.issue(
            conn, CODE, YEAR, wanted, until=datetime.now(UTC) - timedelta(days=1), actor="hana"
        )
    with sample.write(Audience.AUTH) as conn:
        assert returns.opened_by(conn, CODE, third) is None


def test_the_public_reads_nothing_of_it(sample: Database) -> None:
    for table in (
        "return_round",
        "association_return",
        "return_code",
        "return_note",
        "circulation",
        "return_reminder",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), sample.read() as conn:
            conn.execute(f"SELECT * FROM {table}")


def test_addressees_are_the_presidents_unless_somebody_else_is_named(staff: Connection) -> None:
    row = some(staff)
    staff.execute(
        "INSERT INTO circulation (municipality_code, association_id, fiscal_year, copies, to_name, to_address) "
        "VALUES (%s, %s, 2026, 55, '回覧 係', '住所')",
        (CODE, row.association_id),
    )
    found = {item.association_id: item for item in returns.addressees(staff, resolve(staff, CODE), YEAR)}
    mine = found[row.association_id]
    assert (mine.to, mine.person, mine.address, mine.copies) == ("circulation", "回覧 係", "住所", 55)
    assert len(found) == len(returns.listed(staff, CODE, YEAR)) and {item.to for item in found.values()} == {
        "president",
        "circulation",
    }


def test_notes_nobody_saw_to_go_with_their_round(staff: Connection) -> None:
    row, late = some(staff, 0), some(staff, 1)
    staff.execute(
        "INSERT INTO return_note (municipality_code, fiscal_year, association_id, about, words, created_at) VALUES "
        "(%(m)s, %(y)s, %(old)s, 'wish', 'x', now() - interval '32 days'), (%(m)s, %(y)s, %(late)s, 'wish', 'x', now())",
        {"m": CODE, "y": YEAR, "old": row.association_id, "late": late.association_id},
    )
    for days, left in ((31, 2), (32, 1)):
        staff.execute(
            "UPDATE return_round SET opens_on = current_date - 90, reference_day = current_date - 90, "
            "due_on = current_date - %s",
            (days,),
        )
        erasing.purge(staff, keep_days=31)
        assert len(returns.notes(staff, CODE, YEAR)) == left
    assert [note.association_id for note in returns.notes(staff, CODE, YEAR)] == [late.association_id], (
        "words of a late answer are kept as long as the answer"
    )


def test_who_receives_circulars_is_erased_though_no_later_year_followed(staff: Connection) -> None:
    row = staff.execute("SELECT extract(year FROM current_date)::int AS now").fetchone()
    assert row is not None
    for place, year in ((0, row["now"] - 3), (1, row["now"])):
        staff.execute(
            "INSERT INTO circulation (municipality_code, association_id, fiscal_year, copies, to_name, to_phone, to_address) "
            "VALUES (%s, %s, %s, 55, 'x', '019', 'y')",
            (CODE, some(staff, place).association_id, year),
        )
    erasing.purge(staff, keep_days=31)
    left = staff.execute(
        "SELECT copies, to_name, to_phone, to_address FROM circulation WHERE copies = 55 ORDER BY fiscal_year"
    ).fetchall()
    assert [tuple(item.values()) for item in left] == [(55, None, None, None), (55, "x", "019", "y")]


def test_what_does_not_exist_is_not_found(staff: Connection) -> None:
    with pytest.raises(NotFoundError):
        returns.one(staff, CODE, YEAR, "nobody")
    with pytest.raises(NotFoundError):
        returns.one_round(staff, CODE, 1999)
