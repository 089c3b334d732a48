"""The works that either rule set means, one by one, as `levelling.level` takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kyodo_geo.assets.calendar import MIDDLE, REBUILD, RENOVATE, calendar
from kyodo_geo.assets.forecast import Building
from kyodo_geo.assets.longlife import LongLife
from kyodo_geo.assets.renewal import Standard
from kyodo_geo.unit_costs import UnitCost

__all__ = ["MIDDLE", "REBUILD", "RENOVATE", "PlannedWork", "long_works", "works"]


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


def long_works(
    buildings: Sequence[Building],
    short_costs: Mapping[str, UnitCost],
    long_costs: Mapping[str, UnitCost],
    *,
    base: int,
    horizon: int,
    large_share: float | None = None,
    index: float = 1.0,
    window: int = 5,
) -> list[PlannedWork]:
    """The same by the 80-year rules. A building that cannot be extended has the works of the 60-year rules at their prices.

    One of which that is unknown is taken to be extendable: a work is done or not, a share of it is none. `large_share`:
    what a large renovation costs of a rebuilding (None: its unit cost).
    """
    fixed = [building for building in buildings if building.extendable is False]
    found = works(fixed, short_costs, base=base, horizon=horizon, index=index, window=window)
    last = base + horizon - 1
    for building in buildings:
        if building.missing or building.extendable is False:
            continue
        area, built, use_class = building.floor_area_m2, building.built_year, building.use_class
        assert area is not None and built is not None and use_class is not None
        cost = long_costs[use_class]
        rules = LongLife(middle_share=cost.mid_share or 0.0, large_share=large_share)
        whole = area * cost.rebuild_yen_m2 * index
        prices = {
            REBUILD: (whole, rules.rebuild_over),
            RENOVATE: (
                area * cost.large_yen_m2 * index if large_share is None else whole * large_share, rules.large_over
            ),
            MIDDLE: (whole * rules.middle_share, rules.middle_over),
        }  # fmt: skip
        for step in calendar(built, base, base + horizon, rules):
            kind, year, overdue = step.kind, step.year, step.overdue
            price, years = prices[kind]
            found.append(
                PlannedWork(
                    building.id, kind, year, price, years, base if overdue else max(base, year - window),
                    min(last, base + rules.spread - 1 if overdue else year + window), overdue,
                )
            )  # fmt: skip
    return found
