"""Texts with more than one address: each is read, or the text is not understood; never the first alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kyodo_geo.addresses import AddressMatcher, Gazetteer, Match, Status, Use
from tests.unit import address_forms
from tests.unit.address_forms import Written
from tests.unit.lookup_world import TOWNS

MATCHER = AddressMatcher(Gazetteer(TOWNS, "03201"), "03201", "盛岡市", "岩手県")
PLACES = list(address_forms.addresses(MATCHER.gazetteer.places))
JOINTS = (
    "、", "・", ",", "/", "と", "及び", "および", "または", "又は", "もしくは", "＆", "+", "→", "　", " ", "\n", "から", "ないし",
    "(", "「", "（盛岡市", " 岩手県盛岡市", " 転送先：", "、新住所 ", ";", "並びに",
)  # fmt: skip


def places(found: Match) -> list[tuple[str | None, str | None, str | None]]:
    return [(reading.town, reading.block, reading.house) for reading in found.readings]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("みたけ三丁目29番・30番", [("29", None), ("30", None)]),
        ("みたけ3-29〜30", [("29", None), ("30", None)]),
        ("みたけ3-29～31", [("29", None), ("30", None), ("31", None)]),
        ("みたけ3-29番から31番まで", [("29", None), ("30", None), ("31", None)]),
        ("みたけ3-12番1号・13番1号", [("12", "1"), ("13", "1")]),
        ("みたけ3-12番と13番", [("12", None), ("13", None)]),
        ("みたけ三丁目35番40、41号", [("35", "40"), ("35", "41")]),
        ("みたけ三丁目35番40〜42号", [("35", "40"), ("35", "41"), ("35", "42")]),
        ("みたけ3-29（30-1）", [("29", None), ("30", "1")]),
        ("みたけ3-12-1、2 城北ビル", [("12", "1"), ("12", "2")]),
        ("みたけ3-12-1 12-2", [("12", "1"), ("12", "2")]),
        ("みたけ3-12-1　13番", [("12", "1"), ("13", None)]),
        ("みたけ3-12-1、同13番", [("12", "1"), ("13", None)]),
        ("みたけ3-12-1及び同13番", [("12", "1"), ("13", None)]),
    ],
)
def test_lists_and_ranges_are_read_number_by_number(
    text: str, expected: list[tuple[str, str | None]]
) -> None:
    found = MATCHER.match(text)
    assert found.status is Status.MANY
    assert places(found) == [("みたけ三丁目", *numbers) for numbers in expected]
    assert found.reason == f"住所が{len(expected)}件書かれています。"


@pytest.mark.parametrize(
    "text",
    [
        "みたけ3-12-1または青山町2-1", "みたけ3-12-1、青山町2-1", "みたけ3-12-1 岩手県盛岡市青山町2-1",
        "みたけ3-12-1「青山町2-1」", "みたけ3-12-1青山町2-1", "みたけ3-12-1→青山町2番1号",
        "みたけ3-12-1 城北ビル 転送先：青山町2-1",
    ],
)  # fmt: skip
def test_a_second_address_is_read_too(text: str) -> None:
    found = MATCHER.match(text)
    assert found.status is Status.MANY
    assert places(found) == [("みたけ三丁目", "12", "1"), ("青山町", "2", "1")]


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("みたけ3-12-1、仙台市青葉区1-1", "仙台市青葉区1-1"),
        ("みたけ3-12 滝沢市", "滝沢市"),
        ("みたけ3-12-1 転送先 滝沢市鵜飼1-1", "滝沢市鵜飼1-1"),
        ("みたけ3-12-1ではない", "ではない"),
        ("みたけ3-12-1以外", "以外"),
        ("青山町・みたけ", "みたけ"),
        ("みたけ3-12-1またはみたけ", "またはみたけ"),
        ("みたけ3-12-1、津志田2-16-90", "津志田2-16-90"),
    ],
)
def test_what_contradicts_the_address_is_not_understood(text: str, unknown: str) -> None:
    found = MATCHER.match(text)
    assert (found.status, found.unknown) == (Status.UNKNOWN, unknown)
    assert f"「{unknown}」" in found.reason


@pytest.mark.parametrize(
    "text",
    [
        "みたけ3-12-1の隣", "みたけ3-12-1東側の空き地", "みたけ3-12-1 城北ビルの向かい", "みたけ3-12番地先", "みたけ3-12-1付近",
        "みたけ3-12-1ほか3筆", "みたけ3-12-1他", "みたけ3-12-1 城北中前",
    ],
)  # fmt: skip
def test_another_place_that_cannot_be_read_leaves_a_doubt(text: str) -> None:
    (reading,) = MATCHER.match(text).readings
    assert reading.doubt or reading.unused


def test_an_earlier_name_of_the_place_is_reported() -> None:
    for rest in ("(旧 青山町2-1)", "(旧2番)", " 地番:12番3", "（登記簿 12番地3）"):
        found = MATCHER.match(f"みたけ3-12-1{rest}")
        assert found.status is Status.FOUND
        assert "使っていません" in found.readings[0].notes[0]
    found = MATCHER.match("みたけ3丁目（旧13番）12番")
    assert places(found) == [("みたけ三丁目", "12", None)]
    assert found.readings[0].notes == ("「旧13番」は使っていません。",)


BUILDINGS = (
    " 城北ビル305", " 城北ビル2号館", "、305号室", " 305", " 2-305", "-305", " (305)", " 山田様方", " 第2ビル",
    " 青山支店", " 青山町1番館", " みたけ三丁目店", " 岩手県産業会館", " 花巻市場", " 東京都民銀行ビル", " 盛岡市役所分庁舎",
    " コーポ203-2", " サンライズ5号", " 三番町荘", " 焼肉 一番", " 八幡平リゾート", " 滝沢市交流ビル", " 朝市マーケット2F",
    " A棟・B棟", " 101号室、102号室", " 城北ビル101・102", " B1F", " No.3", "（株）盛岡", " 盛岡駅前", " トヨタ", " カワトク",
    " ヤマダ電機",
)  # fmt: skip


@pytest.mark.parametrize("building", BUILDINGS)
def test_a_building_is_no_second_address(building: str) -> None:
    found = MATCHER.match(f"みたけ3-12-1{building}")
    assert found.status is Status.FOUND
    assert (found.readings[0].doubt, found.readings[0].unused) == ("", None)
    assert found.readings[0].building


@settings(max_examples=400, deadline=None)
@given(
    forms=st.tuples(*[st.sampled_from(address_forms.SURE)] * 2),
    two=st.tuples(*[st.sampled_from(PLACES)] * 2).filter(lambda two: two[0] != two[1]),
    joint=st.sampled_from(JOINTS),
)
def test_two_addresses_are_never_answered_by_the_first_alone(
    forms, two: tuple[Written, ...], joint: str
) -> None:
    texts = [form(place) for form, place in zip(forms, two, strict=True)]
    found = MATCHER.match(joint.join(texts))
    if found.status is Status.MANY:
        apart = {place for text in texts for place in places(MATCHER.match(text))}
        assert set(places(found)) == apart, found.text
    elif found.status is Status.FOUND:
        assert found.readings[0].doubt or found.readings[0].unused, found


@settings(max_examples=300, deadline=None)
@given(
    place=st.sampled_from([place for place in PLACES if place.unit == "丁目"]),
    numbers=st.lists(st.integers(1, 99), min_size=2, max_size=5, unique=True),
    joint=st.sampled_from(("、", "・", "と", "及び", "＆", ", ")),
    unit=st.sampled_from(("番", "番地", "")),
)
def test_a_list_of_blocks_keeps_every_block(
    place: Written, numbers: list[int], joint: str, unit: str
) -> None:
    listed = joint.join(f"{number}{unit}" for number in numbers)
    found = MATCHER.match(f"{place.base}{place.number}丁目{listed}")
    assert found.status is Status.MANY
    assert [block for _, block, _ in places(found)] == [str(number) for number in numbers]


def test_a_range_without_its_chome_leaves_a_doubt() -> None:
    assert "範囲とも読める" in MATCHER.match("みたけ1〜12番").readings[0].doubt
    assert MATCHER.match("みたけ1〜12").readings[0].doubt == ""


def test_long_ranges_and_lists_end() -> None:
    assert MATCHER.match("みたけ3-1番〜9999番").status is Status.UNKNOWN
    assert MATCHER.match("みたけ3-" + "、".join(f"{n}番" for n in range(1, 65))).status is Status.UNKNOWN


def test_the_parts_say_what_each_stretch_was_taken_for() -> None:
    found = MATCHER.match("盛岡市みたけ3-12番・13番または青山町2-1 城北ビル")
    assert [(part.use, part.text) for part in found.parts] == [
        (Use.REGION, "盛岡市"), (Use.TOWN, "みたけ"), (Use.NUMBERS, "3-12番"), (Use.NUMBERS, "13番"), (Use.JOINT, "または"),
        (Use.TOWN, "青山町"), (Use.NUMBERS, "2-1"), (Use.BUILDING, "城北ビル"),
    ]  # fmt: skip
