"""Where the people of a facility that closes go, and how far: from two states of reach in one year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kyodo_geo.scenarios.reach import ReachYear


@dataclass(frozen=True, slots=True)
class Destination:
    """People of all ages who go to the facility at `place` (of the supply), and their mean way now and then in metres.

    `load`: everybody whose nearest it then is.
    """

    place: int
    people: float
    before_m: float
    after_m: float
    load: float


def destinations(before: ReachYear, after: ReachYear, place: int) -> list[Destination]:
    """From the facility at `place`, those with the most people first."""
    total = after.people.sum(axis=1)
    cells = np.flatnonzero((before.first == place) & (after.first >= 0))
    count = int(max(before.first.max(initial=-1), after.first.max(initial=-1))) + 1
    to, people = after.first[cells], total[cells]
    went = np.bincount(to, people, count)
    way_before = np.bincount(to, people * before.way[cells], count)
    way_after = np.bincount(to, people * after.way[cells], count)
    served = after.first >= 0
    load = np.bincount(after.first[served], total[served], count)
    return [
        Destination(
            int(at),
            float(went[at]),
            float(way_before[at] / went[at]),
            float(way_after[at] / went[at]),
            float(load[at]),
        )
        for at in np.argsort(-went, kind="stable")
        if went[at] >= 0.5
    ]


def longer(before: ReachYear, after: ReachYear, place: int) -> tuple[float, float]:
    """(people who have another facility to go to, metres more for each of them on average)."""
    found = destinations(before, after, place)
    people = sum(item.people for item in found)
    if people <= 0:
        return 0.0, 0.0
    return people, sum(item.people * (item.after_m - item.before_m) for item in found) / people
