"""Specifications of the planners' maps; those of everybody's first maps stand in `maps/specs.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from kyodo_geo.at_risk import Facts, Judgement, Thresholds
from kyodo_geo.centres.cases import Counted
from maps.specs import District, MapSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipChangeSpec(MapSpec):
    """Change of the membership rate from `earlier_year` to `fiscal_year`.

    `districts` hold the later year; `earlier` their rates of the earlier one (None unknown), `withheld` the districts
    whose rate may not be shown in at least one of the years.
    """

    districts: tuple[District, ...]
    fiscal_year: int
    earlier_year: int
    earlier: Mapping[int, float | None]
    withheld: frozenset[int] = frozenset()
    city_rate: float | None = None
    city_earlier_rate: float | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProjectFigures:
    """Projects of a district in a year: number, sum of the known grants in yen, projects with no grant known."""

    count: int
    grant_yen: int | None
    grants_unknown: int = 0
    participants: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectsSpec(MapSpec):
    """Projects by district in one fiscal year; a district that is missing in `projects` had none.

    `known` is False for a year nothing was recorded of: then nothing is known, not none. `path` tells in sentences
    how the city stands on its way to the target.
    """

    districts: tuple[District, ...]
    fiscal_year: int | None
    projects: Mapping[int, ProjectFigures] = field(default_factory=dict)
    known: bool = True
    path: tuple[str, ...] = ()
    sample: bool = False


@dataclass(frozen=True, slots=True)
class AssociationFigures:
    """One association with its figures, for staff alone. Unknown is None; rates are 0–1."""

    id: str
    name: str
    kana: str | None
    geometry: str | None
    label_lon: float | None
    label_lat: float | None
    district_no: int | None
    district: str | None
    households: int | None
    member_households: int | None
    rate: float | None
    earlier_rate: float | None = None
    change: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssociationRatesSpec(MapSpec):
    """Membership rate by association in one fiscal year, or its change since `earlier_year`. For staff alone."""

    associations: tuple[AssociationFigures, ...]
    fiscal_year: int
    earlier_year: int | None = None
    city_rate: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AtRiskSpec(MapSpec):
    """Associations with what is known of them and what the rule makes of it. For staff alone.

    `shown`: ids of those on the map and in the table (None: all), chosen by `chosen` in words. `cases`: case sheets by
    district, of which circles and a table of their own tell (`districts` say where and with which name).
    """

    associations: tuple[AssociationFigures, ...]
    facts: Mapping[str, Facts]
    judgements: Mapping[str, Judgement]
    thresholds: Thresholds
    fiscal_year: int
    shown: frozenset[str] | None = None
    chosen: str = ""
    districts: tuple[District, ...] = ()
    cases: Mapping[int, Counted] = field(default_factory=dict)
