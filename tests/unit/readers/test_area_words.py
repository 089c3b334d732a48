"""Areas in words, the city's list and 告示 as first sources of rules: what is read, reported and left out."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from geodata.readers.area_words import AREA_FIELDS
from geodata.readers.personal import category_of, shown
from geodata.readers.result import LoadReport
from kyodo_geo.errors import FileFormatError, InputError
from tests.unit.lookup_world import town
from tests.unit.readers.files import csv, load, zipped

PRESIDENT, HOME, PHONE = "鬼瓦権左衛門", "みたけ四丁目98番76号", "019-999-9876"
SECRETS = (PRESIDENT, "鬼瓦", "98番76号", PHONE, "999-9876")
DOCS = (Path(__file__).parents[3] / "docs" / "DATA_FORMATS.md").read_text(encoding="utf-8")

TOWNS = (
    *(town(f"みたけ{number}丁目") for number in "一二三四"), town("上田"), town("渋民"), town("渋民", "鶴塚"),
)  # fmt: skip
BLOCKS = tuple(("みたけ三丁目", None, str(number)) for number in range(1, 9))
CONTEXT: dict[str, Any] = {
    "association_ids": {"a1", "a2", "b1"},
    "association_names": {"a1": "みたけ町内会", "a2": "上田町内会", "b1": "みたけマンション自治会"},
    "building_ids": frozenset({"b1"}),
    "town_names": {row.name for row in TOWNS},
    "towns": TOWNS,
    "blocks": BLOCKS,
}


def rules(*files: Path, context: dict[str, Any] | None = None, **options: Any):
    return load("association-rules", *files, context=CONTEXT if context is None else context, **options)


def rows(result) -> list[tuple[Any, ...]]:
    columns = [
        "association_id",
        "rule_no",
        "kind",
        "town",
        "koaza",
        "block_from",
        "block_to",
        "house_from",
        "house_to",
    ]
    return [tuple(row) for row in result.frame[columns].itertuples(index=False)]


def everything(result) -> str:
    """All that a load stores or shows."""
    return json.dumps(
        [
            result.frame.to_dict("records"),
            result.report.as_dict(),
            result.report.summary_ja(),
            result.default_title,
        ],
        ensure_ascii=False,
        default=str,
    )


def workbook(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    book = Workbook()
    book.remove(book.active)
    for title, lines in sheets.items():
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append(line)
    book.save(path)
    return path


class TestAreasInWords:
    def test_each_row_becomes_rules_of_its_association(self, tmp_path):
        path = csv(
            tmp_path / "a.csv",
            '町内会番号,区域\na1,"みたけ3丁目1〜4番、5番（1号から9号まで）\nみたけ四丁目全域"\na2,上田（5番を除く）\n',
        )
        result = rules(path)
        assert rows(result) == [
            ("a1", 1, "part", "みたけ三丁目", None, 1, 4, None, None),
            ("a1", 2, "part", "みたけ三丁目", None, 5, 5, 1, 9),
            ("a1", 3, "whole", "みたけ四丁目", None, None, None, None, None),
            ("a2", 1, "whole", "上田", None, None, None, None, None),
            ("a2", 2, "except", "上田", None, 5, 5, None, None),
        ]
        first, second = result.report.texts
        assert (first["row"], first["association_id"], first["rules"]) == (2, "a1", 3)
        assert first["normal_form"] == "みたけ三丁目1番〜4番、5番1号〜9号、みたけ四丁目全域。"
        assert (second["row"], second["findings"]) == (3, [])

    def test_what_is_no_exact_rule_is_reported_with_its_place_and_the_rest_is_kept(self, tmp_path):
        path = csv(tmp_path / "a.csv", '町内会番号,区域\na1,"みたけ一丁目\nみたけ二丁目の一部"\n')
        result = rules(path)
        assert [row[3] for row in rows(result)] == ["みたけ一丁目"]
        (finding,) = result.report.texts[0]["findings"]
        assert (finding["kind"], finding["line"], finding["column"]) == ("uncertain", 2, 1)
        assert any(
            "2 行目「区域」2行1字目「みたけ二丁目の一部」" in line for line in result.report.summary_ja()
        )

    def test_a_row_with_an_error_gives_no_rule_and_says_where(self, tmp_path):
        result = rules(
            csv(tmp_path / "a.csv", "町内会番号,区域\na1,みたけ一丁目、みたけ三丁目5番から\na2,上田\n")
        )
        assert [row[0] for row in rows(result)] == ["a2"]
        (rejected,) = result.report.rejected
        assert (rejected.file, rejected.row, rejected.column) == ("a.csv", 2, "区域")
        assert rejected.reason_ja.startswith("1行")
        assert result.report.texts[0]["rules"] == 0

    def test_unknown_towns_are_reported_with_similar_ones(self, tmp_path):
        result = rules(csv(tmp_path / "a.csv", "町内会番号,区域\na1,みたげ一丁目、上田\n"))
        assert [row[3] for row in rows(result)] == ["上田"]
        assert result.report.unmatched[0]["value"] == "みたげ一丁目"
        assert result.report.texts[0]["findings"][0]["suggestions"] == ["みたけ"]

    def test_associations_by_name(self, tmp_path):
        result = rules(csv(tmp_path / "a.csv", "町内会名,区域\nみたけ 町内会,みたけ一丁目\n謎の会,上田\n"))
        assert [row[0] for row in rows(result)] == ["a1"]
        assert result.report.unmatched == [{"column": "name", "value": "謎の会"}]

    def test_without_associations_ids_follow_from_names_as_in_the_list_of_associations(self, tmp_path):
        path = csv(tmp_path / "a.csv", "町内会名,区域\n城北町内会,上田\n")
        assert (
            rows(rules(path, context={}))[0][0] == load("associations", path).frame["association_id"].iloc[0]
        )

    def test_one_rule_per_row_is_still_told_by_its_columns(self, tmp_path):
        result = rules(csv(tmp_path / "a.csv", "町内会番号,町名,番,区域\na1,みたけ三丁目,5,書き込み\n"))
        assert rows(result) == [("a1", 1, "part", "みたけ三丁目", None, 5, 5, None, None)]

    def test_another_heading(self, tmp_path):
        path = csv(tmp_path / "a.csv", "町内会番号,エリア\na1,上田\n")
        assert rows(rules(path, format="area-text", mapping={"area_text": "エリア"}))
        with pytest.raises(FileFormatError, match="区域"):
            rules(path, format="area-text")


class TestOverlapsAndGaps:
    def test_both_are_in_the_report(self, tmp_path):
        result = rules(
            csv(
                tmp_path / "a.csv",
                "町内会番号,区域\na1,みたけ三丁目1〜5番\na2,みたけ三丁目5番1号、上田\nb1,みたけ三丁目2番\n",
            )
        )
        assert [(item["first"], item["second"]) for item in result.report.overlaps] == [("a1", "a2")]
        gaps = {item["town"]: item for item in result.report.gaps}
        assert gaps["みたけ三丁目"]["blocks"] == [[6, 8]]
        assert gaps["みたけ一丁目"]["whole"] and "上田" not in gaps
        assert result.report.totals["一部の番に規則のない町・字の数"] == 1.0

    def test_the_person_who_loads_the_file_reads_which_they_are(self, tmp_path):
        told = rules(
            csv(tmp_path / "a.csv", "町内会番号,区域\na1,みたけ三丁目1〜5番\na2,みたけ三丁目5番1号、上田\n")
        ).report.summary_ja()
        at = told.index("重なり: 1 件")
        assert re.fullmatch(r"  「a1 .+」と「a2 .+」: みたけ三丁目 5番1号", told[at + 1]), told
        gaps = told[next(at for at, line in enumerate(told) if line.startswith("すき間: ")) + 1 :]
        assert "  みたけ三丁目 6番〜8番" in gaps and "  みたけ一丁目 全域" in gaps
        assert "  上田 全域" not in gaps
        assert not [line for line in told if line.startswith("  ほか")]

    def test_a_long_list_says_how_many_more(self):
        report = LoadReport()
        for number in range(270):
            report.add("gaps", town=f"町{number}", where=f"町{number} 全域")
        told = report.summary_ja()
        at = told.index("すき間: 270 件")
        assert told[at + 1] == "  町0 全域" and told[at + 21] == "  ほか 250 件"
        assert len(told) == at + 22

    def test_what_lies_between_shapes_is_named_by_place_and_size(self):
        report = LoadReport()
        report.add("overlaps", first="1", second="2", area_m2=1234.5)
        report.add("gaps", lon=141.15, lat=39.7, area_m2=60.0)
        told = report.summary_ja()
        assert "  「1」と「2」: 1,234 m²" in told
        assert "  経度 141.150000、緯度 39.700000 の近く、60 m²" in told

    def test_nothing_is_said_of_gaps_without_a_gazetteer(self, tmp_path):
        assert rules(csv(tmp_path / "a.csv", "町内会番号,区域\na1,上田\n"), context={}).report.gaps == []


HEAD = ["町内会番号", "区域"]
LIST = [
    ["町内会・自治会一覧"],
    [],
    ["地区", "町内会名", "よみ", "区域", "会長名", "会長住所", "電話番号", "備考"],
    ["仁王", "みたけ町内会", "みたけ", "みたけ三丁目1〜3番", PRESIDENT, HOME, PHONE, f"{PRESIDENT}宅に連絡"],
    ["上田", "上田町内会", "うえだ", "上田一円", PRESIDENT, HOME, PHONE, None],
    ["上田", "みたけマンション自治会", "", "みたけ三丁目3番から", PRESIDENT, HOME, None, None],
]


class TestTheCitysList:
    def test_persons_are_left_out_and_counted(self, tmp_path):
        result = rules(workbook(tmp_path / "list.xlsx", {"一覧": LIST}), format="association-list")
        assert [row[:4] for row in rows(result)] == [
            ("a1", 1, "part", "みたけ三丁目"),
            ("a2", 1, "whole", "上田"),
        ]
        assert [(item["column"], item["count"]) for item in result.report.dropped] == [
            ("会長名", 3), ("会長住所", 3), ("電話番号", 2),
        ]  # fmt: skip
        (rejected,) = result.report.rejected
        assert rejected.row == 6
        assert not [secret for secret in SECRETS if secret in everything(result)]
        assert any("会長名（3 件）" in line for line in result.report.summary_ja())

    @pytest.mark.parametrize("kind", ["associations", "association-rules"])
    def test_the_same_of_a_csv_in_any_use(self, tmp_path, kind):
        text = "\n".join(",".join(str(cell or "") for cell in line) for line in LIST[2:])
        result = load(kind, csv(tmp_path / "a.csv", text, "cp932"), context=CONTEXT)
        assert len(result.report.dropped) == 3
        assert not [secret for secret in SECRETS if secret in everything(result)]

    @pytest.mark.parametrize("kind", ["associations", "association-rules", "association-districts"])
    def test_a_list_without_headings_is_refused_without_quoting_its_first_row(self, tmp_path, kind):
        path = csv(
            tmp_path / "a.csv", f"仁王,上田町内会,{PRESIDENT},{HOME}\n仁王,北町内会,{PRESIDENT},{HOME}\n"
        )
        with pytest.raises(FileFormatError) as error:
            load(kind, path, context=CONTEXT)
        assert not [secret for secret in SECRETS if secret in error.value.message + str(error.value.details)]

    def test_a_heading_that_may_be_a_name_is_not_quoted(self):
        assert shown("会長名", 3) == "会長名"
        assert shown(f"会長 {PRESIDENT}", 3) == "3列目（氏名）"
        assert category_of("町内会名") is None

    def test_an_area_that_names_a_person_is_refused_unquoted(self, tmp_path):
        result = rules(
            csv(tmp_path / "a.csv", f"町内会番号,区域\na1,上田（会長{PRESIDENT}宅を中心とする）\na2,上田\n"),
            format="association-list",
        )
        assert [row[0] for row in rows(result)] == ["a2"]
        assert not [secret for secret in SECRETS if secret in everything(result)]

    def test_persons_cannot_be_mapped_back_in(self, tmp_path):
        path = csv(tmp_path / "a.csv", f"町内会番号,会長住所\na1,{HOME}\n")
        with pytest.raises(FileFormatError, match="会長住所"):
            rules(path, format="association-list", mapping={"area_text": "会長住所"})


NOTICE = f"""
盛岡市告示第123号
　地方自治法第260条の２第１項の規定により認可したので、告示する。
　　令和６年４月１日
　　　盛岡市長　見本太郎
１　名称　みたけ町内会
２　規約に定める目的
　　良好な地域社会の維持及び形成に資する地域的な共同活動を行うこと。
３　区域
　　盛岡市みたけ三丁目１番から４番まで、
　　盛岡市みたけ四丁目の一部
４　主たる事務所　盛岡市{HOME}
５　代表者の氏名及び住所
　　{PRESIDENT}
　　盛岡市{HOME}
６　裁判所による代表者の職務執行の停止の有無　無
７　緊急連絡者　{PRESIDENT} {PHONE}
８　認可年月日　令和６年３月25日

