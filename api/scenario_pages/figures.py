"""The figures of a scenario by year: one list of numbers for page, chart, file, paper and interface."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kyodo_geo.scenarios.effects import Effects


@dataclass(frozen=True, slots=True)
class YearFigures:
    """A fiscal year of a scenario or of the base case. Yen, people, metres, shares 0–1; None is unknown.

    `open`, `capacity`, `share` and all that follows are None without people or facilities, `older_out` without ages.
    `mean_m` is None where nobody has a way; `worst_m` is the mean way of the 5 % with the longest, `worst_stranded` those
    of them without a way.
    """

    year: int
    works: float
    ending: float
    upkeep: float
    open: int | None = None
    capacity: float | None = None
    capacity_unknown: int | None = None
    people: float | None = None
    share: float | None = None
    out_of_reach: float | None = None
    older_out: float | None = None
    mean_m: float | None = None
    worst_m: float | None = None
    worst_stranded: float | None = None
    gini: float | None = None

    @property
    def total(self) -> float:
        return self.works + self.ending + self.upkeep


def years_of(found: Effects, *, before: bool = False) -> list[YearFigures]:
    """Every year of the horizon, of the scenario or (`before`) of the base case."""
    costs = found.before if before else found.costs
    supply = found.supply_before if before else found.supply
    works, ending, upkeep = (part.sum(axis=0).tolist() for part in (costs.works, costs.ending, costs.upkeep))
    rows = []
    for at, year in enumerate(found.years):
        reach = found.reach_before(year) if before else found.reach_in(year)
        if supply is None or reach is None:
            rows.append(YearFigures(year, works[at], ending[at], upkeep[at]))
            continue
        seats, number, unknown = supply.seats(at)
        worst = reach.worst
        rows.append(
            YearFigures(
                year, works[at], ending[at], upkeep[at],
                open=number,
                # Facilities without a known capacity are no empty ones: where all are unknown, so is the sum.
                capacity=None if number and unknown == number else seats,
                capacity_unknown=unknown,
                people=reach.total,
                share=reach.share,
                out_of_reach=reach.out_of_reach,
                older_out=reach.older_out_of_reach if found.reach is not None and found.reach.knows_older else None,
                mean_m=reach.mean,
                worst_m=None if worst is None or math.isnan(worst[1]) else worst[1],
                worst_stranded=None if worst is None else worst[2],
                gini=reach.gini,
            )
        )  # fmt: skip
    return rows
