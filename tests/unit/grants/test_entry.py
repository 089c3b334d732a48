"""The form of a rule table: what is typed becomes the table, and the table stands in the form again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from kyodo_geo.errors import InputError
from kyodo_geo.grants import words
from kyodo_geo.grants.changes import Change, changes, newest_known, summary
from kyodo_geo.grants.entry import moved_up, shape, table, typed_of
from kyodo_geo.grants.table import Band, Check, Condition, Part, Rounding, RuleTable, Whole
from tests.unit.grants.test_calculate import tables

RULE = RuleTable(
    (
        Part("世帯割", "会員世帯数 × 300円", most=100_000),
        Part("規模割", by="世帯数", bands=(Band(0, "1,000円"), Band(200, "2,000円"))),
    ),
    Whole(Rounding(100), cap="世帯数 × 500円", smallest=1_000),
    (Condition(Check.NONE_WITHIN, "同じ補助を受けていない", 10),),
    "見本です",
)


@settings(deadline=None)
@given(tables())
def test_every_table_stands_in_the_form_and_comes_back(rule: RuleTable) -> None:
    assert table(typed_of(rule)) == rule


def test_conditions_and_notes_come_back_too() -> None:
    assert table(moved_up(typed_of(RULE))) == RULE
    assert shape(typed_of(RULE)) == ([0, 2], 1)


def test_empty_rows_go_and_the_rest_moves_up() -> None:
    typed = {
        "part-1-name": "", "part-1-unit": "1", "part-2-name": "世帯割", "part-2-formula": "１０円", "part-2-unit": "100",
        "part-3-way": "down", "part-5-name": "規模割", "part-5-by": "世帯数", "part-5-band-2-least": "0",
        "part-5-band-2-formula": "5円", "condition-1-check": "ticked", "condition-3-check": "ticked",
        "condition-3-words": "見積書がある",
    }  # fmt: skip
    assert table(moved_up(typed)) == RuleTable(
        (
            Part("世帯割", "１０円", rounding=Rounding(100)),
            Part("規模割", by="世帯数", bands=(Band(0, "5円"),)),
        ),
        conditions=(Condition(Check.TICKED, "見積書がある"),),
    )


@pytest.mark.parametrize(
    ("name", "typed", "message"),
    [
        ("part-1-least", "たくさん", "0 以上の整数"),
        ("part-1-unit", "7", "単位を選んで"),
        ("part-1-way", "sideways", "端数処理を選んで"),
        ("part-2-band-1-least", "", "段階の始まり"),
        ("condition-1-check", "magic", "条件の種類を選んで"),
        ("condition-1-years", "999", "大きすぎ"),
        ("part-1-name", "長" * 31, "30 文字"),
        ("whole-most", "-1", "0 以上の整数"),
    ],
)
def test_what_cannot_be_read_is_told_at_its_field(name: str, typed: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        table({**typed_of(RULE), name: typed})
    assert refused.value.details["field"] == name


def test_a_rule_is_told_in_words() -> None:
    assert words.part_line(RULE.parts[0]) == "世帯割 = 会員世帯数 × 300円（上限 100,000円）"
    assert words.how(RULE.parts[1]) == ["世帯数 が 0 以上 200 未満：1,000円", "世帯数 が 200 以上：2,000円"]
    assert words.whole(RULE.whole) == [
        "100円未満切り捨て",
        "上限 世帯数 × 500円",
        "1,000円に満たないときは交付しない",
    ]
    new = replace(RULE, parts=(replace(RULE.parts[0], formula="会員世帯数 × 350円"),), conditions=())
    assert words.differences(RULE, new) == [
        (
            "行「世帯割」",
            "世帯割 = 会員世帯数 × 300円（上限 100,000円）",
            "世帯割 = 会員世帯数 × 350円（上限 100,000円）",
        ),
        ("行「規模割」", words.part_line(RULE.parts[1]), ""),
        ("条件「同じ補助を受けていない」", "同じ補助を受けていない（10 年）", ""),
    ]


def test_who_gains_who_loses_and_what_is_still_to_be_paid() -> None:
    found = changes(
        {"a": 100, "b": 100, "c": 100, "d": None, "gone": 50},
        {"a": 150, "b": 60, "c": 100, "d": 70, "new": None},
    )
    assert [(one.key, one.difference, one.to_pay) for one in found] == [
        ("a", 50, 50), ("b", -40, -40), ("c", 0, 0), ("d", None, 70), ("new", None, 0), ("gone", None, 0),
    ]  # fmt: skip
    told = summary(found)
    assert (told.before, told.after, told.difference) == (350, 380, 30)
    assert (told.more, told.less, told.same, told.unknown, told.gained, told.lost) == (1, 1, 1, 3, 50, 40)
    assert Change("x", 100, None).to_pay == 0


def test_a_second_correction_is_held_against_what_was_last_known() -> None:
    first = {"known-again": 100, "back": 100, "moved": 100, "never": None}
    second = {"known-again": None, "moved": 120, "never": None, "late": 70}
    held = newest_known([second, first])
    assert held == {"known-again": 100, "back": 100, "moved": 120, "never": None, "late": 70}
    now = {"known-again": 100, "back": 130, "moved": 110, "never": 40, "late": None}
    assert {one.key: one.to_pay for one in changes(held, now)} == {
        "known-again": 0, "back": 30, "moved": -10, "never": 40, "late": 0,
    }  # fmt: skip
    assert newest_known([]) == {}
