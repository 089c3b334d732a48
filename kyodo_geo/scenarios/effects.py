"""Effects of a scenario on the stock: cost, open facilities, capacity and reach by year, beside keeping all as it is.

The contract for pages, papers and files:

    stock  = Stock(holdings, prices, names, closed)      # of the city, made once
    found  = effects(stock, actions, base=2026, horizon=40, held=prepared, choice=choice)
    found.costs.by_year, found.before.by_year            # yen (horizon), scenario and base case
    found.costs.actions[k].by_year / .unknown            # what action k costs, and what of it is not known
    found.effect                                         # yen: base case − scenario over the horizon; < 0: dearer
    found.reach_in(2031), found.reach_before(2031)       # ReachYear of either
    found.moved_in(2031)                                 # Moved: who gets farther, where they go, by district
    found.supply.opened, found.supply.seats(at)          # open facilities and capacity

Closing one facility is a scenario of one action: `effects(stock, [Action(2031, "C01", "廃止・除却")], …)`. Without people
or facilities (`held` None) everything but reach is there. `InputError` where an action cannot be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kyodo_geo.errors import InputError
from kyodo_geo.reach.prepared import Prepared
from kyodo_geo.reach.report import Choice
from kyodo_geo.scenarios.actions import Action, ends_of, faults, ordered
from kyodo_geo.scenarios.costs import NOBODY, NOT_SHARED, Costs, Holding, Prices, costs
from kyodo_geo.scenarios.reach import Moved, Reach, ReachYear
from kyodo_geo.scenarios.supply import Supply, supply_of


@dataclass(frozen=True, slots=True)
class Stock:
    """The city's buildings and facilities. `names`: every known facility; `closed`: fiscal year from which one is closed
    for good by the records."""

    holdings: tuple[Holding, ...]
    prices: Prices
    names: Mapping[str, str]
    closed: Mapping[str, int] = field(default_factory=dict)

    def areas(self) -> dict[str, float]:
        """Known floor area by facility; one with an unknown building has no entry."""
        found: dict[str, float] = {}
        unknown: set[str] = set()
        for holding in self.holdings:
            area, parts = holding.building.floor_area_m2, holding.parts()
            if area is None or NOT_SHARED in parts:
                unknown.update(holding.used)
                continue
            for key, share in parts.items():
                found[key] = found.get(key, 0.0) + area * share
        return {key: area for key, area in found.items() if key not in unknown and key != NOBODY}


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """See the head of this file. `supply`, `supply_before` and `reach` are None without people or facilities."""

    base: int
    horizon: int
    actions: tuple[Action, ...]
    costs: Costs
    before: Costs
    supply: Supply | None
    supply_before: Supply | None
    reach: Reach | None

    @property
    def years(self) -> range:
        return range(self.base, self.base + self.horizon)

    @property
    def effect(self) -> float:
        """Base case − scenario, all known costs of the horizon; below 0 where the scenario is dearer."""
        return self.before.sum - self.costs.sum

    def reach_in(self, year: int) -> ReachYear | None:
        """Reach of the scenario in a fiscal year of its horizon."""
        return (
            None
            if self.reach is None or self.supply is None
            else self.reach.year(self.supply, year - self.base)
        )

    def reach_before(self, year: int) -> ReachYear | None:
        """The same of the base case."""
        if self.reach is None or self.supply_before is None:
            return None
        return self.reach.year(self.supply_before, year - self.base)

    def moved_in(self, year: int) -> Moved | None:
        """What the scenario changes for the people of a year, against the base case."""
        before, after = self.reach_before(year), self.reach_in(year)
        if self.reach is None or before is None or after is None:
            return None
        return self.reach.moved(before, after)

    def ended_by(self, year: int) -> dict[str, Action]:
        """Facilities that have ended at their place by that year."""
        return {key: action for key, action in ends_of(self.actions).items() if action.year <= year}


def effects(
    stock: Stock,
    actions: Sequence[Action],
    *,
    base: int,
    horizon: int,
    held: Prepared | None = None,
    choice: Choice | None = None,
    reach: Reach | None = None,
    before: Costs | None = None,
) -> Effects:
    """Effects of `actions` in the fiscal years base … base + horizon − 1. Raises `InputError` with all that cannot be.

    `choice.year` is not looked at: every year of the horizon can be asked for. `reach` and `before` of an earlier call
    with the same stock, choice and years spare computing them anew.
    """
    wrong = faults(actions, stock.names, stock.closed, base=base, horizon=horizon)
    if wrong:
        raise InputError(wrong[0], field="actions", faults=wrong)
    supply = supply_before = None
    if held is not None and choice is not None and len(held.key) and len(held.site):
        areas = stock.areas()
        supply = supply_of(held, choice, actions, areas, base=base, horizon=horizon)
        supply_before = supply_of(held, choice, (), areas, base=base, horizon=horizon)
        reach = reach or Reach(held, choice)
    else:
        reach = None
    return Effects(
        base,
        horizon,
        tuple(ordered(actions)),
        costs(stock.holdings, stock.prices, actions, base=base, horizon=horizon),
        before or costs(stock.holdings, stock.prices, (), base=base, horizon=horizon),
        supply,
        supply_before,
        reach,
    )
