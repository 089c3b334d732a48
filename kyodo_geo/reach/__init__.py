"""Who reaches what: figures on a matrix of costs (cells × facilities), for all facilities at once.

Pure functions on arrays. Costs are metres or minutes towards the facility; infinite means that there is no way, which is
an answer of its own everywhere and never a large number. docs/SITING.md has the formulas and their sources.
"""

from kyodo_geo.reach.catchment import Access, Pairs, floating_catchment, gaussian, steps
from kyodo_geo.reach.closing import Closing, Effects
from kyodo_geo.reach.equity import gini, share_beyond, worst_part
from kyodo_geo.reach.figures import Figures, change, figures, nearest
from kyodo_geo.reach.gaps import Gap, gaps
from kyodo_geo.reach.network import Network, slope_factor, snapped, walking_kmh
from kyodo_geo.reach.straight import Difference, difference, straight_costs

__all__ = [
    "Access",
    "Closing",
    "Difference",
    "Effects",
    "Figures",
    "Gap",
    "Network",
    "Pairs",
    "change",
    "difference",
    "figures",
    "floating_catchment",
    "gaps",
    "gaussian",
    "gini",
    "nearest",
    "share_beyond",
    "slope_factor",
    "snapped",
    "steps",
    "straight_costs",
    "walking_kmh",
    "worst_part",
]
