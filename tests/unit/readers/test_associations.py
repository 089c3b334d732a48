"""Associations, their districts, rules and membership; the register's population."""

from __future__ import annotations

from datetime import date

import pytest

from geodata.readers.association_rules import span, spans
from kyodo_geo.errors import FileFormatError, InputError
from tests.unit.readers.files import cell, csv, geojson, load


def rows(result):
    frame = result.frame
    return frame.drop(columns="geom", errors="ignore").to_dict("records")


class TestAssociations:
    def test_a_list_of_names_without_areas(self, tmp_path):
        path = csv(
            tmp_path / "a.csv",
            "町内会番号,町内会名,区域,種別\n001,城北町内会,みたけ三丁目全域,町内会\n002,城北マンション,,マンション\n",
        )
        result = load("associations", path)
        assert [row["association_id"] for row in rows(result)] == ["001", "002"]
        assert [row["kind"] for row in rows(result)] == ["association", "building"]
        assert result.frame["area_text"].tolist() == ["みたけ三丁目全域", None]
        assert result.frame.geometry.isna().all()

    def test_without_a_number_the_id_follows_from_the_name_and_stays(self, tmp_path):
        one = load("associations", csv(tmp_path / "a.csv", "町内会名\n城北町内会\n上田町内会\n"))
        two = load(
            "associations", csv(tmp_path / "b.csv", "町内会名\n上田町内会\n新しい町内会\n城北町内会\n")
        )
        ids = dict(zip(one.frame["name"], one.frame["association_id"], strict=True))
        again = dict(zip(two.frame["name"], two.frame["association_id"], strict=True))
        assert ids["城北町内会"] == again["城北町内会"]
        assert len(set(again.values())) == 3
        assert any("--map association_id=" in note for note in one.report.notes)

    def test_parts_of_one_association_are_united(self, tmp_path):
        path = geojson(
            tmp_path / "a.geojson", [({"自治会名": "城北"}, cell(0, 0)), ({"自治会名": "城北"}, cell(5, 0))]
        )
        result = load("associations", path)
        assert len(result.frame.geometry.iloc[0].geoms) == 2
        assert result.report.duplicates[0]["name"] == "城北"

    def test_one_number_with_two_names(self, tmp_path):
        path = csv(tmp_path / "a.csv", "町内会番号,町内会名\n001,城北町内会\n001,上田町内会\n")
        result = load("associations", path)
        assert [row["name"] for row in rows(result)] == ["城北町内会"]
        assert (result.report.rejected[0].row, result.report.rejected[0].reason_ja) == (
            3,
            "同じ番号に、違う名前が付いています。",
        )

    @pytest.mark.parametrize("bad", ["<script>", "a b", "町会１", "x" * 41])
    def test_what_is_no_number(self, tmp_path, bad):
        path = csv(tmp_path / "a.csv", f"町内会番号,町内会名\n001,甲\n{bad},乙\n")
        assert load("associations", path).report.rejected[0].column == "町内会番号"


CONTEXT = {"association_ids": {"a1", "a2", "a3"}, "districts": {1: "仁王", 2: "桜城"}}


class TestDistrictsOfAssociations:
    def test_the_list(self, tmp_path):
        result = load(
            "association-districts",
            csv(tmp_path / "a.csv", "町内会番号,地区番号\na1,1\na2,2\n"),
            context=CONTEXT,
        )
        assert rows(result) == [
            {"association_id": "a1", "district_no": 1},
            {"association_id": "a2", "district_no": 2},
        ]
        assert [item["value"] for item in result.report.unmatched] == ["a3"]

    @pytest.mark.parametrize("row", ["a9,1", "a2,9", "a1,2"])
    def test_unknown_or_repeated_rows_are_left_out(self, tmp_path, row):
        path = csv(tmp_path / "a.csv", f"町内会番号,地区番号\na1,1\n{row}\n")
        result = load("association-districts", path, context=CONTEXT)
        assert len(result.frame) == 1
        assert result.report.rejected[0].row == 3


