"""Files in the layouts of the standard and of the older recommended data set, new and old, UTF-8 and CP932."""

from __future__ import annotations

from datetime import date

import pytest

from kyodo_geo.errors import FileFormatError
from kyodo_geo.opendata.layouts import EVACUATION_SPACE, HAZARD_HEADINGS, POPULATION, PUBLIC_FACILITY
from tests.unit.readers.files import csv, load

FORMER = (
    "都道府県コード又は市区町村コード,NO,都道府県名,市区町村名,名称,名称_カナ,名称_通称,POIコード,住所,方書,緯度,経度,電話番号,"
    "内線番号,法人番号,団体名,利用可能曜日,開始時間,終了時間,利用可能日時特記事項,説明,バリアフリー情報,URL,備考"
)


def line(columns, **cells):
    return ",".join(cells.get(column, "") for column in columns)


def standard(tmp_path, *rows, columns=PUBLIC_FACILITY.columns, encoding="utf-8-sig"):
    text = "\r\n".join([",".join(columns), *(line(columns, **row) for row in rows)]) + "\r\n"
    return csv(tmp_path / "032018_public_facility.csv", text, encoding)


CENTRE = {
    "全国地方公共団体コード": "032018", "ID": "A-1", "名称": "城北センター", "名称_カナ": "ジョウホクセンター",
    "所在地_連結表記": "岩手県盛岡市内丸1-1", "緯度": "39.7", "経度": "141.1", "団体名": "市民協働推進課",
}  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_the_standard_in_every_encoding(tmp_path, encoding):
    result = load("facilities", standard(tmp_path, CENTRE, encoding=encoding))
    (row,) = result.frame.to_dict("records")
    assert (row["facility_id"], row["name"], row["kana"]) == ("A-1", "城北センター", "ジョウホクセンター")
    assert (row["address"], row["operator"]) == ("岩手県盛岡市内丸1-1", "市民協働推進課")
    assert (row["geom"].x, row["geom"].y) == (141.1, 39.7)
    assert any("自治体標準オープンデータセット" in note for note in result.report.notes)


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
def test_the_former_layout(tmp_path, encoding):
    cells = line(
        FORMER.split(","),
        都道府県コード又は市区町村コード="032018", NO="7", 都道府県名="岩手県", 市区町村名="盛岡市", 名称="上田公民館",
        住所="上田4-1-1", 緯度="39.7", 経度="141.1", 団体名="中央公民館",
    )  # fmt: skip
    result = load("facilities", csv(tmp_path / "a.csv", f"{FORMER}\r\n{cells}\r\n", encoding))
    (row,) = result.frame.to_dict("records")
    assert (row["name"], row["address"], row["operator"]) == ("上田公民館", "上田4-1-1", "中央公民館")
    # NO counts the rows of one file: an id from it would be another one next year
    assert row["facility_id"].startswith("f-")
    assert any("推奨データセット（旧）" in note for note in result.report.notes)


def test_an_address_in_parts_is_joined(tmp_path):
    parts = {**CENTRE, "所在地_連結表記": "", "所在地_都道府県": "岩手県", "所在地_市区町村": "盛岡市"}
    path = standard(tmp_path, {**parts, "所在地_町字": "内丸", "所在地_番地以下": "1-1"})
    assert load("facilities", path).frame["address"].tolist() == ["岩手県盛岡市内丸1-1"]


def test_rows_of_others_wrong_codes_and_invented_rows_are_refused_one_by_one(tmp_path):
    path = standard(
        tmp_path,
        CENTRE,
        {**CENTRE, "ID": "2", "全国地方公共団体コード": "131199"},
        {**CENTRE, "ID": "3", "全国地方公共団体コード": "032019"},
        {**CENTRE, "ID": "4", "備考": "見本データ（架空）"},
        {**CENTRE, "ID": "5", "全国地方公共団体コード": ""},
        {**CENTRE, "ID": "6", "全国地方公共団体コード": "32018"},
        {**CENTRE, "ID": "7", "緯度": "北緯39度"},
    )
    result = load("facilities", path)
    assert result.frame["facility_id"].tolist() == ["A-1", "5", "6"]
    said = {rejection.row: (rejection.column, rejection.reason_ja) for rejection in result.report.rejected}
    assert said[3][0] == "全国地方公共団体コード" and "131199" in said[3][1] and "032018" in said[3][1]
    assert "検査数字" in said[4][1]
    assert said[5][0] == "備考" and "見本データ" in said[5][1]
    assert said[8][0] == "緯度"


