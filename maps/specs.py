"""What goes into a map and what comes out: plain values, no database rows, no requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from markupsafe import Markup

from kyodo_geo.plan_states import PlanStanding
from maps.basemaps import NONE, Basemap
from maps.tables import Table

RADII_M = (500, 800, 1200)
"""Reaches offered, straight line: about 6, 10 and 15 minutes on foot at 80 m a minute."""


@dataclass(frozen=True, slots=True)
class District:
    """One district with the figures a map may need. None is unknown (不明), never 0.

    `geometry` is GeoJSON text, lon/lat. `membership_rate` is 0–1; `suppressed` says that it is withheld because
    too few households would be shown. `plan_stated_on` is the day of the paper that alone
    tells of the plan state, None where its first day is known.
    """

    no: int
    name: str
    kana: str | None = None
    geometry: str | None = None
    label_lon: float | None = None
    label_lat: float | None = None
    people: int | None = None
    households: int | None = None
    plan_state: str | None = None
    plan_adopted: bool | None = None
    plan_stated_on: date | None = None
    rate_households: int | None = None
    member_households: int | None = None
    membership_rate: float | None = None
    suppressed: bool = False
    kana_confirmed: bool | None = None

    @classmethod
    def of(cls, row: Any) -> District:
        """From any object with attributes of these names (a query's row); further ones are ignored."""
        return cls(**{f.name: getattr(row, f.name) for f in fields(cls) if hasattr(row, f.name)})


@dataclass(frozen=True, slots=True)
class FacilityPoint:
    """A facility of local activities."""

    id: str
    name: str
    kind: str
    lon: float
    lat: float
    address: str | None = None
    capacity: int | None = None

    @classmethod
    def of(cls, row: Any) -> FacilityPoint:
        """From any object with attributes of these names."""
        return cls(**{f.name: getattr(row, f.name) for f in fields(cls) if hasattr(row, f.name)})


@dataclass(frozen=True, slots=True)
class Reach:
    """Residents of a district and how many of them live within reach; `share` is 0–1."""

    people: int | None
    inside: float | None

    @property
    def share(self) -> float | None:
        if self.inside is None or not self.people:
            return None
        return min(1.0, self.inside / self.people)


@dataclass(frozen=True, slots=True)
class Area:
    """A named area of a lookup's answer: an association or a district."""

    id: str
    name: str
    geometry: str | None
    kind: str = "association"


@dataclass(frozen=True, slots=True)
class Overlays:
    """What can be laid over a map of districts: facilities, and circles of projects (count by district) of a year."""

    facilities: tuple[FacilityPoint, ...] = ()
    projects: Mapping[int, int] = field(default_factory=dict)
    projects_year: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MapSpec:
    """Common to all maps. `outline` is the city's outline as GeoJSON text."""

    basemap: Basemap = NONE
    outline: str | None = None
    overlays: Overlays = Overlays()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAdoptionSpec(MapSpec):
    """State of the districts' plans on `day`; `standings` by district number, a missing one is unknown."""

    districts: tuple[District, ...]
    standings: Mapping[int, PlanStanding]
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipSpec(MapSpec):
    """Membership rate by district in one fiscal year; `sample` marks the source of invented figures.

    `warnings` are sentences on figures that must not be compared.
    """

    districts: tuple[District, ...]
    fiscal_year: int
    city_rate: float | None = None
    denominators: tuple[str, ...] = ()
    denominator_as_of: date | None = None
    sample: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityCoverageSpec(MapSpec):
    """Share of residents within `radius_m` metres, straight line, of a facility; `reach` by district number."""

    districts: tuple[District, ...]
    facilities: tuple[FacilityPoint, ...]
    reach: Mapping[int, Reach] = field(default_factory=dict)
    radius_m: int = 800
    sample: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceSpec(MapSpec):
    """Areas of a lookup's answer. The point itself is no part of it: no address may stand in an address line."""

    areas: tuple[Area, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A key figure: what it is, and how it reads."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class BuiltMap:
    """A map ready for a page.

    `html` holds only the map's own element and its hatches; `script` is folium's, to be served as a file of its
    own after Leaflet; `legend` is our own list; `table` holds the same features with the same figures.
    `figures` and `summary` say the most important before the map is looked at, `warnings` what to beware of,
    `remarks` what stands out. `facilities` is the second table of maps with points, `toggles` are the layers a reader
    may switch on and off, as (layer, label) or (layer, label, whether it is on at first).
    """

    name: str
    html: Markup
    legend: Markup
    script: str
    table: Table
    summary: str = ""
    figures: tuple[Figure, ...] = ()
    facilities: Table | None = None
    toggles: tuple[tuple[str, str] | tuple[str, str, bool], ...] = ()
    warnings: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
