"""Town names from different publishers, and their blocks and lots."""

from __future__ import annotations

import json
from datetime import date

import pytest

from kyodo_geo.errors import FileFormatError
from tests.unit.readers.files import csv, load, zipped

GAIKU_HEAD = (
    '"都道府県名","市区町村名","大字・丁目名","小字・通称名","街区符号・地番","座標系番号","Ｘ座標","Ｙ座標","緯度",'
    '"経度","住居表示フラグ","代表フラグ","更新前履歴フラグ","更新後履歴フラグ"\r\n'
)


def geolonia(tmp_path, *rows, name="03201.json"):
    path = tmp_path / name
    entries = [{"town": town, "koaza": koaza, "lat": lat, "lng": lng} for town, koaza, lng, lat in rows]
    path.write_text(json.dumps(entries, ensure_ascii=False), encoding="utf-8")
    return path


def names_only(tmp_path, *rows):
    path = tmp_path / "names.json"
    entries = [
        {"code": f"03201{number:07d}", "names": [[1, "岩手県"], [3, "盛岡市"], *parts]}
        for number, parts in enumerate(rows, start=1)
    ]
    path.write_text(json.dumps(entries, ensure_ascii=False), encoding="utf-8")
    return path


def gaiku(tmp_path, *rows, encoding="cp932", name="03_2023.csv"):
    lines = [
        f'"岩手県","{city}","{town}","{koaza}","{number}","10","0","0","{lat}","{lon}","{block}","{main}","{former}","0"\r\n'
        for city, town, koaza, number, lon, lat, block, main, former in rows
    ]
    return csv(tmp_path / name, GAIKU_HEAD + "".join(lines), encoding)


def by_name(result):
    return {(row["name"], row["koaza"]): row for row in result.frame.to_dict("records")}


class TestNames:
    @pytest.mark.parametrize(
        ("town", "koaza", "name", "oaza", "chome", "jiwari", "level"),
        [
            ("内丸", "", "内丸", "内丸", None, None, "oaza"),
            ("みたけ三丁目", "", "みたけ三丁目", "みたけ", 3, None, "chome"),
            ("みたけ３丁目", "", "みたけ三丁目", "みたけ", 3, None, "chome"),
            ("下飯岡", "八地割", "下飯岡第8地割", "下飯岡", None, 8, "jiwari"),
            ("川目", "第十一地割", "川目第11地割", "川目", None, 11, "jiwari"),
            ("西見前", "第一〇地割", "西見前第10地割", "西見前", None, 10, "jiwari"),
            ("渋民", "字鶴塚", "渋民", "渋民", None, None, "koaza"),
            ("十二丁目", "", "十二丁目", "十二丁目", None, None, "oaza"),
            ("流通センター北一丁目", "", "流通センター北一丁目", "流通センター北", 1, None, "chome"),
            ("三ツ割", "", "三ツ割", "三ツ割", None, None, "oaza"),
        ],
    )
    def test_one_official_form(self, tmp_path, town, koaza, name, oaza, chome, jiwari, level):
        (row,) = load("towns", geolonia(tmp_path, (town, koaza, 141.1, 39.7))).frame.to_dict("records")
        assert (row["name"], row["oaza"], row["level"]) == (name, oaza, level)
        assert (row["chome"], row["jiwari"]) == (chome, jiwari)
        assert row["koaza"] == ("鶴塚" if level == "koaza" else None)

    def test_the_printed_spelling_stays_as_an_alias(self, tmp_path):
        result = load(
            "towns", geolonia(tmp_path, ("下飯岡", "八地割", 141.1, 39.7), ("内丸", "", 141.1, 39.7))
        )
        assert result.frame["aliases"].tolist() == [["下飯岡八地割"], []]

    def test_two_places_of_like_names_stay_two(self, tmp_path):
        result = load("towns", geolonia(tmp_path, ("永井", "", 141.1, 39.7), ("玉山永井", "", 141.2, 39.9)))
        assert result.frame["name"].tolist() == ["永井", "玉山永井"]

    def test_the_same_town_twice_is_reported_and_merged(self, tmp_path):
        path = geolonia(tmp_path, ("下飯岡", "八地割", 141.1, 39.7), ("下飯岡", "第８地割", 141.2, 39.7))
        result = load("towns", path)
        assert result.frame["name"].tolist() == ["下飯岡第8地割"]
        assert result.frame["aliases"].tolist() == [["下飯岡八地割", "下飯岡第８地割"]]
        assert result.report.duplicates[0]["row"] == 2

    def test_places_that_one_file_tells_apart_by_kana_stay_apart(self, tmp_path):
        path = geolonia(tmp_path, ("赤井町", "い", 141.1, 39.7), ("赤井町", "イ", 141.2, 39.7))
        result = load("towns", path)
        assert result.frame["koaza"].tolist() == ["い", "イ"]
        assert result.report.duplicates == []


