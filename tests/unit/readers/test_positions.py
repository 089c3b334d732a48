"""Coordinate systems: found, doubted, refused with a hint at what is wrong."""

from __future__ import annotations

import pytest
from shapely import box, transform

from kyodo_geo.crs import JGD2000, JGD2011, JGD2011_PLANE_FIRST, TOKYO, WGS84, transformer
from kyodo_geo.errors import FileFormatError, InputError
from tests.unit.readers.files import cell, csv, geojson, layer, load, spot

ZONE_8, ZONE_9, ZONE_10 = (JGD2011_PLANE_FIRST + zone - 1 for zone in (8, 9, 10))
AREA = {"町内会名": "城北町内会"}


def in_crs(geom, crs):
    return transform(geom, transformer(WGS84, crs).transform, interleaved=False)


def swapped(geom):
    return transform(geom, lambda x, y: (y, x), interleaved=False)


def file(tmp_path, geom):
    return geojson(tmp_path / "a.geojson", [(AREA, geom)])


class TestAxes:
    def test_latitude_first_is_refused(self, tmp_path):
        with pytest.raises(FileFormatError, match="緯度と経度の順が逆"):
            load("associations", file(tmp_path, swapped(cell(0, 0))))

    def test_swapped_columns_of_a_table_are_refused(self, tmp_path):
        path = csv(tmp_path / "a.csv", "名称,経度,緯度\n甲,39.7,141.1\n乙,39.71,141.11\n")
        with pytest.raises(FileFormatError, match="緯度と経度の順が逆"):
            load("facilities", path)

    def test_one_swapped_row_is_named_and_left_out(self, tmp_path):
        path = csv(tmp_path / "a.csv", "名称,経度,緯度\n甲,141.1,39.7\n乙,141.11,39.71\n丙,39.72,141.12\n")
        result = load("facilities", path)
        assert result.frame["name"].tolist() == ["甲", "乙"]
        assert (result.report.rejected[0].row, result.report.rejected[0].reason_ja) == (
            4,
            "緯度と経度が逆です。",
        )

    def test_north_first_in_a_plane_zone_is_refused(self, tmp_path):
        north_first = file(tmp_path, swapped(in_crs(cell(0, 0), ZONE_10)))
        with pytest.raises(FileFormatError, match="XとYの順が逆"):
            load(
                "associations", north_first, crs=f"EPSG:{ZONE_10}", context={"outline": cell(-5, -5, 20, 20)}
            )


