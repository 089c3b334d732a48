"""Colours told apart by every eye, as they are seen: at our opacity over white."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from coloraide import Color

from kyodo_geo.errors import InputError
from maps.palettes import FILL_OPACITY, GROUND, OUTLINE, RAMPS, ramp

SIGHTS = (None, "protan", "deutan", "tritan")


def seen(colour: str, ground: str = "#ffffff") -> Color:
    """The colour as it arrives at the eye."""
    over, under = Color(colour).coords(), Color(ground).coords()
    return Color(
        "srgb", [FILL_OPACITY * a + (1 - FILL_OPACITY) * b for a, b in zip(over, under, strict=True)]
    )


def lightness(colour: Color) -> float:
    return colour.convert("lab-d65").coords()[0]


@pytest.mark.parametrize("classes", [2, 3, 4, 5])
@pytest.mark.parametrize("name", RAMPS)
@pytest.mark.parametrize("sight", SIGHTS)
def test_any_two_classes_differ(name: str, classes: int, sight: str | None) -> None:
    colours = [seen(colour) for colour in ramp(name, classes)]
    if sight:
        colours = [colour.filter(sight) for colour in colours]
    assert min(a.delta_e(b, method="2000") for a, b in combinations(colours, 2)) >= 10


def test_the_measure_rejects_red_yellow_green() -> None:
    """The same measure on a palette known to fail; otherwise the test above could not fail."""
    colours = [seen(c).filter("deutan") for c in ("#d7191c", "#fdae61", "#ffffbf", "#a6d96a", "#1a9641")]
    assert min(a.delta_e(b, method="2000") for a, b in combinations(colours, 2)) < 10


@pytest.mark.parametrize("name", ["YlGnBu", "YlOrBr"])
def test_sequential_ramps_darken_step_by_step(name: str) -> None:
    light = [lightness(seen(colour)) for colour in ramp(name, 5)]
    assert all(a - b > 5 for a, b in pairwise(light))


def test_the_diverging_ramp_darkens_from_its_middle_to_both_ends() -> None:
    light = [lightness(seen(colour)) for colour in ramp("PuOr", 5)]
    assert light[0] < light[1] < light[2] > light[3] > light[4]


@pytest.mark.parametrize("name", RAMPS)
def test_the_outline_stands_out_from_both_sides(name: str) -> None:
    outline = Color(OUTLINE)
    grounds = [seen(colour) for colour in ramp(name, 5)] + [Color(GROUND), Color("#ffffff")]
    assert min(outline.contrast(ground, method="wcag21") for ground in grounds) >= 3


def test_unknown_ramps_and_more_than_five_classes_are_refused() -> None:
    for name, classes in (("RdYlGn", 5), ("YlGnBu", 6), ("YlGnBu", 0)):
        with pytest.raises(InputError):
            ramp(name, classes)


def test_fewer_classes_keep_the_ends() -> None:
    for classes in (2, 3, 4):
        chosen = ramp("YlOrBr", classes)
        assert (chosen[0], chosen[-1]) == (ramp("YlOrBr", 5)[0], ramp("YlOrBr", 5)[-1])
        assert len(set(chosen)) == classes