class TestRules:
    HEAD = "町内会番号,区分,町名,小字,番,号\n"

    def rules(self, tmp_path, *lines, **context):
        path = csv(tmp_path / "a.csv", self.HEAD + "\n".join(lines) + "\n")
        return load("association-rules", path, context=context)

    def test_whole_part_and_except(self, tmp_path):
        found = rows(
            self.rules(
                tmp_path, "a1,全域,みたけ3丁目,,,", "a1,一部,みたけ4丁目,,1～5,", "a1,除く,みたけ4丁目,,3,2-8"
            )
        )
        assert [
            (
                r["rule_no"],
                r["kind"],
                r["town"],
                r["block_from"],
                r["block_to"],
                r["house_from"],
                r["house_to"],
            )
            for r in found
        ] == [
            (1, "whole", "みたけ三丁目", None, None, None, None),
            (2, "part", "みたけ四丁目", 1, 5, None, None),
            (3, "except", "みたけ四丁目", 3, 3, 2, 8),
        ]

    def test_one_cell_with_several_blocks_becomes_several_rules(self, tmp_path):
        found = rows(self.rules(tmp_path, "a1,,北山1丁目,,10・13~21・33番,", "a2,,内丸,,,"))
        assert [
            (r["association_id"], r["rule_no"], r["kind"], r["block_from"], r["block_to"]) for r in found
        ] == [
            ("a1", 1, "part", 10, 10),
            ("a1", 2, "part", 13, 21),
            ("a1", 3, "part", 33, 33),
            ("a2", 1, "whole", None, None),
        ]

    @pytest.mark.parametrize("written", ["下飯岡8地割", "下飯岡第八地割", "下飯岡字8地割"])
    def test_towns_are_written_in_one_form(self, tmp_path, written):
        assert rows(self.rules(tmp_path, f"a1,,{written},,,"))[0]["town"] == "下飯岡第8地割"

    def test_from_and_to_in_columns_of_their_own(self, tmp_path):
        path = csv(
            tmp_path / "a.csv",
            "町内会番号,町名,番から,番まで,号から,号まで\na1,内丸,3,3,18,31\na2,内丸,4,18,,\n",
        )
        found = rows(load("association-rules", path))
        assert [(r["block_from"], r["block_to"], r["house_from"], r["house_to"]) for r in found] == [
            (3, 3, 18, 31),
            (4, 18, None, None),
        ]

    @pytest.mark.parametrize(
        "line",
        [
            "a1,全域,内丸,,1～5,",
            "a1,一部,内丸,,,",
            "a1,,内丸,,9～3,",
            "a1,,内丸,,1～5,2",
            "a1,,内丸,,あれこれ,",
            "a1,,,,,",
            "a1,たぶん,内丸,,,",
        ],
    )
    def test_rules_that_contradict_themselves_are_left_out(self, tmp_path, line):
        result = self.rules(tmp_path, "a0,,内丸,,,", line)
        assert [row["association_id"] for row in rows(result)] == ["a0"]
        assert result.report.rejected[0].row == 3

    def test_an_unknown_town_is_reported_and_kept(self, tmp_path):
        result = self.rules(tmp_path, "a1,,みたけ3丁目,,,", "a1,,新町9丁目,,,", town_names={"みたけ三丁目"})
        assert len(result.frame) == 2
        assert [item["value"] for item in result.report.unmatched] == ["新町九丁目"]

    def test_an_unknown_association_is_left_out(self, tmp_path):
        result = self.rules(tmp_path, "a1,,内丸,,,", "zz,,内丸,,,", association_ids={"a1"})
        assert len(result.frame) == 1

    @pytest.mark.parametrize(
        ("written", "value"),
        [
            ("5", (5, 5)),
            ("１～５", (1, 5)),
            ("1番から5番まで", (1, 5)),
            ("3番", (3, 3)),
            ("13〜21", (13, 21)),
            ("1-5", (1, 5)),
        ],
    )
    def test_spans(self, written, value):
        assert span(written) == value

    def test_several_spans(self):
        assert spans("10・13~21、33番") == [(10, 10), (13, 21), (33, 33)]

    @pytest.mark.parametrize("written", ["5-1", "甲", "1-2-3", "-", "1234567"])
    def test_what_is_no_span(self, written):
        with pytest.raises(InputError):
            span(written)


