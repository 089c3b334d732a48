"""States of indicators against the straight path and against the baseline."""

from __future__ import annotations

import pytest

from kyodo_geo.indicators import (
    Goal,
    Interval,
    OutcomeState,
    ReferenceState,
    expected_value,
    interval_of,
    judge,
    outcome_state,
    reference_state,
    wilson,
)

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


@pytest.mark.parametrize(("direction", "more", "fewer"), [("up", "達成", "遅れ"), ("down", "遅れ", "達成")])
def test_a_target_of_keeping_the_baseline_is_read_by_the_direction(
    direction: str, more: str, fewer: str
) -> None:
    goal = Goal("件", direction, R1, 100, R6, 100)
    assert [judge(value, 2021, goal).state for value in (101, 100, 99)] == [more, "達成", fewer]


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


PATH = Goal("%", "up", R1, 40.0, R6, 60.0)
UPWARDS = Goal("件", "up", R1, 20.0)
LETTERS = Goal("件", "down", R1, 116.0)


@pytest.mark.parametrize(
    ("percent", "answers", "low", "high"),
    [
        (50.0, 100, 40.4, 59.6),  # the textbook case
        (45.2, 1000, 42.1, 48.3),
        (0.0, 10, 0.0, 27.8),  # the plain normal interval would have no width here
        (100.0, 10, 72.2, 100.0),
        (0.06, 1_000_000, 0.06, 0.1),  # rounding never leaves the value outside
    ],
)
def test_a_sample_size_gives_a_share_its_interval(
    percent: float, answers: int, low: float, high: float
) -> None:
    found = wilson(percent, answers)
    assert (found.low, found.high, found.method) == (low, high, "wilson")


@pytest.mark.parametrize(("percent", "answers"), [(-0.1, 10), (100.1, 10), (50.0, 0)])
def test_no_interval_of_what_is_no_share(percent: float, answers: int) -> None:
    with pytest.raises(ValueError, match="share"):
        wilson(percent, answers)


def test_the_interval_the_survey_reports_comes_first() -> None:
    given = interval_of(50.0, "%", 100, 35.0, 65.0)
    assert given == Interval(35.0, 65.0, "given")
    computed = interval_of(50.0, "%", 100, None, None)
    assert computed is not None
    assert computed.method == "wilson"
    assert interval_of(50.0, "件", 100, None, None) is None, "a count is no sample"
    assert interval_of(50.0, "%", None, None, None) is None


def test_a_value_is_judged_with_its_own_interval() -> None:
    behind = judge(46.0, 2021, PATH)
    assert (behind.expected, behind.state, behind.within_noise) == (48.0, OutcomeState.BEHIND, False)
    noise = judge(46.0, 2021, PATH, Interval(44.0, 48.0, "given"))
    assert (noise.state, noise.within_noise) == (OutcomeState.ON_TRACK, True)
    far = judge(46.0, 2021, PATH, Interval(44.0, 47.9, "given"))
    assert far.state is OutcomeState.BEHIND


def test_the_interval_counts_on_the_side_of_the_path() -> None:
    falling = Goal("%", "down", R1, 60.0, R6, 40.0)
    assert judge(54.0, 2021, falling, Interval(52.0, 54.1, "given")).state is OutcomeState.ON_TRACK
    assert judge(54.0, 2021, falling, Interval(53.9, 58.0, "given")).state is OutcomeState.BEHIND


def test_nothing_is_said_of_the_baseline_year() -> None:
    assert judge(40.0, R1, PATH).state is None
    assert judge(116.0, R1, LETTERS).state is None


def test_what_was_not_measured_is_unknown() -> None:
    assert judge(None, 2021, PATH).state is OutcomeState.UNKNOWN
    assert judge(None, 2021, LETTERS).state is ReferenceState.UNKNOWN


def test_fewer_documents_to_presidents_are_better() -> None:
    assert judge(100.0, 2021, LETTERS).state is ReferenceState.BETTER
    assert judge(130.0, 2021, LETTERS).state is ReferenceState.WORSE
    assert judge(21.0, 2021, UPWARDS).state is ReferenceState.BETTER
    assert judge(21.0, 2021, UPWARDS).expected is None, "no target, no path"


def test_a_surveyed_reference_indicator_has_noise_too() -> None:
    surveyed = Goal("%", "up", R1, 50.0)
    assert judge(51.0, 2021, surveyed, Interval(49.0, 53.0, "given")).state is ReferenceState.SAME
    assert judge(49.0, 2021, surveyed, Interval(47.0, 51.0, "given")).state is ReferenceState.SAME
    assert judge(53.0, 2021, surveyed, Interval(51.0, 55.0, "given")).state is ReferenceState.BETTER
