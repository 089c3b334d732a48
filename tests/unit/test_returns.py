"""The yearly return: what was typed becomes answers; what differs and what looks wrong is told in words."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kyodo_geo.errors import ConflictError
from kyodo_geo.lookup_types import Rule
from kyodo_geo.returns import (
    QUESTIONS,
    Answers,
    ReturnState,
    Severity,
    Thresholds,
    area_doubts,
    differences,
    doubts,
    first_answers,
    read_answers,
    typed_answers,
    worst,
)
from kyodo_geo.returns.doubts import jumps
from kyodo_geo.returns.states import check_step

GOOD = Answers(
    president_name="山田 花子", president_phone="019-000-0001", households=100, member_households=80,
    circulation_copies=85, hall_use="none", area_text="みたけ三丁目1番〜3番", households_basis="reported",
)  # fmt: skip


def codes(held: Answers, now: Answers) -> set[str]:
    return {doubt.code for doubt in doubts(held, now, Thresholds())}


def test_every_question_has_its_answer() -> None:
    assert [field.name for field in QUESTIONS] == [field.name for field in fields(Answers)]


def test_what_was_typed_by_hand_becomes_numbers_and_choices() -> None:
    typed = {
        "households": "１，２３４世帯", "member_households": "800", "hall_use": "借りている",
        "president_published": "公開してよい",
        "president_phone": "０１９－０００－０００１", "circulation_copies": "",
    }  # fmt: skip
    found, wrong = read_answers(lambda name: typed.get(name, ""))
    assert not wrong
    assert (found.households, found.member_households, found.circulation_copies) == (1234, 800, None)
    assert (found.hall_use, found.president_published) == ("rented", "yes")
    assert found.president_phone == "019-000-0001"


def test_all_that_cannot_be_read_is_told_at_once_by_field() -> None:
    typed = {
        "households": "百",
        "president_email": "nobody",
        "area_answer": "違います",
        "circulation_to": "other",
    }
    _, wrong = read_answers(lambda name: typed.get(name, ""))
    assert set(wrong) == {"households", "president_email", "area_note", "circulation_name"}
    assert "0 以上の整数" in wrong["households"]


def test_a_form_says_back_what_was_kept() -> None:
    again, wrong = read_answers(lambda name: typed_answers(GOOD)[name])
    assert (again, wrong) == (GOOD, {})
    assert Answers.of(GOOD.as_dict()) == GOOD
    assert Answers.of({"gone": 1, "households": 5}) == Answers(households=5)


def test_a_form_begins_without_last_years_figures() -> None:
    begun = first_answers(replace(GOOD, wishes="x"))
    assert (begun.households, begun.member_households, begun.circulation_copies, begun.wishes) == (None,) * 4
    assert begun.president_name == GOOD.president_name


def test_the_consent_to_publish_is_asked_anew_each_year() -> None:
    held = replace(GOOD, president_published="yes")
    assert first_answers(held).president_published is None, "a former president's consent is nobody else's"


def test_differences_are_told_in_peoples_words() -> None:
    now = replace(GOOD, households=1200, hall_use="owned", wishes="街灯", president_phone="019-000-0002")
    found = {item.field: item for item in differences(GOOD, now)}
    assert set(found) == {"households", "hall_use", "president_phone"}
    assert (found["households"].before, found["households"].now) == ("100 世帯", "1,200 世帯")
    assert (found["hall_use"].before, found["hall_use"].now) == ("ない", "持っている")
    assert found["president_phone"].personal and not found["households"].personal


def test_an_ordinary_return_raises_no_doubt() -> None:
    assert doubts(GOOD, replace(GOOD, households=104, member_households=82), Thresholds()) == ()


def test_more_members_than_households_cannot_be_approved() -> None:
    found = doubts(GOOD, replace(GOOD, member_households=101, circulation_copies=101), Thresholds())
    assert worst(found) is Severity.WRONG and found[0].code == "rate-above-one"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"households": 200}, "jump"), ({"member_households": 50}, "rate-jump"),
        ({"households": 0, "member_households": 0}, "no-households"),
        ({"member_households": 0}, "no-members"), ({"circulation_copies": 300}, "more-copies-than-members"),
        ({"circulation_copies": 0}, "no-copies"), ({"circulation_copies": None}, "missing"), ({"households": None}, "missing"),
        ({"hall_use": "owned"}, "hall-without-name"), ({"hall_use": "owned", "hall_name": "新館"}, "hall-unknown"),
        ({"president_name": None}, "missing"), ({"area_answer": "wrong", "area_note": "東側"}, "area-wrong"),
        ({"president_published": "yes", "president_phone": None}, "nothing-to-publish"),
    ],
)  # fmt: skip
def test_what_looks_wrong_is_a_doubt(changed: dict[str, object], code: str) -> None:
    assert code in codes(GOOD, replace(GOOD, **changed))  # type: ignore[arg-type]


def test_a_hall_of_the_citys_list_that_is_gone_or_has_another_name() -> None:
    held = replace(GOOD, hall_use="owned", hall_name="みたけ公民館")
    assert "hall-gone" in codes(held, replace(held, hall_use="none", hall_name=None))
    assert "hall-changed" in codes(held, replace(held, hall_name="みたけ会館"))
    assert codes(held, held) == set()


@given(before=st.integers(0, 5000), after=st.integers(0, 5000))
def test_a_jump_is_large_in_share_and_in_number(before: int, after: int) -> None:
    found = jumps(before, after, 0.2, 20)
    assert found == (abs(after - before) >= 20 and abs(after - before) > 0.2 * before)
    assert not jumps(before, before, 0.2, 0)


@given(st.integers(0, 3000), st.integers(0, 3000), st.integers(0, 3000))
def test_impossible_rates_are_wrong_and_nothing_else_is(homes: int, members: int, copies: int) -> None:
    now = replace(GOOD, households=homes, member_households=members, circulation_copies=copies)
    assert (worst(doubts(GOOD, now, Thresholds())) is Severity.WRONG) == (members > homes)


def test_words_of_the_area_are_read_by_the_notation() -> None:
    rules = [Rule("a", "part", "みたけ三丁目", block_from=1, block_to=3)]
    same = replace(GOOD, area_text="みたけ三丁目 １番から３番まで")
    assert area_doubts(GOOD, GOOD, rules=rules) == ()
    assert area_doubts(GOOD, same, rules=rules) == (), "other words for the same addresses"
    (more,) = area_doubts(GOOD, replace(GOOD, area_text="みたけ三丁目1番〜4番"), rules=rules)
    assert more.code == "area-changed" and "1番〜4番" in more.message
    unread = area_doubts(GOOD, replace(GOOD, area_text="川の向こうの一部"), rules=rules)
    assert {doubt.code for doubt in unread} <= {"area-unreadable", "area-changed"} and unread
    (gone,) = area_doubts(GOOD, replace(GOOD, area_text=None), rules=rules)
    assert gone.code == "area-emptied"


def test_steps_that_may_not_be_taken_say_what_to_do() -> None:
    check_step(ReturnState.SENT, ReturnState.RECEIVED)
    check_step(ReturnState.FED, ReturnState.SENT_BACK)
    with pytest.raises(ConflictError, match="先に差し戻して"):
        check_step(ReturnState.APPROVED, ReturnState.RECEIVED)
    with pytest.raises(ConflictError, match="未送付"):
        check_step(ReturnState.NOT_SENT, ReturnState.APPROVED)
