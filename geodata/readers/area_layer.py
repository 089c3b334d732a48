"""Optional layers: school districts, waste collection, shelters (places), floods; built-up areas, landslides, 居住誘導区域."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from geodata.readers import standard_sets
from geodata.readers.fields import LAT, LON, Field, objects
from geodata.readers.reading import Reading, canonical
from geodata.readers.sources import Table
from geodata.readers.values import name, narrow, text
from kyodo_geo.kinds import KIND_NAMES, PLANNING_LAYERS

COLUMNS = ("name", "detail", "contact", "phone", "address", "geom")
PLACES = frozenset({"shelters"})
"""Layers of places; all others are areas."""

A33_AREAS = {
    "1": "土砂災害警戒区域", "2": "土砂災害特別警戒区域", "3": "土砂災害警戒区域（指定前）",
    "4": "土砂災害特別警戒区域（指定前）",
}  # fmt: skip
"""Codes of 国土数値情報 A33_002; the name says whether the area is the special one, which rules a hall out."""
A33_EVENTS = {"1": "急傾斜地の崩壊", "2": "土石流", "3": "地すべり"}


def _landslide(cell: str) -> str:
    return A33_AREAS.get(narrow(cell), name(cell))


def _event(cell: str) -> str:
    return A33_EVENTS.get(narrow(cell), text(cell))


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

_LANDSLIDE = {
    "name": Field("name", "名称", _landslide, ("区域区分", "区域の区分", "A33_002", "区域名"), required=True),
    "detail": Field("detail", "注記", _event, ("現象の種類", "A33_001", "備考", "説明")),
}


def fields_of(kind: str) -> tuple[Field, ...]:
    """The columns of a layer: landslides by the code of the area; areas of planning need no name of their own."""
    if kind == "landslide":
        return tuple(_LANDSLIDE.get(field.name, field) for field in FIELDS)
    if kind in PLANNING_LAYERS:
        return tuple(replace(field, required=False) for field in FIELDS)
    return FIELDS


def read(reading: Reading) -> Any:
    """One row per area or place, in the order of the file; a layer of areas needs polygons."""

    def one(table: Table) -> Any:
        if reading.kind not in PLACES or not standard_sets.shelters(reading, table):
            reading.only_municipality(table, "市区町村コード", "全国地方公共団体コード")
        frame = reading.typed(table, fields_of(reading.kind))
        if reading.kind in PLANNING_LAYERS:
            frame = frame.assign(
                name=objects(frame, [name or KIND_NAMES[reading.kind] for name in frame["name"]])
            )
        if reading.kind in PLACES:
            return reading.with_points(table, frame)
        return reading.with_areas(table, frame, "name")

    frame = reading.collect(one)
    reading.report.totals["areas"] = float(frame["name"].nunique())
    return canonical(frame, COLUMNS)
