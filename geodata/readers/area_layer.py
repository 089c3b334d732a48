"""Optional layers of the printed answer: school districts, waste collection, shelters (places), floods."""

from __future__ import annotations

from typing import Any

from geodata.readers.fields import LAT, LON, Field
from geodata.readers.reading import Reading, canonical
from geodata.readers.sources import Table
from geodata.readers.values import name, text

COLUMNS = ("name", "detail", "contact", "phone", "address", "geom")
PLACES = frozenset({"shelters"})
"""Layers of places; all others are areas."""

FIELDS = (
    Field(
        "name", "名称", name,
        ("学校名", "校名", "通学区域", "収集地区", "収集区域", "区域名", "地区名", "避難所名", "施設名", "浸水深", "浸水深区分"),
        required=True,
    ),
    Field("detail", "注記", text, ("備考", "収集日", "収集曜日", "説明", "対象とする災害の種類")),
    Field("contact", "問合先", text, ("問い合わせ先", "問合せ先", "担当課", "所管課")),
    Field("phone", "電話番号", text, ("電話", "TEL")),
    Field("address", "住所", text, ("所在地",)),
    LON,
    LAT,
)  # fmt: skip


def read(reading: Reading) -> Any:
    """One row per area or place, in the order of the file; a layer of areas needs polygons."""

    def one(table: Table) -> Any:
        reading.only_municipality(table, "市区町村コード", "全国地方公共団体コード")
        frame = reading.typed(table, FIELDS)
        if reading.kind in PLACES:
            return reading.with_points(table, frame)
        return reading.with_areas(table, frame, "name")

    frame = reading.collect(one)
    reading.report.totals["areas"] = float(frame["name"].nunique())
    return canonical(frame, COLUMNS)
