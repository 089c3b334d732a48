"""Tickets through the pages: who enters what, consent, floods, whose they are, what the staff do, and erasing."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import date

import psycopg
import pytest
from starlette.testclient import TestClient

from api.routes.federation import season
from api.tickets.gate import MOST_REMEMBERED, PER_LOGIN, PER_VISITOR, WINDOW_S, Gate
from geodata import federation_areas
from geodata.database import Audience
from geodata.partner_keys import issue
from kyodo_geo.errors import NotFoundError, TooManyRequestsError
from kyodo_geo.roles import Role
from kyodo_geo.small_counts import MARK
from tests.api import city
from tests.api.conftest import HOST
from tests.api.signing import audit, token_of
from tests.api.ticket_world import (
    SECRETS,
    act,
    add_offices,
    ask,
    fill,
    form_id_of,
    number_of,
    sign_in,
    version_of,
    wish,
)
from tests.fixtures_db import DatabaseUrls

PERSON = {key: SECRETS[key] for key in ("name", "phone", "email")}


@pytest.fixture(scope="module")
def offices(shared_town: DatabaseUrls) -> DatabaseUrls:
    """The town of this module, with two partner offices."""
    add_offices(shared_town)
    return shared_town


@pytest.fixture
def town(offices: DatabaseUrls) -> DatabaseUrls:
    """The same without any ticket: a database of its own for each test would take longer than the tests."""
    with psycopg.connect(offices.superuser) as conn:
        for table in ("referral", "join_wish", "ticket_event", "ticket_notice"):
            conn.execute(f"DELETE FROM kyodo.{table}")
        conn.execute("UPDATE kyodo.user_role SET scope = NULL")
    return offices


@pytest.fixture
def desk(town: DatabaseUrls, client: TestClient) -> TestClient:
    """A browser nobody has signed in with, on a service that remembers no visitor."""
    client.app.state.services.gate = Gate()
    client.cookies.clear()
    client.headers["accept"] = "text/html"
    return client


def stored(town: DatabaseUrls, table: str = "referral") -> list[dict[str, object]]:
    with psycopg.connect(town.superuser, row_factory=psycopg.rows.dict_row) as conn:
        return conn.execute(f"SELECT * FROM kyodo.{table} ORDER BY ticket_no").fetchall()


def everything(town: DatabaseUrls) -> str:
    with psycopg.connect(town.superuser) as conn:
        tables = conn.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname LIKE 'kyodo%'"
        ).fetchall()
        return "\n".join(
            str(r) for (table,) in tables for r in conn.execute(f"SELECT t::text FROM {table} t")
        )


# -- entering


def test_a_resident_asks_without_a_name(desk: TestClient, town: DatabaseUrls) -> None:
    no = ask(desk, association="a11")
    [row] = stored(town)
    assert (row["ticket_no"], row["channel"], row["office_id"], row["asked_by"]) == (no, "page", None, None)
    assert (row["association_id"], row["consent_at"], row["customer_name"]) == ("a11", None, None)


@pytest.mark.parametrize("path", ["/referrals", "/join"])
def test_no_address_shows_an_acceptance(desk: TestClient, path: str) -> None:
    """The number stands in the answer to the form alone: whoever guesses one sees nothing of it."""
    page = desk.get(f"{path}/done")
    assert page.status_code == 200
    assert "受け付けました" not in page.text and "送った直後の画面だけ" in page.text
    assert f'href="{path}/new"' in page.text
    guessed = desk.get(f"{path}/done?no=99999")
    assert guessed.status_code == 400 and "99999" not in guessed.text


def test_the_answer_to_the_form_says_what_happens_next(desk: TestClient) -> None:
    page = fill(desk, "/referrals/new", question="会費はいくらですか")
    assert "開庁日" in page.text and "任意" in page.text
    assert "お名前か質問した内容をうかがいます" in page.text, "the number alone gives nothing away"
    assert "電話で回答を聞けます" not in desk.get("/referrals/new").text


def test_what_is_written_is_in_no_address_and_no_log(
    desk: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = fill(desk, "/referrals/new", question=SECRETS["question"], consent="yes", **PERSON)
    assert answer.status_code == 200
    refused = fill(desk, "/referrals/new", question=SECRETS["question"], **PERSON)
    assert refused.status_code == 400
    ours = "\n".join(r.getMessage() for r in caplog.records) + str(answer.headers)
    assert [value for value in SECRETS.values() if value in ours] == []


def test_contacts_without_consent_are_refused_and_shown_again(desk: TestClient, town: DatabaseUrls) -> None:
    answer = fill(desk, "/referrals/new", question=SECRETS["question"], **PERSON)
    assert answer.status_code == 400
    assert "同意が必要です" in answer.text
    assert SECRETS["question"] in answer.text and SECRETS["email"] in answer.text
    assert 'href="#consent"' in answer.text and 'id="consent"' in answer.text
    assert stored(town) == []


def test_with_consent_the_contacts_are_kept(desk: TestClient, town: DatabaseUrls) -> None:
    ask(desk, consent="yes", **PERSON)
    [row] = stored(town)
    assert (row["customer_name"], row["customer_email"]) == (SECRETS["name"], SECRETS["email"])
    assert row["consent_at"] is not None


def test_mail_is_promised_only_where_it_is_sent(serve: Callable[..., TestClient]) -> None:
    mail = {"smtp_url": "smtp://127.0.0.1:9", "smtp_starttls": "off", "mail_from": "kyodo@city.example.jp"}
    half = {"smtp_url": "smtp://127.0.0.1:9"}  # no sender: nothing is sent either
    for values, promised in (({}, False), (half, False), (mail, True)):
        client = serve(**values)
        form = client.get("/referrals/new").text
        assert ('name="email"' in form, "メールで 1 回だけ送ります" in form) == (promised, promised)
        assert ("市の窓口からご連絡します" in form) is not promised
        answer = fill(client, "/referrals/new", question="会費", consent="yes", phone=SECRETS["phone"])
        assert ("回答をメールで送ります" in answer.text) is promised
        assert ("市の窓口からご連絡します" in answer.text) is not promised
        no = number_of(answer)
        sign_in(client, Role.CENTRE_STAFF, login="centre-1")
        staff = client.get(f"/staff/tickets/{no}").text
        assert ("お客様にはメールで届きます" in staff) is promised
        assert ("お客様には、窓口から連絡してください" in staff) is not promised


def test_a_wish_is_entered_with_consent_and_purpose(desk: TestClient, town: DatabaseUrls) -> None:
    form = desk.get("/join/new?association=a21")
    assert "2-1町内会" in form.text and "使い道" in form.text and "加入は任意です" in form.text
    without = fill(desk, "/join/new", association="a21", name="山田", phone="019-626-7535")
    assert without.status_code == 400 and "同意" in without.text
    no = wish(desk, address=SECRETS["address"])
    [row] = stored(town, "join_wish")
    assert (row["ticket_no"], row["address"]) == (no, SECRETS["address"])
    assert str(row["purpose"]) in form.text, "the purpose stored is the one that was shown"


@pytest.mark.parametrize(
    ("role", "office", "channel"),
    [
        (None, None, "page"),
        (Role.PARTNER, "o1", "partner"),
        (Role.COUNTER, None, "counter"),
        (Role.PLANNER, None, "counter"),
    ],
)
def test_who_brings_it_is_known_from_the_session_alone(
    desk: TestClient, town: DatabaseUrls, role: Role | None, office: str | None, channel: str
) -> None:
    sign_in(desk, role, office)
    wish(desk, office_id="o2", channel="counter", asked_by="somebody")
    [row] = stored(town, "join_wish")
    login = None if role is None else f"{role.value}-{office or 'x'}"
    assert (row["channel"], row["office_id"], row["asked_by"]) == (channel, office, login)


def test_behalf_and_own_wording(desk: TestClient) -> None:
    assert "書面でもらいました" not in desk.get("/join/new").text
    sign_in(desk, Role.COUNTER)
    assert "書面でもらいました" in desk.get("/join/new").text


@pytest.mark.parametrize("path", ["/referrals/new", "/join/new"])
def test_forms_need_their_token_and_our_page(desk: TestClient, path: str, town: DatabaseUrls) -> None:
    html = desk.get(path).text
    fields = {"question": "q", "association": "a21", "name": "n", "phone": "019-626-7535", "consent": "yes"}
    assert desk.post(path, data=fields, headers={"origin": HOST}).status_code == 403
    token = {"csrf_token": token_of(html)}
    assert desk.post(path, data=fields | token, headers={"origin": "https://evil.example"}).status_code == 403
    assert stored(town) == stored(town, "join_wish") == []


def test_a_program_that_fills_in_everything_enters_nothing(desk: TestClient, town: DatabaseUrls) -> None:
    answer = fill(desk, "/referrals/new", question="買いませんか", website="http://spam.example")
    assert answer.status_code == 400
    assert "何も書かないでください" in answer.text
    assert stored(town) == []


def test_sent_twice_it_is_one_ticket(desk: TestClient, town: DatabaseUrls) -> None:
    html = desk.get("/referrals/new").text
    fields = {"csrf_token": token_of(html), "form_id": form_id_of(html), "question": "会費は"}
    first, second = (desk.post("/referrals/new", data=fields, headers={"origin": HOST}) for _ in range(2))
    assert number_of(first) == number_of(second)
    assert len(stored(town)) == 1


def test_too_many_in_a_short_time_are_asked_to_wait_and_lose_nothing(
    desk: TestClient, town: DatabaseUrls
) -> None:
    for _ in range(PER_VISITOR):
        ask(desk)
    answer = fill(desk, "/referrals/new", question=SECRETS["question"])
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert "待ってから" in answer.text and SECRETS["question"] in answer.text
    assert len(stored(town)) == PER_VISITOR
    sign_in(desk, Role.COUNTER)
    ask(desk), ask(desk)  # the counter goes on working


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("question", "あ" * 2001),
        ("question", "\0"),
        ("email", "a@example.jp\r\nBcc: b@example.jp"),
        ("name", "あ" * 81),
    ],
)
def test_what_cannot_be_kept_is_refused(desk: TestClient, town: DatabaseUrls, field: str, value: str) -> None:
    answer = fill(desk, "/referrals/new", **{"question": "q", "consent": "yes", field: value})
    assert answer.status_code == 400
    assert f'href="#{field}"' in answer.text
    assert stored(town) == []


@pytest.mark.parametrize("association", ["nosuch", "'; DROP TABLE x", "あ"])
def test_an_association_that_does_not_exist(desk: TestClient, town: DatabaseUrls, association: str) -> None:
    answer = fill(desk, "/join/new", association=association, name="n", phone="019-626-7535", consent="yes")
    assert answer.status_code == 400
    assert stored(town, "join_wish") == []


def test_the_answer_of_a_lookup_leads_to_both_forms(desk: TestClient) -> None:
    html = desk.post("/lookup", data={"lon": "141.105", "lat": "39.702"}, headers={"origin": HOST}).text
    assert 'href="/join/new?association=a11"' in html
    assert 'href="/referrals/new?association=a11"' in html


# -- offices


def test_an_office_sees_its_own_tickets_and_their_answers_alone(desk: TestClient) -> None:
    sign_in(desk, Role.PARTNER, "o1")
    mine = ask(desk, consent="yes", **PERSON)
    sign_in(desk, Role.PARTNER, "o2")
    other = ask(desk, question="他店の質問")
    sign_in(desk, Role.PLANNER)
    assert (
        act(desk, mine, "state", to="answered", answer=SECRETS["answer"], note=SECRETS["note"]).status_code
        == 303
    )
    sign_in(desk, Role.PARTNER, "o1")
    listed = desk.get("/partner/tickets").text
    assert "banner-sample" in listed
    assert f"/partner/tickets/{mine}" in listed and f"/partner/tickets/{other}" not in listed
    assert desk.get(f"/partner/tickets/{other}").status_code == 404
    page = desk.get(f"/partner/tickets/{mine}")
    assert SECRETS["answer"] in page.text
    assert SECRETS["note"] not in page.text, "notes are the staff's"
    assert [value for value in PERSON.values() if value in page.text] == [], "not shown again"
    assert page.headers["cache-control"] == "private, no-store"
    assert "/partner/tickets" in desk.get("/account").text


def test_a_partner_without_an_office_is_told(desk: TestClient) -> None:
    sign_in(desk, Role.PARTNER)
    answer = desk.get("/partner/tickets")
    assert answer.status_code == 403
    assert "会員店が登録されていません" in answer.text


# -- staff


def test_the_staff_pass_on_answer_and_close(desk: TestClient, town: DatabaseUrls) -> None:
    no = ask(desk, association="a11", question="<b>太字</b>の質問", consent="yes", **PERSON)
    sign_in(desk, Role.CENTRE_STAFF, login="centre-1")
    page = desk.get(f"/staff/tickets/{no}").text
    assert "&lt;b&gt;太字" in page and SECRETS["phone"] in page
    assert "加入の窓口" in page, "whom to pass it on to"
    assert "メールのサーバーが設定されていない" in page
    assert act(desk, no, "state", to="passed-on").status_code == 303
    assert act(desk, no, "note", note=SECRETS["note"]).status_code == 303
    refused = act(desk, no, "state", to="answered")
    assert refused.status_code == 400 and "回答を書いてください" in refused.text
    assert act(desk, no, "state", to="answered", answer=SECRETS["answer"]).status_code == 303
    assert act(desk, no, "state", to="closed").status_code == 303
    assert stored(town)[0]["state"] == "closed"
    actions = [action for actor, action in audit(town) if actor == "centre-1"]
    assert actions.count("ticket.state") == 3 and "ticket.note" in actions and "ticket.view" in actions
    with psycopg.connect(town.superuser) as conn:
        log = str(conn.execute("SELECT * FROM kyodo.audit").fetchall())
    assert [value for value in SECRETS.values() if value in log] == []


def test_whoever_was_slower_sees_the_new_state_and_keeps_the_text(desk: TestClient) -> None:
    no = ask(desk)
    sign_in(desk, Role.PLANNER)
    stale = version_of(desk.get(f"/staff/tickets/{no}").text)
    assert act(desk, no, "state", to="passed-on").status_code == 303
    late = act(desk, no, "state", to="answered", answer="わたしの回答", version=stale)
    assert late.status_code == 409
    assert "先に" in late.text and "わたしの回答" in late.text and "確認中" in late.text


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"to": "nosuch"}, 400),
        ({"to": ""}, 400),
        ({"to": "joined"}, 409),
        ({"to": "closed", "version": "x"}, 400),
        ({"to": "closed", "version": ""}, 400),
    ],
)
def test_changes_that_make_no_sense_change_nothing(
    desk: TestClient, town: DatabaseUrls, fields: dict[str, str], status: int
) -> None:
    no = ask(desk)
    sign_in(desk, Role.PLANNER)
    assert act(desk, no, "state", **fields).status_code == status
    assert stored(town)[0]["state"] == "received"


def test_the_inbox_filters_by_address_and_marks_what_is_late(desk: TestClient, town: DatabaseUrls) -> None:
    first, second = ask(desk, association="a11"), wish(desk)
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.referral SET due_on = '2020-01-01'")
    sign_in(desk, Role.PLANNER)

    def shown(query: str) -> list[bool]:
        text = desk.get(f"/staff/tickets{query}").text
        return [f'/staff/tickets/{no}"' in text for no in (first, second)]

    assert shown("") == [True, True]
    assert shown("?kind=wish&state=&district=") == [False, True]
    assert shown("?overdue=yes") == [True, False]
    assert shown("?district=2") == [False, True]
    assert shown(f"?cursor={second}") == [True, False]
    assert "期限を過ぎています" in desk.get("/staff/tickets").text
    for bad in ("?state=nosuch", "?nosuch=1", "?cursor=x"):
        assert desk.get(f"/staff/tickets{bad}").status_code == 400


def test_long_lists_go_on(desk: TestClient) -> None:
    sign_in(desk, Role.PLANNER)
    numbers = [ask(desk) for _ in range(52)]
    page = desk.get("/staff/tickets?kind=referral").text
    following = f"/staff/tickets?kind=referral&amp;cursor={numbers[2]}"
    assert following in page
    rest = desk.get(following.replace("&amp;", "&")).text
    assert [f'/staff/tickets/{no}"' in rest for no in numbers[:3]] == [True, True, False]


def test_erasing_at_once_leaves_the_values_nowhere(desk: TestClient, town: DatabaseUrls) -> None:
    no = ask(desk, association="a11", question=SECRETS["question"], consent="yes", **PERSON)
    wished = wish(desk, name=SECRETS["name"], phone=SECRETS["phone"], address=SECRETS["address"])
    sign_in(desk, Role.PLANNER)
    act(desk, no, "state", to="answered", answer=SECRETS["answer"], note=SECRETS["note"])
    assert all(value in everything(town) for value in SECRETS.values())
    unsure = act(desk, no, "erase")
    assert unsure.status_code == 400 and SECRETS["question"] in unsure.text
    for number in (no, wished):
        assert act(desk, number, "erase", sure="yes").status_code == 303
    left = everything(town)
    assert [value for value in SECRETS.values() if value in left] == []
    page = desk.get(f"/staff/tickets/{no}").text
    assert "消去しました" in page and "消去する</button>" not in page
    assert ("planner-x", "ticket.erase") in audit(town)


def test_the_office_reads_why_its_ticket_is_empty(desk: TestClient, town: DatabaseUrls) -> None:
    sign_in(desk, Role.PARTNER, "o1")
    asked, ended = ask(desk), ask(desk)
    sign_in(desk, Role.PLANNER)
    for number in (asked, ended):
        act(desk, number, "state", to="closed")
        assert act(desk, number, "erase", sure="yes").status_code == 303
    with psycopg.connect(town.superuser) as conn:
        conn.execute(
            "UPDATE kyodo.referral SET received_at = received_at - interval '2 years', "
            "closed_at = closed_at - interval '2 years' WHERE ticket_no = %s",
            (ended,),
        )
    sign_in(desk, Role.PARTNER, "o1")
    assert "申し出により" in desk.get(f"/partner/tickets/{asked}").text
    page = desk.get(f"/partner/tickets/{ended}").text
    assert "保存の期間が終わったため" in page and "申し出により" not in page


def test_the_counter_sees_what_became_of_what_it_passed_on_and_nothing_personal(desk: TestClient) -> None:
    about = {"name": SECRETS["name"], "phone": SECRETS["phone"], "address": SECRETS["address"]}
    sign_in(desk, Role.COUNTER)
    mine, question = wish(desk, **about), ask(desk, question=SECRETS["question"], consent="yes", **PERSON)
    assert "/counter/tickets" in desk.get("/account").text, "it leads there"
    sign_in(desk, Role.PARTNER, "o1")
    office = wish(desk)
    sign_in(desk, None)
    resident = wish(desk)
    sign_in(desk, Role.PLANNER)
    assert act(desk, mine, "state", to="passed-on", note=SECRETS["note"]).status_code == 303
    assert act(desk, mine, "state", to="joined").status_code == 303
    assert act(desk, question, "state", to="answered", answer=SECRETS["answer"]).status_code == 303
    sign_in(desk, Role.COUNTER, login="counter-tomorrow")
    page = desk.get("/counter/tickets")
    assert page.status_code == 200 and page.headers["cache-control"] == "private, no-store"
    rows = re.findall(r'<th scope="row">(\d+) 番</th><td><span[^>]*>([^<]+)<', page.text)
    assert rows == [(str(question), "回答済み"), (str(mine), "加入")], (
        "not those of the office and the resident"
    )
    assert {str(office), str(resident)}.isdisjoint(number for number, _ in rows)
    assert [value for value in SECRETS.values() if value in page.text] == []
    assert desk.get(f"/counter/tickets?cursor={question}").text.count(" 番</th>") == 1
    assert desk.get("/counter/tickets?nosuch=1").status_code == 400


@pytest.mark.parametrize(
    "role", [Role.PARTNER, Role.PLANNER, Role.CENTRE_STAFF, Role.FEDERATION, Role.ADMINISTRATOR]
)
def test_the_counters_list_is_the_counters(desk: TestClient, role: Role) -> None:
    sign_in(desk, role)
    assert desk.get("/counter/tickets").status_code == 403


def test_the_centres_staff_do_not_erase(desk: TestClient, town: DatabaseUrls) -> None:
    no = ask(desk)
    sign_in(desk, Role.CENTRE_STAFF)
    assert "すぐに消去する" not in desk.get(f"/staff/tickets/{no}").text
    assert act(desk, no, "erase", sure="yes").status_code == 403
    assert stored(town)[0]["erased_at"] is None


@pytest.mark.parametrize("role", [Role.FACILITY_STAFF, Role.FEDERATION, Role.COUNTER, Role.DISTRICT_OFFICER])
def test_others_of_the_staff_do_not_read_tickets(desk: TestClient, role: Role) -> None:
    no = ask(desk)
    sign_in(desk, role)
    for path in ("/staff/tickets", f"/staff/tickets/{no}"):
        assert desk.get(path).status_code == 403


# -- federations


def test_federations_see_counts_of_their_area_and_nobody(desk: TestClient, town: DatabaseUrls) -> None:
    for _ in range(3):
        wish(desk, name=SECRETS["name"], phone=SECRETS["phone"])
        wish(desk, association="a31")
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.join_wish SET received_at = '2026-03-10T03:00Z'")
    sign_in(desk, Role.FEDERATION)
    whole = desk.get("/federation/joins?year=2026")
    assert whole.status_code == 200
    assert "全市" in whole.text and "2-1町内会" in whole.text and "3-1町内会" in whole.text
    assert "3月9日〜3月15日" in whole.text
    assert [value for value in SECRETS.values() if value in whole.text] == []
    database = desk.app.state.services.database
    with database.write(Audience.AUTH) as conn:
        federation_areas.set_area(conn, city.CODE, "federation-x", [2], by="test")
    part = desk.get("/federation/joins?year=2026").text
    assert "2-1町内会" in part and "3-1町内会" not in part
    assert "この期間の取次はありません" in desk.get("/federation/joins?year=2025").text
    with database.write(Audience.AUTH) as conn, pytest.raises(NotFoundError):
        federation_areas.set_area(conn, city.CODE, "nobody", [2], by="test")


def cells(html: str, table: str) -> list[list[str]]:
    """The figures of a table's lines."""
    found = re.search(rf'<table[^>]* id="{table}".*?</table>', html, re.DOTALL)
    assert found is not None
    return [re.findall(r'<td class="numeric">(.*?)</td>', row) for row in found[0].split("<tr>")[2:]]