class TestSystems:
    @pytest.mark.parametrize("option", [f"EPSG:{ZONE_10}", str(ZONE_10), f"epsg:{ZONE_10}"])
    def test_a_plane_zone_given_by_the_user(self, tmp_path, option):
        result = load("associations", file(tmp_path, in_crs(cell(0, 0), ZONE_10)), crs=option)
        assert result.frame.geometry.iloc[0].symmetric_difference(cell(0, 0)).area < 1e-12

    def test_a_plane_zone_nobody_named_is_refused_with_the_likely_one(self, tmp_path):
        with pytest.raises(FileFormatError, match="--crs"):
            load("associations", file(tmp_path, in_crs(cell(0, 0), ZONE_10)))
        with pytest.raises(FileFormatError, match="第10系なら合います"):
            load("associations", file(tmp_path, in_crs(cell(0, 0), ZONE_10)), crs=f"EPSG:{JGD2011}")

    def test_the_wrong_zone_is_refused_with_the_right_one(self, tmp_path):
        outline = box(141.0, 39.6, 141.3, 39.9)
        with pytest.raises(FileFormatError, match="第10系なら合います"):
            load(
                "associations",
                file(tmp_path, in_crs(cell(0, 0), ZONE_10)),
                crs=f"EPSG:{ZONE_8}",
                context={"outline": outline},
            )

    def test_degrees_declared_as_metres_are_refused(self, tmp_path):
        with pytest.raises(FileFormatError, match="値は経度・緯度のようです"):
            load("associations", file(tmp_path, cell(0, 0)), crs=f"EPSG:{ZONE_10}")

    def test_another_part_of_japan_is_refused(self, tmp_path):
        yaizu = box(138.3, 34.8, 138.4, 34.9)
        with pytest.raises(FileFormatError, match=r"離れています.*--municipality"):
            load("associations", file(tmp_path, yaizu))
        assert len(load("associations", file(tmp_path, yaizu), municipality="22212").frame) == 1

    def test_outside_japan_is_refused(self, tmp_path):
        with pytest.raises(FileFormatError, match="日本の範囲にありません"):
            load("associations", file(tmp_path, box(0, 0, 1, 1)), crs=f"EPSG:{JGD2011}")

    def test_the_old_japanese_datum_is_converted_and_said(self, tmp_path):
        result = load("associations", file(tmp_path, cell(0, 0)), crs=f"EPSG:{TOKYO}")
        moved = result.frame.geometry.iloc[0].centroid.distance(cell(0, 0).centroid)
        assert 0.003 < moved < 0.006  # about 400 m to the north-west
        assert any("日本測地系" in note for note in result.report.notes)

    @pytest.mark.parametrize("crs", [JGD2000, JGD2011])
    def test_jgd_coordinates_stay_as_they_are(self, tmp_path, crs):
        path = layer(tmp_path / "a.shp", [(AREA, cell(0, 0))], crs=crs, encoding="cp932")
        assert load("associations", path).frame.geometry.iloc[0].equals(cell(0, 0))

    def test_a_shapefile_without_prj_in_degrees_is_taken_as_jgd2011(self, tmp_path):
        path = layer(tmp_path / "a.shp", [(AREA, cell(0, 0))], crs=None, encoding="cp932")
        result = load("associations", path)
        assert any("座標系が書かれていない" in note for note in result.report.notes)

    def test_an_option_that_contradicts_the_file_wins_and_is_said(self, tmp_path):
        path = layer(tmp_path / "a.shp", [(AREA, cell(0, 0))], crs=ZONE_10, encoding="cp932")
        result = load("associations", path, crs=f"EPSG:{ZONE_10 - 4226}")
        assert any("指定された" in note for note in result.report.notes)

    @pytest.mark.parametrize(
        "option", ["", "EPSG:1", "平面直角", "99999999999999999999", "EPSG:6668; DROP TABLE", "²"]
    )
    def test_nonsense_for_a_system_is_refused(self, tmp_path, option):
        with pytest.raises(InputError, match="座標系") as refused:
            load("associations", file(tmp_path, cell(0, 0)), crs=option)
        assert refused.value.details["field"] == "crs"


class TestStrays:
    def test_a_point_far_from_the_rest_is_left_out(self, tmp_path):
        path = csv(
            tmp_path / "a.csv", "名称,経度,緯度\n甲,141.1,39.7\n乙,141.11,39.71\n丙,139.7,35.7\n丁,0,0\n"
        )
        result = load("facilities", path, context={"outline": cell(-10, -10, 30, 30)})
        assert result.frame["name"].tolist() == ["甲", "乙"]
        assert {r.reason_ja for r in result.report.rejected} == {"位置が市区町村から離れています。"}

    def test_a_place_just_outside_the_outline_is_kept_and_reported(self, tmp_path):
        path = geojson(
            tmp_path / "a.geojson", [({"名称": "市内"}, spot(5, 5)), ({"名称": "隣の市"}, spot(12, 5))]
        )
        result = load("facilities", path, context={"outline": cell(0, 0, 10, 10)})
        assert len(result.frame) == 2
        assert [item["name"] for item in result.report.outside_city] == ["隣の市"]

    def test_a_point_on_the_outline_is_inside(self, tmp_path):
        path = geojson(tmp_path / "a.geojson", [({"名称": "境"}, spot(10, 5))])
        assert load("facilities", path, context={"outline": cell(0, 0, 10, 10)}).report.outside_city == []

    @pytest.mark.parametrize("value", ["1e308", "999999999999", "-141"])
    def test_huge_values_in_one_row_do_not_move_the_rest(self, tmp_path, value):
        path = csv(tmp_path / "a.csv", f"名称,経度,緯度\n甲,141.1,39.7\n乙,141.11,39.71\n丙,{value},39.7\n")
        result = load("facilities", path)
        assert result.frame["name"].tolist() == ["甲", "乙"]
        assert result.report.rejected[0].row == 4
