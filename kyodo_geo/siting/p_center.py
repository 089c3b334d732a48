"""p-center (Hakimi 1964): the longest way of anybody is as short as it can be.

The answer is one of the distances in the matrix. Bisection among them, each time asking whether p sites cover everybody
within that distance (Minieka 1970): a cover gives an answer, a proof that there is none gives the bound.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kyodo_geo.siting.answer import Answer, Clock, impossible, judged
from kyodo_geo.siting.control import Control
from kyodo_geo.siting.inputs import cost_matrix, nearest_open, weight_vector
from kyodo_geo.siting.rule_rows import padded
from kyodo_geo.siting.rules import Frame, Rules, frame
from kyodo_geo.siting.set_cover import least_cover


def p_center(
    costs: np.ndarray,
    weights: Sequence[float] | np.ndarray | None = None,
    rules: Rules | None = None,
    control: Control | None = None,
) -> Answer:
    """Open sites so that max over clients of weight × cost to the nearest one is least.

    Without weights it is the longest way. Clients of weight 0 do not count.
    """
    clock, control, rules = Clock(), control or Control(), rules or Rules()
    costs = cost_matrix(costs)
    weights = weight_vector(weights, len(costs))
    made = frame(rules, costs.shape[1])
    if made.reasons:
        return impossible(clock, *made.reasons)
    rows = np.flatnonzero(weights > 0)
    longest = costs[rows] * weights[rows, None]
    usable = np.sort(np.concatenate([made.opened, made.free]))
    lost = rows[~np.isfinite(longest[:, usable]).any(axis=1)]
    if len(lost):
        return impossible(
            clock,
            f"どの候補地からも到達できない需要点が{len(lost)}あります。",
            unreachable=lost[:100].tolist(),
        )
    chosen, value, bound = _bisect(longest, made, control)
    if chosen is None:
        if bound == np.inf:
            return impossible(clock, "条件の下では、どの選び方でも到達できない需要点が残ります。", apart=True)
        return judged(None, bound, None, clock)
    return judged(value, bound, chosen, clock, assignment=nearest_open(costs, chosen))


def _bisect(longest: np.ndarray, made: Frame, control: Control) -> tuple[np.ndarray | None, float, float]:
    """(open sites, their longest way, lower bound); (None, ∞, ∞) when no way reaches everybody."""
    usable = np.sort(np.concatenate([made.opened, made.free]))
    if not len(longest):
        return padded(made, made.opened), 0.0, 0.0
    # Nobody is nearer to the nearest open site than to the nearest site, nor farther than to one that is open anyway.
    least = float(longest[:, usable].min(axis=1).max())
    best, value = _far_ones_first(longest, made)
    finite = longest[:, usable][np.isfinite(longest[:, usable])]
    steps = np.unique(finite[(finite >= least) & (finite <= value)])
    low, high = 0, len(steps)
    if best is not None:
        high = int(np.searchsorted(steps, value))
    while low < high:
        control.report(value if best is not None else None, float(steps[low]))
        if control.ended():
            return best, value, float(steps[low])
        middle = (low + high) // 2
        found = least_cover(longest <= steps[middle], made, control, any_will_do=True)
        if found.infeasible:
            low = middle + 1
        elif found.open is None:
            return best, value, float(steps[low])
        else:
            best = padded(made, found.open)
            value = float(longest[:, best].min(axis=1).max())
            high = int(np.searchsorted(steps, value))
    if best is None:
        return None, np.inf, np.inf
    return best, value, value


def _far_ones_first(longest: np.ndarray, made: Frame) -> tuple[np.ndarray | None, float]:
    """A first answer: for whoever is farthest now open the site nearest to them (Gonzalez 1985)."""
    chosen = made.opened
    near = longest[:, chosen].min(axis=1) if len(chosen) else np.full(len(longest), np.inf)
    state = made.at(chosen, made.free)
    while state is not None and state[0].count != 0 and len(state[1]):
        free = state[1]
        site = int(free[longest[int(near.argmax()), free].argmin()])
        if made.count is None and not longest[int(near.argmax()), site] < near.max():
            break
        following = made.at(np.sort(np.append(chosen, site)), free[free != site])
        if following is None:
            break
        chosen, state = np.sort(np.append(chosen, site)), following
        near = np.minimum(near, longest[:, site])
    if made.count is not None:
        chosen = padded(made, chosen)
    value = float(near.max(initial=0.0))
    return (chosen, value) if np.isfinite(value) else (None, np.inf)