class TestNamesWithoutPoints:
    def test_levels(self, tmp_path):
        path = names_only(
            tmp_path,
            [[5, "青山"], [5, "一丁目"]],
            [[5, "上田"], [6, "字狐森"]],
            [[5, "川目"], [6, "第１１地割"]],
        )
        result = load("towns", path)
        assert list(by_name(result)) == [("青山一丁目", None), ("上田", "狐森"), ("川目第11地割", None)]
        assert result.frame.geometry.isna().all()
        assert result.frame["town_id"].tolist()[0] == "032010000001"

    def test_a_koaza_without_oaza_is_no_town(self, tmp_path):
        result = load("towns", names_only(tmp_path, [[5, "内丸"]], [[6, "南"]]))
        assert result.frame["name"].tolist() == ["内丸"]
        assert (result.report.rows_read, result.report.rejected[0].value) == (2, "南")

    def test_names_of_an_abolished_ward_become_aliases_of_todays(self, tmp_path):
        result = load(
            "towns",
            names_only(
                tmp_path,
                [[5, "芋田"]],
                [[5, "芋田"], [6, "字武道"]],
                [[5, "玉山永井"]],
                [[5, "永井"]],
                [[5, "玉山区芋田"], [6, "字武道"]],
                [[5, "玉山区永井"]],
            ),
        )
        towns = by_name(result)
        assert list(towns) == [("芋田", None), ("芋田", "武道"), ("玉山永井", None), ("永井", None)]
        assert towns["玉山永井", None]["aliases"] == ["玉山区永井"]
        assert towns["永井", None]["aliases"] == []
        assert towns["芋田", "武道"]["aliases"] == ["玉山区芋田字武道"]
        assert towns["芋田", None]["aliases"] == ["玉山区芋田"]
        assert towns["玉山永井", None]["former_names"] == [
            {"name": "玉山区永井", "valid_from": None, "valid_to": None}  # this list knows no days
        ]
        assert towns["永井", None]["former_names"] == []

    def test_a_ward_that_still_stands_is_a_name(self, tmp_path):
        assert by_name(load("towns", names_only(tmp_path, [[5, "西区中央"]])))

    def test_broken_levels_are_refused_with_their_row(self, tmp_path):
        path = tmp_path / "names.json"
        path.write_text(json.dumps([{"code": "032010000001", "names": [[5]]}]), encoding="utf-8")
        with pytest.raises(FileFormatError, match="1 件目の names"):
            load("towns", path)


