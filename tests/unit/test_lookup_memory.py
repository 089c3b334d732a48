"""The register of buildings as a witness beside rules and areas: agrees, decides, or contradicts."""

from __future__ import annotations

import pytest

from kyodo_geo.buildings import JoinsAs, Remembered, building_key
from kyodo_geo.lookup import Answer, Basis, LookupIndex, Outcome, contradicts, names_asked_for, recall
from kyodo_geo.lookup.decision import AROUND_TOWN
from kyodo_geo.lookup_types import Block, Rule
from tests.unit.lookup_world import at, snapshot
from tests.unit.sample_world import lookup

NAME = "メゾン・ド・試験"
RULES = (
    Rule("C1", "part", "みたけ一丁目", block_from=1, block_to=9),
    Rule("C2", "part", "みたけ一丁目", block_from=10, block_to=19),
    Rule("C3", "whole", "みたけ三丁目"),
)


@pytest.fixture(scope="module")
def index() -> LookupIndex:
    return LookupIndex(snapshot(RULES, blocks=(Block("みたけ一丁目", None, "5", None, *at(0.5, 0.5), 10.0),)))


def known(address: str, association: str | None, *, conflict: bool = False, name: str = NAME) -> Remembered:
    joins = JoinsAs.NONE if association is None else JoinsAs.WHOLE_BUILDING
    return Remembered(name, address, association, joins, "家賃と一緒", conflict)


def ask(index: LookupIndex, text: str, *register: Remembered) -> Answer:
    """As every caller does: keys of the text, the register's rows under them, the answer with both."""
    answer = index.by_address(text)
    keys = names_asked_for(index, text, answer)
    return recall(index, answer, [item for item in register if building_key(item.name) in keys])


def ids(answer: Answer) -> list[str]:
    return [item.id for item in answer.associations]


def test_the_plain_answers_this_rests_on(index: LookupIndex) -> None:
    assert index.by_address("みたけ一丁目5番").outcome is Outcome.ONE
    assert index.by_address("みたけ一丁目").outcome is Outcome.SEVERAL
    assert index.by_address(NAME).outcome is Outcome.NOT_UNDERSTOOD


@pytest.mark.parametrize(
    "text",
    [
        "みたけ一丁目5番 メゾンド試験",
        "みたけ1-5 メゾン・ド・試験 203号室",
        "盛岡市みたけ１－５　めぞんど試験203",
    ],
)
def test_a_building_that_agrees_is_said_to(index: LookupIndex, text: str) -> None:
    answer = ask(index, text, known("みたけ一丁目5番", "C1"))
    assert (answer.outcome, ids(answer)) == (Outcome.ONE, ["C1"])
    assert "物件台帳の登録とも一致します（建物全体で加入している、会費：家賃と一緒）" in answer.message
    assert not answer.data_fault
    assert answer.as_dict()["buildings"][0]["joins_as"] == "whole-building"


def test_the_name_alone_answers_with_the_buildings_own_address(index: LookupIndex) -> None:
    for text in (NAME, "めぞんど試験 203号室", "盛岡市メゾンド試験"):
        answer = ask(index, text, known("みたけ一丁目5番", "C1"))
        assert (answer.outcome, ids(answer), answer.address.block) == (Outcome.ONE, ["C1"], "5"), text


def test_what_rules_leave_open_the_register_decides(index: LookupIndex) -> None:
    """A new building known by its lot alone: 住居番号 come later."""
    answer = ask(index, f"みたけ一丁目 {NAME}", known("みたけ一丁目", "C2"))
    assert (answer.outcome, ids(answer)) == (Outcome.ONE, ["C2"])
    assert answer.associations[0].basis is Basis.MEMORY and answer.associations[0].confidence is None
    assert "物件台帳の登録から" in answer.message and "任意です" in answer.message
    assert answer.undecided == ""
    assert answer.message.startswith("入力された住所だけでは"), "why the address did not do is still said"


def test_a_contradiction_is_several_with_both_and_a_fault(index: LookupIndex) -> None:
    for text in (f"みたけ一丁目5番 {NAME}", NAME):
        answer = ask(index, text, known("みたけ一丁目5番", "C3"))
        assert (answer.outcome, ids(answer)) == (Outcome.SEVERAL, ["C1", "C3"]), text
        assert answer.data_fault
        assert "物件台帳ではC3町内会です" in answer.message and "違います" in answer.message


