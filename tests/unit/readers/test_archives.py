"""Zip files: names with backslashes and in CP932, damage, hostility."""

from __future__ import annotations

import zipfile

import pytest

from geodata.readers import archives
from geodata.readers.archives import extract
from kyodo_geo.errors import FileFormatError
from tests.unit.readers.files import cell, csv, geojson, layer, load, spot, zipped

CENTRES = "名称,種別,経度,緯度\n城北センター,地区活動センター,141.1,39.7\n".encode()


def extracted(path, folder):
    return [(file.relative_to(folder).as_posix(), shown) for file, shown in extract(path, folder)]


def test_backslashes_are_folders(tmp_path):
    archive = zipped(tmp_path / "a.zip", {"03000-17.0b\\03_2023.csv": CENTRES})
    assert extracted(archive, tmp_path / "out") == [("03000-17.0b/03_2023.csv", "a.zip/03_2023.csv")]


def test_names_in_cp932_are_read_although_kanji_hold_backslash_bytes(tmp_path):
    archive = tmp_path / "a.zip"
    name = "施設表\\一覧.csv"
    assert b"\\\\" in name.encode("cp932")
    with zipfile.ZipFile(archive, "w") as out:
        info = zipfile.ZipInfo("x" * len(name.encode("cp932")))
        out.writestr(info, CENTRES)
    archive.write_bytes(archive.read_bytes().replace(b"x" * len(name.encode("cp932")), name.encode("cp932")))
    assert extracted(archive, tmp_path / "out") == [("施設表/一覧.csv", "a.zip/一覧.csv")]


def test_a_zipped_table_is_read(tmp_path):
    result = load("facilities", zipped(tmp_path / "a.zip", {"施設/一覧.csv": CENTRES}))
    assert result.frame["name"].tolist() == ["城北センター"]


def test_a_zipped_shapefile_is_read(tmp_path):
    layer(tmp_path / "a.shp", [({"KEY_CODE": "032010010"}, cell(0, 0))], encoding="cp932")
    parts = {f"h/{part.name}": part.read_bytes() for part in tmp_path.iterdir()}
    result = load("small-areas", zipped(tmp_path / "a.zip", parts))
    assert result.frame["key_code"].tolist() == ["032010010"]


def test_several_tables_of_one_archive_are_read_together(tmp_path):
    other = CENTRES.replace("城北".encode(), "城南".encode())
    result = load(
        "facilities",
        zipped(tmp_path / "a.zip", {"1.csv": CENTRES, "2.csv": other, "読んでください.html": b"<p>"}),
    )
    assert result.frame["name"].tolist() == ["城北センター", "城南センター"]


@pytest.mark.parametrize(
    "name", ["../a.csv", "a/../../b.csv", "/etc/a.csv", "C:\\a.csv", "..\\a.csv", "a\nb.csv"]
)
def test_a_name_that_leads_outside_is_refused_and_nothing_written(tmp_path, name):
    archive = zipped(tmp_path / "a.zip", {name: CENTRES})
    with pytest.raises(FileFormatError, match="フォルダーの外"):
        extract(archive, tmp_path / "out")
    assert not list(tmp_path.rglob("*.csv"))


class TestDamage:
    def archive(self, tmp_path):
        return zipped(tmp_path / "a.zip", {"a.csv": CENTRES * 50})

    def test_a_changed_byte_is_found_by_the_checksum(self, tmp_path):
        archive = self.archive(tmp_path)
        content = bytearray(archive.read_bytes())
        content[60] ^= 0xFF
        archive.write_bytes(content)
        with pytest.raises(FileFormatError, match="壊れている"):
            extract(archive, tmp_path / "out")

    @pytest.mark.parametrize("keep", [4, 30, 100])
    def test_a_cut_archive(self, tmp_path, keep):
        archive = self.archive(tmp_path)
        archive.write_bytes(archive.read_bytes()[:keep])
        with pytest.raises(FileFormatError, match="zipファイルとして読めません"):
            extract(archive, tmp_path / "out")

    def test_something_else_called_zip(self, tmp_path):
        with pytest.raises(FileFormatError, match="zipファイルとして読めません"):
            load("facilities", csv(tmp_path / "a.zip", "名称\n甲\n"))

    def test_a_password(self, tmp_path):
        archive = self.archive(tmp_path)
        content = bytearray(archive.read_bytes())
        content[6] |= 1
        central = content.index(b"PK\x01\x02")
        content[central + 8] |= 1
        archive.write_bytes(content)
        with pytest.raises(FileFormatError, match="パスワード"):
            extract(archive, tmp_path / "out")


class TestProportion:
    def test_too_many_members(self, tmp_path, monkeypatch):
        monkeypatch.setattr(archives, "MAX_MEMBERS", 2)
        archive = zipped(tmp_path / "a.zip", {f"{n}.csv": CENTRES for n in range(3)})
        with pytest.raises(FileFormatError, match="大きすぎます"):
            extract(archive, tmp_path / "out")

    def test_a_bomb(self, tmp_path):
        archive = zipped(tmp_path / "a.zip", {"a.csv": b"0" * (archives.RATIO_MATTERS_ABOVE + 1)})
        with pytest.raises(FileFormatError, match="大きすぎます"):
            extract(archive, tmp_path / "out")
        assert not (tmp_path / "out").exists()

    def test_more_than_announced(self, tmp_path):
        archive = zipped(tmp_path / "a.zip", {"a.csv": b"0" * 5000})
        content = bytearray(archive.read_bytes())
        central = content.index(b"PK\x01\x02")
        content[central + 24 : central + 28] = (10).to_bytes(4, "little")
        archive.write_bytes(content)
        with pytest.raises(FileFormatError):
            extract(archive, tmp_path / "out")


def test_no_data_inside_says_what_can_be_read(tmp_path):
    from kyodo_geo.errors import InputError

    with pytest.raises(InputError, match="読み込めるデータがありません"):
        load("facilities", zipped(tmp_path / "a.zip", {"説明.html": b"<p>"}))


def test_a_geojson_inside(tmp_path):
    inside = geojson(tmp_path / "a.geojson", [({"名称": "城北", "種別": "学校"}, spot(0, 0))]).read_bytes()
    assert load("facilities", zipped(tmp_path / "a.zip", {"a.geojson": inside})).frame["name"].tolist() == [
        "城北"
    ]