class TestMerging:
    def test_a_second_file_adds_what_the_first_lacks(self, tmp_path):
        points = geolonia(tmp_path, ("内丸", "", 141.1, 39.7))
        names = names_only(tmp_path, [[5, "内丸"]], [[5, "上田"]])
        towns = by_name(load("towns", points, names))
        assert towns["内丸", None]["town_id"] == "032010000001"
        assert towns["内丸", None]["geom"].x == 141.1
        assert towns["上田", None]["geom"] is None

    def test_another_spelling_of_a_second_publisher(self, tmp_path):
        towns = by_name(
            load(
                "towns",
                geolonia(tmp_path, ("緑が丘", "", 141.1, 39.7)),
                names_only(tmp_path, [[5, "緑ヶ丘"]]),
            )
        )
        assert towns["緑が丘", None]["aliases"] == ["緑ヶ丘"]
        assert len(towns) == 1

    def test_one_place_that_publishers_cut_differently(self, tmp_path):
        points = geolonia(tmp_path, ("上太田三枚橋", "", 141.1, 39.7))
        names = names_only(tmp_path, [[5, "上太田"], [6, "字三枚橋"]])
        towns = by_name(load("towns", points, names))
        assert list(towns) == [("上太田三枚橋", None)]
        assert towns["上太田三枚橋", None]["aliases"] == ["上太田字三枚橋"]

    def test_a_prefix_that_one_publisher_leaves_out(self, tmp_path):
        points = geolonia(tmp_path, ("池島", "", 141.1, 39.7))
        towns = by_name(load("towns", points, names_only(tmp_path, [[5, "大字池島"]])))
        assert list(towns) == [("池島", None)]
        assert towns["池島", None]["aliases"] == ["大字池島"]

    def test_a_prefix_that_tells_two_places_apart(self, tmp_path):
        points = geolonia(tmp_path, ("永井", "", 141.1, 39.65), ("大字永井", "", 141.2, 39.9))
        result = load("towns", points, names_only(tmp_path, [[5, "永井"]]))
        assert result.frame["name"].tolist() == ["永井", "大字永井"]
        assert result.report.duplicates == []
        assert by_name(result)["永井", None]["town_id"] == "032010000001"

    def test_an_oaza_reaches_to_its_farthest_part(self, tmp_path):
        towns = by_name(
            load(
                "towns",
                geolonia(
                    tmp_path,
                    ("上田", "", 141.1, 39.7),
                    ("上田", "狐森", 141.1, 39.75),
                    ("内丸", "", 141.1, 39.7),
                ),
            )
        )
        assert towns["上田", None]["accuracy_m"] == pytest.approx(5550, rel=0.01)
        assert towns["上田", "狐森"]["accuracy_m"] == towns["内丸", None]["accuracy_m"] == 635


