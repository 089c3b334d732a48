"""Vacant houses in their three states. Nothing of a row is repeated in the report: most are for staff only."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from geodata.readers.fields import LAT, LON, Field
from geodata.readers.reading import Reading, canonical
from geodata.readers.values import (
    choice,
    count,
    day,
    identifier,
    narrow,
    positive,
    square_metres,
    text,
    words,
    year,
    yes_no,
)

COLUMNS = (
    "house_id", "state", "rank", "address", "structure", "floors", "floor_area_m2", "largest_room_m2", "built_year",
    "confirmed_on", "seismic", "road_access", "hazard", "owner_willing", "consented_to", "consented_on", "geom",
    "neglected", "certificate", "use_district", "office_answer", "capacity", "price_yen",
)  # fmt: skip
STATES = {
    "survey": "survey", "consented": "consented", "listed": "listed", "調査": "survey", "実態調査": "survey",
    "同意": "consented", "同意済": "consented", "同意あり": "consented", "公開": "listed", "空き家バンク": "listed",
}  # fmt: skip
SEISMIC = {
    "diagnosed": "diagnosed", "retrofitted": "retrofitted", "診断済": "diagnosed", "耐震診断済": "diagnosed",
    "補強済": "retrofitted", "改修済": "retrofitted", "耐震改修済": "retrofitted",
}  # fmt: skip
OFFICE = {
    "未確認": "未確認", "特建扱い": "特建扱い", "特殊建築物": "特建扱い", "地区集会所扱い": "地区集会所扱い",
    "集会所": "地区集会所扱い",
}  # fmt: skip


def _floors(cell: str) -> int | None:
    return positive(re.sub(r"(?:階建て?|階)$", "", narrow(cell)))


FIELDS = (
    Field("house_id", "空き家番号", identifier, ("調査番号", "管理番号", "ID"), required=True),
    Field("state", "状態", choice(STATES), ("公開区分", "区分"), required=True),
    Field("rank", "ランク", choice({rank: rank for rank in "ABCD"}), ("判定", "危険度")),
    Field("address", "住所", text, ("所在地",), required=True),
    Field("structure", "構造", text),
    Field("floors", "階数", _floors),
    Field("floor_area_m2", "延床面積", square_metres, ("床面積", "延べ床面積")),
    Field("largest_room_m2", "最大の部屋", square_metres, ("最大室面積",)),
    Field("built_year", "建築年", year, ("築年",)),
    Field("confirmed_on", "建築確認日", day, ("建築確認",)),
    Field("seismic", "耐震", choice(SEISMIC), ("耐震性", "耐震診断")),
    Field("road_access", "接道", yes_no),
    Field("hazard", "災害区域", text, ("ハザード",)),
    Field("owner_willing", "貸す意向", yes_no, ("所有者の意向", "貸与意向")),
    Field("consented_to", "同意先", words, ("提供先",)),
    Field("consented_on", "同意日", day, ("同意年月日",)),
    Field("neglected", "管理不全空家等", yes_no, ("管理不全",)),
    Field("certificate", "検査済証", yes_no),
    Field("use_district", "用途地域", text),
    Field("office_answer", "建築指導の回答", choice(OFFICE), ("建築指導課の回答",)),
    Field("capacity", "収容人員", positive, ("定員",)),
    Field("price_yen", "整備費", count, ("整備費の見積り", "見積り額")),
    LON,
    LAT,
)


def read(reading: Reading) -> Any:
    """One row per house with a point. A consent must be dated and name its recipients."""
    reading.report.private = True
    frame = reading.collect(
        lambda table: reading.with_points(table, reading.typed(table, FIELDS), label="house_id")
    )
    frame["consented_to"] = [given or [] for given in frame["consented_to"]]
    unwritten = [
        state == "consented" and (not named or on is None)
        for state, named, on in zip(frame["state"], frame["consented_to"], frame["consented_on"], strict=True)
    ]
    frame = reading.reject(
        frame,
        np.array(unwritten, dtype=bool),
        "consented_to",
        "同意の行には、同意先と同意日が必要です。",
    )
    frame = reading.drop_duplicates(frame, ("house_id",))
    for state, number in frame["state"].value_counts().items():
        reading.report.totals[f"状態「{state}」"] = float(number)
    return canonical(frame, COLUMNS)
