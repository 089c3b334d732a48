"""Rule tables worked out: every step, exact yen, bounds that always hold, and nothing for what is not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kyodo_geo.errors import InputError
from kyodo_geo.grants.calculate import Calculation, calculate
from kyodo_geo.grants.conditions import Facts, judge
from kyodo_geo.grants.keeping import as_json, read_kept, table_of
from kyodo_geo.grants.schemes import HALL_WORKS, INCENTIVE, SCHEMES
from kyodo_geo.grants.table import (
    UNITS,
    Band,
    Check,
    Condition,
    Part,
    Rounding,
    RuleTable,
    Way,
    Whole,
    checked,
)

SIMPLE = RuleTable(
    (
        Part("均等割", "10,000円"),
        Part("世帯割", "会員世帯数 × 300円"),
        Part("回覧割", "回覧部数 × 50円", most=5_000),
        Part("規模割", by="会員世帯数", bands=(Band(0, "1,000円"), Band(100, "2,000円"), Band(300, "会員世帯数 × 10"))),
    ),
    Whole(Rounding(100)),
    note="見本",
)  # fmt: skip
CITY = {"世帯数": 150, "会員世帯数": 123, "回覧部数": 200, "地区人口": 4_000}


def work(
    table: RuleTable, figures: dict[str, int | Fraction | None], scheme: str = "incentive"
) -> Calculation:
    return calculate(checked(SCHEMES[scheme], table), figures)


def test_every_step_is_told_and_they_sum_to_the_total() -> None:
    found = work(SIMPLE, {**CITY})
    assert [(step.name, step.amount) for step in found.steps] == [
        ("均等割", 10_000), ("世帯割", 36_900), ("回覧割", 5_000), ("規模割", 2_000),
    ]  # fmt: skip
    assert found.steps[1].words == "会員世帯数（123世帯）× 300円 = 36,900円"
    assert found.steps[2].words == "回覧部数（200部）× 50円 = 10,000円、上限 5,000円"
    assert found.steps[3].words == "会員世帯数（123世帯）は 100 からの段階：2,000円"
    assert found.total == 53_900 and found.reasons == ()


def test_the_whole_is_rounded_bounded_and_told_as_adjustments() -> None:
    table = RuleTable(
        (Part("補助", "対象経費 × 1/3"),), Whole(Rounding(1_000), most=500_000, cap="対象経費 × 30%")
    )
    found = work(table, {"対象経費": 100_000}, "hall-works")
    assert [(step.name, step.words, step.amount) for step in found.steps] == [
        ("補助", "対象経費（100,000円）× 1 ÷ 3 = 約33,333.3333円、1円未満切り捨て", 33_333),
        ("端数処理", "1,000円未満切り捨て", -333),
        ("上限による調整", "対象経費（100,000円）× 30% = 30,000円まで", -3_000),
    ]
    assert found.total == 30_000
    assert work(table, {"対象経費": 9_000_000}, "hall-works").total == 500_000


def test_a_sum_below_the_smallest_grant_is_not_granted() -> None:
    table = RuleTable((Part("補助", "対象経費 × 1/2"),), Whole(smallest=10_000))
    found = work(table, {"対象経費": 19_998}, "hall-works")
    assert found.total == 0 and found.steps[-1].name == "交付しない額" and found.steps[-1].amount == -9_999


def test_what_is_not_known_is_told_and_never_nothing() -> None:
    found = work(SIMPLE, {"会員世帯数": 120, "回覧部数": None})
    assert found.total is None
    assert found.reasons == ("回覧割：回覧部数が分かりません",)
    assert [step.name for step in found.steps] == ["均等割", "世帯割", "規模割"]
    assert work(SIMPLE, {**CITY, "会員世帯数": -1}).reasons == ("会員世帯数が 0 より小さくなっています",)


def test_zero_is_a_figure() -> None:
    assert work(SIMPLE, {**CITY, "会員世帯数": 0, "回覧部数": 0}).total == 11_000


def test_a_row_can_rest_on_an_earlier_one_and_fails_with_it_once() -> None:
    table = RuleTable(
        (Part("基本額", "会員世帯数 × 100円"), Part("加算", "基本額 × 10%"), Part("再加算", "加算 × 2"))
    )
    assert work(table, {**CITY}).total == 12_300 + 1_230 + 2_460
    assert work(table, {}).reasons == ("基本額：会員世帯数が分かりません",)
    turned = RuleTable(table.parts[::-1])
    with pytest.raises(InputError, match="「加算」は使えません"):
        checked(INCENTIVE, turned)


def test_no_band_for_a_figure_and_less_than_nothing_cannot_be_calculated() -> None:
    table = RuleTable(
        (Part("規模割", by="世帯数", bands=(Band(200, "5円"),)), Part("減額", "会員世帯数 - 世帯数"))
    )
    assert work(table, {**CITY}).reasons == (
        "規模割：世帯数 が 150 のときの段階がありません", "減額：計算すると 0 より小さくなります",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("table", "field", "words"),
    [
        (RuleTable(()), "part-1-name", "1 行は"),
        (RuleTable((Part("", "1"),)), "part-1-name", "名前"),
        (RuleTable((Part("世帯数", "1"),)), "part-1-name", "ほかの行か数値"),
        (RuleTable((Part("a", "1"), Part("a", "1"))), "part-2-name", "ほかの行か数値"),
        (RuleTable((Part("a", "1", least=5, most=4),)), "part-1-least", "下限が上限より"),
        (RuleTable((Part("a", "1", rounding=Rounding(7)),)), "part-1-unit", "端数"),
        (RuleTable((Part("a", "1", by="世帯数", bands=(Band(0, "1"),)),)), "part-1-formula", "どちらか一方"),
        (RuleTable((Part("a", by="世帯数"),)), "part-1-band-1-least", "1 つは"),
        (RuleTable((Part("a", by="世帯数", bands=(Band(5, "1"), Band(5, "2"))),)), "part-1-band-2-least", "小さいほう"),
        (RuleTable((Part("a", by="世帯数", bands=(Band(0, "1"), Band(5, "x y"))),)), "part-1-band-2-formula", "式"),
        (RuleTable((Part("a", "1"),), Whole(cap="a × 2")), "whole-cap", "使えません"),
        (RuleTable((Part("a", "1"),), Whole(most=-1)), "whole-least", "0 以上"),
        (RuleTable((Part("a", "1"),), conditions=(Condition(Check.TICKED, " "),)), "condition-1-words", "条件"),
        (RuleTable((Part("a", "1"),), conditions=(Condition(Check.NONE_WITHIN, "x"),)), "condition-1-years", "年数"),
        (RuleTable((Part("a", "1"),), conditions=(Condition(Check.TICKED, "x", 3),)), "condition-1-years", "年数"),
        (RuleTable(tuple(Part(f"a{n}", "1") for n in range(13))), "note", "12 件"),
    ],
)  # fmt: skip
def test_a_table_that_does_not_hold_is_refused_where_it_is_wrong(
    table: RuleTable, field: str, words: str
) -> None:
    with pytest.raises(InputError, match=words) as refused:
        checked(INCENTIVE, table)
    assert refused.value.details["field"] == field


def test_a_table_is_kept_as_json_and_read_back() -> None:
    table = replace(SIMPLE, conditions=(Condition(Check.NONE_WITHIN, "10年以内に受けていない", 10),))
    assert table_of(as_json(table)) == table
    assert read_kept(INCENTIVE, as_json(table)).figures == ("会員世帯数", "回覧部数")


@pytest.mark.parametrize(
    "kept", [None, {}, [], {"form": 2}, {**as_json(SIMPLE), "parts": [{}]}, {**as_json(SIMPLE), "note": 3}]
)
def test_json_that_is_no_table_is_refused(kept: object) -> None:
    with pytest.raises(InputError):
        read_kept(INCENTIVE, kept)


# -- what holds for every table ----------------------------------------------------------------------------------


AMOUNT = st.integers(0, 2_000_000)
ROUNDING = st.builds(Rounding, st.sampled_from(UNITS), st.sampled_from(list(Way)))


@st.composite
def tables(draw: st.DrawFn) -> RuleTable:
    """Rows by formula or ascending bands, bounds and roundings of any kind."""
    parts = []
    for number in range(draw(st.integers(1, 4))):
        bounds = sorted(draw(st.lists(AMOUNT, min_size=2, max_size=2)))
        part = Part(
            f"行{number}", rounding=draw(ROUNDING), least=draw(st.sampled_from([None, bounds[0]])),
            most=draw(st.sampled_from([None, bounds[1]])),
        )  # fmt: skip
        if draw(st.booleans()):
            part = replace(part, formula=f"対象経費 × {draw(st.integers(0, 200))}%")
        else:
            starts = [0, *sorted(draw(st.sets(st.integers(1, 3_000_000), max_size=4)))]
            amounts = sorted(draw(st.lists(AMOUNT, min_size=len(starts), max_size=len(starts))))
            bands = tuple(Band(start, f"{amount}円") for start, amount in zip(starts, amounts, strict=True))
            part = replace(part, by="対象経費", bands=bands)
        parts.append(part)
    bounds = sorted(draw(st.lists(AMOUNT, min_size=2, max_size=2)))
    whole = Whole(
        draw(ROUNDING), draw(st.sampled_from([None, bounds[0]])), draw(st.sampled_from([None, bounds[1]])),
        draw(st.sampled_from(["", "対象経費 × 2/3"])), draw(st.sampled_from([None, bounds[0]])),
    )  # fmt: skip
    return RuleTable(tuple(parts), whole)


@settings(deadline=None)
@given(tables(), st.integers(0, 3_000_000))
def test_the_steps_sum_to_the_total_and_no_ceiling_is_passed(table: RuleTable, cost: int) -> None:
    found = work(table, {"対象経費": cost}, "hall-works")
    assert found.total is not None and found.total >= 0
    assert sum(step.amount for step in found.steps) == found.total
    if table.whole.most is not None:
        assert found.total <= table.whole.most
    if table.whole.cap:
        assert found.total <= Fraction(cost * 2, 3)
    for part, step in zip(table.parts, found.steps, strict=False):
        assert part.most is None or step.amount <= part.most
        assert part.least is None or step.amount >= part.least


@settings(deadline=None)
@given(tables(), st.integers(0, 3_000_000), st.integers(0, 3_000_000))
def test_a_higher_figure_never_gives_less_when_its_rows_do_not(
    table: RuleTable, one: int, other: int
) -> None:
    """Bands and rates that rise give sums that rise: bands are taken in order, bounds and roundings keep it."""
    low, high = (work(table, {"対象経費": cost}, "hall-works").total for cost in sorted((one, other)))
    assert low is not None and high is not None and low <= high


@settings(deadline=None)
@given(tables())
def test_every_table_comes_back_from_json(table: RuleTable) -> None:
    assert read_kept(HALL_WORKS, as_json(table)).table == table


@settings(deadline=None)
@given(st.fractions(0, 10**9), ROUNDING)
def test_rounding_is_exact(amount: Fraction, rounding: Rounding) -> None:
    found = rounding.of(amount)
    assert found % rounding.unit == 0 and abs(found - amount) < rounding.unit
    assert rounding.way is not Way.DOWN or found <= amount
    assert rounding.way is not Way.UP or found >= amount
    assert rounding.way is not Way.HALF_UP or 2 * abs(found - amount) <= rounding.unit


# -- conditions ------------------------------------------------------------------------------------------------


TABLE = RuleTable(
    (Part("補助", "対象経費 × 1/2"),),
    conditions=(
        Condition(Check.ADOPTED_PLAN, "計画がある"), Condition(Check.STANDARD_1981, "耐震"),
        Condition(Check.NONE_WITHIN, "10年以内にない", 10), Condition(Check.TICKED, "見積がある"),
        Condition(Check.APPROVED_RETURN, "届がある"),
    ),
)  # fmt: skip


def test_conditions_are_met_broken_or_open() -> None:
    facts = Facts(2026, adopted_plan=True, built_on=date(1981, 5, 31), past_known=True, last_year=2017)
    assert [found.met for found in judge(TABLE, facts)] == [True, False, False, None, None]
    assert [found.met for found in judge(TABLE, Facts(2026))] == [None] * 5
    free = Facts(2026, False, True, date(1981, 6, 1), past_known=True, last_year=2016)
    assert [found.met for found in judge(TABLE, free)] == [False, True, True, None, True]
    assert judge(TABLE, Facts(2026, past_known=True))[2].met is True
    assert judge(TABLE, Facts(2026, built_on=date(1970, 1, 1), retrofitted=True))[1].met is True


def test_what_is_ticked_by_hand_says_so() -> None:
    found = judge(TABLE, Facts(2026, adopted_plan=True), ticked={1, 4})
    assert [one.by_hand for one in found] == [False, False, False, True, False]
    assert found[3].met is True and found[3].reason == "職員が確かめました"
