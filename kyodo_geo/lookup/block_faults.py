"""Blocks whose point contradicts the rules: lookups there answer several, so staff should see them beforehand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kyodo_geo.lookup.areas import AreaIndex
from kyodo_geo.lookup_types import Block, Snapshot
from kyodo_geo.point_table import PointTable, Row
from kyodo_geo.rules import RuleBook, address_at


class BlockFault(NamedTuple):
    """`kind`: block_outside_area (its rules name the block, its area does not hold it) or block_not_listed (its area
    holds the block, its rules name others of the town). `blocks` are 番 of `town`, ascending."""

    kind: str
    association: str
    town: str
    blocks: tuple[int, ...]


def find_block_faults(snapshot: Snapshot, rules: RuleBook, areas: AreaIndex) -> list[BlockFault]:
    """Every such block, gathered by association and town. Blocks on a border contradict nothing."""
    ordinary = {
        item.association_id: item.geom is not None
        for item in snapshot.associations
        if item.kind != "building"
    }
    found: dict[tuple[str, str, str], set[int]] = {}
    for row, block in whole_blocks(snapshot.blocks):
        address = address_at(row.town, row.koaza, str(block))
        certain, possible = rules.find(address)
        touches = areas.at_point(row.lon, row.lat)
        if not all(touch.inside for touch in touches):
            continue
        holders = [snapshot.associations[touch.position].association_id for touch in touches]
        if any(key not in ordinary for key in holders):
            continue  # under a building with its own association: no fault of anybody
        town = row.town + (row.koaza or "")
        if len(certain) == 1 and not possible:
            key = certain[0]
            if ordinary.get(key) and key not in holders:
                found.setdefault(("block_outside_area", key, town), set()).add(block)
        elif not certain and not possible:
            for key in holders:
                if key in ordinary and rules.speaks_of(key, address):
                    found.setdefault(("block_not_listed", key, town), set()).add(block)
    return [BlockFault(*key, tuple(sorted(blocks))) for key, blocks in sorted(found.items())]


def whole_blocks(blocks: PointTable | tuple[Block, ...]) -> Iterator[tuple[Row, int]]:
    """Blocks without house numbers, each with its 番."""
    if isinstance(blocks, PointTable):
        yield from blocks.whole()
        return
    for block in blocks:
        if block.house is None and block.block.isdecimal():
            row = Row(block.town, block.koaza, block.block, block.lon, block.lat, block.accuracy_m)
            yield row, int(block.block)
