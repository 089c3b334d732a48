"""The table beside each map: the same features, the same figures, the same rounding."""

from __future__ import annotations

from dataclasses import dataclass

Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class Column:
    """`key` names the column in downloads; a `numeric` one is set right and sorted by number.

    `digits` are the decimals of its numbers in downloads, `rate`: values are 0–1 and shown as percent.
    """

    key: str
    label: str
    numeric: bool = False
    digits: int = 0
    rate: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """What is read and what is sorted by (None sorts last); `href` makes the text a link."""

    text: str
    value: Value = None
    href: str | None = None

    @property
    def order(self) -> str | None:
        """What the page's table sorts by: "" for a missing value, None where that is the text itself."""
        if self.value is None:
            return ""
        value = f"{self.value:.6g}" if isinstance(self.value, float) else str(self.value)
        return None if value == self.text else value

    @classmethod
    def words(cls, text: str) -> Cell:
        """A cell whose text is its value."""
        return cls(text, text)


@dataclass(frozen=True, slots=True)
class Row:
    """`key` is the id of the feature on the map; `on_map` says whether there is one; `name` heads the row."""

    key: int | str
    name: str
    cells: tuple[Cell, ...]
    kana: str | None = None
    on_map: bool = True
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` are those after the row header, which is headed `heading`. `layer` is the map layer of the rows."""

    caption: str
    heading: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    layer: str = "districts"
    totals: tuple[Cell, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        width = len(self.columns)
        if any(len(row.cells) != width for row in self.rows) or len(self.totals) not in (0, width):
            raise ValueError("a row does not fit its columns")
