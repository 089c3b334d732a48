"""People by age and by grid square, in the forms in which they are published."""

from __future__ import annotations

import pytest
from shapely import box

from kyodo_geo.errors import FileFormatError, InputError
from kyodo_geo.mesh import corners
from tests.unit.readers.files import csv, load

AREA, OTHER = "03201002001", "032010030"
ESTAT = (
    "KEY_CODE,HYOSYO,CITYNAME,HTKSYORI,T001082001,T001082002,T001082003,T001082004,T001082005,T001082006,T001082007\n"
    ",,,,　総数、年齢「不詳」含む,　総数０～４歳,　総数５～１４歳,　総数１５歳未満,　総数１５歳以上,　男の総数,　男０～４歳\n"
)


def figures(result) -> list[tuple[object, ...]]:
    return [
        (
            r.area_key,
            r.year,
            r.age_from,
            None if r.age_to is None or r.age_to != r.age_to else r.age_to,
            r.people,
        )
        for r in result.frame.replace({float("nan"): None}).astype(object).itertuples()
    ]


def ages(tmp_path, text: str, encoding: str = "utf-8", **options):
    return load("age-population", csv(tmp_path / "a.csv", text, encoding), **options)


class TestAges:
    def test_long_tables_by_label_or_by_numbers(self, tmp_path):
        labels = ages(tmp_path, f"KEY_CODE,年,年齢,人口\n{AREA},2020,0～4歳,5\n{AREA},令和2年,５歳以上,70\n")
        numbers = ages(
            tmp_path, f"KEY_CODE,年,年齢から,年齢まで,人口\n{AREA},2020,0,4,5\n{AREA},2020,5,,70\n"
        )
        assert labels.frame.drop(columns="geom", errors="ignore").equals(numbers.frame)
        assert labels.frame["age_to"].tolist()[0] == 4 and labels.frame["age_to"].isna().tolist() == [
            False,
            True,
        ]
        assert labels.frame["projected"].tolist() == [False, False]

    def test_wide_tables_of_e_stat_with_two_rows_of_headings(self, tmp_path):
        text = ESTAT + f"{AREA},3,盛岡市,0,100,10,20,30,68,48,5\n{OTHER},2,盛岡市,0,*,*,*,*,*,*,*\n"
        result = ages(tmp_path, text, "cp932", mapping={"year": "2020"})
        frame = result.frame
        assert frame["area_key"].tolist() == [AREA] * 3 + [OTHER] * 3
        assert frame["age_from"].tolist() == [0, 5, 15] * 2
        assert frame["people"].tolist()[:3] == [10, 20, 68]
        assert frame["people"].isna().tolist() == [False] * 3 + [True] * 3
        assert any("0〜14歳" in note for note in result.report.notes)
        assert any("合わない区域が 1" in note for note in result.report.notes)
        assert result.report.totals["2020年の人口"] == 98

    def test_a_dash_of_e_stat_is_nobody(self, tmp_path):
        text = ESTAT + f"{AREA},3,盛岡市,0,68,-,-,-,68,40,-\n"
        assert ages(tmp_path, text, mapping={"year": "2015"}).frame["people"].tolist() == [0, 0, 68]

    def test_men_and_women_are_added_where_no_sum_is_given(self, tmp_path):
        text = f"KEY_CODE,年,性別,年齢,人口\n{AREA},2020,男,0歳以上,40\n{AREA},2020,女,0歳以上,45\n"
        assert ages(tmp_path, text).frame["people"].tolist() == [85]
        with pytest.raises(FileFormatError, match="男女の片方"):
            ages(tmp_path, f"KEY_CODE,年,性別,年齢,人口\n{AREA},2020,男,0歳以上,40\n")

    def test_projections_by_year_in_the_heading_keep_their_fractions(self, tmp_path):
        text = "メッシュコード,2030年 0～14歳,2030年 15歳以上,2040年 0～14歳,2040年 15歳以上\n58416000,1.25,8.5,0.75,7.125\n"
        result = ages(tmp_path, text, format="projection")
        assert figures(result) == [
            ("58416000", 2030, 0, 14, 1.25), ("58416000", 2030, 15, None, 8.5),
            ("58416000", 2040, 0, 14, 0.75), ("58416000", 2040, 15, None, 7.125),
        ]  # fmt: skip
        assert set(result.frame["area_kind"]) == {"mesh"} and set(result.frame["projected"]) == {True}

    def test_the_sum_of_a_town_beside_its_chome_goes(self, tmp_path):
        text = f"KEY_CODE,年,0歳以上\n{AREA[:9]},2020,100\n{AREA},2020,60\n{OTHER},2020,7\n"
        result = ages(tmp_path, text)
        assert result.frame["area_key"].tolist() == [AREA, OTHER]

    def test_areas_that_are_not_loaded_are_named_and_left_out(self, tmp_path):
        text = f"KEY_CODE,年,0歳以上\n{AREA},2020,60\n{OTHER},2020,7\n"
        result = ages(tmp_path, text, context={"small_area_keys": {AREA}})
        assert result.frame["area_key"].tolist() == [AREA]
        assert [item["value"] for item in result.report.unmatched] == [OTHER]

    def test_people_of_unknown_age_are_counted(self, tmp_path):
        text = f"KEY_CODE,年,総数,0歳以上,年齢「不詳」\n{AREA},2020,63,60,3\n"
        result = ages(tmp_path, text)
        assert any("年齢不詳の 3 人" in note for note in result.report.notes)

    def test_classes_that_cut_each_other_refuse_the_file(self, tmp_path):
        with pytest.raises(FileFormatError, match="重なっています"):
            ages(tmp_path, f"KEY_CODE,年,0～14歳,10～19歳\n{AREA},2020,1,2\n")

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            (f"KEY_CODE,0歳以上\n{AREA},5\n", "調査年がありません"),
            (f"KEY_CODE,年,世帯数\n{AREA},2020,5\n", "年齢の列がありません"),
            (f"KEY_CODE,年,年齢\n{AREA},2020,0歳以上\n", "「人口」の列"),
            ("KEY_CODE,年,0歳以上\nx,2020,5\n", "KEY_CODE"),
            (f"KEY_CODE,年,年齢,人口\n{AREA},2020,子ども,5\n", "年齢の区分"),
            (f"KEY_CODE,年,0歳以上\n{AREA},2020,-7\n", "人数として読めません"),
            (f"KEY_CODE,年,年齢から,年齢まで,人口\n{AREA},2020,9,4,5\n", "上限が下限より"),
            ("メッシュコード,年,0歳以上\n99999999,2020,5\n", "メッシュコード"),
        ],
    )
    def test_what_cannot_be_read_is_said(self, tmp_path, text, reason):
        with pytest.raises((FileFormatError, InputError), match=reason):
            ages(tmp_path, text)

    def test_the_same_class_twice_counts_once(self, tmp_path):
        result = ages(tmp_path, f"KEY_CODE,年,年齢,人口\n{AREA},2020,0歳以上,5\n{AREA},2020,0歳以上,9\n")
        assert result.frame["people"].tolist() == [5]
        assert len(result.report.rejected) == 1