（１）名称　上田町内会
（２）区域　（ア）上田５番
　　　　　　①上田７番
（３）代表者の氏名　{PRESIDENT}
"""


class TestNotices:
    @pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
    def test_name_and_area_are_read_and_nothing_else_is_kept(self, tmp_path, encoding):
        path = tmp_path / "kokuji.txt"
        path.write_bytes(NOTICE.replace("\n", "\r\n").encode(encoding))
        result = rules(path, format="kokuji-text", context=CONTEXT | {"municipality_name": "盛岡市"})
        assert [row[:7] for row in rows(result)] == [
            ("a1", 1, "part", "みたけ三丁目", None, 1, 4),
            ("a2", 1, "part", "上田", None, 5, 5),
            ("a2", 2, "part", "上田", None, 7, 7),
        ]
        assert result.report.rows_read == 2
        (first, *_) = result.report.texts
        assert first["row"] == 10
        assert first["findings"][0]["text"] == "盛岡市みたけ四丁目の一部"
        assert [(item["column"], item["count"]) for item in result.report.dropped] == [
            ("事務所の所在地など", 1), ("代表者の氏名・住所など", 2),
        ]  # fmt: skip
        assert not [secret for secret in SECRETS if secret in everything(result)]

    def test_other_ways_of_marking_the_fields(self, tmp_path):
        path = tmp_path / "k.txt"
        path.write_text(
            f"【名　　称】みたけ町内会\n【区　　域】\n(1) みたけ一丁目\n10・13番\n【会　　長】{PRESIDENT}\n"
            f"・名称：上田町内会\n・区域は、上田の区域とする。\n・職務代行者の氏名\n{PRESIDENT}\n",
            encoding="utf-8",
        )
        result = rules(path, format="kokuji-text")
        assert [(row[0], row[3], row[5]) for row in rows(result)] == [
            ("a1", "みたけ一丁目", 10), ("a1", "みたけ一丁目", 13), ("a2", "上田", None),
        ]  # fmt: skip
        assert not [secret for secret in SECRETS if secret in everything(result)]

    def test_as_a_table(self, tmp_path):
        path = csv(
            tmp_path / "k.csv",
            "名称,規約に定める目的,区域,主たる事務所,代表者の氏名及び住所\n"
            f"みたけ町内会,親睦,みたけ一丁目,{HOME},{PRESIDENT} {HOME}\n",
        )
        result = rules(path, format="kokuji-text")
        assert [row[3] for row in rows(result)] == ["みたけ一丁目"]
        assert [item["column"] for item in result.report.dropped] == ["主たる事務所", "代表者の氏名及び住所"]
        assert not [secret for secret in SECRETS if secret in everything(result)]

    def test_a_text_that_is_none(self, tmp_path):
        path = tmp_path / "k.txt"
        path.write_text(f"こんにちは\n{PRESIDENT}\n", encoding="utf-8")
        with pytest.raises(FileFormatError) as error:
            rules(path, format="kokuji-text")
        assert PRESIDENT not in error.value.message


class TestWorkbooks:
    def test_the_first_sheet_with_a_table_and_another_by_name(self, tmp_path):
        path = workbook(
            tmp_path / "a.xlsx",
            {
                "表紙": [["一覧"]],
                "本表": [["町内会番号", "区域"], ["a1", "上田"]],
                "別": [["町内会番号", "区域"], ["a2", "渋民字鶴塚"]],
            },
        )
        result = rules(path)
        assert [row[0] for row in rows(result)] == ["a1"]
        assert any("シート「本表」" in note for note in result.report.notes)
        assert [row[0] for row in rows(rules(path, mapping={"layer": "別"}))] == ["a2"]
        with pytest.raises(InputError, match="シート"):
            rules(path, mapping={"layer": "ない"})

    def test_what_is_no_workbook(self, tmp_path):
        path = tmp_path / "a.xlsx"
        for content in (b"x", b"PK\x03\x04garbage"):
            path.write_bytes(content)
            with pytest.raises(FileFormatError, match="xlsx"):
                rules(path)
        with pytest.raises(FileFormatError, match="xlsx"):
            rules(zipped(path, {"a.txt": b"x"}))

    def test_bounds(self, tmp_path, monkeypatch):
        path = workbook(tmp_path / "a.xlsx", {"表": [["町内会番号", "区域"], *[["a1", "上田"]] * 5]})
        monkeypatch.setattr("geodata.readers.spreadsheets.MAX_ROWS", 3)
        with pytest.raises(FileFormatError, match="行が多すぎ"):
            rules(path)
        monkeypatch.setattr("geodata.readers.spreadsheets.MAX_UNPACKED", 100)
        with pytest.raises(FileFormatError, match="大きすぎ"):
            rules(path)

    def test_a_document_type_is_refused(self, tmp_path):
        bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>'
        with pytest.raises(FileFormatError, match="宣言"):
            rules(zipped(tmp_path / "a.xlsx", {"xl/workbook.xml": bomb}))


def test_the_columns_of_areas_in_words_are_documented():
    section = DOCS.partition("\n### association-rules ")[2].partition("\n### ")[0]
    for field in AREA_FIELDS[1:]:
        required = " **必須**" if field.required else ""
        assert f"| `{field.name}` | {field.label}{required} | {'、'.join(field.headings)} |" in section
