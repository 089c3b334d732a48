"""Tickets at the offices and at the city: whose they are, what the staff do, and erasing."""

from __future__ import annotations

import re

import psycopg
import pytest
from starlette.testclient import TestClient

from kyodo_geo.roles import Role
from tests.api.signing import audit
from tests.api.ticket_world import (
    PERSON,
    SECRETS,
    act,
    ask,
    everything,
    sign_in,
    stored,
    version_of,
    wish,
)
from tests.fixtures_db import DatabaseUrls

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
