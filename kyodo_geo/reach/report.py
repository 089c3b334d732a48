"""Who is out of reach in one year, and what closing does: answers on `Prepared` arrays for one set of assumptions."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from kyodo_geo.distinct import distinct
from kyodo_geo.reach import modes
from kyodo_geo.reach.catchment import Access, Pairs, floating_catchment, gaussian
from kyodo_geo.reach.closing import Closing, Effects
from kyodo_geo.reach.equity import gini, worst_part
from kyodo_geo.reach.figures import Figures, figures, nearest
from kyodo_geo.reach.gaps import gaps
from kyodo_geo.reach.prepared import Prepared

DISTANCES = (500.0, 800.0, 1200.0)
DECAY_SCALE = 0.5
"""E2SFCA: the weight falls as a Gaussian with half the threshold as its scale."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is asked, and all that is assumed.

    `supply`: "activity", "all" or a kind of facility. `by`: "network" or "straight". `distance_m`: threshold on foot. Districts
    with fewer than `drive_below` people per km² drive (0: none), or `drive_districts` instead, whatever their density: their
    threshold is `minutes`, at `kmh` where no roads for cars are loaded. `bus_minutes`: threshold by bus, walking and waiting
    included. `use_percent`: of the residents whose nearest a facility is, so many per cent are there at the same time.
    `projection`: whose figures are the people of years to come, see `Prepared.series`. `distances`: further distances to
    count people within.
    """

    year: int
    supply: str = "activity"
    by: str = "network"
    distance_m: float = 800.0
    minutes: float = 10.0
    kmh: float = 30.0
    bus_minutes: float = 30.0
    drive_below: float = 100.0
    use_percent: float = 2.0
    projection: str = "table"
    drive_districts: tuple[int, ...] | None = None
    distances: tuple[float, ...] = DISTANCES

    @property
    def drive_m(self) -> float:
        """Metres that are driven in the minutes."""
        return self.minutes * self.kmh * 1000 / 60


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """Answers of one choice. `numbers`: district of each row of `by_district`; the last row is of no district.

    `cost`, `limit`, `gap` (n): within reach is who has cost ≤ limit, both metres (see `modes.costs` for who drives);
    `metres` (n) to the nearest facility by the kind of distance; `drives` (n). `sites`: places of the facilities of the
    supply in `Prepared`; `first`: place of the nearest in `Prepared` (−1: none); `reached` (districts × 4) people within
    their threshold. `access` (E: `decayed`) is seats per person by cell.
    """

    choice: Choice
    sites: np.ndarray
    opened: np.ndarray
    people: np.ndarray
    cost: np.ndarray
    metres: np.ndarray
    drives: np.ndarray
    first: np.ndarray
    limit: np.ndarray
    driving: tuple[int, ...]
    numbers: tuple[int, ...]
    by_district: Figures
    city: Figures
    reached: np.ndarray
    access: Access
    decayed: Access
    gini: float | None
    worst: tuple[float, float, float] | None
    gap: np.ndarray
    group: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """People of all ages by cell."""
        found: np.ndarray = self.people.sum(axis=1)
        return found


def supplied(held: Prepared, supply: str) -> np.ndarray:
    """Places of the facilities that count as supply."""
    if supply == "all":
        return np.arange(len(held.site))
    mask = held.activity if supply == "activity" else held.site_kind == supply
    return np.flatnonzero(mask)


def districts_of(held: Prepared) -> tuple[tuple[int, ...], np.ndarray]:
    """(numbers of the districts, place of each cell's in them; the last place is of cells without one)."""
    numbers = distinct(held.district[held.district >= 0])
    group = np.where(held.district >= 0, np.searchsorted(numbers, held.district), len(numbers))
    return tuple(int(no) for no in numbers), group


def limits(held: Prepared, choice: Choice, people: np.ndarray) -> tuple[np.ndarray, tuple[int, ...]]:
    """(threshold of each cell in metres, districts where people drive)."""
    numbers, group = districts_of(held)
    count = len(numbers) + 1
    heads = np.bincount(group, people.sum(axis=1), count)
    ground = np.bincount(group, held.area_m2, count) / 1e6
    thin = (heads < choice.drive_below * ground) & (ground > 0)
    if choice.drive_districts is not None:
        thin = np.isin([*numbers, -1], choice.drive_districts)
    thin[-1] = False
    limit = np.where(thin[group], choice.drive_m, choice.distance_m)
    return limit, tuple(no for no, drives in zip(numbers, thin, strict=False) if drives)


def drives(held: Prepared, driving: tuple[int, ...]) -> np.ndarray:
    """Which cells (n) lie in the districts where people drive."""
    return np.isin(held.district, driving)


def report(held: Prepared, choice: Choice) -> Report:
    """Everything the page of gaps says. Ask with numpy alone."""
    sites = supplied(held, choice.supply)
    opened = held.open_in(choice.year)[sites]
    people = held.people_in(choice.year, choice.projection)
    total = people.sum(axis=1)
    limit, driving = limits(held, choice, people)
    by_car = drives(held, driving)
    costs = modes.costs(held, choice, by_car, sites)
    now = np.where(opened, costs, np.inf) if costs.size else costs
    place, cost = nearest(now)
    metres = nearest(np.where(opened, modes.metres_of(held, choice, sites), np.inf))[1]
    numbers, group = districts_of(held)
    distances = tuple(sorted({*choice.distances, choice.distance_m}))
    reached = np.stack(
        [np.bincount(group, column * (cost <= limit), len(numbers) + 1) for column in people.T], axis=1
    )
    # Thresholds differ by cell: the catchment is taken in parts of each cell's own threshold.
    pairs = Pairs.within(now / limit[:, None], 1.0)
    room = np.where(opened, np.nan_to_num(held.capacity[sites]), 0.0)
    access = floating_catchment(pairs, total, room)
    return Report(
        choice=choice,
        sites=sites,
        opened=opened,
        people=people,
        cost=cost,
        metres=metres,
        drives=by_car,
        first=np.where(place >= 0, sites[place] if len(sites) else -1, -1),
        limit=limit,
        driving=driving,
        numbers=numbers,
        by_district=figures(metres, people, distances, group, len(numbers) + 1),
        city=figures(metres, people, distances),
        reached=reached,
        access=access,
        decayed=floating_catchment(pairs, total, room, gaussian(DECAY_SCALE)),
        gini=gini(access.access, total),
        worst=worst_part(metres, total),
        gap=gaps(costs, limit, opened=opened, people=total, capacities=holds(held, choice, sites)),
        group=group,
    )


def holds(held: Prepared, choice: Choice, sites: np.ndarray) -> np.ndarray:
    """Residents that each facility has room for: its capacity over the share that comes at once; unknown is no bound."""
    room = held.capacity[sites] / (choice.use_percent / 100)
    return np.where(np.isnan(room), np.inf, room)


def straight_of(choice: Choice) -> Choice:
    """The same by the straight line."""
    return replace(choice, by="straight")


@dataclass(frozen=True, slots=True, eq=False)
class ClosingAsked:
    """Closing of the facilities of one supply, prepared for one set of open ones and of districts where people drive;
    `effects` is asked for each year."""

    held: Prepared
    sites: np.ndarray
    opened: np.ndarray
    closing: Closing

    @classmethod
    def of(cls, held: Prepared, choice: Choice) -> ClosingAsked:
        sites = supplied(held, choice.supply)
        opened = held.open_in(choice.year)[sites]
        by_car = drives(held, limits(held, choice, held.people_in(choice.year, choice.projection))[1])
        costs = modes.costs(held, choice, by_car, sites)
        return cls(held, sites, opened, Closing(costs, opened, modes.metres_of(held, choice, sites)))

    def effects(self, choice: Choice, people: np.ndarray, limit: np.ndarray) -> Effects:
        """What closing each does with the people and thresholds of a year."""
        return self.closing.effects(people, limit, holds(self.held, choice, self.sites))
