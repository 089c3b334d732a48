"""Address rules: what they cover, how they are written back, where two collide."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kyodo_geo.lookup_types import Rule
from kyodo_geo.rule_overlaps import find_overlaps
from kyodo_geo.rules import (
    RuleBook,
    Verdict,
    address_at,
    association_covers,
    covers,
    describe,
    wholly_covered,
)  # fmt: skip

YES, MAYBE, NO = Verdict.YES, Verdict.MAYBE, Verdict.NO


def rule(kind: str, town: str, koaza: str | None = None, *ranges: int, of: str = "A") -> Rule:
    return Rule(of, kind, town, koaza, *ranges)


@pytest.mark.parametrize(
    ("town", "koaza", "expected"),
    [
        ("みたけ三丁目", None, YES),
        ("みたけ3丁目", None, YES),
        ("みたけ二丁目", None, NO),
        ("みたけ", None, NO),
        ("青山町", None, NO),
    ],
)
def test_a_whole_town(town: str, koaza: str | None, expected: Verdict) -> None:
    assert covers(rule("whole", "みたけ三丁目"), address_at(town, koaza)) is expected


@pytest.mark.parametrize(
    ("block", "expected"), [("1", YES), ("12", YES), ("12甲", YES), ("13", NO), (None, MAYBE)]
)
def test_blocks_include_both_ends(block: str | None, expected: Verdict) -> None:
    part = rule("part", "みたけ三丁目", None, 1, 12)
    assert covers(part, address_at("みたけ三丁目", None, block)) is expected


@pytest.mark.parametrize(
    ("block", "house", "expected"),
    [
        ("3", "18", YES),
        ("3", "31", YES),
        ("3", "32", NO),
        ("3", None, MAYBE),
        ("4", None, NO),
        (None, None, MAYBE),
    ],
)
def test_houses_within_a_block(block: str | None, house: str | None, expected: Verdict) -> None:
    part = rule("part", "みたけ三丁目", None, 3, 3, 18, 31)
    assert covers(part, address_at("みたけ三丁目", None, block, house)) is expected


@pytest.mark.parametrize(
    ("ruled", "koaza", "address", "expected"),
    [
        ("渋民", None, ("渋民", "鶴塚"), YES),
        ("渋民", "鶴塚", ("渋民", "字鶴塚"), YES),
        ("渋民", "鶴塚", ("渋民", "岩鼻"), NO),
        ("渋民", "鶴塚", ("渋民", None), MAYBE),
        ("上太田", "三枚橋", ("上太田三枚橋", None), YES),
        ("上太田三枚橋", None, ("上太田", "三枚橋"), YES),
        ("下飯岡", None, ("下飯岡第8地割", None), YES),
        ("下飯岡第8地割", None, ("下飯岡", None), MAYBE),
        ("下飯岡第8地割", None, ("下飯岡第9地割", None), NO),
        ("上田", None, ("上田一丁目", None), NO),
        ("上田一丁目", None, ("上田", "宇登坂"), NO),
    ],
)
def test_towns_and_their_parts(
    ruled: str, koaza: str | None, address: tuple[str, str | None], expected: Verdict
) -> None:
    assert covers(rule("whole", ruled, koaza), address_at(*address)) is expected


def test_what_is_taken_out_is_out() -> None:
    rules = [rule("whole", "みたけ三丁目"), rule("except", "みたけ三丁目", None, 5, 6)]
    assert association_covers(rules, address_at("みたけ三丁目", None, "4")) is YES
    assert association_covers(rules, address_at("みたけ三丁目", None, "5")) is NO
    assert association_covers(rules, address_at("みたけ三丁目")) is MAYBE


def test_an_exception_alone_covers_nothing() -> None:
    assert (
        association_covers(
            [rule("except", "みたけ三丁目", None, 5, 6)], address_at("みたけ三丁目", None, "9")
        )
        is NO
    )


def test_the_book_tells_the_certain_from_the_possible() -> None:
    book = RuleBook(
        [
            rule("part", "みたけ三丁目", None, 1, 12, of="A"),
            rule("part", "みたけ三丁目", None, 13, 20, of="B"),
            rule("whole", "青山町", of="C"),
        ]
    )
    assert book.find(address_at("みたけ三丁目", None, "13")) == (("B",), ())
    assert book.find(address_at("みたけ三丁目")) == ((), ("A", "B"))
    assert book.find(address_at("みたけ三丁目", None, "99")) == ((), ())
    assert book.speaks_of("A", address_at("みたけ三丁目", None, "99"))
    assert not book.speaks_of("C", address_at("みたけ三丁目", None, "99"))


@pytest.mark.parametrize(
    ("given_rule", "words"),
    [
        (rule("whole", "みたけ3丁目"), "みたけ三丁目 全域"),
        (rule("part", "みたけ三丁目", None, 1, 12), "みたけ三丁目 1番〜12番"),
        (rule("part", "みたけ三丁目", None, 5, 5), "みたけ三丁目 5番"),
        (rule("part", "みたけ三丁目", None, 23, 23, 21, 29), "みたけ三丁目 23番21号〜29号"),
        (rule("part", "みたけ三丁目", None, 1, 2, 3, 4), "みたけ三丁目 1番〜2番の各3号〜4号"),
        (rule("except", "みたけ三丁目", None, 5, 6), "みたけ三丁目 5番〜6番を除く"),
        (rule("except", "みたけ三丁目"), "みたけ三丁目を除く"),
        (rule("whole", "渋民", "鶴塚"), "渋民 字鶴塚 全域"),
        (rule("part", "下飯岡八地割", None, 48, 50), "下飯岡第8地割 48番地〜50番地"),
        (rule("part", "渋民", "字鶴塚", 55, 55, 1, 3), "渋民 字鶴塚 55番地の1〜3"),
    ],
)
def test_a_rule_in_words(given_rule: Rule, words: str) -> None:
    assert describe(given_rule) == words


def test_rules_that_share_addresses_collide() -> None:
    found = find_overlaps(
        [
            rule("part", "みたけ三丁目", None, 1, 12, of="A"),
            rule("part", "みたけ3丁目", None, 10, 20, of="B"),
            rule("part", "みたけ三丁目", None, 21, 30, of="C"),
        ]
    )
    assert [(overlap.first, overlap.second, overlap.where) for overlap in found] == [
        ("A", "B", "みたけ三丁目 10番〜12番")
    ]


def test_what_one_takes_out_the_other_may_have() -> None:
    whole = [rule("whole", "みたけ三丁目", of="A"), rule("except", "みたけ三丁目", None, 5, 5, 1, 9, of="A")]
    assert find_overlaps([*whole, rule("part", "みたけ三丁目", None, 5, 5, 1, 9, of="B")]) == []
    (found,) = find_overlaps([*whole, rule("part", "みたけ三丁目", None, 5, 5, 9, 10, of="B")])
    assert found.where == "みたけ三丁目 5番10号"


def test_collisions_across_levels_of_a_town() -> None:
    assert find_overlaps([rule("whole", "下飯岡", of="A"), rule("part", "下飯岡第8地割", None, 1, 9, of="B")])
    assert find_overlaps([rule("whole", "渋民", of="A"), rule("whole", "渋民", "鶴塚", of="B")])
    assert find_overlaps([rule("whole", "上太田", "三枚橋", of="A"), rule("whole", "上太田三枚橋", of="B")])
    assert not find_overlaps([rule("whole", "渋民", "岩鼻", of="A"), rule("whole", "渋民", "鶴塚", of="B")])
    assert not find_overlaps([rule("whole", "上田", of="A"), rule("whole", "上田一丁目", of="B")])


small_rules = st.builds(
    lambda of, kind, b, c, h, k: Rule(of, kind, "みたけ三丁目", None, min(b, c), max(b, c), min(h, k), max(h, k)),
    st.sampled_from("AB"), st.sampled_from(["part", "part", "except"]), *[st.integers(1, 4)] * 4,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(small_rules, max_size=6))
def test_collisions_are_exactly_the_addresses_both_cover(rules: list[Rule]) -> None:
    both = any(
        all(
            association_covers(
                [r for r in rules if r.association_id == of], address_at("みたけ三丁目", None, str(b), str(h))
            )
            is YES
            for of in "AB"
        )
        for b in range(1, 5)
        for h in range(1, 5)
    )
    assert bool(find_overlaps(rules)) == both


places = st.sampled_from(
    [("上太田", None), ("上太田", "三枚橋"), ("上太田三枚橋", None), ("上太田一丁目", None), ("上太田二丁目", None),
     ("上太田第3地割", None), ("上太田第4地割", None), ("上太田第4地割", "三枚橋"), ("青山", None)]
)  # fmt: skip


@settings(deadline=None)
@given(
    st.lists(
        st.builds(
            lambda key, kind, place, span: Rule(
                key, kind, *place, *((span, span + 2) if kind == "part" else (None, None))
            ),
            st.sampled_from("ABC"), st.sampled_from(["whole", "part", "except"]), places, st.integers(1, 4),
        ),
        max_size=8,
    ),
    places,
    st.none() | st.integers(1, 6).map(str),
)  # fmt: skip
def test_the_book_finds_what_looking_at_every_rule_finds(
    rules: list[Rule], place: tuple[str, str | None], block: str | None
) -> None:
    address = address_at(*place, block)
    verdicts = {
        key: association_covers([rule for rule in rules if rule.association_id == key], address)
        for key in sorted({rule.association_id for rule in rules})
    }
    certain = tuple(key for key, verdict in verdicts.items() if verdict is Verdict.YES)
    possible = tuple(key for key, verdict in verdicts.items() if verdict is Verdict.MAYBE)
    assert RuleBook(rules).find(address) == (certain, possible)


def test_the_book_tells_how_a_block_is_divided_and_whether_it_names_a_town() -> None:
    book = RuleBook(
        [
            rule("part", "みたけ一丁目", None, 2, 4, 1, 20, of="A"),
            rule("part", "みたけ一丁目", None, 2, 2, 21, 40, of="B"),
            rule("whole", "渋民", "鶴塚", of="C"),
        ]
    )
    assert book.houses(address_at("みたけ一丁目", None, "2", "99")) == ((1, 20), (21, 40))
    assert book.houses(address_at("みたけ一丁目", None, "4")) == ((1, 20),)
    assert book.houses(address_at("みたけ一丁目", None, "5")) == ()
    assert book.name_town(address_at("みたけ一丁目", None, "99"))
    assert not book.name_town(address_at("みたけ二丁目", None, "2"))
    assert not book.name_town(address_at("渋民")), "only one 小字 of it"


def test_which_towns_one_association_covers_as_a_whole() -> None:
    book = [
        rule("whole", "青山町"),
        rule("whole", "みたけ三丁目"),
        rule("part", "みたけ三丁目", None, 5, 5, of="B"),
        rule("whole", "渋民"),
        rule("except", "渋民", None, 1, 3),
        rule("part", "内丸", None, 1, 9),
    ]
    assert wholly_covered(book, ["青山町", "みたけ三丁目", "渋民", "内丸", "繋", ""]) == {"青山町"}
