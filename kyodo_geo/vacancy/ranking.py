"""Which house as a hall brings most people within reach who have none now: one house at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kyodo_geo.errors import InputError
from kyodo_geo.vacancy.near import Near
from kyodo_geo.vacancy.verdict import Verdict

OLDER = 2
"""Column of people of 65 and more."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a ranking; `after` is the house that follows (its number, None: none), `gap` by how much weight."""

    rank: int
    after: int | None
    gap: float | None


@dataclass(frozen=True, slots=True)
class Gain:
    """What a house brings. `people` and `older` (65+) are newly covered, `weighted` with their weights; `overlap` and
    `overlap_older` are in its reach and have a hall or facility already. `any` is its place where unknown counts as pass, `sure`
    that among houses of which nothing is unknown; None: not ranked."""

    people: float
    older: float
    weighted: float
    overlap: float
    overlap_older: float
    any: Place | None = None
    sure: Place | None = None


def gains(
    near: Near,
    radius: float,
    covered: np.ndarray,
    people: np.ndarray,
    weights: Sequence[float],
    verdicts: Sequence[Verdict],
    ids: Sequence[str],
    *,
    least: float = 0.0,
    among: Sequence[bool] | np.ndarray | None = None,
) -> list[Gain]:
    """One per house. `covered` (n) cells have a hall or facility in reach, `people` (n × groups), `weights` per group.

    Ranked are houses that do not fail, are `among` those asked for and newly cover at least `least` people; most weight
    first, ties by id. Raises `InputError` for shapes that do not fit and weights that are no numbers ≥ 0.
    """
    covered, people = np.asarray(covered, dtype=bool), np.asarray(people, dtype=float)
    wanted = np.asarray(weights, dtype=float)
    if people.ndim != 2 or len(covered) != len(people) or wanted.shape != (people.shape[1],):
        raise InputError("人数と重みの形が合いません。", field="weights")
    if not (np.isfinite(wanted).all() and (wanted >= 0).all()):
        raise InputError("重みは0以上の数で指定してください。", field="weights")
    if not len(near) == len(verdicts) == len(ids):
        raise InputError("空き家の数が合いません。", field="houses")
    total, value = people.sum(axis=1), people @ wanted
    older = people[:, OLDER] if people.shape[1] > OLDER else np.zeros(len(people))
    found = []
    for house in range(len(near)):
        cells = near.within(house, radius)
        had = covered[cells]
        new, old = cells[~had], cells[had]
        found.append(
            Gain(
                float(total[new].sum()),
                float(older[new].sum()),
                float(value[new].sum()),
                float(total[old].sum()),
                float(older[old].sum()),
            )
        )
    asked = np.ones(len(ids), dtype=bool) if among is None else np.asarray(among, dtype=bool)
    open_to = [
        house
        for house in range(len(ids))
        if asked[house] and verdicts[house] is not Verdict.FAIL and found[house].people >= least
    ]
    anyhow = _places(open_to, found, ids)
    sure = _places([house for house in open_to if verdicts[house] is Verdict.PASS], found, ids)
    return [
        Gain(g.people, g.older, g.weighted, g.overlap, g.overlap_older, anyhow.get(house), sure.get(house))
        for house, g in enumerate(found)
    ]


def _places(houses: list[int], found: list[Gain], ids: Sequence[str]) -> dict[int, Place]:
    order = sorted(houses, key=lambda house: (-found[house].weighted, ids[house]))
    places = {}
    for at, house in enumerate(order):
        after = order[at + 1] if at + 1 < len(order) else None
        gap = None if after is None else found[house].weighted - found[after].weighted
        places[house] = Place(at + 1, after, gap)
    return places
