"""Where to put what: p-median, p-center, set covering and maximal covering on a matrix of costs (clients × sites).

Pure functions on arrays. Every answer tells objective, bound, gap and a status that claims no more than was proven;
docs/SITING.md has the formulas, their sources and what was measured.
"""

from kyodo_geo.siting.answer import Answer, Status
from kyodo_geo.siting.capacity import with_capacities
from kyodo_geo.siting.control import Control
from kyodo_geo.siting.lscp import lscp
from kyodo_geo.siting.mclp import mclp
from kyodo_geo.siting.p_center import p_center
from kyodo_geo.siting.p_median import p_median
from kyodo_geo.siting.rules import Rules

__all__ = ["Answer", "Control", "Rules", "Status", "lscp", "mclp", "p_center", "p_median", "with_capacities"]
