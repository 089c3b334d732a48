"""Whatever is written: rules round-trip, every character is accounted for, nothing is raised, nothing takes long."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kyodo_geo.addresses import official
from kyodo_geo.lookup_types import Rule
from kyodo_geo.notation import MAX_NUMBER, MAX_RULES, FindingKind, normal_form, read_notation

OAZA = ["みたけ", "青山", "三本柳", "本町通", "つつじが丘", "那の川", "一番町", "大字永井", "上太田"]
numbers = st.integers(0, MAX_NUMBER)
spans = st.one_of(
    st.none(), st.tuples(numbers, numbers).map(sorted), numbers.map(lambda n: [n, n]), numbers.map(lambda n: [n, MAX_NUMBER])
)  # fmt: skip


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    below = draw(st.sampled_from(["", "chome", "jiwari", "koaza"]))
    town = official(
        draw(st.sampled_from(OAZA)),
        draw(st.integers(1, 99)) if below == "chome" else None,
        draw(st.integers(1, 99)) if below == "jiwari" else None,
    )
    koaza = draw(st.sampled_from(["鶴塚", "三枚橋", "岩鼻"])) if below == "koaza" else None
    blocks = draw(spans)
    houses = draw(spans) if blocks else None
    kind = draw(st.sampled_from(["part", "except"] if blocks else ["whole", "except"]))
    return Rule("", kind, town, koaza, *(blocks or [None, None]), *(houses or [None, None]))


@given(st.lists(rules(), max_size=8))
def test_the_normal_form_reads_back_as_the_same_rules(given_rules: list[Rule]) -> None:
    found = read_notation(normal_form(given_rules))
    assert list(found.rules) == given_rules
    assert not [f for f in found.findings if f.kind is not FindingKind.WARNING]


WORDS = [
    "みたけ", "青山", "三丁目", "3丁目", "第8地割", "字鶴塚", "1番", "2号", "5番地", "の3", "7", "、", "・", "から", "まで", "〜",
    "-", "（", "）", "全域", "の一部", "を除く", "ただし、", "のうち", "及び", "。", "\n", " ", "旧番地", "国道沿い", "以降",
    "奇数", "の各", "番", "号", "の", "一", "二十", "ー", "😀", "\u200b", "ﾊﾞ", "㍿", "と", "のほか", "０１２３４５６７",
]  # fmt: skip
texts = st.one_of(st.lists(st.sampled_from(WORDS), max_size=25).map("".join), st.text(max_size=60))
JOINING = re.compile(
    r"及び|および|並びに|ならびに|又は|または|若しくは|もしくは|ただし|但し|を除く|とする|の?(?:区域|地域|範囲)|[\s\W_と]|の"
)


@given(texts)
def test_every_character_is_in_a_rule_or_in_a_finding_or_joins_two(text: str) -> None:
    found = read_notation(text)
    covered = [False] * len(text)
    for stretch in (*found.pieces, *found.findings):
        assert 0 <= stretch.start <= stretch.end <= len(text)
        assert text[stretch.start : stretch.end] == stretch.text
        covered[stretch.start : stretch.end] = [True] * (stretch.end - stretch.start)
    rest = "".join("\0" if seen else char for seen, char in zip(covered, text, strict=True))
    if not found.of(FindingKind.ERROR):
        assert not JOINING.sub("", rest.replace("\0", "")).strip(), rest


@given(st.lists(rules(), min_size=1, max_size=4).map(normal_form) | texts)
def test_reading_again_what_was_read_changes_nothing(text: str) -> None:
    once = read_notation(text).rules
    assume(once)
    assert read_notation(normal_form(once)).rules == once


@given(texts)
def test_places_are_lines_and_columns_of_the_text(text: str) -> None:
    findings = read_notation(text).findings
    assume(findings)
    for finding in findings:
        before = text[: finding.start]
        assert finding.line == before.count("\n") + 1
        assert finding.column == len(before) - (before.rfind("\n") + 1) + 1
        assert len(finding.excerpt.splitlines()) <= 2 or "\n" not in finding.text


@pytest.mark.parametrize(
    "unit",
    [
        "（", "1", "あ", "1番、", "ただし", "1丁目", "から", "字", "の", "一二三四五六七八九十", "みたけ1~99丁目、", "(1番)",
        "第", "を除く、", "みたけ1番を除く、", "旧、", "一・", "のうち", "みたけ1番（2号を除く）、", "㍿", "ﷺ", "みたけ三丁目5番",
    ],
)  # fmt: skip
def test_ten_thousand_hostile_characters_take_a_bounded_time(unit: str) -> None:
    text = (unit * 10_000)[:10_000]
    read_notation("みたけ一丁目")  # builds the parser
    start = time.process_time()
    found = read_notation(text)
    assert time.process_time() - start < 3
    assert len(found.rules) <= MAX_RULES
    assert found.rules or found.findings or not unit.strip("字のから")
