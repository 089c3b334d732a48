"""Addresses with the association they belong to, written from rules and areas by other means than the lookup's.

Nothing here comes from kyodo_geo.rules or kyodo_geo.lookup: what a rule says is worked out number by number, and what
an area says by looking at every polygon. So an error in the lookup does not hide in its own mirror.

Rows are plain dicts as the readers give them: rules (association_id, kind, town, koaza, block_from, block_to,
house_from, house_to), associations (association_id, kind, geom), towns (name, koaza, oaza, chome, jiwari,
postal_code), points (town, koaza, block, house, geom) of blocks, houses and lots.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from bench.address_styles import Written, spell

MAX_BLOCK, MAX_HOUSE = 400, 60
"""Numbers an unfinished address may still be given: beyond every number of the sample's rules."""

BORDER_DEG = 1e-8

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known of an address.

    `by_rule`: associations one of which it is, by their rules; `open`: the address leaves out what would decide;
    `inside`: areas that hold its point, away from every border; `on_border`; `listed`: of `inside`, those whose
    rules name the town (and so leave this address out when they are not in `by_rule`).
    """

    by_rule: frozenset[str]
    open: bool = False
    located: bool = False
    inside: frozenset[str] = frozenset()
    on_border: bool = False
    listed: frozenset[str] = frozenset()
    without_area: frozenset[str] = frozenset()

    @property
    def only(self) -> str | None:
        """The one association it must be, when rule and area leave no doubt; None when only several (or none) is honest."""
        if self.on_border or self.open or len(self.by_rule) > 1:
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
        return self.by_rule or self.inside


@dataclass(frozen=True, slots=True)
class Case:
    """A written address with its truth; `group` is what it tests, `place` the town (to split by)."""

    text: str
    truth: Truth
    group: str
    place: str


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

    def truth(self, town: Row, block: int | None, house: int | None) -> Truth:
        """Everything known of an address in `town`."""
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
    """ "right", "honest" (several that contain the truth, where one was possible), or "wrong"."""
    if outcome == "one":
        return "right" if truth.only is not None and list(ids) == [truth.only] else "wrong"
    if outcome == "several":
        if not truth.must_show <= set(ids):
            return "wrong"
        return "honest" if truth.only is not None else "right"
    return "right" if outcome == "none_here" and not truth.must_show else "wrong"


def cases(world: World, every: int = 1) -> Iterator[Case]:
    """Addresses at both ends of each rule and one beyond, of each point's block, without numbers, and in gaps.

    With `every` > 1 only each n-th place is written. Each place is written in one style in turn, so that all styles
    occur with all kinds of place.
    """
    for turn, (group, town, block, house) in enumerate(_places(world, every), start=1):
        truth = world.truth(town, block, house)
        text = spell(Written(world.prefecture, world.city, town, block, house), turn)
        yield Case(text, truth, group, f"{town['name']}{town['koaza'] or ''}")


def _places(world: World, every: int) -> Iterator[tuple[str, Row, int | None, int | None]]:
    towns = {(town["name"], town["koaza"] or ""): town for town in world.towns}
    seen: set[tuple[str, str, int | None, int | None]] = set()
    for n, (group, key, block, house) in enumerate(_all_places(world)):
        if n % every and group not in ("shared block", "overlap"):
            continue
        if key in towns and (*key, block, house) not in seen and (block is None or block > 0):
            seen.add((*key, block, house))
            yield group, towns[key], block, house


def _all_places(world: World) -> Iterator[tuple[str, tuple[str, str], int | None, int | None]]:
    for rule in world.rules:
        key = (rule["town"], rule["koaza"] or "")
        if rule["house_from"] is not None:
            for block in {rule["block_from"], rule["block_to"]}:
                for house in (
                    rule["house_from"] - 1,
                    rule["house_from"],
                    rule["house_to"],
                    rule["house_to"] + 1,
                ):
                    if house > 0:
                        yield "shared block", key, block, house
                yield "shared block", key, block, None
        elif rule["block_from"] is not None:
            for block in (rule["block_from"], rule["block_to"]):
                yield "end of a range", key, block, 1 + block % 9
            for block in (rule["block_from"] - 1, rule["block_to"] + 1):
                yield "one beyond", key, block, 1 + block % 9
            yield "end of a range", key, rule["block_from"], None
        else:
            yield "whole town", key, 1, 1
            yield "whole town", key, None, None
    with_chome = {town["oaza"] for town in world.towns if town["chome"]}
    for town in world.towns:
        key = (town["name"], town["koaza"] or "")
        yield "no number", key, None, None
        # Beside its 丁目 a bare 大字 with a number is 丁目 399.
        if town["chome"] or town["koaza"] or town["name"] not in with_chome:
            yield "a number nobody has", key, 399, 1
    for point in world.points:
        if str(point["block"]).isdigit() and not point["house"]:
            key = (point["town"], point["koaza"] or "")
            yield "point of a block or lot", key, int(point["block"]), 1 + int(point["block"]) % 20
    for point in world.points:
        if point["house"]:
            yield (
                "shared block",
                (point["town"], point["koaza"] or ""),
                int(point["block"]),
                int(point["house"]),
            )


def on_borders(world: World, metres: float = 8.0) -> Iterator[tuple[Row, str, str, Any]]:
    """Where two ordinary areas meet: (first, other id, where, point) on the line and `metres` to either side.

    `where` is "border", "first" or "other". For tests that put a block of the first's town there.
    """
    areas = [a for a in world.associations if a["geom"] is not None and a["kind"] != "building"]
    degree = metres / 111_000
    for i, first in enumerate(areas):
        for other in areas[i + 1 :]:
            if not first["geom"].intersects(other["geom"]):
                continue
            line = shapely.line_merge(first["geom"].boundary.intersection(other["geom"].boundary))
            if line.is_empty or line.length < 20 * degree:
                continue
            part = max(getattr(line, "geoms", [line]), key=lambda g: g.length)
            at, ahead = part.interpolate(0.5, normalized=True), part.interpolate(0.501, normalized=True)
            dx, dy = ahead.x - at.x, ahead.y - at.y
            size = (dx * dx + dy * dy) ** 0.5
            yield first, other["association_id"], "border", at
            for sign in (1, -1):
                beside = shapely.Point(at.x - sign * dy / size * degree, at.y + sign * dx / size * degree)
                for where, geom in (("first", first["geom"]), ("other", other["geom"])):
                    if geom.contains(beside):
                        yield first, other["association_id"], where, beside


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
