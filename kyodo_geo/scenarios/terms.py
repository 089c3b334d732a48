"""What the costs of a scenario are made of, and how they come out: buildings with their users, prices, sums by line and year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kyodo_geo.assets.calendar import MIDDLE, REBUILD
from kyodo_geo.assets.forecast import Building, shares
from kyodo_geo.scenarios.actions import Action
from kyodo_geo.unit_costs import Assumptions, UnitCost

NOBODY, NOT_SHARED = "unused", "shared"
"""Lines of buildings that no facility uses, and of those that cannot be divided among theirs."""


@dataclass(frozen=True, slots=True)
class Holding:
    """A building and which facilities use how much of it (m², None: unknown)."""

    building: Building
    used: Mapping[str, float | None]

    def parts(self) -> dict[str, float]:
        """Line → its share of the building; they add up to 1."""
        if not self.used:
            return {NOBODY: 1.0}
        return shares(self.used) or {NOT_SHARED: 1.0}


@dataclass(frozen=True, slots=True)
class Prices:
    """Unit costs by class under both rule sets, and the assumptions (price index, demolition …) that hold."""

    short: Mapping[str, UnitCost]
    long: Mapping[str, UnitCost]
    assumed: Assumptions

    def unit(self, building: Building, long: bool) -> UnitCost:
        """Unit costs of a building whose class is known, under the 60-year or (`long`) the 80-year rules."""
        return (self.long if long else self.short)[str(building.use_class)]

    def price(self, building: Building, kind: str, long: bool) -> float:
        """Yen per m² of a work (`assets.calendar`), before the price index."""
        unit = self.unit(building, long)
        if kind == REBUILD:
            return unit.rebuild_yen_m2
        if kind == MIDDLE:
            return unit.rebuild_yen_m2 * (unit.mid_share or 0.0)
        if long and self.assumed.large_type == "B":
            return unit.rebuild_yen_m2 * self.assumed.large_share
        return unit.large_yen_m2

    def cannot_extend(self, building: Building) -> float:
        """Share of the building (0–1) that stays with the 60-year rules."""
        if building.extendable is None:
            return self.assumed.not_extendable_share
        return 0.0 if building.extendable else 1.0


@dataclass(frozen=True, slots=True)
class ActionCost:
    """What one action itself costs, by year (horizon). `unknown` says in sentences what is in no sum."""

    action: Action
    by_year: np.ndarray
    unknown: tuple[str, ...] = ()

    @property
    def total(self) -> float:
        return float(self.by_year.sum())


@dataclass(frozen=True, slots=True)
class Costs:
    """Yen by line and year (lines × horizon). Lines are facilities, then NOBODY and NOT_SHARED where there are any.

    `works`: renovation, rebuilding, repairs. `ending`: taking down, moving, converting. `upkeep`: by unit cost.
    `unknown` (lines): buildings that cannot be forecast and are in no sum; `without` (facilities): those of which no
    building is recorded. `actions`: what each action costs, within the sums.
    """

    base: int
    lines: tuple[str, ...]
    works: np.ndarray
    ending: np.ndarray
    upkeep: np.ndarray
    unknown: np.ndarray
    actions: tuple[ActionCost, ...]

    @property
    def total(self) -> np.ndarray:
        """All that is known, by line and year."""
        found: np.ndarray = self.works + self.ending + self.upkeep
        return found

    @property
    def by_year(self) -> np.ndarray:
        found: np.ndarray = self.total.sum(axis=0)
        return found

    @property
    def sum(self) -> float:
        return float(self.total.sum())
