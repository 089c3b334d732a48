"""What a new set of address rules does to the map of who belongs where: addresses claimed twice, and by nobody.

Not every overlap or gap is a fault, so that what was there before is kept apart from what the change brings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from kyodo_geo.addresses.towns import koaza_key, split_town
from kyodo_geo.lookup_types import Rule
from kyodo_geo.rule_gaps import Place, find_gaps
from kyodo_geo.rule_overlaps import RuleOverlap, find_overlaps


@dataclass(frozen=True, slots=True)
class RuleChanges:
    """Overlaps and gaps that the new rules bring, and those that they take away."""

    new_overlaps: tuple[RuleOverlap, ...]
    gone_overlaps: tuple[RuleOverlap, ...]
    new_gaps: tuple[str, ...]
    gone_gaps: tuple[str, ...]


def rule_changes(
    old: Iterable[Rule],
    new: Iterable[Rule],
    towns: Iterable[Place],
    blocks: Iterable[tuple[str, str | None, str]] = (),
    buildings: Collection[str] = (),
) -> RuleChanges:
    """Compare two sets of rules over the same gazetteer. Buildings may stand in somebody else's area: no overlap.

    Only 大字 that a changed rule speaks of are looked at, which is what makes this quick: in the others overlaps and
    gaps are as they were.
    """
    both = set(old), set(new)
    touched = touched_by(*both)
    sides = [[rule for rule in rules if touches(rule.town, rule.koaza, touched)] for rules in both]
    before, after = (
        set(find_overlaps(rule for rule in rules if rule.association_id not in buildings)) for rules in sides
    )
    known = [(town, koaza) for town, koaza in towns if touches(town, koaza, touched)]
    numbered = [item for item in blocks if touches(item[0], item[1], touched)]
    open_before, open_after = ({gap.where for gap in find_gaps(rules, known, numbered)} for rules in sides)
    return RuleChanges(
        tuple(sorted(after - before, key=_order)),
        tuple(sorted(before - after, key=_order)),
        tuple(sorted(open_after - open_before)),
        tuple(sorted(open_before - open_after)),
    )


def touched_by(old: Collection[Rule], new: Collection[Rule]) -> set[str]:
    """大字 of which the two sets say something else."""
    return {key for rule in set(old) ^ set(new) for key in _keys(rule.town, rule.koaza)}


def touches(town: str, koaza: str | None, touched: Collection[str]) -> bool:
    """Whether a place lies in one of them."""
    return not _keys(town, koaza).isdisjoint(touched)


@lru_cache(maxsize=20_000)
def _keys(town: str, koaza: str | None) -> frozenset[str]:
    """A 小字 of one rule may be the whole town of another."""
    oaza = split_town(town).oaza
    return frozenset({oaza, oaza + koaza_key(koaza)})


def _order(overlap: RuleOverlap) -> tuple[str, str, str]:
    return overlap.first, overlap.second, overlap.where