class TestRegistry:
    TOWN = (
        "lg_code,machiaza_id,oaza_cho,oaza_cho_kana,chome,chome_kana,koaza,koaza_kana,efct_date,ablt_date,post_code\n"
        "032018,0226003,みたけ,ミタケ,３丁目,３チョウメ,,,1967-01-01,,0200122\n"
        "032018,0029101,乙部,オトベ,,,第８地割,ダイ８チワリ,1947-04-17,,\n"
        "032018,0000101,,,,,南,ミナミ,1947-04-17,,\n"
        "032018,0999000,旧町,キュウチョウ,,,,,1947-04-17,2006-01-10,\n"
        "032026,0001000,よその町,ヨソ,,,,,1947-04-17,,\n"
    )
    POS = (
        "lg_code,machiaza_id,rsdt_addr_flg,rep_lon,rep_lat,rep_srid\n"
        "032018,0226003,1,141.1,39.7,EPSG:4612\n"
        "032018,0029101,0,141.2,39.6,EPSG:6668\n"
    )

    def test_attributes_and_points_are_joined(self, tmp_path):
        towns = by_name(
            load("towns", csv(tmp_path / "town.csv", self.TOWN), csv(tmp_path / "pos.csv", self.POS))
        )
        mitake = towns["みたけ三丁目", None]
        assert (mitake["town_id"], mitake["kana"], mitake["postal_code"]) == (
            "032010226003",
            "ミタケ３チョウメ",
            "0200122",
        )
        assert (mitake["geom"].x, mitake["valid_from"]) == (141.1, date(1967, 1, 1))
        assert towns["乙部第8地割", None]["geom"].x == 141.2
        assert towns["旧町", None]["valid_to"] == date(2006, 1, 10)
        assert ("よその町", None) not in towns

    def test_a_former_name_has_the_days_of_its_own_row(self, tmp_path):
        more = (
            "032018,0300000,芋田,イモダ,,,,,2016-01-01,,\n"
            "032018,0300900,玉山区芋田,,,,,,2006-01-10,2016-01-01,\n"
        )
        (town,) = [
            town
            for (name, _), town in by_name(
                load("towns", csv(tmp_path / "town.csv", self.TOWN + more))
            ).items()
            if name == "芋田"
        ]
        assert town["former_names"] == [
            {"name": "玉山区芋田", "valid_from": "2006-01-10", "valid_to": "2016-01-01"}
        ]
        assert town["aliases"] == ["玉山区芋田"]
        assert town["valid_to"] is None

    def test_a_koaza_without_oaza_needs_a_point_or_a_postal_code(self, tmp_path):
        alone = load("towns", csv(tmp_path / "town.csv", self.TOWN))
        assert ("南", None) not in by_name(alone)
        located = self.POS + "032018,0000101,0,141.1,39.71,EPSG:6668\n"
        found = load("towns", csv(tmp_path / "town.csv", self.TOWN), csv(tmp_path / "pos.csv", located))
        assert by_name(found)["南", None]["level"] == "oaza"

    @pytest.mark.parametrize("order", [(0, 1), (1, 0)])
    def test_the_order_of_the_two_files_does_not_matter(self, tmp_path, order):
        files = (csv(tmp_path / "town.csv", self.TOWN), csv(tmp_path / "pos.csv", self.POS))
        assert load("towns", *(files[n] for n in order), format=None).report.totals["with_point"] == 2

    def test_points_alone_ask_for_the_names(self, tmp_path):
        with pytest.raises(FileFormatError, match="mt_town"):
            load("towns", csv(tmp_path / "pos.csv", self.POS), format="abr-town-pos")

    def test_two_files_that_do_not_belong_together(self, tmp_path):
        other = "lg_code,machiaza_id,rep_lon,rep_lat,rep_srid\n032018,7777777,141.1,39.7,EPSG:6668\n"
        with pytest.raises(FileFormatError, match="組ではありません"):
            load("towns", csv(tmp_path / "town.csv", self.TOWN), csv(tmp_path / "pos.csv", other))

    @pytest.mark.parametrize("srid", ["", "EPSG:4301", "EPSG:6668"])
    def test_every_point_names_its_own_system(self, tmp_path, srid):
        pos = f"lg_code,machiaza_id,rep_lon,rep_lat,rep_srid\n032018,0226003,141.1,39.7,{srid}\n"
        towns = by_name(load("towns", csv(tmp_path / "town.csv", self.TOWN), csv(tmp_path / "pos.csv", pos)))
        moved = abs(towns["みたけ三丁目", None]["geom"].x - 141.1)
        assert (moved > 0.003) is (srid == "EPSG:4301")


