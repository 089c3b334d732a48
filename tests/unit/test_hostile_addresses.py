"""Whatever is typed: nothing is raised, nothing is answered without a basis that the data bear out, nothing takes long.

The strings are made to hurt: lone surrogates, combining marks, direction marks, NUL, private characters, real addresses
with pieces doubled, dropped and foreign characters put between, and ten thousand characters of one kind.
"""

from __future__ import annotations

import functools
import time
import unicodedata
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from kyodo_geo.addresses import MAX_LENGTH, AddressMatcher, Gazetteer, Status, clean
from kyodo_geo.buildings import building_key
from kyodo_geo.lookup import LookupIndex
from kyodo_geo.lookup.answers import Answer, Basis, Outcome
from kyodo_geo.lookup_types import Rule
from kyodo_geo.notation import MAX_RULES, read_notation
from tests.unit import address_forms
from tests.unit.lookup_world import TOWNS, snapshot
from tests.unit.test_address_accounting import SEPARATORS
from tests.unit.test_address_national import MATCHER as NATIONAL

MATCHER = AddressMatcher(Gazetteer(TOWNS, "03201"), "03201", "盛岡市", "岩手県")
SNAPSHOT = snapshot(
    [
        Rule("A1", "whole", "みたけ一丁目"), Rule("A2", "part", "みたけ二丁目", None, 1, 9), Rule("B1", "whole", "青山町"),
        Rule("B2", "except", "みたけ二丁目", None, 5, 5),
    ]
)  # fmt: skip
INDEX = LookupIndex(SNAPSHOT)
FORMS = (
    address_forms.formal, address_forms.hyphens, address_forms.kanji, address_forms.spaced, address_forms.building,
    address_forms.fullwidth, address_forms.half_kana, address_forms.nakaguro,
)  # fmt: skip
REAL = sorted({form(place) for place in address_forms.addresses(MATCHER.gazetteer.places) for form in FORMS})
FOREIGN = (
    "\0", "\ud800", "\udfff", "\u202e", "\u200f", "\u2066", "\u200b", "\u200d", "\ufe0f", "\U000e0100", "\u0301", "\u3099",
    "\ue000", "\ufffe", "\U0010ffff", "𠮷", "ﾞ", "㍿", "ﷺ", "①", "Ⅳ", "½", "٣", "३", "𝟛",
    "〇", "壱", "\r\n", "\t", "\u2028", "　", "%00", "'--",
    "${x}", "{{7*7}}", "<b>", "(", "）", "-", "−", "ー", "丁目", "番", "号", "の", "地割", "字",
)  # fmt: skip
anything = st.text(st.characters(exclude_categories=()), max_size=120)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A real form, a few of its pieces doubled, dropped, swapped, or with something foreign between."""
    text = list(draw(st.sampled_from(REAL)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(text)))
        what = draw(st.sampled_from(("put", "drop", "double", "swap")))
        if what == "put":
            text.insert(at, draw(st.sampled_from(FOREIGN)))
        elif what == "drop":
            del text[at : at + draw(st.integers(1, 3))]
        elif what == "double":
            text[at:at] = text[max(0, at - draw(st.integers(1, 8))) : at]
        elif text:
            text[at - 1 : at + 1] = text[at - 1 : at + 1][::-1]
    return "".join(text)


texts = st.one_of(
    mutated(),
    anything,
    st.lists(st.sampled_from(FOREIGN) | st.sampled_from(REAL), max_size=6).map("".join),
    st.tuples(mutated(), mutated()).map("、".join),
)


def has_basis(answer: Answer) -> bool:
    """Whether the data say of each association what the answer says: looked up here by hand, not by the index."""
    place = answer.address
    for found in answer.associations:
        assert found.reason
        if found.basis is Basis.RULE:
            rules = [rule for rule in SNAPSHOT.rules if rule.association_id == found.id]
            towns = {place.town} if place is not None and place.town else set()
            if towns and not any(
                rule.town in towns or str(place.town).startswith(rule.town) for rule in rules
            ):
                return False
        elif found.basis is Basis.AREA:
            (area,) = (item.geom for item in SNAPSHOT.associations if item.association_id == found.id)
            if area is None:
                return False
            if place.lon is None or place.lat is None:
                # Several places are meant: each is told with the answer.
                if not (answer.several or answer.towns):
                    return False
                # One association for all of them only where each alone is answered so, on a basis of its own.
                if answer.outcome is Outcome.ONE and not all(
                    has_basis(alone) and [one.id for one in alone.associations] == [found.id]
                    for alone in (INDEX.by_address(str(told.normalised)) for told in answer.several)
                ):
                    return False
            elif (
                shapely.distance(area, shapely.Point(place.lon, place.lat)) * 111_000
                > (place.accuracy_m or 0) + 1
            ):
                return False
    return answer.outcome is not Outcome.ONE or len(answer.associations) == 1


@settings(max_examples=80, deadline=None)
@given(texts)
def test_the_matcher_accounts_for_every_character(text: str) -> None:
    found = MATCHER.match(text)
    # The parts are the input, in its order: nothing is added, nothing is dropped. A second address in the same text is read
    # with the town of the first, which then stands in the parts twice.
    parts = [SEPARATORS.sub("", part.text) for part in found.parts]
    whole = SEPARATORS.sub("", found.text)
    assert all(part in whole for part in parts)
    rest = iter("".join(parts))
    assert all(char in rest for char in whole)
    if found.status is Status.FOUND:
        assert found.readings[0].town or found.readings[0].options
    if len(text) <= MAX_LENGTH:
        assert clean(clean(text)) == clean(text)
    assert not {unicodedata.category(char) for char in clean(text)} & {"Cc", "Cf", "Cs", "Co"}


@settings(max_examples=60, deadline=None)
@given(texts)
def test_an_answer_stands_on_a_rule_or_an_area_of_the_data(text: str) -> None:
    answer = INDEX.by_address(text)
    assert has_basis(answer), answer
    if answer.outcome is Outcome.ONE:
        places = answer.several or [answer.address]
        # a town of the data, or the name that several of them begin with
        towns = {town.name for town in TOWNS}
        assert all(
            any(name.startswith(str(place.town)) for name in towns) for place in places if place is not None
        )
    answer.as_dict()


@settings(max_examples=30, deadline=None)
@given(st.lists(texts, min_size=2, max_size=6).map("\n".join))
def test_several_in_one_text_are_never_one_without_all_of_them(text: str) -> None:
    assert has_basis(INDEX.by_address(text))


@settings(max_examples=60, deadline=None)
@given(texts)
def test_the_national_matcher_answers_whatever_comes(text: str) -> None:
    found = NATIONAL.match(text)
    assert found.match.status in Status
    if found.match.status is Status.FOUND:
        assert found.match.readings and found.municipality is not None


@settings(max_examples=60, deadline=None)
@given(texts)
def test_names_suggestions_and_buildings_take_whatever_comes(text: str) -> None:
    assert len(INDEX.suggest(text, 8)) <= 8
    for item in INDEX.suggest(text, 8):
        assert item.kind
    INDEX.search_names(text)
    INDEX.towns_of_postal_code(text)
    INDEX.behind_numbers(text)
    assert building_key(building_key(text)) == building_key(text)


@settings(max_examples=60, deadline=None)
@given(texts)
def test_the_notation_takes_whatever_comes(text: str) -> None:
    found = read_notation(text)
    assert len(found.rules) <= MAX_RULES
    for stretch in (*found.pieces, *found.findings):
        assert text[stretch.start : stretch.end] == stretch.text
    # No rule out of nothing: what is read of a text that is not there is nothing.
    assert not found.rules or found.pieces


def many_more(test: Any, number: int) -> Any:
    """The same property on more examples, in the long matrix."""
    return pytest.mark.full(
        settings(max_examples=number, deadline=None)(given(texts)(test.hypothesis.inner_test))
    )


test_the_matcher_on_many_more = many_more(test_the_matcher_accounts_for_every_character, 5_000)
test_the_answers_on_many_more = many_more(test_an_answer_stands_on_a_rule_or_an_area_of_the_data, 5_000)
test_the_notation_on_many_more = many_more(test_the_notation_takes_whatever_comes, 3_000)

UNITS = (
    "1",
    "1-",
    "みたけ",
    "丁目",
    "（",
    "\u0301",
    "\u202e",
    "\ud800",
    " ",
    "ー",
    "二十",
    "、みたけ1",
    "あ",
)
FEW = ("1-", "\u0301")
READERS = {
    "match": lambda text: MATCHER.match(text), "national": lambda text: NATIONAL.match(text), "clean": clean,
    "lookup": lambda text: INDEX.by_address(text), "notation": read_notation, "names": lambda text: INDEX.search_names(text),
    "suggest": lambda text: INDEX.suggest(text, 8), "building": building_key,
}  # fmt: skip
SMALL, FLOOR_S, MOST = 5_000, 0.03, 3.2
"""Twice the length may take 3.2 times as long; what takes less than the floor cannot be told from noise."""


def seconds(work: object) -> float:
    """The better of two, in seconds of processor."""
    best = float("inf")
    for _ in range(2):
        began = time.process_time()
        work()  # type: ignore[operator]
        best = min(best, time.process_time() - began)
    return best


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "unit", [pytest.param(u, marks=() if n in (1, 5, 11) else pytest.mark.full) for n, u in enumerate(UNITS)]
)
def test_twice_the_length_takes_about_twice_the_time(reader: str, unit: str) -> None:
    read = READERS[reader]
    read("みたけ一丁目1番")
    short, long = ((unit * (size // len(unit)))[:size] for size in (SMALL, 2 * SMALL))
    one, two = seconds(functools.partial(read, short)), seconds(functools.partial(read, long))
    assert two <= max(FLOOR_S, one) * MOST, (one, two)
    assert two < 3


def test_the_doubling_finds_what_is_quadratic() -> None:
    def quadratic(text: str) -> None:
        for at in range(len(text)):
            text[at:]

    one, two = (seconds(functools.partial(quadratic, "a" * size)) for size in (100_000, 200_000))
    assert two > max(FLOOR_S, one) * MOST
