"""Renewal of every building by both rule sets: one reading, grouped as asked, as table, chart and years."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from api.credits import credit
from geodata import unit_costs
from geodata.queries import assets as asset_queries
from geodata.queries import datasets as dataset_queries
from geodata.queries import districts as district_queries
from geodata.queries import facility_sheet
from kyodo_geo.dates import fiscal_year_label, fiscal_year_of
from kyodo_geo.errors import NotFoundError
from kyodo_geo.facility_terms import USE_CLASSES

if TYPE_CHECKING:
    import numpy as np

    from api.answers import Reading
    from geodata.queries.assets import StockRow
    from geodata.unit_costs import HeldAssumptions, UnitCosts
    from kyodo_geo.assets import Forecast, PlannedWork
    from maps.charts import BuiltChart
    from maps.tables import Table

GROUPINGS = {
    "facility": "施設",
    "kind": "施設の種類",
    "district": "コミュニティ推進地区",
    "class": "用途の分類",
    "building": "建物",
}
MILLION = 1_000_000
NOBODY, NOT_SHARED, NO_KIND, NO_DISTRICT, NO_CLASS = "unused", "shared", "none", "none", "none"


@dataclass(frozen=True, slots=True)
class Group:
    """One line: the share of every building that belongs to it, beside what is known of its stock."""

    key: str
    name: str
    buildings: int
    area_m2: float
    area_unknown: int
    forecast: Forecast
    href: str | None = None

    @property
    def unknown(self) -> int:
        """Buildings without a forecast."""
        return int(self.forecast.unknown.sum())


@dataclass(frozen=True, slots=True)
class Costs:
    """What the page and the files show. `chosen` is the group the chart is about: the city, or one line."""

    base: int
    horizon: int
    index: float
    grouping: str
    groups: list[Group]
    city: Group
    chosen: Group
    missing: dict[str, int]
    works: list[PlannedWork]
    names: dict[str, str]
    depreciation: float | None
    depreciation_unknown: int
    short: UnitCosts
    long: UnitCosts
    assumed: HeldAssumptions
    dataset: dict[str, Any]


def costs(
    reading: Reading,
    grouping: str,
    only: str | None,
    index: float | None,
    horizon: int | None,
    facility_id: str | None = None,
) -> Costs:
    """Forecast and groups; raises NotFoundError for an `only` that is no line. `facility_id`: buildings of one alone."""
    import numpy as np

    from kyodo_geo.assets import Building, forecast, works

    conn, ref = reading.conn, reading.ref
    rows = asset_queries.stock(conn, ref, on=reading.on, facility_id=facility_id)
    held = unit_costs.assumptions(conn, ref.municipality_code)
    short = unit_costs.unit_costs(conn, ref.municipality_code, "60-year")
    long = unit_costs.unit_costs(conn, ref.municipality_code, "80-year")
    buildings = [
        Building(row.building_id, row.floor_area_m2, row.built_year, row.use_class, row.extendable)
        for row in rows
    ]
    base = fiscal_year_of(reading.on)
    used_index = held.assumptions.price_index if index is None else index
    found = forecast(
        buildings, short.costs, long.costs, held.assumptions, base=base, horizon=horizon, index=used_index
    )
    groups = _groups(reading, rows, found, grouping)
    city = _group("city", reading.ref.name, rows, found, np.ones(len(rows)))
    chosen = city if only is None else next((group for group in groups if group.key == only), None)
    if chosen is None:
        raise NotFoundError("この表に、指定された行はありません。", only=(only or "")[:40])
    valued = [row for row in rows if row.acquired_yen and row.depreciated_yen is not None]
    acquired = sum(row.acquired_yen or 0 for row in valued)
    kinds = ("facilities", "districts") if grouping == "district" else ("facilities",)
    return Costs(
        base=base,
        horizon=len(found.years),
        index=used_index,
        grouping=grouping,
        groups=groups,
        city=city,
        chosen=chosen,
        missing={name: sum(name in building.missing for building in buildings) for name in _missing_labels()},
        works=works(buildings, short.costs, base=base, horizon=len(found.years), index=used_index),
        names={row.building_id: building_name(row) for row in rows},
        depreciation=sum(row.depreciated_yen or 0 for row in valued) / acquired if acquired else None,
        depreciation_unknown=len(rows) - len(valued),
        short=short,
        long=long,
        assumed=held,
        dataset=credit(
            dataset_queries.active_datasets(conn, ref),
            kinds,
            values={row.quality for row in rows},
        ),
    )


def _missing_labels() -> dict[str, str]:
    from kyodo_geo.assets.forecast import MISSING

    return MISSING


def _group(
    key: str,
    name: str,
    rows: list[StockRow],
    found: Forecast,
    weights: np.ndarray,
    href: str | None = None,
) -> Group:
    mine = [(row, float(weight)) for row, weight in zip(rows, weights, strict=True) if weight > 0]
    return Group(
        key=key,
        name=name,
        buildings=len(mine),
        area_m2=sum(row.floor_area_m2 * weight for row, weight in mine if row.floor_area_m2 is not None),
        area_unknown=sum(row.floor_area_m2 is None for row, _ in mine),
        forecast=found.of(weights),
        href=href,
    )


def _groups(reading: Reading, rows: list[StockRow], found: Forecast, grouping: str) -> list[Group]:
    """Lines in the order in which they are read; every building is in exactly one, or divided among several."""
    import numpy as np

    parts: dict[str, np.ndarray] = {}
    for number, row in enumerate(rows):
        for key, share in _belongs(row, grouping).items():
            parts.setdefault(key, np.zeros(len(rows)))[number] += share
    name_of, order = _names(reading, rows, grouping)
    return [
        _group(
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


def money(yen: float, digits: int = 0) -> str:
    """In millions of yen."""
    return f"{yen / MILLION:,.{digits}f}"


def hundred_million(yen: float) -> str:
    """In 億円; what is less than one in 百万円."""
    if abs(yen) < 100 * MILLION:
        return f"{yen / MILLION:,.1f} 百万円"
    return f"{yen / (100 * MILLION):,.1f} 億円"


def table(found: Costs) -> Table:
    """One line per group and the sum."""
    from maps.tables import Column, Row, Table

    columns = (
        Column("buildings", "建物（棟）", numeric=True),
        Column("area_m2", "延床面積（m²）", numeric=True),
        Column("unknown", "計算できない（棟）", numeric=True),
        Column("short_total", "60年：合計（百万円）", numeric=True, digits=1),
        Column("short_mean", "60年：年平均（百万円）", numeric=True, digits=1),
        Column("short_overdue", "60年：積み残し（百万円）", numeric=True, digits=1),
        Column("long_total", "80年：合計（百万円）", numeric=True, digits=1),
        Column("long_mean", "80年：年平均（百万円）", numeric=True, digits=1),
        Column("long_overdue", "80年：積み残し（百万円）", numeric=True, digits=1),
        Column("effect", "効果：60年－80年（百万円）", numeric=True, digits=1),
        Column("upkeep_short", "60年：維持管理費（百万円/年）", numeric=True, digits=1),
        Column("upkeep_long", "80年：維持管理費（百万円/年）", numeric=True, digits=1),
        Column("demolition", "全部を除却（百万円）", numeric=True, digits=1),
    )
    last = found.base + found.horizon - 1
    return Table(
        f"{GROUPINGS[found.grouping]}別の更新費用（{fiscal_year_label(found.base)}から"
        f"{fiscal_year_label(last)}までの{found.horizon}年間、物価の倍率 {found.index:g}）",
        GROUPINGS[found.grouping],
        columns,
        tuple(
            Row(group.key, group.name, _cells(group, found.horizon), on_map=False, href=group.href)
            for group in found.groups
        ),
        totals=_cells(found.city, found.horizon),
        notes=(
            "「計算できない」は、延床面積、建築年、用途の分類のどれかが不明な建物です。費用には入っていません（0円ではありません）。",
            "積み残しは、基準の年にもう時期を過ぎている大規模改修と建替えです。最初の10年に等分し、合計に入っています。",
            "60年は60年で建て替える場合、80年は80年まで長く使う場合です。維持管理費は単価による目安で、除却とともに、合計には入っていません。",
        ),
    )


def _cells(group: Group, horizon: int) -> tuple[Any, ...]:
    from maps.tables import Cell
    from maps.text import UNKNOWN

    part = group.forecast
    forecast_known = group.buildings > group.unknown
    area_known = group.buildings > group.area_unknown

    def yen(value: float | None) -> Cell:
        if value is None or not forecast_known:
            return Cell(UNKNOWN)
        return Cell(money(value, 1), round(value / MILLION, 6))

    short, long = float(part.short.sum()), float(part.long.sum())
    return (
        Cell(f"{group.buildings:,}", group.buildings),
        Cell(f"{group.area_m2:,.0f}", group.area_m2) if area_known else Cell(UNKNOWN),
        Cell(f"{group.unknown:,}", group.unknown),
        yen(short),
        yen(short / horizon),
        yen(float(part.overdue_short.sum())),
        yen(long),
        yen(long / horizon),
        yen(float(part.overdue_long.sum())),
        yen(short - long),
        yen(float(part.upkeep_short.sum())),
        yen(float(part.upkeep_long.sum())),
        yen(None if part.demolition is None else float(part.demolition.sum())),
    )


def chart(found: Costs) -> BuiltChart | None:
    """Both rule sets by year for what was chosen; None where nothing of it can be forecast."""
    from api.district_charts import short_year
    from maps.charts import Chart, Series, line_chart

    part = found.chosen.forecast
    if found.chosen.buildings <= found.chosen.unknown:
        return None
    years = list(part.years)
    return line_chart(
        Chart(
            id="renewal",
            title=f"{found.chosen.name}の年度別の更新費用",
            x=tuple(short_year(year) for year in years),
            rows=tuple(fiscal_year_label(year) for year in years),
            series=(
                Series("60年で建替え", tuple(_million(value) for value in part.short.sum(axis=0))),
                Series(
                    "80年まで長寿命化", tuple(_million(value) for value in part.long.sum(axis=0)), "compare"
                ),
            ),
            unit="百万円",
            digits=1,
            width=640,
            height=320,
        )
    )


def _million(yen: float) -> float:
    return round(float(yen) / MILLION, 6)


def year_rows(found: Costs) -> list[list[str | int | float]]:
    """Year by year what the chart shows, for the file."""
    part = found.chosen.forecast
    if found.chosen.buildings <= found.chosen.unknown:
        return []
    return [
        [found.chosen.name, year, fiscal_year_label(year), round(float(short)), round(float(long))]
        for year, short, long in zip(part.years, part.short.sum(axis=0), part.long.sum(axis=0), strict=True)
    ]


WORK_HEADINGS = ("工事", "希望年", "費用", "年数", "最早年", "最遅年", "積み残し")


def work_rows(found: Costs) -> list[list[str | int | float]]:
    """The works of the 60-year rules, as `kyodo-geo assets level` reads them."""
    return [
        [
            f"{found.names[work.building_id]} {work.kind}", work.wanted, round(work.cost), work.years,
            work.earliest, work.latest, "はい" if work.overdue else "",
        ]
        for work in sorted(found.works, key=lambda work: (work.wanted, work.building_id))
    ]  # fmt: skip
