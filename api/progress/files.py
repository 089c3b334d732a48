"""The tables as files: CSV one by one, and a workbook of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.progress.report import Progress
from api.progress.tables import SHEETS, Sheet
from api.tables import rows_to_csv
from api.workbooks import PLAIN, XLSX, Page, Plain, workbook
from kyodo_geo.dates import fiscal_year_label
from maps.tables import Cell, Column

__all__ = ["HELP", "XLSX", "to_csv", "to_xlsx"]

HELP = (
    "成果指標の状態：目標以上なら「達成」。基準から目標までまっすぐ進んだときの値（目標への道筋）以上なら「順調」、それより下なら「遅れ」。",
    "標本調査の値には誤差があるため、95 % 区間の端が目標への道筋に届けば「順調」とします。",
    "95 % 区間：調査の報告書にあればその値、なければ回答者数からウィルソンの方法で計算した値（単純無作為抽出とみなす）。",
    "参考指標には目標がありません。基準の年度と比べて、望ましい向きに動けば「改善」、逆なら「悪化」、同じなら「横ばい」です。",
    "値のない年度は「不明」です。0 とは違います。",
)
"""How the states are to be read; the page and the paper say the same."""


def plain(column: Column, cell: Cell) -> Plain:
    """A number without separators and unit where the column is one of numbers; otherwise the words of the table."""
    if not column.numeric or cell.value is None or isinstance(cell.value, str):
        return cell.text
    return int(cell.value) if float(cell.value).is_integer() else cell.value


def rows_of(sheet: Sheet) -> list[list[Plain]]:
    """Cells of every line, in the order of the columns."""
    return [[plain(column, line[column.key]) for column in sheet.columns] for line in sheet.lines]


WHOLE = ("この表のデータの品質", "時点", "この表の出典")
"""Behind the columns of a table: its credit in every line, also where a line has no value or record of its own."""


def headings(sheet: Sheet) -> list[str]:
    """One per cell of a line with its credit."""
    return [*(column.label for column in sheet.columns), *WHOLE]


def credited(sheet: Sheet, credit: Mapping[str, Any]) -> list[list[Plain]]:
    """The lines, each with the credit of the page: what it is as a whole, as of when, and from where."""
    whole = [str(credit[key] or "不明") for key in ("quality_label", "as_of", "source")]
    return [[*row, *whole] for row in rows_of(sheet)]


def to_csv(sheet: Sheet, credit: Mapping[str, Any]) -> bytes:
    """UTF-8 with BOM; one header row."""
    return rows_to_csv(headings(sheet), credited(sheet, credit))


def to_xlsx(found: Progress, credit: Mapping[str, Any], municipality: str) -> bytes:
    """A workbook with a first sheet that says what it is, then every table; numbers are numbers, words are words."""
    name = found.plan["name"] if found.plan else "計画"
    year = fiscal_year_label(found.fiscal_year)
    about = (
        f"{municipality} {name} 進捗状況 {year}",
        f"データの品質：{credit['quality_label']}",
        f"時点：{credit['as_of'] or '不明'}",
        f"出典：{credit['source'] or '不明'}",
        *HELP,
    )
    first = Page("この資料について", (), [[text] for text in about], widths=(110,), style=PLAIN)
    return workbook([first, *(_page(make(found), credit) for make in SHEETS.values())])


_TITLES = {
    "indicators": "指標",
    "values": "指標の年度ごとの値",
    "initiatives": "取組",
    "records": "取組の実績",
}
_WIDTHS = {"title": 44, "record": 60, "source": 50, "measured_by": 50, "direction": 30, "evidence": 40}


def _page(sheet: Sheet, credit: Mapping[str, Any]) -> Page:
    widths = [*(_WIDTHS.get(column.key, 18) for column in sheet.columns), 20, 20, _WIDTHS["source"]]
    body = credited(sheet, credit)
    return Page(_TITLES[sheet.name], headings(sheet), body, widths, frozen=2, filtered=bool(sheet.lines))
