"""CSV in the encodings and shapes in which offices save it."""

from __future__ import annotations

import pytest

from geodata.readers.sources import opened
from kyodo_geo.errors import FileFormatError, InputError
from tests.unit.readers.files import csv

HALLS = "名称,住所,番号\n城北公民館,みたけ三丁目12-1,007\n上田公民館,上田一丁目1-1,010\n"


def table(path, encoding=None):
    with opened([path], encoding=encoding, layer=None) as (only,):
        return only


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "euc_jp"])
def test_the_encoding_is_found(tmp_path, encoding):
    found = table(csv(tmp_path / "a.csv", HALLS, encoding))
    assert list(found.frame.columns) == ["名称", "住所", "番号"]
    assert found.frame["名称"].tolist() == ["城北公民館", "上田公民館"]


def test_leading_zeros_stay(tmp_path):
    assert table(csv(tmp_path / "a.csv", HALLS)).frame["番号"].tolist() == ["007", "010"]


def test_rows_are_numbered_as_in_a_spreadsheet(tmp_path):
    found = table(csv(tmp_path / "a.csv", "名称\n甲\n\n乙\n"))
    assert found.frame.index.tolist() == [2, 4]


def test_a_line_break_inside_quotes_is_one_row(tmp_path):
    found = table(csv(tmp_path / "a.csv", '名称,住所\n"甲\n館",乙町\n丙,丁町\n'))
    assert found.frame["名称"].tolist() == ["甲\n館", "丙"]
    assert found.frame.index.tolist() == [2, 3]


def test_a_tab_separates_too(tmp_path):
    assert table(csv(tmp_path / "a.tsv", "名称\t住所\n甲\t乙町\n")).frame["住所"].tolist() == ["乙町"]


def test_an_encoding_that_is_given_is_used(tmp_path):
    assert table(csv(tmp_path / "a.csv", HALLS, "euc_jp"), "euc_jp").frame["名称"].iloc[0] == "城北公民館"


@pytest.mark.parametrize("encoding", ["klingon", "hex", "idna", "undefined", "\x00", "é" * 50])
def test_an_encoding_that_does_not_exist_is_named(tmp_path, encoding):
    with pytest.raises(InputError, match="文字コード") as refused:
        table(csv(tmp_path / "a.csv", HALLS), encoding)
    assert refused.value.details["field"] == "encoding"


def test_a_wrong_encoding_is_told_without_its_mojibake(tmp_path):
    with pytest.raises(FileFormatError, match="文字コード utf-8 では読めません") as refused:
        table(csv(tmp_path / "a.csv", HALLS, "cp932"), "utf-8")
    assert "\ufffd" not in refused.value.message


@pytest.mark.parametrize("name", ["古い.xls", "パスワード.xlsx"])
def test_an_old_or_locked_workbook_is_told_what_to_do(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    with pytest.raises(FileFormatError, match=r"パスワードを外して「Excelブック（.xlsx）」"):
        table(path)


def test_the_encoding_is_noted_when_it_is_not_utf_8(tmp_path):
    assert "cp932" in table(csv(tmp_path / "a.csv", HALLS, "cp932")).notes[0]
    assert table(csv(tmp_path / "a.csv", HALLS)).notes == []


class TestUndecodableBytes:
    def rows(self, damage: bytes, encoding: str) -> bytes:
        lines = ["名称,住所", *(f"公民館{n},上田{n}丁目" for n in range(1, 41))]
        content = [line.encode(encoding) for line in lines]
        content[7] = "公民館".encode(encoding) + damage + ",上田七丁目".encode(encoding)
        return b"\r\n".join(content)

    @pytest.mark.parametrize(
        ("damage", "encoding"),
        [(b"\xff", "utf-8"), (b"\xe3\x81", "utf-8"), (b"\xff", "cp932"), (b"\x80", "cp932")],
    )
    def test_the_row_is_left_out_and_named(self, tmp_path, damage, encoding):
        path = tmp_path / "a.csv"
        path.write_bytes(self.rows(damage, encoding))
        found = table(path)
        assert len(found.frame) == 39
        ((row, reason),) = found.broken_rows
        assert row == 8
        assert "文字として読めない" in reason

    def test_a_file_of_noise_is_refused(self, tmp_path):
        path = tmp_path / "a.csv"
        path.write_bytes(bytes(range(128, 256)) * 4 + b"\n")
        with pytest.raises(FileFormatError, match="文字コードが分かりません"):
            table(path)


class TestShape:
    def test_a_short_row_is_named_not_filled(self, tmp_path):
        found = table(csv(tmp_path / "a.csv", "名称,住所\n甲,乙町\n丙\n"))
        assert found.broken_rows == [(3, "列の数が見出し（2列）と違います。")]

    def test_a_long_row_is_named_unless_the_rest_is_empty(self, tmp_path):
        found = table(csv(tmp_path / "a.csv", "名称,住所\n甲,乙町,,\n丙,丁町,余り\n"))
        assert found.frame["名称"].tolist() == ["甲"]
        assert [row for row, _ in found.broken_rows] == [3]

    def test_an_open_quote_names_its_row(self, tmp_path):
        with pytest.raises(FileFormatError, match="3 行目") as refused:
            table(csv(tmp_path / "a.csv", '名称,住所\n甲,乙町\n"丙,丁町\n戊,己町\n'))
        assert refused.value.details["row"] == 3

    def test_headings_without_a_name_or_twice_the_same_can_be_told_apart(self, tmp_path):
        found = table(csv(tmp_path / "a.csv", "名称,,名称\n甲,乙,丙\n"))
        assert list(found.frame.columns) == ["名称", "列2", "名称.3"]

    @pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
    def test_nothing_is_called_empty(self, tmp_path, content):
        path = tmp_path / "a.csv"
        path.write_bytes(content)
        with pytest.raises(FileFormatError, match="空"):
            table(path)

    def test_only_a_heading_has_no_rows(self, tmp_path):
        with pytest.raises(FileFormatError, match="データの行がありません"):
            table(csv(tmp_path / "a.csv", "名称,住所\n"))

    def test_utf_16_is_named(self, tmp_path):
        with pytest.raises(FileFormatError, match="UTF-16"):
            table(csv(tmp_path / "a.csv", HALLS, "utf-16"))

    def test_a_binary_file_is_no_table(self, tmp_path):
        path = tmp_path / "a.csv"
        path.write_bytes(b"\x7fELF\x00\x00\x01")
        with pytest.raises(FileFormatError, match="CSV"):
            table(path)

    def test_a_giant_cell_is_refused(self, tmp_path):
        with pytest.raises(FileFormatError, match="2 行目"):
            table(csv(tmp_path / "a.csv", "名称\n" + "あ" * 200_000 + "\n"))