def test_small_counts_are_for_those_who_handle_tickets(desk: TestClient, town: DatabaseUrls) -> None:
    """One wish in a21, four in a31, five in a32: a21 and what would give it away are withheld, for federations alone."""
    with psycopg.connect(town.superuser) as conn:
        for association, number, day in (("a21", 1, "17"), ("a31", 4, "10"), ("a32", 5, "10")):
            conn.execute(
                "INSERT INTO kyodo.join_wish (municipality_code, ticket_no, association_id, purpose, consent_at, "
                "received_at) SELECT '03201', nextval('kyodo.ticket_no_seq'), %s, 'p', now(), %s "
                "FROM generate_series(1, %s)",
                (association, f"2026-03-{day}T03:00Z", number),
            )
    sign_in(desk, Role.FEDERATION)
    html = desk.get("/federation/joins?year=2026").text
    mark = [MARK] * 5
    assert cells(html, "districts") == [mark, mark]
    assert cells(html, "associations") == [mark, mark, mark]
    assert cells(html, "weeks").count(mark) == 2
    assert '<span class="figure-value">10 件</span>' in html and "差し引きでわかってしまう" in html
    sign_in(desk, Role.PLANNER)
    html = desk.get("/federation/joins?year=2026").text
    assert [row[0] for row in cells(html, "associations")] == ["1", "4", "5"]
    assert MARK not in html


