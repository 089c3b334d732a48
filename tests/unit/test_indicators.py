"""States of indicators against the straight path and against the baseline."""

from __future__ import annotations

import pytest

from kyodo_geo.indicators import OutcomeState, ReferenceState, expected_value, outcome_state, reference_state

R1, R6 = 2019, 2024


def state(
    value: float | None, year: int, *, margin: float = 0.0, baseline: float = 40.0, target: float = 60.0
) -> OutcomeState:
    return outcome_state(
        value, year, baseline_year=R1, baseline=baseline, target_year=R6, target=target, margin=margin
    )


def test_the_path_is_straight_between_baseline_and_target() -> None:
    assert [expected_value(R1, 40, R6, 60, year) for year in (2018, 2019, 2020, 2024, 2030)] == [
        40,
        40,
        44,
        60,
        60,
    ]


def test_a_target_that_does_not_lie_ahead_is_refused() -> None:
    with pytest.raises(ValueError, match="after the baseline"):
        expected_value(R1, 40, R1, 60, R1)


@pytest.mark.parametrize(
    ("value", "year", "expected"),
    [
        (60.0, 2021, OutcomeState.ACHIEVED),
        (48.0, 2021, OutcomeState.ON_TRACK),
        (47.9, 2021, OutcomeState.BEHIND),
        (59.9, 2030, OutcomeState.BEHIND),
        (40.0, R1, OutcomeState.ON_TRACK),
        (None, 2021, OutcomeState.UNKNOWN),
    ],
)
def test_outcome_states(value: float | None, year: int, expected: OutcomeState) -> None:
    assert state(value, year) is expected


def test_sampling_noise_is_not_a_delay() -> None:
    assert state(47.0, 2021) is OutcomeState.BEHIND
    assert state(47.0, 2021, margin=1.5) is OutcomeState.ON_TRACK


def test_a_falling_target_is_read_the_other_way() -> None:
    assert state(100.0, 2021, baseline=120, target=100) is OutcomeState.ACHIEVED
    assert state(113.0, 2021, baseline=120, target=100) is OutcomeState.BEHIND


@pytest.mark.parametrize(
    ("value", "direction", "expected"),
    [
        (130, "up", ReferenceState.BETTER),
        (116, "up", ReferenceState.SAME),
        (100, "up", ReferenceState.WORSE),
        (100, "down", ReferenceState.BETTER),
        (130, "down", ReferenceState.WORSE),
        (None, "down", ReferenceState.UNKNOWN),
    ],
)
def test_reference_states(value: float | None, direction: str, expected: ReferenceState) -> None:
    assert reference_state(value, baseline=116, direction=direction) is expected


def test_an_unknown_direction_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="direction"):
        reference_state(1, baseline=1, direction="sideways")
