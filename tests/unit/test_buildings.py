"""Memory of buildings: which names are one, and what holds when people say different things."""

from __future__ import annotations

import pytest

from kyodo_geo.building_names import is_room, names_a_room
from kyodo_geo.buildings import Confirmation, Fact, JoinsAs, building_key, standing

A, B = Fact("a", JoinsAs.HOUSEHOLD), Fact("b", JoinsAs.HOUSEHOLD)


@pytest.mark.parametrize(
    "written",
    ["メゾン・ド・盛岡", "メゾンド盛岡", "ﾒｿﾞﾝ ﾄﾞ 盛岡", "めぞんど盛岡", "メゾン-ド 盛岡"],
)
def test_one_building_however_it_is_written(written: str) -> None:
    assert building_key(written) == building_key("メゾンド盛岡")


@pytest.mark.parametrize("other", ["メゾンド盛岡2", "メゾンド盛岡南", "コーポ盛岡"])
def test_other_names_are_other_buildings(other: str) -> None:
    assert building_key(other) != building_key("メゾンド盛岡")


@pytest.mark.parametrize(
    "room",
    [
        "コーポ山田203号室",
        "コーポ山田 203",
        "コーポ山田203号",
        "ハイツ A-1号室",
        "コーポ #203",
        "コーポ(203)",
    ],
)
def test_a_name_with_the_number_of_a_room(room: str) -> None:
    assert names_a_room(room) and is_room(room)


@pytest.mark.parametrize(
    "name", ["コーポ山田", "ハイツ21", "第3荘", "山田マンション2号棟", "プラザ1000", "集会室"]
)
def test_a_name_without_one(name: str) -> None:
    assert not names_a_room(name)


@pytest.mark.parametrize(
    ("rest", "room"),
    [("203", True), ("コーポ山田203", True), ("5号", True), ("2号棟", False), ("地内", False), ("", False)],
)
def test_what_stands_behind_the_numbers_of_an_address(rest: str, room: bool) -> None:
    assert is_room(rest) is room


def test_nobody_said_anything() -> None:
    assert standing([]) == (None, False)


def test_the_first_word_holds_and_another_one_is_a_conflict() -> None:
    said = [Confirmation(A, "o1"), Confirmation(B, "o2")]
    assert standing(said) == (A, True)
    assert standing([*said, Confirmation(A, "o1")]) == (A, True), "repeating it settles nothing"


def test_agreeing_is_no_conflict_and_brings_the_fee_up_to_date() -> None:
    later = Fact("a", JoinsAs.HOUSEHOLD, "家賃と一緒")
    assert standing([Confirmation(A, "o1"), Confirmation(later, "o2")]) == (later, False)
    assert standing([Confirmation(later, "o1"), Confirmation(A, "o2")]) == (later, False)


def test_the_way_of_joining_counts_too() -> None:
    whole = Fact("a", JoinsAs.WHOLE_BUILDING)
    assert standing([Confirmation(A, "o1"), Confirmation(whole, "o2")])[1]


def test_the_city_settles_and_a_later_word_opens_it_again() -> None:
    said = [Confirmation(A, "o1"), Confirmation(B, "o2"), Confirmation(B, "")]
    assert standing(said) == (B, False)
    assert standing([*said, Confirmation(A, "o1")]) == (B, True)
