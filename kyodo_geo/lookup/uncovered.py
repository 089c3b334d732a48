"""Towns and blocks that no association's rule covers, with where they lie: for staff, counted once per index."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from kyodo_geo.addresses.towns import koaza_key, split_town
from kyodo_geo.lookup.areas import AreaIndex
from kyodo_geo.lookup.block_faults import whole_blocks
from kyodo_geo.lookup_types import Snapshot
from kyodo_geo.point_table import Row
from kyodo_geo.rule_gaps import RuleGap, find_gaps


class UncoveredTown(NamedTuple):
    """What of one town (and 小字) no rule covers.

    `ranges`: 番 in words (1–5、7), empty where no block of it is known. `blocks`: how many known blocks that are;
    `in_area`: how many of them lie inside the drawn area of some association all the same. `whole`: no rule speaks
    of the town. `partly`: blocks with rules for some 号 only. `first`: an address to look up.
    """

    town: str
    koaza: str | None
    ranges: str
    blocks: int
    in_area: int
    whole: bool
    partly: int
    first: str

    @property
    def name(self) -> str:
        return self.town + (f"字{self.koaza}" if self.koaza else "")


def find_uncovered(snapshot: Snapshot, areas: AreaIndex) -> tuple[UncoveredTown, ...]:
    """Every such town: those with most blocks outside all areas first. Without any rule nothing is said."""
    if not snapshot.rules:
        return ()
    known = [(row, number) for row, number in whole_blocks(snapshot.blocks)]
    gaps = find_gaps(
        snapshot.rules,
        ((town.name, town.koaza) for town in snapshot.towns),
        ((row.town, row.koaza, str(number)) for row, number in known),
    )
    by_town: dict[tuple[object, str], dict[int, Row]] = {}
    for row, number in known:
        by_town.setdefault((split_town(row.town), koaza_key(row.koaza)), {})[number] = row
    found = [_town(gap, by_town.get((split_town(gap.town), koaza_key(gap.koaza)), {}), areas) for gap in gaps]
    return tuple(
        sorted(
            found, key=lambda item: (item.in_area - item.blocks, not item.whole, item.town, item.koaza or "")
        )
    )


def _town(gap: RuleGap, rows: dict[int, Row], areas: AreaIndex) -> UncoveredTown:
    mine = [n for n in sorted(rows) if any(first <= n <= last for first, last in gap.blocks)]
    inside = sum(bool(areas.at_point(rows[n].lon, rows[n].lat)) for n in mine)
    place = gap.town + (f"字{gap.koaza}" if gap.koaza else "")
    number = mine[0] if mine else gap.partly[0] if gap.partly else None
    first = place if number is None else f"{place}{number}番"
    return UncoveredTown(
        gap.town, gap.koaza, in_words(gap.blocks), len(mine), inside, gap.whole, len(gap.partly), first
    )


def in_words(ranges: Iterable[tuple[int, int]]) -> str:
    """1–5、7."""
    return "、".join(f"{first}" if first == last else f"{first}–{last}" for first, last in ranges)
