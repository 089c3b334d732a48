"""What a change of address rules brings: addresses claimed twice, and by nobody."""

from __future__ import annotations

from kyodo_geo.lookup_types import Rule
from kyodo_geo.rule_changes import rule_changes

TOWNS = [("みたけ一丁目", None), ("青山一丁目", None)]
BLOCKS = [("みたけ一丁目", None, str(number)) for number in range(1, 11)]


def part(who: str, first: int, last: int, town: str = "みたけ一丁目") -> Rule:
    return Rule(who, "part", town, None, first, last)


def test_what_was_there_before_is_kept_apart_from_what_comes() -> None:
    old = [part("a", 1, 5), part("b", 5, 8)]
    new = [part("a", 1, 7), part("b", 5, 7)]
    found = rule_changes(old, new, TOWNS, BLOCKS)
    assert found.new_gaps == ("みたけ一丁目 8番〜10番",) and found.gone_gaps == ("みたけ一丁目 9番〜10番",)
    assert [(o.first, o.second, o.where) for o in found.new_overlaps] == [("a", "b", "みたけ一丁目 5番〜7番")]
    assert [o.where for o in found.gone_overlaps] == ["みたけ一丁目 5番"]


def test_the_same_rules_change_nothing() -> None:
    rules = [part("a", 1, 5), part("b", 5, 8)]
    found = rule_changes(rules, list(reversed(rules)), TOWNS, BLOCKS)
    assert not (found.new_overlaps or found.gone_overlaps or found.new_gaps or found.gone_gaps)


def test_a_building_within_an_area_is_no_overlap() -> None:
    found = rule_changes([], [part("a", 1, 10), part("flats", 3, 3)], TOWNS, BLOCKS, {"flats"})
    assert found.new_overlaps == () and found.gone_gaps == ("みたけ一丁目 全域",)


def test_only_what_changed_is_looked_at_and_the_same_is_found_as_in_everything() -> None:
    towns = [(f"町{n}丁目", None) for n in "一二三四五六七八九"]
    blocks = [(town, None, str(number)) for town, _ in towns for number in range(1, 6)]
    old = [part(f"a{n}", 1, 4, town) for n, (town, _) in enumerate(towns)]
    new = [*old[:-1], part("a8", 1, 2, towns[-1][0]), part("b", 2, 2, towns[-1][0])]
    found = rule_changes(old, new, towns, blocks)
    assert found.new_gaps == ("町九丁目 3番〜5番",) and found.gone_gaps == ("町九丁目 5番",)
    assert [(o.first, o.second) for o in found.new_overlaps] == [("a8", "b")]
