"""Addresses of any municipality: which one is meant, and an honest answer when that is open."""

from __future__ import annotations

import pytest

from kyodo_geo.addresses import Fit, Municipality, NationalMatcher, Status
from kyodo_geo.lookup_types import Town
from tests.unit.lookup_world import town

COUNTRY: dict[Municipality, list[Town]] = {
    Municipality("岩手県", "盛岡市"): [town("みたけ三丁目"), town("本町通一丁目"), town("青山一丁目"), town("玉山永井", "荒屋")],
    Municipality("岩手県", "花巻市"): [town("十二丁目"), town("青山一丁目")],
    Municipality("岩手県", "滝沢市"): [town("鵜飼"), town("鵜飼", "笹森")],
    Municipality("青森県", "上北郡横浜町"): [town("字三保野")],
    Municipality("神奈川県", "横浜市中区"): [town("本町一丁目"), town("山下町")],
    Municipality("神奈川県", "横浜市西区"): [town("高島一丁目"), town("本町")],
    Municipality("東京都", "府中市"): [town("宮西町一丁目"), town("府中町一丁目")],
    Municipality("広島県", "府中市"): [town("府川町"), town("府中町一丁目")],
    Municipality("千葉県", "千葉市中央区"): [town("中央一丁目")],
    Municipality("千葉県", "市川市"): [town("八幡一丁目")],
    Municipality("大阪府", "堺市北区"): [town("中百舌鳥町一丁"), town("中百舌鳥町二丁")],
    Municipality("神奈川県", "川崎市宮前区"): [town("宮崎"), *(town(f"宮崎{n}丁目") for n in "一二三")],
    Municipality("埼玉県", "上尾市"): [town("大字今泉"), town("今泉一丁目"), town("今泉五丁目")],
    Municipality("京都府", "京都市中京区"): [town("上本能寺前町"), town("下本能寺前町"), town("三条町")],
    Municipality("和歌山県", "和歌山市"): [town("十一番丁"), town("十二番丁"), town("新通一丁目")],
    Municipality("北海道", "上川郡東神楽町"): [town("十四号"), town("基線")],
}  # fmt: skip
LOADED: list[Municipality] = []


def load(municipality: Municipality) -> list[Town]:
    LOADED.append(municipality)
    return COUNTRY[municipality]


MATCHER = NationalMatcher(COUNTRY, load)


def found(text: str) -> tuple[str, str | None]:
    answer = MATCHER.match(text)
    assert answer.match.status is Status.FOUND, answer
    assert answer.municipality is not None
    return answer.municipality.full_name, answer.match.readings[0].town


@pytest.mark.parametrize(
    ("text", "municipality", "name"),
    [
        ("岩手県盛岡市みたけ３丁目１２－１", "岩手県盛岡市", "みたけ三丁目"),
        ("盛岡市みたけ3-12-1", "岩手県盛岡市", "みたけ三丁目"),
        ("岩手盛岡市みたけ3-12-1", "岩手県盛岡市", "みたけ三丁目"),
        ("盛岡みたけ3-12-1", "岩手県盛岡市", "みたけ三丁目"),
        ("〒020-0122 岩手県 盛岡市 みたけ 3-12-1", "岩手県盛岡市", "みたけ三丁目"),
        ("日本国岩手県岩手県盛岡市みたけ3-12-1", "岩手県盛岡市", "みたけ三丁目"),
        ("青森県上北郡横浜町字三保野888", "青森県上北郡横浜町", "字三保野"),
        ("上北郡横浜町三保野888", "青森県上北郡横浜町", "字三保野"),
        ("横浜町三保野888", "青森県上北郡横浜町", "字三保野"),
        ("青森県 上北郡 横浜町字三保野888", "青森県上北郡横浜町", "字三保野"),
        ("神奈川県横浜市中区山下町1", "神奈川県横浜市中区", "山下町"),
        ("横浜市山下町1", "神奈川県横浜市中区", "山下町"),
        ("東京都府中市宮西町1-24", "東京都府中市", "宮西町一丁目"),
        ("府中市宮西町1-24", "東京都府中市", "宮西町一丁目"),
        ("府中市府川町315", "広島県府中市", "府川町"),
        ("広島県府中市府中町1-1", "広島県府中市", "府中町一丁目"),
        ("千葉市川市八幡1丁目1番1号", "千葉県市川市", "八幡一丁目"),
        ("千葉市中央区中央1-1", "千葉県千葉市中央区", "中央一丁目"),
        ("岩手花巻市１２丁目７０４", "岩手県花巻市", "十二丁目"),
        ("岩手郡滝沢村鵜飼字笹森1", "岩手県滝沢市", "鵜飼"),
        ("堺市北区中百舌鳥町２丁３１２－１", "大阪府堺市北区", "中百舌鳥町二丁"),
        ("堺市北区中百舌鳥町2-312", "大阪府堺市北区", "中百舌鳥町二丁"),
        ("川崎市宮前区宮崎１５０－２", "神奈川県川崎市宮前区", "宮崎"),
        ("川崎市宮前区宮崎2-5-1", "神奈川県川崎市宮前区", "宮崎二丁目"),
        ("上尾市大字今泉5-12", "埼玉県上尾市", "大字今泉"),
        ("上尾市今泉5-12-3", "埼玉県上尾市", "今泉五丁目"),
        ("京都市中京区寺町通御池上る上本能寺前町488", "京都府京都市中京区", "上本能寺前町"),
        ("京都府京都市中京区烏丸通三条下ル三条町1", "京都府京都市中京区", "三条町"),
        ("北海道上川郡東神楽町14号北1番地", "北海道上川郡東神楽町", "十四号"),
        ("盛岡市玉山区永井字荒屋5", "岩手県盛岡市", "玉山永井"),
    ],
)  # fmt: skip
def test_the_municipality_is_found_however_it_is_written(text: str, municipality: str, name: str) -> None:
    assert found(text) == (municipality, name)


