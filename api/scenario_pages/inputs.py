"""From the database to the effects of a scenario: the same inputs for pages, papers, files and the interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata import unit_costs
from geodata.queries import assets as asset_queries
from geodata.queries import facility_sheet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from api.answers import Reading
    from api.reach_pages.shelf import Held
    from kyodo_geo.reach.report import Choice
    from kyodo_geo.scenarios.actions import Action
    from kyodo_geo.scenarios.effects import Effects, Stock


def stock_of(reading: Reading) -> Stock:
    """Buildings, prices and facilities as they are recorded on the day of the reading."""
    from kyodo_geo.assets.forecast import Building
    from kyodo_geo.scenarios.costs import Holding, Prices
    from kyodo_geo.scenarios.effects import Stock

    conn, ref = reading.conn, reading.ref
    code = ref.municipality_code
    sites = facility_sheet.sites(conn, ref, all_times=True)
    return Stock(
        tuple(
            Holding(
                Building(row.building_id, row.floor_area_m2, row.built_year, row.use_class, row.extendable), row.used
            )
            for row in asset_queries.stock(conn, ref, on=reading.on)
        ),
        Prices(
            unit_costs.unit_costs(conn, code, "60-year").costs,
            unit_costs.unit_costs(conn, code, "80-year").costs,
            unit_costs.assumptions(conn, code).assumptions,
        ),
        {site.id: site.name for site in sites},
        {site.id: closed_from(site.closed_on) for site in sites if site.closed_on is not None},
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
    from dataclasses import replace

    from kyodo_geo.scenarios.costs import costs
    from kyodo_geo.scenarios.effects import effects
    from kyodo_geo.scenarios.reach import Reach

    choice = replace(choice, year=base)
    ref = reading.ref
    shared = (ref.municipality_code, ref.revision, reading.on)
    keep = reading.services.reach.derived
    stock: Stock = keep(held, ("scenario-stock", *shared), lambda: stock_of(reading))
    reach = keep(
        held, ("scenario-reach", ref.municipality_code, choice), lambda: Reach(held.prepared, choice)
    )
    before = keep(
        held,
        ("scenario-base", *shared, base, horizon),
        lambda: costs(stock.holdings, stock.prices, (), base=base, horizon=horizon),
    )
    return effects(
        stock, actions, base=base, horizon=horizon, held=held.prepared, choice=choice, reach=reach, before=before
    )  # fmt: skip
