"""People of places that have no projection of their own, by the change that is projected for their districts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kyodo_geo.distinct import distinct

OLD = 2
"""Place of the people of 65 and over in the bands of `prepared.BANDS`; the last band holds who has no age."""


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """Factors by district (and for the city, key None), per band: the last but one is of all under 65, the last of everybody."""

    by_district: Mapping[int | None, np.ndarray]

    @classmethod
    def of(cls, before: np.ndarray, after: np.ndarray, district: np.ndarray) -> Change:
        """From people of two years (n × 4) and the district of each row (−1: none)."""
        city = _factor(before.sum(axis=0), after.sum(axis=0), np.ones(5))
        found: dict[int | None, np.ndarray] = {None: city}
        for no in distinct(district[district >= 0]):
            mine = district == no
            found[int(no)] = _factor(before[mine].sum(axis=0), after[mine].sum(axis=0), city)
        return cls(found)

    def grown(self, bands: Sequence[float], district: int | None, *, knows_old: bool) -> list[float]:
        """The bands of a place changed as its district is; without its old people all change as everybody does."""
        factor = self.by_district.get(district, self.by_district[None])
        return [
            *(float(value * factor[band]) for band, value in enumerate(bands[:3])),
            float(bands[3] * factor[3 if knows_old else 4]),
        ]


def _factor(before: np.ndarray, after: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
    def five(four: np.ndarray) -> np.ndarray:
        return np.array([four[0], four[1], four[OLD], four.sum() - four[OLD], four.sum()])

    low, high = five(before), five(after)
    return np.divide(high, low, out=otherwise.copy(), where=low > 0)
