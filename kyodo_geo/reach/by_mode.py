"""Who reaches a facility how: by car, by bus, on foot; and what closing does to those who do not drive. Numpy alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kyodo_geo.reach.modes import car_minutes

if TYPE_CHECKING:
    from kyodo_geo.reach.prepared import Prepared
    from kyodo_geo.reach.report import Choice


@dataclass(frozen=True, slots=True, eq=False)
class ByMode:
    """Truths by cell (n) about the open facilities: `car` within the minutes, `foot` within the metres, `bus` within the
    minutes by bus, `rides`: any bus leads to one within the hours, whatever it takes. `bus` and `rides` are None, unknown,
    without a timetable."""

    car: np.ndarray
    foot: np.ndarray
    bus: np.ndarray | None
    rides: np.ndarray | None

    @property
    def left(self) -> np.ndarray:
        """Who reaches none without a car: neither on foot nor, where it is known, by bus."""
        found: np.ndarray = ~self.foot if self.bus is None else ~(self.foot | self.bus)
        return found


def by_mode(held: Prepared, choice: Choice, sites: np.ndarray, opened: np.ndarray) -> ByMode:
    """Of everybody, wherever they live and whatever they use."""
    now = sites[opened]
    metres = held.costs(choice.by)[:, now]
    minutes = car_minutes(held, choice.by)
    car = metres <= choice.drive_m if minutes is None else minutes[:, now] <= choice.minutes
    bus = held.bus[:, now] if held.has_bus else None
    return ByMode(
        _some(car),
        _some(metres <= choice.distance_m),
        None if bus is None else _some(bus <= choice.bus_minutes),
        None if bus is None else _some(np.isfinite(bus)),
    )


def _some(mask: np.ndarray) -> np.ndarray:
    return np.asarray(mask.any(axis=1))


def lost_without_car(
    held: Prepared, choice: Choice, sites: np.ndarray, opened: np.ndarray, people: np.ndarray
) -> np.ndarray | None:
    """People (m × k) who reach a facility on foot or by bus now, and none once the row's is closed; None without a timetable."""
    if not held.has_bus:
        return None
    near = (held.costs(choice.by)[:, sites] <= choice.distance_m) | (held.bus[:, sites] <= choice.bus_minutes)
    near &= opened
    only = near & (near.sum(axis=1) == 1)[:, None]
    found: np.ndarray = only.T.astype(float) @ people
    return found
