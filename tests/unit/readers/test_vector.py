"""Shapefiles and GeoPackages, whole and damaged."""

from __future__ import annotations

import shutil

import pytest

from kyodo_geo.crs import JGD2000, JGD2011_PLANE_FIRST
from kyodo_geo.errors import FileFormatError, InputError
from tests.unit.readers.files import cell, csv, layer, load, zipped

AREAS = [
    ({"自治会名": "城北町内会", "番号": "007"}, cell(0, 0)),
    ({"自治会名": "表町内会", "番号": "010"}, cell(1, 0)),
]
ZONE_10 = JGD2011_PLANE_FIRST + 9


def names(result):
    return result.frame["name"].tolist()


class TestEncoding:
    @pytest.mark.parametrize("cpg", ["Shift_JIS", "SJIS\r\n", "CP932", "932", "ANSI 932", None])
    def test_cp932_with_and_without_a_cpg(self, tmp_path, cpg):
        path = layer(tmp_path / "a.shp", AREAS, encoding="cp932")
        path.with_suffix(".cpg").unlink(missing_ok=True)
        if cpg is not None:
            path.with_suffix(".cpg").write_text(cpg)
        assert names(load("associations", path)) == ["城北町内会", "表町内会"]

    @pytest.mark.parametrize("keep_cpg", [True, False])
    def test_utf_8(self, tmp_path, keep_cpg):
        path = layer(tmp_path / "a.shp", AREAS, encoding="utf-8")
        if not keep_cpg:
            path.with_suffix(".cpg").unlink()
        assert names(load("associations", path)) == ["城北町内会", "表町内会"]

    def test_a_wrong_cpg_is_overruled_by_the_user(self, tmp_path):
        path = layer(tmp_path / "a.shp", AREAS, encoding="cp932")
        path.with_suffix(".cpg").write_text("UTF-8")
        assert names(load("associations", path, encoding="cp932", mapping={"name": "自治会名"})) == [
            "城北町内会",
            "表町内会",
        ]

    def test_text_cut_in_the_middle_of_a_kanji_loses_only_that(self, tmp_path):
        path = layer(tmp_path / "a.shp", AREAS, encoding="cp932")
        dbf = path.with_suffix(".dbf")
        cut = "城北町内会".encode("cp932")[:-1]
        dbf.write_bytes(dbf.read_bytes().replace("城北町内会".encode("cp932"), cut + b" "))
        assert names(load("associations", path)) == ["城北町内", "表町内会"]

    def test_damaged_text_leaves_the_row_out(self, tmp_path):
        path = layer(tmp_path / "a.shp", AREAS, encoding="cp932")
        dbf = path.with_suffix(".dbf")
        content = bytearray(dbf.read_bytes())
        content[content.index("城北".encode("cp932"))] = 0x80
        dbf.write_bytes(content)
        result = load("associations", path, encoding="cp932")
        assert names(result) == ["表町内会"]
        assert (result.report.rejected[0].row, result.report.rows_read) == (1, 2)

    def test_leading_zeros_of_text_stay(self, tmp_path):
        path = layer(tmp_path / "a.shp", AREAS, encoding="cp932")
        found = load("associations", path, mapping={"association_id": "番号"})
        assert found.frame["association_id"].tolist() == ["007", "010"]


