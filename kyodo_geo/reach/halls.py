"""Ways to the neighbourhood halls, beside `Prepared` and for staff alone: metres from every cell to every hall."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from kyodo_geo.errors import InputError
from kyodo_geo.reach.network import snapped

if TYPE_CHECKING:
    from kyodo_geo.reach.prepared import Ways


@dataclass(frozen=True, slots=True, eq=False)
class HallReach:
    """Halls with a place (h) and metres from the cells (n × h) by the network and in winter; infinite: no way."""

    hall: np.ndarray
    network: np.ndarray
    winter: np.ndarray

    def costs(self, by: str) -> np.ndarray | None:
        """The matrix by `network` or `winter`; None for any other."""
        return {"network": self.network, "winter": self.winter}.get(by)

    def to_bytes(self) -> bytes:
        """One compressed file without pickle."""
        out = io.BytesIO()
        np.savez_compressed(out, **{item.name: getattr(self, item.name) for item in fields(self)})
        return out.getvalue()

    @classmethod
    def from_bytes(cls, body: bytes) -> HallReach:
        """Raises `InputError` for anything that `to_bytes` has not made."""
        try:
            with np.load(io.BytesIO(body), allow_pickle=False) as held:
                return cls(**{item.name: held[item.name] for item in fields(cls)})
        except (ValueError, KeyError, OSError, EOFError, BadZipFile) as error:
            raise InputError(
                "計算ずみの自治公民館への距離を読めません。", error=type(error).__name__
            ) from None


def hall_reach(cells: np.ndarray, halls: Sequence[tuple[str, float, float]], ways: Ways) -> HallReach:
    """Ways of cells (n × 2, metres) to halls (id, metres east, metres north). Needs scipy."""
    names = np.array([name for name, _, _ in halls], dtype=str) if halls else np.zeros(0, dtype="U1")
    spots = np.array([(x, y) for _, x, y in halls], dtype=float).reshape(-1, 2)
    if not len(cells) or not halls:
        return HallReach(names, *(np.full((len(cells), len(halls)), np.inf, dtype=np.float32),) * 2)
    cell_node, cell_snap = snapped(cells, ways.nodes)
    hall_node, hall_snap = snapped(spots, ways.nodes)
    snaps = cell_snap[:, None] + hall_snap[None, :]
    network, winter = ((g.costs(cell_node, hall_node) + snaps).astype(np.float32) for g in ways.graphs())
    return HallReach(names, network, winter)
