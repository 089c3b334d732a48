"""Reading addresses against the gazetteer of the squared city: right, or openly unsure, never silently wrong."""

from __future__ import annotations

import pytest

from kyodo_geo.addresses import AddressMatcher, Fit, Gazetteer, Match, Reading, Status
from tests.unit.lookup_world import TOWNS, town

MATCHER = AddressMatcher(Gazetteer(TOWNS, "03201"), "03201", "盛岡市", "岩手県")


def read(text: str) -> Match:
    return MATCHER.match(text)


def one(text: str) -> Reading:
    found = MATCHER.match(text)
    assert found.status is Status.FOUND, found
    return found.readings[0]


@pytest.mark.parametrize(
    "text",
    [
        "みたけ3-12-1", "岩手県盛岡市みたけ三丁目12番1号", "盛岡市みたけ３丁目１２番地１号", "みたけ3ﾁｮｳﾒ12-1", "ﾐﾀｹ3-12-1",
        "盛岡市みたけ三-12-1", "みたけ三-一二-一", "みたけ三丁目十二番一号",
        "みたけ 3 丁目 12-1", "みたけ3の12の1", "みたけ3—12—1",
        "〒020-0122 岩手県盛岡市みたけ3-12-1", "0200122盛岡市みたけ3-12-1",
        "岩手県岩手県盛岡市みたけ3-12-1", "岩手盛岡市みたけ3-12-1",
        "もりおか市みたけ3-12-1", "もりおかしみたけ3-12-1",
        "盛岡みたけ3-12-1", "岩手県みたけ3-12-1", "盛岡市盛岡市みたけ3-12-1",
        "日本、岩手県盛岡市みたけ3-12-1", "盛岡市みたけ3-12-1号",
        "\ufeff盛岡市み\u200bたけ3-12-1\t", "岩手県 盛岡市　みたけ 3-12-1",
    ],
)  # fmt: skip
def test_ways_to_write_one_address(text: str) -> None:
    found = one(text)
    assert (found.town, found.block, found.house, found.level) == ("みたけ三丁目", "12", "1", "chome")
    assert found.fit is Fit.FULL
    assert found.unused is None


@pytest.mark.parametrize(
    ("text", "building"),
    [
        ("みたけ3-12-1 城北マンション305", "城北マンション305"),
        ("みたけ3-12-1ハイツ前田", "ハイツ前田"), ("みたけ3-12-1-203", "203"),
        ("みたけ3-12-1(城北小学校)", "(城北小学校)"),
        ("みたけ3-12-1 コーポ二丁目101", "コーポ二丁目101"), ("みたけ3-12-1　第2ビル3F", "第2ビル3F"),
    ],
)  # fmt: skip
def test_a_building_after_the_numbers(text: str, building: str) -> None:
    found = one(text)
    assert (found.town, found.block, found.house, found.building) == ("みたけ三丁目", "12", "1", building)


def test_a_building_that_stands_apart_from_a_town_without_numbers() -> None:
    assert one("青山町 コーポ三丁目101").building == "コーポ三丁目101"
    assert read("青山町第2ビル").status is Status.UNKNOWN
    assert read("青山町 東").status is Status.UNKNOWN


def test_text_that_was_not_used_is_reported() -> None:
    found = one("みたけ3-12-1東側の空き地")
    assert found.unused == "東側の空き地"
    assert any("使っていません" in note for note in found.notes)


@pytest.mark.parametrize(
    "text",
    [
        "下飯岡8-48", "下飯岡第8地割48", "下飯岡8地割48番地",
        "大字下飯岡第8地割48番地", "下飯岡字8地割48", "下飯岡第八地割四十八番地",
        "下飯岡8割48", "下飯岡8地割り48", "下飯岡 第８地割 ４８", "都南村大字下飯岡8地割48", "紫波郡都南村下飯岡8-48",
    ],
)  # fmt: skip
def test_ways_to_write_a_jiwari(text: str) -> None:
    found = one(text)
    assert (found.town, found.block, found.level, found.lot) == ("下飯岡第8地割", "48", "jiwari", True)


