"""Postal codes: compared with the town as far as the gazetteer knows them, and looked up when they stand alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kyodo_geo.addresses import AddressMatcher, Gazetteer, Status
from tests.unit.lookup_world import TOWNS

CODES = {
    "みたけ": "0200122",
    "青山町": "0200133",
    "渋民": "0284132",
    "内丸": "0200023",
    "仙北町": "0200861",
    "仙北": "0200861",
}
MATCHER = AddressMatcher(
    Gazetteer(
        [
            replace(
                row,
                postal_code=next((code for name, code in CODES.items() if row.name.startswith(name)), None),
            )
            for row in TOWNS
        ],
        "03201",
    ),
    "03201",
    "盛岡市",
    "岩手県",
)


@pytest.mark.parametrize(
    "text",
    [
        "〒020-0122 盛岡市みたけ3-12-1", "0200122みたけ3-12-1", "020 0122 みたけ3-12-1", "郵便番号020-0122 みたけ3-12-1",
        "みたけ3-12-1 〒020-0122", "盛岡市みたけ3-12-1（〒020-0122）",
    ],
)  # fmt: skip
def test_a_code_that_fits_is_accepted(text: str) -> None:
    found = MATCHER.match(text)
    assert (found.status, found.postal_code, found.postal_conflict) == (Status.FOUND, "0200122", False)
    assert found.readings[0].notes == ()


@pytest.mark.parametrize("text", ["〒020-0133 盛岡市みたけ3-12-1", "みたけ3-12-1 〒020-0133"])
def test_a_code_of_another_town_is_reported(text: str) -> None:
    found = MATCHER.match(text)
    assert (found.status, found.postal_conflict) == (Status.FOUND, True)
    assert "020-0133は青山町の番号で" in found.readings[0].notes[0]
    assert "020-0122" in found.readings[0].notes[0]


def test_a_code_nobody_knows_is_reported_too() -> None:
    assert MATCHER.match("〒999-9999 みたけ3-12-1").postal_conflict


def test_a_code_of_an_office_does_not_contradict() -> None:
    assert not MATCHER.match("〒020-8530 盛岡市内丸12-2").postal_conflict
    assert MATCHER.match("〒100-8530 盛岡市内丸12-2").postal_conflict


def test_a_town_without_a_code_is_not_judged() -> None:
    assert not MATCHER.match("〒020-0122 八幡町2-3").postal_conflict


def test_a_conflict_is_said_when_the_town_is_open() -> None:
    found = MATCHER.match("〒020-0133 みたけ")
    assert found.status is Status.SEVERAL
    assert "020-0133は青山町の番号" in found.reason


def test_a_code_alone_gives_its_towns() -> None:
    found = MATCHER.match("〒020-0122")
    assert found.status is Status.SEVERAL
    assert found.readings[0].options == ("みたけ一丁目", "みたけ二丁目", "みたけ三丁目")
    assert found.reason == "郵便番号020-0122だけでは、町・字をひとつに決められません。"
    both = MATCHER.match("020-0861 盛岡市")
    assert {name for reading in both.readings for name in reading.names} == {"仙北一丁目", "仙北町"}
    one = MATCHER.match("〒020-0133")
    assert (one.status, one.readings[0].town) == (Status.FOUND, "青山町")
    assert "郵便番号だけ" in one.readings[0].notes[0]


def test_a_code_with_words_that_are_not_understood_offers_its_towns() -> None:
    found = MATCHER.match("〒020-0023 岩手公園")
    assert (found.status, found.suggestions, found.unknown) == (Status.UNKNOWN, ("内丸",), "岩手公園")
    assert "020-0023の町・字は内丸" in found.reason


def test_a_code_that_is_not_known_says_nothing_about_towns() -> None:
    assert MATCHER.match("〒020-0000").status is Status.UNKNOWN
