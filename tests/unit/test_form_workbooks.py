"""Forms as workbooks: what goes out is locked but for the answers; what comes back is read whole, or refused in words."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from api.form_uploads import Read, read_forms
from api.form_workbooks import file_name, form_workbook, workbooks_zip
from geodata.form_files import files_in, read_form
from kyodo_geo.errors import FileFormatError
from kyodo_geo.form_sheets import Filled, Form, Part, Question, checked

SECRET = b"s" * 32
LONG = tuple(f"とても長い選択肢の {no} 番目、説明付き" for no in range(30))
FORM = Form(
    "return", "2026", "a11", "3", "年度更新 & 令和8年度", ("みたけ町内会 様", "5月31日までにお送りください。"),
    (
        Part("世帯数", "基準日の数です。", (
            Question("households", "区域の世帯数", "whole", held="100 世帯", most=50_000, hint="分からなければ空"),
            Question("counted_on", "数えた日", "day", value=date(2026, 4, 1)),
        )),
        Part("会長", "", (
            Question("name", "会長の名前", value="=HYPERLINK(\"x\")", held="=1+1"),
            Question("phone", "電話", value="0190001111"),
            Question("publish", "公開", "choice", choices=("公開してよい", "公開しない"), value="公開しない"),
            Question("theme", "分野", "choice", choices=LONG),
            Question("wishes", "ご要望", "words", value="一行目\n二行目"),
        )),
    ),
)  # fmt: skip
BYTES = form_workbook(FORM, SECRET)
SAID = {
    "households": "", "counted_on": "2026-04-01", "name": '=HYPERLINK("x")', "phone": "0190001111", "publish": "公開しない",
    "theme": "", "wishes": "一行目\n二行目",
}  # fmt: skip


def again(change: Callable[[Worksheet], Any], content: bytes = BYTES) -> bytes:
    """The workbook as somebody saves it after a change."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    change(book.worksheets[0])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(content: bytes, secret: bytes = SECRET) -> Filled:
    return checked(*read_form(io.BytesIO(content), "用紙.xlsx"), secret, "用紙.xlsx")


def cell_of(sheet: Worksheet, name: str) -> str:
    """Address of an answer."""
    row = next(row for row in range(1, 60) if str(sheet.cell(row, 1).value).startswith(f"{name}#"))
    return f"D{row}"


def test_what_goes_out_comes_back() -> None:
    assert read(BYTES) == Filled("return", "2026", "a11", "3", SAID)


def test_equal_forms_are_equal_files() -> None:
    assert form_workbook(FORM, SECRET) == BYTES


def test_only_the_answers_are_unlocked() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(BYTES)).worksheets[0]
    assert sheet.protection.sheet and sheet.column_dimensions["A"].hidden
    free = {cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked}
    assert free == {cell_of(sheet, name) for name in SAID}


def test_lists_numbers_and_days_are_rules_of_the_cells() -> None:
    book = openpyxl.load_workbook(io.BytesIO(BYTES))
    sheet = book.worksheets[0]
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    whole = rules[cell_of(sheet, "households")]
    assert (whole.type, whole.formula1, whole.formula2) == (
        "whole",
        "0",
        "50000",
    ) and "分からなければ空" in whole.prompt
    assert rules[cell_of(sheet, "publish")].formula1 == '"公開してよい,公開しない"'
    assert rules[cell_of(sheet, "theme")].formula1 == "'選択肢'!$A$1:$A$30", "too long for the rule itself"
    assert rules[cell_of(sheet, "counted_on")].type == "date"
    assert book["選択肢"].sheet_state == "hidden"
    assert [row[0].value for row in book["選択肢"].iter_rows()] == list(LONG)


def test_a_long_line_is_broken_at_the_papers_edge() -> None:
    book = openpyxl.load_workbook(
        io.BytesIO(form_workbook(Form(**{**_facts(), "leads": ("長" * 120,)}), SECRET))
    )
    sheet = book.worksheets[0]
    assert [str(area) for area in sheet.merged_cells.ranges] == ["B2:E2"]
    assert sheet["B2"].alignment.wrap_text and sheet.row_dimensions[2].height > 40


def test_choices_with_commas_and_quotes_are_listed_apart() -> None:
    odd = ("はい、1,2 回", 'そのほか"特に"')
    parts = (Part("", "", (Question("a", "回数", "choice", choices=odd, value=odd[0]),)),)
    content = form_workbook(Form(**{**_facts(), "parts": parts}), SECRET)
    (rule,) = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].data_validations.dataValidation
    assert rule.formula1 == "'選択肢'!$A$1:$A$2" and read(content).answers == {"a": odd[0]}