@pytest.mark.parametrize(
    "text",
    [
        "渋民字鶴塚55",
        "渋民鶴塚55",
        "大字渋民字鶴塚55番地",
        "渋民・鶴塚55",
        "渋民 字鶴塚 55",
        "玉山区渋民字鶴塚55",
        "玉山渋民字鶴塚55",
    ],
)
def test_ways_to_write_a_koaza(text: str) -> None:
    found = one(text)
    assert (found.town, found.koaza, found.block, found.level) == ("渋民", "鶴塚", "55", "koaza")


def test_an_unknown_koaza_lowers_the_level_and_says_so() -> None:
    found = one("渋民字岩鼻5")
    assert (found.town, found.koaza, found.level, found.fit) == ("渋民", "岩鼻", "oaza", Fit.LOWER)
    assert "一覧にありません" in found.notes[0]


def test_a_name_that_goes_on_is_another_name() -> None:
    for text in (
        "渋民岩鼻5",
        "青山町東2-5",
        "みたけ東3-12-1",
        "新みたけ3-12-1",
        "盛岡市中みたけ3-12-1",
        "緑が丘台5-1",
    ):
        assert read(text).status is Status.UNKNOWN, text


@pytest.mark.parametrize("text", ["みたけ", "盛岡市みたけ", "みたけ12番1号", "みたけ コーポ前田"])
def test_a_missing_chome_is_asked_for(text: str) -> None:
    found = read(text)
    assert found.status is Status.SEVERAL
    assert found.readings[0].options == ("みたけ一丁目", "みたけ二丁目", "みたけ三丁目")


def test_a_missing_chome_keeps_the_numbers_that_were_given() -> None:
    reading = read("みたけ12番1号").readings[0]
    assert (reading.town, reading.block, reading.house) == (None, "12", "1")


@pytest.mark.parametrize("text", ["みたけ9-1-1", "みたけ9丁目", "みたけ九丁目1番1号"])
def test_a_chome_that_does_not_exist_is_refused_with_those_that_do(text: str) -> None:
    found = read(text)
    assert found.status is Status.UNKNOWN
    assert found.suggestions == ("みたけ一丁目", "みたけ二丁目", "みたけ三丁目")
    assert "9丁目はありません" in found.reason


def test_a_missing_chome_never_becomes_a_town_that_looks_alike() -> None:
    assert read("仙北6-19-1").status is Status.UNKNOWN  # not 仙北町
    assert read("仙北第3地割5").status is Status.UNKNOWN
    assert read("仙北町一丁目1-1").status is Status.UNKNOWN  # 仙北町 has no 丁目


def test_a_jiwari_that_does_not_exist_gives_the_oaza_only() -> None:
    found = one("下飯岡99-48")
    assert (found.town, found.level, found.fit, found.block) == ("下飯岡", "oaza", Fit.LOWER, None)


def test_a_single_number_after_an_oaza_with_jiwari_is_not_taken_for_one() -> None:
    assert (one("下飯岡8").town, one("下飯岡8").fit) == ("下飯岡", Fit.LOWER)


def test_the_two_nagai() -> None:
    assert one("永井24-10-1").town == "永井第24地割"
    assert one("大字永井第24地割10").town == "永井第24地割"
    assert one("永井字荒屋5").town == "玉山永井"
    assert one("玉山区永井字荒屋5").town == "玉山永井"
    assert one("玉山村永井5-1").town == "玉山永井"
    assert one("都南村永井5-1").town == "永井第5地割"
    both = read("大字永井5-1")
    assert both.status is Status.SEVERAL
    assert {name for reading in both.readings for name in reading.names} == {"永井第5地割", "玉山永井"}


