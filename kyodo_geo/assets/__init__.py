"""Public buildings over decades: cost of renewal by two rule sets, condition, and spreading works over the years.

Pure functions on arrays. What is not known (area, year) is left out of the sums and counted, never taken as 0.
"""

from kyodo_geo.assets.condition import SCORES, WEIGHTS, condition
from kyodo_geo.assets.forecast import Building, Forecast, forecast, shares
from kyodo_geo.assets.levelling import Levelled, by_year, least_ceiling, level, pressing
from kyodo_geo.assets.longlife import LongLife, long_life_cost
from kyodo_geo.assets.portfolio import Figures, Place, portfolio
from kyodo_geo.assets.renewal import Renewal, Standard, renewal_cost
from kyodo_geo.assets.unit_costs import unit_costs
from kyodo_geo.assets.works import PlannedWork, long_works, works

__all__ = [
    "SCORES",
    "WEIGHTS",
    "Building",
    "Figures",
    "Forecast",
    "Levelled",
    "LongLife",
    "Place",
    "PlannedWork",
    "Renewal",
    "Standard",
    "by_year",
    "condition",
    "forecast",
    "least_ceiling",
    "level",
    "long_life_cost",
    "long_works",
    "portfolio",
    "pressing",
    "renewal_cost",
    "shares",
    "unit_costs",
    "works",
]
