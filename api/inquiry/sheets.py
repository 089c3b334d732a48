"""A department's sheet as a workbook out, and the filled workbooks back in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

from api.form_uploads import Read, read_forms
from api.form_workbooks import file_name, form_workbook
from geodata.database import Connection
from geodata.inquiries import answers, rounds
from geodata.inquiries.answers import Item
from kyodo_geo import inquiry as rules
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.form_sheets import Filled, Form, Part, Question
from kyodo_geo.inquiry import DOCUMENT_PARTS, EVIDENCE, Content
from maps.text import day as day_text

Row = dict[str, Any]
KIND = "inquiry"
MARK = "1"
"""What a sheet is prefilled with never changes: the round keeps it."""
FORMS = {"words": "words", "choice": "choice"}


def sheet_of(round_: Row, department: Row, items: Sequence[Item]) -> bytes:
    """The workbook of one department."""
    return form_workbook(form_of(round_, department, items), round_["form_secret"].encode())


def sheets_of(conn: Connection, code: str, inquiry_id: str) -> list[tuple[str, bytes]]:
    """(file name, workbook) of every department of a round."""
    round_ = rounds.one(conn, code, inquiry_id)
    items = answers.items(conn, code, inquiry_id)
    return [
        (file_name(f"{number:02}", sheet["name"]), sheet_of(round_, sheet, items[sheet["department_id"]]))
        for number, sheet in enumerate(rounds.sheets(conn, code, inquiry_id), start=1)
    ]


def form_of(round_: Row, department: Row, items: Sequence[Item]) -> Form:
    """What the sheet asks: one part per item, the year before beside every question."""
    year = fiscal_year_label(round_["fiscal_year"])
    leads = [f"{department['name']} 御中", f"{round_['plan_name']}　{year}の状況をお答えください。"]
    leads += (round_["lead"] or "").split("\n") if round_["lead"] else []
    leads += [
        f"回答の期限：{day_text(round_['due_on'])}。色の付いた欄だけに入力し、このファイルのまま返してください。",
        "すでに入っている内容は、いまの記録です。変わりがなければ、そのままで結構です。",
    ]
    return Form(
        KIND, round_["inquiry_id"], department["department_id"], MARK, round_["title"], tuple(leads),
        tuple(Part(f"{item.number}　{item.title}", "", tuple(_questions(item))) for item in items),
        held_head=f"前の年度（{fiscal_year_label(round_['fiscal_year'] - 1)}）",
    )  # fmt: skip


def _questions(item: Item) -> Iterator[Question]:
    now, last = rules.texts(item.kind, item.prefilled), rules.texts(item.kind, item.last)
    for field in rules.FIELDS[item.kind]:
        if field.name == EVIDENCE:
            for at in range(1, rules.lines_for(item.prefilled) + 1):
                for part, label in DOCUMENT_PARTS:
                    name = f"evidence_{part}_{at}"
                    yield Question(
                        f"{item.number}.{name}",
                        f"資料 {at} の{label}",
                        "line",
                        last.get(name, ""),
                        now.get(name, ""),
                    )
            continue
        value = now[field.name]
        held = last[field.name]
        if field.form == "choice":
            value, held = dict(field.options).get(value, ""), dict(field.options).get(held, "")
        yield Question(
            f"{item.number}.{field.name}", field.label, FORMS.get(field.form, "line"), held, value, field.hint or "",
            tuple(label for _, label in field.options),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """The result line of one file."""

    name: str
    words: str
    notes: tuple[str, ...] = ()


def looked_through(round_: Row, files: Sequence[tuple[str, IO[bytes]]]) -> list[Read]:
    """What uploaded files say; their reading takes a process of its own, and no transaction waits for it."""
    return read_forms(files, kind=KIND, round_=round_["inquiry_id"], secret=round_["form_secret"].encode())


def take_in(conn: Connection, code: str, inquiry_id: str, read: Sequence[Read], *, actor: str) -> list[Told]:
    """Filled sheets into answers: each file is taken whole or not at all; nothing that is kept changes by it."""
    rounds.need_open(conn, code, inquiry_id)
    told = []
    for one in read:
        if one.filled is None:
            told.append(Told(one.name, "読み込みませんでした", (one.refused or "",)))
            continue
        try:
            told.append(_take_one(conn, code, inquiry_id, one.name, one.filled, actor))
        except NotFoundError as error:
            told.append(Told(one.name, "読み込みませんでした", (error.message,)))
    return told


def _take_one(conn: Connection, code: str, inquiry_id: str, name: str, filled: Filled, actor: str) -> Told:
    items = answers.items(conn, code, inquiry_id, filled.key)[filled.key]
    contents: dict[int, Content] = {}
    wrong = []
    for item in items:
        try:
            contents[item.number] = read_item(item, filled)
        except InputError as error:
            wrong.append(f"{item.number} {item.title}：{error.message}")
    if wrong:
        return Told(
            name, "読み込みませんでした。次のところを直して、もう一度返してもらってください", tuple(wrong)
        )
    done = answers.receive(
        conn, code, inquiry_id, filled.key, contents, came_as="workbook", file_name=name, actor=actor
    )
    new, same, empty = (sum(word == which for word in done.values()) for which in ("new", "same", "empty"))
    counted = [f"新しい回答 {new} 項目"] if new else []
    counted += [f"前の回答と同じ {same} 項目"] if same else []
    counted += [f"未記入 {empty} 項目"] if empty else []
    return Told(name, "、".join(counted))


def read_item(item: Item, filled: Filled) -> Content:
    """One item's answer as the sheet has it; raises InputError."""
    return rules.read(
        item.kind,
        lambda field: filled.answers.get(f"{item.number}.{field}", ""),
        rules.lines_for(item.prefilled),
    )
