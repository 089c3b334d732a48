"""Addresses with the association they belong to, written from rules and areas by other means than the lookup's.

Nothing here comes from kyodo_geo.rules or kyodo_geo.lookup: what a rule says is worked out number by number, and what
an area says by looking at every polygon. So an error in the lookup does not hide in its own mirror.

Rows are plain dicts as the readers give them: rules (association_id, kind, town, koaza, block_from, block_to,
house_from, house_to), associations (association_id, kind, geom), towns (name, koaza, oaza, chome, jiwari,
postal_code), points (town, koaza, block, house, geom) of blocks, houses and lots; those of lots have a `lot` too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

MAX_BLOCK, MAX_HOUSE = 400, 60
"""Numbers an unfinished address may still be given: beyond every number of the sample's rules."""

NO_HOUSE = 1000
"""No block has as many houses."""

BORDER_DEG = 1e-8

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known of an address.

    `by_rule`: associations one of which it is, by their rules; `open`: the address leaves out what would decide;
    `inside`: areas that hold its point, away from every border; `on_border`; `listed`: of `inside`, those whose
    rules name the town (and so leave this address out when they are not in `by_rule`). `missing`: the part that
    exists nowhere (a 0, "block" or "house"), where the town's blocks are known: then no association is it.
    """

    by_rule: frozenset[str]
    open: bool = False
    located: bool = False
    inside: frozenset[str] = frozenset()
    on_border: bool = False
    listed: frozenset[str] = frozenset()
    without_area: frozenset[str] = frozenset()
    missing: str = ""

    @property
    def only(self) -> str | None:
        """The one association it must be, when rule and area leave no doubt; None when only several (or none) is honest."""
        if self.missing or self.on_border or self.open or len(self.by_rule) > 1:
            return None
        if self.by_rule:
            (key,) = self.by_rule
            agreed = (
                not self.located or self.inside == {key} or (key in self.without_area and not self.inside)
            )
            return key if agreed else None
        if len(self.inside) == 1 and not self.listed:
            return next(iter(self.inside))
        return None

    @property
    def must_show(self) -> frozenset[str]:
        """Associations that an answer of several must contain."""
        # Where there is no such block there is no point of it either.
        return self.by_rule or (frozenset() if self.missing == "block" else self.inside)


@dataclass(slots=True)
class World:
    """Rules, areas and points by town."""

    rules: Sequence[Row]
    associations: Sequence[Row]
    towns: Sequence[Row]
    points: Sequence[Row]
    city: str = "盛岡市"
    prefecture: str = "岩手県"
    _rules: dict[tuple[str, str], list[Row]] = field(default_factory=dict)
    _points: dict[tuple[str, str, str, str], Any] = field(default_factory=dict)
    _buildings: frozenset[str] = frozenset()
    _drawn: Sequence[Row] = ()
    _bounds: Any = None
    _without_area: frozenset[str] = frozenset()
    _blocks: dict[tuple[str, str], set[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._buildings = frozenset(a["association_id"] for a in self.associations if a["kind"] == "building")
        self._drawn = [a for a in self.associations if a["geom"] is not None]
        self._without_area = frozenset(a["association_id"] for a in self.associations if a["geom"] is None)
        widen = np.array([-BORDER_DEG, -BORDER_DEG, BORDER_DEG, BORDER_DEG])
        self._bounds = np.array([a["geom"].bounds for a in self._drawn]).reshape(-1, 4) + widen
        for town in self.towns:
            name, koaza = town["name"], town["koaza"] or ""
            # A rule speaks of its own town, and one of a whole 大字 of all 地割 and 小字 in it.
            self._rules[name, koaza] = [
                rule
                for rule in self.rules
                if (rule["town"] == name and (rule["koaza"] or "") == koaza)
                or (not rule["koaza"] and rule["town"] == town["oaza"] and not town["chome"])
                or (not rule["koaza"] and rule["town"] == name)
            ]
        for point in self.points:
            key = (point["town"], point["koaza"] or "", str(point["block"]), str(point["house"] or ""))
            self._points.setdefault(key, point["geom"])
            if "lot" not in point:
                self._blocks.setdefault(key[:2], set()).add(int(point["block"]))

    def missing(self, town: Row, block: int | None, house: int | None) -> str:
        """The part of an address that exists nowhere: 0, a block the town does not have, a house no block has."""
        if block == 0 or house == 0:
            return "0"
        blocks = self._blocks.get((town["name"], town["koaza"] or ""))
        if blocks is None or block is None:
            return ""
        if block not in blocks:
            return "block"
        return "house" if house is not None and house >= NO_HOUSE else ""

    def truth(self, town: Row, block: int | None, house: int | None) -> Truth:
        """Everything known of an address in `town`."""
        return replace(self._truth(town, block, house), missing=self.missing(town, block, house))

    def _truth(self, town: Row, block: int | None, house: int | None) -> Truth:
        name, koaza = town["name"], town["koaza"] or ""
        rules = self._rules[name, koaza]
        answers = {
            self._claimed(rules, b, h)
            for b in ([block] if block is not None else _numbers(rules, "block", MAX_BLOCK))
            for h in ([house] if house is not None else _numbers(rules, "house", MAX_HOUSE))
        }
        by_rule = frozenset[str]().union(*answers)
        geom = (
            None
            if block is None
            else self._point(name, koaza, str(block), "" if house is None else str(house))
        )
        if geom is None:
            return Truth(by_rule, open=len(answers) > 1)
        inside, border = self.areas(geom)
        if (
            house is not None
            and self._exact(name, koaza, block, house) is None
            and self._flats(rules, block, house)
        ):
            # The block's point may lie under flats that have other houses of it: it says nothing of this one.
            return Truth(by_rule, len(answers) > 1)
        naming = {rule["association_id"] for rule in rules}
        return Truth(
            by_rule,
            len(answers) > 1,
            True,
            inside,
            border,
            frozenset(inside & naming) - by_rule,
            self._without_area,
        )

    def blocks(self, key: tuple[str, str]) -> frozenset[int]:
        """The blocks of a town, as far as its blocks are known."""
        return frozenset(self._blocks.get(key, ()))

    @staticmethod
    def _claimed(rules: Iterable[Row], block: int, house: int) -> frozenset[str]:
        taken, left_out = set(), set()
        for rule in rules:
            if block in _range(rule, "block") and house in _range(rule, "house"):
                (left_out if rule["kind"] == "except" else taken).add(rule["association_id"])
        return frozenset(taken - left_out)

    def _point(self, town: str, koaza: str, block: str, house: str) -> Any:
        exact = self._points.get((town, koaza, block, house))
        return exact if exact is not None else self._points.get((town, koaza, block, ""))

    def _exact(self, town: str, koaza: str, block: int | None, house: int) -> Any:
        return self._points.get((town, koaza, str(block), str(house)))

    def _flats(self, rules: Iterable[Row], block: int | None, house: int) -> bool:
        """Whether a building's association has houses of the block, but not this one."""
        return any(
            block in _range(rule, "block")
            and rule["house_from"] is not None
            and house not in _range(rule, "house")
            for rule in rules
            if rule["association_id"] in self._buildings
        )

    def areas(self, point: Any) -> tuple[frozenset[str], bool]:
        """Areas holding the point, and whether it lies on any border. Every polygon is looked at."""
        west, south, east, north = self._bounds.T
        box = (west <= point.x) & (point.x <= east) & (south <= point.y) & (point.y <= north)
        near = [
            self._drawn[i]
            for i in np.flatnonzero(box)
            if self._drawn[i]["geom"].distance(point) <= BORDER_DEG
        ]
        border = any(a["geom"].boundary.distance(point) <= BORDER_DEG for a in near)
        return frozenset(a["association_id"] for a in near), border


