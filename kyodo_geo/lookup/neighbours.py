"""Associations near a place that has none of its own: whom a resident may ask instead. Never an answer."""

from __future__ import annotations

from collections.abc import Sequence

from kyodo_geo.lookup.areas import AreaIndex
from kyodo_geo.lookup_types import Association
from kyodo_geo.rules import AddressAt, RuleBook

MAX_NEIGHBOURS = 5
_RADII_M = (500.0, 2000.0, 5000.0)


def find_neighbours(
    associations: Sequence[Association],
    areas: AreaIndex,
    rules: RuleBook,
    address: AddressAt | None,
    point: tuple[float, float] | None,
) -> list[tuple[str, float | None, bool]]:
    """(id, metres to its area or None, whether its rules name the town), at most `MAX_NEIGHBOURS`.

    Those that have part of the same town come first, each group nearest first. The search widens only until it has
    found somebody, and nothing farther than 5 km counts as near. The associations of a building are left out: they take
    in nobody from outside.
    """
    ordinary = {item.association_id for item in associations if item.kind != "building"}
    metres: dict[str, float] = {}
    for radius in _RADII_M if point is not None else ():
        assert point is not None
        metres = {associations[i].association_id: m for i, m in areas.near(*point, radius)}
        if ordinary & set(metres):
            break
    same = set() if address is None else _of_the_same_town(rules, address) & ordinary
    near = sorted(
        same | (ordinary & set(metres)), key=lambda key: (key not in same, metres.get(key, 1e9), key)
    )
    return [(key, metres.get(key), key in same) for key in near[:MAX_NEIGHBOURS]]


def _of_the_same_town(rules: RuleBook, address: AddressAt) -> set[str]:
    towns = rules.towns()
    keys = {address.town.oaza, address.town.oaza + address.koaza}
    claimed = {association for key in keys for association in towns.get(key, {})}
    return {key for key in claimed if rules.speaks_of(key, address)}
