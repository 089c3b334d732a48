"""Facilities, halls and vacant houses."""

from __future__ import annotations

import json
from datetime import date

import pytest

from kyodo_geo.errors import FileFormatError
from tests.unit.readers.files import csv, geojson, load, spot


class TestFacilities:
    HEAD = "施設番号,名称,種別,地域活動,住所,収容人数,開設日,廃止日,経度,緯度\n"

    def facilities(self, tmp_path, *lines):
        return load("facilities", csv(tmp_path / "a.csv", self.HEAD + "\n".join(lines) + "\n"))

    def test_all_columns(self, tmp_path):
        (row,) = self.facilities(
            tmp_path, "001,城北センター,地区活動センター,可,内丸1,120,昭和56年6月1日,,141.1,39.7"
        ).frame.to_dict("records")
        assert (row["facility_id"], row["activity"], row["capacity"], row["opened_on"]) == (
            "001",
            True,
            120,
            date(1981, 6, 1),
        )
        assert row["geom"].equals(spot(0, 0))

    def test_activity_follows_from_the_kind_unless_it_is_stated(self, tmp_path):
        result = self.facilities(
            tmp_path,
            "1,甲,市立公民館,,,,,,141.1,39.7",
            "2,乙,学校,,,,,,141.1,39.7",
            "3,丙,学校,可,,,,,141.1,39.7",
            "4,丁,市立公民館,不可,,,,,141.1,39.7",
        )
        assert result.frame["activity"].tolist() == [True, False, True, False]
        assert any("種別" in note for note in result.report.notes)

    def test_ids_follow_from_name_and_kind_whatever_the_address(self, tmp_path):
        one = self.facilities(tmp_path, ",甲,学校,,内丸1,,,,141.1,39.7").frame["facility_id"].iloc[0]
        two = self.facilities(tmp_path, ",甲,学校,,内丸一番地,,,,141.1,39.7").frame["facility_id"].iloc[0]
        other = self.facilities(tmp_path, ",甲,公民館,,内丸1,,,,141.1,39.7").frame["facility_id"].iloc[0]
        assert one == two != other

    def test_two_of_one_name_are_told_apart_by_address(self, tmp_path):
        result = self.facilities(
            tmp_path, ",集会所,公民館,,内丸1,,,,141.1,39.7", ",集会所,公民館,,上田2,,,,141.1,39.71"
        )
        assert result.frame["facility_id"].nunique() == 2

    def test_closed_before_opened_is_left_out(self, tmp_path):
        result = self.facilities(
            tmp_path, "1,甲,学校,,,,2000-01-01,1990-01-01,141.1,39.7", "2,乙,学校,,,,,,141.1,39.7"
        )
        assert result.report.rejected[0].reason_ja == "廃止日が開設日より前です。"

    def test_the_same_number_twice(self, tmp_path):
        result = self.facilities(tmp_path, "1,甲,学校,,,,,,141.1,39.7", "1,乙,学校,,,,,,141.1,39.7")
        assert result.frame["name"].tolist() == ["甲"]
        assert result.report.duplicates[0]["facility_id"] == "1"

    def test_columns_of_the_national_land_data(self, tmp_path):
        rows = [
            ({"P05_001": "03201", "P05_002": "4", "P05_003": "城北公民館", "P05_004": "内丸1"}, spot(0, 0)),
            ({"P05_001": "03202", "P05_002": "5", "P05_003": "よその集会所", "P05_004": "宮古1"}, spot(0, 0)),
        ]
        frame = load("facilities", geojson(tmp_path / "a.geojson", rows)).frame
        assert frame[["name", "kind", "activity", "address"]].values.tolist() == [
            ["城北公民館", "公立公民館", True, "内丸1"]
        ]

    def test_unknown_capacity_of_the_national_land_data(self, tmp_path):
        assert self.facilities(tmp_path, "1,甲,学校,,,-99,,,141.1,39.7").frame["capacity"].tolist() == [None]


