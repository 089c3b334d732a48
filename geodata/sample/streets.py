"""Which cell lies in which town, and which block or lot numbers stand in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from geodata.sample import facts
from geodata.sample.draws import Draws
from geodata.sample.facts import TownFact
from geodata.sample.ground import Ground
from geodata.sample.partition import chain, grow

_BLOCKS, _LOTS = 42, 160
"""Numbers a town has at least: 番 (街区符号) up to 42, 地番 up to 160."""


@dataclass(frozen=True, slots=True)
class TownGround:
    """A town laid out: `numbers` gives for each of its cells the first and last 番 (or 地番) there."""

    fact: TownFact
    numbers: dict[int, tuple[int, int]]

    @property
    def cells(self) -> list[int]:
        return list(self.numbers)

    @property
    def last(self) -> int:
        return max(last for _, last in self.numbers.values())


@dataclass(frozen=True, slots=True)
class Streets:
    """All towns; `town_of` is the index into `towns` of each cell."""

    towns: tuple[TownGround, ...]
    town_of: np.ndarray

    def numbers(self, cell: int) -> range:
        """Block or lot numbers of a cell."""
        first, last = self.towns[self.town_of[cell]].numbers[cell]
        return range(first, last + 1)

    def every_number(self) -> Iterator[tuple[int, int, int]]:
        """(town, number, cell) of every block or lot range's numbers, town by town."""
        for index, town in enumerate(self.towns):
            for cell in town.numbers:
                for number in self.numbers(cell):
                    yield index, number, cell


def build_streets(seed: int, ground: Ground) -> Streets:
    """Give every cell to a town of its district and number it."""
    draws = Draws(seed, "streets")
    town_of = np.full(len(ground.cells), -1)
    laid: dict[TownFact, TownGround] = {}
    for district in facts.districts():
        wanted = [town for town in facts.towns() if town.district_no == district.no]
        groups = grow(ground, ground.of_district(district.no), len(wanted))
        middles = np.array([ground.xy[group].mean(axis=0) for group in groups])
        # 丁目 of one name come one after the other in the table: lay them side by side.
        for town, place in zip(wanted, chain(middles, range(len(groups))), strict=True):
            laid[town] = TownGround(town, _numbered(draws, ground, town, groups[place]))
    towns = tuple(laid[town] for town in facts.towns())
    for index, laid_town in enumerate(towns):
        town_of[laid_town.cells] = index
    return Streets(towns, town_of)


def _numbered(draws: Draws, ground: Ground, town: TownFact, group: list[int]) -> dict[int, tuple[int, int]]:
    """Numbers run on from cell to cell, as they do along streets."""
    least = -(-(_LOTS if town.by_lot else _BLOCKS) // len(group))
    numbers: dict[int, tuple[int, int]] = {}
    following = 1
    for cell in chain(ground.xy, group):
        count = least + draws.whole(0, max(2, least // 6))
        numbers[cell] = (following, following + count - 1)
        following += count
    return numbers
