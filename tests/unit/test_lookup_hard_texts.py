"""Texts as clerks write them, on the sample: never a silent wrong answer, and no refusal without need.

The truth is the sample's rules: 上田一丁目 1–12番 sample-0030, 13–25番 sample-0031;
上田二丁目 24–35番 sample-0041 but 35番15–40号 and 36番 on sample-0033; 大通一丁目 –29番 0016, 30番– 0017;
永井第23地割 –73 0314, 74– 0315; 好摩字上山 –35 0342, 36– 0345, 字野中 –54 0344; 清水町 –11番 0200, 12番– 0203.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from kyodo_geo.buildings import JoinsAs, Remembered, building_key
from kyodo_geo.lookup import Answer, LookupIndex, Outcome, names_asked_for, recall
from kyodo_geo.lookup_types import Rule
from tests.unit.sample_world import lookup


def ids(answer: Answer) -> set[str]:
    return {item.id.removeprefix("sample-") for item in answer.associations}


NEVER_ONE = {
    "A1 the second chain has another number of parts": (
        "上田1-12、1-30-1", "上田1-12、2-24-1", "上田1-12または2-24-1", "上田1-12-1、2-24", "大通1-1、3-30-1",
        "上田1-12、1-13-1、2-24", "永井23-73、24-10-1", "永井23-73-1、24-10", "永井23-73-1、74", "好摩字上山35-1、36",
    ),
    "A2 小字, 同地割 and 〃 in a list": (
        "好摩字上山35、字野中10", "好摩字上山35、野中10", "上米内字畑83、字道ノ下59", "永井23地割73番1、同地割74番2",
        "永井23地割73番1、同字74番2", "上田2丁目34番1、同丁目36番1", "上田2丁目34番1、〃36番1", "上田2丁目34番1\n同上36番1",
    ),
    "A3 番 behind 番": (
        "大通1丁目29番30番", "大通1丁目29番 30番", "上田2-34番-36番", "上田1-11番－13番", "上田1-11番ー13番",
        "永井23地割73番 74番", "上田2-35番14号-16号",
    ),
    "A4 lines and spaces between chains": (
        "大通1-29-5\n30-2", "本宮5-24-22\n5-24-23", "永井23-73-1\n23-74-2", "上田2-34-1 35-20", "永井23地割73-1 74-2",
    ),
    "A5 another address behind a building": (
        "上田1-12-3 Aビル、13-2 Bビル", "上田1-12-3 Aビル及び13-2 Bビル", "上田1-12-3 Aハイツ203、1-13-2",
        "上田1-12-3 Aビル上田1-13-2 Bビル", "上田1-12-3 駐車場は上田3-10-1", "館向町1-1（現在は上田1-12-3）",
        "上田1-12-3 or 13-2", "上田1-12-3、それに内丸12-2", "上田1-12-3、他13-2", "上田1-12-3\n2.上田1-13-2",
    ),
    "A6 words behind the last item of a list": (
        "上田2丁目34番1及び36番2の各一部", "上田2丁目34番1及び36番2地内", "上田2丁目34番1、36番2ほか", "上田1-12、13など",
        "上田1-12番・13番の各一部", "上田2-34番と36番の間",
    ),
    "A7 〜 that is no plain range": (
        "上田2-34-1～36-1", "上田2丁目34番1～36番1", "大通1-29〜", "上田2-35番～14号", "上田2-35番15号～", "好摩字上山35〜36-1",
    ),
    "A8 layouts, sizes, slips of the keyboard": (
        "清水町 1K", "清水町 1R", "清水町 2DK", "清水町 12DK", "清水町 40㎡", "上田1丁目2DK", "上田1丁目12m", "上田1-3O-3",
        "上田1-3l-3", "上田1-1B-3", "上田2-35-1S", "上田2-35-2O", "上田1-3〇-3", "本宮5-2○-22", "本宮5-24-2?", "上田1-3.0-3",
    ),
    "A9 beside, or more than it (LOOKUP.md says never one)": (
        "上田1-12-3（隣）", "上田1-12-3(の隣)", "上田1-12-3（向かい）", "上田1-12-3（付近）", "上田1-12-3の隣 上田ハイツ",
        "上田1-12-3（他2筆）", "上田1-12-3（ほか）", "上田1-12-3外二筆", "上田1-12-3 外2筆 宅地", "上田1-12-3 他3戸",
        "上田1-12-3等", "上田1-12-3 など", "上田1-12-3 上田ハイツ北側", "上田1-12-3隣接地", "上田1-12-3に隣接", "上田1-12-3脇",
        "上田1-12-3正面", "上田1丁目29番以降", "上田1丁目10番台", "上田1-12-3 北へ50m",
    ),
    "A10 numbers and towns in brackets": (
        "大通1-29(30)", "上田2-35-14(15)", "上田2-35-14（15号）", "永井23-73(74)", "好摩字上山35（字野中10）",
        "上田1-12-3（内丸）", "上田1-12-3（緑が丘三丁目）", "盛岡市上田1-12-3（横浜市）",
    ),
    "A11 the text says that it is another, wrong or a lot": (
        "上田1-12-3(誤)", "上田1-12-3 取消", "上田1-12-3（移転済）", "上田一丁目12番3（旧住所）", "上田一丁目12番3（地番）",
        "上田一丁目12番3(登記簿)", "上田1-12-3(仮換地)",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in NEVER_ONE.items() for text in texts]
)
def test_never_one(kind: str, text: str) -> None:
    answer = lookup().by_address(text)
    assert answer.outcome is not Outcome.ONE, (kind, ids(answer), answer.message)


@pytest.mark.parametrize("text", ["永井23番地1", "永井10番地"])
def test_nagai_is_not_tamayama_nagai(text: str) -> None:
    """28 km apart (DOMAIN.md): the alias 大字永井 must not win when 大字 is not written."""
    snapshot = lookup().snapshot
    rules = (
        *(rule for rule in snapshot.rules if rule.town != "玉山永井"),
        Rule("sample-0338", "whole", "玉山永井"),
    )
    answer = LookupIndex(replace(snapshot, rules=rules)).by_address(text)
    assert (answer.outcome, ids(answer)) != (Outcome.ONE, {"0338"})
    assert {"0312", "0313", "0314", "0315", "0317"} & ids(answer)


ONE = {
    "B1 words in front": (
        "住所：上田1-12-3", "所在地 盛岡市上田1-12-3", "【住所】上田1-12-3", "「上田1-12-3」", "(上田1-12-3)", "■上田1-12-3",
        "①上田1-12-3", "→上田1-12-3", '"上田1-12-3"', "上田ハイツ（上田1-12-3）", "上田ハイツ 上田1-12-3", "山田太郎 上田1-12-3",
        "TEL019-626-7535 上田1-12-3", "（盛岡市）上田1-12-3", "(岩手県)盛岡市上田1-12-3", "（〒020-0066）盛岡市上田1-12-3",
        "郵便番号：020-0066 住所：上田1-12-3", "住居表示：上田1-12-3 地番：13-4", "旧住所 館向町1-1 新住所 上田1-12-3",
    ),
    "B2 telephones": (
        "上田1-12-3(019-626-7535)", "上田1-12-3,019-626-7535", "上田1-12-3 / 019-626-7535",
        "上田1-12-3 高松 090-1234-5678", "上田1-12-3 川崎 019-626-7535", "上田1-12-3 青山地区会館 TEL019-626-7535",
        "上田1-12-3 五日市太郎 TEL019-626-7535",
    ),
    "B3 buildings that look like another municipality": (
        "上田1-12-3 五日市荘2-305", "上田1-12-3 UR都市機構上田団地 2-305", "上田1-12-3 A街区2-305", "上田1-12-3 北海道銀行",
        "上田1-12-3 矢巾町農協", "上田1-12-3 宮城県人会", "上田1-12-3 上田地区会館 2-1", "上田1-12-3 八幡平市出張所",
    ),
    "B4 a building named after a town, with a room": (
        "上田1-12-3 青山305", "上田1-12-3 高松 203", "上田1-12-3 仙北203", "上田1-12-3 内丸12ビル", "上田1-12-3 門203",
    ),
    "B5 separators": ("上田1.12.3", "上田1・12・3", "上田1 12 3", "上田(1-12-3)", "上田-1-12-3", "上田（1丁目）12-3"),
    "B6 地番 beside": (
        "上田1-12-3 【地番】13番4", "上田1-12-3 所在：上田一丁目13番4", "上田1-12-3（登記上：上田1丁目13番4）",
        "上田1-12-3（前住所 館向町1-1）",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in ONE.items() for text in texts])
def test_refused_without_need(kind: str, text: str) -> None:
    answer = lookup().by_address(text)
    assert (answer.outcome, ids(answer)) == (Outcome.ONE, {"0030"}), (kind, answer.message)


@pytest.mark.parametrize(
    "text",
    ["みたけ地区活動センター", "加賀野地区活動センター", "好摩地区コミュニティセンター", "神子田朝市",
     "五日市川原12", "舘市12-3", "A街区3", "学区",
     "(岩手県)盛岡市上田1-12-3", "都市計画区域"],
)  # fmt: skip
def test_what_is_no_municipality_is_not_outside_the_city(text: str) -> None:
    assert lookup().by_address(text).outcome is not Outcome.OUTSIDE_CITY


@pytest.mark.parametrize("text", ["下飯岡7〜9地割", "下飯岡第8・9地割", "大通1〜3丁目", "内丸と本町通一丁目"])
def test_lists_of_numbered_towns_are_read(text: str) -> None:
    assert lookup().by_address(text).outcome is Outcome.SEVERAL


def ask(text: str, name: str, address: str, association: int) -> Answer:
    item = Remembered(name, address, f"sample-{association:04}", JoinsAs.WHOLE_BUILDING, None, False)
    answer = lookup().by_address(text)
    hit = [item] if building_key(name) in names_asked_for(lookup(), text, answer) else []
    return recall(lookup(), answer, hit)


@pytest.mark.parametrize(
    ("text", "address", "association"),
    [("上田1-12-3、上田1-13-3 上田ハイツ", "上田1-12-3", 30), ("上田1-12・13 上田ハイツ", "上田1-13-3", 31),
     ("永井23-73、74 上田ハイツ", "永井23-74", 315)],
)  # fmt: skip
def test_the_register_does_not_decide_a_list(text: str, address: str, association: int) -> None:
    assert ask(text, "上田ハイツ", address, association).outcome is Outcome.SEVERAL


@pytest.mark.parametrize(
    ("text", "name"),
    [("内丸 ビル", "内丸ビル"), ("内丸21", "内丸21"), ("緑が丘1丁目ハイツ", "緑が丘1丁目ハイツ"), ("つつじが丘2", "つつじが丘2"),
     ("上田1-12-3 (ハイツA)", "ハイツA"), ("上田1-12-3（ハイツA 203）", "ハイツA"), ("上田1-12-3 ハイツA203", "ハイツA"),
     ("上田1-12-3 ハイツA-203", "ハイツA"), ("上田1-12-3「ハイツA」203", "ハイツA"), ("上田1-12-3 ハイツA 山田様方", "ハイツA"),
     ("上田1-12-3 ハイツA 1F 上田商店", "ハイツA")],
)  # fmt: skip
def test_a_building_of_the_register_that_contradicts_is_not_passed_over(text: str, name: str) -> None:
    answer = ask(text, name, "上田1-12-3", 31)
    assert answer.outcome is not Outcome.ONE, (ids(answer), answer.message)
    assert "物件台帳" in answer.message


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("簗川4-10", "区域の境界の近くです"),  # the circle has 8 km: nothing is known of a border
        ("簗川4-10", "番・号まで入力すると"),  # the number is written
        ("上田1-12〜99", "町名・丁目・番・号"),  # too long a range; the address is written as asked for
        ("〒020-8530", "町名より先が入力されていません"),  # the number is not known
        ("渋民字さかい10", "小字「さか」"),  # い is no イ of a lot
        ("上田1-12-3の隣", "「の隣」は使っていません。「の隣」と"),
    ],
)
def test_sentences(text: str, wrong: str) -> None:
    assert wrong not in lookup().by_address(text).message
