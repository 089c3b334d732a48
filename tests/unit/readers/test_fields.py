"""Headings of publishers, and options of the command line."""

from __future__ import annotations

import pytest

from geodata.readers.fields import Field, find_columns, folded, typed
from geodata.readers.result import LoadReport
from geodata.readers.sources import opened
from geodata.readers.values import count, name
from kyodo_geo.errors import FileFormatError, InputError
from tests.unit.readers.files import csv, load

FIELDS = (
    Field("name", "名称", name, ("施設名",), required=True),
    Field("people", "人口", count, ("人口総数",)),
)


def table(tmp_path, text):
    with opened([csv(tmp_path / "a.csv", text)], encoding=None, layer=None) as (only,):
        return only


@pytest.mark.parametrize(
    "heading", ["名称", "施設名", " 名 称 ", "NAME", "ｎａｍｅ", "「名称」".strip("「」")]
)
def test_headings_are_compared_without_width_case_and_space(tmp_path, heading):
    assert find_columns(table(tmp_path, f"{heading},x\n甲,1\n"), FIELDS, None) == {"name": heading.strip()}


def test_folded_headings():
    assert folded("名称_カナ") == folded("名称（ｶﾅ）") == "名称カナ"


def test_a_mapping_goes_first(tmp_path):
    found = find_columns(table(tmp_path, "名称,通称\n甲,乙\n"), FIELDS, {"name": "通称"})
    assert found["name"] == "通称"


def test_a_mapping_to_a_column_that_is_not_there(tmp_path):
    with pytest.raises(FileFormatError, match=r"「別名」という列がありません。列: 名称") as refused:
        find_columns(table(tmp_path, "名称\n甲\n"), FIELDS, {"name": "別名"})
    assert refused.value.details["column"] == "別名"


def test_a_mapping_of_an_unknown_field_lists_the_known_ones(tmp_path):
    with pytest.raises(InputError, match="name（名称）、people（人口）") as refused:
        find_columns(table(tmp_path, "名称\n甲\n"), FIELDS, {"nom": "名称"})
    assert refused.value.details["field"] == "map"


def test_a_missing_required_column_says_how_to_name_it(tmp_path):
    with pytest.raises(
        FileFormatError, match=r"「名称」の列が見つかりません。列: 館名。.*--map name=列名"
    ) as refused:
        find_columns(table(tmp_path, "館名\n甲\n"), FIELDS, None)
    assert refused.value.details == {"file": "a.csv", "column": "名称"}


def test_a_bad_cell_rejects_its_row_with_file_row_column_and_value(tmp_path):
    report = LoadReport()
    frame = typed(table(tmp_path, "名称,人口\n甲,10\n乙,多い\n,5\n丁,\n"), FIELDS, None, report)
    assert frame["name"].tolist() == ["甲", "丁"]
    assert frame["people"].tolist() == [10, None]
    assert frame.index.tolist() == [2, 5]
    assert [(r.file, r.row, r.column, r.value) for r in report.rejected] == [
        ("a.csv", 4, "名称", ""),
        ("a.csv", 3, "人口", "多い"),
    ]


def test_a_row_is_rejected_once_however_many_cells_are_bad(tmp_path):
    report = LoadReport()
    typed(table(tmp_path, "名称,人口\n,多い\n甲,1\n"), FIELDS, None, report)
    assert report.count("rejected") == 1


class TestOptions:
    def test_an_unknown_kind_lists_the_known_ones(self, tmp_path):
        with pytest.raises(InputError, match="small-areas（国勢調査の小地域）"):
            load("villages", csv(tmp_path / "a.csv", "名称\n甲\n"))

    def test_an_unknown_format_lists_the_known_ones(self, tmp_path):
        with pytest.raises(InputError, match="geolonia、abr-names"):
            load("towns", csv(tmp_path / "a.csv", "名称\n甲\n"), format="osm")

    def test_a_format_where_there_is_only_one(self, tmp_path):
        with pytest.raises(InputError, match="指定は要りません"):
            load("halls", csv(tmp_path / "a.csv", "名称\n甲\n"), format="csv")

    def test_no_file_at_all(self):
        with pytest.raises(InputError, match="ファイルを指定"):
            load("halls")

    def test_when_every_row_is_rejected_the_first_reason_is_the_message(self, tmp_path):
        path = csv(tmp_path / "a.csv", "名称,延床面積\n甲,広い\n乙,狭い\n")
        with pytest.raises(
            FileFormatError, match=r"a\.csv の 2 行目「延床面積」: .*（ほかに 1 行）"
        ) as refused:
            load("halls", path)
        assert refused.value.details == {"file": "a.csv", "row": 2, "column": "延床面積", "rejected": 2}

    def test_the_checksum_follows_the_content_of_all_files(self, tmp_path):
        one, two = csv(tmp_path / "1.csv", "名称\n甲\n"), csv(tmp_path / "2.csv", "名称\n乙\n")
        both = load("halls", one, two).checksum
        assert both == load("halls", two, one).checksum
        assert len({both, load("halls", one).checksum, load("halls", two).checksum}) == 3
        csv(one, "名称\n丙\n")
        assert load("halls", one, two).checksum != both

    def test_a_default_title_names_kind_and_files(self, tmp_path):
        assert load("halls", csv(tmp_path / "館.csv", "名称\n甲\n")).default_title == "自治公民館（館.csv）"
