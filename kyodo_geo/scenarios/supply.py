"""Which facilities are open under a scenario and how many people they hold, year by year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kyodo_geo.facility_terms import MOVES
from kyodo_geo.reach.prepared import Prepared
from kyodo_geo.reach.report import Choice, supplied
from kyodo_geo.scenarios.actions import Action, ends_of, ordered


@dataclass(frozen=True, slots=True, eq=False)
class Supply:
    """Facilities of the supply (m places `sites` in `Prepared`) over the years (h): open, and how many they hold.

    `opened` (h × m); `capacity` (h × m), NaN: unknown.
    """

    base: int
    sites: np.ndarray
    opened: np.ndarray
    capacity: np.ndarray

    def seats(self, at: int) -> tuple[float, int, int]:
        """(known capacity of the open ones, how many are open, of how many of them it is unknown) in the year `at`."""
        found = self.capacity[at][self.opened[at]]
        return float(np.nansum(found)), len(found), int(np.isnan(found).sum())


def supply_of(
    held: Prepared,
    choice: Choice,
    actions: Sequence[Action],
    areas: dict[str, float],
    *,
    base: int,
    horizon: int,
) -> Supply:
    """Which facilities are open on 1 October of each year, by the records (closures for works too) and the actions.

    `areas`: known floor area by facility. Capacity follows the floor area where an action says it; what is unknown stays so.
    """
    sites = supplied(held, choice.supply)
    place = {str(held.site[at]): number for number, at in enumerate(sites)}
    opened = np.array([held.open_in(base + year)[sites] for year in range(horizon)], dtype=bool)
    opened = opened.reshape(horizon, len(sites))
    capacity = np.repeat(held.capacity[sites][None, :], horizon, axis=0)
    areas = dict(areas)
    for action in ordered(actions):
        at, since = place.get(action.facility_id), action.year - base
        before = areas.get(action.facility_id, 0.0)
        if action.rebuilds and action.floor_area_m2:
            if at is not None:
                capacity[since:, at] *= action.floor_area_m2 / before if before > 0 else np.nan
            areas[action.facility_id] = action.floor_area_m2
        if action.action in MOVES and action.floor_area_m2 and action.into_facility is not None:
            target = place.get(action.into_facility)
            if target is not None:
                own = capacity[since, at] if at is not None else np.nan
                capacity[since:, target] += own * action.floor_area_m2 / before if before > 0 else np.nan
            areas[action.into_facility] = areas.get(action.into_facility, 0.0) + action.floor_area_m2
    for key, action in ends_of(actions).items():
        if key in place:
            opened[action.year - base :, place[key]] = False
    return Supply(base, sites, opened, capacity)
