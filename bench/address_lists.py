"""Texts that name several addresses, with the associations of all of them, for the generator's world.

Lists and ranges of blocks or houses, a second address in parentheses or behind another word, another municipality, and
buildings whose names look like addresses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bench.address_styles import Written, spell
from bench.association_truth import Row, Truth, World

JOINTS = ("、", "・", "と", "及び", "または", "＆", "/", " および ", ",")
LEADS = ("、", "または", "（", " 転送先：", "「", " ", "→", "\n")
RANGES = ("〜", "から", "～", "ないし")
ELSEWHERE = ("、仙台市青葉区1-1", " 滝沢市", " 転送先 滝沢市鵜飼1-1", "（八戸市内丸1-1）")
BUILDINGS = (
    " 見本ビル2-305",
    " 滝沢市場ビル",
    " 岩手県見本会館",
    "（305）",
    " 第2見本荘",
    " 2-305",
    " 見本一丁目店",
)


@dataclass(frozen=True, slots=True)
class Several:
    """A text with the truths of all addresses it names; None: it also names a place elsewhere."""

    text: str
    truths: tuple[Truth, ...] | None
    group: str
    place: str


def judge_several(case: Several, outcome: str, ids: Sequence[str]) -> str:
    """ "right", "refused" (not understood where an answer was possible) or "wrong"."""
    if case.truths is None:
        return "right" if outcome in ("not_understood", "outside_city") else "wrong"
    if outcome == "not_understood":
        return "refused"
    shown = frozenset[str]().union(*(truth.must_show for truth in case.truths))
    if outcome == "one":
        only = {truth.only for truth in case.truths}
        return "right" if only == {ids[0]} and len(ids) == 1 else "wrong"
    if outcome == "several":
        return "right" if shown <= set(ids) else "wrong"
    return "right" if outcome == "none_here" and not shown else "wrong"


def several(world: World, every: int = 1) -> Iterator[Several]:
    """Cases from the ends of the rules' ranges: each names the end and what lies beside it, or another rule's town."""
    towns = {(town["name"], town["koaza"] or ""): town for town in world.towns}
    rules = [r for r in world.rules if r["block_from"] is not None and (r["town"], r["koaza"] or "") in towns]
    for turn, rule in enumerate(rules[::every]):
        town = towns[rule["town"], rule["koaza"] or ""]
        other = rules[(turn * 7919 + 1) % len(rules)]
        yield from _of_rule(world, town, rule, turn)
        yield from _with_other(world, (town, rule), (towns[other["town"], other["koaza"] or ""], other), turn)


def _of_rule(world: World, town: Row, rule: Row, turn: int) -> Iterator[Several]:
    end = rule["block_to"]
    blocks = [end, end + 1, end + 3] if turn % 3 else [end, end + 1]
    truths = tuple(world.truth(town, block, None) for block in blocks)
    head = f"{world.city}{_name(town)}"
    joint, unit = JOINTS[turn % len(JOINTS)], "番地" if town["jiwari"] or town["koaza"] else "番"
    place = _name(town)
    yield Several(head + joint.join(f"{block}{unit}" for block in blocks), truths, "list of blocks", place)
    through = RANGES[turn % len(RANGES)]
    ranged = tuple(world.truth(town, block, None) for block in range(end, end + 3))
    yield Several(f"{head}{end}{unit}{through}{end + 2}{unit}", ranged, "range of blocks", place)
    if rule["house_to"] is not None:
        last = rule["house_to"]
        houses = tuple(world.truth(town, end, house) for house in (last, last + 1))
        yield Several(f"{head}{end}{unit}{last}{joint}{last + 1}号", houses, "list of houses", place)
        yield Several(f"{head}{end}{unit}{last}〜{last + 1}号", houses, "range of houses", place)


def _with_other(world: World, one: tuple[Row, Row], two: tuple[Row, Row], turn: int) -> Iterator[Several]:
    truths, texts = [], []
    for town, rule in (one, two):
        block, house = rule["block_from"], 1 + turn % 9
        truths.append(world.truth(town, block, house))
        # Styles with a building at their end come every fifth turn.
        texts.append(
            spell(
                Written(world.prefecture, world.city, town, block, house),
                4 * turn + 1 if (4 * turn + 1) % 5 else 4 * turn + 2,
            )
        )
    lead = LEADS[turn % len(LEADS)]
    place = _name(one[0])
    yield Several(f"{texts[0]}{lead}{texts[1]}", tuple(truths), "two addresses", place)
    yield Several(f"{texts[0]}{ELSEWHERE[turn % len(ELSEWHERE)]}", None, "elsewhere too", place)
    yield Several(f"{texts[0]}{BUILDINGS[turn % len(BUILDINGS)]}", (truths[0],), "a building", place)


def _name(town: Row) -> str:
    koaza: Any = town["koaza"]
    return f"{town['oaza']}字{koaza}" if koaza else str(town["name"])
