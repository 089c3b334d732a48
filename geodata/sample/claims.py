"""Which association claims which block or lot number, and where rules deviate from areas on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import shapely

from geodata.sample.associations import Layout
from geodata.sample.draws import Draws
from geodata.sample.ground import Ground
from geodata.sample.streets import Streets

SPLITS, FLATS = 8, 6
HOUSES = 40
"""House numbers (号) of a block that is written out house by house."""


@dataclass(frozen=True, slots=True)
class Split:
    """A block that two associations share: houses 1–`last_of_first` go to the first, the others to the second.

    `in_parts`: both say which houses are theirs; else the first only says which are not.
    """

    town: int
    number: int
    first: int
    second: int
    first_cell: int
    second_cell: int
    last_of_first: int
    in_parts: bool


@dataclass(frozen=True, slots=True)
class Flat:
    """Flats with an association of their own in a block; `excepted`: the association around leaves them out."""

    town: int
    number: int
    cell: int
    around: int
    first_house: int
    last_house: int
    excepted: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """A block whose rule names `claimed_by` although it stands in the area of `stands_in` (None: nobody claims it)."""

    town: int
    number: int
    cell: int
    stands_in: int
    claimed_by: int | None


@dataclass(slots=True)
class Claims:
    """`numbers`: (town, number) → associations claiming all of it. Flats and second halves of splits are not in it."""

    numbers: dict[tuple[int, int], tuple[int, ...]]
    splits: list[Split] = field(default_factory=list)
    flats: list[Flat] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    without_area: tuple[int, ...] = ()
    """Associations of which only the rules are known."""
    without_rules: tuple[int, ...] = ()
    """Associations of which only the area is known."""


def build_claims(seed: int, ground: Ground, streets: Streets, layout: Layout) -> Claims:
    """Claims that follow the areas, and then the deliberate exceptions, each in another town."""
    draws = Draws(seed, "claims")
    claims = Claims({(town, number): layout.owners[cell] for town, number, cell in streets.every_number()})
    plain = [i for i, sketch in enumerate(layout.sketches) if len(sketch.cells) > 1]
    special = draws.some([i for i in plain if i not in layout.overlap[:2]], 4)
    claims.without_area, claims.without_rules = tuple(special[:2]), tuple(special[2:])
    pairs = _pairs(ground, streets, layout, {*special, *layout.overlap[:2]})
    chosen = iter(draws.some(pairs, len(pairs)))
    used: set[int] = set()
    while len(claims.moved) < 4:
        town, first, second = _unused(chosen, used)
        # In the middle of the cell's numbers, so that no range ends there by chance.
        numbers = streets.numbers(first)
        number = numbers[len(numbers) // 2]
        to = layout.owner(second) if len(claims.moved) < 2 else None
        owner = layout.owner(first)
        assert owner is not None
        claims.moved.append(Moved(town, number, first, owner, to))
        claims.numbers[town, number] = () if to is None else (to,)
    while len(claims.splits) < SPLITS:
        town, first, second = _unused(chosen, used)
        owner, other = layout.owner(first), layout.owner(second)
        assert owner is not None and other is not None
        number = streets.numbers(first)[-1]
        limit = draws.whole(12, 28)
        in_parts = len(claims.splits) % 2 == 0
        claims.splits.append(Split(town, number, owner, other, first, second, limit, in_parts))
        if in_parts:
            claims.numbers[town, number] = ()
    while len(claims.flats) < FLATS:
        town, first, _ = _unused(chosen, used)
        owner = layout.owner(first)
        assert owner is not None
        numbers = streets.numbers(first)
        start = draws.whole(1, 20)
        last = start + draws.whole(2, 8)
        excepted = len(claims.flats) % 2 == 0
        claims.flats.append(Flat(town, numbers[len(numbers) // 3], first, owner, start, last, excepted))
    return claims


def _pairs(ground: Ground, streets: Streets, layout: Layout, avoided: set[int]) -> list[tuple[int, int, int]]:
    """(town, cell, next cell): numbers run on from one to the other, which has another association beside it."""
    found = []
    for index, town in enumerate(streets.towns):
        if town.fact.level != "chome":
            continue
        for first, second in zip(town.cells, town.cells[1:], strict=False):
            owner, other = layout.owner(first), layout.owner(second)
            if owner is None or other is None or owner == other or {owner, other} & avoided:
                continue
            if second in ground.neighbours[first] and shared_border_m(ground, first, second) > 60:
                found.append((index, first, second))
    return found


def shared_border_m(ground: Ground, first: int, second: int) -> float:
    """Length of the border two cells share, about, in metres."""
    border = shapely.intersection(ground.cells[first], ground.cells[second])
    return float(shapely.length(border)) * 100_000


def _unused(chosen: Iterator[tuple[int, int, int]], used: set[int]) -> tuple[int, int, int]:
    for pair in chosen:
        if pair[0] not in used:
            used.add(pair[0])
            return pair
    raise ValueError("too few towns that two associations share")
