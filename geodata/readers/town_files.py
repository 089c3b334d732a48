"""Files of town names by publisher. Each format gives the same columns: town_id, oaza, chome, koaza (as printed),
kana, postal_code, valid_from, valid_to, geom, and `_source`; the index is the row in the file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from geodata.readers import abr, isj
from geodata.readers.fields import LAT, LON, Field, has_columns
from geodata.readers.reading import SOURCE, Reading
from geodata.readers.sources import Table
from geodata.readers.values import day, identifier, name, narrow, text
from kyodo_geo.errors import FileFormatError, InputError

COLUMNS = (
    "town_id",
    "oaza",
    "chome",
    "koaza",
    "kana",
    "postal_code",
    "valid_from",
    "valid_to",
    "geom",
    SOURCE,
)
OAZA_NAME, KOAZA_NAME = 5, 6
"""Levels of a part of a name in lists of names made from the registry."""


def postal_code(cell: str) -> str | None:
    """Seven digits."""
    plain = re.sub(r"[〒\-]", "", narrow(cell))
    if not re.fullmatch(r"[0-9]{7}", plain):
        raise InputError(f"「{cell[:20]}」は郵便番号（7桁の数字）ではありません。")
    return plain


POSTAL_CODE = Field("postal_code", "郵便番号", postal_code, ("post_code",))
KANA = Field("kana", "よみ", text, ("カナ", "ふりがな", "フリガナ"))


TABLE_FIELDS = (
    Field("town_id", "町字番号", identifier, ("町字ID", "machiaza_id")),
    Field("oaza", "町名", name, ("name", "町丁名", "町丁・字名", "大字・町名", "town"), required=True),
    Field("koaza", "小字", name, ("字", "小字名")),
    KANA,
    POSTAL_CODE,
    Field("valid_from", "有効開始日", day),
    Field("valid_to", "廃止日", day),
    LON,
    LAT,
)


def geolonia(reading: Reading) -> Any:
    """Geolonia 住所データ: a JSON list of town, koaza, lat, lng of one municipality."""
    fields = (Field("oaza", "town", name, (), required=True), Field("koaza", "koaza", name), LON, LAT)
    return _full(
        reading.collect(
            lambda t: reading.with_points(t, reading.typed(t, fields), required=False, label="oaza")
        )
    )


def abr_names(reading: Reading) -> Any:
    """A JSON list of code (municipality + machiaza_id) and names by level; no points."""
    fields = (
        Field("code", "code", identifier, (), required=True),
        Field("names", "names", text, (), required=True),
    )

    def one(table: Table) -> Any:
        reading.only_municipality(table, "code")
        frame = reading.typed(table, fields)
        parts = [
            _levels(table, int(row), cell) for row, cell in zip(frame.index, frame["names"], strict=True)
        ]
        return frame.assign(
            town_id=frame["code"],
            oaza=[oaza for oaza, _ in parts],
            koaza=[koaza for _, koaza in parts],
            geom=None,
        )

    return _full(reading.collect(one))


def abr_town(reading: Reading) -> Any:
    """mt_town, with points where mt_town_pos is given too."""
    fields = (
        *abr.NAMES,
        Field("oaza_kana", "oaza_cho_kana", text),
        Field("chome_kana", "chome_kana", text),
        Field("koaza_kana", "koaza_kana", text),
        POSTAL_CODE,
        Field("valid_from", "efct_date", day),
        Field("valid_to", "ablt_date", day),
    )
    frame = abr.joined(reading, abr.TOWN_IDS, fields, "町字（mt_town）")
    frame = abr.located(reading, frame.rename(columns={"oaza_cho": "oaza"}), required=False, label="oaza")
    parts = zip(frame["oaza_kana"], frame["chome_kana"], frame["koaza_kana"], strict=True)
    kana: list[Any] = ["".join(part for part in row if isinstance(part, str)) or None for row in parts]
    frame["town_id"] = [
        f"{code[:5]}{town}" for code, town in zip(frame["lg_code"], frame["machiaza_id"], strict=True)
    ]
    return _full(frame.assign(kana=kana))


def isj_oaza(reading: Reading) -> Any:
    """位置参照情報 大字・町丁目レベル."""
    fields = (
        Field("code", "大字町丁目コード", identifier, ("大字・町丁目コード",)),
        Field("oaza", "大字町丁目名", name, ("大字・町丁目名",), required=True),
        LON,
        LAT,
    )

    def one(table: Table) -> Any:
        reading.only_municipality(table, "市区町村コード")
        return reading.with_points(table, reading.typed(table, fields), label="oaza")

    frame = reading.collect(one)
    return _full(frame.assign(town_id=[f"isj-{code}" if code else None for code in frame["code"]]))


def isj_gaiku(reading: Reading) -> Any:
    """位置参照情報 街区レベル: one row per town and 小字, at the block or lot nearest to the middle of all."""
    import numpy as np

    frame = isj.read_gaiku(reading, blocks=None)
    frame = frame.assign(oaza=frame["town"], x=[p.x for p in frame["geom"]], y=[p.y for p in frame["geom"]])
    groups = frame.groupby(["oaza", "koaza"], dropna=False, sort=False)
    distance = np.hypot(
        frame["x"] - groups["x"].transform("median"), frame["y"] - groups["y"].transform("median")
    )
    order = distance.to_numpy().argsort(kind="stable")
    nearest = frame.iloc[order]
    nearest = nearest[~nearest.duplicated(["oaza", "koaza"])].sort_index(kind="stable")
    return _full(nearest)


def plain_table(reading: Reading) -> Any:
    """A list of one's own: town, 小字, reading, postal code, days, point."""
    return _full(
        reading.collect(
            lambda t: reading.with_points(t, reading.typed(t, TABLE_FIELDS), required=False, label="oaza")
        )
    )


