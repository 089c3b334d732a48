"""A place where a facility is or could be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """`id` is unique among all places of a run. `existing`: a facility of the supply that is open in the year.

    `xy` are metres of the plane zone. `capacity`: people it holds at a time (None: unknown). `more` is what the source
    of the place wants to find again in the result (plain JSON values).
    """

    id: str
    name: str
    kind: str
    lon: float
    lat: float
    xy: tuple[float, float]
    district: int | None = None
    association: str | None = None
    capacity: float | None = None
    existing: bool = False
    more: dict[str, Any] | None = None
