"""p-median (Hakimi 1964): the sum of weight × way to the nearest open site is least."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kyodo_geo.siting.answer import Answer, Clock, impossible, judged
from kyodo_geo.siting.control import Control
from kyodo_geo.siting.inputs import cost_matrix, nearest_open, weight_vector, whole_numbers
from kyodo_geo.siting.median import Search
from kyodo_geo.siting.rules import Rules, frame
from kyodo_geo.siting.set_cover import least_cover


def p_median(
    costs: np.ndarray,
    weights: Sequence[float] | np.ndarray | None = None,
    rules: Rules | None = None,
    control: Control | None = None,
) -> Answer:
    """Open sites so that Σ weight × cost to the nearest open one is least.

    `costs` is clients × sites; infinite: cannot be reached. An answer reaches every client with a weight above 0.
    """
    clock, control, rules = Clock(), control or Control(), rules or Rules()
    costs = cost_matrix(costs)
    weights = weight_vector(weights, len(costs))
    made = frame(rules, costs.shape[1])
    if made.reasons:
        return impossible(clock, *made.reasons)
    state = made.at(made.opened, made.free)
    if not len(made.opened) and (state is None or not len(state[1])):
        return impossible(clock, "予算の範囲で開設できる候補地がありません。")
    rows = np.flatnonzero(weights > 0)
    distances = np.ascontiguousarray((costs[rows] * weights[rows, None]).T)
    start = None
    unreachable = ~np.isfinite(distances)
    if unreachable.any():
        usable = np.concatenate([made.opened, made.free])
        lost = rows[unreachable[usable].all(axis=0)]
        if len(lost):
            return impossible(
                clock,
                f"どの候補地からも到達できない需要点が{len(lost)}あります。",
                unreachable=lost[:100].tolist(),
            )
        reach = least_cover(~unreachable.T, made, control, any_will_do=True)
        if reach.infeasible:
            return impossible(clock, "条件の下では、どの選び方でも到達できない需要点が残ります。", apart=True)
        start = reach.open
        # Dearer than all real ways together: a set that leaves somebody out loses against any that does not.
        distances[unreachable] = float(np.where(unreachable, 0, distances).max(axis=0).sum()) + 1
    whole = whole_numbers(distances)
    found = Search(distances, made, control, whole=whole, start=start).run()
    if found.open is None:
        return judged(None, found.bound, None, clock)
    if unreachable[found.open].all(axis=0).any():
        return judged(None, None, None, clock)
    return judged(
        found.cost, found.bound, found.open, clock, whole=whole,
        assignment=nearest_open(costs, found.open), nodes=found.nodes,
    )  # fmt: skip
