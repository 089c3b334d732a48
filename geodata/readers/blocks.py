"""Blocks (街区) and house numbers (住居番号) with a point."""

from __future__ import annotations

from typing import Any

import shapely

from geodata.readers import abr, isj
from geodata.readers.fields import LAT, LON, Field, has_columns, objects
from geodata.readers.neighbourhood import reject_strays, report_unknown_towns
from geodata.readers.reading import SOURCE, Reading, canonical
from geodata.readers.values import name, text
from kyodo_geo.addresses import spelling
from kyodo_geo.errors import FileFormatError

COLUMNS = ("town", "koaza", "block", "house", "accuracy_m", "geom")
BLOCK_ACCURACY_M, HOUSE_ACCURACY_M = 170.0, 112.0
"""90 % of addresses lie within this distance of the point of their block or house number (measured)."""
TABLE_FIELDS = (
    Field("town", "町名", name, ("町丁名", "大字・町名"), required=True),
    Field("koaza", "小字", name),
    Field("block", "街区符号", name, ("番", "街区"), required=True),
    Field("house", "住居番号", name, ("号",)),
    LON,
    LAT,
)


def read(reading: Reading) -> Any:
    """One row per block (house None) and per house number, each once."""
    kind = _format(reading)
    if kind == "isj-gaiku":
        frame = isj.read_gaiku(reading, blocks=True).rename(columns={"number": "block"}).assign(house=None)
        frame = frame.sort_values("is_main", ascending=False, kind="stable", na_position="last")
    elif kind == "table":
        frame = reading.collect(
            lambda t: reading.with_points(t, reading.typed(t, TABLE_FIELDS), label="block")
        )
    else:
        frame = _from_abr(reading, houses=kind == "abr-rsdt")
    frame = frame.assign(town=objects(frame, map(spelling, frame["town"])))
    frame = reject_strays(reading, frame)
    report_unknown_towns(reading, frame)
    frame = frame[~frame.duplicated(["town", "koaza", "block", "house"])]
    if kind == "abr-rsdt":
        frame = _with_blocks(frame)
    has_house = frame["house"].notna()
    frame = frame.assign(accuracy_m=[HOUSE_ACCURACY_M if house else BLOCK_ACCURACY_M for house in has_house])
    reading.report.totals |= {
        "街区の数": float((~has_house).sum()),
        "住居番号の数": float(has_house.sum()),
    }
    return canonical(frame.sort_values(["town", "koaza", "block"], kind="stable"), COLUMNS)


def _format(reading: Reading) -> str:
    first = reading.tables[0]
    if isj.is_gaiku(first):
        found = "isj-gaiku"
    elif has_columns(first, *abr.HOUSE_IDS):
        found = "abr-rsdt"
    elif has_columns(first, *abr.BLOCK_IDS):
        found = "abr-blk"
    else:
        found = "table"
    if reading.format not in (None, found):
        raise FileFormatError(
            f"{first.source} は形式「{reading.format}」の列を持っていません。", file=first.source
        )
    return found


def _from_abr(reading: Reading, *, houses: bool) -> Any:
    fields = (
        *abr.NAMES,
        Field("blk_num", "blk_num", text, (), required=True),
        Field("rsdt_num", "rsdt_num", text, (), required=houses),
        Field("rsdt_num2", "rsdt_num2", text),
        Field("ablt_date", "ablt_date", text),
    )
    what = "住居番号（mt_rsdtdsp_rsdt）" if houses else "街区（mt_rsdtdsp_blk）"
    frame = abr.joined(reading, abr.HOUSE_IDS if houses else abr.BLOCK_IDS, fields, what)
    frame = frame[frame["ablt_date"].isna()]
    names = [
        abr.town_and_koaza(*row)
        for row in zip(frame["oaza_cho"], frame["chome"], frame["koaza"], strict=True)
    ]
    frame = frame.assign(
        town=objects(frame, [town for town, _ in names]),
        koaza=objects(frame, [koaza for _, koaza in names]),
        block=frame["blk_num"],
        house=objects(
            frame,
            [
                "-".join(part for part in parts if isinstance(part, str)) or None
                for parts in zip(frame["rsdt_num"], frame["rsdt_num2"], strict=True)
            ],
        ),
    )
    frame = reading.reject(frame, frame["town"].isna().to_numpy(), "oaza_cho", "町・字の名前がありません。")
    return abr.located(reading, frame, required=True, label="block")


def _with_blocks(frame: Any) -> Any:
    """A row per block at the mean of its house numbers, besides these."""
    import pandas as pd

    points = frame["geom"].to_numpy()
    mean = (
        frame.assign(x=shapely.get_x(points), y=shapely.get_y(points))
        .groupby(["town", "koaza", "block"], dropna=False, sort=False)
        .agg(x=("x", "mean"), y=("y", "mean"), **{SOURCE: (SOURCE, "first")})
        .reset_index()
    )
    blocks = mean.assign(house=None, geom=shapely.points(mean["x"], mean["y"])).drop(columns=["x", "y"])
    blocks["koaza"] = blocks["koaza"].astype(object).where(blocks["koaza"].notna(), None)
    return pd.concat([blocks, frame[["town", "koaza", "block", "house", "geom", SOURCE]]])
