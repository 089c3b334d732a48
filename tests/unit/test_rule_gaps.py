"""Blocks that no association's rule covers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kyodo_geo.lookup_types import Rule
from kyodo_geo.rule_gaps import RuleGap, find_gaps
from kyodo_geo.rules import Verdict, address_at, association_covers

TOWN = "みたけ三丁目"


def part(first: int, last: int, *houses: int, kind: str = "part", of: str = "a", town: str = TOWN) -> Rule:
    return Rule(of, kind, town, None, first, last, *houses)


def gaps(rules: list[Rule], numbers: list[int], town: str = TOWN) -> list[RuleGap]:
    return find_gaps(rules, [(town, None)], [(town, None, str(number)) for number in numbers])


def test_blocks_without_a_rule_are_listed_as_ranges_of_known_blocks() -> None:
    (gap,) = gaps([part(3, 4), part(9, 9, of="b")], [1, 2, 3, 4, 6, 8, 9, 12])
    assert gap.blocks == ((1, 2), (6, 8), (12, 12))
    assert gap.where == "みたけ三丁目 1番〜2番、6番〜8番、12番"


def test_a_covered_town_has_no_gap() -> None:
    assert gaps([Rule("a", "whole", TOWN)], [1, 2, 3]) == []
    assert gaps([part(1, 2), part(3, 9, of="b")], [1, 2, 3]) == []


def test_what_one_association_takes_out_and_no_other_takes_in_is_a_gap() -> None:
    (gap,) = gaps([Rule("a", "whole", TOWN), part(2, 2, kind="except")], [1, 2, 3])
    assert gap.blocks == ((2, 2),)


def test_a_block_of_which_some_houses_are_covered() -> None:
    (gap,) = gaps([part(1, 1), part(2, 2, 1, 5)], [1, 2])
    assert (gap.blocks, gap.partly) == ((), (2,))
    assert gap.where == "みたけ三丁目 2番の一部の号"


def test_a_town_no_rule_speaks_of() -> None:
    (gap,) = find_gaps([part(1, 2)], [(TOWN, None), ("青山一丁目", None)], [(TOWN, None, "1")])
    assert (gap.town, gap.whole, gap.where) == ("青山一丁目", True, "青山一丁目 全域")


def test_a_name_that_is_only_the_head_of_others_is_not_listed() -> None:
    towns = [("下飯岡", None), ("下飯岡第8地割", None), ("渋民", None), ("渋民", "鶴塚")]
    rules = [Rule("a", "whole", "下飯岡第8地割"), Rule("a", "whole", "渋民", "鶴塚")]
    assert find_gaps(rules, towns) == []


def test_the_whole_of_an_oaza_covers_its_jiwari() -> None:
    assert (
        find_gaps([Rule("a", "whole", "下飯岡")], [("下飯岡第8地割", None)], [("下飯岡第8地割", None, "48")])
        == []
    )


small = st.builds(
    lambda first, length, kind, of: part(first, first + length, kind=kind, of=of),
    st.integers(1, 8), st.integers(0, 3), st.sampled_from(["part", "except"]), st.sampled_from("ab"),
)  # fmt: skip


@given(st.lists(small, min_size=1, max_size=5), st.sets(st.integers(1, 10), min_size=1))
def test_gaps_are_exactly_the_blocks_nobody_covers(rules: list[Rule], numbers: set[int]) -> None:
    listed = {
        number
        for gap in gaps(rules, sorted(numbers))
        for first, last in gap.blocks
        for number in numbers
        if first <= number <= last
    }
    uncovered = {
        number
        for number in numbers
        if all(
            association_covers(
                [r for r in rules if r.association_id == of], address_at(TOWN, None, str(number))
            )
            is Verdict.NO
            for of in "ab"
        )
    }
    assert listed == uncovered
