"""Renewal of every building by both rule sets: one reading, grouped as asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.credits import credit
from api.facility_cost_groups import building_name, grouped
from geodata import unit_costs
from geodata.queries import assets as asset_queries
from geodata.queries import datasets as dataset_queries
from kyodo_geo.dates import fiscal_year_of
from kyodo_geo.errors import NotFoundError

if TYPE_CHECKING:
    import numpy as np

    from api.answers import Reading
    from geodata.queries.assets import StockRow
    from geodata.unit_costs import HeldAssumptions, UnitCosts
    from kyodo_geo.assets import Forecast, PlannedWork

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
    groups = grouped(reading, rows, found, grouping, group)
    city = group("city", reading.ref.name, rows, found, np.ones(len(rows)))
    chosen = city if only is None else next((line for line in groups if line.key == only), None)
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


def group(
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


def money(yen: float, digits: int = 0) -> str:
    """In millions of yen."""
    return f"{yen / MILLION:,.{digits}f}"


def hundred_million(yen: float) -> str:
    """In 億円; what is less than one in 百万円."""
    if abs(yen) < 100 * MILLION:
        return f"{yen / MILLION:,.1f} 百万円"
    return f"{yen / (100 * MILLION):,.1f} 億円"
