"""Numbers that are not registered: said plainly, with what exists instead; never `one` without a word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kyodo_geo.lookup import Answer, LookupIndex, Outcome
from kyodo_geo.lookup.confidence import association_confidence
from kyodo_geo.lookup.decision import AROUND_TOWN, DISAGREE, NEAR_BORDER, NOT_COVERED
from kyodo_geo.lookup.registered import LARGEST_HOUSE, SPARE_HOUSES, in_words
from kyodo_geo.lookup_types import Association, Block, Rule
from kyodo_geo.point_table import Row
from tests.unit.lookup_world import ASSOCIATIONS, TOWNS, at, snapshot, town

WHOLE = Rule("C1", "whole", "みたけ一丁目")
HERE = at(0.5, 0.5)


def blocks(*numbers: int, of: str = "みたけ一丁目") -> tuple[Block, ...]:
    return tuple(Block(of, None, str(n), None, *HERE, 40.0) for n in numbers)


def houses(*numbers: int, block: str = "2") -> tuple[Block, ...]:
    return tuple(Block("みたけ一丁目", None, block, str(n), *HERE, 12.0) for n in numbers)


TEN = blocks(*range(1, 11))


def ask(
    text: str, *rules: Rule, listed: tuple[Block, ...] = TEN, lots: tuple[Row, ...] = (), **changes: object
) -> Answer:
    return LookupIndex(snapshot(rules, blocks=listed, lots=lots, **changes)).by_address(text)  # type: ignore[arg-type]


def found(answer: Answer) -> tuple[str, list[str]]:
    return answer.outcome.value, [item.id for item in answer.associations]


# -- blocks


def test_a_block_the_town_does_not_have_is_not_certain_and_the_others_are_named() -> None:
    answer = ask("みたけ1-99-3", WHOLE)
    assert found(answer) == ("several", ["C1"])
    assert "みたけ一丁目に99番は登録されていません。登録されているのは1〜10番です。" in answer.message
    assert "確かではありません" in answer.message
    assert answer.undecided.startswith("みたけ一丁目に99番は登録されていません")
    assert not answer.data_fault


@pytest.mark.parametrize("text", ["みたけ1-10-3", "みたけ一丁目10番", "みたけ一丁目"])
def test_a_block_that_is_listed_is_no_matter(text: str) -> None:
    answer = ask(text, WHOLE)
    assert found(answer) == ("one", ["C1"])
    assert "登録されているのは" not in answer.message


def test_one_beyond_the_rules_where_no_such_block_is_listed() -> None:
    answer = ask("みたけ1-11-1", Rule("C1", "part", "みたけ一丁目", None, 1, 10))
    assert (found(answer), answer.data_fault) == (("several", ["C1"]), False)
    assert DISAGREE not in answer.message


def test_a_block_that_is_not_listed_and_that_nobody_has_is_not_understood() -> None:
    listed = blocks(1, 2, 3, of="仙北一丁目")
    answer = ask("仙北1-9-1", listed=listed)
    assert found(answer) == ("not_understood", [])
    assert "仙北一丁目に9番は登録されていません。登録されているのは1〜3番です。" in answer.message
    assert (answer.address.town, answer.address.block, answer.address.lon) == ("仙北一丁目", None, None)
    assert found(ask("仙北1-3-1", listed=listed)) == ("none_here", [])


def test_candidates_around_the_town_are_called_that_and_not_near_a_border() -> None:
    wide = town("小杉山", place=(1.0, 0.5), accuracy_m=300)
    answer = ask("小杉山9-1", listed=blocks(1, 2, of="小杉山"), towns=(*TOWNS, wide))
    assert found(answer) == ("several", ["C1", "C2"])
    assert AROUND_TOWN in answer.message
    assert NEAR_BORDER not in answer.message
    assert {item.confidence for item in answer.associations} == {None}


def test_a_list_that_lacks_most_blocks_says_nothing() -> None:
    assert found(ask("みたけ1-5-1", WHOLE, listed=blocks(114))) == ("one", ["C1"])
    assert found(ask("みたけ1-5-1", WHOLE, listed=blocks(2, 4, 6))) == ("several", ["C1"])


def test_two_who_claim_the_block_are_still_both_shown() -> None:
    answer = ask("みたけ1-99-1", WHOLE, Rule("C2", "whole", "みたけ一丁目"))
    assert found(answer) == ("several", ["C1", "C2"])
    assert "範囲とする登録が複数あります" in answer.message


def test_a_lot_is_no_block() -> None:
    lot = (Row("みたけ一丁目", None, "99-3", *HERE, None),)
    known = ask("みたけ一丁目99番地3", WHOLE, lots=lot)
    assert (found(known), "登録されていません" in known.message) == (("one", ["C1"]), False)
    unknown = ask("みたけ一丁目98番地3", WHOLE, lots=lot)
    assert found(unknown) == ("one", ["C1"])
    assert (
        "みたけ一丁目に98番は登録されていません（登録されているのは1〜10番）。地番として調べました。"
        in unknown.message
    )
    assert unknown.associations[0].confidence is None
    as_block = ask("みたけ1-99-3", WHOLE, lots=lot)
    assert found(as_block) == ("several", ["C1"])
    assert "地番のときは「みたけ一丁目99番地3」と入力してください。" in as_block.message


def test_an_open_town_says_for_each_whether_it_has_the_block() -> None:
    answer = ask("みたけ99番1号", WHOLE)
    (first, *_) = answer.associations
    assert first.reason.startswith("みたけ一丁目のとき：")
    assert first.reason.endswith("登録されているのは1〜10番です。")
    assert all("登録されているのは" not in item.reason for item in answer.associations[1:])


def test_of_several_addresses_one_that_does_not_exist_leaves_none_certain() -> None:
    assert found(ask("みたけ一丁目9番・10番", WHOLE)) == ("one", ["C1"])
    answer = ask("みたけ一丁目10番・99番", WHOLE)
    assert found(answer) == ("several", ["C1"])
    assert "みたけ一丁目に99番は登録されていません。登録されているのは1〜10番です。" in answer.message
    assert found(ask("みたけ一丁目10番・0番", WHOLE)) == ("not_understood", [])
    many = ask("みたけ一丁目10番〜15番", WHOLE)
    assert (found(many), many.message.count("登録されていません")) == (("several", ["C1"]), 2)


# -- houses


LISTED = (*TEN, *houses(1, 2, 3, 5, 8))


@pytest.mark.parametrize("house", [4, 9, 8 + SPARE_HOUSES])
def test_a_house_between_may_be_new_and_is_noted(house: int) -> None:
    answer = ask(f"みたけ1-2-{house}", WHOLE, listed=LISTED)
    assert found(answer) == ("one", ["C1"])
    assert f"2番の登録にある号は1〜3・5・8号です。{house}号は登録にありません" in answer.message
    assert answer.associations[0].evidence == "one/rule/new_house"


def test_a_house_far_beyond_all_others_is_not_certain() -> None:
    answer = ask(f"みたけ1-2-{8 + SPARE_HOUSES + 1}", WHOLE, listed=LISTED)
    assert found(answer) == ("several", ["C1"])
    assert "2番の登録にある号は1〜3・5・8号です。19号は登録にありません。" in answer.message
    many = ask("みたけ1-2-60", WHOLE, listed=(*TEN, *houses(*range(1, 41))))
    assert (found(many)[0], found(ask("みたけ1-2-61", WHOLE, listed=(*TEN, *houses(40))))[0]) == (
        "one", "several",
    )  # fmt: skip


def test_a_house_that_a_rule_names_is_not_far() -> None:
    rules = (Rule("C1", "part", "みたけ一丁目", None, 2, 2, 1, 50),)
    answer = ask("みたけ1-2-50", *rules, listed=LISTED)
    assert found(answer) == ("one", ["C1"])
    assert "50号は登録にありません" in answer.message


def test_houses_written_with_more_than_a_number_are_not_judged() -> None:
    listed = (*TEN, *houses(1), Block("みたけ一丁目", None, "2", "3-1", *HERE, 12.0))
    assert "登録にありません" not in ask("みたけ1-2-3", WHOLE, listed=listed).message


@pytest.mark.parametrize(("house", "fault"), [(41, True), (9999, False)])
def test_a_house_that_no_range_of_the_block_holds(house: int, fault: bool) -> None:
    """Beside the last house of a range rules and area may well contradict each other; of a house that is nowhere they
    say nothing."""
    rules = (
        Rule("C1", "part", "みたけ一丁目", None, 2, 2, 1, 20),
        Rule("C1", "part", "みたけ一丁目", None, 2, 2, 21, 40),
    )
    answer = ask(f"みたけ1-2-{house}", *rules)
    assert (found(answer), answer.data_fault) == (("several", ["C1"]), fault)
    assert (
        f"2番は号で分けて登録されています（1〜20・21〜40号）。{house}号はどれにも入っていません。"
        in answer.message
    )
    assert (DISAGREE in answer.message) is fault


def test_a_number_no_house_can_have_is_taken_for_a_slip() -> None:
    assert found(ask(f"みたけ1-2-{LARGEST_HOUSE}", WHOLE)) == ("one", ["C1"])
    answer = ask(f"みたけ1-2-{LARGEST_HOUSE + 1}", WHOLE)
    assert found(answer) == ("several", ["C1"])
    assert "大きすぎます" in answer.message
    assert found(ask("みたけ1-2-9999", WHOLE, listed=())) == ("one", ["C1"]), (
        "no blocks loaded: nothing known"
    )


def test_a_place_without_association_keeps_its_answer_and_says_so_too() -> None:
    answer = ask(
        "仙北1-2-9999", listed=tuple(replace(b, lon=at(3.5, 0.5)[0]) for b in blocks(1, 2, of="仙北一丁目"))
    )
    assert answer.outcome is Outcome.NONE_HERE
    assert "9999号は" in answer.message


# -- zero


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("みたけ1-0-1", "0番"), ("みたけ一丁目0番", "0番"), ("みたけ1-2-0", "0号"), ("内丸0-0", "0番"),
        ("みたけ0番1号", "0番"), ("下飯岡8地割0番地", "0番地"), ("下飯岡8-48-0", "0"), ("渋民字鶴塚0", "0番地"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("listed", [(), TEN])
def test_zero_is_not_understood(text: str, part: str, listed: tuple[Block, ...]) -> None:
    answer = ask(text, WHOLE, Rule("A1", "whole", "下飯岡"), Rule("B1", "whole", "内丸"), listed=listed)
    assert found(answer) == ("not_understood", [])
    assert f"「{part}」を読み取れません" in answer.message


def test_zero_in_an_open_town_names_no_town() -> None:
    answer = ask("みたけ0番1号", WHOLE)
    assert (answer.address.town, "登録されているのは" in answer.message) == (None, False)


def test_zero_names_the_blocks_that_exist() -> None:
    assert "みたけ一丁目に登録されているのは1〜10番です。" in ask("みたけ1-0-1", WHOLE).message


# -- rules that leave a number out


def test_a_number_no_rule_covers_is_not_called_near_a_border() -> None:
    wide = town("小杉山", place=(1.0, 0.5), accuracy_m=300)
    rule = Rule("C1", "part", "小杉山", None, 1, 20)
    answer = ask("小杉山99-1", rule, towns=(*TOWNS, wide), listed=())
    assert found(answer) == ("several", ["C1", "C2"])
    assert answer.undecided == NOT_COVERED + AROUND_TOWN
    on_line = (Block("小杉山", None, "99", None, *at(1.0, 0.5), 40.0),)
    by_point = ask("小杉山99-1", rule, towns=(*TOWNS, wide), listed=on_line)
    assert by_point.undecided == NOT_COVERED + NEAR_BORDER


# -- confidence


def test_such_answers_have_a_confidence_of_their_own() -> None:
    bare = Association("F1", "みたけ会", None, "association", 1, None)
    for text, kind in (
        ("みたけ1-99-3", "several/rule/unlisted_block"),
        ("みたけ1-2-9999", "several/rule/unlisted_house"),
    ):
        (only,) = ask(text, WHOLE, associations=(*ASSOCIATIONS, bare), listed=LISTED).associations
        assert only.evidence == kind
        assert (association_confidence(kind) or 0.0) < 0.95


# -- words


def test_numbers_in_words() -> None:
    assert in_words((1, 2, 3, 5), "番") == "1〜3・5番"
    assert in_words((7,), "号") == "7号"
    assert in_words(range(1, 40, 3), "番") == "1・4・7・10・13・16番など"
