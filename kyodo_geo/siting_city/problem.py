"""From a question, its places and the ways between people and places to what the models take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kyodo_geo.errors import InputError
from kyodo_geo.reach import modes
from kyodo_geo.reach.prepared import Prepared
from kyodo_geo.reach.report import drives, limits
from kyodo_geo.siting import Rules
from kyodo_geo.siting_city.place import Place
from kyodo_geo.siting_city.question import WALK_M_PER_MINUTE, Question

MOST_WAYS = 30_000_000
"""Points of people × places; more would not fit beside the solver."""


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """n cells, m places, of which the solver sees k (`columns`: their places), q clients.

    `ways` (n × m): metres, or minutes (`Question.in_minutes`). `within` (n × m): reached within the threshold of the cell.
    `driving` (n): people drive there. `radius`: the threshold in the unit of `costs`, which for covering models in minutes
    are shares of each cell's own threshold. `people` (n × 4) of the counted districts (others are 0), `weight` (n) after
    ages. `client` (n): client of each cell; `costs` (q × k) and `weights` (q) are the solver's. `left_out` (n): cells whose
    people nobody can reach, taken out of the weights. `rooms` (k) or None.
    """

    asked: Question
    held: Prepared
    places: tuple[Place, ...]
    by: str
    ways: np.ndarray
    people: np.ndarray
    weight: np.ndarray
    columns: np.ndarray
    client: np.ndarray
    costs: np.ndarray
    weights: np.ndarray
    left_out: np.ndarray
    rules: Rules
    rooms: np.ndarray | None
    within: np.ndarray
    driving: np.ndarray
    radius: float

    @property
    def before(self) -> np.ndarray:
        """Which places (m) are there now."""
        return np.array([place.existing for place in self.places], dtype=bool)

    @property
    def priced(self) -> bool:
        """Whether prices count."""
        return self.rules.prices is not None


def problem_of(asked: Question, held: Prepared, places: Sequence[Place]) -> Problem:
    """`held` has the ways to `places`, in their order. Raises `InputError` for places that are not there."""
    places = tuple(places)
    if held.straight.size > MOST_WAYS:
        raise InputError(
            f"人の点 {len(held.key):,} と場所 {len(places):,} の組み合わせが多すぎます。新しい場所の地区を絞ってください。",
            field="new_districts",
        )
    number = {place.id: at for at, place in enumerate(places)}
    for name in (*asked.required, *asked.forbidden, *asked.prices):
        if name not in number:
            raise InputError(
                f"指定された場所「{name[:40]}」は、この条件の候補にありません。", field="required"
            )
    by = asked.by if held.has_network else "straight"
    everybody = held.people_in(asked.year, asked.projection)
    ways, shares, driving = _ways(asked, held, by, everybody)
    radius = asked.radius_m if shares is None else 1.0
    costs = ways if shares is None else shares
    within = costs <= radius
    if not asked.covers:
        costs = ways
    counted = (
        np.isin(held.district, asked.districts) if asked.districts else np.ones(len(held.key), dtype=bool)
    )
    people = np.where(counted[:, None], everybody, 0.0)
    weight = people @ np.array(asked.weights)
    columns = np.array(
        [at for at, p in enumerate(places) if asked.existing != "none" or not p.existing], dtype=int
    )
    usable = np.array([places[at].id not in asked.forbidden for at in columns], dtype=bool)
    left_out = np.zeros(len(weight), dtype=bool)
    if asked.leave_out and len(columns) and not (asked.capacities and asked.covers):
        left_out = (weight > 0) & ~_served(asked, costs[:, columns], usable, radius)
    client, costs, weights = _clients(asked, held, costs[:, columns], np.where(left_out, 0.0, weight))
    if asked.leave_out and len(columns) and asked.capacities:
        lost = (weights > 0) & ~_served(asked, costs, usable, radius)
        left_out |= lost[client] & (weight > 0)
        weights = np.where(lost, 0.0, weights)
    if asked.model == "p-center" and not asked.center_by_people:
        weights = (weights > 0).astype(float)
    return Problem(
        asked, held, places, by, ways, people, weight, columns, client, costs, weights, left_out,
        _rules(asked, places, columns), _rooms(asked, places, columns), within, driving, radius,
    )  # fmt: skip


def _ways(
    asked: Question, held: Prepared, by: str, people: np.ndarray
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
    """(metres or minutes, for minutes also the shares of each cell's threshold, which cells drive)."""
    if not asked.in_minutes:
        return held.costs(by).astype(float), None, np.zeros(len(held.key), dtype=bool)
    choice, sites = asked.choice(by), np.arange(held.straight.shape[1])
    limit, districts = limits(held, choice, people)
    driving = drives(held, districts)
    if asked.travel == "car":
        driving = np.ones(len(held.key), dtype=bool)
        limit = np.full(len(held.key), choice.drive_m)
    shares = modes.costs(held, choice, driving, sites) / limit[:, None]
    return modes.minutes_of(held, choice, driving, sites, WALK_M_PER_MINUTE), shares, driving


def _served(asked: Question, costs: np.ndarray, usable: np.ndarray, radius: float) -> np.ndarray:
    """Cells that some permitted place serves at all (LSCP: as many within the radius as are wanted)."""
    if asked.model == "mclp":
        return np.ones(len(costs), dtype=bool)
    if asked.model == "lscp":
        served: np.ndarray = (costs[:, usable] <= radius).sum(axis=1) >= asked.times
        return served
    return np.isfinite(costs[:, usable]).any(axis=1)


def _clients(
    asked: Question, held: Prepared, ways: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each cell for itself; with capacities the cells of a small area together, at the mean of their ways."""
    if not asked.capacities:
        return np.arange(len(weight)), ways, weight
    _, client = np.unique(held.key, return_inverse=True)
    count = int(client.max(initial=-1)) + 1
    share = np.where(weight > 0, weight, 1e-9)
    costs = np.full((count, ways.shape[1]), np.inf)
    for at, column in enumerate(ways.T):
        there = np.isfinite(column)
        total = np.bincount(client[there], share[there], count)
        summed = np.bincount(client[there], share[there] * column[there], count)
        costs[:, at] = np.divide(summed, total, out=np.full(count, np.inf), where=total > 0)
    return client, costs, np.bincount(client, weight, count)


def price_of(asked: Question, place: Place) -> float:
    """What opening (or keeping) a place costs, 万円."""
    return float(asked.prices.get(place.id, asked.price_existing if place.existing else asked.price_new))


def _rules(asked: Question, places: tuple[Place, ...], columns: np.ndarray) -> Rules:
    ids = [places[at].id for at in columns]
    kept = [
        at
        for at, name in enumerate(ids)
        if asked.existing == "keep" and places[columns[at]].existing and name not in asked.forbidden
    ]
    priced = asked.limit == "budget" or (asked.model == "lscp" and bool(asked.prices))
    p = (asked.p or 0) + len(kept) if asked.limit == "p" else None
    return Rules(
        p=p,
        budget=asked.budget if asked.limit == "budget" else None,
        prices=[price_of(asked, places[at]) for at in columns] if priced else None,
        existing=kept,
        required=[at for at, name in enumerate(ids) if name in asked.required and at not in kept],
        forbidden=[at for at, name in enumerate(ids) if name in asked.forbidden],
        groups=_groups(asked, [places[at] for at in columns]),
    )


def _groups(asked: Question, places: list[Place]) -> np.ndarray | None:
    if not asked.one_per:
        return None
    homes = [place.association if asked.one_per == "association" else place.district for place in places]
    number = {home: at for at, home in enumerate(dict.fromkeys(home for home in homes if home is not None))}
    return np.array([-1 if home is None else number[home] for home in homes], dtype=int)


def _rooms(asked: Question, places: tuple[Place, ...], columns: np.ndarray) -> np.ndarray | None:
    """Residents that each place has room for: its capacity over the share that comes at once; unknown is no bound."""
    if not asked.capacities:
        return None
    seats = np.array([np.inf if (c := places[at].capacity) is None else c for at in columns], dtype=float)
    return seats / (asked.use_percent / 100)
