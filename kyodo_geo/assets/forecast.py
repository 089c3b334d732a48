"""A stock of buildings forecast by both rule sets: cost by building and year, what is overdue, the effect of long life.

A building without floor area, year or use class has no forecast: it is left out of every sum and counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kyodo_geo.assets.longlife import LongLife, long_life_cost
from kyodo_geo.assets.renewal import Standard, renewal_cost
from kyodo_geo.errors import InputError
from kyodo_geo.unit_costs import Assumptions, UnitCost

MISSING = {"floor_area_m2": "延床面積", "built_year": "建築年", "use_class": "用途の分類"}


@dataclass(frozen=True, slots=True)
class Building:
    """What a forecast needs of a building; None is unknown. `extendable` None: the assumed share cannot be."""

    id: str
    floor_area_m2: float | None
    built_year: int | None
    use_class: str | None
    extendable: bool | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """Facts that a forecast lacks, by name."""
        return tuple(name for name in MISSING if getattr(self, name) is None)


@dataclass(frozen=True, slots=True)
class Forecast:
    """Yen by building (n) or building and year (n × horizon); 0 where `unknown`.

    `short` and `long` are the 60-year and the 80-year rules, `overdue_*` what each holds to be late in the base year
    (part of them), `upkeep_*` a year's upkeep, `demolition` taking the building down once (in neither).
    """

    base: int
    short: np.ndarray
    long: np.ndarray
    overdue_short: np.ndarray
    overdue_long: np.ndarray
    upkeep_short: np.ndarray
    upkeep_long: np.ndarray
    demolition: np.ndarray | None
    unknown: np.ndarray

    @property
    def years(self) -> range:
        return range(self.base, self.base + self.short.shape[1])

    @property
    def effect(self) -> float:
        """Simple renewal − long life over the horizon (works alone); below 0 where long life costs more."""
        return float(self.short.sum() - self.long.sum())

    def of(self, weights: np.ndarray) -> Forecast:
        """The part of each building that `weights` (n, 0–1) give somebody."""
        side = weights[:, None]
        return Forecast(
            self.base,
            self.short * side,
            self.long * side,
            self.overdue_short * weights,
            self.overdue_long * weights,
            self.upkeep_short * weights,
            self.upkeep_long * weights,
            None if self.demolition is None else self.demolition * weights,
            self.unknown & (weights > 0),
        )


def forecast(
    buildings: Sequence[Building],
    short_costs: Mapping[str, UnitCost],
    long_costs: Mapping[str, UnitCost],
    assumed: Assumptions,
    *,
    base: int,
    horizon: int | None = None,
    index: float | None = None,
) -> Forecast:
    """Both rule sets for `buildings` from the year `base` on; horizon and index are those assumed unless given.

    Unit costs are by use class. A building that cannot be extended follows the 60-year rules at their own prices.
    Raises `InputError`.
    """
    horizon = assumed.horizon_years if horizon is None else horizon
    index = assumed.price_index if index is None else index
    count = len(buildings)
    known = np.array([not building.missing for building in buildings], dtype=bool)
    area = np.array([building.floor_area_m2 if ok else np.nan for building, ok in _pairs(buildings, known)])
    built = np.array([building.built_year if ok else np.nan for building, ok in _pairs(buildings, known)])
    area, built = area.astype(float).reshape(count), built.astype(float).reshape(count)
    cannot = np.array([_cannot(building, assumed) for building in buildings], dtype=float)
    short, long = np.zeros((count, horizon)), np.zeros((count, horizon))
    late_short, late_long = np.zeros(count), np.zeros(count)
    upkeep_short, upkeep_long = np.zeros(count), np.zeros(count)
    for use_class in sorted({building.use_class or "" for building, ok in _pairs(buildings, known) if ok}):
        at = np.array([i for i in range(count) if known[i] and buildings[i].use_class == use_class])
        if use_class not in short_costs or use_class not in long_costs:
            raise InputError(f"更新単価の表に「{use_class}」という分類がありません。", field="use_class")
        one, two = short_costs[use_class], long_costs[use_class]
        found = renewal_cost(
            area[at], built[at], one.large_yen_m2, one.rebuild_yen_m2, base=base, horizon=horizon, index=index
        )
        rules = LongLife(
            middle_share=two.mid_share or 0.0, large_share=assumed.large_share if assumed.large_type == "B" else None
        )  # fmt: skip
        extended = long_life_cost(
            area[at], built[at], two.large_yen_m2, two.rebuild_yen_m2,
            base=base, horizon=horizon, index=index, cannot_extend=0.0, rules=rules,
        )  # fmt: skip
        share = cannot[at]
        short[at] = found.cost
        long[at] = extended.cost * (1 - share)[:, None] + found.cost * share[:, None]
        late_short[at] = overdue(area[at], built[at], one, base, index, Standard())
        late_long[at] = (
            overdue(area[at], built[at], two, base, index, rules) * (1 - share) + late_short[at] * share
        )
        upkeep_short[at] = area[at] * one.upkeep_yen_m2 * index
        upkeep_long[at] = area[at] * (two.upkeep_yen_m2 * (1 - share) + one.upkeep_yen_m2 * share) * index
    demolition = None
    if assumed.demolition_yen_m2 is not None:
        demolition = np.where(known, np.nan_to_num(area), 0.0) * assumed.demolition_yen_m2 * index
    return Forecast(
        base, short, long, late_short, late_long, upkeep_short, upkeep_long, demolition, ~known
    )  # fmt: skip


def overdue(
    area: np.ndarray, built: np.ndarray, cost: UnitCost, base: int, index: float, rules: Standard | LongLife
) -> np.ndarray:
    """Works that are late in the base year (積み残し), in yen per building: what the rules spread over the first years."""
    age = base - built
    if isinstance(rules, Standard):
        large: float = cost.large_yen_m2
        renovate = (age > rules.renovate_at) & (age < rules.too_late_to_renovate)
    else:
        large = cost.large_yen_m2 if rules.large_share is None else rules.large_share * cost.rebuild_yen_m2
        renovate = (age > rules.large_at) & (age < max(rules.middle_at))
    rebuild = age >= rules.rebuild_at
    return area * index * np.where(rebuild, cost.rebuild_yen_m2, np.where(renovate, large, 0.0))


def _pairs(buildings: Sequence[Building], known: np.ndarray) -> list[tuple[Building, bool]]:
    return list(zip(buildings, known.tolist(), strict=True))


def _cannot(building: Building, assumed: Assumptions) -> float:
    if building.extendable is None:
        return assumed.not_extendable_share
    return 0.0 if building.extendable else 1.0


def shares(used: Mapping[str, float | None]) -> dict[str, float] | None:
    """Which share of a building each facility in it has, by the area each uses; None where that is not known.

    The only facility of a building has all of it, whatever area is written down.
    """
    if len(used) == 1:
        return dict.fromkeys(used, 1.0)
    areas = [area for area in used.values() if area is not None]
    total = sum(areas)
    if len(areas) < len(used) or total <= 0:
        return None
    return {key: float(area or 0) / total for key, area in used.items()}
