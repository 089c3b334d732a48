"""Cost of renewing buildings as they are, by the rules of the ministry's software (60 years).

Large-scale renovation 30 years after building over 2 years, rebuilding at 60 over 3, same floor area. A renovation that is
overdue in the base year (age 31–50) and a rebuilding that is (age 60 and more) are spread over the first 10 years; from age
51 there is no renovation any more. A rebuilt building counts as built in the year after its last instalment, and begins
anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kyodo_geo.errors import InputError


@dataclass(frozen=True, slots=True)
class Standard:
    """The rules' numbers; `rebuild_start` years are added to when rebuilding begins."""

    renovate_at: int = 30
    renovate_over: int = 2
    rebuild_at: int = 60
    rebuild_over: int = 3
    rebuild_start: int = 0
    too_late_to_renovate: int = 51
    spread: int = 10
    upkeep: float = 2_000.0
    """Yen per m² and year; in sums of upkeep only."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """Yen per building and year (n × horizon, from `base` on). Buildings with unknown area or year are 0 and `unknown`."""

    base: int
    cost: np.ndarray
    unknown: np.ndarray

    @property
    def years(self) -> range:
        return range(self.base, self.base + self.cost.shape[1])

    @property
    def by_year(self) -> np.ndarray:
        """Sum over the buildings (horizon)."""
        return self.cost.sum(axis=0)

    @property
    def total(self) -> float:
        return float(self.cost.sum())

    @property
    def mean(self) -> float:
        """Per year of the horizon."""
        return self.total / self.cost.shape[1]


def renewal_cost(
    area: Sequence[float] | np.ndarray,
    built: Sequence[float] | np.ndarray,
    renovate: float | Sequence[float] | np.ndarray,
    rebuild: float | Sequence[float] | np.ndarray,
    *,
    base: int,
    horizon: int = 40,
    index: float = 1.0,
    rules: Standard | None = None,
) -> Renewal:
    """Renewal of n buildings: floor `area` (m²) and year `built` (NaN: unknown), unit costs in yen per m².

    `index` multiplies all prices. Raises `InputError`.
    """
    rules = rules or Standard()
    area, built, unknown = buildings(area, built)
    large, whole = area * prices(renovate, len(area)) * index, area * prices(rebuild, len(area)) * index
    if not (np.isfinite(index) and index > 0) or horizon < 1:
        raise InputError("物価指数は0より大きい数、期間は1年以上で指定してください。", field="index")
    ledger = Ledger(len(area), base, horizon, ~unknown)
    age = base - built
    overdue = (age > rules.renovate_at) & (age < rules.too_late_to_renovate)
    ledger.add(overdue, base, rules.spread, large)
    dead = age >= rules.rebuild_at
    ledger.add(dead, base, rules.spread, whole)
    ledger.add(age <= rules.renovate_at, built + rules.renovate_at, rules.renovate_over, large)
    begins = built + rules.rebuild_at + rules.rebuild_start
    ledger.add(~dead, begins, rules.rebuild_over, whole)
    renewed = np.where(dead, base + rules.spread, begins + rules.rebuild_over)
    every = np.ones(len(area), dtype=bool)
    while (renewed < base + horizon).any():
        ledger.add(every, renewed + rules.renovate_at, rules.renovate_over, large)
        begins = renewed + rules.rebuild_at + rules.rebuild_start
        ledger.add(every, begins, rules.rebuild_over, whole)
        renewed = begins + rules.rebuild_over
    return Renewal(base, ledger.cost, unknown)


class Ledger:
    """Costs by building and year; what falls outside of the horizon is not entered."""

    def __init__(self, count: int, base: int, horizon: int, known: np.ndarray) -> None:
        self.cost = np.zeros((count, horizon))
        self.base, self.horizon, self.known = base, horizon, known

    def add(self, which: np.ndarray, begins: np.ndarray | int, years: int, cost: np.ndarray) -> None:
        """Enter `cost` in `years` equal instalments from `begins` on for the buildings `which`."""
        first = np.broadcast_to(np.asarray(begins, dtype=float), self.known.shape) - self.base
        for year in range(years):
            at = first + year
            rows = np.flatnonzero(which & self.known & (at >= 0) & (at < self.horizon))
            self.cost[rows, at[rows].astype(int)] += cost[rows] / years


def buildings(
    area: Sequence[float] | np.ndarray, built: Sequence[float] | np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(area, built, which are not known: 0 and year 0 there). Raises `InputError`."""
    area, built = np.asarray(area, dtype=float), np.asarray(built, dtype=float)
    if area.ndim != 1 or area.shape != built.shape:
        raise InputError("延床面積と建築年は、建物ごとに1つずつ指定してください。", field="area")
    unknown = np.isnan(area) | np.isnan(built)
    area, built = np.where(unknown, 0, area), np.where(unknown, 0, built)
    if not np.isfinite(area).all() or (area < 0).any() or (built != np.floor(built)).any():
        raise InputError("延床面積は0以上の数、建築年は西暦の整数で指定してください。", field="area")
    return area, built, unknown


def prices(values: float | Sequence[float] | np.ndarray, count: int) -> np.ndarray:
    """One unit cost per building, from one each or one for all. Raises `InputError`."""
    found = (
        np.broadcast_to(np.asarray(values, dtype=float), (count,))
        if np.ndim(values) == 0
        else np.asarray(values, float)
    )
    if found.shape != (count,) or not np.isfinite(found).all() or (found < 0).any():
        raise InputError("更新単価は、建物ごとに0以上の数で指定してください。", field="price")
    return found
