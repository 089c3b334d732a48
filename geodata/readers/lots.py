"""Lots (地番) with a point."""

from __future__ import annotations

import re
from typing import Any

from geodata.readers import abr, isj
from geodata.readers.fields import LAT, LON, Field, has_columns, objects
from geodata.readers.neighbourhood import reject_strays, report_unknown_towns
from geodata.readers.reading import Reading, canonical
from geodata.readers.values import name, text
from kyodo_geo.addresses import official, spelling
from kyodo_geo.addresses.towns import jiwari_of
from kyodo_geo.errors import FileFormatError

COLUMNS = ("town", "koaza", "lot", "accuracy_m", "geom")
ACCURACY_M = 90.0
"""90 % of lots lie within this distance of their point (measured)."""
TABLE_FIELDS = (
    Field("town", "町名", name, ("大字", "大字・町名"), required=True),
    Field("koaza", "小字", name, ("字",)),
    Field("lot", "地番", name, ("番地",), required=True),
    LON,
    LAT,
)


def read(reading: Reading) -> Any:
    """One row per lot and town; a 地割 given as 小字 becomes part of the town."""
    kind = _format(reading)
    if kind == "isj-gaiku":
        frame = isj.read_gaiku(reading, blocks=False).rename(columns={"number": "lot"})
    elif kind == "table":
        frame = reading.collect(lambda t: reading.with_points(t, reading.typed(t, TABLE_FIELDS), label="lot"))
    else:
        frame = _from_parcels(reading)
    names = {
        pair: _official(*pair) for pair in dict.fromkeys(zip(frame["town"], frame["koaza"], strict=True))
    }
    pairs = [names[pair] for pair in zip(frame["town"], frame["koaza"], strict=True)]
    frame = frame.assign(
        town=objects(frame, [town for town, _ in pairs]), koaza=objects(frame, [koaza for _, koaza in pairs])
    )
    frame = reject_strays(reading, frame)
    report_unknown_towns(reading, frame)
    frame = frame[~frame.duplicated(["town", "koaza", "lot"])].assign(accuracy_m=ACCURACY_M)
    return canonical(frame.sort_values(["town", "koaza"], kind="stable"), COLUMNS)


def lot_number(prc_id: str) -> str | None:
    """001030000300000 → 103-3: three numbers of five digits; None when it is not that."""
    if not re.fullmatch(r"[0-9]{15}", prc_id):
        return None
    numbers = [int(prc_id[start : start + 5]) for start in (0, 5, 10)]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return "-".join(map(str, numbers)) or None


def _format(reading: Reading) -> str:
    first = reading.tables[0]
    found = (
        "isj-gaiku"
        if isj.is_gaiku(first)
        else "abr-parcel"
        if has_columns(first, *abr.PARCEL_IDS)
        else "table"
    )
    if reading.format not in (None, found):
        raise FileFormatError(
            f"{first.source} は形式「{reading.format}」の列を持っていません。", file=first.source
        )
    return found


def _official(town: str, koaza: str | None) -> tuple[str, str | None]:
    number = jiwari_of(koaza)
    return (spelling(town), koaza) if number is None else (official(spelling(town), jiwari=number), None)


def _from_parcels(reading: Reading) -> Any:
    numbers = tuple(Field(f"prc_num{place}", f"prc_num{place}", text) for place in (1, 2, 3))
    fields = (*abr.NAMES, *numbers, Field("ablt_date", "ablt_date", text))
    frame = abr.joined(reading, abr.PARCEL_IDS, fields, "地番（mt_parcel）")
    frame = frame[frame["ablt_date"].isna()]
    names = [
        abr.town_and_koaza(*row)
        for row in zip(frame["oaza_cho"], frame["chome"], frame["koaza"], strict=True)
    ]
    written = [
        "-".join(part for part in parts if isinstance(part, str))
        for parts in zip(*(frame[field.name] for field in numbers), strict=True)
    ]
    frame = frame.assign(
        town=objects(frame, [town for town, _ in names]),
        koaza=objects(frame, [koaza for _, koaza in names]),
        lot=objects(
            frame, [given or lot_number(code) for given, code in zip(written, frame["prc_id"], strict=True)]
        ),
    )
    frame = reading.reject(frame, frame["town"].isna().to_numpy(), "oaza_cho", "町・字の名前がありません。")
    frame = reading.reject(frame, frame["lot"].isna().to_numpy(), "prc_id", "地番として読めません。")
    return abr.located(reading, frame, required=True, label="lot")