def test_the_two_baba() -> None:
    assert one("馬場町1-1").town == "馬場町"
    assert one("玉山区馬場字状小屋3-3").town == "玉山馬場"
    assert read("馬場1-1").status is Status.SEVERAL


def test_a_former_municipality_holds_only_its_own_towns() -> None:
    assert one("玉山区好摩字野中67-10").town == "好摩"
    assert one("岩手郡玉山村大字好摩字野中67").town == "好摩"
    assert read("玉山区青山町1-1").status is Status.UNKNOWN
    assert read("盛岡市玉山区").status is Status.UNKNOWN


def test_a_slip_that_fits_two_towns_is_not_decided() -> None:
    found = read("津志田2-16-90")
    assert found.status is Status.SEVERAL
    assert set(found.readings[0].options) == {"津志田第2地割", "津志田西二丁目"}
    assert one("津志田第2地割16-90").town == "津志田第2地割"
    assert one("津志田14-34").town == "津志田第14地割"
    assert one("津志田西2-16-90").town == "津志田西二丁目"


def test_an_oaza_beside_chome_of_the_same_name() -> None:
    assert one("上田2-1").town == "上田二丁目"
    assert (one("上田字宇登坂41-3").town, one("上田字宇登坂41-3").koaza) == ("上田", "宇登坂")
    assert "上田" in read("上田41番地3").readings[0].options


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("八幡町2-3", "八幡町"), ("三ツ割5", "三ツ割"), ("3ツ割5", "三ツ割"),
        ("盛岡駅西通1-7-1", "盛岡駅西通一丁目"), ("緑ヶ丘3", "緑が丘"),
        ("上太田三枚橋5", "上太田三枚橋"), ("上太田字三枚橋5", "上太田三枚橋"),
        ("八幡2-3", "八幡町"), ("青山まち2-3", "青山町"),
        ("あおやまちょう2-3", "青山町"), ("靑山町2-3", "青山町"),
    ],
)  # fmt: skip
def test_names_with_numerals_and_loose_spellings(text: str, name: str) -> None:
    assert one(f"盛岡市{text}").town == name


def test_a_gazetteer_may_list_jiwari_as_koaza() -> None:
    matcher = AddressMatcher(
        Gazetteer([town("飯岡新田", "七地割"), town("川目", "第十地割")]), "03201", "盛岡市", "岩手県"
    )
    assert matcher.match("飯岡新田7-5").readings[0].town == "飯岡新田第7地割"
    assert matcher.match("川目第10地割78-1").readings[0].town == "川目第10地割"


def test_aliases_lead_to_their_town() -> None:
    assert one("岩手公園前1-1").town == "内丸"


def test_an_empty_gazetteer_understands_nothing() -> None:
    matcher = AddressMatcher(Gazetteer([]), "03201", "盛岡市", "岩手県")
    assert matcher.match("みたけ3-12-1").status is Status.UNKNOWN


def test_a_city_without_tables_of_its_own_works() -> None:
    towns = [town("本町一丁目"), town("小川新田")]
    matcher = AddressMatcher(Gazetteer(towns, "22212"), "22212", "焼津市", "静岡県")
    assert matcher.match("静岡県焼津市本町1-2-3").readings[0].town == "本町一丁目"
    assert matcher.match("焼津市小川新田12").readings[0].town == "小川新田"
    assert matcher.match("藤枝市本町1-2-3").other == "藤枝市"


def test_names_that_begin_with_aza_are_found_with_and_without_it() -> None:
    matcher = AddressMatcher(
        Gazetteer([town("字三保野"), town("大字蒲生")], "02406"), "02406", "横浜町", "青森県"
    )
    for text in ("横浜町字三保野888", "横浜町三保野888", "青森県上北郡横浜町字三保野888"):
        assert matcher.match(text).readings[0].town == "字三保野"
    assert matcher.match("横浜町蒲生3").readings[0].town == "大字蒲生"
