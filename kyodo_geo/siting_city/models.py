"""The models as a problem calls them, without and with capacities."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kyodo_geo.siting import Answer, Control, Rules, Status, lscp, mclp, p_center, p_median, with_capacities
from kyodo_geo.siting_city.problem import Problem

RELAXED_SHARE = 0.3
"""Of the time of a run with capacities, so much goes into the same question without them."""


def plain(problem: Problem, control: Control) -> Answer:
    """The model without capacities."""
    asked, costs, weights, rules = problem.asked, problem.costs, problem.weights, problem.rules
    if asked.model == "lscp":
        return lscp(costs, problem.radius, weights, rules, control, times=asked.times)
    if asked.model == "mclp":
        return mclp(costs, problem.radius, weights, rules, control, backup=asked.backup)
    return (p_center if asked.model == "p-center" else p_median)(costs, weights, rules, control)


def with_rooms(problem: Problem, control: Control, rules: Rules | None = None) -> Answer:
    """The model with capacities, under the problem's rules or narrower ones."""
    assert problem.rooms is not None
    radius = problem.radius if problem.asked.covers else None
    return with_capacities(
        problem.asked.model,
        problem.costs,
        problem.rooms,
        problem.weights,
        rules or problem.rules,
        control,
        radius=radius,
    )


def first_with_rooms(problem: Problem, control: Control) -> Answer:
    """Sites chosen as if there were no capacities, then filled within them: quick, and with a bound that holds.

    Without capacities nothing can be worse, so that answer's bound holds for this question too, and so does its proof that
    there is no answer. That its sites have too little room proves nothing.
    """
    within = Control.within(RELAXED_SHARE * control.left, control.should_stop, control.on_progress)
    free = plain(problem, within)
    if free.status is Status.INFEASIBLE:
        return free
    none = Answer(Status.UNKNOWN, None, free.bound, seconds=free.seconds)
    if not free.open or control.ended():
        return none
    closed = np.setdiff1d(np.arange(len(problem.columns)), free.open).tolist()
    filled = with_rooms(problem, control, replace(problem.rules, forbidden=closed))
    if filled.objective is None or free.bound is None:
        return none
    near = abs(filled.objective - free.bound) <= 1e-9 * max(1.0, abs(filled.objective))
    return replace(
        filled,
        status=Status.OPTIMAL if near else Status.FEASIBLE,
        bound=filled.objective if near else free.bound,
        seconds=free.seconds + filled.seconds,
    )


def shortage(problem: Problem) -> Answer | None:
    """A proof by sums alone that the capacities do not suffice; None where there is none."""
    if problem.rooms is None or problem.asked.model == "mclp":
        return None
    rules, rooms = problem.rules, problem.rooms
    usable = np.ones(len(rooms), dtype=bool)
    usable[list(rules.forbidden)] = False
    kept = np.zeros(len(rooms), dtype=bool)
    kept[list(rules.existing)] = True
    most = np.sort(rooms[usable & ~kept])[::-1]
    if rules.p is not None:
        most = most[: max(0, rules.p - len(rules.existing))]
    room, wanted = float(rooms[kept].sum() + most.sum()), float(problem.weights.sum())
    if room >= wanted * (1 - 1e-9):
        return None
    sentence = (
        f"定員が足りません。必要なのは {wanted:,.0f} 人分ですが、条件の下で開ける場所を合わせても {room:,.0f} 人分です"
        f"（定員 ÷ 同時に来る人の割合 {problem.asked.use_percent:g} %）。"
    )
    return Answer(Status.INFEASIBLE, None, None, reasons=(sentence,))
