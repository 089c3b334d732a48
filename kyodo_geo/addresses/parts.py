"""Account for every character of an address: which stretch was taken for what."""

from __future__ import annotations

from collections.abc import Sequence

from kyodo_geo.addresses.normalise import Folded
from kyodo_geo.addresses.reading import Part, Use
from kyodo_geo.addresses.tail import Tail


def after_name(folded: Folded, at: int, koaza_to: int, tail: Tail, *, building: bool) -> tuple[Part, ...]:
    """Parts of the text from the end `at` of the town's name; a 小字 reaches to `koaza_to`."""
    parts = []
    if koaza_to > at and (koaza := folded.shown(at, koaza_to)):
        parts.append(Part(Use.KOAZA, koaza))
    if tail.numbers:
        parts.append(Part(Use.NUMBERS, folded.shown(koaza_to, tail.end)))
    if rest := folded.shown(tail.rest_from):
        parts.append(Part(Use.BUILDING if building else Use.UNUSED, rest))
    return tuple(parts)


def up_to_name(folded: Folded, postal_end: int, town_from: int, town_to: int) -> tuple[Part, ...]:
    """Parts of the text up to the end of the town's name."""
    stretches = (
        (Use.POSTAL_CODE, 0, postal_end),
        (Use.REGION, postal_end, town_from),
        (Use.TOWN, town_from, town_to),
    )
    parts = (Part(use, folded.shown(begin, end)) for use, begin, end in stretches if end > begin)
    return tuple(part for part in parts if part.text)


def first_part(parts: Sequence[Part], use: Use) -> Part | None:
    """The first part of a kind."""
    return next((part for part in parts if part.use is use), None)


def rest_of(parts: Sequence[Part]) -> Part | None:
    """The part behind the numbers."""
    last = next((part for part in reversed(parts) if part.use is not Use.POSTAL_CODE), None)
    return last if last is not None and last.use in (Use.BUILDING, Use.UNUSED) else None


def stretch_of_numbers(text: str, parts: Sequence[Part]) -> tuple[int, int]:
    """Where the numbers begin and end in the text."""
    at = 0
    for part in parts:
        begin = text.find(part.text, at)
        if begin < 0:
            break
        if part.use is Use.NUMBERS:
            return begin, begin + len(part.text)
        if part.use in (Use.BUILDING, Use.UNUSED):
            break
        at = begin + len(part.text)
    return at, at