def test_the_years_of_the_federations_page_have_an_end(desk: TestClient) -> None:
    sign_in(desk, Role.FEDERATION)
    year, seen = 2022, []
    while year is not None:
        seen.append(year)
        html = desk.get(f"/federation/joins?year={year}").text
        year = next(
            (int(y) for y in re.findall(r"/federation/joins\?year=(\d+)", html) if int(y) < year), None
        )
    assert seen == [2022, 2021]
    assert desk.get("/federation/joins?year=2020").status_code == 400


def test_the_staffs_ticket_names_its_district(desk: TestClient) -> None:
    no = ask(desk, association="a11")
    sign_in(desk, Role.PLANNER)
    assert ">1 第1地区</a>" in desk.get(f"/staff/tickets/{no}").text


@pytest.mark.parametrize(
    ("day", "year"), [(date(2027, 2, 28), 2026), (date(2027, 3, 1), 2027), (date(2027, 12, 31), 2027)]
)
def test_the_season_shown_is_the_newest_that_has_begun(day: date, year: int) -> None:
    assert season(day) == year


# -- the gate


def test_the_gate_opens_again_and_forgets_the_oldest() -> None:
    now = [0.0]
    gate = Gate(clock=lambda: now[0])
    for _ in range(PER_VISITOR):
        gate.enter("a")
    with pytest.raises(TooManyRequestsError) as caught:
        gate.enter("a")
    assert caught.value.details["retry_after"] == WINDOW_S
    gate.enter("b")
    now[0] = WINDOW_S
    gate.enter("a")
    for _ in range(PER_LOGIN):
        gate.enter("a", login="desk")
    with pytest.raises(TooManyRequestsError):
        gate.enter("another address", login="desk")
    for number in range(MOST_REMEMBERED + 100):
        now[0] += WINDOW_S
        gate.enter(f"client {number}")
        gate.remember(f"form {number}", number)
    assert len(gate._seen) <= MOST_REMEMBERED
    assert len(gate._forms) == MOST_REMEMBERED
    assert gate.ticket_of("form 0") is None
    assert gate.ticket_of("form 10099") == 10_099


