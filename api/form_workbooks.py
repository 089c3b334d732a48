"""Forms as workbooks (XlsxWriter, as `api.workbooks`): locked but for the answers, lists, hints, A4; equal input = equal bytes.

A hidden column carries whose form it is and the name and seal of each row (`kyodo_geo.form_sheets`), so that rows may be
inserted and the sheet renamed. No macros, no links. `geodata.form_files` reads them.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from api.workbooks import MADE, WORDS_STAY_WORDS, plain_text
from kyodo_geo.form_sheets import Form, Question, identity, row_seal
from kyodo_geo.spreadsheets import harmless

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

IDS, LABEL, HELD, ANSWER, HINT = range(5)
WIDTHS = (0, 26, 26, 34, 30)
"""Characters; together one A4 page across."""
INLINE = 250
"""Characters of a list that stands in the rule itself; longer ones stand on a sheet of their own."""
SHEET, LISTS = "記入用紙", "選択肢"
MAX_WHOLE = 999_999_999
LINE_POINTS = 16.0
ACROSS = 52
"""Full-width letters across the page."""
_BASE = {"font_name": "Yu Gothic", "font_size": 10.5, "valign": "vcenter", "text_wrap": True}
_BOX = {"border": 1, "border_color": "#8a8a8a"}
_LOOKS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 15, "text_wrap": False},
    "lead": {"text_wrap": False, "font_color": "#333333"},
    "broken": {"text_wrap": True, "font_color": "#333333"},
    "part": {"bold": True, "font_size": 12, "text_wrap": False, "top": 2},
    "head": {**_BOX, "bold": True, "bg_color": "#e3e8ec"},
    "label": {**_BOX, "bold": True, "bg_color": "#f2f4f6"},
    "held": {**_BOX, "font_color": "#333333"},
    "hint": {"font_size": 9, "font_color": "#444444", "indent": 1},
    "text": {**_BOX, "bg_color": "#fff8dc", "locked": False, "num_format": "@"},
    "whole": {**_BOX, "bg_color": "#fff8dc", "locked": False, "num_format": "#,##0", "align": "left"},
    "day": {**_BOX, "bg_color": "#fff8dc", "locked": False, "num_format": "yyyy-mm-dd", "align": "left"},
}


def form_workbook(form: Form, secret: bytes) -> bytes:
    """The file of one form; `secret` seals it and is needed to read it back."""
    from xlsxwriter import Workbook

    out = io.BytesIO()
    with Workbook(out, WORDS_STAY_WORDS) as book:
        book.set_properties({"created": MADE, "title": form.title})
        looks = {name: book.add_format({**_BASE, **look}) for name, look in _LOOKS.items()}
        looks["quoted"] = book.add_format({**_BASE, **_LOOKS["text"], "quote_prefix": True})
        sheet = book.add_worksheet(SHEET)
        _set_up(sheet, form)
        rules = _fill(sheet, form, secret, looks)
        _lists(book, sheet, rules)
    return out.getvalue()


def workbooks_zip(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """A ZIP of the files (name, bytes), handed out piece by piece while it is made; workbooks are packed already."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files:
            info = zipfile.ZipInfo(name, MADE.timetuple()[:6])
            archive.writestr(info, content)
            yield pipe.taken()
    yield pipe.taken()


def file_name(number: str, name: str) -> str:
    """番号_名前.xlsx, without what Windows does not take in a name."""
    plain = "".join("_" if sign in '\\/:*?"<>|' or ord(sign) < 32 else sign for sign in f"{number}_{name}")
    return f"{plain[:80].strip(' .')}.xlsx"


