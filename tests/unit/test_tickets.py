"""Tickets: what may follow what, when an answer is due, and what a form may hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kyodo_geo.errors import ConflictError, InputError
from kyodo_geo.roles import Role
from kyodo_geo.ticket_entries import Referral, Wish, line, paragraphs, phone_of, referral_errors, wish_errors
from kyodo_geo.tickets import (
    ENDS,
    TRANSITIONS,
    WAITING,
    Kind,
    State,
    channel,
    check_change,
    erased_on_request,
    following,
)  # fmt: skip
from kyodo_geo.working_days import is_working_day, working_days_after

FRIDAY = date(2027, 3, 5)


@pytest.mark.parametrize(
    ("day", "days", "holidays", "due"),
    [
        (FRIDAY, 1, set(), date(2027, 3, 8)),
        (FRIDAY, 5, set(), date(2027, 3, 12)),
        (date(2027, 3, 6), 1, set(), date(2027, 3, 8)),  # received on a Saturday
        (FRIDAY, 1, {date(2027, 3, 8)}, date(2027, 3, 9)),
        (date(2027, 3, 18), 3, {date(2027, 3, 21), date(2027, 3, 22)}, date(2027, 3, 24)),
        (date(2026, 12, 28), 1, set(), date(2027, 1, 4)),  # 29 December to 3 January
    ],
)
def test_due_dates_count_working_days(day: date, days: int, holidays: set[date], due: date) -> None:
    assert working_days_after(day, days, holidays) == due


@given(st.dates(date(2020, 1, 1), date(2090, 1, 1)), st.integers(1, 60))
def test_a_due_date_is_a_working_day_and_the_days_between_are_counted(day: date, days: int) -> None:
    due = working_days_after(day, days)
    assert is_working_day(due)
    passed = sum(is_working_day(date.fromordinal(n)) for n in range(day.toordinal() + 1, due.toordinal() + 1))
    assert passed == days


def test_holidays_that_leave_no_working_day_are_an_error() -> None:
    every = {date.fromordinal(n) for n in range(FRIDAY.toordinal(), FRIDAY.toordinal() + 800)}
    with pytest.raises(ValueError, match="working days"):
        working_days_after(FRIDAY, 1, every)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_state_leads_to_an_end_and_no_end_leads_on(kind: Kind) -> None:
    for state, after in TRANSITIONS[kind].items():
        assert state not in ENDS
        assert after
    reached, todo = set(), [State.RECEIVED]
    while todo:
        state = todo.pop()
        reached.add(state)
        todo += [s for s in following(kind, state) if s not in reached]
    assert reached & ENDS and reached & WAITING
    assert all(not following(kind, state) for state in ENDS)


@pytest.mark.parametrize(
    ("kind", "state", "to"),
    [
        (Kind.REFERRAL, State.CLOSED, State.RECEIVED),
        (Kind.REFERRAL, State.ANSWERED, State.PASSED_ON),
        (Kind.REFERRAL, State.RECEIVED, State.JOINED),
        (Kind.WISH, State.RECEIVED, State.JOINED),
        (Kind.WISH, State.PASSED_ON, State.CLOSED),
        (Kind.WISH, State.JOINED, State.WITHDRAWN),
    ],
)
def test_other_changes_are_refused(kind: Kind, state: State, to: State) -> None:
    with pytest.raises(ConflictError, match="変えられません"):
        check_change(kind, state, to, answer="回答")


def test_an_answer_is_needed_to_be_answered_and_has_no_place_elsewhere() -> None:
    check_change(Kind.REFERRAL, State.RECEIVED, State.ANSWERED, answer="はい")
    check_change(Kind.REFERRAL, State.RECEIVED, State.CLOSED, answer="はい")
    check_change(Kind.REFERRAL, State.RECEIVED, State.CLOSED, answer=None)
    for kind, state, to, answer in (
        (Kind.REFERRAL, State.RECEIVED, State.ANSWERED, None),
        (Kind.REFERRAL, State.RECEIVED, State.PASSED_ON, "はい"),
        (Kind.REFERRAL, State.ANSWERED, State.CLOSED, "もう一度"),
        (Kind.WISH, State.PASSED_ON, State.JOINED, "はい"),
    ):
        with pytest.raises(InputError):
            check_change(kind, state, to, answer=answer)


@pytest.mark.parametrize(
    ("roles", "office", "found"),
    [
        ({Role.PUBLIC}, None, "page"),
        ({Role.PUBLIC, Role.PARTNER}, "o1", "partner"),
        ({Role.PUBLIC, Role.COUNTER}, None, "counter"),
        ({Role.PUBLIC, Role.PLANNER}, None, "counter"),
        ({Role.PUBLIC, Role.FEDERATION}, None, "page"),
    ],
)
def test_where_a_ticket_comes_from(roles: set[Role], office: str | None, found: str) -> None:
    assert channel(roles, office) == found


@pytest.mark.parametrize(("after_days", "asked"), [(0.0, True), (29.9, True), (30.01, False), (365.0, False)])
def test_what_is_erased_before_its_time_was_erased_because_somebody_asked(
    after_days: float, asked: bool
) -> None:
    ended = datetime(2026, 4, 1, tzinfo=UTC)
    later = ended + timedelta(days=after_days)
    assert erased_on_request(ended, later, 30, moved_at=ended, open_days=1) is asked
    assert erased_on_request(None, later, 1, moved_at=ended, open_days=30) is asked, "one that never ended"


def test_what_is_there_was_not_erased() -> None:
    assert not erased_on_request(None, None, 30, moved_at=datetime(2026, 4, 1, tzinfo=UTC), open_days=30)


def test_a_question_needs_nobodys_name() -> None:
    assert referral_errors(Referral("会費はいくらですか")) == {}


@pytest.mark.parametrize("given", [{"name": "山田"}, {"phone": "019-626-7535"}, {"email": "a@example.jp"}])
def test_personal_fields_need_consent(given: dict[str, str]) -> None:
    assert set(referral_errors(Referral("質問", **given))) == {"consent"}
    assert referral_errors(Referral("質問", consent=True, **given)) == {}


@pytest.mark.parametrize(
    "email",
    [
        "a@example.jp\r\nBcc: b@example.jp",
        "a@example.jp,b@example.jp",
        "a@@example.jp",
        "<a@example.jp>",
        "a b@example.jp",
        "あ@example.jp",
        "a@example",
        "a@-example.jp",
        "a" * 130 + "@example.jp",
    ],
)
def test_what_is_no_single_address_is_refused(email: str) -> None:
    assert "email" in referral_errors(Referral("質問", email=email, consent=True))


@pytest.mark.parametrize("email", ["hanako@example.jp", "h.a..n.@docomo.ne.jp", "a+b@sub.example.co.jp"])
def test_addresses_in_use_are_taken(email: str) -> None:
    assert referral_errors(Referral("質問", email=email, consent=True)) == {}


def test_messy_input_is_cleaned() -> None:
    assert line("　山田 　花子 ") == "山田 花子"
    assert line(" 　") is None
    assert phone_of("０１９－６２６ー７５３５") == "019-626-7535"
    assert paragraphs(" 一行目\r\n二行目\r") == "一行目\n二行目"


@pytest.mark.parametrize("question", ["", "あ" * 2001, "\0", "\ud800"])
def test_unusable_questions_are_refused(question: str) -> None:
    assert set(referral_errors(Referral(question))) == {"question"}


def test_a_wish_needs_name_way_to_reach_and_consent() -> None:
    assert set(wish_errors(Wish("", None))) == {"association", "name", "phone", "consent"}
    assert wish_errors(Wish("a1", "山田", email="a@example.jp", consent=True)) == {}
    assert wish_errors(Wish("a1", "山田", phone="019-626-7535", consent=True)) == {}
    assert "address" in wish_errors(Wish("a1", "山田", "019-626-7535", address="あ" * 201, consent=True))


@given(st.text(max_size=200), st.text(max_size=60), st.text(max_size=60), st.text(max_size=140))
def test_whatever_is_written_gets_an_answer(question: str, name: str, phone: str, email: str) -> None:
    entry = Referral(paragraphs(question), None, line(name), phone_of(phone), line(email), consent=True)
    errors = referral_errors(entry)
    if entry.email and "email" not in errors:
        assert not set('\r\n,<>" ') & set(entry.email)
