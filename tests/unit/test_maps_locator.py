"""The small map of all districts: the chosen one filled, the others outlined, names as text."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from maps.locator import Locator
from tests.unit.maps_world import HOSTILE, square

AREAS = {no: square(141.0 + no * 0.01, 39.0, 0.01) for no in range(3)}


def test_the_chosen_district_alone_is_filled_and_lies_in_its_place() -> None:
    drawn = Locator.of(AREAS).drawn(2, "三")
    assert drawn is not None
    assert drawn.count("<path") == 3
    (path,) = re.findall(r'class="chosen" d="([^"]+)"', drawn)
    xs = [float(pair.split()[0]) for pair in re.split("[MLZ]+", path) if pair]
    assert min(xs) > 240 * 0.6, "the easternmost of three"


def test_it_says_what_it_shows_and_hostile_names_are_text() -> None:
    drawn = Locator.of(AREAS).drawn(0, HOSTILE)
    tree = ElementTree.fromstring(str(drawn))
    assert tree.get("role") == "img"
    assert tree.get("aria-label") == f"{HOSTILE}の市内での位置"


def test_a_district_without_an_area_has_no_map() -> None:
    assert Locator.of(AREAS).drawn(9, "九") is None
    assert Locator.of({}).drawn(1, "一") is None