def test_towns_of_one_name_in_municipalities_of_one_name_are_several() -> None:
    answer = MATCHER.match("府中市府中町1-1")
    assert answer.match.status is Status.SEVERAL
    assert answer.municipality is None
    assert [item.full_name for item, _ in answer.candidates] == ["東京都府中市", "広島県府中市"]
    assert "東京都府中市、広島県府中市" in answer.match.reason


def test_a_contradicting_prefecture_is_not_overruled() -> None:
    answer = MATCHER.match("静岡県盛岡市みたけ3-12-1")
    assert (answer.municipality, answer.match.status, answer.match.contradiction) == (
        None,
        Status.UNKNOWN,
        True,
    )
    assert answer.match.reason == "静岡県に盛岡市はありません。盛岡市は岩手県です。"
    assert MATCHER.match("東京都千葉市中央区中央1-1").match.status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("盛岡市ほげ町1-1", "ほげ町1-1"), ("", ""), ("岩手県", ""), ("岩手県ほげ市みたけ1", "ほげ市みたけ1"),
        ("みたけ3-12-1", "みたけ3-12-1"), ("あ" * 10_000, ""), ("盛岡市", ""),
        ("岩手県盛岡ほげ1", "盛岡ほげ1"),
    ],
)  # fmt: skip
def test_what_names_no_town_is_not_understood(text: str, unknown: str) -> None:
    answer = MATCHER.match(text)
    assert answer.match.status is Status.UNKNOWN
    assert answer.match.reason
    assert answer.match.unknown == unknown


def test_another_county_is_reported() -> None:
    (reading,) = MATCHER.match("青森県下北郡横浜町字三保野888").match.readings
    assert (reading.town, reading.notes) == ("字三保野", ("「下北郡」は使っていません。",))


def test_the_oaza_alone_is_given_with_what_is_not_known_about_the_rest() -> None:
    (reading,) = MATCHER.match("滝沢市鵜飼狐洞1番地").match.readings
    assert (reading.town, reading.koaza, reading.koaza_known, reading.fit) == (
        "鵜飼",
        "狐洞",
        False,
        Fit.LOWER,
    )
    assert "狐洞" in reading.notes[0]
    (reading,) = MATCHER.match("北海道上川郡東神楽町基線3丁目1").match.readings
    assert (reading.town, reading.unused, reading.fit) == ("基線", "3丁目1", Fit.LOWER)
    assert MATCHER.match("盛岡市みたけ台3-1").match.status is Status.UNKNOWN
    assert MATCHER.match("横浜市中区山下町東1-1").match.status is Status.UNKNOWN


def test_a_town_named_by_a_number_may_be_written_as_the_number_alone() -> None:
    (reading,) = MATCHER.match("和歌山市12-45").match.readings
    assert (reading.town, reading.block, reading.notes) == (
        "十二番丁",
        "45",
        ("「12」は十二番丁として読みました。",),
    )
    assert MATCHER.match("和歌山市13-45").match.status is Status.UNKNOWN
    assert MATCHER.match("盛岡市12-45").match.status is Status.UNKNOWN


def test_wards_the_gazetteer_does_not_know_are_reported() -> None:
    (reading,) = MATCHER.match("神奈川県横浜市大区山下町1").match.readings
    assert (reading.town, reading.notes) == ("山下町", ("「大区」は使っていません。",))


def test_streets_of_kyoto_are_reported_as_not_used() -> None:
    (reading,) = MATCHER.match("京都市中京区寺町通御池上る上本能寺前町488").match.readings
    assert "寺町通御池上る" in reading.notes[0]


def test_a_gazetteer_is_built_once_and_only_when_it_is_needed() -> None:
    LOADED.clear()
    matcher = NationalMatcher(COUNTRY, load)
    matcher.match("盛岡市みたけ3-12-1")
    matcher.match("盛岡市みたけ3-12-2")
    assert [item.name for item in LOADED] == ["盛岡市"]
