"""Which line of a table a building belongs to: its facilities, kind, district, use class, or itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from geodata.queries import districts as district_queries
from geodata.queries import facility_sheet
from kyodo_geo.facility_terms import USE_CLASSES

if TYPE_CHECKING:
    import numpy as np

    from api.answers import Reading
    from geodata.queries.assets import StockRow
    from kyodo_geo.assets import Forecast

T = TypeVar("T")
NOBODY, NOT_SHARED, NO_KIND, NO_DISTRICT, NO_CLASS = "unused", "shared", "none", "none", "none"


def grouped(
    reading: Reading, rows: list[StockRow], found: Forecast, grouping: str, group: Callable[..., T]
) -> list[T]:
    """Lines in the order in which they are read; every building is in exactly one, or divided among several."""
    import numpy as np

    parts: dict[str, np.ndarray] = {}
    for number, row in enumerate(rows):
        for key, share in _belongs(row, grouping).items():
            parts.setdefault(key, np.zeros(len(rows)))[number] += share
    name_of, order = _names(reading, rows, grouping)
    return [
        group(
            key,
            name_of(key),
            rows,
            found,
            parts[key],
            f"/facilities/{quote(key, safe='')}"
            if grouping == "facility" and key not in (NOBODY, NOT_SHARED)
            else None,
        )
        for key in sorted(parts, key=order)
    ]


def _belongs(row: StockRow, grouping: str) -> dict[str, float]:
    from kyodo_geo.assets import shares

    if grouping == "building":
        return {row.building_id: 1.0}
    if grouping == "class":
        return {row.use_class or NO_CLASS: 1.0}
    if grouping == "kind":
        return {row.kind or NO_KIND: 1.0}
    if grouping == "district":
        return {str(row.district_no) if row.district_no is not None else NO_DISTRICT: 1.0}
    if not row.used:
        return {NOBODY: 1.0}
    return shares(row.used) or {NOT_SHARED: 1.0}


def _names(
    reading: Reading, rows: list[StockRow], grouping: str
) -> tuple[Callable[[str], str], Callable[[str], Any]]:
    """(key → name, key → place in the order)."""
    if grouping == "building":
        names = {row.building_id: building_name(row) for row in rows}
        return (lambda key: names[key]), (lambda key: key)
    if grouping == "class":
        place = {name: number for number, name in enumerate(USE_CLASSES)}
        return (lambda key: "分類が不明" if key == NO_CLASS else key), (lambda key: place.get(key, 99))
    if grouping == "kind":
        return (lambda key: "施設のない建物" if key == NO_KIND else key), (lambda key: (key == NO_KIND, key))
    if grouping == "district":
        found = {
            row.no: row.name
            for row in district_queries.districts(reading.conn, reading.ref, None, with_geometry=False)
        }
        return (
            (lambda key: "地区が不明" if key == NO_DISTRICT else found.get(int(key), f"地区{key}")),
            (lambda key: 9999 if key == NO_DISTRICT else int(key)),
        )
    named = {site.id: site.name for site in facility_sheet.sites(reading.conn, reading.ref, all_times=True)}
    named |= {
        NOBODY: "どの施設も使っていない建物",
        NOT_SHARED: "施設ごとに分けられない建物（使う面積が不明）",
    }
    return (lambda key: named.get(key, key)), (lambda key: (key in (NOBODY, NOT_SHARED), key))


def building_name(row: StockRow) -> str:
    """What tells a building from others: its name or its facilities', and its id."""
    return f"{row.name or '、'.join(row.facility_names) or '建物'}（{row.building_id}）"
