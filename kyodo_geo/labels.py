"""Sheets of address labels: where each label stands on A4, and how an address is set on it.

Sizes follow the two layouts most label papers share (12 and 24 to a sheet, without gaps between them); printers pull paper in
a little off, hence the shift.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from kyodo_geo.errors import InputError

PAPER_MM = (210.0, 297.0)
MAX_SHIFT_MM = 10.0
MOST_LABELS = 2_000
"""On one print: a city's associations several times over."""
_POSTCODE = re.compile(r"^〒?\s*([0-9]{3})[-‐−–—ー]?([0-9]{4})(?![0-9])\s*")
_DASHES = re.compile(r"(?<=[0-9])[‐−–—ー](?=[0-9])")


@dataclass(frozen=True, slots=True)
class LabelSheet:
    """A layout; lengths in mm. The labels fill the paper without gaps, with equal margins left and right, top and bottom."""

    key: str
    title: str
    columns: int
    rows: int
    width: float
    height: float

    @property
    def number(self) -> int:
        return self.columns * self.rows

    @property
    def left(self) -> float:
        return (PAPER_MM[0] - self.columns * self.width) / 2

    @property
    def top(self) -> float:
        return (PAPER_MM[1] - self.rows * self.height) / 2


SHEETS = {
    sheet.key: sheet
    for sheet in (
        LabelSheet("12", "12 面（86.4 × 42.3 mm）", 2, 6, 86.4, 42.3),
        LabelSheet("24", "24 面（66.0 × 33.9 mm）", 3, 8, 66.0, 33.9),
    )
}


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom one label is for. `address` may begin with its postal code; `name` is None where nobody's is known."""

    association_id: str
    association: str
    district_no: int | None
    role: str
    name: str | None
    address: str | None
    copies: int | None

    @property
    def complete(self) -> bool:
        """Whether the post could deliver it."""
        return bool(self.address)


@dataclass(frozen=True, slots=True)
class Placed:
    """A label on its page: the upper left corner in mm."""

    left: float
    top: float
    item: Addressee


def pages(
    sheet: LabelSheet, items: Sequence[Addressee], *, first: int = 1, right: float = 0.0, down: float = 0.0
) -> list[list[Placed]]:
    """The labels page by page, row by row, beginning at place `first` (1 …) of the first page, all shifted by mm.

    Raises InputError (`field`) for a place or a shift that is not on the paper, and for too many labels.
    """
    if not 1 <= first <= sheet.number:
        raise InputError(f"はじめの位置は 1〜{sheet.number} の数にしてください。", field="first")
    for name, shift in (("right", right), ("down", down)):
        if not abs(shift) <= MAX_SHIFT_MM:
            raise InputError(
                f"ずらす長さは −{MAX_SHIFT_MM:g}〜{MAX_SHIFT_MM:g} mm にしてください。", field=name
            )
    if len(items) > MOST_LABELS:
        raise InputError(
            f"一度に印刷できるラベルは {MOST_LABELS:,} 枚までです。地区を選んでください。", field="district"
        )
    found: list[list[Placed]] = []
    for at, item in enumerate(items, start=first - 1):
        page, place = divmod(at, sheet.number)
        row, column = divmod(place, sheet.columns)
        if len(found) <= page:
            found.append([])
        left = sheet.left + column * sheet.width + right
        top = sheet.top + row * sheet.height + down
        found[page].append(Placed(round(left, 2), round(top, 2), item))
    return found


def split_postcode(address: str) -> tuple[str | None, str]:
    """(020-8530, the rest): how a postal address is set. Without a code it stays whole."""
    text = " ".join(unicodedata.normalize("NFC", address).split())
    narrow = unicodedata.normalize("NFKC", text[:12]) + text[12:]
    match = _POSTCODE.match(narrow)
    if match is None:
        return None, text
    return f"{match[1]}-{match[2]}", _DASHES.sub("-", narrow[match.end() :]).strip()


def in_order(items: Sequence[Addressee]) -> list[Addressee]:
    """By district, then in the order of the associations' numbers: as bundles are packed. Without a district last."""
    return sorted(
        items,
        key=lambda item: (item.district_no is None, item.district_no or 0, _natural(item.association_id)),
    )


def _natural(text: str) -> list[tuple[int, int | str]]:
    return [(0, int(part)) if part.isdigit() else (1, part) for part in re.split(r"(\d+)", text) if part]
