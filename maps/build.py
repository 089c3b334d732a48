"""One entry for every map: a specification in, a map with legend and table out."""

from __future__ import annotations

from functools import singledispatch

from maps import district_counts, facility_coverage, membership, place, plan_adoption
from maps.district_counts import DistrictCountsSpec
from maps import changes, facility_coverage, faults, membership, place, plan_adoption
from maps.changes import ChangeSpec
from maps.faults import FaultsSpec
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
def _(spec: DistrictCountsSpec) -> BuiltMap:
    return district_counts.build(spec)


def _(spec: FaultsSpec) -> BuiltMap:
    return faults.build(spec)


@build_map.register
def _(spec: ChangeSpec) -> BuiltMap:
    return changes.build(spec)