class _Pipe(io.RawIOBase):
    """Takes what a ZIP writes, without going back."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._at = 0

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        return self._at

    def write(self, data: Any) -> int:
        self._pieces.append(bytes(data))
        self._at += len(data)
        return len(data)

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def _set_up(sheet: Worksheet, form: Form) -> None:
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width, None, {"hidden": True} if column == IDS else {})
    # Without a password: it keeps slips of the hand out; the seals tell what was changed on purpose.
    sheet.protect("", {"select_locked_cells": True, "format_rows": True, "format_columns": True})
    sheet.set_paper(9)  # A4
    sheet.set_portrait()
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(f"&L{form.title.replace('&', '&&')[:120]}&R&P / &N")
    sheet.hide_gridlines(2)


def _fill(sheet: Worksheet, form: Form, secret: bytes, looks: dict[str, Any]) -> list[tuple[int, Question]]:
    """Write the rows; returns (row, question) of those that want a rule."""
    sheet.set_row(0, 26)
    sheet.write_string(0, IDS, identity(form, secret), looks["hint"])
    sheet.write_string(0, LABEL, plain_text(form.title), looks["title"])
    row = 1
    for lead in form.leads:
        _lead(sheet, row, lead, looks)
        row += 1
    whose = (form.kind, form.round, form.key, form.mark)
    rules = []
    for part in form.parts:
        row += 1
        sheet.set_row(row, 24)
        sheet.write_string(row, LABEL, plain_text(part.title), looks["part"])
        for column in (HELD, ANSWER, HINT):
            sheet.write_blank(row, column, None, looks["part"])
        if part.lead:
            row += 1
            _lead(sheet, row, part.lead, looks)
        row += 1
        sheet.set_row(row, LINE_POINTS + 4)
        for column, head in ((LABEL, "項目"), (HELD, form.held_head), (ANSWER, form.answer_head)):
            sheet.write_string(row, column, head, looks["head"])
        for question in part.questions:
            row += 1
            label, held = plain_text(question.label), plain_text(question.held)
            seal = row_seal(whose, question.name, label, held, secret)
            sheet.write_string(row, IDS, f"{question.name}#{seal}", looks["hint"])
            sheet.write_string(row, LABEL, label, looks["label"])
            sheet.write_string(row, HELD, held, looks["held"])
            sheet.write_string(row, HINT, plain_text(question.hint), looks["hint"])
            _answer(sheet, row, question, looks)
            sheet.set_row(row, _height(question))
            rules.append((row, question))
    sheet.print_area(0, LABEL, row, HINT)
    return rules


def _lead(sheet: Worksheet, row: int, text: str, looks: dict[str, Any]) -> None:
    """A line across the page; one that is longer is broken, for nothing runs beyond the paper's edge."""
    plain = plain_text(text)
    lines = sum(max(1, -(-len(line) // ACROSS)) for line in plain.split("\n"))
    sheet.set_row(row, lines * LINE_POINTS + 3)
    if lines > 1:
        sheet.merge_range(row, LABEL, row, HINT, "", looks["broken"])
        sheet.write_string(row, LABEL, plain, looks["broken"])
    else:
        sheet.write_string(row, LABEL, plain, looks["lead"])


def _answer(sheet: Worksheet, row: int, question: Question, looks: dict[str, Any]) -> None:
    value = question.value
    look = looks[question.form if question.form in ("whole", "day") else "text"]
    if isinstance(value, date):
        sheet.write_datetime(row, ANSWER, value, look)
    elif isinstance(value, int):
        sheet.write_number(row, ANSWER, value, look)
    elif value:
        text = plain_text(value)
        quoted = look is looks["text"] and harmless(text) != text
        sheet.write_string(row, ANSWER, text, looks["quoted"] if quoted else look)
    else:
        sheet.write_blank(row, ANSWER, None, look)


def _height(question: Question) -> float:
    """Rows do not grow by themselves where another program than Excel opens the file: room for what stands there."""
    texts = ((question.label, 12), (question.held, 12), (str(question.value or ""), 16), (question.hint, 17))
    lines = max(sum(max(1, -(-len(line) // wide)) for line in text.split("\n")) for text, wide in texts)
    least = 4 if question.form == "words" else 1
    return min(max(lines, least) * LINE_POINTS + 6, 400)


def _lists(book: Workbook, sheet: Worksheet, rules: list[tuple[int, Question]]) -> None:
    """Lists, numbers and days that a cell takes; a long list stands on a hidden sheet, once."""
    places: dict[tuple[str, ...], str] = {}
    other: Worksheet | None = None
    for row, question in rules:
        rule: dict[str, Any] = {"ignore_blank": True}
        if question.hint:
            rule |= {"input_title": question.label[:32], "input_message": question.hint[:255]}
        if question.choices:
            source: Any = list(question.choices)
            if len(",".join(question.choices)) > INLINE or any(
                sign in choice for choice in question.choices for sign in ',"'
            ):
                if other is None:
                    other = book.add_worksheet(LISTS)
                    other.hide()
                if question.choices not in places:
                    column = len(places)
                    for at, choice in enumerate(question.choices):
                        other.write_string(at, column, plain_text(choice))
                    letter = _letters(column)
                    places[question.choices] = f"='{LISTS}'!${letter}$1:${letter}${len(question.choices)}"
                source = places[question.choices]
            rule |= {
                "validate": "list", "source": source, "error_title": "一覧から選んでください",
                "error_message": "▼ を押して、一覧から選んでください。空にするときは Delete キーを押します。",
            }  # fmt: skip
        elif question.form == "whole":
            most = MAX_WHOLE if question.most is None else question.most
            rule |= {
                "validate": "integer", "criteria": "between", "minimum": question.least, "maximum": most,
                "error_title": "整数で入力してください",
                "error_message": f"{question.least:,} から {most:,} までの整数です。分からないときは空のままにします。",
            }  # fmt: skip
        elif question.form == "day":
            rule |= {
                "validate": "date", "criteria": "between", "minimum": date(1950, 1, 1), "maximum": date(2200, 12, 31),
                "error_title": "日付で入力してください", "error_message": "2026/4/1 のように入力してください。",
            }  # fmt: skip
        elif question.hint:
            rule |= {"validate": "any"}
        else:
            continue
        sheet.data_validation(row, ANSWER, row, ANSWER, rule)


def _letters(column: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(column))
