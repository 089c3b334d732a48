"""What a day's plan state is, from dated records."""

from __future__ import annotations

from datetime import date

import pytest

from kyodo_geo.plan_states import PlanRecord, PlanState, days_of_change, standing_on

PAPER = date(2021, 4, 1)
PRINTED = PlanRecord(1, PlanState.ADOPTED, stated_on=PAPER, valid_to=date(2024, 4, 1))
REVISED = PlanRecord(2, PlanState.REVISED, valid_from=date(2024, 4, 1), valid_to=date(2029, 4, 1))
EXPIRED = PlanRecord(3, PlanState.EXPIRED, valid_from=date(2029, 4, 1))


@pytest.mark.parametrize(
    ("day", "state", "version"),
    [
        (date(2021, 3, 31), None, None),
        (PAPER, PlanState.ADOPTED, 1),
        (date(2024, 3, 31), PlanState.ADOPTED, 1),
        (date(2024, 4, 1), PlanState.REVISED, 2),
        (date(2029, 4, 1), PlanState.EXPIRED, None),
    ],
)
def test_each_day_has_the_state_that_began_last(
    day: date, state: PlanState | None, version: int | None
) -> None:
    standing = standing_on([EXPIRED, PRINTED, REVISED], day)  # the order of entering does not matter
    found = (standing.record.state, standing.version) if standing else (None, None)
    assert found == (state, version)


def test_what_only_a_paper_tells_is_marked_and_unknown_before_it() -> None:
    standing = standing_on([PRINTED], PAPER)
    assert standing is not None and standing.only_as_stated and standing.since is None
    dated = standing_on([REVISED], date(2025, 1, 1))
    assert dated is not None and not dated.only_as_stated


def test_a_record_without_any_day_always_held() -> None:
    standing = standing_on([PlanRecord(1, PlanState.NONE)], date(1990, 1, 1))
    assert standing is not None and standing.record.state is PlanState.NONE


def test_after_the_last_record_has_ended_nothing_is_known() -> None:
    assert standing_on([PRINTED], date(2024, 4, 1)) is None


def test_a_new_plan_after_an_expired_one_is_another_version() -> None:
    again = PlanRecord(4, PlanState.ADOPTED, valid_from=date(2030, 4, 1))
    standing = standing_on([PRINTED, REVISED, EXPIRED, again], date(2031, 1, 1))
    assert standing is not None and standing.version == 3


def test_the_days_a_chooser_offers() -> None:
    assert days_of_change([REVISED, PRINTED]) == [PAPER, date(2024, 4, 1)]
