"""Files of many addresses: what is read, what is refused, and that the reader's own cells come back unharmed."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile

import openpyxl
import pytest

from geodata.batch.csv_file import CsvSource
from geodata.batch.files import open_sink, open_source
from geodata.batch.source import added_headings, find_column, guess_column
from geodata.batch.work import StoppedError, work_through
from geodata.batch.xlsx_file import XlsxSource
from kyodo_geo.errors import FileFormatError, InputError
from kyodo_geo.lookup.answers import Answer, Basis, FoundAddress, FoundAssociation, Outcome
from kyodo_geo.lookup.columns import COLUMNS, MAX_ADDRESS, columns_of
from kyodo_geo.spreadsheets import harmless


class Index:
    """Finds one association for everything; remembers what was asked. Its names are hostile."""

    mark = ""

    def __init__(self, name: str = "=cmd()", message: str = "一〜三丁目") -> None:
        self.asked: list[str] = []
        self._found = FoundAssociation("a1", name, Basis.RULE, None, {})
        self._message = message

    def by_address(self, text: str) -> Answer:
        self.asked.append(text)
        place = FoundAddress(town="試験町", lon=141.1, lat=39.7, accuracy_m=10.0)
        return Answer(Outcome.ONE, place, (self._found,), None, {}, self._message)


def csv_of(content: bytes, index: Index | None = None, column: str | None = "住所", **options: str) -> bytes:
    source = open_source(io.BytesIO(content), "表.csv")
    out = io.BytesIO()
    sink = open_sink(out, source, **options)
    work_through(index or Index(), source, find_column(source.shape.header, column), sink)
    return out.getvalue()


def parsed(content: bytes, encoding: str, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(encoding), newline=""), delimiter=delimiter))


# -- columns


def test_columns_of_one_and_of_several() -> None:
    one = FoundAssociation("a1", "あ町内会", Basis.RULE, None, {}, 0.97)
    two = FoundAssociation("a2", "い町内会", Basis.AREA, None, {})
    place = FoundAddress(
        municipality="盛岡市", town="試験町", block="5", lon=141.12345678, lat=39.7, accuracy_m=9.6
    )
    found = columns_of(Answer(Outcome.ONE, place, (one,), None, {}, "m"))
    assert dict(zip(COLUMNS, found.cells(), strict=True)) == {
        "outcome": "one", "municipality": "盛岡市", "town": "試験町", "koaza": None, "block": "5", "house": None,
        "level": None, "lon": 141.123457, "lat": 39.7, "accuracy_m": 10, "association_id": "a1",
        "association_name": "あ町内会", "basis": "rule", "confidence": 0.97, "candidates": None, "message": "m",
    }  # fmt: skip
    several = columns_of(Answer(Outcome.SEVERAL, place, (one, two), None, {}, "m"))
    assert several.association_id is several.basis is several.confidence is None
    assert dict(zip(COLUMNS, several.cells(), strict=True))["candidates"] == "a1 あ町内会 | a2 い町内会"
    assert list(several.as_dict()) == list(COLUMNS)


def test_one_candidate_that_is_not_sure_is_a_candidate() -> None:
    one = FoundAssociation("a1", "あ町内会", Basis.RULE, None, {}, 0.97)
    found = columns_of(Answer(Outcome.SEVERAL, FoundAddress(), (one,), None, {}, "m"))
    assert found.association_id is None
    assert [candidate.id for candidate in found.candidates] == ["a1"]


def test_which_column_holds_the_address() -> None:
    assert guess_column(("番号", "住　所", "氏名")) == 1
    assert guess_column(("番号", "Address")) == 1
    assert guess_column(("住所", "所在地")) is None
    assert guess_column(("番号",)) is None
    assert find_column(("a", "b"), "b") == 1
    for header, name in ((("a", "b"), "c"), (("a", "a"), "a"), (("a", "b"), None)):
        with pytest.raises(InputError, match="列: a、"):
            find_column(header, name)


def test_a_result_can_be_looked_up_again() -> None:
    header = ("住所", *COLUMNS)
    assert added_headings(header) == [f"{name}_2" for name in COLUMNS]
    assert added_headings((*header, *added_headings(header)))[0] == "outcome_2_2"


# -- formula injection


@pytest.mark.parametrize(
    "text",
    ["=1+1", "=cmd|' /C calc'!A0", "+SUM(A1)", "-2+3+cmd|x", "@SUM(1)", "\t=1", "\r=1", "\n=1",
     "＝1+1", "＠x", " =1", "+a", "-盛岡"],
)  # fmt: skip
def test_what_a_spreadsheet_might_run_is_quoted(text: str) -> None:
    assert harmless(text) == "'" + text


@pytest.mark.parametrize(
    "text",
    ["", "-5", "+5", "-1,234.50", "-12.5%", "+81-19-626-7535", "-", "－", "---", "-(1)", "－５", "盛岡市内丸12-2", "a=b", "1=1"],
)  # fmt: skip
def test_numbers_telephone_numbers_and_dashes_stay_what_they_were(text: str) -> None:
    assert harmless(text) == text


def test_own_and_added_cells_of_a_csv_are_quoted_alike() -> None:
    rows = parsed(csv_of("住所,備考,数\r\n試験町1,=HYPERLINK(1),-5\r\n".encode()), "utf-8")
    assert rows[1][:3] == ["試験町1", "'=HYPERLINK(1)", "-5"]
    assert rows[1][3 + COLUMNS.index("association_name")] == "'=cmd()"


# -- CSV


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_encoding_byte_order_mark_and_line_ends_stay(encoding: str, newline: str) -> None:
    content = newline.join(["番号,住所", "01,盛岡市試験町①", "02,髙橋"]) + newline
    out = csv_of(content.encode(encoding))
    assert out.startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")
    assert out.endswith(newline.encode()) and out.count(b"\r\n") == (3 if newline == "\r\n" else 0)
    rows = parsed(out, encoding)
    assert rows[0] == ["番号", "住所", *COLUMNS]
    assert [row[:2] for row in rows[1:]] == [["01", "盛岡市試験町①"], ["02", "髙橋"]]
    assert rows[1][-1] == ("一～三丁目" if encoding == "cp932" else "一〜三丁目")


def test_the_encoding_of_the_result_can_be_told() -> None:
    out = csv_of("住所\r\n試験町\r\n".encode("cp932"), encoding="utf-8-sig")
    assert out.decode("utf-8-sig").startswith("住所,outcome")


def test_characters_an_encoding_does_not_have_are_marked_and_counted() -> None:
    source = CsvSource(io.BytesIO("住所\n試験町\n".encode("cp932")), "x")
    out = io.BytesIO()
    sink = open_sink(out, source)
    work_through(Index(name="𠮷田町内会"), source, 0, sink)
    assert sink.replaced == 1  # type: ignore[attr-defined]
    assert "〓田町内会" in out.getvalue().decode("cp932")


def test_quoted_line_breaks_commas_and_quotes_stay() -> None:
    index = Index()
    content = '住所,メモ\n"盛岡市\n試験町,1","彼は""はい""と\n言った"\n'
    rows = parsed(csv_of(content.encode(), index), "utf-8")
    assert rows[1][:2] == ["盛岡市\n試験町,1", '彼は"はい"と\n言った']
    assert index.asked == ["盛岡市 試験町,1"]


def test_tabs_separate_where_the_first_line_says_so() -> None:
    out = csv_of("住所\t数\n試験町\t3\n".encode())
    assert parsed(out, "utf-8", "\t")[1][:3] == ["試験町", "3", "one"]


def test_short_rows_are_filled_blank_rows_stay_blank_and_nothing_is_asked_twice() -> None:
    index = Index()
    rows = parsed(
        csv_of(f"番号,住所,他\n1,試験町\n,,\n\n2,,x\n3,{'あ' * (MAX_ADDRESS + 1)},\n".encode(), index),
        "utf-8",
    )
    assert [row[3] for row in rows[1:]] == ["one", "", "", "not_understood", "not_understood"]
    assert all(len(row) == 3 + len(COLUMNS) for row in rows)
    assert index.asked == ["試験町"]
    assert "書かれていません" in rows[4][-1] and "長すぎます" in rows[5][-1]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "空のファイル"),
        (b"\r\n\r\n", "空のファイル"),
        ("住所\r\n".encode(), "見出しのほかに行がありません"),
        ("住所\n盛岡".encode("utf-16"), "UTF-16"),
        (b"\x89PNG\r\n\x1a\n\0\0", "文字の表"),
        ("住所\n".encode("cp932") + b"\xff\xfe\xfd\n", "文字コードが分かりません"),
        ("住所\n盛岡市内丸\n".encode("euc_jp"), "文字コードが分かりません"),
        ('住所\n"閉じない\n'.encode(), "2 行目"),
        ("住所,数\n盛岡市,1,2,3\n".encode(), "2 行目のセルが"),
        (("住所" + ",a" * 300 + "\n1\n").encode(), "列が多すぎます"),
        (("住所\n" + "あ" * 140_000 + "\n").encode(), "2 行目を表として読めません"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_a_reason(content: bytes, told: str) -> None:
    with pytest.raises(FileFormatError, match=told):
        open_source(io.BytesIO(content), "表.csv")


def test_more_rows_than_allowed_are_refused() -> None:
    content = "住所\n" + "a\n" * 11
    with pytest.raises(FileFormatError, match="上限 10 行"):
        open_source(io.BytesIO(content.encode()), "表.csv", max_rows=10)


def test_the_work_can_be_stopped_and_tells_how_far_it_is() -> None:
    source = open_source(io.BytesIO(("住所\n" + "a\n" * 1000).encode()), "表.csv")
    seen: list[int] = []
    with pytest.raises(StoppedError):
        work_through(
            Index(), source, 0, open_sink(io.BytesIO(), source),
            on_progress=seen.append, should_stop=lambda: len(seen) == 2,
        )  # fmt: skip
    assert seen == [200, 400]


# -- XLSX


def book_of(*rows: list[object]) -> io.BytesIO:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out


def through(stream: io.BytesIO, column: int = 0, index: Index | None = None) -> openpyxl.Workbook:
    source = open_source(stream, "表.xlsx")
    out = io.BytesIO()
    work_through(index or Index(), source, column, open_sink(out, source))
    return openpyxl.load_workbook(out)


def test_a_workbook_keeps_numbers_dates_and_leading_zeros() -> None:
    day = dt.datetime(2026, 4, 1)  # noqa: DTZ001 (workbooks know no time zones)
    stream = book_of(["住所", "番号", "数", "日", "率"], ["試験町", "007", -5, day, 0.5])
    sheet = through(stream).active
    header, row = list(sheet.iter_rows())
    assert [cell.value for cell in header] == ["住所", "番号", "数", "日", "率", *COLUMNS]
    assert [cell.value for cell in row][:5] == ["試験町", "007", -5, day, 0.5]
    assert row[3].is_date
    assert row[5 + COLUMNS.index("lon")].value == 141.1


def test_text_in_a_workbook_never_becomes_a_formula() -> None:
    stream = book_of(["住所", "メモ"], ["試験町", "x"])
    # A text cell that begins with "=" (the sheet's writer would make it a formula of itself).
    book = openpyxl.load_workbook(stream)
    cell = book.active["B2"]
    cell.value, cell.data_type = "=1+1", "s"
    planted = io.BytesIO()
    book.save(planted)

    row = list(through(planted).active.iter_rows())[1]
    memo, name = row[1], row[2 + COLUMNS.index("association_name")]
    assert (memo.value, memo.data_type, memo.quotePrefix) == ("=1+1", "s", True)
    assert (name.value, name.data_type, name.quotePrefix) == ("=cmd()", "s", True)


def test_a_formula_without_its_value_is_told_and_nothing_becomes_empty_without_a_word() -> None:
    """Programs that write workbooks leave the values to Excel; a reader cannot work them out."""
    stream = book_of(
        ["住所", "番号", "計"],
        ["試験町", 1, 2],
        ['=A2&"5番"', 1, 2],
        ["試験町", 3, "=B2+B3"],
        ["=A2", None, None],
    )
    index = Index(message="答え。")
    sheet = through(stream, index=index).active
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    outcome, message = (3 + COLUMNS.index(name) for name in ("outcome", "message"))
    assert [row[outcome] for row in rows] == ["one", "not_understood", "one", "not_understood"]
    assert rows[0][message] == "答え。"
    assert "住所のセルは数式" in rows[1][message] and "保存し直す" in rows[1][message]
    assert rows[2][:3] == ("試験町", 3, None) and "「計」は数式" in rows[2][message]
    assert index.asked == ["試験町", "試験町"], "nothing was guessed"


def test_a_formula_with_its_value_is_that_value() -> None:
    stream = book_of(["住所", "計"], ["試験町", 1])
    with zipfile.ZipFile(stream) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    assert b'<c r="B2"' in xml
    with_value = re.sub(rb'<c r="B2"[^>]*><v>1</v></c>', b'<c r="B2"><f>1+1</f><v>2</v></c>', xml)
    assert with_value != xml
    row = list(
        through(rezipped(stream, **{"xl/worksheets/sheet1.xml": with_value})).active.iter_rows(
            values_only=True
        )
    )[1]
    assert row[:2] == ("試験町", 2) and "数式" not in row[2 + COLUMNS.index("message")]


def test_blank_rows_inside_a_sheet_stay_and_those_at_its_end_do_not_count() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A2"], sheet["A3"], sheet["A5"] = "住所", "試験町", "試験町二丁目"
    sheet["A9000"].number_format = "0.00"
    out = io.BytesIO()
    book.save(out)
    source = XlsxSource(out, "x")
    assert source.shape.rows == 3
    assert [len(row) for row in source.rows()] == [1, 0, 1]


def test_a_row_far_below_is_refused_and_not_left_out() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"], sheet["A2"], sheet["A30"] = "住所", "試験町", "試験町二丁目"
    out = io.BytesIO()
    book.save(out)
    assert XlsxSource(out, "x", max_rows=29).shape.rows == 29
    with pytest.raises(FileFormatError, match="行が多すぎます（上限 26 行）"):
        XlsxSource(out, "x", max_rows=26)


def rezipped(stream: io.BytesIO, **replaced: bytes) -> io.BytesIO:
    """The workbook with parts replaced or added, by name with `_` for `/` in folders `xl` and `xl/worksheets`."""
    out = io.BytesIO()
    with zipfile.ZipFile(stream) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, replaced.pop(name, None) or old.read(name))
        for name, content in replaced.items():
            new.writestr(name, content)
    return out


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = rezipped(book_of(["住所"], ["a"]), **{"xl/media/x.bin": b"\0" * (60 << 20)})
    assert len(bomb.getvalue()) < 100_000
    with pytest.raises(FileFormatError, match="開くと大きすぎる"):
        open_source(bomb, "表.xlsx")


def test_entities_and_document_types_are_refused() -> None:
    evil = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><worksheet>&a;</worksheet>'
    with pytest.raises(FileFormatError, match="読み取れない内容"):
        open_source(rezipped(book_of(["住所"], ["a"]), **{"xl/worksheets/sheet1.xml": evil}), "表.xlsx")


def test_a_far_away_row_or_column_does_not_make_it_long() -> None:
    stream = book_of(["住所"], ["a"])
    with zipfile.ZipFile(stream) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    far = sheet.replace(
        b"</sheetData>", b'<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row></sheetData>'
    )
    source = open_source(rezipped(stream, **{"xl/worksheets/sheet1.xml": far}), "表.xlsx")
    assert source.shape.rows == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "古い Excel の形式"),
        (b"PK\x03\x04" + b"\0" * 60, "ではないか、壊れています"),
    ],
)
def test_what_is_no_workbook_is_refused_with_a_reason(content: bytes, told: str) -> None:
    with pytest.raises(FileFormatError, match=told):
        open_source(io.BytesIO(content), "表.xlsx")


@pytest.mark.parametrize("name", ["bad.xlsx", "BAD.XLSM", "bad.xls"])
def test_a_text_that_is_called_a_workbook_is_refused_as_one(name: str) -> None:
    with pytest.raises(FileFormatError, match="Excel のブックとして読めません"):
        open_source(io.BytesIO("住所\n試験町一丁目5番\n".encode()), name)


def test_a_row_that_cannot_be_asked_is_marked_like_its_neighbours() -> None:
    index = Index()
    index.mark = "※見本データ（架空）"
    out = csv_of(("住所\n" + "あ" * 201 + "\n").encode(), index).decode()
    assert "長すぎます" in out and "※見本データ（架空）" in out


def test_a_zip_that_is_no_workbook_and_a_broken_sheet() -> None:
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(FileFormatError, match="ではないか、壊れています"):
        open_source(other, "表.xlsx")
    broken = rezipped(
        book_of(["住所"], ["a"]), **{"xl/worksheets/sheet1.xml": b"<worksheet><sheetData><row>"}
    )
    with pytest.raises(FileFormatError, match="読めません"):
        open_source(broken, "表.xlsx")
