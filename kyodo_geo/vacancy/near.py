"""Which cells each house brings within reach, as arrays: only cells within `LIMIT_M` are kept, so that a city fits in memory.

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
KINDS = ("straight", "network", "winter")


@dataclass(frozen=True, slots=True, eq=False)
class Near:
    """Of h houses the cells within `LIMIT_M`: those of house j are `cell[start[j]:start[j + 1]]`, with their `metres`."""

    start: np.ndarray
    cell: np.ndarray
    metres: np.ndarray

    @classmethod
    def of(cls, columns: Iterable[np.ndarray]) -> Near:
        """From one array of costs (all cells) per house."""
        start, cells, metres = [0], [np.zeros(0, dtype=np.int32)], [np.zeros(0, dtype=np.float32)]
        for column in columns:
            found = np.flatnonzero(column <= LIMIT_M)
            cells.append(found.astype(np.int32))
            metres.append(column[found].astype(np.float32))
            start.append(start[-1] + len(found))
        return cls(np.array(start, dtype=np.int64), np.concatenate(cells), np.concatenate(metres))

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
    ones are those of the straight line where no network is loaded (`has_network` false).
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

    @classmethod
    def made(
        cls,
        house: Iterable[str],
        near: dict[str, Near],
        to_hall: dict[str, np.ndarray],
        halls: tuple[int, int],
    ) -> HouseReach:
        """`near` and `to_hall` by kind; with `straight` alone there is no network."""
        parts: dict[str, np.ndarray] = {}
        for kind in KINDS:
            one = near.get(kind, near["straight"])
            parts |= {
                f"{kind}_start": one.start,
                f"{kind}_cell": one.cell,
                f"{kind}_metres": one.metres,
                f"hall_{kind}": to_hall.get(kind, to_hall["straight"]).astype(np.float32),
            }
        ids = list(house)
        return cls(
            house=np.array(ids, dtype=str) if ids else np.zeros(0, dtype="U1"),
            halls=np.array(halls, dtype=np.int32),
            has_network=np.array("winter" in near),
            **parts,
        )

    def near(self, by: str) -> Near:
        return Near(*(getattr(self, f"{by}_{part}") for part in ("start", "cell", "metres")))

    def to_hall(self, by: str) -> np.ndarray:
        found: np.ndarray = getattr(self, f"hall_{by}")
        return found

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