def test_it_prints_on_a4_and_holds_nothing_that_runs() -> None:
    book = openpyxl.load_workbook(io.BytesIO(BYTES))
    sheet = book.worksheets[0]
    assert (
        sheet.page_setup.paperSize == 9
        and sheet.page_setup.fitToHeight == 0
        and sheet.sheet_properties.pageSetUpPr.fitToPage
    )
    assert "B$1:$E$" in str(sheet.print_area).replace("$B", "B")
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert sheet[cell_of(sheet, "name")].quotePrefix and sheet[cell_of(sheet, "phone")].number_format == "@"
    with zipfile.ZipFile(io.BytesIO(BYTES)) as archive:
        assert not [
            name for name in archive.namelist() if "vba" in name.lower() or "external" in name.lower()
        ]


def test_answers_as_people_type_them() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet[cell_of(sheet, "households")] = 120.0
        sheet[cell_of(sheet, "counted_on")] = "令和8年4月2日"
        sheet[cell_of(sheet, "publish")] = True
        sheet[cell_of(sheet, "phone")] = None

    found = read(again(fill)).answers
    assert (found["households"], found["counted_on"], found["publish"], found["phone"]) == (
        "120",
        "令和8年4月2日",
        "はい",
        "",
    )


def test_a_renamed_sheet_and_inserted_rows_change_nothing() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.title = "みたけ"
        sheet.insert_rows(6, 2)
        sheet["B6"] = "メモ"

    assert read(again(fill)).answers == SAID


def test_a_changed_locked_cell_is_told_by_its_label() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet[cell_of(sheet, "households").replace("D", "C")] = "500 世帯"

    with pytest.raises(FileFormatError, match="記入欄のほかが変わっています（区域の世帯数）"):
        read(again(fill))


def test_rows_that_are_gone_or_copied_are_told() -> None:
    def cut(sheet: Worksheet) -> None:
        sheet.delete_rows(int(cell_of(sheet, "phone")[1:]))

    def copy(sheet: Worksheet) -> None:
        place = int(cell_of(sheet, "phone")[1:])
        for column in range(1, 5):
            sheet.cell(50, column).value = sheet.cell(place, column).value

    with pytest.raises(FileFormatError, match="1 行がありません"):
        read(again(cut))
    with pytest.raises(FileFormatError, match="「電話」の行が 2 つ"):
        read(again(copy))


def test_a_form_cannot_be_handed_in_for_somebody_else() -> None:
    def forge(sheet: Worksheet) -> None:
        sheet["A1"] = str(sheet["A1"].value).replace('"a11"', '"a12"')

    with pytest.raises(FileFormatError, match="書き換えられています"):
        read(again(forge))
    with pytest.raises(FileFormatError, match="書き換えられています"):
        read(BYTES, b"another city's")


def test_rows_of_another_form_do_not_fit_in() -> None:
    """The answers of one association pasted with their hidden cells into another's form."""
    other = openpyxl.load_workbook(
        io.BytesIO(form_workbook(Form(**{**_facts(), "key": "a12"}), SECRET))
    ).worksheets[0]

    def mix(sheet: Worksheet) -> None:
        for row in sheet.iter_rows(min_row=2):
            for cell in row:
                cell.value = other[cell.coordinate].value
                cell.data_type = other[cell.coordinate].data_type

    with pytest.raises(FileFormatError, match="記入欄のほか"):
        read(again(mix))


def _facts() -> dict[str, Any]:
    return {name: getattr(FORM, name) for name in ("kind", "round", "key", "mark", "title", "leads", "parts")}


def test_two_forms_in_one_workbook_lose_neither() -> None:
    def double(sheet: Worksheet) -> None:
        copy = sheet.parent.copy_worksheet(sheet)
        assert copy is not None

    with pytest.raises(FileFormatError, match="2 枚あります"):
        read(again(double))


def test_signs_that_the_format_writes_as_escapes_are_read_back() -> None:
    typed = "一行目\r\n次の行"
    book = form_workbook(
        Form(**{**_facts(), "parts": (Part("", "", (Question("w", "語", "words", value=typed),)),)}), SECRET
    )
    assert read(book).answers["w"] == "一行目\n次の行"


def test_a_seal_of_strange_signs_is_a_wrong_one() -> None:
    def forge(sheet: Worksheet) -> None:
        place = cell_of(sheet, "phone").replace("D", "A")
        sheet[place] = "phone#「」"

    with pytest.raises(FileFormatError, match="（電話）"):
        read(again(forge))


def test_a_file_of_libreoffices_own_format_is_named() -> None:
    ods = packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"})
    with pytest.raises(FileFormatError, match="OpenDocument"):
        list(files_in(io.BytesIO(ods), "用紙.ods"))


