"""Values as the standard writes them, and codes with their check digit."""

from __future__ import annotations

from datetime import date, time

import pytest

from kyodo_geo.errors import InputError
from kyodo_geo.opendata import writing
from kyodo_geo.opendata.codes import check_digit, five_digits, readings, six_digits
from kyodo_geo.opendata.layouts import LAYOUTS, follows
from kyodo_geo.quality import Quality


@pytest.mark.parametrize(
    "published", ["032018", "011002", "131016", "131199", "222127", "431001", "462209", "203629"]
)
def test_check_digits_of_real_codes(published):
    assert six_digits(published[:5]) == published
    assert five_digits(published) == published[:5]


def test_a_wrong_check_digit_is_refused_with_the_right_code():
    with pytest.raises(InputError, match="032018"):
        five_digits("032019")


@pytest.mark.parametrize("cell", ["", "032", "0320180", "03201a", "３２０１８"])
def test_what_is_no_code_is_refused(cell):
    with pytest.raises(InputError):
        five_digits(cell)
    with pytest.raises(InputError):
        check_digit(cell)


def test_five_digits_may_be_six_whose_zero_a_spreadsheet_dropped():
    assert readings("32018") == ("32018", "03201")
    assert readings("03201") == ("03201",)
    assert readings("3201") == ("03201",)


def test_layouts_have_no_column_twice():
    for layout in LAYOUTS.values():
        assert len(set(layout.columns)) == len(layout.columns)
    assert [len(layout.columns) for layout in LAYOUTS.values()] == [56, 39, 46, 32]


def test_a_layout_is_told_by_what_only_it_has():
    assert follows(frozenset({"全国地方公共団体コード", "所在地_連結表記", "名称"})) == "standard"
    old = {"都道府県コード又は市区町村コード", "住所", "方書", "緯度", "経度"}
    assert follows(frozenset(old)) == "former"
    assert follows(frozenset(old - {"方書"})) is None
    assert follows(frozenset({"施設番号", "名称", "住所", "緯度", "経度"})) is None


def test_kana_are_katakana_and_what_is_none_stays():
    assert writing.katakana("みたけちくかつどうセンター・ゔ 2") == "ミタケチクカツドウセンター・ヴ 2"
    assert writing.katakana(None) == ""


@pytest.mark.parametrize(
    ("published", "joined", "own"),
    [
        ("みたけ4-10-52", "岩手県盛岡市みたけ4-10-52", True),
        ("盛岡市内丸1", "岩手県盛岡市内丸1", True),
        ("岩手県盛岡市内丸1", "岩手県盛岡市内丸1", True),
        ("岩手県 盛岡市内丸1", "岩手県盛岡市内丸1", True),
        ("岩手県滝沢市中鵜飼55", "岩手県滝沢市中鵜飼55", False),
        ("滝沢市中鵜飼55", "滝沢市中鵜飼55", False),
        ("東京都千代田区1", "東京都千代田区1", False),
        ("愛宕町14-1", "岩手県盛岡市愛宕町14-1", True),
    ],
)
def test_addresses_get_prefecture_and_city_where_they_are_surely_the_citys(published, joined, own):
    found = writing.address_parts(published, "岩手県", "盛岡市")
    assert found == (joined, *(("岩手県", "盛岡市") if own else ("", "")))
    assert writing.same_address(published, joined, "岩手県", "盛岡市")


def test_no_address_has_no_parts():
    assert writing.address_parts(None, "岩手県", "盛岡市") == ("", "", "")


NINE, TWELVE, THIRTEEN, FIVE, NIGHT = time(9), time(12), time(13), time(17), time(21, 30)


def test_one_span_for_all_days_is_start_and_end():
    assert writing.opening([(1, NINE, FIVE), (2, NINE, FIVE), (6, NINE, FIVE)]) == (
        "月火土",
        "09:00",
        "17:00",
        "",
    )


def test_spans_that_differ_are_said_and_no_single_one_is_given():
    days, opens, closes, said = writing.opening([(6, NINE, TWELVE), (1, NINE, NIGHT), (2, NINE, NIGHT)])
    assert (days, opens, closes) == ("月火土", "", "")
    assert said == "月火 09:00-21:30、土 09:00-12:00"


def test_a_break_at_noon_is_said():
    found = writing.opening([(1, NINE, TWELVE), (1, THIRTEEN, FIVE)])
    assert found == ("月", "", "", "月 09:00-12:00・13:00-17:00")


def test_unknown_hours_stay_empty():
    assert writing.opening([]) == ("", "", "", "")


def test_facts_without_a_column_can_be_read_back():
    text = writing.facts({"種別": "公民館", "収容人数": 120, "開設日": date(1981, 6, 1), "廃止日": None})
    assert text == "種別：公民館／収容人数：120／開設日：1981-06-01"
    names = ("種別", "収容人数", "開設日", "廃止日")
    assert writing.facts_of(text, names) == {"種別": "公民館", "収容人数": "120", "開設日": "1981-06-01"}


def test_somebodys_own_words_are_not_taken_for_facts():
    for text in ("", "昭和56年開館。", "種別：公民館／駐車場：10台", "種別：公民館。ほか"):
        found = writing.facts_of(text, ("種別",))
        assert "駐車場" not in found
        assert found in ({}, {"種別": "公民館。ほか"})


def test_the_mark_is_the_worst_quality():
    assert writing.remark("real", Quality.SAMPLE, "unofficial") == "見本データ（架空）"
    assert writing.remark(Quality.REAL) == ""
    assert writing.remark(None, "unofficial").startswith("非公式")
