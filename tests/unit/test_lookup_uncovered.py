"""Blocks that no rule covers, by town, with how many of them a drawn area holds all the same."""

from __future__ import annotations

import time
from dataclasses import replace

from kyodo_geo.lookup import LookupIndex
from kyodo_geo.lookup.uncovered import in_words
from kyodo_geo.lookup_types import Block, Rule
from tests.unit.lookup_world import snapshot, town


def block(number: int, lon: float, name: str = "みたけ三丁目") -> Block:
    return Block(name, None, str(number), None, lon, 39.5, 30.0)


def world(*rules: Rule, blocks: tuple[Block, ...]):
    towns = (town("みたけ三丁目"), town("青山一丁目"))
    return LookupIndex(replace(snapshot(), rules=rules, towns=towns, blocks=blocks))


def test_ranges_of_known_blocks_and_towns_without_any_rule() -> None:
    blocks = tuple(block(number, 140.0) for number in (1, 2, 3, 5, 6, 8))
    found = world(Rule("a1", "part", "みたけ三丁目", None, 3, 3), blocks=blocks).uncovered()
    assert [(item.name, item.ranges, item.blocks, item.whole) for item in found] == [
        ("みたけ三丁目", "1–2、5–8", 5, False),
        ("青山一丁目", "", 0, True),
    ]
    assert [item.first for item in found] == ["みたけ三丁目1番", "青山一丁目"]


def test_it_is_computed_once() -> None:
    index = world(Rule("a1", "whole", "青山一丁目"), blocks=(block(1, 140.0),))
    assert index.uncovered() is index.uncovered()


def test_without_rules_nothing_is_said() -> None:
    assert world(blocks=(block(1, 140.0),)).uncovered() == ()


def test_ranges_in_words() -> None:
    assert in_words([(1, 5), (7, 7)]) == "1–5、7"


def test_tens_of_thousands_of_blocks_take_seconds_not_minutes() -> None:
    names = [f"試験{number}町" for number in range(300)]
    blocks = tuple(block(number, 140.0, name) for name in names for number in range(1, 101))
    base = replace(snapshot(), rules=tuple(Rule("a1", "part", name, None, 1, 50) for name in names))
    index = LookupIndex(replace(base, towns=tuple(town(name) for name in names), blocks=blocks))
    begin = time.process_time()
    found = index.uncovered()
    assert time.process_time() - begin < 20
    assert (len(found), {item.ranges for item in found}) == (300, {"51–100"})