@pytest.mark.parametrize("value", ["=1+1", "=SUM(D1:D2)"])
def test_a_formula_in_an_answer_is_refused_with_its_row(value: str) -> None:
    with pytest.raises(FileFormatError, match="行目の回答が、計算式"):
        read(again(lambda sheet: sheet.__setitem__(cell_of(sheet, "households"), value)))


def test_an_error_value_in_an_answer_is_refused() -> None:
    def fill(sheet: Worksheet) -> None:
        cell = sheet[cell_of(sheet, "households")]
        cell.value, cell.data_type = "#REF!", "e"

    with pytest.raises(FileFormatError, match="エラーの値（#REF!）"):
        read(again(fill))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "古い Excel の形式（.xls）か、パスワード"),
        ("番号,世帯数\n1,2\n".encode("cp932"), "CSV や PDF では"),
        (b"%PDF-1.7", "CSV や PDF では"),
        (b"", "Excel のブックではありません"),
        (b"PK\x03\x04broken", "壊れています"),
    ],
)
def test_what_is_no_workbook_is_said_clearly(content: bytes, said: str) -> None:
    with pytest.raises(FileFormatError, match=said):
        read(content)


@pytest.mark.parametrize(
    "first",
    [
        "年度更新",
        '{"form":"kyodo-form"}',
        '{"form":"kyodo-form","version":1,"kind":"return","round":"2026","key":"a","mark":"","seal":"x","names":[1]}',
        '{"form":"kyodo-form","version":1,"kind":["return"],"round":"2026","key":"a","mark":"","seal":"x","names":[]}',
        '{"form":"kyodo-form","deep":' + "[" * 30_000,
    ],
)
def test_a_workbook_of_something_else_is_no_form(first: str) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0]["A1"] = first
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(FileFormatError, match="用紙の番号がありません"):
        read(out.getvalue())


def packed(files: dict[str, bytes]) -> bytes:
    return b"".join(workbooks_zip(files.items()))


def test_all_forms_in_one_zip_with_names_people_know() -> None:
    names = [file_name("a11", "みたけ/町内会"), file_name("a12", "青山:自治会")]
    assert names == ["a11_みたけ_町内会.xlsx", "a12_青山_自治会.xlsx"]
    made = packed(dict.fromkeys(names, BYTES))
    assert made == packed(dict.fromkeys(names, BYTES)), "equal input, equal bytes"
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.namelist() == names and archive.testzip() is None


def test_a_zip_comes_back_with_what_systems_put_beside_it() -> None:
    files = {
        "a/用紙.xlsx": BYTES,
        "__MACOSX/a/._用紙.xlsx": b"x",
        "a/~$用紙.xlsx": b"x",
        "a/メモ.txt": b"memo",
    }
    found = dict(files_in(io.BytesIO(packed(files)), "まとめ.zip"))
    assert list(found) == ["用紙.xlsx", "メモ.txt"]


def upload(**files: bytes) -> list[Read]:
    return read_forms(
        [(name.replace("_", "."), io.BytesIO(content)) for name, content in files.items()],
        kind="return", round_="2026", secret=SECRET,
    )  # fmt: skip


def test_an_upload_gives_each_file_its_line() -> None:
    """By the child, as the service does it."""
    late = form_workbook(Form(**{**_facts(), "round": "2025"}), SECRET)
    found = upload(a_xlsx=BYTES, b_zip=packed({"c.xlsx": BYTES, "d.xlsx": b"no"}), e_xlsx=late, f_csv=b"a,b")
    assert [(item.name, item.filled is not None) for item in found] == [
        ("a.xlsx", True), ("c.xlsx", True), ("d.xlsx", False), ("e.xlsx", False), ("f.csv", False),
    ]  # fmt: skip
    assert found[0].filled is not None and found[0].filled.answers == SAID
    assert "別の年度（2025）" in str(found[3].refused)


def test_one_file_that_needs_too_much_spoils_no_other() -> None:
    strings = b"<sst>" + b"<si><t>a</t></si>" * 600_000 + b"</sst>"
    bad = io.BytesIO()
    with zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/sharedStrings.xml", strings)
    found = upload(a_xlsx=BYTES, b_xlsx=bad.getvalue())
    assert [item.filled is not None for item in found] == [True, False]


def test_an_upload_beyond_the_bounds_is_refused_whole() -> None:
    with pytest.raises(FileFormatError, match="分けて送って"):
        read_forms([("a.xlsx", io.BytesIO(BYTES))] * 401, kind="return", round_="2026", secret=SECRET)
