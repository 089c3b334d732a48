"""Areas in words against the town list: official names, unknown towns with suggestions, 小字, former names."""

from __future__ import annotations

import pytest

from kyodo_geo.addresses import Gazetteer
from kyodo_geo.notation import FindingKind, Notation, normal_form, read_notation
from tests.unit.lookup_world import town

TOWNS = [
    *(town(f"みたけ{number}丁目") for number in "一二三四"),
    town("若林一丁目"), town("若林二丁目"), town("若林五丁目"),
    town("上田"), town("上田一丁目"), town("三本柳"), town("たからまち"),
    town("下飯岡第8地割"), town("下飯岡第9地割"),
    town("渋民"), town("渋民", "鶴塚"), town("渋民", "岩鼻"),
    town("永井"), town("玉山永井"), town("つつじが丘"), town("北側町"),
]  # fmt: skip
GAZETTEER = Gazetteer(TOWNS, "03201")


def read(text: str) -> Notation:
    return read_notation(text, gazetteer=GAZETTEER, municipality="盛岡市")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ミタケ3丁目、つつじヶ丘", "みたけ三丁目全域、つつじが丘全域。"),
        ("盛岡市みたけ三丁目1番", "みたけ三丁目1番。"),
        ("大字下飯岡8地割48番地", "下飯岡第8地割48番地。"),
        ("三本柳5番、たからまち", "三本柳5番、たからまち全域。"),
        ("渋民（鶴塚、岩鼻）", "渋民字鶴塚全域、渋民字岩鼻全域。"),
        ("渋民字鶴塚、岩鼻55番地", "渋民字鶴塚全域、渋民字岩鼻55番地。"),
        ("若林一円", "若林一丁目全域、若林二丁目全域、若林五丁目全域。"),
        ("若林1〜5丁目", "若林一丁目全域、若林二丁目全域、若林五丁目全域。"),
        ("上田全域", "上田全域。"),
        ("北側町1番", "北側町1番。"),
    ],
)  # fmt: skip
def test_towns_get_their_official_names(text: str, expected: str) -> None:
    found = read(text)
    assert not found.findings, [finding.text_ja() for finding in found.findings]
    assert normal_form(found.rules) == expected


def test_an_unknown_town_is_reported_with_similar_names_and_is_no_rule() -> None:
    found = read("みたげ三丁目1番、5番、上田一丁目")
    assert normal_form(found.rules) == "上田一丁目全域。"
    unknown, orphan = found.findings
    assert (unknown.kind, unknown.column) == (FindingKind.UNKNOWN, 1)
    assert "みたけ" in unknown.suggestions
    assert orphan.text == "5番"


def test_what_stands_behind_a_town_without_a_separator_may_narrow_it() -> None:
    found = read("みたけ三丁目　県営の建物、上田")
    assert normal_form(found.rules) == "上田全域。"
    assert [finding.text for finding in found.findings] == ["みたけ三丁目", "県営の建物"]


def test_a_number_the_town_does_not_have() -> None:
    (finding,) = read("みたけ九丁目1番").findings
    assert finding.kind is FindingKind.UNKNOWN
    assert "1、2、3、4" in finding.message


def test_two_towns_of_one_former_name_are_not_guessed() -> None:
    (finding,) = read("大字永井5番地").findings
    assert finding.kind is FindingKind.UNKNOWN
    assert set(finding.suggestions) == {"永井", "玉山永井"}


@pytest.mark.parametrize("text", ["みたけ5番", "下飯岡48番地"])
def test_a_number_needs_its_chome_or_jiwari(text: str) -> None:
    found = read(text)
    assert found.rules == ()
    assert "書かれていません" in found.findings[0].message


def test_a_heading_before_towns_in_parentheses_is_no_area() -> None:
    found = read("みたけ地区（みたけ一丁目、上田一丁目）")
    assert normal_form(found.rules) == "みたけ一丁目全域、上田一丁目全域。"
    assert found.findings
