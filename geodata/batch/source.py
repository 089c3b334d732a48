"""What every kind of file is to the one who works through it."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from kyodo_geo.errors import FileFormatError, InputError
from kyodo_geo.lookup.columns import COLUMNS

MAX_ROWS = 100_000
MAX_COLUMNS = 200
SUFFIX = "_2"
ADDRESS_HEADINGS = (
    "住所",
    "所在地",
    "物件住所",
    "物件所在地",
    "所在",
    "現住所",
    "転入先住所",
    "住所所在地",
    "address",
)

T = TypeVar("T")
Row = list[Any]
"""Cells of one row as the file's own kind holds them; as many as there are headings."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What is known of a file after it was looked through once."""

    kind: str
    header: tuple[str, ...]
    rows: int
    notes: tuple[str, ...] = ()


class Uncomputed:
    """A cell with a formula whose value the file does not hold: nobody but a spreadsheet program can work it out."""

    value = None
    number_format = "General"


UNCOMPUTED = Uncomputed()


class Source(Protocol):
    """A file opened for reading: `rows()` can be asked for again and starts from the first row below the header."""

    shape: Shape

    def rows(self) -> Iterator[Row]: ...

    def text(self, cell: Any) -> str: ...


class Sink(Protocol):
    """A file being written, in the form of its source."""

    def write(self, own: Sequence[Any], added: Sequence[Any]) -> None: ...

    def close(self) -> None: ...


def headings(cells: Sequence[str], shown: str) -> tuple[str, ...]:
    """Column names as they stand; empty ones by their place. Raises FileFormatError for too many."""
    if len(cells) > MAX_COLUMNS:
        raise FileFormatError(f"{shown} の列が多すぎます（上限 {MAX_COLUMNS} 列）。", file=shown)
    return tuple(cell.strip() or f"列{place}" for place, cell in enumerate(cells, start=1))


def added_headings(header: Sequence[str]) -> list[str]:
    """Names of the result's columns; those the file has already get `_2` (a result used as input again)."""
    taken = {name.strip() for name in header}
    found = []
    for name in COLUMNS:
        while name in taken:
            name += SUFFIX
        found.append(name)
    return found


def guess_column(header: Sequence[str]) -> int | None:
    """Place of the one column that holds addresses by its heading; None when none or several could."""
    plain = [re.sub(r"\s", "", unicodedata.normalize("NFKC", name)).casefold() for name in header]
    found = [place for place, name in enumerate(plain) if name in ADDRESS_HEADINGS]
    return found[0] if len(found) == 1 else None


def find_column(header: Sequence[str], name: str | None) -> int:
    """Place of the column called `name`, or of the guessed one.

    Raises InputError naming the columns there are.
    """
    if name is None:
        place = guess_column(header)
        problem = "住所の列が分かりません。--column で列の名前を指定してください。"
    else:
        found = [at for at, heading in enumerate(header) if heading == name.strip()]
        place = found[0] if len(found) == 1 else None
        problem = (
            f"「{name}」という列がいくつもあります。見出しを変えてください。"
            if found
            else f"「{name}」という列はありません。"
        )
    if place is None:
        shown = "、".join(header[:20]) + ("、…" if len(header) > 20 else "")
        raise InputError(f"{problem}列: {shown}", field="column")
    return place


def letting_go(rows: Iterator[T], every: int = 20) -> Iterator[T]:
    """The rows, letting go of the interpreter now and then: a page waiting in another thread goes first."""
    for number, row in enumerate(rows):
        if number % every == 0:
            time.sleep(0)
        yield row


def too_many(shown: str, most: int) -> FileFormatError:
    return FileFormatError(
        f"{shown} の行が多すぎます（上限 {most:,} 行）。分けてから調べてください。", file=shown
    )
