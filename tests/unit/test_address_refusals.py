"""What is no address of the city: other cities, contradictions, nonsense, and input made to hurt."""

from __future__ import annotations

import time

import pytest

from kyodo_geo.addresses import AddressMatcher, Gazetteer, Match, Status
from tests.unit.lookup_world import TOWNS

MATCHER = AddressMatcher(Gazetteer(TOWNS, "03201"), "03201", "盛岡市", "岩手県")


def read(text: str) -> Match:
    return MATCHER.match(text)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("秋田県秋田市山王1", "秋田県秋田市"), ("東京都世田谷区北烏山1", "東京都世田谷区"),
        ("滝沢市鵜飼", "滝沢市"), ("岩手県滝沢市穴口328", "滝沢市"),
        ("岩手郡雫石町上平10", "岩手郡雫石町"), ("紫波町下松本10-1", "紫波町"),
        ("八幡平市松尾10-1", "八幡平市"), ("仙北市田沢湖1", "仙北市"),
        ("上田市緑が丘3-2-3", "上田市"), ("ふじみ野市川崎4-5", "ふじみ野市"),
        ("名古屋市緑区青山1-2-3", "名古屋市"), ("四日市市八幡町1", "四日市市"),
    ],
)  # fmt: skip
def test_other_cities_are_named(text: str, other: str) -> None:
    found = read(text)
    assert (found.status, found.other) == (Status.OUTSIDE, other)


def test_a_neighbour_given_with_the_data_is_known_too() -> None:
    matcher = AddressMatcher(Gazetteer(TOWNS, "03201"), "03201", "盛岡市", "岩手県", ("隣村",))
    assert matcher.match("隣村字上1").other == "隣村"
    assert read("隣村字上1").status is Status.UNKNOWN


def test_our_city_in_another_prefecture_is_a_contradiction() -> None:
    found = read("秋田県盛岡市みたけ3-12-1")
    assert (found.status, found.contradiction) == (Status.OUTSIDE, True)
    assert "盛岡市は岩手県です" in found.reason


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "\t", "盛岡市", "岩手県", "岩手県盛岡市", "もりおか",
        "盛岡駅", "-", "12345", "〒020-0000", "39.70,141.15", "NaN", "٣-١٢-١",
        "あいうえお", "'; DROP TABLE x;--", "<script>alert(1)</script>",
        "{{7*7}}", "${x}", "=1+1", "[", "\\", "岩手県盛岡区みたけ3",
        "盛岡市滝沢市鵜飼1", "\ud800", "𠮷" * 50,
    ],
)  # fmt: skip
def test_what_is_no_address_is_not_understood(text: str) -> None:
    found = read(text)
    assert found.status is Status.UNKNOWN
    assert found.reason


def test_a_name_that_nearly_exists_is_offered_not_used() -> None:
    found = read("盛岡市綠が岡3-1")
    assert found.status is Status.UNKNOWN
    assert "緑が丘" in found.suggestions


def test_what_is_no_address_is_quoted_as_typed() -> None:
    found = read("盛岡市役所")
    assert found.status is Status.UNKNOWN
    assert "「盛岡市役所」" in found.reason
    offered = read("盛岡市綠が岡3-1")  # beside towns that are alike, the part that failed
    assert "「綠が岡3-1」" in offered.reason


@pytest.mark.parametrize(
    "text",
    [
        "あ" * 10_000,
        "1-" * 5_000,
        "盛岡市" * 3_333,
        "第" * 10_000,
        "字" * 10_000,
        " -" * 5_000,
        "二" * 10_000,
    ],
)
def test_long_input_is_refused_at_once(text: str) -> None:
    began = time.perf_counter()
    found = read(text)
    assert found.status is Status.UNKNOWN
    assert "字以内" in found.reason
    assert time.perf_counter() - began < 1.0


@pytest.mark.parametrize(
    "text",
    [
        "字" * 290,
        "大字" * 140,
        "第1" * 140,
        "みたけ" + "1-" * 140,
        "渋民字" * 90,
        "盛岡市" * 95,
        "玉山" * 140,
    ],
)
def test_repetition_within_the_limit_is_fast(text: str) -> None:
    began = time.perf_counter()
    read(text)
    assert time.perf_counter() - began < 0.5


def test_a_jiwari_counts_from_one() -> None:
    found = read("下飯岡0-1")
    assert found.status is Status.UNKNOWN
    assert "第0地割はありません" in found.reason
