"""Explain the text after a place's name: 小字, numbers, a building — or refuse.

What is neither used nor a building makes the reading impossible, because a name that goes on is another name.
"""

from __future__ import annotations

from kyodo_geo.addresses.chains import NO_CHOME, open_chome, read_chain, with_numbers, without_chome
from kyodo_geo.addresses.gazetteer import Place
from kyodo_geo.addresses.normalise import Folded
from kyodo_geo.addresses.parts import after_name
from kyodo_geo.addresses.reading import Fit, Reading
from kyodo_geo.addresses.tail import (
    CHOME,
    JIWARI,
    Tail,
    looks_like_building,
    read_tail,
    skip,
)

_LONGEST_KOAZA = 12
_DIRECTIONS = ("東", "西", "南", "北")


def interpret(
    place: Place, tier: int, folded: Folded, at: int, *, koaza: str | None = None, as_oaza: bool = False
) -> Reading | None:
    """Reading of `folded` from `at` on, which follows the place's name; None when the place does not explain it.

    `koaza`: the spelling that led here already named this 小字 of the place. `as_oaza`: 大字 or 字 stood before the name.
    """
    text = folded.text
    begin = skip(text, at, " ・、,-")
    if begin > at and text[begin - 1] == "-" and not text[begin : begin + 1].isdecimal():
        begin = at  # a hyphen parts a name from its numbers (上田-1-12-3), from nothing else
    written = "・" in text[at:begin]
    while text.startswith(("字", "大字", "小字"), begin):
        begin = skip(text, begin + (1 if text[begin] == "字" else 2), " ")
        written = True
    if koaza is not None:
        return _with_koaza(place, tier, folded, at, begin, koaza, known=koaza in place.koaza)
    tail = read_tail(text, begin)
    # After 字 a 小字 wins over a number: 字三ノ坪, 字乙.
    if (written or not tail.numbers) and (found := _known_koaza(place, text, begin)) is not None:
        key, end = found
        reading = _with_koaza(place, tier, folded, at, end, key, known=True)
        if reading is not None:
            reading.literal = written
            return reading
    if tail.numbers:
        return _ended(read_chain(place, tier, tail.numbers, as_oaza=as_oaza), folded, at, tail)
    if written:
        return unknown_koaza(place, tier, folded, at, begin)
    if place.key[-1] in "号線条" and text[begin : begin + 1] in _DIRECTIONS:
        return _on_a_grid(place, tier, folded, at, begin)
    # No name of a town goes on with a parenthesis or a Latin letter.
    apart = begin > at or text[begin : begin + 1] == "(" or "A" <= text[begin : begin + 1] <= "Z"
    return _bare(place, tier, folded, at, tail, apart=apart)


def _on_a_grid(place: Place, tier: int, folded: Folded, at: int, begin: int) -> Reading | None:
    """十四号北1番地: in settlements laid out by lines, a direction belongs to the number."""
    tail = read_tail(folded.text, begin + 1)
    if not tail.numbers or place.chome or tail.numbers[0].unit in (CHOME, JIWARI):
        return None
    reading = without_chome(place, tier, tail.numbers)
    reading.block = folded.text[begin] + (reading.block or "")
    return _ended(reading, folded, at, tail)


def _bare(place: Place, tier: int, folded: Folded, at: int, tail: Tail, *, apart: bool) -> Reading | None:
    """Nothing but the name, perhaps with a building, when something set what follows apart from the name."""
    rest = folded.text[tail.rest_from :]
    if rest and not (apart and looks_like_building(rest)):
        return None
    if place.chome:
        return _ended(open_chome(place, tier, NO_CHOME), folded, at, tail)
    return _ended(Reading(place, Fit.FULL, tier, place.name, place.plain, "oaza"), folded, at, tail)


def _with_koaza(
    place: Place, tier: int, folded: Folded, at: int, end: int, key: str, *, known: bool
) -> Reading | None:
    """The 小字 that stands between the name's end `at` and `end` of the text, or stood within the name."""
    tail = read_tail(folded.text, end)
    if any(number.unit in (CHOME, JIWARI) for number in tail.numbers):
        return None
    if not tail.numbers and tail.rest_from < len(folded.text) and not tail.set_off:
        return None
    row = place.koaza[key] if known else None
    koaza = (row.koaza if row is not None else None) or key
    reading = Reading(
        place, Fit.FULL if known else Fit.LOWER, tier, place.name, row or place.plain, "koaza" if known else "oaza",
        koaza=koaza.removeprefix("字"), koaza_known=known, lot=True,
        notes=() if known else (f"小字「{koaza}」は町・字の一覧にありません。",),
    )  # fmt: skip
    return _ended(with_numbers(reading, tail.numbers), folded, at, tail, end)


def _known_koaza(place: Place, text: str, at: int) -> tuple[str, int] | None:
    """Longest 小字 of the place that stands at `at`, spaces within it allowed; with the place after it."""
    if not place.koaza:
        return None
    for end in range(min(len(text), at + _LONGEST_KOAZA), at, -1):
        key = text[at:end].replace(" ", "")
        if key in place.koaza and text[end - 1] != " ":
            return key, end
    return None


def unknown_koaza(place: Place, tier: int, folded: Folded, at: int, begin: int) -> Reading | None:
    """字 stands there, so what follows is a 小字, though the gazetteer does not have it."""
    text = folded.text
    if place.chome and not (place.plain or place.koaza or place.jiwari):
        return None
    for end in range(begin + 1, min(len(text), begin + _LONGEST_KOAZA) + 1):
        if end == len(text) or text[end] in " (" or read_tail(text, end).numbers:
            return _with_koaza(place, tier, folded, at, end, folded.shown(begin, end), known=False)
    return None


def _ended(
    reading: Reading | None, folded: Folded, at: int, tail: Tail, koaza_to: int | None = None
) -> Reading | None:
    """Name what follows the numbers: a building, or text that was not used."""
    if reading is None:
        return None
    rest = folded.shown(tail.rest_from)
    building = False
    if rest:
        forgotten = len(tail.numbers) == 1 and rest[0].isdigit()
        building = not forgotten and (tail.set_off or looks_like_building(folded.text[tail.rest_from :]))
        if building:
            reading.building = f"{reading.building} {rest}" if reading.building else rest
        else:
            reading.leave(rest)
    reading.parts = after_name(folded, at, koaza_to or at, tail, building=building)
    return reading
