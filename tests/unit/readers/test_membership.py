"""Membership figures as planners have them: titles, totals, remarks, names instead of numbers, years in any form."""

from __future__ import annotations

from datetime import date

import openpyxl
import pytest

from kyodo_geo.errors import FileFormatError
from tests.unit.readers.files import csv, load

CONTEXT = {
    "association_ids": {"a1", "a2", "a3", "b1"},
    "association_names": {"a1": "本町町内会", "a2": "本町町内会", "a3": "みたけヶ丘自治会", "b1": "東町内会"},
    "association_districts": {"a1": 1, "a2": 2, "a3": 7, "b1": 1},
    "districts": {1: "仁王", 2: "桜城", 7: "みたけ"},
    "today": date(2026, 11, 26),
}


def membership(tmp_path, text: str, encoding: str = "cp932", name: str = "加入.csv"):
    return load("membership", csv(tmp_path / name, text, encoding), context=CONTEXT)


def figures(result) -> dict:
    return {
        (row["association_id"], row["fiscal_year"]): (row["households"], row["member_households"])
        for row in result.frame.to_dict("records")
    }


def reasons(result) -> list[tuple[int | None, str]]:
    return [(item.row, item.reason_ja) for item in result.report.rejected]


def test_a_table_as_an_office_keeps_it(tmp_path):
    text = (
        "令和５年度　町内会加入世帯数調査,,,,,\n"
        "No,地区名,町内会・自治会名,総世帯数,加入世帯数（Ｂ）,備考\n"
        '1,仁王,本町町内会,"１，２００",1050世帯,\n'
        "2,桜城地区,本町町内会,300,280戸,\n"
        ",桜城 小計,,300,280,\n"
        "3,7 みたけ,みたけケ丘自治会,50,40,\n"
        '合計,,,"1,550","1,370",\n'
        "※令和5年4月1日現在,,,,,\n"
    )
    result = membership(tmp_path, text)
    assert figures(result) == {("a1", 2023): (1200, 1050), ("a2", 2023): (300, 280), ("a3", 2023): (50, 40)}
    assert result.report.rejected == [] and result.report.unmatched == []
    notes = " ".join(result.report.notes)
    assert (
        "2023 年度として読みました" in notes and "合計・小計の行（2 行）" in notes and "注記として" in notes
    )


@pytest.mark.parametrize(
    "written", ["令和5年度", "令和５", "R5", "Ｒ５", "2023", "２０２３年度", "令和5年度(2023年度)"]
)
def test_a_year_in_any_form(tmp_path, written):
    result = membership(tmp_path, f"町内会番号,年度,世帯数,加入世帯数\na1,{written},100,90\n")
    assert figures(result) == {("a1", 2023): (100, 90)}


@pytest.mark.parametrize("name", ["加入世帯数_R6.csv", "令和6年度加入世帯.csv", "2024年度.csv"])
def test_the_year_may_stand_in_the_files_name(tmp_path, name):
    result = membership(tmp_path, "町内会番号,世帯数,加入世帯数\na1,100,90\n", name=name)
    assert figures(result) == {("a1", 2024): (100, 90)}


def test_the_table_of_the_staff_map_can_be_filled_in_and_read_again(tmp_path):
    text = (
        "番号,町内会・自治会,地区,加入率（％）,階級,加入世帯数,世帯数（分母）,データの品質,時点\n"
        "a1,本町町内会,1 仁王,85.0,85%以上87.5%未満,85,100,公表データ,2025-04-01\n"
    )
    result = membership(tmp_path, text, name="加入世帯数_R7.csv")
    assert list(figures(result).values()) == [(100, 85)]


@pytest.mark.parametrize("name", ["加入.csv", "R5とR6.csv"])
def test_no_year_or_two_of_them_refuse_the_file(tmp_path, name):
    with pytest.raises(FileFormatError, match=r"年度.*列を足すか"):
        membership(tmp_path, "町内会番号,世帯数,加入世帯数\na1,100,90\n", name=name)


def test_a_year_that_has_not_begun_is_a_slip(tmp_path):
    text = "町内会番号,年度,世帯数,加入世帯数\na1,2027,100,90\na2,2052,100,90\na3,令和15年度,100,90\n"
    result = membership(tmp_path, text)
    assert set(figures(result)) == {("a1", 2027)}, "next year's may be collected already"
    assert [row for row, _ in reasons(result)] == [3, 4]
    assert "まだ始まっていない年度" in reasons(result)[0][1]


