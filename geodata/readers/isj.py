"""位置参照情報 (国土交通省): the 街区 level, from which towns, blocks and lots are read."""

from __future__ import annotations

from typing import Any

from geodata.readers.fields import LAT, LON, Field, column_of, has_columns
from geodata.readers.reading import Reading
from geodata.readers.sources import Table
from geodata.readers.values import choice, clean, name
from kyodo_geo.errors import FileFormatError

FLAG = choice({"0": "0", "1": "1"})
FIELDS = (
    Field("town", "大字・丁目名", name, ("大字・町丁目名", "大字町丁目名"), required=True),
    Field("koaza", "小字・通称名", name),
    Field("number", "街区符号・地番", name, (), required=True),
    Field("is_block", "住居表示フラグ", FLAG, (), required=True),
    Field("is_main", "代表フラグ", FLAG),
    Field("is_former", "更新前履歴フラグ", FLAG),
    LON,
    LAT,
)


def is_gaiku(table: Table) -> bool:
    """Whether the table is of the 街区 level."""
    return has_columns(table, "街区符号・地番", "住居表示フラグ")


def read_gaiku(reading: Reading, *, blocks: bool | None) -> Any:
    """Rows with town, koaza, number and point: 街区 (`blocks` True), 地番 (False) or both (None).

    Rows that an update replaced (更新前履歴) are skipped. The file names municipalities and has no code.
    """

    def one(table: Table) -> Any:
        _own_city(reading, table)
        frame = reading.typed(table, FIELDS)
        current = frame["is_former"].ne("1").to_numpy()
        if not current.all():
            reading.report.note(
                f"{table.source}: 更新前の履歴 {int((~current).sum()):,} 行は読み飛ばしました。"
            )
        wanted = (
            current if blocks is None else current & frame["is_block"].eq("1" if blocks else "0").to_numpy()
        )
        frame = frame[wanted]
        return reading.with_points(table, frame, label="number")

    return reading.collect(one)


def _own_city(reading: Reading, table: Table) -> None:
    column = column_of(table, "市区町村名")
    if column is None:
        return
    names = table.frame[column].map(clean)
    wanted = reading.context.municipality_name
    if wanted is not None:
        reading.keep_rows(table, names.str.endswith(wanted).to_numpy(), sorted(set(names)))
    elif names.nunique() > 1:
        raise FileFormatError(
            f"{table.source} には {names.nunique():,} の市区町村があり、どれを読むか決められません。"
            "1つの市区町村のファイルを指定してください。",
            file=table.source,
            column=column,
        )
