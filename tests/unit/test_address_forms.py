"""Every town of the real gazetteer in every class of input: read as that town, or openly not, never as another.

The truth is the gazetteer itself, so nothing here is tuned to a table of addresses.
"""

from __future__ import annotations

from collections import Counter
from itertools import cycle, islice
from pathlib import Path

import pytest

from kyodo_geo.addresses import AddressMatcher, Status, koaza_key, split_town
from kyodo_geo.addresses.reading import Match
from tests.unit import address_forms
from tests.unit.address_forms import Form, Written
from tests.unit.test_addresses_shared import morioka_matcher

pytestmark = pytest.mark.shared
REGIONS = ("岩手県盛岡市", "盛岡市", "")


@pytest.fixture(scope="module")
def matcher(shared_data: Path) -> AddressMatcher:
    return morioka_matcher(shared_data / "morioka")


def verdict(found: Match, wanted: Written) -> str:
    """right, lower (the 大字 only, or without its 小字), open, or another town."""
    if found.status is not Status.FOUND:
        return "open"
    (reading,) = found.readings
    got = split_town(reading.town or "")
    if got.oaza != wanted.place.key:
        return "another town"
    numbers = (
        wanted.number if wanted.unit == "丁目" else None,
        wanted.number if wanted.unit == "地割" else None,
    )
    if (got.chome, got.jiwari) == numbers:
        same = koaza_key(reading.koaza) == koaza_key(wanted.koaza)
        return "right" if same or not wanted.koaza else "lower"
    return "lower" if not got.numbered else "another town"


def open_by_nature(wanted: Written) -> bool:
    """A 大字 that also has 丁目 or 地割: its bare lot number may be meant as one of those, and is read or refused so."""
    return not wanted.unit and bool(wanted.place.chome or wanted.place.jiwari)


@pytest.mark.parametrize("form", address_forms.SURE, ids=lambda form: form.__name__)
def test_written_in_full_it_is_found(matcher: AddressMatcher, form: Form) -> None:
    verdicts: Counter[str] = Counter()
    wrong = []
    regions = cycle(REGIONS)
    for wanted in address_forms.addresses(matcher.gazetteer.places):
        if open_by_nature(wanted):
            continue
        text = next(regions) + form(wanted)
        got = verdict(matcher.match(text), wanted)
        verdicts[got] += 1
        if got in ("another town", "lower"):
            wrong.append((text, got))
    assert wrong == []
    assert verdicts["right"] >= 0.99 * verdicts.total(), verdicts


@pytest.mark.parametrize("form", address_forms.UNSURE, ids=lambda form: form.__name__)
def test_written_loosely_or_wrongly_it_is_never_another_town(matcher: AddressMatcher, form: Form) -> None:
    wrong = []
    regions = cycle(REGIONS)
    for wanted in address_forms.addresses(matcher.gazetteer.places):
        if open_by_nature(wanted):
            continue
        text = next(regions) + form(wanted)
        found = matcher.match(text)
        if verdict(found, wanted) == "another town" and not _says_what_it_found(text, found):
            wrong.append((text, found.readings[0].town))
    assert wrong == []


def _says_what_it_found(text: str, found: Match) -> bool:
    """The slip happens to be another town's name, letter by letter: 上太田上吉本 without 上 is 上太田吉本."""
    place = found.readings[0].place
    return place.name in text and found.readings[0].tier == 0


@pytest.mark.parametrize("name", ["倉敷市", "岡山県倉敷市", "秋田県盛岡市", "宮古市", "青森県"])
def test_a_town_named_with_another_city_is_never_ours(matcher: AddressMatcher, name: str) -> None:
    for wanted in islice(address_forms.addresses(matcher.gazetteer.places), 0, None, 3):
        found = matcher.match(name + address_forms.formal(wanted))
        expected = Status.UNKNOWN if name == "秋田県盛岡市" else Status.OUTSIDE
        assert (found.status, found.contradiction) == (expected, name == "秋田県盛岡市"), wanted.base


def test_a_former_ward_never_takes_the_town_of_its_name(matcher: AddressMatcher) -> None:
    """玉山区… is not the town 玉山, unless it is."""
    for wanted in islice(address_forms.addresses(matcher.gazetteer.places), 0, None, 3):
        for ward in ("玉山区", "岩手郡玉山村大字"):
            found = matcher.match(f"盛岡市{ward}{address_forms.formal(wanted)}")
            if found.status is Status.FOUND:
                assert verdict(found, wanted) in ("right", "lower") or wanted.base in ("永井", "馬場"), (
                    ward,
                    wanted,
                )
