"""One entry for every map: a specification in, a map with legend and table out."""

from __future__ import annotations

from functools import singledispatch

from maps import (
    assignment,
    association_rates,
    at_risk,
    cases,
    changes,
    district_counts,
    facility_coverage,
    faults,
    membership,
    membership_change,
    place,
    plan_adoption,
    projects,
    siting,
    vacant_houses,
)
from maps.assignment import AssignmentSpec
from maps.cases import CasesSpec
from maps.changes import ChangeSpec
from maps.district_counts import DistrictCountsSpec
from maps.faults import FaultsSpec
from maps.planner_specs import AssociationRatesSpec, AtRiskSpec, MembershipChangeSpec, ProjectsSpec
from maps.siting import SitingSpec
from maps.specs import BuiltMap, FacilityCoverageSpec, MapSpec, MembershipSpec, PlaceSpec, PlanAdoptionSpec
from maps.vacant_houses import VacantHousesSpec


@singledispatch
def build_map(spec: MapSpec) -> BuiltMap:
    """Draw what the specification describes. Equal specifications give equal bytes."""
    raise TypeError(f"no map for {type(spec).__name__}")


@build_map.register
def _(spec: PlanAdoptionSpec) -> BuiltMap:
    return plan_adoption.build(spec)


@build_map.register
def _(spec: MembershipSpec) -> BuiltMap:
    return membership.build(spec)


@build_map.register
def _(spec: FacilityCoverageSpec) -> BuiltMap:
    return facility_coverage.build(spec)


@build_map.register
def _(spec: PlaceSpec) -> BuiltMap:
    return place.build(spec)


@build_map.register
def _(spec: DistrictCountsSpec) -> BuiltMap:
    return district_counts.build(spec)


@build_map.register
def _(spec: FaultsSpec) -> BuiltMap:
    return faults.build(spec)


@build_map.register
def _(spec: ChangeSpec) -> BuiltMap:
    return changes.build(spec)


@build_map.register
def _(spec: MembershipChangeSpec) -> BuiltMap:
    return membership_change.build(spec)


@build_map.register
def _(spec: ProjectsSpec) -> BuiltMap:
    return projects.build(spec)


@build_map.register
def _(spec: AssociationRatesSpec) -> BuiltMap:
    return association_rates.build(spec)


@build_map.register
def _(spec: AtRiskSpec) -> BuiltMap:
    return at_risk.build(spec)


@build_map.register
def _(spec: AssignmentSpec) -> BuiltMap:
    return assignment.build(spec)


@build_map.register
def _(spec: VacantHousesSpec) -> BuiltMap:
    return vacant_houses.build(spec)


@build_map.register
def _(spec: SitingSpec) -> BuiltMap:
    return siting.build(spec)


@build_map.register
def _(spec: CasesSpec) -> BuiltMap:
    return cases.build(spec)
