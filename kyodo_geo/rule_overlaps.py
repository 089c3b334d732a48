"""Addresses that two associations both claim by their rules.

Within one town (and 小字) a rule is a rectangle in the plane of 番 and 号; what a rule takes out is cut off. Two
associations collide where their rectangles meet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from kyodo_geo.addresses.towns import TownName, koaza_key, split_town
from kyodo_geo.lookup_types import Rule
from kyodo_geo.rules import AddressAt, Verdict, covers, describe

_ALL = 10**9
_OTHER = "\0"  # any 小字 that no rule names

Box = tuple[int, int, int, int]
"""First and last 番, first and last 号, both included."""


@dataclass(frozen=True, slots=True)
class RuleOverlap:
    """Two associations that claim the same addresses; `where` is one of them in words."""

    first: str
    second: str
    where: str


def find_overlaps(rules: Iterable[Rule]) -> list[RuleOverlap]:
    """Every pair of associations whose rules meet, with one example per town; sorted by id."""
    by_oaza: dict[str, dict[str, list[Rule]]] = {}
    for rule in rules:
        oaza, koaza = split_town(rule.town).oaza, koaza_key(rule.koaza)
        # A 小字 of one rule may be the whole town of another: 上太田 字三枚橋 and 上太田三枚橋.
        for key in {oaza, oaza + koaza}:
            by_oaza.setdefault(key, {}).setdefault(rule.association_id, []).append(rule)
    found: dict[RuleOverlap, None] = {}
    for claims in by_oaza.values():
        for first, second in combinations(sorted(claims), 2):
            for overlap in _pair(first, claims[first], second, claims[second]):
                found[overlap] = None
    return sorted(found, key=lambda overlap: (overlap.first, overlap.second, overlap.where))


def _pair(first: str, mine: list[Rule], second: str, theirs: list[Rule]) -> Iterable[RuleOverlap]:
    both = mine + theirs
    towns = {split_town(rule.town): rule.town for rule in reversed(both)}
    koazas = {koaza_key(rule.koaza) or _OTHER: rule.koaza for rule in reversed(both)} | {_OTHER: None}
    for town, written in towns.items():
        for key, koaza in koazas.items():
            meeting = [
                box
                for a in _region(mine, town, key)
                for b in _region(theirs, town, key)
                if (box := _meet(a, b)) is not None
            ]
            if meeting:
                yield RuleOverlap(first, second, _in_words(written, koaza, meeting[0]))
                break


def _region(rules: list[Rule], town: TownName, koaza: str) -> list[Box]:
    """Rectangles one association claims in the town (and 小字)."""
    boxes: list[Box] = []
    cuts: list[Box] = []
    for rule in rules:
        # A rule without numbers is asked whether it speaks of this town at all.
        whole = Rule(rule.association_id, "whole", rule.town, rule.koaza)
        if covers(whole, AddressAt(town, koaza)) is Verdict.YES:
            (cuts if rule.kind == "except" else boxes).append(_box(rule))
    for cut in cuts:
        boxes = [piece for box in boxes for piece in _subtract(box, cut)]
    return boxes


def _box(rule: Rule) -> Box:
    return (
        0 if rule.block_from is None else rule.block_from,
        _ALL if rule.block_to is None else rule.block_to,
        0 if rule.house_from is None else rule.house_from,
        _ALL if rule.house_to is None else rule.house_to,
    )


def _meet(a: Box, b: Box) -> Box | None:
    box = (max(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), min(a[3], b[3]))
    return box if box[0] <= box[1] and box[2] <= box[3] else None


def _subtract(box: Box, cut: Box) -> list[Box]:
    shared = _meet(box, cut)
    if shared is None:
        return [box]
    pieces = [
        (box[0], shared[0] - 1, box[2], box[3]),
        (shared[1] + 1, box[1], box[2], box[3]),
        (shared[0], shared[1], box[2], shared[2] - 1),
        (shared[0], shared[1], shared[3] + 1, box[3]),
    ]
    return [piece for piece in pieces if piece[0] <= piece[1] and piece[2] <= piece[3]]


def _in_words(town: str, koaza: str | None, box: Box) -> str:
    """Endless ranges are written without their end."""
    blocks = (None, None) if box[1] == _ALL else (box[0], box[1])
    houses = (None, None) if box[3] == _ALL or blocks[0] is None else (box[2], box[3])
    return describe(Rule("", "whole" if blocks[0] is None else "part", town, koaza, *blocks, *houses))
