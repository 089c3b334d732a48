"""Tickets in the database: who enters and reads what, changes one after the other, erasing, counts, mail to send."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, timedelta

import psycopg
import pytest

from geodata import tickets
from geodata.audit import entries
from geodata.database import Audience, Database
from geodata.queries.generation import Ref, resolve
from geodata.tickets import notices
from kyodo_geo.errors import ConflictError, InputError, NotFoundError
from kyodo_geo.ticket_entries import Referral, Wish
from kyodo_geo.tickets import Kind, State
from tests.api import city
from tests.fixtures_db import DatabaseUrls, copied

CODE = city.CODE
DUE = date(2027, 3, 12)
SECRETS = (
    "ヒミツ花子",
    "019-111-2222",
    "himitsu@example.jp",
    "秘密町九丁目9番9号",
    "秘密の質問",
    "秘密の回答",
    "秘密のメモ",
)
QUESTION = Referral(SECRETS[4], "a11", SECRETS[0], SECRETS[1], SECRETS[2], consent=True)
WISH = Wish("a21", SECRETS[0], SECRETS[1], SECRETS[2], SECRETS[3], consent=True)


@pytest.fixture(scope="module")
def squares(cluster, template: DatabaseUrls) -> Iterator[DatabaseUrls]:
    """The town of squares with two partner offices."""
    with copied(cluster, template) as found:
        with psycopg.connect(found.superuser) as conn:
            town = city.build(conn)
            town.row("partner", partner_id="p", name="不動産協会")
            for office in ("o1", "o2"):
                town.row(
                    "partner_office",
                    office_id=office,
                    partner_id="p",
                    name=office,
                    email=f"{office}@example.jp",
                )
        yield found


@pytest.fixture
def db(cluster, squares: DatabaseUrls) -> Iterator[Database]:
    with copied(cluster, squares) as found:
        database = Database(found.app, max_size=4)
        database.superuser = found.superuser  # type: ignore[attr-defined]
        yield database
        database.close()


def enter(db: Database, entry: Referral | Wish = QUESTION, office: str | None = None) -> int:
    channel = tickets.Channel("partner" if office else "page", office, None)
    with db.write(Audience.PARTNER, office=office or "") as conn:
        if isinstance(entry, Referral):
            return tickets.enter_referral(conn, CODE, entry, channel, due_on=DUE)
        return tickets.enter_wish(conn, CODE, entry, channel, due_on=DUE)


def change(db: Database, no: int, to: State, version: int, **more: str) -> None:
    with db.write(Audience.STAFF) as conn:
        tickets.change_state(conn, CODE, no, to, version=version, actor="planner", **more)


def ref_of(conn) -> Ref:
    return resolve(conn, CODE)


def detail(
    db: Database, no: int, audience: Audience = Audience.STAFF, office: str | None = None
) -> tickets.Detail:
    with db.read(audience, office=office) as conn:
        return tickets.one(conn, ref_of(conn), no)


def inbox(db: Database, **filters: object) -> list[int]:
    with db.read(Audience.STAFF) as conn:
        rows, _ = tickets.inbox(conn, ref_of(conn), tickets.Filters(**filters))  # type: ignore[arg-type]
    return [row.ticket_no for row in rows]


def everything(db: Database) -> str:
    """Every row of every table of the service and of its queue, as text."""
    with psycopg.connect(db.superuser) as conn:  # type: ignore[attr-defined]
        tables = conn.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname LIKE 'kyodo%'"
        ).fetchall()
        return "\n".join(
            str(row) for (table,) in tables for row in conn.execute(f"SELECT t::text FROM {table} t")
        )


def test_a_question_comes_to_the_staff_with_its_number_and_due_date(db: Database) -> None:
    first, second = enter(db), enter(db, WISH, "o1")
    assert second == first + 1, "one row of numbers"
    found = detail(db, first)
    assert (found.summary.kind, found.summary.state, found.summary.association) == (
        Kind.REFERRAL,
        State.RECEIVED,
        "1-1町内会",
    )
    assert (found.summary.district_no, found.summary.due_on, found.version) == (1, DUE, 1)
    assert (found.name, found.email, found.question) == (SECRETS[0], SECRETS[2], SECRETS[4])
    wish = detail(db, second)
    assert (wish.summary.channel, wish.summary.office_id, wish.address) == ("partner", "o1", SECRETS[3])
    assert "加入" in (wish.purpose or "") and wish.consent_at is not None


def test_an_unknown_association_is_refused_in_words(db: Database) -> None:
    for entry in (Referral("q", "nosuch"), Wish("nosuch", "n", "019-626-7535", consent=True)):
        with pytest.raises(InputError, match="登録されていません"):
            enter(db, entry)


def test_a_wish_without_consent_is_not_entered(db: Database) -> None:
    with pytest.raises(InputError):
        enter(db, Wish("a11", "n", "019-626-7535"))


def test_an_office_reads_its_own_tickets_alone_and_no_notes(db: Database) -> None:
    mine, other, nobodys = enter(db, QUESTION, "o1"), enter(db, QUESTION, "o2"), enter(db)
    with db.write(Audience.STAFF) as conn:
        tickets.add_note(conn, CODE, mine, SECRETS[6], version=1, actor="planner")
    with db.read(Audience.PARTNER, office="o1") as conn:
        rows, _ = tickets.own(conn, ref_of(conn))
        assert [row.ticket_no for row in rows] == [mine]
        for number in (other, nobodys):
            with pytest.raises(NotFoundError):
                tickets.one(conn, ref_of(conn), number)
        assert [event.note for event in tickets.events(conn, CODE, mine, staff=False)] == [None, None]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            tickets.events(conn, CODE, mine, staff=True)


@pytest.mark.parametrize("audience", [Audience.PUBLIC, Audience.AUTH])
def test_nobody_else_reads_tickets(db: Database, audience: Audience) -> None:
    enter(db)
    for table in ("referral", "ticket_event", "ticket_notice"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), db.read(audience) as conn:
            conn.execute(f"SELECT * FROM {table}")


def test_the_inbox_filters_and_pages(db: Database) -> None:
    asked, wished, late = enter(db), enter(db, WISH), enter(db, Referral("q", "a31"))
    change(db, asked, State.PASSED_ON, 1)
    with psycopg.connect(db.superuser) as conn:  # type: ignore[attr-defined]
        conn.execute("UPDATE kyodo.referral SET due_on = '2027-01-05' WHERE ticket_no = %s", (late,))
    assert inbox(db) == [late, wished, asked]
    assert inbox(db, kind=Kind.WISH) == [wished]
    assert inbox(db, state=State.PASSED_ON) == [asked]
    assert inbox(db, overdue_on=date(2027, 1, 6)) == [late]
    assert inbox(db, overdue_on=date(2027, 1, 5)) == [], "on the day itself it is not late"
    assert inbox(db, district=2) == [wished]
    change(db, late, State.CLOSED, 1)
    assert inbox(db, overdue_on=date(2028, 1, 1)) == [wished, asked]
    with db.read(Audience.STAFF) as conn:
        page, following = tickets.inbox(conn, ref_of(conn), tickets.Filters(), limit=2)
        rest, end = tickets.inbox(conn, ref_of(conn), tickets.Filters(), before=following, limit=2)
    assert ([row.ticket_no for row in page], [row.ticket_no for row in rest], end) == (
        [late, wished],
        [asked],
        None,
    )


def test_a_change_is_an_event_an_audit_entry_and_no_personal_value(db: Database) -> None:
    no = enter(db, QUESTION, "o1")
    change(db, no, State.PASSED_ON, 1, note=SECRETS[6])
    change(db, no, State.ANSWERED, 2, answer=SECRETS[5])
    change(db, no, State.CLOSED, 3)
    found = detail(db, no)
    assert (found.summary.state, found.answer, found.version) == (State.CLOSED, SECRETS[5], 4)
    assert found.summary.closed_at is not None
    with db.read(Audience.STAFF) as conn:
        events = tickets.events(conn, CODE, no, staff=True)
        audit = [row for row in entries(conn, CODE) if row["action"] == "ticket.state"]
    assert [e.state for e in events] == [State.RECEIVED, State.PASSED_ON, State.ANSWERED, State.CLOSED]
    assert [row["details"]["to"] for row in audit] == ["closed", "answered", "passed-on"]
    assert all(secret not in str(audit) for secret in SECRETS)


def test_of_two_at_the_same_moment_one_is_told(db: Database) -> None:
    no = enter(db)
    results: list[str] = []
    gate = threading.Barrier(2)

    def work(to: State) -> None:
        gate.wait()
        try:
            change(db, no, to, 1)
            results.append("done")
        except ConflictError as error:
            results.append(error.message)

    threads = [threading.Thread(target=work, args=(to,)) for to in (State.PASSED_ON, State.CLOSED)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(result == "done" for result in results) == [False, True]
    assert any("先に" in result for result in results)
    assert detail(db, no).version == 2


def test_an_answered_question_calls_for_mail_to_office_and_customer(db: Database) -> None:
    with_office, without_mail = enter(db, QUESTION, "o1"), enter(db, Referral("q"))
    change(db, with_office, State.ANSWERED, 1, answer="a")
    change(db, with_office, State.CLOSED, 2)
    change(db, without_mail, State.CLOSED, 1, answer="a")
    with db.read(Audience.STAFF) as conn:
        kinds = {
            no: {kind for kind, _, _ in notices.of_ticket(conn, CODE, no)}
            for no in (with_office, without_mail)
        }
    assert kinds[with_office] == {notices.STAFF_NEW, notices.OFFICE_ANSWERED, notices.CUSTOMER_ANSWERED}
    assert kinds[without_mail] == {notices.STAFF_NEW}


def test_a_wishs_result_comes_back_to_the_office(db: Database) -> None:
    no = enter(db, WISH, "o1")
    change(db, no, State.PASSED_ON, 1)
    change(db, no, State.JOINED, 2)
    with db.read(Audience.PARTNER, office="o1") as conn:
        assert tickets.one(conn, ref_of(conn), no).summary.state is State.JOINED
    with db.read(Audience.STAFF) as conn:
        assert notices.OFFICE_ANSWERED in {kind for kind, _, _ in notices.of_ticket(conn, CODE, no)}


def test_mail_is_claimed_once_and_comes_back_until_it_is_settled(db: Database) -> None:
    no = enter(db)
    with db.write(Audience.STAFF) as conn:
        notice = notices.claim(conn, CODE)
        assert notice == notices.Notice(no, notices.STAFF_NEW, 1)
        assert notices.claim(conn, CODE) is None, "put off"
    with psycopg.connect(db.superuser) as conn:  # type: ignore[attr-defined]
        put_off = conn.execute("SELECT next_try_at - now() FROM kyodo.ticket_notice").fetchone()
        assert put_off is not None and timedelta(0) < put_off[0] <= timedelta(minutes=1)
        conn.execute("UPDATE kyodo.ticket_notice SET next_try_at = now()")
    with db.write(Audience.STAFF) as conn:
        again = notices.claim(conn, CODE)
        assert again == notices.Notice(no, notices.STAFF_NEW, 2)
        notices.settle(conn, CODE, again, "sent")
    with psycopg.connect(db.superuser) as conn:  # type: ignore[attr-defined]
        conn.execute("UPDATE kyodo.ticket_notice SET next_try_at = now()")
    with db.write(Audience.STAFF) as conn:
        assert notices.claim(conn, CODE) is None


def planted(db: Database) -> tuple[int, int]:
    """A question and a wish that ended, with every personal value there can be."""
    asked, wished = enter(db, QUESTION, "o1"), enter(db, WISH)
    change(db, asked, State.ANSWERED, 1, answer=SECRETS[5], note=SECRETS[6])
    change(db, asked, State.CLOSED, 2)
    change(db, wished, State.PASSED_ON, 1, note=SECRETS[6])
    change(db, wished, State.JOINED, 2)
    assert all(secret in everything(db) for secret in SECRETS), "otherwise the test would prove nothing"
    return asked, wished


def test_after_erasing_the_values_are_nowhere(db: Database) -> None:
    for number in planted(db):
        with db.write(Audience.STAFF) as conn:
            tickets.erase(conn, CODE, number, actor="planner")
    left = everything(db)
    assert [secret for secret in SECRETS if secret in left] == []
    with db.read(Audience.STAFF) as conn:
        assert [row["action"] for row in entries(conn, CODE)][:2] == ["ticket.erase", "ticket.erase"]
        counts = tickets.monthly_counts(conn, CODE, first=date(2000, 1, 1), last=date(2100, 1, 1))
    assert [(c.district_no, c.referrals, c.wishes, c.joined) for c in counts] == [(1, 1, 0, 0), (2, 0, 1, 1)]


def test_the_job_erases_what_ended_long_ago_and_nothing_else(db: Database) -> None:
    asked, wished = planted(db)
    open_one = enter(db, QUESTION)
    with psycopg.connect(db.superuser) as conn:  # type: ignore[attr-defined]
        conn.execute("UPDATE kyodo.referral SET received_at = now() - interval '300 days' WHERE true")
        conn.execute(
            "UPDATE kyodo.referral SET closed_at = now() - interval '181 days' WHERE ticket_no = %s", (asked,)
        )
        conn.execute(
            "UPDATE kyodo.join_wish SET received_at = now() - interval '300 days', "
            "closed_at = now() - interval '179 days'"
        )
    with db.write(Audience.AUTH) as conn:
        assert tickets.erase_due(conn, CODE, keep_days=180) == [asked]
        assert tickets.erase_due(conn, CODE, keep_days=180) == [], "once"
    assert (detail(db, asked).name, detail(db, asked).question) == (None, "")
    assert detail(db, asked).summary.erased_at is not None
    assert detail(db, wished).name == detail(db, open_one).name == SECRETS[0]


def test_answered_questions_are_closed_in_time_so_that_their_erasing_comes(db: Database) -> None:
    no = enter(db)
    change(db, no, State.ANSWERED, 1, answer="a")
    with db.write(Audience.STAFF) as conn:
        assert tickets.close_answered(conn, CODE, after_days=30) == []
    with psycopg.connect(db.superuser) as conn:  # type: ignore[attr-defined]
        conn.execute("UPDATE kyodo.ticket_event SET at = now() - interval '31 days'")
    with db.write(Audience.STAFF) as conn:
        assert tickets.close_answered(conn, CODE, after_days=30) == [no]
    found = detail(db, no)
    assert (found.summary.state, found.version) == (State.CLOSED, 3)


def test_erasing_twice_and_what_is_not_there(db: Database) -> None:
    no = enter(db)
    with db.write(Audience.STAFF) as conn:
        tickets.erase(conn, CODE, no, actor="planner")
        with pytest.raises(ConflictError):
            tickets.erase(conn, CODE, no, actor="planner")
        with pytest.raises(NotFoundError):
            tickets.erase(conn, CODE, 999_999, actor="planner")
    with pytest.raises(ConflictError, match="消去"):
        change(db, no, State.ANSWERED, 1, answer=SECRETS[5])


def test_the_erasing_job_can_neither_read_nor_write_anything_else(db: Database) -> None:
    no = enter(db)
    for statement in (
        "SELECT question FROM referral",
        "SELECT name FROM join_wish",
        "UPDATE referral SET state = 'closed'",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), db.write(Audience.AUTH) as conn:
            conn.execute(statement)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.write(Audience.AUTH) as conn:
        conn.execute("UPDATE ticket_event SET note = 'x' WHERE ticket_no = %s", (no,))


def test_months_and_districts_of_leaflets_questions_wishes_and_joining(db: Database) -> None:
    asked, wished = enter(db, QUESTION, "o1"), enter(db, WISH, "o2")
    nowhere = enter(db, Referral("どこですか"))
    change(db, wished, State.PASSED_ON, 1)
    change(db, wished, State.JOINED, 2)
    with psycopg.connect(db.superuser) as conn:  # type: ignore[attr-defined]
        conn.execute(
            "INSERT INTO kyodo.leaflet_count VALUES ('03201', '2027-03-31', 'a11', 'a4', 'o1', 3), "
            "('03201', '2027-04-01', 'a12', 'a4', 'o2', 2)"
        )
        # 23:30 UTC on 31 March is already April in Japan.
        conn.execute(
            "UPDATE kyodo.referral SET received_at = '2027-03-31T23:30Z' WHERE ticket_no = %s", (asked,)
        )
        conn.execute(
            "UPDATE kyodo.referral SET received_at = '2027-03-31T03:00Z' WHERE ticket_no = %s", (nowhere,)
        )
        conn.execute(
            "UPDATE kyodo.join_wish SET received_at = '2027-03-10T03:00Z', closed_at = '2027-04-20T03:00Z'"
        )
    march, april = date(2027, 3, 1), date(2027, 4, 1)
    with db.read(Audience.STAFF) as conn:
        found = tickets.monthly_counts(conn, CODE, first=march, last=date(2027, 4, 30))
        of_o2 = tickets.monthly_counts(conn, CODE, first=march, last=date(2027, 4, 30), office="o2")
    rows = [(c.month, c.district_no, c.leaflets, c.referrals, c.wishes, c.joined) for c in found]
    assert rows == [
        (march, 1, 3, 0, 0, 0),
        (march, 2, 0, 0, 1, 0),
        (march, None, 0, 1, 0, 0),
        (april, 1, 2, 1, 0, 0),
        (april, 2, 0, 0, 0, 1),
    ]
    assert [(c.district_no, c.leaflets, c.wishes, c.joined) for c in of_o2] == [
        (2, 0, 1, 0),
        (1, 2, 0, 0),
        (2, 0, 0, 1),
    ]


def test_federations_read_counts_by_week_without_reading_wishes(db: Database) -> None:
    first = enter(db, WISH)
    enter(db, WISH)
    enter(db, Wish("a31", "n", "019-626-7535", consent=True))
    change(db, first, State.PASSED_ON, 1)
    change(db, first, State.JOINED, 2)
    with psycopg.connect(db.superuser) as conn:  # type: ignore[attr-defined]
        # Sunday 15:00 UTC is Monday in Japan.
        conn.execute("UPDATE kyodo.join_wish SET received_at = '2027-03-07T15:00Z', closed_at = NULL")
    with db.read(Audience.AUTH) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute("SELECT name FROM join_wish")
    with db.read(Audience.STAFF) as conn:
        ref = ref_of(conn)
    with db.read(Audience.AUTH) as conn:
        march = {"first": date(2027, 3, 1), "last": date(2027, 4, 30)}
        every = tickets.join_counts(conn, ref, **march)
        second = tickets.join_counts(conn, ref, **march, districts=frozenset({2}))
        none = tickets.join_counts(conn, ref, first=date(2027, 3, 1), last=date(2027, 3, 7))
    assert [(c.week, c.district_no, c.association_id, c.wishes, c.joined, c.waiting) for c in every] == [
        (date(2027, 3, 8), 2, "a21", 2, 1, 1),
        (date(2027, 3, 8), 3, "a31", 1, 0, 1),
    ]
    assert second == every[:1]
    assert none == []
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.read(Audience.PUBLIC) as conn:
        tickets.join_counts(conn, ref, **march)
