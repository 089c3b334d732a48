"""Each candidate says why it is one; a place without association says who is near."""

from __future__ import annotations

import pytest

from kyodo_geo.lookup import Answer, LookupIndex, Outcome
from kyodo_geo.lookup_types import Association, Block, Rule
from tests.unit.lookup_world import ASSOCIATIONS, OFFICE, TOWNS, at, snapshot, square, town

MITAKE = Rule("C1", "whole", "みたけ一丁目")


def ask(text: str, *rules: Rule, **changes: object) -> Answer:
    return LookupIndex(snapshot(rules, **changes)).by_address(text)  # type: ignore[arg-type]


def reasons(answer: Answer) -> dict[str, str]:
    return {found.id: found.reason for found in answer.associations}


def test_one_by_rule_names_the_rule() -> None:
    assert reasons(ask("みたけ1-2-3", MITAKE)) == {"C1": "住所の範囲「みたけ一丁目 全域」に含まれます。"}


def test_one_by_area_names_the_area() -> None:
    assert reasons(ask("青山町2-3")) == {"B1": "区域の図では、この場所を含みます。"}


def test_rule_and_area_that_disagree_say_what_each_says() -> None:
    found = reasons(ask("みたけ1-2-3", Rule("A3", "whole", "みたけ一丁目")))
    assert (
        found["A3"] == "住所の範囲「みたけ一丁目 全域」に含まれます。ただし、区域の図はこの場所を含みません。"
    )
    assert found["C1"] == "区域の図では、この場所を含みます。"


def test_what_the_address_leaves_open_is_said_for_each() -> None:
    found = reasons(
        ask(
            "みたけ一丁目",
            Rule("C1", "part", "みたけ一丁目", None, 1, 12),
            Rule("C2", "part", "みたけ一丁目", None, 13, 20),
            Rule("C2", "part", "みたけ一丁目", None, 30, 31),
            Rule("C2", "part", "みたけ一丁目", None, 40, 41),
        )
    )
    assert found["C1"].startswith("住所の範囲「みたけ一丁目 1番〜12番」に入るかどうかは")
    assert "「みたけ一丁目 13番〜20番」・「みたけ一丁目 30番〜31番」など" in found["C2"]


def test_an_exception_that_may_apply_leaves_the_whole_open() -> None:
    found = reasons(ask("みたけ1-2", MITAKE, Rule("C1", "except", "みたけ一丁目", None, 2, 2, 5, 9)))
    assert found["C1"].endswith("決まりません。")


def test_an_area_whose_rules_leave_the_address_out() -> None:
    found = reasons(ask("みたけ1-50-1", Rule("C1", "part", "みたけ一丁目", None, 1, 12)))
    assert found == {"C1": "区域の図では含みますが、登録されている住所の範囲には入っていません。"}


def test_near_a_border_the_accuracy_is_named_and_on_it_the_border() -> None:
    near = town("小杉山", place=(0.99, 0.5), accuracy_m=300)
    assert reasons(ask("小杉山1", towns=(*TOWNS, near))) == dict.fromkeys(
        ("C1", "C2"), "区域の図が、住所の位置の誤差（約300m）の範囲にかかっています。"
    )
    by_point = LookupIndex(snapshot()).by_point(*at(1.0, 0.5))
    assert set(reasons(by_point).values()) == {"区域の図の境界の上です。"}


def test_candidates_of_several_towns_name_the_town() -> None:
    found = reasons(ask("みたけ", MITAKE))
    assert found["C1"] == "みたけ一丁目のとき：住所の範囲「みたけ一丁目 全域」に含まれます。"
    assert found["C2"].startswith("みたけ二丁目のとき：")


def test_none_here_names_the_nearest_areas_with_their_distance() -> None:
    block = Block("仙北一丁目", None, "2", None, *at(3.05, 0.5), 20.0)  # 0.001° east of C3
    answer = ask("仙北1-2", blocks=(block,))
    assert answer.outcome is Outcome.NONE_HERE
    assert [near.id for near in answer.neighbours] == ["C3"]
    assert answer.neighbours[0].distance_m == pytest.approx(85.9, abs=0.5)
    assert answer.as_dict()["neighbours"][0] == {
        "id": "C3",
        "name": "C3町内会",
        "district": {"no": 2, "name": "桜城"},
        "distance_m": 90,
        "same_town": False,
    }
    assert "近くにはC3町内会（区域、約90m）があります。" in answer.message
    assert OFFICE in answer.message


def test_none_here_names_associations_of_the_same_town_first() -> None:
    answer = ask("八幡町2-3", Rule("A1", "part", "八幡町", None, 10, 20), Rule("B1", "whole", "みたけ一丁目"))
    (near,) = answer.neighbours
    assert (answer.outcome, near.id, near.same_town, near.distance_m) == (
        Outcome.NONE_HERE, "A1", True, None,
    )  # fmt: skip
    assert "A1町内会（同じ町）" in answer.message


def test_a_point_without_association_has_neighbours_too() -> None:
    flats = Association("F1", "見本団地", None, "building", 1, square(3.2, 0.4, 0.1, 0.1))
    index = LookupIndex(snapshot(associations=(*ASSOCIATIONS, flats)))
    answer = index.by_point(*at(3.05, 0.5))
    assert answer.outcome is Outcome.NONE_HERE
    assert answer.neighbours[0].id == "C3"
    assert "F1" not in {near.id for near in answer.neighbours}


def test_only_none_here_has_neighbours() -> None:
    for text in ("みたけ1-2-3", "みたけ", "東京都", "？"):
        assert ask(text, MITAKE).neighbours == ()
