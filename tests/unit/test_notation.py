"""Areas in words as cities write them: which rules they become, and what is reported instead of guessed."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from kyodo_geo.lookup_types import Rule
from kyodo_geo.notation import FindingKind, Notation, normal_form, read_notation


def read(text: str) -> Notation:
    return read_notation(text)


def words(text: str) -> str:
    """The normal form of what is read without any finding."""
    found = read(text)
    assert not found.findings, [finding.text_ja() for finding in found.findings]
    return normal_form(found.rules)


def kinds(text: str) -> list[str]:
    return [finding.kind.value for finding in read(text).findings]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("北烏山1丁目10・13~21・33~36番", "北烏山一丁目10番、13番〜21番、33番〜36番。"),
        ("喜多見8丁目15~22番、23(21~29号)番", "喜多見八丁目15番〜22番、23番21号〜29号。"),
        ("喜多見9丁目全域。", "喜多見九丁目全域。"),
        ("みたけ一丁目全域", "みたけ一丁目全域。"),
        ("若林１〜３丁目全域", "若林一丁目全域、若林二丁目全域、若林三丁目全域。"),
        ("酒井根四丁目から酒井根五丁目の全域", "酒井根四丁目全域、酒井根五丁目全域。"),
        ("酒井根二丁目3番18号から31号、4番から18番の全域", "酒井根二丁目3番18号〜31号、4番〜18番。"),
        ("司一丁目（１番１号から１番17号まで）", "司一丁目1番1号〜17号。"),
        ("老司１丁目（６番及び７番９号から７番28号まで）", "老司一丁目6番、7番9号〜28号。"),
        ("みたけ三丁目、上田一丁目並びに北山二丁目", "みたけ三丁目全域、上田一丁目全域、北山二丁目全域。"),
        ("みたけ三丁目又は四丁目一円", "みたけ三丁目全域、みたけ四丁目全域。"),
        ("下飯岡第8地割から第10地割", "下飯岡第8地割全域、下飯岡第9地割全域、下飯岡第10地割全域。"),
        ("下飯岡8地割48番地の3から7", "下飯岡第8地割48番地の3〜7。"),
        ("渋民字鶴塚、字岩鼻55番地から60番地まで", "渋民字鶴塚全域、渋民字岩鼻55番地〜60番地。"),
        ("上田一・二丁目", "上田一丁目全域、上田二丁目全域。"),
        ("仙北（一丁目、二丁目1番から3番）", "仙北一丁目全域、仙北二丁目1番〜3番。"),
        ("みたけ三丁目二十番から二十二番", "みたけ三丁目20番〜22番。"),
        ("みたけ三丁目1番5号から3番10号まで", "みたけ三丁目1番5号以降、2番、3番1号〜10号。"),
        ("みたけ三丁目11番1号から12番", "みたけ三丁目11番〜12番。"),
        ("みたけ三丁目10番以降", "みたけ三丁目10番以降。"),
        ("みたけ三丁目5番1号から7号までの奇数", "みたけ三丁目5番1号、5番3号、5番5号、5番7号。"),
        ("みたけ三丁目1番から6番までの偶数番", "みたけ三丁目2番、4番、6番。"),
        ("みたけ三丁目5番1・3・7号", "みたけ三丁目5番1号、5番3号、5番7号。"),
        ("みたけ三丁目1番〜3番の各5号〜7号", "みたけ三丁目1番〜3番の各5号〜7号。"),
        ("みたけ三丁目1番、同四丁目5番、同町6番", "みたけ三丁目1番、みたけ四丁目5番、6番。"),
        ("本宮字小屋敷、同字石仏", "本宮字小屋敷全域、本宮字石仏全域。"),
        ("みたけ三丁目の一部（1番から3番まで）", "みたけ三丁目1番〜3番。"),
        ("一番町3番、三番丁、三本柳5番", "一番町3番、三番丁全域、三本柳5番。"),
        ("みたけ三丁目1番から\n5番\nみたけ四丁目 全域", "みたけ三丁目1番〜5番、みたけ四丁目全域。"),
        ("○みたけ三丁目1番\n○青山一丁目", "みたけ三丁目1番、青山一丁目全域。"),
        ("ﾐﾀｹ３丁目１－３番", "ミタケ三丁目1番〜3番。"),
    ],
)  # fmt: skip
def test_ways_of_writing(text: str, expected: str) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("みたけ三丁目1番から10番まで（5番を除く）", "みたけ三丁目1番〜10番。ただし、みたけ三丁目5番を除く。"),
        (
            "みたけ三丁目全域。ただし、5番、6番及び7番3号を除く。",
            "みたけ三丁目全域。ただし、みたけ三丁目5番、6番、7番3号を除く。",
        ),
        ("みたけ三丁目のうち、5番を除く区域", "みたけ三丁目全域。ただし、みたけ三丁目5番を除く。"),
        ("みたけ三丁目（ただし5番から7番までを除く。）", "みたけ三丁目全域。ただし、みたけ三丁目5番〜7番を除く。"),
        ("みたけ三丁目全域、5番を除く", "みたけ三丁目全域。ただし、みたけ三丁目5番を除く。"),
        ("みたけ三丁目5番（3号を除く）", "みたけ三丁目5番。ただし、みたけ三丁目5番3号を除く。"),
        ("みたけ三丁目5番以外", None),
    ],
)  # fmt: skip
def test_what_is_taken_out(text: str, expected: str | None) -> None:
    if expected is None:
        assert not read(text).rules and kinds(text) == ["uncertain"]
    else:
        assert words(text) == expected


def test_numbers_belong_to_the_town_said_last() -> None:
    found = read("青山一丁目1番、9番、西青山二丁目3番、5番").rules
    assert [(rule.town, rule.block_from) for rule in found] == [
        ("青山一丁目", 1), ("青山一丁目", 9), ("西青山二丁目", 3), ("西青山二丁目", 5),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "みたけ三丁目の一部", "酒井根(旧番地)の全域", "みたけ三丁目国道46号より東側", "みたけ三丁目1番付近",
        "北上川の堤防沿い", "みたけ三丁目（国道より東を除く）", "みたけ三丁目全域。ただし、川沿いを除く。",
        "みたけ三丁目（1番の一部を除く）", "みたけ三丁目から青山一丁目まで", "みたけ三丁目の奇数番",
        "県営みたけ団地", "みたけ三丁目1番から3番までの偶数", "みたけ三丁目1番から3番までの偶数号", "みたけ三丁目1番の偶数側",
        "みたけ三丁目5番1号から9号までの奇数番", "みたけ三丁目5番、6番の各一部", "みたけ三丁目（通称ひばりが丘）",
        "会の趣旨に賛同する世帯",
    ],
)  # fmt: skip
def test_what_is_not_exact_is_reported_and_never_becomes_a_rule(text: str) -> None:
    found = read(text)
    assert found.rules == ()
    assert found.of(FindingKind.UNCERTAIN)
    assert found.readable


def test_the_exact_parts_beside_it_are_kept() -> None:
    found = read("みたけ三丁目（1番、2番の一部、3番）、青山一丁目の一部、北山一丁目")
    assert normal_form(found.rules) == "みたけ三丁目1番、3番、北山一丁目全域。"
    assert [finding.text for finding in found.findings] == ["2番の一部", "青山一丁目の一部"]


def test_numbers_after_something_unread_have_no_town() -> None:
    found = read("みたけ三丁目1番、青山町の一部の東側、5番")
    assert normal_form(found.rules) == "みたけ三丁目1番。"
    assert [finding.text for finding in found.findings] == ["青山町の一部の東側", "5番"]


def test_a_list_that_ends_in_an_exception_withdraws_what_may_be_too_large() -> None:
    found = read("みたけ三丁目1番から10番、5番、6番を除く、上田一丁目")
    assert normal_form(found.rules) == "上田一丁目全域。"
    assert len(found.of(FindingKind.UNCERTAIN)) == 3


def test_a_town_above_its_numbers_is_a_heading() -> None:
    found = read("みたけ三丁目\n1番から5番\n青山一丁目")
    assert normal_form(found.rules) == "みたけ三丁目1番〜5番、青山一丁目全域。"
    assert [finding.kind for finding in found.findings] == [FindingKind.WARNING]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1番", "どの町の番号か"),
        ("みたけ三丁目1-3", "「-」が範囲"),
        ("みたけ三丁目3番から1番", "大きい"),
        ("みたけ三丁目5番9号から3号", "大きく"),
        ("みたけ1", "単位"),
        ("みたけ三丁目号", "ここに書けません"),
        ("みたけ三丁目（1番", "途中で終わって"),
        ("みたけ三丁目から5番", "揃えて"),
        ("みたけ123456番", "ここに書けません"),
        ("ただし、みたけ三丁目", "を除く"),
        ("みたけ三丁目3番から31号", "始まりが番、終わりが号"),
        ("みたけ1〜999丁目", "広すぎ"),
        ("同所5番", "何を指すか"),
        ("みたけ1-5番", "丁目と番か"),
        ("みたけ三丁目12番1-301号", "「-」が範囲"),
        ("みたけ三丁目5番　以上", "ここに書けません"),
        ("（（（（（みたけ）））））", "深すぎ"),
        ("あ" * 10_001, "長すぎ"),
    ],
)  # fmt: skip
def test_errors_say_what_is_wrong(text: str, message: str) -> None:
    found = read(text)
    assert found.rules == ()
    assert any(message in finding.message for finding in found.of(FindingKind.ERROR)), found.findings


def test_errors_have_a_place_and_what_was_expected() -> None:
    (error,) = read("みたけ三丁目1番、\n青山一丁目2番から、北山一丁目").of(FindingKind.ERROR)
    assert (error.line, error.column) == (2, 10)
    assert error.excerpt == "青山一丁目2番から、北山一丁目\n　　　　　 　　　＾"
    assert "番号" in error.expected and "番（番地）" in error.expected
    assert error.text_ja().startswith("2行10字目「、」: ")


def test_one_error_does_not_hide_the_next_and_the_rest_is_read() -> None:
    found = read("みたけ三丁目1番から、青山一丁目、北山一丁目（2番、上田一丁目")
    assert normal_form(found.rules) == "青山一丁目全域。"
    assert len(found.of(FindingKind.ERROR)) == 2


def test_contradictions_are_told() -> None:
    assert kinds("みたけ三丁目（5番を除く）、みたけ三丁目5番1号") == ["warning"]
    assert kinds("みたけ三丁目。ただし、青山一丁目を除く。") == ["warning"]


@pytest.mark.shared
def test_published_notations(shared_data: Path) -> None:
    with (shared_data / "formats" / "association_area_notations.csv").open(encoding="utf-8") as stream:
        rows = {row["association"]: row["notation"] for row in csv.DictReader(stream)}
    for name in ("千駄山町会", "喜多見北部町会", "若林町会", "(選挙区 別表)"):
        found = read(rows[name])
        assert found.rules and not found.findings
    kashiwa = read_notation(rows["酒井根町会"], municipality="柏市")
    assert len(kashiwa.rules) == 19
    assert {finding.text for finding in kashiwa.findings} == {"柏市酒井根(旧番地)の全域", "旧番地"}
    villages = read(rows["(社会福祉委員 担当区域)"])
    assert [rule.town for rule in villages.rules] == ["二ツ家", "鹿島"]


def test_rules_carry_the_association() -> None:
    assert read_notation("みたけ三丁目", association_id="a1").rules == (Rule("a1", "whole", "みたけ三丁目"),)