class TestMembership:
    HEAD = "町内会番号,年度,世帯数,加入世帯数,世帯数の種類,世帯数の時点\n"

    def membership(self, tmp_path, *lines, **context):
        return load(
            "membership", csv(tmp_path / "a.csv", self.HEAD + "\n".join(lines) + "\n"), context=context
        )

    def test_one_row_per_association_and_year(self, tmp_path):
        result = self.membership(
            tmp_path, 'a1,令和元年度,"1,000",875,住民基本台帳,令和元年5月1日', "a1,2020,1010,880,,"
        )
        assert rows(result)[0] == {
            "association_id": "a1",
            "fiscal_year": 2019,
            "households": 1000,
            "member_households": 875,
            "denominator": "register",
            "denominator_as_of": date(2019, 5, 1),
            "denominator_source": None,
        }
        assert rows(result)[1]["denominator"] == "reported"
        assert any("加入率 87.5 %" in note for note in result.report.notes)

    def test_more_members_than_households_are_refused_not_cut(self, tmp_path):
        result = self.membership(tmp_path, "a1,2019,100,90,,", "a2,2019,100,101,,")
        assert [row["association_id"] for row in rows(result)] == ["a1"]
        assert "多くなっています" in result.report.rejected[0].reason_ja

    def test_the_same_year_twice(self, tmp_path):
        result = self.membership(tmp_path, "a1,2019,100,90,,", "a1,令和元年度,100,80,,")
        assert rows(result)[0]["member_households"] == 90
        assert result.report.duplicates[0]["fiscal_year"] == 2019

    @pytest.mark.parametrize(
        "line", ["a1,2019,-5,1,,", "a1,昭和99年度,5,1,,", "a1,2019,五,1,,", "a1,2019,5,1,勘,", "a1,,5,1,,"]
    )
    def test_unreadable_rows_are_left_out(self, tmp_path, line):
        result = self.membership(tmp_path, "a0,2019,100,90,,", line)
        assert len(result.frame) == 1
        assert result.report.rejected[0].row == 3

    def test_an_unknown_association_is_reported(self, tmp_path):
        result = self.membership(tmp_path, "a1,2019,100,90,,", "zz,2019,100,90,,", association_ids={"a1"})
        assert [item["value"] for item in result.report.unmatched] == ["zz"]


class TestRegisterPopulation:
    def test_by_town(self, tmp_path):
        path = csv(
            tmp_path / "a.csv",
            "町名,基準日,世帯数,人口総数\nみたけ3丁目,2024-01-01,10,25\n内丸,2024-01-01,5,9\n",
        )
        result = load("register-population", path, context={"town_names": {"みたけ三丁目"}})
        assert [(row["area_kind"], row["area_key"], row["people"]) for row in rows(result)] == [
            ("town", "みたけ三丁目", 25),
            ("town", "内丸", 9),
        ]
        assert result.as_of == date(2024, 1, 1)
        assert [item["value"] for item in result.report.unmatched] == ["内丸"]

    def test_by_district_and_city(self, tmp_path):
        path = csv(
            tmp_path / "a.csv",
            "区分,区域,基準日,世帯数,人口\n市,03201,令和6年1月1日,138499,\n地区,1,令和6年1月1日,10,20\n",
        )
        found = rows(load("register-population", path, context={"districts": {1: "仁王"}}))
        assert [(row["area_kind"], row["area_key"], row["households"]) for row in found] == [
            ("city", "03201", 138499),
            ("district", "1", 10),
        ]

    @pytest.mark.parametrize(
        ("heading", "key", "kind"), [("KEY_CODE", "032010010", "small-area"), ("地区番号", "1", "district")]
    )
    def test_the_heading_tells_the_kind_of_area(self, tmp_path, heading, key, kind):
        path = csv(tmp_path / "a.csv", f"{heading},基準日,人口\n{key},2024-01-01,25\n")
        assert rows(load("register-population", path))[0]["area_kind"] == kind

    def test_a_row_without_figures_says_nothing(self, tmp_path):
        path = csv(tmp_path / "a.csv", "町名,基準日,世帯数,人口\n内丸,2024-01-01,,\n上田,2024-01-01,1,1\n")
        assert len(load("register-population", path).frame) == 1

    def test_no_day_no_load(self, tmp_path):
        with pytest.raises(FileFormatError, match="基準日"):
            load("register-population", csv(tmp_path / "a.csv", "町名,世帯数\n内丸,5\n"))
