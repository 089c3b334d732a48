"""What the lookup is built from: rows of one generation, as plain immutable values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from kyodo_geo.point_table import PointTable


@dataclass(frozen=True, slots=True)
class FormerName:
    """What a town was called, from the first day on and until the day from which it was not; None is not known."""

    name: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Town:
    """A row of the gazetteer. `name` carries 丁目 or 地割 but no 小字; `accuracy_m` is the radius around the point."""

    town_id: str
    name: str
    koaza: str | None
    oaza: str
    chome: int | None
    jiwari: int | None
    kana: str | None
    postal_code: str | None
    level: str
    aliases: tuple[str, ...]
    lon: float | None
    lat: float | None
    accuracy_m: float | None
    valid_to: date | None = None
    former_names: tuple[FormerName, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """An address rule: whole town, part of it (番 and 号 ranges, both ends included), or an exception."""

    association_id: str
    kind: str
    town: str
    koaza: str | None = None
    block_from: int | None = None
    block_to: int | None = None
    house_from: int | None = None
    house_to: int | None = None


@dataclass(frozen=True, slots=True)
class Association:
    """An association; `geom` is its area in lon/lat, a geometry or its WKB, or None where only rules are known.

    `contact` is published.
    """

    association_id: str
    name: str
    kana: str | None
    kind: str
    district_no: int | None
    geom: Any
    contact: dict[str, Any] | None = None

    @property
    def drawn(self) -> bool:
        """Whether it has an area; the database holds no empty ones."""
        return self.geom is not None and (isinstance(self.geom, bytes) or not self.geom.is_empty)


@dataclass(frozen=True, slots=True)
class District:
    """A district with its area in lon/lat."""

    no: int
    name: str
    kana: str | None
    geom: Any


@dataclass(frozen=True, slots=True)
class Block:
    """A block (番), or a house number (号) within it, with a point and its radius in metres."""

    town: str
    koaza: str | None
    block: str
    house: str | None
    lon: float
    lat: float
    accuracy_m: float | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything one municipality's lookup needs, of one generation.

    `blocks` with house numbers and `lots` come as tables of points; a few blocks may also be given one by one.
    """

    municipality_code: str
    municipality_name: str
    pref_name: str
    revision: int
    generation_no: int
    outline: Any
    small_area_union: Any
    districts: tuple[District, ...]
    associations: tuple[Association, ...]
    rules: tuple[Rule, ...]
    towns: tuple[Town, ...]
    blocks: PointTable | tuple[Block, ...]
    neighbours: tuple[str, ...]
    dataset: dict[str, Any]
    phone: str
    department: str
    email: str = ""
    lots: PointTable = field(default_factory=PointTable)
