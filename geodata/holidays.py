"""Holidays given as a file: the list of 内閣府 (国民の祝日・休日月日,名称; CP932) or any CSV that begins with a date."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from kyodo_geo.dates import parse_date
from kyodo_geo.errors import FileFormatError, InputError

MAX_BYTES = 1 << 20


def read_holidays(path: Path) -> frozenset[date]:
    """Days in the first column; a first line without a date is the heading.

    Raises `FileFormatError` naming the line that is no date, `InputError` when the file cannot be read.
    """
    try:
        if not path.is_file():  # a pipe or a device would be read for ever
            raise InputError("祝日のファイルがありません。KYODO_HOLIDAYS_FILE を確かめてください。")
        if path.stat().st_size > MAX_BYTES:
            raise FileFormatError("祝日のファイルが大きすぎます（上限 1 MB）。")
        content = path.read_bytes()
    except OSError as error:
        raise InputError("祝日のファイルを読めません。KYODO_HOLIDAYS_FILE を確かめてください。") from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp932", "replace")
    found = set()
    for number, line in enumerate(text.splitlines(), start=1):
        cell = line.split(",")[0].strip().strip('"')
        if not cell:
            continue
        try:
            found.add(parse_date(cell))
        except InputError as error:
            if number > 1:
                raise FileFormatError(
                    f"祝日のファイルの {number} 行目が日付ではありません。", row=number
                ) from error
    if not found:
        raise FileFormatError("祝日のファイルに日付がありません。")
    return frozenset(found)