FORMATS: dict[str, Callable[[Reading], Any]] = {
    "geolonia": geolonia,
    "abr-names": abr_names,
    "abr-town": abr_town,
    "isj-oaza": isj_oaza,
    "isj-gaiku": isj_gaiku,
    "table": plain_table,
}


def recognise(table: Table, wanted: str | None) -> str:
    """Format of a table by its columns; raises `FileFormatError` when `wanted` is another one."""
    isj_columns = (("大字町丁目コード", "大字町丁目名"), ("大字・町丁目コード", "大字・町丁目名"))
    signs = (
        ("geolonia", has_columns(table, "town", "koaza", "lat", "lng")),
        ("abr-names", has_columns(table, "code", "names")),
        ("abr-town", abr.is_town(table) or abr.is_position(table)),
        ("isj-gaiku", isj.is_gaiku(table)),
        ("isj-oaza", any(has_columns(table, *columns) for columns in isj_columns)),
    )
    found = next((name for name, present in signs if present), "table")
    if wanted not in (None, found) and not (wanted == "abr-town-pos" and found == "abr-town"):
        hint = "列を確かめてください" if found == "table" else f"「{found}」のようです"
        raise FileFormatError(
            f"{table.source} は形式「{wanted}」の列を持っていません（{hint}）。", file=table.source
        )
    return found


def _levels(table: Table, row: int, cell: str) -> tuple[str | None, str | None]:
    """(大字 with 丁目, 小字) of [[1, 県], [3, 市], [5, 大字], [5, 丁目], [6, 小字]]."""
    try:
        levels = [(int(level), str(part)) for level, part in json.loads(cell)]
    except (ValueError, TypeError, RecursionError) as error:
        raise FileFormatError(
            f"{table.source} の {row} 件目の names を読めません。", file=table.source, row=row, column="names"
        ) from error
    oaza = "".join(part for level, part in levels if level == OAZA_NAME)
    koaza = "".join(part for level, part in levels if level == KOAZA_NAME)
    return oaza or None, koaza or None


def _full(frame: Any) -> Any:
    """The common columns, None where the format has none."""
    import pandas as pd

    out = pd.DataFrame(frame).reindex(columns=list(COLUMNS)).astype(object)
    return out.where(out.notna(), None)
