"""One reading of one kind: what every kind's module works with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from hashlib import sha1
from typing import TYPE_CHECKING, Any

from geodata.readers import fields as columns
from geodata.readers import geometry
from geodata.readers.fields import Field
from geodata.readers.positions import Place
from geodata.readers.result import LoadReport, ReadContext
from geodata.readers.values import narrow
from kyodo_geo.errors import FileFormatError

if TYPE_CHECKING:
    import pandas as pd

    from geodata.readers.sources import Table

SOURCE = "_source"


@dataclass
class Reading:
    """Tables of the files, what the user said about them, what to compare with, and the report so far.

    `whole`: the kind means something only as a whole, so that one unreadable row refuses the file.
    """

    kind: str
    municipality: str
    tables: list[Table]
    context: ReadContext
    format: str | None = None
    crs: str | None = None
    mapping: dict[str, str] | None = None
    report: LoadReport = field(default_factory=LoadReport)
    whole: bool = False
    as_of: date | None = None

    @cached_property
    def place(self) -> Place:
        return Place(self.municipality, self.context.outline)

    def collect(self, one: Callable[[Table], Any]) -> Any:
        """`one` applied to each table, the rows of all joined; index: row in the file, `_source`: the file.

        Raises `FileFormatError` when no row is left, or when one is lost of a kind that counts only as a whole.
        """
        import pandas as pd

        parts = [one(table).assign(**{SOURCE: table.source}) for table in self.tables]
        frame = pd.concat(parts) if len(parts) > 1 else parts[0]
        self.refuse_if_useless(frame)
        return frame

    def refuse_if_useless(self, frame: Any) -> None:
        """Raise when `frame` is empty, or lacks a row although the kind means something only as a whole."""
        number = self.report.count("rejected")
        if len(frame) and not (number and self.whole):
            return
        if not number:
            raise FileFormatError("読み込める行がありません。")
        first = self.report.rejected[0]
        rest = f"（ほかに {number - 1:,} 行）" if number > 1 else ""
        raise FileFormatError(
            f"{first.text_ja()}{rest}",
            file=first.file,
            row=first.row,
            column=first.column,
            rejected=number,
        )

    def typed(self, table: Table, wanted: Sequence[Field]) -> Any:
        return columns.typed(table, wanted, self.mapping, self.report)

    def with_areas(self, table: Table, frame: pd.DataFrame, key: str) -> Any:
        return geometry.with_areas(table, frame, key, self.crs, self.place, self.report)

    def with_points(
        self, table: Table, frame: pd.DataFrame, *, required: bool = True, label: str = "name"
    ) -> Any:
        return geometry.with_points(
            table, frame, self.crs, self.place, self.report, required=required, label=label
        )

    def only_municipality(self, table: Table, *headings: str) -> None:
        """Drop rows that a column of codes gives to other municipalities (files by prefecture or country).

        Codes may carry a check digit (032018). Raises `FileFormatError` when no row is left.
        """
        column = columns.column_of(table, *headings)
        if column is None:
            return
        codes = table.frame[column].map(lambda cell: narrow(cell)[:5].zfill(5))
        self.keep_rows(table, (codes == self.municipality).to_numpy(), sorted(set(codes)))

    def keep_rows(self, table: Table, mine: Any, found: Sequence[str]) -> None:
        """Keep the rows in `mine`; `found` names the municipalities in the file for the message."""
        if not mine.any():
            raise FileFormatError(
                f"{table.source} に市区町村（{self.municipality}）の行がありません。"
                f"ファイルにあるのは {'、'.join(found[:5])}{' など' if len(found) > 5 else ''}です。",
                file=table.source,
            )
        if not mine.all():
            self.report.note(
                f"{table.source}: ほかの市区町村の {int((~mine).sum()):,} 行は読み飛ばしました。"
            )
            table.frame = table.frame[mine]
            if table.geometry is not None:
                table.geometry = table.geometry[mine]

    def reject(self, frame: pd.DataFrame, where: Any, column: str, reason: str) -> pd.DataFrame:
        """`frame` without the rows in the mask `where`, which are entered as rejected."""
        for row, bad in _records(frame[where]):
            self.report.reject(bad[SOURCE], row, column, bad.get(column), reason)
        return frame[~where]

    def drop_duplicates(self, frame: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
        """First row of each key; the others are rejected and entered as duplicates."""
        again = frame.duplicated(list(key)).to_numpy()
        first: dict[tuple[Any, ...], int] = {}
        if again.any():
            for row, seen in _records(frame):
                first.setdefault(tuple(seen[name] for name in key), row)
        for row, bad in _records(frame[again]):
            facts = {name: _plain(bad[name]) for name in key if not self.report.private}
            note = (
                f"{first[tuple(bad[name] for name in key)]:,} 行目と同じです。はじめの行だけを読み込みました"
            )
            self.report.add("duplicates", file=bad[SOURCE], row=row, **facts, note=note)
        return self.reject(
            frame, again, key[0], "同じ行がすでにあります。どちらが正しいか確かめ、1 行にしてください。"
        )

    def match(
        self,
        frame: pd.DataFrame,
        column: str,
        known: Collection[Any] | None,
        what: str,
        *,
        keep: bool = False,
    ) -> pd.DataFrame:
        """Enter values of `column` that are not in `known` (None: nothing to compare with) as unmatched.

        Such rows are rejected unless `keep`, for what may exist all the same.
        """
        if known is None:
            return frame
        strange = ~frame[column].isin(list(known)).to_numpy() & frame[column].notna().to_numpy()
        for value in dict.fromkeys(frame[column][strange]):
            self.report.add("unmatched", column=column, value=None if self.report.private else _plain(value))
        if keep or not strange.any():
            return frame
        return self.reject(frame, strange, column, f"登録されている{what}にありません。")


def stable_id(prefix: str, *parts: str | None) -> str:
    """An id made from names, for files that carry none: the same names give the same id in every load."""
    text = "\0".join(narrow(part or "").replace(" ", "") for part in parts)
    return f"{prefix}-{sha1(text.encode('utf-8', 'surrogatepass'), usedforsecurity=False).hexdigest()[:12]}"


def canonical(frame: pd.DataFrame, order: Iterable[str]) -> Any:
    """The frame's canonical columns in order, numbered from 0; a GeoDataFrame where `geom` is among them."""
    import geopandas as gpd
    import pandas as pd

    from kyodo_geo.crs import WGS84

    names = list(order)
    out = frame.reset_index(drop=True).reindex(columns=names)
    for column in out.columns:
        if isinstance(out[column].dtype, pd.StringDtype):
            out[column] = out[column].astype(object).where(out[column].notna(), None)
    if "geom" not in names:
        return out
    return gpd.GeoDataFrame(out, geometry="geom", crs=WGS84)


def _records(frame: pd.DataFrame) -> Iterator[tuple[int, dict[str, Any]]]:
    """(row in the file, values) of each row."""
    columns = [str(column) for column in frame.columns]
    for row, *values in frame.itertuples(name=None):
        yield int(row), dict(zip(columns, values, strict=True))


def _plain(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    return value.isoformat() if isinstance(value, date) else value
