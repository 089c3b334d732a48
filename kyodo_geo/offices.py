"""Rules for the list of partner offices: what a row must hold before anybody is invited."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kyodo_geo.errors import InputError

COLUMNS = {
    "事業所番号": "office_id",
    "事業所名": "name",
    "電話": "phone",
    "メール": "email",
    "担当者": "person",
    "利用者名": "login",
}
"""Column of the list → field. 電話, メール and 担当者 may be left out."""
REQUIRED = ("事業所番号", "事業所名", "利用者名")
MAX_ROWS = 2_000
MAX_CELL = 100
MAX_FAULTS = 20
"""Bad rows of a list that are named."""
_OFFICE_ID = re.compile(r"[0-9A-Za-z_-]{1,40}")
_LOGIN = re.compile(r"[0-9A-Za-z._@+-]{1,80}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """One account of one office. Several rows may name the same office: one per person."""

    office_id: str
    name: str
    login: str
    person: str
    phone: str | None = None
    email: str | None = None


def office_rows(rows: Iterable[tuple[int, Mapping[str, str]]]) -> list[OfficeRow]:
    """Rows of a list (row number, cells by Japanese column name) as accounts.

    Raises `InputError` that names every bad row, so that a list is mended in one go; nothing is taken in part.
    """
    found: list[OfficeRow] = []
    faults: list[str] = []
    names: dict[str, str] = {}
    logins: dict[str, int] = {}
    for number, cells in rows:
        values = {field: _clean(cells.get(column, "")) for column, field in COLUMNS.items()}
        wrong = [*_row_faults(values)]
        office, login = values["office_id"], values["login"]
        if office and names.setdefault(office, values["name"]) != values["name"]:
            wrong.append(f"事業所番号「{office}」に、違う事業所名があります")
        if login and (first := logins.setdefault(login.lower(), number)) != number:
            wrong.append(f"利用者名「{login}」は {first} 行目にもあります")
        if wrong:
            faults.append(f"{number} 行目: {'、'.join(wrong)}。")
            continue
        found.append(
            OfficeRow(
                office,
                values["name"],
                login,
                values["person"] or f"{values['name']} 担当者",
                values["phone"] or None,
                values["email"] or None,
            )
        )
    if len(found) + len(faults) > MAX_ROWS:
        raise InputError(f"一度に登録できるのは {MAX_ROWS:,} 行までです。分けて登録してください。")
    if faults:
        raise InputError(refused_list(faults), field="file")
    if not found:
        raise InputError("一覧に行がありません。", field="file")
    return found


def refused_list(faults: Sequence[str]) -> str:
    """Why a list was not entered: its first faults, and how many more there are."""
    more = f"ほか {len(faults) - MAX_FAULTS:,} 行。" if len(faults) > MAX_FAULTS else ""
    return "登録していません。" + "".join(faults[:MAX_FAULTS]) + more


def check_header(columns: Iterable[str]) -> None:
    """Raise `InputError` naming the columns that are missing."""
    missing = [name for name in REQUIRED if name not in set(columns)]
    if missing:
        raise InputError(
            f"列「{'」「'.join(missing)}」がありません。使う列: {'、'.join(COLUMNS)}", field="file"
        )


def _row_faults(values: Mapping[str, str]) -> Iterable[str]:
    if not _OFFICE_ID.fullmatch(values["office_id"]):
        yield "事業所番号は、半角の英数字と _ - で 40 文字以内にしてください"
    if not values["name"]:
        yield "事業所名がありません"
    if not _LOGIN.fullmatch(values["login"]):
        yield "利用者名は、半角の英数字と . _ @ + - で 80 文字以内にしてください"
    if values["email"] and not _EMAIL.fullmatch(values["email"]):
        yield "メールの形が正しくありません"
    yield from (
        f"「{column}」が長すぎます" for column, field in COLUMNS.items() if len(values[field]) > MAX_CELL
    )


def _clean(cell: str) -> str:
    """NFKC, since lists are typed in full width; control characters out."""
    plain = unicodedata.normalize("NFKC", cell)
    return "".join(char for char in plain if ord(char) >= 32 and not 0x7F <= ord(char) < 0xA0).strip()
