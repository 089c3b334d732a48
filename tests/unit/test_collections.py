"""Collections of the OGC API: what each reader is told exists."""

from __future__ import annotations

import pytest

from geodata.features.sources import SOURCES
from kyodo_geo.collections import COLLECTIONS, Kind, collections_for
from kyodo_geo.kinds import AREA_LAYERS, KINDS, PLANNING_LAYERS
from kyodo_geo.roles import STAFF, VACANT_HOUSE_READERS, Role

PUBLIC = {Role.PUBLIC}


def ids(roles: set[Role]) -> set[str]:
    return {found.id for found in collections_for(roles)}


def test_halls_memberships_and_vacant_houses_do_not_exist_for_the_public() -> None:
    assert ids(PUBLIC).isdisjoint({"halls", "memberships", "vacant-houses"})
    assert ids({Role.PUBLIC, Role.PARTNER}) == ids(PUBLIC)


@pytest.mark.parametrize("role", sorted(STAFF))
def test_staff_see_more_and_vacant_houses_only_where_their_work_needs_them(role: Role) -> None:
    seen = ids({Role.PUBLIC, role})
    assert {"halls", "memberships"} <= seen
    assert ("vacant-houses" in seen) == (role in VACANT_HOUSE_READERS)


def test_columns_of_staff_are_no_columns_for_the_public() -> None:
    public = COLLECTIONS["associations"].seen_by(PUBLIC)
    staff = COLLECTIONS["associations"].seen_by({Role.PUBLIC, Role.PLANNER})
    assert public is not None
    assert staff is not None
    hidden = {"membership_fiscal_year", "households", "member_households", "membership_rate"}
    assert hidden == {p.name for p in staff.properties} - {p.name for p in public.properties}
    assert public.find("households") is None


@pytest.mark.parametrize("found", COLLECTIONS.values(), ids=COLLECTIONS.keys())
def test_every_collection_holds_together(found: object) -> None:
    collection = COLLECTIONS[found.id]  # type: ignore[attr-defined]
    names = [p.name for p in collection.properties]
    assert len(names) == len(set(names))
    key = collection.find(collection.key)
    assert key is not None
    assert key.sortable
    assert key.readers is None
    for name in collection.interval or ():
        bound = collection.find(name)
        assert bound is not None
        assert bound.kind is Kind.DATE
        assert bound.readers is None
    assert set(collection.kinds) <= set(KINDS)
    assert collection.geometry in (None, "Point", "MultiPolygon")
    assert set(SOURCES[collection.id].columns) >= set(names) - {"id"}
    assert "geometry" not in names


def test_every_layer_is_a_collection() -> None:
    assert set(COLLECTIONS) >= {*AREA_LAYERS, *PLANNING_LAYERS}
    assert set(SOURCES) == set(COLLECTIONS)
