"""Nothing of an address is dropped silently: every character is used, recognised, or reported."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kyodo_geo.addresses import AddressMatcher, Gazetteer, Match, Status, Use
from tests.unit import address_forms
from tests.unit.lookup_world import TOWNS

MATCHER = AddressMatcher(Gazetteer(TOWNS, "03201"), "03201", "盛岡市", "岩手県")
PLACES = list(address_forms.addresses(MATCHER.gazetteer.places))
ADDRESS = re.compile("青山町2|滝沢市|[0-9]番(?![館街])|[0-9]番地|^[0-9]+-[0-9]+-[0-9]")
SEPARATORS = re.compile(r"[ ,、。・:;/()\-\[\]{}「」『』【】〔〕<>\"'■□●○◆◇★☆→⇒*#]")

REGIONS = (
    "",
    "盛岡市",
    "岩手県盛岡市",
    "〒020-0122 岩手県 盛岡市",
    "岩手郡玉山村",
    "盛岡",
    "日本国岩手県岩手県盛岡市",
)
RESIDUES = (
    "", "・13番", "〜15", "、13-2号", "(14-1)", "「青山町2-1」", "または青山町2-1", "から20番", "(旧 青山町2-1)", " 滝沢市",
    "と4",
    " 〒020-0001", "東側", "の一部", "-4-5-6 ほげ", "　青山町2-1", " 岩手県盛岡市青山町2-1", "1号", "5階", "A",
    " 305", "様方", "(旧2番)", " TEL019-651-4111", "ー", "号", "\ue000", "と青山町1", "番", "、みたけ2丁目",
)  # fmt: skip


def uses(found: Match) -> list[tuple[Use, str]]:
    return [(part.use, part.text) for part in found.parts]


def assert_accounted(found: Match) -> None:
    """The parts are the input, in its order, and what is not used is said."""
    assert SEPARATORS.sub("", "".join(part.text for part in found.parts)) == SEPARATORS.sub("", found.text)
    said = found.reason + "".join(note for reading in found.readings for note in reading.notes)
    for part in found.parts:
        if part.use is Use.UNUSED and found.readings:
            assert part.text[:15] in said
    if found.status is Status.FOUND:
        assert_numbers_used(found, said)


def assert_numbers_used(found: Match, said: str) -> None:
    (reading,) = found.readings
    written = " ".join(part.text for part in found.parts if part.use is Use.NUMBERS)
    numbers = re.findall(r"[0-9]+", written)
    towns = re.findall(r"[0-9]+", f"{reading.row.chome} {reading.row.jiwari}" if reading.row else "")
    used = f"{reading.block} {reading.house} {reading.building} {reading.unused} {said}"
    for number in numbers:
        assert str(int(number)) in re.findall(r"[0-9]+", used) + towns, (number, found)
    for part in found.parts:
        # What looks like an address is none of a building's business, unless somebody is told.
        if part.use is Use.BUILDING and not reading.doubt:
            assert ADDRESS.search(part.text) is None, found


@settings(max_examples=600, deadline=None)
@given(
    form=st.sampled_from([*address_forms.SURE, *address_forms.UNSURE]),
    place=st.sampled_from(PLACES),
    region=st.sampled_from(REGIONS),
    residue=st.sampled_from(RESIDUES),
)
def test_every_character_is_accounted_for(form, place, region: str, residue: str) -> None:
    assert_accounted(MATCHER.match(region + form(place) + residue))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60).map(lambda text: f"みたけ3-12-1{text}"))
def test_whatever_follows_is_a_building_or_is_reported(text: str) -> None:
    assert_accounted(MATCHER.match(text))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "〒020-0122 岩手県盛岡市みたけ3-12-1 城北ビル",
            [
                (Use.POSTAL_CODE, "〒020-0122"), (Use.REGION, "岩手県盛岡市"), (Use.TOWN, "みたけ"),
                (Use.NUMBERS, "3-12-1"), (Use.BUILDING, "城北ビル"),
            ],
        ),
        ("渋民字鶴塚55", [(Use.TOWN, "渋民"), (Use.KOAZA, "字鶴塚"), (Use.NUMBERS, "55")]),
        ("みたけ3-12-1東側の空き地", [(Use.TOWN, "みたけ"), (Use.NUMBERS, "3-12-1"), (Use.UNUSED, "東側の空き地")]),
        ("みたけ3-12-1 〒020-0122", [(Use.TOWN, "みたけ"), (Use.NUMBERS, "3-12-1"), (Use.POSTAL_CODE, "〒020-0122")]),
        ("みたけ七丁目", [(Use.UNUSED, "みたけ七丁目")]),
    ],
)  # fmt: skip
def test_parts_of_an_address(text: str, parts: list[tuple[Use, str]]) -> None:
    assert uses(MATCHER.match(text)) == parts


@pytest.mark.parametrize(
    ("text", "unused"),
    [
        ("みたけ三丁目5号", "5号"),
        ("下飯岡99-48", "48"),
        ("みたけ3-12-1 (旧2番)", "(旧2番)"),
        ("みたけ3-12-1-2-3-4", "2-3-4"),
    ],
)
def test_numbers_that_are_not_used_are_reported(text: str, unused: str) -> None:
    (reading,) = MATCHER.match(text).readings
    assert reading.unused == unused
    assert any(f"「{unused}」は使っていません" in note for note in reading.notes)


def test_a_county_that_is_not_the_municipalitys_is_reported() -> None:
    (reading,) = MATCHER.match("岩手県紫波郡盛岡市みたけ3-12-1").readings
    assert reading.town == "みたけ三丁目"
    assert reading.notes == ("「紫波郡」は使っていません。",)


def test_what_is_no_character_does_not_vanish() -> None:
    assert MATCHER.match("青山\ue000町2-1").status is Status.UNKNOWN
    assert "〓" in (MATCHER.match("青山町2-1 \ue000荘").readings[0].building or "")


def test_a_refusal_names_the_part_that_was_not_understood() -> None:
    found = MATCHER.match("盛岡市青山町東2-5")
    assert found.unknown == "東2-5"
    assert "「青山町」の後の「東2-5」" in found.reason
    assert MATCHER.match("盛岡市ほげ1-1").unknown == "ほげ1-1"


def test_a_refusal_says_what_exists_in_words() -> None:
    assert "みたけには一〜三丁目があります" in MATCHER.match("みたけ7-1-1").reason
    assert "渋民字鶴塚" in MATCHER.match("渋民鶴家5").suggestions
