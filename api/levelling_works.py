"""What a run of levelling is asked: the works of the chosen buildings by the chosen rules, and what they rest on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.credits import credit
from api.facility_cost_groups import building_name
from geodata import unit_costs
from geodata.queries import assets as asset_queries
from geodata.queries import datasets as dataset_queries
from geodata.queries import districts as district_queries
from kyodo_geo.assets import Building, long_works, works
from kyodo_geo.assets.levelling_plan import Question, as_row, before
from kyodo_geo.dates import fiscal_year_of

if TYPE_CHECKING:
    from datetime import date

    from geodata.database import Connection
    from geodata.queries.assets import StockRow
    from geodata.queries.generation import Ref


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person chose. Years and index None: the city's assumptions; no district or kind: all."""

    rule_set: str = "60-year"
    index: float | None = None
    horizon: int | None = None
    window: int = 5
    districts: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gathered:
    """`parameters` of a run but for ceiling and seconds, its `basis`, and what the form shows of it."""

    parameters: dict[str, Any]
    basis: dict[str, Any]
    peak_yen: float
    mean_yen: float
    ceiling_yen: int | None


def choices(conn: Connection, ref: Ref, on: date) -> tuple[list[tuple[int, str]], list[str]]:
    """(districts, kinds) that have buildings."""
    rows = asset_queries.stock(conn, ref, on=on)
    names = {row.no: row.name for row in district_queries.districts(conn, ref, None, with_geometry=False)}
    numbers = sorted({row.district_no for row in rows if row.district_no is not None})
    return [(no, names.get(no, f"地区{no}")) for no in numbers], sorted(
        {row.kind for row in rows if row.kind}
    )


def gather(conn: Connection, ref: Ref, on: date, wish: Wish) -> Gathered:
    """The works of what was chosen."""
    code = ref.municipality_code
    rows = [row for row in asset_queries.stock(conn, ref, on=on) if _chosen(row, wish)]
    held = unit_costs.assumptions(conn, code)
    short, long = (unit_costs.unit_costs(conn, code, rule) for rule in ("60-year", "80-year"))
    assumed = held.assumptions
    stock = [Building(r.building_id, r.floor_area_m2, r.built_year, r.use_class, r.extendable) for r in rows]
    base, horizon = fiscal_year_of(on), wish.horizon or assumed.horizon_years
    index = assumed.price_index if wish.index is None else wish.index
    common = {"base": base, "horizon": horizon, "index": index, "window": wish.window}
    planned = (
        works(stock, short.costs, **common)  # type: ignore[arg-type]
        if wish.rule_set == "60-year"
        else long_works(
            stock, short.costs, long.costs, large_share=assumed.large_share if assumed.large_type == "B" else None,
            **common,  # type: ignore[arg-type]
        )
    )  # fmt: skip
    names = {row.building_id: building_name(row) for row in rows}
    planned.sort(key=lambda work: (work.wanted, work.building_id, work.kind))
    listed = [as_row(work, names[work.building_id]) for work in planned]
    found = {
        **common, "rule_set": wish.rule_set, "districts": list(wish.districts), "kinds": list(wish.kinds), "works": listed,
    }  # fmt: skip
    years = before(Question(base, horizon, 0.0, 0.0, listed))
    active = dataset_queries.active_datasets(conn, ref)
    basis = {
        "generation": ref.generation_no, "day": on.isoformat(), "buildings": len(rows),
        "unknown": sum(bool(building.missing) for building in stock),
        "extendable_unknown": sum(b.extendable is None and not b.missing for b in stock),
        "short_version": short.version, "long_version": long.version, "assumption_version": held.version,
        "price_year": assumed.price_year,
        "credit": credit(active, ("facilities",), values={row.quality for row in rows}),
    }  # fmt: skip
    return Gathered(found, basis, max(years, default=0.0), sum(years) / horizon, assumed.ceiling_yen)


def _chosen(row: StockRow, wish: Wish) -> bool:
    return (not wish.districts or row.district_no in wish.districts) and (
        not wish.kinds or row.kind in wish.kinds
    )