def test_a_building_that_joins_none_contradicts_too(index: LookupIndex) -> None:
    answer = ask(index, f"みたけ一丁目5番 {NAME}", known("みたけ一丁目5番", None))
    assert (answer.outcome, ids(answer), answer.data_fault) == (Outcome.SEVERAL, ["C1"], True)
    assert "加入する町内会・自治会がない建物" in answer.message


def test_a_conflict_in_the_register_decides_nothing(index: LookupIndex) -> None:
    answer = ask(index, f"みたけ一丁目5番 {NAME}", known("みたけ一丁目5番", "C1", conflict=True))
    assert (answer.outcome, ids(answer)) == (Outcome.SEVERAL, ["C1"])
    assert "市が確かめています" in answer.message and "違います" not in answer.message


def test_an_association_that_is_no_longer_there_is_never_a_silent_one(index: LookupIndex) -> None:
    answer = ask(index, f"みたけ一丁目5番 {NAME}", known("みたけ一丁目5番", "gone"))
    assert (answer.outcome, ids(answer), answer.data_fault) == (Outcome.SEVERAL, ["C1"], True)


def test_a_place_without_rules_is_no_certain_one(index: LookupIndex) -> None:
    answer = ask(index, f"仙北一丁目 {NAME}", known("仙北一丁目", "C3"))
    assert index.by_address("仙北一丁目").outcome is Outcome.NONE_HERE
    assert (answer.outcome, ids(answer)) == (Outcome.SEVERAL, ["C3"])
    none = ask(index, f"仙北一丁目 {NAME}", known("仙北一丁目", None))
    assert none.outcome is Outcome.NONE_HERE and "物件台帳でも" in none.message


@pytest.mark.parametrize(
    "text",
    [
        "みたけ一丁目5番",
        "みたけ三丁目1番 メゾンド試験",
        "みたけ一丁目6番 メゾンド試験",
        "みたけ一丁目5番 メゾンド試験南",
        "みたけ九丁目9番 メゾンド試験",
        "仙北9-1-1 メゾンド試験",
        "みたけ一丁目5番またはみたけ三丁目1番 メゾンド試験",
        "仙台市青葉区1-1 メゾンド試験",
        "",
    ],
)
def test_another_place_or_another_name_is_another_building(index: LookupIndex, text: str) -> None:
    assert ask(index, text, known("みたけ一丁目5番", "C3")) == index.by_address(text)


def test_buildings_of_one_name_are_told_apart_by_their_address(index: LookupIndex) -> None:
    two = known("みたけ一丁目5番", "C1"), known("みたけ三丁目1番", "C3")
    both = ask(index, NAME, *two)
    assert (both.outcome, ids(both), both.data_fault) == (Outcome.SEVERAL, ["C1", "C3"], False)
    assert "みたけ三丁目1番" in both.message and len(both.buildings) == 2
    assert ids(ask(index, f"みたけ三丁目1番 {NAME}", *two)) == ["C3"]


def test_a_name_with_digits_of_its_own_is_found(index: LookupIndex) -> None:
    held = known("みたけ一丁目5番", "C1", name="コーポ21")
    for text in ("みたけ一丁目5番 コーポ21", "コーポ21 203号室", "コーポ21-203"):
        assert ask(index, text, held).outcome is Outcome.ONE, text


def test_the_staffs_page_is_told_what_does_not_fit(index: LookupIndex) -> None:
    assert contradicts(index, known("みたけ一丁目5番", "C3"))
    assert not contradicts(index, known("みたけ一丁目5番", "C1"))
    assert not contradicts(index, known("みたけ一丁目", "C2"))


def test_without_a_building_the_answer_is_the_same_to_the_letter(index: LookupIndex) -> None:
    answer = index.by_address("みたけ一丁目5番")
    assert recall(index, answer, []) is answer
    assert "buildings" not in answer.as_dict()