class TestMissingAndCutParts:
    @pytest.mark.parametrize("suffix", [".dbf", ".shx"])
    def test_a_missing_part_is_named(self, tmp_path, suffix):
        path = layer(tmp_path / "a.shp", AREAS)
        path.with_suffix(suffix).unlink()
        with pytest.raises(FileFormatError, match=suffix):
            load("associations", path)

    def test_upper_case_suffixes_are_found(self, tmp_path):
        layer(tmp_path / "a.shp", AREAS)
        for part in list(tmp_path.iterdir()):
            part.rename(part.with_suffix(part.suffix.upper()))
        assert len(load("associations", tmp_path / "a.SHP").frame) == 2

    @pytest.mark.parametrize("suffix", [".shp", ".shx", ".dbf"])
    @pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.95])
    def test_a_cut_part_is_refused(self, tmp_path, suffix, share):
        path = layer(tmp_path / "a.shp", AREAS)
        part = path.with_suffix(suffix)
        content = part.read_bytes()
        part.write_bytes(content[: int(len(content) * share)])
        with pytest.raises(FileFormatError, match=r"切れて|ではありません|空のファイル"):
            load("associations", path)

    def test_a_dbf_alone_asks_for_the_rest(self, tmp_path):
        path = layer(tmp_path / "a.shp", AREAS)
        alone = tmp_path / "alone" / "a.dbf"
        alone.parent.mkdir()
        shutil.copy(path.with_suffix(".dbf"), alone)
        with pytest.raises(FileFormatError, match=r"\.shp"):
            load("associations", alone)

    def test_all_parts_may_be_named_on_the_command_line(self, tmp_path):
        path = layer(tmp_path / "a.shp", AREAS)
        assert len(load("associations", *sorted(tmp_path.iterdir())).frame) == 2
        assert len(load("associations", path).frame) == 2

    def test_a_folder_stands_for_its_files(self, tmp_path):
        layer(tmp_path / "a.shp", AREAS)
        assert len(load("associations", tmp_path).frame) == 2

    @pytest.mark.parametrize("content", [b"PROJCS[broken", b"\x80\x81", b"?"])
    def test_a_damaged_prj_does_not_pass_for_a_missing_one(self, tmp_path, content):
        path = layer(tmp_path / "a.shp", AREAS)
        path.with_suffix(".prj").write_bytes(content)
        with pytest.raises(FileFormatError):
            load("associations", path)

    def test_a_renamed_text_file_is_no_shapefile(self, tmp_path):
        path = layer(tmp_path / "a.shp", AREAS)
        path.write_text("これはシェープファイルではありません" * 20, encoding="utf-8")
        with pytest.raises(FileFormatError, match="シェープファイルではありません"):
            load("associations", path)

    def test_noise_behind_a_true_header_is_refused_or_rejected(self, tmp_path):
        path = layer(tmp_path / "a.shp", AREAS)
        content = bytearray(path.read_bytes())
        content[100:] = b"\xff" * (len(content) - 100)
        path.write_bytes(content)
        with pytest.raises(FileFormatError):
            load("associations", path)


class TestCodedColumns:
    def test_attributes_csv_beside_the_layer_names_its_columns(self, tmp_path):
        path = layer(tmp_path / "a.shp", [({"SAFIELD000": "城北自治会"}, cell(0, 0))], encoding="cp932")
        csv(
            tmp_path / "attributes.csv",
            "original_name,display_name,label_flag\nitem2,学校名,1\nSAFIELD000,自治会名,1\n",
        )
        assert names(load("associations", path)) == ["城北自治会"]
        assert names(load("associations", tmp_path)) == ["城北自治会"]

    def test_without_it_the_column_must_be_named(self, tmp_path):
        path = layer(tmp_path / "a.shp", [({"SAFIELD000": "城北自治会"}, cell(0, 0))], encoding="cp932")
        with pytest.raises(FileFormatError, match=r"SAFIELD000.*--map name="):
            load("associations", path)
        assert names(load("associations", path, mapping={"name": "SAFIELD000"})) == ["城北自治会"]

    def test_it_also_works_inside_an_archive(self, tmp_path):
        layer(tmp_path / "a.shp", [({"SAFIELD000": "城北自治会"}, cell(0, 0))], encoding="cp932")
        parts = {f"h/{part.name}": part.read_bytes() for part in tmp_path.iterdir()}
        parts["h/attributes.csv"] = "original_name,display_name\nSAFIELD000,自治会名\n".encode()
        assert names(load("associations", zipped(tmp_path / "a.zip", parts))) == ["城北自治会"]


class TestGeoPackage:
    def test_the_only_layer_is_read(self, tmp_path):
        path = layer(tmp_path / "a.gpkg", AREAS, crs=JGD2000)
        assert names(load("associations", path)) == ["城北町内会", "表町内会"]

    def test_of_several_layers_one_must_be_named(self, tmp_path):
        path = layer(tmp_path / "a.gpkg", AREAS, layer="町内会")
        layer(path, [({"名称": "道"}, cell(5, 5))], layer="道路")
        with pytest.raises(FileFormatError, match=r"町内会、道路.*--map layer="):
            load("associations", path)
        assert names(load("associations", path, mapping={"layer": "町内会"})) == ["城北町内会", "表町内会"]

    def test_a_plane_zone_is_brought_to_lon_lat(self, tmp_path):
        path = layer(tmp_path / "a.gpkg", AREAS, crs=ZONE_10)
        west, south, *_ = load("associations", path).frame.total_bounds
        assert (west, south) == (pytest.approx(141.1, abs=1e-8), pytest.approx(39.7, abs=1e-8))

    @pytest.mark.parametrize("keep", [0, 10, 100, 2000])
    def test_a_cut_file_is_refused(self, tmp_path, keep):
        path = layer(tmp_path / "a.gpkg", AREAS)
        path.write_bytes(path.read_bytes()[:keep])
        with pytest.raises(FileFormatError):
            load("associations", path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"ない\.csv がありません"):
        load("associations", tmp_path / "ない.csv")