def judge(truth: Truth, outcome: str, ids: Sequence[str]) -> str:
    """ "right", "honest" (several that contain the truth, where one was possible), or "wrong".

    A 0 must not be understood. Of a block that does not exist `one` and `none_here` are wrong: it is not understood, or
    several that contain whom the rules name.
    """
    if truth.missing == "0":
        return "right" if outcome == "not_understood" else "wrong"
    if truth.missing == "block" and outcome in ("none_here", "not_understood"):
        return "right" if outcome == "not_understood" and not truth.by_rule else "wrong"
    if outcome == "one":
        return "right" if truth.only is not None and list(ids) == [truth.only] else "wrong"
    if outcome == "several":
        if not truth.must_show <= set(ids):
            return "wrong"
        return "honest" if truth.only is not None else "right"
    return "right" if outcome == "none_here" and not truth.must_show else "wrong"


def _range(rule: Row, of: str) -> range:
    first, last = rule[f"{of}_from"], rule[f"{of}_to"]
    return range(10**6) if first is None else range(first, last + 1)


def _numbers(rules: Iterable[Row], of: str, last: int) -> list[int]:
    """One number of each stretch between the ends of the rules' ranges: the others behave alike."""
    found = {1, last}
    for rule in rules:
        if rule[f"{of}_from"] is not None:
            ends = (rule[f"{of}_from"], rule[f"{of}_to"])
            found |= {n for end in ends for n in (end - 1, end, end + 1) if 0 < n <= last}
    return sorted(found)
