"""Lower bounds of the p-median problem by Lagrangian relaxation of "every client is served once".

With a multiplier u_i per client, ρ_j = Σ_i min(0, d_ij − u_i) is what site j is worth, and

    L(u) = Σ_i u_i + min { Σ_j ρ_j y_j : y keeps the rules for the sites }  ≤  the optimum

for every u (Cornuéjols, Fisher, Nemhauser 1977; Beasley 1985). u is improved along subgradients with Polyak's step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kyodo_geo.siting.choice import Choice
from kyodo_geo.siting.tables import Table

#: How much of the last direction goes into the next one (measured on the OR-Library files, with `patience`).
MOMENTUM = 0.7


@dataclass(slots=True)
class Bound:
    """The best L(u) of a run with its u, the ρ of each site, and how often each site was chosen (0–1)."""

    value: float
    u: np.ndarray
    rho: np.ndarray
    often: np.ndarray
    settled: bool = False


def ascend(
    table: Table,
    u: np.ndarray,
    choice: Choice,
    *,
    target: float,
    cutoff: float,
    steps: int,
    scale: float,
    patience: int = 15,
    on_pick: Callable[[np.ndarray, float], float] | None = None,
    ended: Callable[[], bool] | None = None,
) -> tuple[Bound, float]:
    """Improve u for `steps` steps; (the best bound, the step scale reached).

    `target` is a cost that is known to be reachable; `cutoff` ends the run when the bound has reached it.
    `on_pick(sites, bound)` may look at a chosen set and returns the target to go on with.
    """
    sites, clients, edge = table.sites, len(u), table.edge
    bounded = bool(np.isfinite(edge).any())
    u = np.minimum(u, edge)
    best = Bound(-np.inf, u, np.zeros(sites), np.zeros(sites))
    counts, counted = np.zeros(sites), 0
    stalled, direction = 0, np.zeros(clients)
    for step in range(steps):
        rho = table.worth(u)
        value, chosen, part = choice.pick(rho)
        value += float(u.sum())
        if value > best.value + 1e-9 * max(1.0, abs(value)):
            best.value, best.u, best.rho = value, u, rho
            stalled = 0
            if on_pick is not None:
                target = on_pick(chosen, value)
        else:
            stalled += 1
        if best.value >= cutoff or (ended is not None and step % 8 == 0 and ended()):
            break
        if step * 2 >= steps:
            counts[chosen] += part
            counted += 1
        served = table.served(chosen, part, u)
        gradient = 1.0 - served
        if bounded:
            gradient[(gradient > 0) & (u >= edge)] = 0.0
        if stalled >= patience:
            scale /= 2
            stalled = 0
            u, direction = best.u, np.zeros(clients)
            if scale < 1e-3:
                best.settled = True
                break
            continue
        direction = gradient + MOMENTUM * direction
        length = float(direction @ direction)
        if length == 0 or not gradient.any():
            best.settled = True
            break
        u = np.minimum(u + scale * max(target - value, 1e-9) / length * direction, edge)
    best.often = counts / max(counted, 1)
    return best, scale
