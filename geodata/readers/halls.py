"""Neighbourhood halls (自治公民館) that associations keep."""

from __future__ import annotations

from typing import Any

from geodata.readers.associations import ASSOCIATION_ID
from geodata.readers.fields import LAT, LON, Field
from geodata.readers.reading import Reading, canonical, stable_id
from geodata.readers.values import choice, day, identifier, name, square_metres, text, year

COLUMNS = (
    "hall_id", "association_id", "name", "address", "floor_area_m2", "built_year", "confirmed_on", "ownership",
    "geom",
)  # fmt: skip
OWNERSHIP = {
    "owned": "owned", "rented": "rented", "所有": "owned", "自己所有": "owned", "借用": "rented", "賃貸": "rented",
    "借家": "rented",
}  # fmt: skip
FIELDS = (
    Field("hall_id", "公民館番号", identifier, ("自治公民館番号", "施設番号", "ID")),
    ASSOCIATION_ID,
    Field("name", "名称", name, ("公民館名", "自治公民館名", "施設名", "施設名称"), required=True),
    Field("address", "住所", text, ("所在地",)),
    Field("floor_area_m2", "延床面積", square_metres, ("床面積", "延べ床面積", "面積")),
    Field("built_year", "建築年", year, ("建築年度", "建設年")),
    Field("confirmed_on", "建築確認日", day, ("確認年月日", "建築確認年月日", "確認済証の日付")),
    Field("ownership", "所有", choice(OWNERSHIP), ("所有区分", "所有形態")),
    LON,
    LAT,
)


def read(reading: Reading) -> Any:
    """One row per hall; a hall may be without a point and without a known association."""
    frame = reading.collect(
        lambda table: reading.with_points(table, reading.typed(table, FIELDS), required=False)
    )
    frame["hall_id"] = [
        given or stable_id("h", label, address)
        for given, label, address in zip(frame["hall_id"], frame["name"], frame["address"], strict=True)
    ]
    frame = reading.match(frame, "association_id", reading.context.association_ids, "町内会・自治会")
    frame = reading.drop_duplicates(frame, ("hall_id",))
    present = sum(point is not None for point in frame["geom"])
    reading.report.totals |= {"with_point": float(present), "without_point": float(len(frame) - present)}
    return canonical(frame, COLUMNS)
