"""Which cells each house brings within reach, as arrays: only cells within the limits are kept, so that a city fits in memory.

Made with a network they need scipy (elsewhere); asking them needs numpy alone.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass, fields
from zipfile import BadZipFile

import numpy as np

from kyodo_geo.errors import InputError

LIMIT_M = 3000.0
"""The longest way that can be asked for."""
DRIVE_LIMIT = 20
"""The most minutes by car that can be asked for."""
KINDS = ("straight", "network", "winter")
CAR_KINDS = ("car", "car_winter")


@dataclass(frozen=True, slots=True, eq=False)
class Near:
    """Of h houses the cells within a limit: those of house j are `cell[start[j]:start[j + 1]]`, with their `metres` (by car:
    minutes)."""

    start: np.ndarray
    cell: np.ndarray
    metres: np.ndarray

    @classmethod
    def of(cls, columns: Iterable[np.ndarray], limit: float = LIMIT_M) -> Near:
        """From one array of costs (all cells) per house."""
        start, cells, metres = [0], [np.zeros(0, dtype=np.int32)], [np.zeros(0, dtype=np.float32)]
        for column in columns:
            found = np.flatnonzero(column <= limit)
            cells.append(found.astype(np.int32))
            metres.append(column[found].astype(np.float32))
            start.append(start[-1] + len(found))
        return cls(np.array(start, dtype=np.int64), np.concatenate(cells), np.concatenate(metres))

    @classmethod
    def served(cls, foot: Near, distance: float, car: Near, minutes: float, driving: np.ndarray) -> Near:
        """Cells in reach, at 0 m: on foot within the distance, and where people drive (`driving`, n) also by car within the
        minutes — the rule of `kyodo_geo.reach.modes.costs` for pairs that are kept sparsely."""
        start, cells = [0], [np.zeros(0, dtype=np.int32)]
        for house in range(len(foot)):
            driven = car.within(house, minutes)
            cells.append(np.union1d(foot.within(house, distance), driven[driving[driven]]).astype(np.int32))
            start.append(start[-1] + len(cells[-1]))
        cell = np.concatenate(cells)
        return cls(np.array(start, dtype=np.int64), cell, np.zeros(len(cell), dtype=np.float32))

    def __len__(self) -> int:
        return len(self.start) - 1

    def within(self, house: int, radius: float) -> np.ndarray:
        """Numbers of the cells within `radius` of a house."""
        part = slice(int(self.start[house]), int(self.start[house + 1]))
        found: np.ndarray = self.cell[part][self.metres[part] <= radius]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class HouseReach:
    """`house` (h): ids, in the order of all else. `hall_*` (n): metres of each cell to the nearest hall with a place,
    infinite where there is none. `halls`: how many halls that are, and how many have no place. The `network` and `winter`
    ones are those of the straight line where no network is loaded (`has_network` false). `car` and `car_winter` are minutes
    on the roads for cars; without winter factors the second is not there, and neither is without roads (`has_car`).
    """

    house: np.ndarray
    halls: np.ndarray
    has_network: np.ndarray
    straight_start: np.ndarray
    straight_cell: np.ndarray
    straight_metres: np.ndarray
    network_start: np.ndarray
    network_cell: np.ndarray
    network_metres: np.ndarray
    winter_start: np.ndarray
    winter_cell: np.ndarray
    winter_metres: np.ndarray
    hall_straight: np.ndarray
    hall_network: np.ndarray
    hall_winter: np.ndarray
    has_car: np.ndarray
    car_start: np.ndarray
    car_cell: np.ndarray
    car_metres: np.ndarray
    hall_car: np.ndarray
    has_car_winter: np.ndarray
    car_winter_start: np.ndarray
    car_winter_cell: np.ndarray
    car_winter_metres: np.ndarray
    hall_car_winter: np.ndarray

    @classmethod
    def made(
        cls,
        house: Iterable[str],
        near: dict[str, Near],
        to_hall: dict[str, np.ndarray],
        halls: tuple[int, int],
    ) -> HouseReach:
        """`near` and `to_hall` by kind; with `straight` alone there is no network, without `car` there are no roads."""
        parts: dict[str, np.ndarray] = {}
        none = Near.of([])
        for kind in (*KINDS, *CAR_KINDS):
            one = near.get(kind, none if kind in CAR_KINDS else near["straight"])
            hall = to_hall.get(kind, np.zeros(0) if kind in CAR_KINDS else to_hall["straight"])
            parts |= {
                f"{kind}_start": one.start,
                f"{kind}_cell": one.cell,
                f"{kind}_metres": one.metres,
                f"hall_{kind}": hall.astype(np.float32),
            }
        ids = list(house)
        return cls(
            house=np.array(ids, dtype=str) if ids else np.zeros(0, dtype="U1"),
            halls=np.array(halls, dtype=np.int32),
            has_network=np.array("winter" in near),
            has_car=np.array("car" in near),
            has_car_winter=np.array("car_winter" in near),
            **parts,
        )

    def near(self, by: str) -> Near:
        return Near(*(getattr(self, f"{by}_{part}") for part in ("start", "cell", "metres")))

    def to_hall(self, by: str) -> np.ndarray:
        found: np.ndarray = getattr(self, f"hall_{by}")
        return found

    def by_car(self, by: str) -> tuple[Near, np.ndarray] | None:
        """(minutes of the houses, minutes to the nearest hall) for a kind of distance; None without roads for cars and by
        straight lines, as `kyodo_geo.reach.modes.car_minutes` has it."""
        if by == "straight" or not bool(self.has_car):
            return None
        kind = "car_winter" if by == "winter" and bool(self.has_car_winter) else "car"
        return self.near(kind), self.to_hall(kind)

    def to_bytes(self) -> bytes:
        """All arrays in one compressed file without pickle."""
        out = io.BytesIO()
        np.savez_compressed(out, **{item.name: getattr(self, item.name) for item in fields(self)})
        return out.getvalue()

    @classmethod
    def from_bytes(cls, body: bytes) -> HouseReach:
        """Raises `InputError` for anything that `to_bytes` has not made."""
        try:
            with np.load(io.BytesIO(body), allow_pickle=False) as held:
                return cls(**{item.name: held[item.name] for item in fields(cls)})
        except (ValueError, KeyError, OSError, EOFError, BadZipFile) as error:
            raise InputError("計算ずみの空き家の到達距離を読めません。", error=type(error).__name__) from None
