"""Which addresses are written from rules, areas and points, each with its truth (`association_truth`).

Like the truth it knows nothing of kyodo_geo.rules and kyodo_geo.lookup.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import shapely

from bench.address_styles import Written, spell
from bench.association_truth import NO_HOUSE, Row, Truth, World


@dataclass(frozen=True, slots=True)
class Case:
    """A written address with its truth; `group` is what it tests, `place` the town (to split by)."""

    text: str
    truth: Truth
    group: str
    place: str


def cases(world: World, every: int = 1) -> Iterator[Case]:
    """Addresses at both ends of each rule and one beyond, of each point's block, without numbers, and in gaps; with
    blocks and houses that do not exist, and with 0.

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
        if key in towns and (*key, block, house) not in seen and (block is None or block >= 0):
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
                yield "one beyond" if block else "zero", key, block, 1 + block % 9
            yield "end of a range", key, rule["block_from"], None
        else:
            yield "whole town", key, 1, 1
            yield "whole town", key, None, None
    with_chome = {town["oaza"] for town in world.towns if town["chome"]}
    with_jiwari = {town["oaza"] for town in world.towns if town["jiwari"]}
    for town in world.towns:
        key = (town["name"], town["koaza"] or "")
        yield "no number", key, None, None
        # Beside its 丁目 a bare 大字 with a number is 丁目 399.
        if town["chome"] or town["koaza"] or town["name"] not in with_chome:
            yield "a number nobody has", key, 399, 1
        # A bare number after a 大字 with 地割 is the 地割's.
        if town["level"] != "oaza" or town["name"] not in with_jiwari:
            yield "zero", key, 0, 1
            yield "zero", key, 1, 0
        yield from _absent(world, key)
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


def _absent(
    world: World, key: tuple[str, str]
) -> Iterator[tuple[str, tuple[str, str], int | None, int | None]]:
    """Numbers beyond the last block of a town, and of houses beyond any, where its blocks are known."""
    blocks = world.blocks(key)
    if not blocks:
        return
    last = max(blocks)
    for block, house in ((last + 1, 2), (last + 1, None), (10 * last, 1), (int(f"{last}9"), 3)):
        yield "no such block", key, block, house
    for block in {1, last}:
        yield "no such house", key, block, NO_HOUSE
        yield "no such house", key, block, 10 * NO_HOUSE - 1


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
