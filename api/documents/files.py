"""A year of the register as files: CSV of the documents, a workbook with all tables and the definition."""

from __future__ import annotations

from api.documents.year import LABELS, Year
from api.tables import rows_to_csv
from api.workbooks import Page, Plain, workbook
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.documents.counting import Counted
from kyodo_geo.documents.tables import YEAR, Line

HEAD = [
    "送った日", "担当課", "題名", "文書番号", "宛先", "部数", "送り方", "種類", "回答の期限", "件数に数える", "数えない理由",
]  # fmt: skip
MONTHS = [f"{month}月" for month in YEAR]


def document_row(item: Counted) -> list[str | int]:
    """One document as the files have it."""
    one = item.document
    return [
        one.sent_on.isoformat(), one.department, one.title, one.number or "", LABELS["addressees"][one.addressees],
        "" if one.copies is None else one.copies, LABELS["way"][one.way], LABELS["kind"][one.kind],
        one.answer_by.isoformat() if one.answer_by else "", "はい" if item.counts else "いいえ", item.why,
    ]  # fmt: skip


def to_csv(year: Year) -> bytes:
    """The year's documents, with whether each counts."""
    return rows_to_csv(HEAD, map(document_row, year.items))


def to_xlsx(year: Year) -> bytes:
    """The documents, the tables, what could be fewer, and by which rule it was counted."""
    label = fiscal_year_label(year.fiscal_year)
    sentences: list[list[Plain | None]] = [["数え方", sentence] for sentence in year.rule.rule.sentences]
    about: list[list[Plain | None]] = [
        ["年度", label],
        ["会長あて送付文書の数（この登録から）", year.total.counted],
        ["指標に入っている値", None if year.aim is None else year.aim.value],
        ["登録した文書", year.total.sent],
        ["数え方の版", f"第{year.rule.version}版" if year.rule.version else "はじめの数え方"],
        *sentences,
    ]
    return workbook(
        [
            Page("集計と数え方", ["項目", "内容"], about, (36, 80)),
            Page("文書", HEAD, [*map(document_row, year.items)], (12, 18, 48, 18, 26, 8, 14, 14, 12, 12, 30), 3, True),
            _lines("課と月", "担当課", year.departments, year.total),
            _lines("送り方", "送り方", year.ways, year.total),
            _lines("宛先", "宛先", year.addressees, year.total),
            Page(
                "まとめる候補", ["週の始まり", "担当課", "題名", "まとめて送る日", "受け取る人", "封筒", "減る封筒"],
                [
                    [
                        one.monday.isoformat(), "、".join(one.departments), "、".join(item.title for item in one.documents),
                        one.day.isoformat(), one.people, one.envelopes, one.saved,
                    ]
                    for one in year.bundles
                ],
                (12, 24, 60, 14, 10, 10, 10), 1,
            ),
            Page(
                "紙でなくてよい候補", ["送った日", "担当課", "題名", "部数", "理由"],
                [
                    [one.document.sent_on.isoformat(), one.document.department, one.document.title, one.copies, one.why]
                    for one in year.paperless
                ],
                (12, 18, 48, 8, 44), 1,
            ),
        ]
    )  # fmt: skip


def _lines(title: str, heading: str, rows: list[Line], total: Line) -> Page:
    head = [heading, "登録", "数える件数", "部数", "部数が不明の文書", *MONTHS]
    body: list[list[Plain | None]] = [
        [line.key or "合計", line.sent, line.counted, line.copies, line.unknown, *line.months]
        for line in [*rows, total]
    ]
    return Page(title, head, body, (24, 8, 10, 10, 14, *(6,) * 12), 1)
