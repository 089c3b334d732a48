"""Rule against the point of a house, block or lot: on a border or beyond it no answer is `one`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kyodo_geo.lookup import Answer, LookupIndex, Outcome
from kyodo_geo.lookup.areas import metres_per_degree
from kyodo_geo.lookup_types import Association, Block, Rule
from tests.unit.lookup_world import ASSOCIATIONS, TOWNS, at, snapshot, square, town

BORDER, MIDDLE = at(1.0, 0.5)
EAST, _ = metres_per_degree(MIDDLE)
C1_BY_RULE = (Rule("C1", "whole", "みたけ一丁目"),)


def house(metres_east: float, accuracy_m: float, level: str = "house") -> Answer:
    """みたけ1-2-3 with its point so far east of the border of C1 and C2; the rule says C1."""
    number = "3" if level == "house" else None
    blocks = (Block("みたけ一丁目", None, "2", number, BORDER + metres_east / EAST, MIDDLE, accuracy_m),)
    return LookupIndex(snapshot(C1_BY_RULE, blocks=blocks)).by_address("みたけ1-2-3")


def ids(answer: Answer) -> list[str]:
    return [found.id for found in answer.associations]


@pytest.mark.parametrize("level", ["house", "block"])
@pytest.mark.parametrize("accuracy_m", [0.0, 12.0, 100.0])
def test_on_the_border_it_is_several_as_for_the_same_point(level: str, accuracy_m: float) -> None:
    answer = house(0, accuracy_m, level)
    by_point = LookupIndex(snapshot(C1_BY_RULE)).by_point(BORDER, MIDDLE)

    assert (answer.outcome, ids(answer)) == (Outcome.SEVERAL, ["C1", "C2"])
    assert by_point.outcome is Outcome.SEVERAL
    assert set(ids(by_point)) == set(ids(answer))
    assert "境界の上" in answer.message


@pytest.mark.parametrize("level", ["house", "block"])
@pytest.mark.parametrize(("metres", "accuracy_m"), [(7, 12.0), (7, 0.0), (86, 100.0), (86, 112.0)])
def test_inside_the_neighbours_area_rule_and_area_disagree(
    level: str, metres: float, accuracy_m: float
) -> None:
    answer = house(metres, accuracy_m, level)

    assert (answer.outcome, ids(answer), answer.data_fault) == (Outcome.SEVERAL, ["C1", "C2"], True)
    assert "一致していません" in answer.message


@pytest.mark.parametrize("level", ["house", "block"])
@pytest.mark.parametrize(("metres", "accuracy_m"), [(-7, 12.0), (-86, 112.0), (-500, 0.0)])
def test_inside_its_own_area_the_rule_decides(level: str, metres: float, accuracy_m: float) -> None:
    answer = house(metres, accuracy_m, level)

    assert (answer.outcome, ids(answer), answer.data_fault) == (Outcome.ONE, ["C1"], False)


def test_within_rounding_of_the_border_is_on_it() -> None:
    assert house(5e-5, 12.0).outcome is Outcome.SEVERAL
    assert house(-5e-5, 12.0).outcome is Outcome.SEVERAL


def test_beside_its_area_on_nobodys_ground_it_is_several_and_no_fault() -> None:
    lon, lat = at(3.0, 0.5)  # C3 ends here; east of it there is no association
    rules = (Rule("C3", "whole", "みたけ三丁目"),)
    for metres, fault in ((8, False), (0, False), (500, True)):
        block = Block("みたけ三丁目", None, "2", "3", lon + metres / EAST, lat, 12.0)
        answer = LookupIndex(snapshot(rules, blocks=(block,))).by_address("みたけ3-2-3")
        assert (answer.outcome, ids(answer)) == (Outcome.SEVERAL, ["C3"])
        assert answer.data_fault is fault


def test_the_point_of_a_town_beyond_the_border_is_tolerated() -> None:
    split = town("小杉山", place=(1.05, 0.5), accuracy_m=200)  # 86 m inside C2; C1 has 1番 to 20番 of it
    rules = (Rule("C1", "part", "小杉山", None, 1, 20), Rule("C2", "part", "小杉山", None, 21, 99))
    answer = LookupIndex(snapshot(rules, towns=(*TOWNS, split))).by_address("小杉山5-1")

    assert (answer.outcome, ids(answer)) == (Outcome.ONE, ["C1"])


def test_a_rule_without_area_does_not_win_inside_anothers_area() -> None:
    bare = replace(ASSOCIATIONS[0], geom=None)
    for metres, outcome in ((8.0, Outcome.SEVERAL), (-8.0, Outcome.ONE)):
        block = Block("みたけ一丁目", None, "2", "3", BORDER + metres / EAST, MIDDLE, 12.0)
        index = LookupIndex(snapshot(C1_BY_RULE, associations=(bare, *ASSOCIATIONS[1:]), blocks=(block,)))
        assert index.by_address("みたけ1-2-3").outcome is outcome


def test_where_areas_overlap_the_rule_does_not_decide() -> None:
    over = Association("X1", "X1町内会", None, "association", 1, square(0.9, 0, 0.1, 1))
    block = Block("みたけ一丁目", None, "2", "3", *at(0.9001, 0.5), 40.0)
    index = LookupIndex(snapshot(C1_BY_RULE, associations=(*ASSOCIATIONS, over), blocks=(block,)))
    answer = index.by_address("みたけ1-2-3")

    assert (answer.outcome, ids(answer), answer.data_fault) == (Outcome.SEVERAL, ["C1", "X1"], True)


@pytest.mark.parametrize(("accuracy_m", "beside"), [(40.0, Outcome.SEVERAL), (100.0, Outcome.ONE)])
def test_flats_under_the_point_of_a_block_and_its_other_houses(accuracy_m: float, beside: Outcome) -> None:
    """Houses the flats' own rules leave out lie around them, unless the whole circle lies in the flats' area."""
    flats = Association("F1", "見本団地", None, "building", 1, square(0.45, 0.45, 0.1, 0.1))
    around = replace(ASSOCIATIONS[0], geom=square(0, 0).difference(flats.geom))
    rules = (
        Rule("C1", "whole", "みたけ一丁目"),
        Rule("C1", "except", "みたけ一丁目", None, 2, 2, 5, 9),
        Rule("F1", "part", "みたけ一丁目", None, 2, 2, 5, 9),
    )
    block = Block("みたけ一丁目", None, "2", None, *at(0.5, 0.5), accuracy_m)
    index = LookupIndex(snapshot(rules, associations=(around, *ASSOCIATIONS[1:], flats), blocks=(block,)))

    assert index.by_address("みたけ1-2-12").outcome is beside
    assert ids(index.by_address("みたけ1-2-6")) == ["F1"]
    assert index.by_address("みたけ1-2").outcome is Outcome.SEVERAL