@pytest.mark.parametrize("text", ["みたけ1-5、1-12 メゾンド試験", "みたけ1-5・12 メゾンド試験"])
@pytest.mark.parametrize(("address", "association"), [("みたけ一丁目5番", "C1"), ("みたけ一丁目12番", "C2")])
def test_of_several_addresses_the_register_does_not_choose(
    index: LookupIndex, text: str, address: str, association: str
) -> None:
    answer = ask(index, text, known(address, association))
    assert (answer.outcome, ids(answer)) == (Outcome.SEVERAL, ["C1", "C2"])
    assert answer == index.by_address(text)


def test_of_several_addresses_the_register_contradicts_even_one_association(index: LookupIndex) -> None:
    text = "みたけ1-5・6 メゾンド試験"
    assert index.by_address(text).outcome is Outcome.ONE
    assert ask(index, text, known("みたけ一丁目6番", "C1")).outcome is Outcome.ONE
    answer = ask(index, text, known("みたけ一丁目6番", "C3"))
    assert (answer.outcome, ids(answer), answer.data_fault) == (Outcome.SEVERAL, ["C1", "C3"], True)
    assert (
        ask(index, text, known("みたけ一丁目7番", "C3")).outcome is Outcome.ONE
    )  # another block: another building


NAMED_LIKE_A_TOWN = "みたけ3丁目ハイツ"


@pytest.mark.parametrize("text", [NAMED_LIKE_A_TOWN, "みたけ３丁目 ハイツ", "盛岡市みたけ3丁目ハイツ"])
def test_a_name_that_reads_as_an_address_may_be_the_building(index: LookupIndex, text: str) -> None:
    assert (index.by_address(text).outcome, ids(index.by_address(text))) == (Outcome.ONE, ["C3"])
    answer = ask(index, text, known("みたけ一丁目5番", "C1", name=NAMED_LIKE_A_TOWN))
    assert (answer.outcome, ids(answer), answer.data_fault) == (Outcome.SEVERAL, ["C3", "C1"], False)
    assert "物件台帳にある建物の名前でもあります（住所は「みたけ一丁目5番」）" in answer.message


def test_a_name_that_reads_as_an_address_and_agrees_stays_one(index: LookupIndex) -> None:
    own = known("みたけ三丁目1番", "C3", name=NAMED_LIKE_A_TOWN)
    assert ask(index, NAMED_LIKE_A_TOWN, own).outcome is Outcome.ONE
    elsewhere = known("みたけ一丁目5番", "C1", name="みたけハイツ")
    assert ask(index, "みたけ三丁目1番 みたけハイツ", elsewhere).outcome is Outcome.ONE


@pytest.mark.parametrize(
    "behind",
    [
        " ハイツA", " (ハイツA)", "（ハイツA 203）", "「ハイツA」203", " ハイツA203", " ハイツA-203", " ハイツA 203号室",
        " ハイツA 山田様方", " ハイツA 1F 上田商店", " ハイツA TEL019-000-0000", " 【ハイツＡ】",
    ],
)  # fmt: skip
def test_a_building_is_found_however_it_stands_behind_the_address(index: LookupIndex, behind: str) -> None:
    answer = ask(index, f"みたけ1-5{behind}", known("みたけ一丁目5番", "C2", name="ハイツA"))
    assert (answer.outcome, ids(answer), answer.data_fault) == (Outcome.SEVERAL, ["C1", "C2"], True)


def test_a_wing_with_a_name_of_its_own_is_not_the_house_beside(index: LookupIndex) -> None:
    beside = known("みたけ一丁目5番", "C2", name="ハイツ")
    wing = known("みたけ一丁目5番", "C1", name="ハイツA")
    assert ids(ask(index, "みたけ1-5 ハイツA203", beside, wing)) == ["C1"]
    assert ids(ask(index, "みたけ1-5 ハイツ203", beside, wing)) == ["C1", "C2"]


def test_when_the_register_decides_nothing_is_said_of_other_candidates() -> None:
    text = "上田1丁目99番地 上田ハイツ"
    assert AROUND_TOWN in lookup().by_address(text).message
    answer = ask(lookup(), text, known("上田1丁目99番地", "sample-0030", name="上田ハイツ"))
    assert (answer.outcome, answer.associations[0].basis) == (Outcome.ONE, Basis.MEMORY)
    assert AROUND_TOWN not in answer.message
