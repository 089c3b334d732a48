"""The rule for associations at risk: each sign at its threshold, and what unknown figures do."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from kyodo_geo.at_risk import Facts, Sign, Thresholds, Verdict, judge, rule_words
from kyodo_geo.errors import InputError

RULE = Thresholds(
    households_below=50, fall_points=Decimal("3.0"), fall_years=3, aged_percent=40, people_fall_percent=5,
    people_fall_years=5, signs_needed=2,
)  # fmt: skip
SOUND = Facts(
    households=50, rate=0.872, earlier_rate=0.901, aged_share=0.3994, people=9510, earlier_people=10_000
)


def test_just_short_of_every_threshold_nothing_holds() -> None:
    found = judge(SOUND, RULE)
    assert found.signs == dict.fromkeys(Sign, False)
    assert found.verdict is Verdict.NOT


@pytest.mark.parametrize(
    ("change", "sign"),
    [
        ({"households": 49}, Sign.FEW_HOUSEHOLDS),
        ({"rate": 0.871}, Sign.FALLING_RATE),
        ({"aged_share": 0.3995}, Sign.AGEING),
        ({"people": 9500}, Sign.DEPOPULATED),
    ],
)
def test_at_its_threshold_a_sign_holds(change: dict[str, float], sign: Sign) -> None:
    found = judge(replace(SOUND, **change), RULE)  # type: ignore[arg-type]
    assert found.holding == [sign]
    assert found.verdict is Verdict.NOT, "one of the two that are needed"


def test_as_many_signs_as_needed_make_a_risk() -> None:
    found = judge(replace(SOUND, households=10, aged_share=0.5), RULE)
    assert found.verdict is Verdict.AT_RISK
    assert judge(replace(SOUND, households=10), replace(RULE, signs_needed=1)).verdict is Verdict.AT_RISK


def test_unknown_is_not_absent() -> None:
    """With one sign and one unknown, the unknown decides; with nothing else possible, the answer is known."""
    assert judge(replace(SOUND, households=10, aged_share=None), RULE).verdict is Verdict.UNKNOWN
    assert judge(replace(SOUND, aged_share=None), RULE).verdict is Verdict.NOT
    assert judge(Facts(), RULE).verdict is Verdict.UNKNOWN
    assert judge(Facts(), RULE).unknown == list(Sign)


def test_a_rise_is_no_fall_even_without_a_threshold() -> None:
    rule = replace(RULE, fall_points=Decimal(0))
    assert judge(replace(SOUND, rate=0.901), rule).signs[Sign.FALLING_RATE] is False
    assert judge(replace(SOUND, rate=0.900), rule).signs[Sign.FALLING_RATE] is True


def test_thresholds_outside_reason_are_refused_by_name() -> None:
    with pytest.raises(InputError, match="65歳以上") as refused:
        Thresholds(aged_percent=101)
    assert refused.value.details["field"] == "aged_percent"


def test_a_fall_of_0_points_is_kept_but_not_entered_again() -> None:
    """0.0 ポイント以上の低下 would be nearly everybody; what was entered before still loads."""
    with pytest.raises(InputError, match=r"0\.1 から") as refused:
        replace(RULE, fall_points=Decimal("0.0")).entered()
    assert refused.value.details["field"] == "fall_points"
    assert replace(RULE, fall_points=Decimal("0.1")).entered().fall_points == Decimal("0.1")


def test_the_rule_in_words_holds_every_threshold() -> None:
    words = "\n".join(rule_words(RULE))
    for part in ("50 世帯未満", "3 年前より 3.0 ポイント", "40 %", "5 年前より 5 %", "2 つ以上"):
        assert part in words