class TestPositionReference:
    def test_towns_from_a_zip_with_backslash_names(self, tmp_path):
        table = (
            '"都道府県コード","都道府県名","市区町村コード","市区町村名","大字町丁目コード","大字町丁目名","緯度","経度"\r\n'
            '"03","岩手県","03201","盛岡市","032010001001","みたけ三丁目","39.7","141.1"\r\n'
            '"03","岩手県","03202","宮古市","032020001001","よその町","39.6","141.9"\r\n'
        )
        archive = zipped(tmp_path / "03000-17.0b.zip", {"03000-17.0b\\03_2023.csv": table.encode("cp932")})
        (row,) = load("towns", archive, format="isj-oaza").frame.to_dict("records")
        assert (row["town_id"], row["name"], row["geom"].y) == ("isj-032010001001", "みたけ三丁目", 39.7)

    ROWS = (
        ("盛岡市", "みたけ三丁目", "", "1", 141.1000, 39.7000, 1, 0, 0),
        ("盛岡市", "みたけ三丁目", "", "1", 141.1001, 39.7001, 1, 1, 0),
        ("盛岡市", "みたけ三丁目", "", "2", 141.1010, 39.7000, 1, 1, 0),
        ("盛岡市", "みたけ三丁目", "", "9", 141.1020, 39.7000, 1, 1, 1),
        ("盛岡市", "下飯岡", "８地割", "48", 141.1000, 39.6000, 0, 1, 0),
        ("盛岡市", "渋民", "鶴塚", "55-1", 141.1200, 39.7200, 0, 1, 0),
    )

    def test_blocks(self, tmp_path):
        result = load("blocks", gaiku(tmp_path, *self.ROWS))
        assert result.frame[["town", "block", "house"]].values.tolist() == [
            ["みたけ三丁目", "1", None],
            ["みたけ三丁目", "2", None],
        ]
        assert result.frame.geometry.iloc[0].x == 141.1001
        assert any("更新前の履歴 1 行" in note for note in result.report.notes)

    def test_lots(self, tmp_path):
        result = load("lots", gaiku(tmp_path, *self.ROWS))
        assert result.frame[["town", "koaza", "lot"]].values.tolist() == [
            ["下飯岡第8地割", None, "48"],
            ["渋民", "鶴塚", "55-1"],
        ]

    def test_towns_of_the_finer_level(self, tmp_path):
        towns = by_name(load("towns", gaiku(tmp_path, *self.ROWS), format="isj-gaiku"))
        assert list(towns) == [("みたけ三丁目", None), ("下飯岡第8地割", None), ("渋民", "鶴塚")]
        assert towns["みたけ三丁目", None]["geom"].x in (141.1, 141.1001, 141.101)

    def test_undecodable_bytes_cost_one_row(self, tmp_path):
        path = gaiku(tmp_path, *self.ROWS)
        path.write_bytes(path.read_bytes().replace("鶴塚".encode("cp932"), b"\xfe\xff"))
        result = load("lots", path)
        assert (len(result.frame), result.report.rejected[0].row) == (1, 7)

    def test_a_file_of_several_cities_needs_the_name(self, tmp_path):
        other = ("宮古市", "夏屋", "", "10", 141.9, 39.6, 1, 1, 0)
        path = gaiku(tmp_path, *self.ROWS, other)
        with pytest.raises(FileFormatError, match="2 の市区町村"):
            load("blocks", path)
        assert len(load("blocks", path, context={"municipality_name": "盛岡市"}).frame) == 2
        with pytest.raises(FileFormatError, match="宮古市"):
            load("blocks", path, context={"municipality_name": "滝沢市"})

    def test_a_lot_far_from_the_others_of_its_town_is_left_out(self, tmp_path):
        near = [("盛岡市", "渋民", "鶴塚", str(n), 141.12 + n / 10000, 39.72, 0, 1, 0) for n in range(1, 6)]
        far = ("盛岡市", "渋民", "鶴塚", "99", 141.12, 39.60, 0, 1, 0)
        result = load("lots", gaiku(tmp_path, *near, far))
        assert len(result.frame) == 5
        assert "離れすぎ" in result.report.rejected[0].reason_ja

    def test_a_wide_valley_keeps_its_ends(self, tmp_path):
        spread = [("盛岡市", "薮川", "", str(n), 141.1 + n / 50, 39.8, 0, 1, 0) for n in range(8)]
        assert len(load("lots", gaiku(tmp_path, *spread)).frame) == 8

    def test_an_unknown_town_is_reported(self, tmp_path):
        result = load("lots", gaiku(tmp_path, *self.ROWS), context={"town_names": {"渋民"}})
        assert [item["value"] for item in result.report.unmatched] == ["下飯岡第8地割"]

    def test_the_wrong_format_is_named(self, tmp_path):
        with pytest.raises(FileFormatError, match="abr-parcel"):
            load("lots", gaiku(tmp_path, *self.ROWS), format="abr-parcel")
        with pytest.raises(FileFormatError, match="「isj-gaiku」のようです"):
            load("towns", gaiku(tmp_path, *self.ROWS), format="geolonia")