def test_a_name_that_fits_two_associations_is_refused_with_both(tmp_path):
    result = membership(tmp_path, "町内会名,年度,世帯数,加入世帯数\n本町町内会,R5,100,90\n東,R5,10,9\n")
    assert set(figures(result)) == {("b1", 2023)}, "町内会 may be left away where the rest is one"
    ((row, reason),) = reasons(result)
    assert row == 2 and "a1 本町町内会、1 仁王" in reason and "a2 本町町内会、2 桜城" in reason
    assert "町内会番号か地区の列を足してください" in reason


def test_the_district_decides_or_refuses(tmp_path):
    text = (
        "地区,町内会名,年度,世帯数,加入世帯数\n"
        "２,本町町内会,R5,100,90\n7,本町町内会,R5,100,90\n土淵,本町町内会,R5,1,1\n"
    )
    result = membership(tmp_path, text)
    assert set(figures(result)) == {("a2", 2023)}
    (_, elsewhere), (_, unknown) = reasons(result)
    assert "この地区に、その名前の町内会・自治会はありません" in elsewhere and "a1 本町町内会" in elsewhere
    assert "登録されている地区にありません" in unknown and "1 仁王、2 桜城、7 みたけ" in unknown


def test_an_unknown_name_is_told_with_what_is_near(tmp_path):
    result = membership(
        tmp_path, "町内会名,年度,世帯数,加入世帯数\nみたけが丘自治会,R5,10,9\n東町内会,R5,10,9\n"
    )
    assert "近い名前: みたけヶ丘自治会" in reasons(result)[0][1]


def test_rows_that_slipped_are_refused_and_renamings_told(tmp_path):
    text = (
        "町内会番号,町内会名,地区,年度,世帯数,加入世帯数\n"
        "a3,東町内会,7,R5,100,90\nb1,東町自治会連合,1,R5,100,90\na1,本町町内会,2,R5,100,90\n"
    )
    result = membership(tmp_path, text)
    assert set(figures(result)) == {("b1", 2023), ("a1", 2023)}
    assert "行がずれていませんか" in reasons(result)[0][1]
    renamed, moved = result.report.unmatched
    assert renamed["row"] == 3 and "名前が変わったか" in renamed["note"]
    assert moved["row"] == 4 and "登録されている地区は 1 仁王" in moved["note"]


def test_a_total_that_does_not_add_up_is_told(tmp_path):
    text = "町内会番号,年度,世帯数,加入世帯数\na1,R5,100,90\na3,R5,50,x\n合計,,150,130\n"
    result = membership(tmp_path, text)
    assert figures(result) == {("a1", 2023): (100, 90)}
    told = result.report.unmatched[0]
    assert (
        told["row"] == 4
        and "合計の行（世帯数 150、加入世帯数 130）" in told["note"]
        and "（100、90）" in told["note"]
    )


def test_neither_number_nor_name_refuses_the_file(tmp_path):
    with pytest.raises(FileFormatError, match=r"「町内会番号」の列も「町内会名」の列も"):
        membership(tmp_path, "年度,世帯数,加入世帯数\nR5,100,90\n")


def test_a_workbook_with_a_title_and_formulas(tmp_path):
    book = openpyxl.Workbook()
    for row in (
        ["加入状況（令和5年度）"],
        [],
        ["番号", "町内会名", "地区", "世帯数", "加入世帯数"],
        [1, "東町内会", "仁王", 100, 90],
        [None, "合計", None, "=SUM(D4:D4)", "=SUM(E4:E4)"],
    ):
        book.active.append(row)
    book.save(tmp_path / "加入.xlsx")
    result = load("membership", tmp_path / "加入.xlsx", context=CONTEXT)
    assert figures(result) == {("b1", 2023): (100, 90)}
    assert result.report.rejected == []


def test_formulas_that_were_never_calculated_are_told_row_by_row(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["町内会番号", "年度", "世帯数", "加入世帯数"])
    book.active.append(["a1", "R5", 100, "=C2-10"])
    book.active.append(["a3", "R5", 100, 90])
    book.save(tmp_path / "a.xlsx")
    result = load("membership", tmp_path / "a.xlsx", context=CONTEXT)
    ((row, reason),) = reasons(result)
    assert row == 2 and "空です" in reason
    assert any("計算した値のない数式" in note for note in result.report.notes)
