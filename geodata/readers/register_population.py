"""Resident-register (住民基本台帳) people and households by city, district, small area or town."""

from __future__ import annotations

from typing import Any

from geodata.readers import standard_sets
from geodata.readers.fields import Field, find_columns, folded
from geodata.readers.reading import SOURCE, Reading, canonical
from geodata.readers.sources import Table
from geodata.readers.values import choice, count, day, name
from kyodo_geo.addresses import spelling, split_town

COLUMNS = ("area_kind", "area_key", "as_of", "people", "households")
AREA_KINDS = {
    "city": "city", "district": "district", "small-area": "small-area", "town": "town", "市": "city", "全市": "city",
    "地区": "district", "小地域": "small-area", "町": "town", "町名": "town", "町丁": "town", "町丁・字": "town",
}  # fmt: skip
KIND_BY_HEADING = {"keycode": "small-area", "地区番号": "district"}
FIELDS = (
    Field("area_kind", "区域の種類", choice(AREA_KINDS), ("区分", "種類")),
    Field(
        "area_key",
        "区域",
        name,
        ("町名", "町丁名", "町丁・字名", "地区番号", "KEY_CODE", "大字・町名"),
        required=True,
    ),
    Field("as_of", "基準日", day, ("時点", "年月日", "調査年月日"), required=True),
    Field("people", "人口", count, ("人口総数", "総人口", "総数", "男女計", "人口計")),
    Field("households", "世帯数", count, ("世帯総数", "世帯")),
)


def read(reading: Reading) -> Any:
    """One row per area and day."""
    frame = reading.collect(lambda table: _rows(reading, table))
    empty = frame["people"].isna() & frame["households"].isna()
    frame = reading.reject(frame, empty.to_numpy(), "people", "人口も世帯数もありません。")
    frame["area_key"] = [
        spelling(key) if kind == "town" else key
        for kind, key in zip(frame["area_kind"], frame["area_key"], strict=True)
    ]
    _compare(reading, frame)
    frame = reading.drop_duplicates(frame, ("area_kind", "area_key", "as_of"))
    days = frame["as_of"].dropna()
    if len(days):
        reading.as_of = max(days)
    reading.report.totals |= {
        f"{kind}:{column}": float(part[column].sum())
        for kind, part in frame[frame["as_of"] == reading.as_of].groupby("area_kind")
        for column in ("people", "households")
    }
    return canonical(frame, COLUMNS)


def _rows(reading: Reading, table: Table) -> Any:
    """Typed rows; where no column tells the kind of area, the heading of the key does, else it is a town."""
    if standard_sets.has_register(table):
        standard_sets.register_areas(reading, table)
        return reading.typed(table, FIELDS)
    frame = reading.typed(table, FIELDS)
    column = find_columns(table, FIELDS, reading.mapping)["area_key"]
    kind = KIND_BY_HEADING.get(folded(column), "town")
    if frame["area_kind"].isna().any():
        name = next(label for label, code in AREA_KINDS.items() if code == kind and not label.isascii())
        reading.report.note(f"{table.source}: 区域の種類のない行は「{name}」として扱います。")
        frame["area_kind"] = frame["area_kind"].where(frame["area_kind"].notna(), kind)
    return frame


def _compare(reading: Reading, frame: Any) -> None:
    """Enter areas that nothing loaded knows; they are loaded all the same (towns are founded and renamed)."""
    context = reading.context
    known = {
        "district": None if context.districts is None else {str(number) for number in context.districts},
        "small-area": context.small_area_keys,
        "town": None if context.town_names is None else {split_town(town) for town in context.town_names},
    }
    seen = set()
    for row, kind, key, source in zip(
        frame.index, frame["area_kind"], frame["area_key"], frame[SOURCE], strict=True
    ):
        among = known.get(kind)
        comparable = split_town(key) if kind == "town" else key
        if among is not None and comparable not in among and (kind, key) not in seen:
            seen.add((kind, key))
            reading.report.add("unmatched", file=source, row=int(row), column="area_key", value=key)
