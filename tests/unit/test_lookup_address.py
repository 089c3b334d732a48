"""The decision for an address: rules first, areas confirm or contradict, doubt is never `one`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kyodo_geo.lookup import Answer, LookupIndex, Outcome
from kyodo_geo.lookup_types import Association, Block, Rule
from tests.unit.lookup_world import ASSOCIATIONS, OFFICE, PHONE, TOWNS, at, snapshot, town


def ask(text: str, *rules: Rule, **changes: object) -> Answer:
    return LookupIndex(snapshot(rules, **changes)).by_address(text)  # type: ignore[arg-type]


def ids(answer: Answer) -> dict[str, str]:
    return {found.id: found.basis.value for found in answer.associations}


def test_one_by_rule_confirmed_by_its_area() -> None:
    answer = ask("みたけ1-2-3", Rule("C1", "whole", "みたけ一丁目"))
    assert answer.outcome is Outcome.ONE
    assert ids(answer) == {"C1": "rule"}
    assert answer.address.normalised == "岩手県盛岡市みたけ一丁目2番3号"
    assert answer.district is not None
    assert (answer.district.no, answer.district.name) == (1, "仁王")
    assert "加入は任意" in answer.message


def test_one_by_area_when_no_rule_speaks_of_the_town() -> None:
    answer = ask("青山町2-3", Rule("C1", "whole", "みたけ一丁目"))
    assert (answer.outcome, ids(answer)) == (Outcome.ONE, {"B1": "area"})
    assert answer.address.normalised == "岩手県盛岡市青山町2-3"


def test_a_rule_whose_area_lies_elsewhere_gives_several() -> None:
    answer = ask("みたけ1-2-3", Rule("A3", "whole", "みたけ一丁目"))
    assert (answer.outcome, ids(answer)) == (Outcome.SEVERAL, {"A3": "rule", "C1": "area"})
    assert answer.data_fault
    assert "一致していません" in answer.message
    first, then = answer.message.index("へお問い合わせください"), answer.message.index("選べます")
    assert first < then, "between two records of the city nobody can choose: it is asked first"
    assert answer.undecided == "住所の範囲の登録と区域の図が一致していません。"


def test_an_area_whose_own_rules_exclude_the_address_gives_several() -> None:
    answer = ask("みたけ1-50-1", Rule("C1", "part", "みたけ一丁目", None, 1, 12))
    assert (answer.outcome, ids(answer), answer.data_fault) == (Outcome.SEVERAL, {"C1": "area"}, True)


def test_a_rule_for_a_place_without_any_area_near_is_not_certain() -> None:
    answer = ask("仙北1-2-3", Rule("C1", "whole", "仙北一丁目"))
    assert (answer.outcome, ids(answer), answer.data_fault) == (Outcome.SEVERAL, {"C1": "rule"}, True)


def test_an_address_that_says_too_little_for_the_rules() -> None:
    rules = (
        Rule("C1", "part", "みたけ一丁目", None, 1, 12),
        Rule("C2", "part", "みたけ一丁目", None, 13, 99),
    )
    answer = ask("みたけ一丁目", *rules)
    assert (answer.outcome, ids(answer), answer.data_fault) == (
        Outcome.SEVERAL,
        {"C1": "rule", "C2": "rule"},
        False,
    )
    assert "番・号まで入力" in answer.message


def test_two_associations_by_rule_are_both_answers() -> None:
    rules = (Rule("C1", "whole", "みたけ一丁目"), Rule("C2", "whole", "みたけ一丁目"))
    answer = ask("みたけ1-2-3", *rules)
    assert (answer.outcome, set(ids(answer)), answer.data_fault) == (Outcome.SEVERAL, {"C1", "C2"}, True)


def test_a_building_with_its_own_association_is_no_fault() -> None:
    flats = Association("F1", "みたけ団地自治会", None, "building", 1, None)
    rules = (Rule("C1", "whole", "みたけ一丁目"), Rule("F1", "part", "みたけ一丁目", None, 2, 2, 3, 3))
    answer = ask("みたけ1-2-3", *rules, associations=(*ASSOCIATIONS, flats))
    assert (answer.outcome, set(ids(answer)), answer.data_fault) == (Outcome.SEVERAL, {"C1", "F1"}, False)
    beside = ask("みたけ1-2-4", *rules, associations=(*ASSOCIATIONS, flats))
    assert (beside.outcome, ids(beside)) == (Outcome.ONE, {"C1": "rule"})


def test_a_building_inside_the_area_of_an_association_without_rules() -> None:
    flats = Association("F1", "みたけ団地自治会", None, "building", 1, None)
    answer = ask(
        "みたけ1-2-3", Rule("F1", "part", "みたけ一丁目", None, 2, 2), associations=(*ASSOCIATIONS, flats)
    )
    assert (answer.outcome, ids(answer), answer.data_fault) == (
        Outcome.SEVERAL,
        {"F1": "rule", "C1": "area"},
        False,
    )


def test_an_address_near_a_border_gives_the_areas_on_both_sides() -> None:
    answer = ask("上田2-3-4")  # its point lies on the border of B1 and B2
    assert (answer.outcome, ids(answer)) == (Outcome.SEVERAL, {"B1": "area", "B2": "area"})


def test_a_coarse_point_does_not_decide() -> None:
    fine = town("小杉山", place=(0.9, 0.5), accuracy_m=50)  # 170 m from the border
    coarse = replace(fine, accuracy_m=300.0)
    assert ask("小杉山1", towns=(*TOWNS, fine)).outcome is Outcome.ONE
    answer = ask("小杉山1", towns=(*TOWNS, coarse))
    assert (answer.outcome, set(ids(answer))) == (Outcome.SEVERAL, {"C1", "C2"})


def test_a_known_house_decides_where_the_town_does_not() -> None:
    coarse = town("小杉山", place=(0.9, 0.5), accuracy_m=300)
    blocks = (
        Block("小杉山", None, "1", None, *at(0.5, 0.5), 50.0),
        Block("小杉山", None, "1", "2", *at(0.6, 0.5), 5.0),
    )
    index = LookupIndex(snapshot(towns=(*TOWNS, coarse), blocks=blocks))
    by_block, by_house = index.by_address("小杉山1"), index.by_address("小杉山1-2")
    assert (by_block.outcome, by_block.address.level, by_block.address.accuracy_m) == (
        Outcome.ONE,
        "block",
        50.0,
    )
    assert (by_house.address.level, by_house.address.lon) == ("house", at(0.6, 0.5)[0])
    assert index.by_address("小杉山9").outcome is Outcome.SEVERAL


def test_an_oaza_alone_reaches_over_all_its_parts() -> None:
    wide = (town("川目第1地割", place=(0.5, 0.5)), town("川目第2地割", place=(2.5, 0.5)))
    answer = ask("川目", towns=wide)
    assert answer.outcome is Outcome.SEVERAL
    assert {"C1", "C2", "C3"} <= set(ids(answer))
    assert answer.address.level == "oaza"


def test_a_place_in_the_city_without_association() -> None:
    answer = ask("仙北1-2-3")
    assert (answer.outcome, answer.associations) == (Outcome.NONE_HERE, ())
    assert answer.district is not None
    assert answer.district.no == 2
    assert PHONE in answer.message


def test_near_a_border_of_districts_no_district_is_named() -> None:
    border = town("小杉山", place=(2.0, 1.5))
    answer = ask("小杉山1", towns=(border,), associations=())
    assert (answer.outcome, answer.district) == (Outcome.NONE_HERE, None)


def test_a_town_without_point_and_rule() -> None:
    assert ask("八幡町2-3").outcome is Outcome.NONE_HERE
    answer = ask("八幡町2-3", Rule("A1", "whole", "八幡町"))
    assert (answer.outcome, answer.address.lon) == (Outcome.ONE, None)


def test_a_missing_chome_shows_the_associations_of_all() -> None:
    answer = ask("みたけ", Rule("C1", "whole", "みたけ一丁目"), Rule("C2", "whole", "みたけ二丁目"))
    assert (answer.outcome, ids(answer)) == (Outcome.SEVERAL, {"C1": "rule", "C2": "rule", "C3": "area"})
    assert answer.towns == ("みたけ一丁目", "みたけ二丁目", "みたけ三丁目")
    assert answer.address.town is None
    assert "みたけ三丁目" in answer.message


def test_an_open_town_without_any_candidate_asks_again() -> None:
    answer = ask("みたけ", associations=())
    assert (answer.outcome, answer.associations) == (Outcome.NOT_UNDERSTOOD, ())
    assert "みたけ二丁目" in answer.message


def test_a_chome_that_does_not_exist() -> None:
    answer = ask("みたけ9-1-1", Rule("C1", "whole", "みたけ一丁目"))
    assert (answer.outcome, answer.associations) == (Outcome.NOT_UNDERSTOOD, ())
    assert answer.towns == ("みたけ一丁目", "みたけ二丁目", "みたけ三丁目")
    assert "9丁目はありません" in answer.message


@pytest.mark.parametrize("text", ["滝沢市鵜飼1", "秋田県秋田市みたけ1-2-3", "八戸市みたけ1-2-3"])
def test_other_cities(text: str) -> None:
    answer = ask(text, Rule("C1", "whole", "みたけ一丁目"))
    assert (answer.outcome, answer.associations) == (Outcome.OUTSIDE_CITY, ())
    assert OFFICE in answer.message


def test_our_city_within_another_prefecture_is_not_understood() -> None:
    answer = ask("秋田県盛岡市みたけ1-2-3", Rule("C1", "whole", "みたけ一丁目"))
    assert (answer.outcome, answer.associations) == (Outcome.NOT_UNDERSTOOD, ())
    assert "盛岡市は岩手県です" in answer.message


def test_a_rule_of_an_association_that_is_gone_is_ignored() -> None:
    answer = ask("みたけ1-2-3", Rule("ZZ", "whole", "みたけ一丁目"))
    assert (answer.outcome, ids(answer)) == (Outcome.ONE, {"C1": "area"})


def test_an_empty_city_answers_too() -> None:
    index = LookupIndex(snapshot(associations=(), towns=()))
    assert index.by_address("みたけ1-2-3").outcome is Outcome.NOT_UNDERSTOOD
    assert index.by_point(*at(0.5, 0.5)).outcome is Outcome.NONE_HERE


@pytest.mark.parametrize(
    ("code", "outcome"), [("〒020-0101 ", Outcome.ONE), ("〒020-0999 ", Outcome.SEVERAL), ("", Outcome.ONE)]
)
def test_a_postal_code_of_another_town_is_never_one(code: str, outcome: Outcome) -> None:
    towns = [replace(row, postal_code="0200101") if row.name == "みたけ一丁目" else row for row in TOWNS]
    answer = ask(f"{code}みたけ1-2-3", Rule("C1", "whole", "みたけ一丁目"), towns=towns)
    assert (answer.outcome, ids(answer)) == (outcome, {"C1": "rule"})
    if outcome is Outcome.SEVERAL:
        assert "郵便番号" in answer.message and "住所と合いません" in answer.message
        assert answer.associations[0].confidence is None
