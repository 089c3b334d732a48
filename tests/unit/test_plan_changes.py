"""Which plan state may follow which, and that periods never overlap whatever staff enter."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.plan_changes import FOLLOWING, add, correct, may_follow, withdraw
from kyodo_geo.plan_states import PlanRecord, PlanState

NONE, PREPARING, ADOPTED, REVISED, EXPIRED = PlanState
BOOK = PlanRecord(1, ADOPTED, stated_on=date(2021, 4, 1))
"""What the plan book says: adopted on an unknown day before."""


def entry(state: PlanState, begins: date | None, **facts: object) -> PlanRecord:
    return PlanRecord(0, state, valid_from=begins, **facts)  # type: ignore[arg-type]


def periods(records: list[PlanRecord]) -> list[tuple[str, date | None, date | None]]:
    return [(record.state.value, record.valid_from, record.valid_to) for record in records]


def test_the_workflow_from_draft_to_the_next_plan() -> None:
    found: list[PlanRecord] = []
    for state, year in (
        (NONE, 2020),
        (PREPARING, 2021),
        (ADOPTED, 2022),
        (REVISED, 2024),
        (EXPIRED, 2027),
        (ADOPTED, 2028),
    ):
        found = add(found, entry(state, date(year, 4, 1)))
    assert [record.record_no for record in found] == [1, 2, 3, 4, 5, 6]
    assert all(a.valid_to == b.valid_from for a, b in itertools.pairwise(found))
    assert found[-1].valid_to is None


@pytest.mark.parametrize(
    ("before", "after"),
    [(NONE, REVISED), (NONE, EXPIRED), (PREPARING, REVISED), (PREPARING, EXPIRED), (ADOPTED, NONE), (ADOPTED, ADOPTED),
     (ADOPTED, PREPARING), (REVISED, ADOPTED), (REVISED, NONE), (EXPIRED, REVISED), (EXPIRED, EXPIRED)],
)  # fmt: skip
def test_what_may_not_follow_is_refused_with_what_may(before: PlanState, after: PlanState) -> None:
    with pytest.raises(InputError, match="次にできるのは") as caught:
        add([replace(BOOK, state=before)], entry(after, date(2024, 4, 1)))
    assert caught.value.details["field"] == "state"
    assert after not in may_follow(before)


def test_every_state_can_be_left_and_a_history_may_begin_with_any() -> None:
    assert all(FOLLOWING[state] for state in PlanState)
    assert may_follow(None) == list(PlanState)


def test_a_state_between_two_others_ends_where_the_next_begins() -> None:
    found = add([BOOK], entry(EXPIRED, date(2026, 4, 1)))
    found = add(found, entry(REVISED, date(2024, 4, 1)))
    assert periods(found) == [
        ("adopted", None, date(2024, 4, 1)),
        ("revised", date(2024, 4, 1), date(2026, 4, 1)),
        ("expired", date(2026, 4, 1), None),
    ]
    assert [record.record_no for record in found] == [1, 3, 2], "numbers are those of entering"


def test_a_correction_moves_the_border_to_the_state_before() -> None:
    found = add([BOOK], entry(REVISED, date(2024, 4, 1)))
    found = correct(found, 2, entry(REVISED, date(2024, 10, 1), title="第2版"))
    assert periods(found) == [("adopted", None, date(2024, 10, 1)), ("revised", date(2024, 10, 1), None)]
    assert found[1].title == "第2版"


def test_withdrawing_lets_the_state_before_hold_on() -> None:
    found = add(add([BOOK], entry(REVISED, date(2024, 4, 1))), entry(EXPIRED, date(2026, 4, 1)))
    assert periods(withdraw(found, 2)) == [
        ("adopted", None, date(2026, 4, 1)),
        ("expired", date(2026, 4, 1), None),
    ]
    assert periods(withdraw(withdraw(found, 3), 2)) == [("adopted", None, None)]
    assert withdraw([BOOK], 1) == []


def test_withdrawing_may_not_leave_what_cannot_follow() -> None:
    found = add(
        add([replace(BOOK, state=NONE)], entry(ADOPTED, date(2024, 4, 1))), entry(REVISED, date(2026, 4, 1))
    )
    with pytest.raises(InputError, match="残る記録との順"):
        withdraw(found, 2)


@pytest.mark.parametrize(
    ("begins", "words"),
    [(date(2021, 4, 1), "それより後の日付"), (date(2019, 4, 1), "それより後の日付"), (None, "いちばん前")],
)
def test_a_day_that_contradicts_what_a_paper_states(begins: date | None, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        add([BOOK], entry(REVISED, begins))
    assert caught.value.details["field"] == "valid_from"


def test_two_states_on_one_day_and_unknown_numbers() -> None:
    found = add([BOOK], entry(REVISED, date(2024, 4, 1)))
    with pytest.raises(InputError, match="始まる記録が、もうあります"):
        add(found, entry(REVISED, date(2024, 4, 1)))
    for work in (lambda: correct(found, 9, BOOK), lambda: withdraw(found, 9)):
        with pytest.raises(NotFoundError):
            work()


def test_an_end_that_met_no_beginning_stays() -> None:
    """Loaded from elsewhere: a plan that ended with nothing known after it."""
    ended = replace(BOOK, valid_to=date(2023, 4, 1))
    found = add([ended], entry(REVISED, date(2024, 4, 1)))
    assert found[0].valid_to == date(2023, 4, 1)
    with pytest.raises(InputError, match="終わりの日より後"):
        correct(
            [replace(BOOK, stated_on=None, valid_to=date(2023, 4, 1))], 1, entry(ADOPTED, date(2023, 4, 1))
        )


DAYS = st.one_of(st.none(), st.dates(date(2015, 1, 1), date(2035, 1, 1)))
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["add", "correct", "withdraw"]), st.sampled_from(PlanState), DAYS, st.integers(1, 6)
    ),
    max_size=14,
)


@given(ACTS)
def test_whatever_is_entered_periods_follow_each_other_legally(
    acts: list[tuple[str, PlanState, date | None, int]],
) -> None:
    records: list[PlanRecord] = []
    for act, state, begins, number in acts:
        before = list(records)
        try:
            if act == "add":
                records = add(records, entry(state, begins))
            elif act == "correct":
                records = correct(records, number, entry(state, begins))
            else:
                records = withdraw(records, number)
        except (InputError, NotFoundError):
            assert records == before, "a refusal changes nothing"
        for earlier, later in itertools.pairwise(records):
            assert earlier.valid_to == later.valid_from is not None
            assert later.state in FOLLOWING[earlier.state]
        assert len({record.record_no for record in records}) == len(records)
        assert all(r.valid_from is None or r.valid_to is None or r.valid_from < r.valid_to for r in records)
