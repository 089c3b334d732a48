"""From the database to the effects of a scenario: the same inputs for pages, papers, files and the interface."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from geodata import unit_costs
from geodata.queries import assets as asset_queries
from geodata.queries import facility_sheet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from api.answers import Reading
    from api.reach_pages.shelf import Held
    from geodata.queries.facility_sheet import Site
    from kyodo_geo.reach.report import Choice
    from kyodo_geo.scenarios.actions import Action
    from kyodo_geo.scenarios.costs import Costs
    from kyodo_geo.scenarios.effects import Effects, Stock
    from kyodo_geo.scenarios.reach import Reach

T = TypeVar("T")
KEPT = 4
"""Of each kind of thing that is computed, so many of the latest are kept per city and revision."""


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """All that scenarios of a city at one revision have in common, and what was lately computed of it.

    `buildings`: how many there are, `unknown` of them cannot be forecast; `qualities`: of their records; `sites` by id.
    """

    stock: Stock
    sites: dict[str, Site]
    buildings: int
    unknown: int
    qualities: frozenset[str]
    costs_source: str
    _kept: dict[str, dict[Any, Any]] = field(default_factory=dict)

    def keep(self, kind: str, key: Any, make: Callable[[], T], most: int = KEPT) -> T:
        """What was made for the key, or is made now."""
        shelf = self._kept.setdefault(kind, {})
        found: T | None = shelf.get(key)
        if found is None:
            found = make()
            while len(shelf) >= most:
                shelf.pop(next(iter(shelf)), None)
            shelf[key] = found
        return found


def inputs_of(reading: Reading, held: Held) -> Inputs:
    """Buildings, prices and facilities as they are recorded on the day of the reading; kept for a revision."""
    ref = reading.ref
    found: Inputs = reading.services.reach.derived(
        held, ("scenarios", ref.municipality_code, ref.revision, reading.on), lambda: _gathered(reading)
    )
    return found


def _gathered(reading: Reading) -> Inputs:
    from kyodo_geo.assets.forecast import Building
    from kyodo_geo.scenarios.costs import Holding, Prices
    from kyodo_geo.scenarios.effects import Stock

    conn, ref = reading.conn, reading.ref
    code = ref.municipality_code
    sites = facility_sheet.sites(conn, ref, all_times=True)
    rows = asset_queries.stock(conn, ref, on=reading.on)
    short, long = (unit_costs.unit_costs(conn, code, rules) for rules in ("60-year", "80-year"))
    assumed = unit_costs.assumptions(conn, code)
    stock = Stock(
        tuple(
            Holding(
                Building(row.building_id, row.floor_area_m2, row.built_year, row.use_class, row.extendable), row.used
            )
            for row in rows
        ),
        Prices(short.costs, long.costs, assumed.assumptions),
        {site.id: site.name for site in sites},
        {site.id: closed_from(site.closed_on) for site in sites if site.closed_on is not None},
    )  # fmt: skip
    sources = dict.fromkeys(item.source for item in (short, long, assumed) if item.source)
    return Inputs(
        stock, {site.id: site for site in sites}, len(rows),
        sum(bool(holding.building.missing) for holding in stock.holdings),
        frozenset(row.quality for row in rows), "、".join(sources),
    )  # fmt: skip


def closed_from(day: date) -> int:
    """First fiscal year on whose 1 October a facility that is closed for good on `day` is no longer open."""
    return day.year if (day.month, day.day) <= (10, 1) else day.year + 1


def effects_of(
    reading: Reading, held: Held, choice: Choice, actions: Sequence[Action], *, base: int, horizon: int
) -> Effects:
    """Effects of any actions (a stored scenario's, or one that only a sheet asks about).

    Reach and the base case are kept per choice and years, so that another scenario costs its own part alone. Raises
    `InputError` where an action does not fit the records.
    """
    from kyodo_geo.scenarios.costs import costs
    from kyodo_geo.scenarios.effects import effects
    from kyodo_geo.scenarios.reach import Reach

    choice = replace(choice, year=base)
    found = inputs_of(reading, held)
    stock = found.stock

    def base_case() -> Costs:
        return costs(stock.holdings, stock.prices, (), base=base, horizon=horizon)

    def reach() -> Reach:
        return Reach(held.prepared, choice)

    def made() -> Effects:
        return effects(
            stock, actions, base=base, horizon=horizon, held=held.prepared, choice=choice,
            reach=found.keep("reach", replace(choice, year=0), reach, most=2),
            before=found.keep("base", (base, horizon), base_case),
        )  # fmt: skip

    return found.keep("effects", (choice, base, horizon, tuple(actions)), made)
