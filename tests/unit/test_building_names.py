"""What may not stand in the register of buildings: homes and rooms; and the names that only look like them."""

from __future__ import annotations

import pytest

from kyodo_geo.building_names import names_a_home, names_a_room, refusal, without_room

HOMES = """
山田太郎宅 / 山田様方 / 山田 様 方 / 山田様方203号室 / 山田様方　２０３ / 山田邸 / 山田邸２０１ / 山田氏宅 / 山田さん宅
/ 山田さま方 / 山田宅 201 / 山田宅(2階) / 山田方 / 佐藤様 / 山田 太郎 宅 / 山田宅。 / ヤマダ様 / 山田宅-101
"""
ROOMS = """
コーポ山田203 / ハイツ101 / コーポ山田-203 / コーポ山田－２０３ / コーポ山田　203 / 203号室 / コーポ山田２０３号 / ビル5F-2
/ ビル 5F / コーポA101 / コーポ山田A-101 / コーポ山田A棟203 / コーポ山田1203 / コーポ(203) / コーポ #203 / ハイツ A-1号室
/ コーポ二〇三号室
/ 山田ビル5階 / 山田ビル5階501 / コーポの203 / 101 / コーポ山田 203号室(角部屋) / ｺｰﾎﾟ山田２０３ / コーポ山田・203
/ 旧中村邸203号室
"""
BUILDINGS = """
旧中村邸 / 旧中村邸2号棟 / コーポ21 / レジデンス2000 / 第2ビル / メゾン2001 / プラザ1000 / 県営青山住宅 / 市営住宅2号棟 / 社宅
/ 知事公邸 / 藩邸 / ハイツ北方 / コーポ四方 / ハイツ365 / 山田マンション2号棟 / 集会室 / 第3荘 / 緒方ビル / 様似ビル
/ 方八丁ハイツ / 宅建会館 / 1番館 / コーポ山田5 / 三室荘 / ビル88 / 第101ビル / 5階建ビル / 山田邸宅街ビル / コーポ山田A
/ メゾン・ド・盛岡 / ハイツII
"""


def names(block: str) -> list[str]:
    return [name.strip() for name in block.split("/")]


@pytest.mark.parametrize("name", names(HOMES))
def test_a_home_is_refused(name: str) -> None:
    assert names_a_home(name)
    assert "個人のお宅" in (refusal(name) or "")


@pytest.mark.parametrize("name", names(ROOMS))
def test_a_room_is_refused(name: str) -> None:
    assert names_a_room(name)
    assert "部屋番号" in (refusal(name) or "")


@pytest.mark.parametrize("name", names(BUILDINGS))
def test_a_building_is_kept(name: str) -> None:
    assert refusal(name) is None
    assert without_room(name) == name


@pytest.mark.parametrize(
    ("written", "building"),
    [
        ("コーポ山田-203", "コーポ山田"),
        ("コーポ山田　２０３号室", "コーポ山田"),
        ("ハイツ盛岡101", "ハイツ盛岡"),
        ("コーポ山田A棟1203", "コーポ山田A棟"),
        ("山田ビル5F-2", "山田ビル"),
        ("第2ビル 301", "第2ビル"),
    ],
)
def test_the_name_without_the_room_is_offered(written: str, building: str) -> None:
    assert without_room(written) == building
    assert f"「{building}」" in (refusal(written) or "")


@pytest.mark.parametrize("written", ["203号室", "101", "山田様方"])
def test_nothing_is_offered_where_no_name_is_left(written: str) -> None:
    assert "除いて" not in (refusal(written) or "")