# -- programs


def key_of(desk: TestClient, office: str | None) -> dict[str, str]:
    with desk.app.state.services.database.write(Audience.AUTH) as conn:
        _, key = issue(conn, city.CODE, "試験", by="test", office_id=office)
    return {"authorization": f"Bearer {key}", "accept": "application/json"}


def test_a_program_asks_and_reads_its_offices_answers(desk: TestClient, town: DatabaseUrls) -> None:
    mine, other = key_of(desk, "o1"), key_of(desk, "o2")
    body = {"question": SECRETS["question"], "association_id": "a11", "customer": PERSON, "consent": True}
    receipt = desk.post("/api/v1/referrals", json=body, headers=mine)
    assert receipt.status_code == 200, receipt.text
    no = receipt.json()["ticket_no"]
    [row] = stored(town)
    assert (row["channel"], row["office_id"], row["customer_email"]) == ("partner", "o1", SECRETS["email"])
    assert str(row["asked_by"]).startswith("key:")
    sign_in(desk, Role.PLANNER)
    act(desk, no, "state", to="answered", answer=SECRETS["answer"])
    sign_in(desk, None)
    answer = desk.get("/api/v1/referrals", headers=mine)
    assert answer.headers["cache-control"] == "private, no-store"
    [found] = answer.json()["tickets"]
    assert (found["ticket_no"], found["state"], found["answer"]) == (no, "answered", SECRETS["answer"])
    assert [value for value in PERSON.values() if value in answer.text] == []
    assert desk.get("/api/v1/referrals", headers=other).json() == {"tickets": [], "next": None}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"question": "q", "customer": {"name": "n"}}, 400),
        ({"question": " "}, 400),
        ({"question": "q", "association_id": "nosuch"}, 400),
        ({"question": "q", "office_id": "o2"}, 422),
        ({"question": "q" * 2001}, 422),
        ({"question": "q", "consent": "yes"}, 422),
    ],
)
def test_programs_are_told_what_is_wrong(
    desk: TestClient, town: DatabaseUrls, body: dict[str, object], status: int
) -> None:
    answer = desk.post("/api/v1/referrals", json=body, headers=key_of(desk, "o1"))
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert stored(town) == []


def test_a_key_without_an_office_and_a_browsers_session_do_not_do(
    desk: TestClient, town: DatabaseUrls
) -> None:
    assert desk.get("/api/v1/referrals", headers=key_of(desk, None)).status_code == 403
    sign_in(desk, Role.PARTNER, "o1")
    assert desk.post("/api/v1/referrals", json={"question": "q"}).status_code == 403
    assert stored(town) == []


def test_a_program_that_runs_wild_is_stopped(desk: TestClient, town: DatabaseUrls) -> None:
    headers = key_of(desk, "o1")
    codes = [
        desk.post("/api/v1/referrals", json={"question": "q"}, headers=headers).status_code
        for _ in range(PER_LOGIN + 1)
    ]
    assert codes == [200] * PER_LOGIN + [429]
