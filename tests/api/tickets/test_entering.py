"""Tickets through the public forms: who enters what, consent, floods."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from api.tickets.gate import MOST_REMEMBERED, PER_LOGIN, PER_VISITOR, WINDOW_S, Gate
from kyodo_geo.errors import TooManyRequestsError
from kyodo_geo.roles import Role
from tests.api.conftest import HOST
from tests.api.signing import token_of
from tests.api.ticket_world import (
    PERSON,
    SECRETS,
    ask,
    fill,
    form_id_of,
    number_of,
    sign_in,
    stored,
    wish,
)
from tests.fixtures_db import DatabaseUrls


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
