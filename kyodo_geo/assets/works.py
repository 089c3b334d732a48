"""The works that the 60-year rules mean, one by one, as `levelling.level` takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kyodo_geo.assets.calendar import REBUILD, RENOVATE, calendar
from kyodo_geo.assets.forecast import Building
from kyodo_geo.assets.renewal import Standard
from kyodo_geo.unit_costs import UnitCost

__all__ = ["REBUILD", "RENOVATE", "PlannedWork", "works"]


@dataclass(frozen=True, slots=True)
class PlannedWork:
    """A work that begins in `wanted` and is paid in `years` equal instalments; it may begin in earliest … latest."""

    building_id: str
    kind: str
    wanted: int
    cost: float
    years: int
    earliest: int
    latest: int
    overdue: bool


def works(
    buildings: Sequence[Building],
    costs: Mapping[str, UnitCost],
    *,
    base: int,
    horizon: int,
    index: float = 1.0,
    window: int = 5,
) -> list[PlannedWork]:
    """Works that begin within the horizon, by building. Overdue ones are wanted at once, within the first ten years.

    Buildings that cannot be forecast have none. `window`: years that others may be moved either way.
    """
    rules = Standard()
    found: list[PlannedWork] = []
    for building in buildings:
        if building.missing:
            continue
        area, built, use_class = building.floor_area_m2, building.built_year, building.use_class
        assert area is not None and built is not None and use_class is not None
        large, whole = (
            area * price * index for price in (costs[use_class].large_yen_m2, costs[use_class].rebuild_yen_m2)
        )
        for step in calendar(built, base, base + horizon, rules):
            kind, year, overdue = step.kind, step.year, step.overdue
            renovation = kind == RENOVATE
            last = base + horizon - 1
            found.append(
                PlannedWork(
                    building.id, kind, year, large if renovation else whole,
                    rules.renovate_over if renovation else rules.rebuild_over,
                    base if overdue else max(base, year - window),
                    min(last, base + rules.spread - 1 if overdue else year + window),
                    overdue,
                )
            )  # fmt: skip
    return found
