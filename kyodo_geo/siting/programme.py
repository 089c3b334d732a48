"""Integer programmes by HiGHS (through `scipy.optimize.milp`), with a status that can be trusted.

HiGHS may overshoot its time limit while it simplifies a model; what it returns then is judged by bound and objective only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kyodo_geo.siting.control import Control

FIRST_SLICE = 4.0


@dataclass(frozen=True, slots=True)
class Solved:
    """`x` is the best solution (None: none found), `infeasible` a proof that there is none, `bound` a lower bound."""

    x: np.ndarray | None
    value: float
    bound: float
    infeasible: bool = False


def minimise(
    cost: np.ndarray,
    rows: Any,
    low: np.ndarray,
    high: np.ndarray,
    control: Control,
    *,
    whole: np.ndarray | None = None,
    upper: np.ndarray | None = None,
    lower: np.ndarray | None = None,
) -> Solved:
    """Minimise cost·x with low ≤ rows·x ≤ high and lower ≤ x ≤ upper (0 and 1 when not given).

    `whole` (0/1 per variable) says which must be whole numbers; all when not given. Where somebody may stop the run
    (`control.should_stop`), it is done in slices that grow, since HiGHS cannot be asked to stop from here.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    size = len(cost)
    if not size:
        kept = bool((low <= 0).all() and (high >= 0).all())
        return (
            Solved(np.zeros(0), 0.0, 0.0)
            if kept
            else Solved(None, float("inf"), float("inf"), infeasible=True)
        )
    bounds = Bounds(np.zeros(size) if lower is None else lower, np.ones(size) if upper is None else upper)
    integrality = np.ones(size) if whole is None else whole
    limit = control.left if control.should_stop is None else min(FIRST_SLICE, control.left)
    best = Solved(None, float("inf"), float("-inf"))
    while True:
        options: dict[str, Any] = {"mip_rel_gap": 0.0}
        if np.isfinite(limit):
            options["time_limit"] = max(limit, 0.01)
        result = milp(
            cost, integrality=integrality, bounds=bounds, constraints=LinearConstraint(rows, low, high), options=options
        )  # fmt: skip
        if result.status == 2:
            return Solved(None, float("inf"), float("inf"), infeasible=True)
        bound = best.bound
        if result.mip_dual_bound is not None and np.isfinite(result.mip_dual_bound):
            bound = max(bound, float(result.mip_dual_bound))
        if result.x is not None and float(result.fun) < best.value:
            best = Solved(result.x, float(result.fun), bound)
        else:
            best = Solved(best.x, best.value, bound)
        if result.status != 1 or control.ended() or limit >= control.left:
            return best
        control.report(best.value if best.x is not None else None, best.bound)
        limit = min(limit * 3, control.left)