class TestHouseNumbersAndParcels:
    IDS = "lg_code,machiaza_id,blk_id,rsdt_id,rsdt2_id"
    HOUSES = (
        f"{IDS},oaza_cho,chome,koaza,blk_num,rsdt_num,rsdt_num2,ablt_date\n"
        "032018,0226003,001,001,,みたけ,３丁目,,1,1,,\n"
        "032018,0226003,001,002,003,みたけ,３丁目,,1,2,3,\n"
        "032018,0226003,001,004,,みたけ,３丁目,,1,4,,2020-01-01\n"
    )
    HOUSES_POS = (
        f"{IDS},rep_lon,rep_lat,rep_srid\n"
        "032018,0226003,001,001,,141.1,39.7,EPSG:6668\n"
        "032018,0226003,001,002,003,141.2,39.7,EPSG:4612\n"
    )

    def test_house_numbers_and_the_mean_point_of_their_block(self, tmp_path):
        pos = self.HOUSES_POS.replace("141.2", "141.102")
        result = load("blocks", csv(tmp_path / "a.csv", self.HOUSES), csv(tmp_path / "b.csv", pos))
        assert result.frame[["town", "block", "house"]].values.tolist() == [
            ["みたけ三丁目", "1", None],
            ["みたけ三丁目", "1", "1"],
            ["みたけ三丁目", "1", "2-3"],
        ]
        assert result.frame.geometry.iloc[0].x == pytest.approx(141.101)
        assert result.frame["accuracy_m"].tolist() == [170, 112, 112]

    def test_blocks_of_their_own_table(self, tmp_path):
        ids = "lg_code,machiaza_id,blk_id"
        blocks = csv(
            tmp_path / "a.csv",
            f"{ids},oaza_cho,chome,koaza,blk_num,ablt_date\n032018,0226003,001,みたけ,３丁目,,1,\n",
        )
        points = csv(
            tmp_path / "b.csv", f"{ids},rep_lon,rep_lat,rep_srid\n032018,0226003,001,141.1,39.7,EPSG:6668\n"
        )
        (row,) = load("blocks", blocks, points, format="abr-blk").frame.to_dict("records")
        assert (row["town"], row["block"], row["house"]) == ("みたけ三丁目", "1", None)

    def test_parcels(self, tmp_path):
        ids = "lg_code,machiaza_id,prc_id"
        parcels = (
            f"{ids},oaza_cho,chome,koaza,prc_num1,prc_num2,prc_num3,ablt_date\n"
            "032018,0029108,001030000300000,乙部,,第８地割,103,3,,\n"
            "032018,0029108,001040000000000,乙部,,第８地割,,,,\n"
            "032018,0029108,001050000000000,乙部,,第８地割,105,,,\n"
        )
        points = (
            f"{ids},rep_lon,rep_lat,rep_srid\n"
            "032018,0029108,001030000300000,141.1,39.7,EPSG:6668\n"
            "032018,0029108,001040000000000,141.1,39.7,EPSG:6668\n"
        )
        result = load("lots", csv(tmp_path / "a.csv", parcels), csv(tmp_path / "b.csv", points))
        assert result.frame[["town", "lot"]].values.tolist() == [
            ["乙部第8地割", "103-3"],
            ["乙部第8地割", "104"],
        ]
        assert [(r.row, r.value) for r in result.report.rejected] == [(4, "105")]

    @pytest.mark.parametrize(
        ("prc_id", "lot"),
        [
            ("001030000300000", "103-3"),
            ("000050000000001", "5-0-1"),
            ("0" * 15, None),
            ("A" * 15, None),
            ("123", None),
        ],
    )
    def test_ids_of_parcels(self, prc_id, lot):
        from geodata.readers.lots import lot_number

        assert lot_number(prc_id) == lot


class TestOwnTable:
    def test_a_list_of_ones_own(self, tmp_path):
        path = csv(
            tmp_path / "a.csv",
            "町名,小字,よみ,郵便番号,経度,緯度\n内丸,,うちまる,020-0023,141.15,39.7\n渋民,鶴塚,,,,\n",
        )
        towns = by_name(load("towns", path))
        assert (towns["内丸", None]["kana"], towns["内丸", None]["postal_code"]) == ("うちまる", "0200023")
        assert towns["渋民", "鶴塚"]["level"] == "koaza"

    def test_a_postal_code_that_is_none(self, tmp_path):
        path = csv(tmp_path / "a.csv", "町名,郵便番号\n内丸,020-0023\n上田,20\n")
        assert load("towns", path).report.rejected[0].column == "郵便番号"
