"""One entry for every map: a specification in, a map with legend and table out."""

from __future__ import annotations

from functools import singledispatch

from maps import assignment, facility_coverage, membership, place, plan_adoption
from maps.assignment import AssignmentSpec
from maps.specs import BuiltMap, FacilityCoverageSpec, MapSpec, MembershipSpec, PlaceSpec, PlanAdoptionSpec


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
def _(spec: AssignmentSpec) -> BuiltMap:
    return assignment.build(spec)