def test_a_file_of_another_city_is_refused_as_a_whole(tmp_path):
    path = standard(tmp_path, {**CENTRE, "全国地方公共団体コード": "131199"})
    with pytest.raises(FileFormatError, match="ほかの団体（131199）"):
        load("facilities", path)


def test_our_own_facts_come_back_from_the_description(tmp_path):
    told = "種別：市立公民館／地域活動：不可／収容人数：120／開設日：1981-06-01"
    result = load(
        "facilities", standard(tmp_path, {**CENTRE, "説明": told}, {**CENTRE, "ID": "B", "説明": "駅前"})
    )
    one, two = result.frame.to_dict("records")
    assert (one["kind"], one["activity"], one["capacity"], one["opened_on"]) == (
        "市立公民館", False, 120, date(1981, 6, 1),
    )  # fmt: skip
    assert (two["kind"], two["activity"], two["capacity"]) == ("その他", False, None)


SITE = {
    "全国地方公共団体コード": "032018", "ID": "E1", "名称": "城北小学校", "所在地_連結表記": "岩手県盛岡市前九年3-1",
    "緯度": "39.7", "経度": "141.1", "電話番号": "(019)000-0000", HAZARD_HEADINGS["flood"]: "1",
    HAZARD_HEADINGS["earthquake"]: "1", "指定避難所との重複": "1",
}  # fmt: skip


def test_evacuation_sites_that_are_shelters_too_become_the_layer(tmp_path):
    tower = {**SITE, "ID": "E2", "名称": "津波タワー", "指定避難所との重複": ""}
    odd = {**SITE, "ID": "E3", "名称": "上田小学校", HAZARD_HEADINGS["flood"]: "2階以上", "備考": "体育館"}
    result = load("shelters", standard(tmp_path, SITE, tower, odd, columns=EVACUATION_SPACE.columns))
    rows = result.frame.to_dict("records")
    assert [(row["name"], row["detail"]) for row in rows] == [
        ("城北小学校", "対象とする災害：洪水、地震"),
        ("上田小学校", "対象とする災害：地震／体育館"),
    ]
    assert (rows[0]["phone"], rows[0]["address"]) == ("(019)000-0000", "岩手県盛岡市前九年3-1")
    notes = " ".join(result.report.notes)
    assert "重複しない指定緊急避難場所 1 行" in notes and "「2階以上」" in notes


def people(tmp_path, *rows):
    columns = POPULATION.columns
    text = "\n".join([",".join(columns), *(line(columns, **row) for row in rows)]) + "\n"
    return csv(tmp_path / "032018_population.csv", text)


def test_population_by_area_tells_cities_districts_small_areas_and_towns_apart(tmp_path):
    day = {"全国地方公共団体コード": "032018", "調査年月日": "2024-04-01"}
    path = people(
        tmp_path,
        {**day, "総人口": "280000", "世帯数": "130000"},
        {**day, "地域コード": "3", "地域名": "青山", "総人口": "9000"},
        {**day, "地域コード": "03201001001", "地域名": "内丸", "総人口": "300"},
        {**day, "地域コード": "0010000", "地域名": "みたけ3丁目", "総人口": "1200", "世帯数": "500"},
        {**day, "全国地方公共団体コード": "131199", "地域名": "板橋1丁目", "総人口": "5"},
    )
    result = load("register-population", path, context={"districts": {3: "青山"}})
    found = [(row["area_kind"], row["area_key"], row["people"]) for row in result.frame.to_dict("records")]
    assert found == [
        ("city", "03201", 280000),
        ("district", "3", 9000),
        ("small-area", "03201001001", 300),
        ("town", "みたけ三丁目", 1200),
    ]
    assert [rejection.row for rejection in result.report.rejected] == [6]
