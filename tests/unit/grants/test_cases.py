"""The way of a case: which step may follow which, what it comes to, and what each needs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kyodo_geo.errors import ConflictError, InputError, KyodoError
from kyodo_geo.grants.case_checks import checked, doubts, settlement
from kyodo_geo.grants.cases import COUNTS, ENDS, Deed, State, Step, allowed, effective, standing
from kyodo_geo.grants.conditions import Judged

FIRST = date(2026, 4, 10)
TODAY = date(2027, 5, 20)


def steps(*said: tuple[Deed, int | None] | Deed) -> list[Step]:
    """One step a week, with an amount where one is given."""
    found = []
    for number, item in enumerate(said):
        deed, yen = item if isinstance(item, tuple) else (item, None)
        found.append(Step(number + 1, deed, FIRST + timedelta(weeks=number), yen, words="理由"))
    return found


WAY = steps(
    Deed.CONSULT, (Deed.APPLY, 300_000), (Deed.GRANT, 250_000), Deed.REPORT, (Deed.SETTLE, 240_000), (Deed.PAY, 240_000)
)  # fmt: skip


def test_the_whole_way_is_walked_step_by_step() -> None:
    states = [State.CONSULTATION, State.APPLIED, State.GRANTED, State.REPORTED, State.SETTLED, State.PAID]
    for number, state in enumerate(states, start=1):
        now = checked(WAY[: number - 1], WAY[number - 1], 2026, TODAY)
        assert now.state is state
    assert (now.requested, now.decided, now.settled, now.paid, now.granted) == (
        300_000,
        250_000,
        240_000,
        240_000,
        240_000,
    )
    assert allowed(now) == (Deed.PAY_BACK, Deed.UNDO)


@pytest.mark.parametrize(
    ("before", "deed"),
    [
        (0, Deed.GRANT),
        (1, Deed.SETTLE),
        (2, Deed.PAY),
        (2, Deed.REPORT),
        (3, Deed.SETTLE),
        (4, Deed.PAY),
        (6, Deed.GRANT),
    ],
)
def test_a_step_that_may_not_follow_is_refused(before: int, deed: Deed) -> None:
    new = Step(before + 1, deed, TODAY, 1, words="理由")
    with pytest.raises(ConflictError, match="できません"):
        checked(WAY[:before], new, 2026, TODAY)


@pytest.mark.parametrize(
    ("before", "change", "field", "words"),
    [
        (1, {"day": FIRST - timedelta(days=1)}, "day", "前の手続き"),
        (1, {"day": TODAY + timedelta(days=1)}, "day", "今日より後"),
        (2, {"day": date(2027, 4, 1)}, "day", "年度"),
        (2, {"yen": 300_001}, "yen", "申請額"),
        (2, {"yen": 0}, "yen", "1 円から"),
        (2, {"yen": None}, "yen", "入力"),
        (2, {"due_on": FIRST}, "due_on", "期限"),
        (4, {"yen": 250_001}, "yen", "交付決定額"),
        (5, {"yen": 240_001}, "yen", "支払っていない"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_at_its_field(
    before: int, change: dict[str, object], field: str, words: str
) -> None:
    with pytest.raises(InputError, match=words) as caught:
        checked(WAY[:before], replace(WAY[before], **change), 2026, TODAY)  # type: ignore[arg-type]
    assert caught.value.details["field"] == field


@pytest.mark.parametrize("deed", [Deed.REFUSE, Deed.WITHDRAW])
def test_a_refusal_needs_its_reason_and_ends_the_case(deed: Deed) -> None:
    with pytest.raises(InputError, match="理由"):
        checked(WAY[:2], Step(3, deed, TODAY), 2026, TODAY)
    now = checked(WAY[:2], Step(3, deed, TODAY, words="重なる事業のため"), 2026, TODAY)
    assert now.state in ENDS and not now.counts and allowed(now) == (Deed.UNDO,)


def test_what_was_paid_in_advance_is_paid_back_before_a_case_can_be_withdrawn() -> None:
    way = [*WAY[:3], Step(4, Deed.PAY, FIRST + timedelta(weeks=4), 100_000)]
    now = standing(way)
    assert (now.state, now.to_pay) == (State.GRANTED, 150_000)
    assert Deed.WITHDRAW not in allowed(now) and Deed.PAY_BACK in allowed(now)
    back = standing([*way, Step(5, Deed.PAY_BACK, TODAY, 100_000, words="中止")])
    assert (back.state, back.paid, back.granted) == (State.PAID_BACK, 0, None)


def test_what_was_paid_above_the_settled_amount_comes_back_and_the_case_is_done() -> None:
    way = [*WAY[:3], Step(4, Deed.PAY, FIRST + timedelta(weeks=3), 250_000), *WAY[3:5]]
    now = standing(way)
    assert (now.state, now.to_pay) == (State.SETTLED, -10_000)
    assert standing([*way, Step(7, Deed.PAY_BACK, TODAY, 10_000, words="精算")]).state is State.PAID


def test_a_step_entered_by_mistake_is_taken_back_and_stays_written() -> None:
    way = [*WAY, Step(7, Deed.UNDO, TODAY, words="別の案件だった"), Step(8, Deed.UNDO, TODAY, words="同じく")]
    assert [step.no for step in effective(way)] == [1, 2, 3, 4]
    now = standing(way)
    assert (now.state, now.settled, now.paid) == (State.REPORTED, None, 0)


def test_a_case_is_late_from_the_day_after_its_deadline_until_it_ends() -> None:
    due = date(2026, 8, 31)
    open_ = standing([*WAY[:2], replace(WAY[2], due_on=due)])
    assert not open_.overdue(due) and open_.overdue(due + timedelta(days=1))
    assert not standing(WAY).overdue(TODAY)


def test_the_settlement_is_never_above_the_decision() -> None:
    assert settlement(250_000, 240_000) == 240_000
    assert settlement(250_000, 260_000) == 250_000
    assert settlement(250_000, None) is None


def test_a_decision_tells_all_that_speaks_against_it() -> None:
    open_, no = (
        Judged(1, "計画がある", None, "分かりません"),
        Judged(2, "昭和56年の基準", False, "古い建物です"),
    )
    found = doubts(WAY[2], standing(WAY[:2]), 240_000, (), [open_, no, replace(no, met=True)], 5_000)
    assert [("超え" in line, "確かめて" in line, "満たし" in line) for line in found] == [
        (True, False, False), (False, True, False), (False, False, True), (True, False, False),
    ]  # fmt: skip
    assert doubts(WAY[2], standing(WAY[:2]), 250_000, (), [replace(no, met=True)], 0) == ()
    assert doubts(WAY[2], standing(WAY[:2]), None, ("対象経費が分かりません",), [], 0)
    assert doubts(WAY[4], standing(WAY[:4]), 240_000, (), [open_], 0) == ()
    assert "違います" in doubts(WAY[4], standing(WAY[:4]), 230_000, (), [], 0)[0]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(list(Deed)), st.integers(0, 400_000)), max_size=14))
def test_whatever_is_tried_the_amounts_stay_within_each_other(tried: list[tuple[Deed, int]]) -> None:
    kept: list[Step] = []
    for number, (deed, yen) in enumerate(tried):
        new = Step(len(kept) + 1, deed, FIRST + timedelta(days=number), yen, words="理由")
        try:
            now = checked(kept, new, 2026, TODAY)
        except KyodoError:
            continue
        kept.append(new)
        assert standing(kept) == now
        assert now.paid >= 0 and (now.settled is None or now.settled <= (now.decided or 0))
        assert now.counts == (now.state in COUNTS) and (now.granted is None) == (not now.counts)
        assert (now.state in ENDS) <= (set(allowed(now)) <= {Deed.UNDO, Deed.PAY_BACK})