CELL, NEXT, FAR = "584160001", "584160002", "533900001"
MESH = (
    "KEY_CODE,HTKSYORI,HTKSAKI,GASSAN,T001101001,T001101002,T001101019\r\n"
    ",,,,　人口（総数）,　人口（総数）　男,　６５歳以上人口　総数\r\n"
)


def cells(tmp_path, text: str, encoding: str = "cp932", **options):
    options.setdefault("mapping", {"year": "2020"})
    return load("mesh-population", csv(tmp_path / "tblT001101S5841.txt", text, encoding), **options)


class TestMesh:
    def test_labels_decide_and_secret_figures_go_to_their_cell(self, tmp_path):
        text = MESH + f"{CELL},2,,{NEXT},50,25,12\r\n{NEXT},1,{CELL},,*,*,*\r\n584160003,0,,,7,3,-\r\n"
        result = cells(tmp_path, text)
        rows = result.frame.set_index("mesh_code")
        assert (rows.loc[CELL, "people"], rows.loc[CELL, "aged65"], rows.loc[CELL, "merged_into"]) == (
            50,
            12,
            None,
        )
        assert rows["people"].isna().tolist() == [False, True, False]
        assert rows.loc[NEXT, "merged_into"] == CELL
        assert rows.loc["584160003", "aged65"] == 0
        assert set(rows["year"]) == {2020}
        assert rows.loc[CELL, "geom"].equals(box(*corners(CELL)))
        assert result.report.totals["2020年の人口"] == 57 and result.report.totals["secret_cells"] == 1

    def test_cells_of_other_cities_are_passed_over(self, tmp_path):
        west, south, east, north = corners(CELL)
        around = box(west - 0.001, south - 0.001, east + 0.001, north + 0.001)
        result = cells(
            tmp_path,
            MESH + f"{CELL},0,,,50,25,12\r\n{NEXT},0,,,9,5,2\r\n{FAR},0,,,9,5,2\r\n",
            context={"outline": around},
        )
        assert result.frame["mesh_code"].tolist() == [CELL]
        assert any("市域の外にあるメッシュ 2 件" in note for note in result.report.notes)

    def test_a_target_that_is_not_there_is_told(self, tmp_path):
        result = cells(tmp_path, MESH + f"{CELL},0,,,50,25,12\r\n{NEXT},1,584160004,,*,*,*\r\n")
        assert [item["value"] for item in result.report.unmatched] == ["584160004"]

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ("584168009,0,,,1,1,0", "メッシュコード"),
            (f"{NEXT},0,,,5,2,9", "総数より多く"),
            (f"{NEXT},0,,,-5,2,1", "負の数"),
            (f"{NEXT},1,{NEXT},,*,*,*", "自分自身"),
            (f"{CELL},0,,,5,2,1", "すでに"),
            ("<b>,0,,,1,1,0", "メッシュコード"),
        ],
    )
    def test_a_row_that_cannot_be_is_left_out_alone(self, tmp_path, line, reason):
        result = cells(tmp_path, MESH + f"{CELL},0,,,50,25,12\r\n{line}\r\n")
        assert len(result.frame) == 1
        assert reason in result.report.rejected[0].reason_ja

    def test_one_size_and_one_year_are_needed(self, tmp_path):
        with pytest.raises(FileFormatError, match="大きさが混ざっています"):
            cells(tmp_path, MESH + f"{CELL},0,,,50,25,12\r\n58416000,0,,,7,3,1\r\n")
        with pytest.raises(FileFormatError, match="調査年がありません"):
            cells(tmp_path, MESH + f"{CELL},0,,,50,25,12\r\n", mapping=None)
        with pytest.raises(FileFormatError, match=r"year=2020"):
            cells(tmp_path, MESH + f"{CELL},0,,,50,25,12\r\n", mapping={})

    def test_a_plain_table_with_a_column_of_years(self, tmp_path):
        text = f"メッシュコード,調査年,人口,65歳以上人口\n{CELL},2015,4,1\n{CELL},2020,5,2\n"
        result = cells(tmp_path, text, "utf-8", mapping=None)
        assert result.frame[["year", "people"]].to_numpy().tolist() == [[2015, 4], [2020, 5]]
