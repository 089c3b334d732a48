"""Where the people of a facility that closes go, and how far: from two states of reach in one year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kyodo_geo.scenarios.reach import ReachYear


@dataclass(frozen=True, slots=True)
class Destination:
    """People of all ages who go to the facility at `place` (of the supply), and their mean way now and then in metres.

    `load`: everybody whose nearest it then is. `car`: mean minutes by the roads for cars of those who have a way on them,
    None without.
    """

    place: int
    people: float
    before_m: float
    after_m: float
    load: float
    car: float | None = None


def destinations(
    before: ReachYear, after: ReachYear, place: int, car: np.ndarray | None = None
) -> list[Destination]:
    """From the facility at `place`, those with the most people first. `car` (n × m): minutes by the roads for cars."""
    total = after.people.sum(axis=1)
    cells = np.flatnonzero((before.first == place) & (after.first >= 0))
    count = int(max(before.first.max(initial=-1), after.first.max(initial=-1))) + 1
    to, people = after.first[cells], total[cells]
    served = after.first >= 0
    load = np.bincount(after.first[served], total[served], count)
    went = np.bincount(to, people, count)
    was, now = (_mean(to, people, way[cells], count)[0] for way in (before.way, after.way))
    driven, drivers = np.zeros(count), np.zeros(count)
    if car is not None:
        driven, drivers = _mean(to, people, car[cells, to], count)
    return [
        Destination(
            int(at), float(went[at]), float(was[at]), float(now[at]), float(load[at]),
            float(driven[at]) if drivers[at] > 0 else None,
        )
        for at in np.argsort(-went, kind="stable")
        if went[at] >= 0.5
    ]  # fmt: skip


def _mean(
    to: np.ndarray, people: np.ndarray, values: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """(mean by destination of those with a finite value, how many people these are)."""
    known = np.isfinite(values)
    heads = np.bincount(to[known], people[known], count)
    sums = np.bincount(to[known], people[known] * values[known], count)
    return np.divide(sums, heads, out=np.zeros(count), where=heads > 0), heads
