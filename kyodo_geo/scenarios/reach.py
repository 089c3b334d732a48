"""Reach under a scenario, year by year: the figures of `kyodo_geo.reach` with the facilities that are open then."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kyodo_geo.reach import modes
from kyodo_geo.reach.catchment import Pairs, floating_catchment
from kyodo_geo.reach.equity import gini, worst_part
from kyodo_geo.reach.figures import Figures, figures, nearest
from kyodo_geo.reach.prepared import Prepared
from kyodo_geo.reach.report import DISTANCES, Choice, districts_of, drives, limits, supplied
from kyodo_geo.scenarios.supply import Supply


@dataclass(frozen=True, slots=True, eq=False)
class ReachYear:
    """Reach in one year. `city` (1 group) and `by_district` (the last group: of no district) hold four bands of age.

    `reached` (groups × 4): people within their own threshold; `first` (n): place of the nearest among the supply's sites,
    −1 none. Within reach is who has `cost` ≤ `limit` (n; see `reach.modes.costs`); `metres` (n) to the nearest in metres,
    `way` (n) to `first`. `gini` of seats per person (2SFCA); `worst`: `equity.worst_part` of 5 %.
    """

    year: int
    people: np.ndarray
    first: np.ndarray
    cost: np.ndarray
    limit: np.ndarray
    metres: np.ndarray
    way: np.ndarray
    city: Figures
    by_district: Figures
    reached: np.ndarray
    gini: float | None
    worst: tuple[float, float, float] | None

    @property
    def total(self) -> float:
        return float(self.people.sum())

    @property
    def share(self) -> float | None:
        """Share of the people within their threshold."""
        return float(self.reached.sum()) / self.total if self.total > 0 else None

    @property
    def out_of_reach(self) -> float:
        return self.total - float(self.reached.sum())

    @property
    def older_out_of_reach(self) -> float:
        """People of 65 and more beyond their threshold or without a way."""
        return float(self.people[:, 2].sum() - self.reached[:, 2].sum())

    @property
    def mean(self) -> float | None:
        """Mean way of those who have one, in metres."""
        found = float(self.city.person_cost.sum())
        ways = self.total - float(self.city.unreachable.sum())
        return found / ways if ways > 0 else None


@dataclass(frozen=True, slots=True, eq=False)
class Moved:
    """What changes for people from one state to another in the same year.

    By group of districts (g, the last: of none) and band (4): `moved` whose nearest facility is another one, `longer` whose
    way gets longer, `shorter`, `pushed_out` who were within their threshold and no longer are, `brought_in` the reverse,
    `stranded` who have no way any more. `added` (g): person-metres more, of those with a way in both. `longer_m` (g): those
    of `longer` alone. `to` (m × m): people (all ages) from the row's to the column's facility; `to_before`, `to_after`
    (m × m): their person-metres.
    """

    moved: np.ndarray
    longer: np.ndarray
    shorter: np.ndarray
    pushed_out: np.ndarray
    brought_in: np.ndarray
    stranded: np.ndarray
    added: np.ndarray
    longer_m: np.ndarray
    to: np.ndarray
    to_before: np.ndarray
    to_after: np.ndarray


class Reach:
    """Figures of one supply; equal states (people and open facilities) are computed once."""

    def __init__(self, held: Prepared, choice: Choice) -> None:
        self.held, self.choice = held, choice
        self.numbers, self.group = districts_of(held)
        self._known = held.series(choice.projection).years
        self._sites = supplied(held, choice.supply)
        self._metres = modes.metres_of(held, choice, self._sites)
        self._costs: dict[tuple[int, ...], np.ndarray] = {}
        self._nearest: dict[tuple[tuple[int, ...], bytes], tuple[np.ndarray, ...]] = {}
        self._people: dict[int, tuple[np.ndarray, np.ndarray, tuple[int, ...]]] = {}
        self._years: dict[tuple[int, bytes, bytes], ReachYear] = {}

    @property
    def knows_older(self) -> bool:
        """Whether people of 65 and more are counted at all; else their figures are unknown, not 0."""
        return self.held.knows_band(2)

    @property
    def districts(self) -> tuple[int, ...]:
        """Numbers of the districts, in the order of the groups; a last group is of no district."""
        return self.numbers

    def year(self, supply: Supply, at: int) -> ReachYear:
        """The figures of the year `at` (place in the horizon)."""
        year = supply.base + at
        # Outside of the known years the people are those of the nearest.
        counted = min(max(year, self._known[0]), self._known[-1])
        opened, room = supply.opened[at], np.where(supply.opened[at], np.nan_to_num(supply.capacity[at]), 0.0)
        key = (counted, opened.tobytes(), room.tobytes())
        found = self._years.get(key)
        if found is None:
            found = self._years[key] = self._made(counted, opened, room)
        return found

    def _made(self, year: int, opened: np.ndarray, room: np.ndarray) -> ReachYear:
        if year not in self._people:
            people = self.held.people_in(year, self.choice.projection)
            self._people[year] = people, *limits(self.held, self.choice, people)
        people, limit, driving = self._people[year]
        costs = self._costs_of(driving)
        key = driving, opened.tobytes()
        if key not in self._nearest:
            first, cost = nearest(np.where(opened, costs, np.inf))
            metres = nearest(np.where(opened, self._metres, np.inf))[1]
            way = np.full(len(first), np.inf)
            way[first >= 0] = self._metres[first >= 0, first[first >= 0]]
            self._nearest[key] = first, cost, metres, way
        first, cost, metres, way = self._nearest[key]
        total, count = people.sum(axis=1), len(self.numbers) + 1
        distances = tuple(sorted({*DISTANCES, self.choice.distance_m}))
        near = cost <= limit
        by_district = figures(metres, people, distances, self.group, count)
        access = floating_catchment(
            Pairs.within(np.where(opened, costs, np.inf) / limit[:, None], 1.0), total, room
        )
        return ReachYear(
            year=year,
            people=people,
            first=first,
            cost=cost,
            limit=limit,
            metres=metres,
            way=way,
            city=Figures(
                by_district.distances, by_district.people.sum(axis=0, keepdims=True),
                by_district.within.sum(axis=1, keepdims=True), by_district.unreachable.sum(axis=0, keepdims=True),
                by_district.person_cost.sum(axis=0, keepdims=True),
            ),
            by_district=by_district,
            reached=self._by_group(people * near[:, None]),
            gini=gini(access.access, total),
            worst=worst_part(metres, total),
        )  # fmt: skip

    def moved(self, before: ReachYear, after: ReachYear) -> Moved:
        """What the same year's people have in `after` that they had not in `before`."""
        people, total, m = after.people, after.people.sum(axis=1), len(self._sites)
        both = np.isfinite(before.way) & np.isfinite(after.way)
        step = np.where(both, np.where(both, after.way, 0) - np.where(both, before.way, 0), 0.0)
        stranded = np.isfinite(before.cost) & ~np.isfinite(after.cost)
        was, now = before.cost <= before.limit, after.cost <= after.limit
        other = (before.first != after.first) & (before.first >= 0)
        goes = np.flatnonzero(other & (after.first >= 0))
        longer = (step > 0) | stranded

        def flow(values: np.ndarray) -> np.ndarray:
            pairs = before.first[goes] * m + after.first[goes]
            return np.bincount(pairs, values[goes], m * m).reshape(m, m)

        bands = [
            self._by_group(people * mask[:, None])
            for mask in (other, longer, step < 0, was & ~now, ~was & now, stranded)
        ]
        return Moved(
            moved=bands[0],
            longer=bands[1],
            shorter=bands[2],
            pushed_out=bands[3],
            brought_in=bands[4],
            stranded=bands[5],
            added=np.bincount(self.group, step * total, len(self.numbers) + 1),
            longer_m=np.bincount(self.group, np.maximum(step, 0) * total, len(self.numbers) + 1),
            to=flow(total),
            to_before=flow(total * np.where(np.isfinite(before.way), before.way, 0)),
            to_after=flow(total * np.where(np.isfinite(after.way), after.way, 0)),
        )

    def _costs_of(self, driving: tuple[int, ...]) -> np.ndarray:
        """Costs where these districts drive; without roads for cars they are the same for all."""
        if not self.held.has_car:
            return self._metres
        if driving not in self._costs:
            by_car = drives(self.held, driving)
            self._costs[driving] = modes.costs(self.held, self.choice, by_car, self._sites)
        return self._costs[driving]

    def _by_group(self, values: np.ndarray) -> np.ndarray:
        count = len(self.numbers) + 1
        return np.stack([np.bincount(self.group, column, count) for column in values.T], axis=1)
