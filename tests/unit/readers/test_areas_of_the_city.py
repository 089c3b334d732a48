"""Outline, small areas, assignment, districts: kinds that are read as a whole or not at all."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from geodata.readers import ReadContext
from geodata.readers.district_assignment import derive_districts, dissolve_districts
from kyodo_geo.areas import check_coverage
from kyodo_geo.crs import WGS84, area_m2
from kyodo_geo.errors import FileFormatError, InputError
from tests.unit.readers.files import CITY, cell, csv, geojson, load


def area(key, geom, people=10, households=4, **more):
    return ({"KEY_CODE": key, "S_NAME": f"町{key[-2:]}", "JINKO": people, "SETAI": households, **more}, geom)


def small_areas(tmp_path, *rows, **options):
    return load("small-areas", geojson(tmp_path / "a.geojson", list(rows)), **options)


class TestOutline:
    def test_parts_are_numbered_by_size(self, tmp_path):
        path = geojson(
            tmp_path / "a.geojson", [({"name": "盛岡市"}, cell(5, 5)), ({"name": "盛岡市"}, cell(0, 0, 3, 3))]
        )
        frame = load("outline", path).frame
        assert frame["part_no"].tolist() == [1, 2]
        assert frame["name"].tolist() == ["盛岡市", "盛岡市"]
        assert frame.geometry.iloc[0].equals(cell(0, 0, 3, 3))

    def test_touching_features_are_one_part(self, tmp_path):
        path = geojson(tmp_path / "a.geojson", [({}, cell(0, 0)), ({}, cell(1, 0))])
        assert len(load("outline", path).frame) == 1

    def test_a_file_of_the_prefecture_gives_the_municipality_only(self, tmp_path):
        rows = [({"N03_007": "03201"}, cell(0, 0)), ({"N03_007": "03202"}, cell(5, 5))]
        result = load("outline", geojson(tmp_path / "a.geojson", rows))
        assert result.frame.geometry.iloc[0].equals(cell(0, 0))
        assert any("読み飛ばしました" in note for note in result.report.notes)

    def test_a_file_of_other_municipalities_is_refused_naming_them(self, tmp_path):
        with pytest.raises(FileFormatError, match="03202"):
            load("outline", geojson(tmp_path / "a.geojson", [({"N03_007": "03202"}, cell(0, 0))]))

    def test_a_hole_is_reported(self, tmp_path):
        ring = cell(0, 0, 3, 3) - cell(1, 1)
        assert len(load("outline", geojson(tmp_path / "a.geojson", [({}, ring)])).report.gaps) == 1


class TestSmallAreas:
    def test_rows_of_one_key_are_merged_and_summed(self, tmp_path):
        result = small_areas(
            tmp_path,
            area("03201001001", cell(0, 0), 0, 0),
            area("03201001001", cell(2, 0)),
            area("032010020", cell(1, 0)),
        )
        assert result.frame["key_code"].tolist() == ["03201001001", "032010020"]
        assert result.frame["people"].tolist() == [10, 10]
        assert result.report.rows_read == 3
        assert any("3 行 → 2 件" in note for note in result.report.notes)

    def test_the_coverage_is_cleaned_and_what_moved_is_told(self, tmp_path):
        right = box(cell(0, 0).bounds[2] + 1e-10, 39.7, 141.12, 39.71)
        result = small_areas(tmp_path, area("032010010", cell(0, 0)), area("032010020", right))
        assert check_coverage(result.frame.geometry.to_numpy()).is_clean
        assert 0 < result.report.largest_displacement_m < 0.001

    def test_totals(self, tmp_path):
        result = small_areas(
            tmp_path, area("032010010", cell(0, 0), 7, 3), area("032010020", cell(1, 0), 5, 2)
        )
        totals = result.report.totals
        assert (totals["people"], totals["households"], totals["key_codes"]) == (12, 5, 2)
        assert totals["area_km2"] * 1e6 == pytest.approx(result.frame["area_m2"].sum())
        assert totals["area_km2"] * 1e6 == pytest.approx(area_m2(cell(0, 0, 2), CITY), rel=1e-4)

    def test_leading_zeros_lost_in_a_spreadsheet_are_put_back(self, tmp_path):
        row = ({"KEY_CODE": 3201001001, "JINKO": 1, "SETAI": 1}, cell(0, 0))
        assert small_areas(tmp_path, row).frame["key_code"].tolist() == ["03201001001"]

    @pytest.mark.parametrize("key", ["3.201E+10", "0320100", "0320100100x", "", "0320100100123"])
    def test_what_is_no_key_code_refuses_the_file_with_row_and_column(self, tmp_path, key):
        with pytest.raises(FileFormatError, match="2 行目「KEY_CODE」") as refused:
            small_areas(
                tmp_path,
                area("032010010", cell(0, 0)),
                ({"KEY_CODE": key, "CITY": "201"}, cell(1, 0)),
                mapping={"name": "CITY"},
            )
        assert refused.value.details["row"] == 2

    def test_other_municipalities_are_skipped(self, tmp_path):
        result = small_areas(tmp_path, area("032010010", cell(0, 0)), area("032020010", cell(1, 0)))
        assert result.frame["key_code"].tolist() == ["032010010"]

    def test_water_surfaces_are_skipped(self, tmp_path):
        result = small_areas(
            tmp_path,
            area("032010010", cell(0, 0), HCODE="8101"),
            area("032010020", cell(0, 0), 0, 0, HCODE="8154"),
        )
        assert result.frame["key_code"].tolist() == ["032010010"]

    def test_the_census_year_is_known_from_the_serial_column(self, tmp_path):
        assert small_areas(tmp_path, area("032010010", cell(0, 0), R2KAxx="1")).as_of == date(2020, 10, 1)
        assert small_areas(tmp_path, area("032010010", cell(0, 0), H27KA03_="1")).as_of == date(2015, 10, 1)
        assert small_areas(tmp_path, area("032010010", cell(0, 0))).as_of is None

    def test_suppressed_figures_are_unknown_not_zero(self, tmp_path):
        result = small_areas(tmp_path, area("032010010", cell(0, 0), "X", "X"), area("032010020", cell(1, 0)))
        assert result.frame["people"].isna().tolist() == [True, False]
        assert any("人口のない小地域が 1 件" in note for note in result.report.notes)

    def test_areas_that_overlap_in_earnest_are_refused(self, tmp_path):
        with pytest.raises(FileFormatError, match="大きく重なっています"):
            small_areas(tmp_path, area("032010010", cell(0, 0, 2)), area("032010020", cell(1, 0, 2)))

    def test_one_unreadable_shape_refuses_the_file(self, tmp_path):
        with pytest.raises(FileFormatError, match="2 行目"):
            small_areas(tmp_path, area("032010010", cell(0, 0)), area("032010020", None))

    def test_a_negative_figure_refuses_the_file(self, tmp_path):
        with pytest.raises(FileFormatError, match="負の数"):
            small_areas(tmp_path, area("032010010", cell(0, 0), -1))

    def test_the_difference_to_the_outline_is_measured(self, tmp_path):
        outline = cell(0, 0, 2)
        result = small_areas(tmp_path, area("032010010", cell(0, 0)), context={"outline": outline})
        expected = area_m2(cell(1, 0), CITY) / 1e6
        assert result.report.totals["outline_difference_km2"] == pytest.approx(expected, rel=1e-4)


KEYS = {f"03201000{n}" for n in range(1, 5)}


def assignment(tmp_path, text, **context):
    return load("district-assignment", csv(tmp_path / "a.csv", text), context=context)


class TestDistrictAssignment:
    def test_numbers_and_confidence(self, tmp_path):
        result = assignment(
            tmp_path, "key_code,district_no,confidence\n032010001,1,sure\n032010002,２,推測\n"
        )
        assert result.frame.to_dict("list") == {
            "key_code": ["032010001", "032010002"],
            "district_no": [1, 2],
            "confidence": ["sure", "guess"],
        }
        assert result.report.totals["確からしさ「確か」の小地域"] == 1

    def test_without_confidence_it_is_official_and_said(self, tmp_path):
        result = assignment(tmp_path, "KEY_CODE,地区番号\n032010001,1\n")
        assert result.frame["confidence"].tolist() == ["official"]
        assert any("公式" in note for note in result.report.notes)

    def test_repetition_is_harmless_contradiction_is_not(self, tmp_path):
        head = "key_code,district_no,confidence\n032010001,1,sure\n"
        assert len(assignment(tmp_path, head + "032010001,1,sure\n").frame) == 1
        with pytest.raises(FileFormatError, match=r"3 行目.*2回以上") as refused:
            assignment(tmp_path, head + "032010001,2,sure\n")
        assert (refused.value.details["row"], refused.value.details["column"]) == (3, "key_code")

    def test_unknown_keys_refuse_the_file(self, tmp_path):
        with pytest.raises(FileFormatError, match="登録されている小地域にありません"):
            assignment(tmp_path, "key_code,district_no\n032010009,1\n032010001,1\n", small_area_keys=KEYS)

    def test_areas_without_a_district_are_reported(self, tmp_path):
        result = assignment(tmp_path, "key_code,district_no\n032010001,1\n", small_area_keys=KEYS)
        assert [item["value"] for item in result.report.unmatched] == ["032010002", "032010003", "032010004"]

    @pytest.mark.parametrize("number", ["0", "-1", "1.5", "仁王", "", "99999999999999"])
    def test_what_is_no_district_number(self, tmp_path, number):
        with pytest.raises(FileFormatError, match="2 行目"):
            assignment(tmp_path, f"key_code,district_no\n032010001,{number}\n")


def four_squares():
    shapes = [cell(0, 0), cell(1, 0), cell(0, 1), cell(1, 1)]
    return gpd.GeoDataFrame(
        {
            "key_code": sorted(KEYS),
            "name": None,
            "people": [1, 2, 4, 8],
            "households": [1, 1, 2, 3],
            "area_m2": [area_m2(shape, CITY) for shape in shapes],
        },
        geometry=shapes,
        crs=WGS84,
    ).rename_geometry("geom")


def assigned(*numbers):
    return pd.DataFrame(
        {"key_code": sorted(KEYS), "district_no": numbers, "confidence": ["sure", "sure", "likely", "guess"]}
    )


class TestDerivedDistricts:
    def test_small_areas_become_districts_with_their_names(self):
        facts = {
            1: {"name": "仁王", "kana": "におう", "aliases": ["仁 王"]},
            2: {"name": "桜城", "kana": None, "aliases": []},
        }
        frame = dissolve_districts(four_squares(), assigned(2, 2, 1, 1), facts)
        assert frame["district_no"].tolist() == [1, 2]
        assert frame["name"].tolist() == ["仁王", "桜城"]
        assert frame["aliases"].tolist() == [["仁 王"], []]
        assert frame.geometry.iloc[1].equals(cell(0, 0, 2))

    def test_a_district_nobody_named(self):
        assert dissolve_districts(four_squares(), assigned(1, 1, 7, 7), {})["name"].tolist() == [
            "地区1",
            "地区7",
        ]

    def derived(self, tmp_path, numbers, **context):
        lines = [
            f"{key},{number},{c}"
            for key, number, c in zip(
                sorted(KEYS), numbers, ["sure", "sure", "likely", "guess"], strict=False
            )
        ]
        read = assignment(
            tmp_path, "key_code,district_no,confidence\n" + "\n".join(lines) + "\n", small_area_keys=KEYS
        )
        return derive_districts(read, four_squares(), ReadContext(**context))

    def test_figures_are_complete_and_shares_are_told(self, tmp_path):
        result = self.derived(tmp_path, [1, 1, 2, 2], districts={1: "仁王", 2: "桜城"})
        totals = result.report.totals
        assert (result.kind, totals["people"], totals["households"], totals["districts"]) == (
            "districts",
            15,
            7,
            2,
        )
        assert totals["確からしさ「推測」の人口の割合（%）"] == pytest.approx(53.3)
        assert result.frame["name"].tolist() == ["仁王", "桜城"]
        assert result.report.unmatched == []

    def test_an_area_left_out_is_reported_with_its_people_missing(self, tmp_path):
        result = self.derived(tmp_path, [1, 1, 2], districts={1: "仁王", 2: "桜城"})
        assert result.report.totals["people"] == 7
        assert [item["value"] for item in result.report.unmatched] == [sorted(KEYS)[3]]

    def test_a_number_without_a_name_is_reported(self, tmp_path):
        result = self.derived(tmp_path, [1, 1, 9, 9], districts={1: "仁王"})
        assert [item["value"] for item in result.report.unmatched] == [9]

    def test_nothing_assigned_is_refused(self, tmp_path):
        read = assignment(tmp_path, "key_code,district_no\n032010077,1\n")
        with pytest.raises(InputError, match="どれとも合いません"):
            derive_districts(read, four_squares(), ReadContext())


class TestDistricts:
    def test_rows_of_one_number_are_united(self, tmp_path):
        rows = [
            ({"地区番号": "1", "地区名": "仁王", "よみ": "におう"}, cell(0, 0)),
            ({"地区番号": "2", "地区名": "桜城", "別名": "櫻城、さくら城"}, cell(1, 0)),
            ({"地区番号": "1", "地区名": "仁王"}, cell(5, 5)),
        ]
        frame = load("districts", geojson(tmp_path / "a.geojson", rows)).frame
        assert frame["district_no"].tolist() == [1, 2]
        assert frame["kana"].tolist() == ["におう", None]
        assert frame["aliases"].tolist() == [[], ["櫻城", "さくら城"]]
        assert len(frame.geometry.iloc[0].geoms) == 2

    def test_a_number_may_be_found_by_the_name(self, tmp_path):
        facts = {23: {"name": "簗川", "kana": "やながわ", "aliases": ["築川"]}}
        path = geojson(tmp_path / "a.geojson", [({"地区名": "築川"}, cell(0, 0))])
        frame = load("districts", path, context={"district_facts": facts, "districts": {23: "簗川"}}).frame
        assert (frame["district_no"].iloc[0], frame["kana"].iloc[0]) == (23, "やながわ")

    def test_an_unknown_name_without_a_number_refuses_the_file(self, tmp_path):
        with pytest.raises(FileFormatError, match="地区番号が分かりません"):
            load("districts", geojson(tmp_path / "a.geojson", [({"地区名": "架空"}, cell(0, 0))]))

    def test_two_names_for_one_number_refuse_the_file(self, tmp_path):
        rows = [
            ({"地区番号": "1", "地区名": "仁王"}, cell(0, 0)),
            ({"地区番号": "1", "地区名": "桜城"}, cell(1, 0)),
        ]
        with pytest.raises(FileFormatError, match="地区番号 1 に違う名前"):
            load("districts", geojson(tmp_path / "a.geojson", rows))

    def test_overlaps_gaps_and_missing_districts_are_reported(self, tmp_path):
        ring = cell(0, 0, 3, 3) - cell(1, 1)
        rows = [
            ({"地区番号": "1", "地区名": "仁王"}, ring),
            ({"地区番号": "2", "地区名": "桜城"}, cell(2, 0, 3)),
        ]
        report = load(
            "districts",
            geojson(tmp_path / "a.geojson", rows),
            context={"districts": {1: "仁王", 2: "桜城", 3: "上田"}},
        ).report
        assert (len(report.overlaps), len(report.gaps)) == (1, 1)
        assert [item["value"] for item in report.unmatched] == [3]
