"""Numbers that the register lacks, asked of the lookup: what confidence in such answers is measured on.

Blocks: each tenth of the sample's is taken out of the register in turn and asked for, as one that is newer than the data.
For each there is one that exists nowhere, of which every association is wrong: half and half, as nobody knows how many
unlisted numbers are slips. Houses: blocks are given the houses 1, 3 … 19, and asked for those between, for one far beyond
them, and for one that no block has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bench.address_styles import Written, spell
from bench.association_truth import NO_HOUSE, Row, World
from bench.observed import Observed, given, sample_world
from kyodo_geo.lookup import LookupIndex
from kyodo_geo.lookup_types import Block
from tests.unit.sample_world import lookup

FOLDS = 10
SOURCE = "見本（登録にない番・号）"
LISTED, BETWEEN, FAR = range(1, 20, 2), 8, 31


def unlisted(every: int = 1) -> Iterator[Observed]:
    """Candidates given for numbers that are not registered; with `every` > 1 of one fold, each n-th block."""
    world = sample_world()
    towns = {town["name"]: town for town in world.towns if not town["koaza"]}
    blocks = [block for block in lookup().snapshot.blocks if isinstance(block, Block)]
    for fold in range(FOLDS if every == 1 else 1):
        yield from _blocks(world, towns, blocks, fold, every)
    yield from _houses(world, towns, blocks, every)


def _blocks(
    world: World, towns: dict[str, Row], blocks: list[Block], fold: int, every: int
) -> Iterator[Observed]:
    left = tuple(block for block in blocks if int(block.block) % FOLDS != fold)
    index = LookupIndex(replace(lookup().snapshot, blocks=left))
    hidden = [block for block in blocks if int(block.block) % FOLDS == fold and block.house is None]
    for turn, block in enumerate(hidden[::every]):
        town, number = towns[block.town], int(block.block)
        house = 1 + number % 20
        only = world.truth(town, number, house).only
        nowhere = max(world.blocks((block.town, ""))) + number + 1
        for asked, truth in ((number, only), (nowhere, None)):
            text = spell(Written(world.prefecture, world.city, town, asked, house), turn)
            yield from given(index.by_address(text), truth, block.town, SOURCE)


def _houses(world: World, towns: dict[str, Row], blocks: list[Block], every: int) -> Iterator[Observed]:
    divided = {(block.town, block.block) for block in blocks if block.house is not None}
    whole = [block for block in blocks if (block.town, block.block) not in divided][::5]
    houses = [replace(block, house=str(house)) for block in whole for house in LISTED]
    index = LookupIndex(replace(lookup().snapshot, blocks=(*blocks, *houses)))
    for turn, block in enumerate(whole[::every]):
        town, number = towns[block.town], int(block.block)
        for house in (BETWEEN, FAR, NO_HOUSE):
            only = world.truth(town, number, house).only
            text = spell(Written(world.prefecture, world.city, town, number, house), turn)
            yield from given(index.by_address(text), only, block.town, SOURCE)
