"""Which model answers a problem, a first answer at once, and the better of two answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kyodo_geo.siting import Answer, Control, Status
from kyodo_geo.siting_city.models import first_with_rooms, plain, shortage, with_rooms
from kyodo_geo.siting_city.problem import Problem

QUICK_S = 2.0
QUICK_SHARE = 0.2
"""So long (at most this share of the time) for a first answer: it is there when a run is ended whose solver cannot be
asked to stop."""

Found = Callable[[Answer], None]


def solve(problem: Problem, control: Control, found: Found | None = None) -> Answer:
    """The answer; `found` is told a first one where proving takes longer. Deadline and `should_stop` end it early."""
    known = _hopeless(problem)
    if known is not None:
        return known
    if problem.rooms is not None:
        first = first_with_rooms(problem, control)
    elif problem.asked.model == "p-median":
        return plain(problem, control)  # it can be asked to stop at any time, and has an answer early
    else:
        soon = min(QUICK_S, QUICK_SHARE * control.left)
        first = plain(problem, Control.within(soon, control.should_stop, control.on_progress))
    if first.status in (Status.OPTIMAL, Status.INFEASIBLE) or control.ended():
        return first
    if found is not None and first.open:
        found(first)
    second = plain(problem, control) if problem.rooms is None else with_rooms(problem, control)
    both = better(problem.asked.model, first, second)
    return replace(both, seconds=first.seconds + second.seconds)


def better(model: str, one: Answer, other: Answer) -> Answer:
    """The better of two answers of one problem, with the better of their bounds.

    Sites in hand outweigh a "there is none" that comes after them: a solver's tolerances are no proof against an answer.
    """
    if one.objective is None:
        return other
    if other.objective is None:
        best, rest = one, other
    else:
        sign = -1 if model == "mclp" else 1
        ahead = sign * other.objective <= sign * one.objective
        best, rest = (other, one) if ahead else (one, other)
    if best.status is Status.OPTIMAL or rest.bound is None or best.objective is None:
        return best
    bound = rest.bound
    if best.bound is not None:
        bound = min(best.bound, bound) if model == "mclp" else max(best.bound, bound)
    closed = abs(best.objective - bound) <= 1e-9 * max(1.0, abs(best.objective))
    return replace(best, bound=bound, status=Status.OPTIMAL if closed else best.status)


def _hopeless(problem: Problem) -> Answer | None:
    """What needs no solver: nowhere to go, nobody to go, more places wanted than there are."""

    def no(sentence: str) -> Answer:
        return Answer(Status.INFEASIBLE, None, None, reasons=(sentence,))

    sites = len(problem.columns)
    if not sites:
        return no("条件に合う候補地が 1 か所もありません。")
    if not problem.weights.sum() > 0:
        return no(
            "候補地に行ける人がいません。"
            if problem.left_out.any()
            else "数える人がいません。地区、年、年齢の重みを確かめてください。"
        )
    p = problem.rules.p
    if p is not None and p > sites:
        return no(f"{p:,} か所を選ぶには、候補地が {sites:,} か所しかありません。")
    return shortage(problem)