class TestHalls:
    def test_area_year_and_ownership(self, tmp_path):
        path = csv(
            tmp_path / "a.csv", "名称,町内会番号,延床面積,建築年,所有\n城北公民館,a1,120.5㎡,昭和56年,借用\n"
        )
        (row,) = load("halls", path).frame.to_dict("records")
        assert (row["floor_area_m2"], row["built_year"], row["ownership"], row["geom"]) == (
            120.5,
            1981,
            "rented",
            None,
        )

    def test_an_unknown_association_is_left_out_none_is_fine(self, tmp_path):
        path = csv(tmp_path / "a.csv", "名称,町内会番号\n甲,a1\n乙,zz\n丙,\n")
        assert load("halls", path, context={"association_ids": {"a1"}}).frame["name"].tolist() == ["甲", "丙"]


class TestVacantHouses:
    HEAD = "空き家番号,状態,ランク,住所,階数,建築確認日,耐震,同意先,同意日,経度,緯度\n"
    SECRET = "秘密町9-99"

    def houses(self, tmp_path, *lines, **context):
        return load(
            "vacant-houses", csv(tmp_path / "a.csv", self.HEAD + "\n".join(lines) + "\n"), context=context
        )

    def test_all_columns(self, tmp_path):
        (row,) = self.houses(
            tmp_path, "v1,同意,A,内丸1,2階建,1981-06-01,診断済,城北町内会、市,2024-04-01,141.1,39.7"
        ).frame.to_dict("records")
        assert (row["state"], row["rank"], row["floors"], row["seismic"]) == (
            "consented",
            "A",
            2,
            "diagnosed",
        )
        assert row["consented_to"] == ["城北町内会", "市"]
        assert row["confirmed_on"] == date(1981, 6, 1)

    @pytest.mark.parametrize("consent", [",", "城北町内会,", ",2024-04-01"])
    def test_a_consent_needs_recipients_and_a_day(self, tmp_path, consent):
        result = self.houses(
            tmp_path, "v1,調査,A,内丸1,,,,,,141.1,39.7", f"v2,同意,A,内丸1,,,,{consent},141.1,39.7"
        )
        assert result.frame["house_id"].tolist() == ["v1"]
        assert result.report.rejected[0].row == 3

    def test_a_house_that_is_not_consented_has_no_recipients(self, tmp_path):
        assert self.houses(tmp_path, "v1,調査,A,内丸1,,,,,,141.1,39.7").frame["consented_to"].tolist() == [[]]

    @pytest.mark.parametrize(
        "line",
        [
            f"v2,謎,A,{SECRET},,,,,,141.123457,39.7",
            f"v2,調査,Z,{SECRET},,,,,,141.123457,39.7",
            f"v1,調査,A,{SECRET},,,,,,141.123457,39.7",
            f"v2,調査,A,{SECRET},,,,,,141.123457,",
            f"v2,調査,A,{SECRET},,,,,,139.123457,35.7",
            f"v2,調査,A,{SECRET},,{SECRET},,,,141.123457,39.7",
            f"v2,調査,A,{SECRET},,,,,,141.123457,39.9",
        ],
    )
    def test_the_report_repeats_no_address_point_or_value(self, tmp_path, line):
        from tests.unit.readers.files import cell

        result = self.houses(tmp_path, "v1,調査,A,内丸1,,,,,,141.1,39.7", line, outline=cell(-5, -5, 20, 20))
        told = json.dumps(
            [result.report.as_dict(), result.report.summary_ja()], ensure_ascii=False, default=str
        )
        assert self.SECRET not in told
        assert "123457" not in told
        assert len(told) > 200

    def test_the_message_of_a_refused_file_repeats_none_either(self, tmp_path):
        with pytest.raises(FileFormatError) as refused:
            self.houses(tmp_path, f"v1,調査,A,内丸1,,{self.SECRET},,,,141.1,39.7")
        assert self.SECRET not in refused.value.message + json.dumps(
            refused.value.details, ensure_ascii=False
        )
