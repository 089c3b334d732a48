"""The plainest addresses read by a shorter way: a town in its own name, with or without the city, then 番 and 号.

How 盛岡市みたけ三丁目12番1号 is read does not depend on the 12 and the 1. So what the reader makes of the town is
remembered, and only the numbers are put in anew. Remembered are beginnings that consist of the city's and a town's names
as the gazetteer has them, never what somebody typed; at most `MAX_KNOWN`. Nothing is decided here: every reading that is
remembered was made by the reader, for several numbers, and was the same for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from kyodo_geo.addresses.gazetteer import Gazetteer
from kyodo_geo.addresses.normalise import Folded, clean, fold
from kyodo_geo.addresses.reading import Match, Part, Reading, Status, Use
from kyodo_geo.addresses.tail import CHOME, JIWARI

MAX_KNOWN = 2048
"""Beginnings that are remembered, under 1 kB each; a town has a few of them."""

# Digits stand in the beginning only as the town's own number (みたけ3丁目, みたけ3-).
_PLAIN = re.compile(
    "([^0-9]{1,40}(?:[1-9][0-9]?(?:-|丁目|地割))?)([1-9][0-9]{0,3})(番地?|-|)(?:(?<=[番地-])([1-9][0-9]{0,3})(号?))?"
)
_NUMBERED = ("丁目", "地割", "-")
"""Ends of a beginning after which no number can be a 丁目 any more, so that numbers without 番 mean the same as with it."""
_PROBES = (("1", "1"), ("23", "4"), ("7", "305"), ("9999", "9999"))

Form = tuple[str, str, bool, str]
"""Beginning, what stands between the two numbers, whether there is a second one, what stands behind it."""


@dataclass(frozen=True, slots=True)
class Known:
    """The reading of a beginning, without the numbers of an address; `lead`: what of the beginning is read as numbers."""

    reading: Reading
    before: tuple[Part, ...]
    lead: str


class PlainReader:
    """Remembers for one matcher. `match` reads in full; `starts` gives the places where a town may begin."""

    def __init__(
        self,
        gazetteer: Gazetteer,
        heads: tuple[str, ...],
        match: Callable[[str], Match],
        starts: Callable[[Folded], Iterable[int]],
    ) -> None:
        self._heads = heads
        self._match = match
        self._starts = starts
        # Spellings with digits of their own could go on into the number of an address.
        keys = {*gazetteer.spellings(), *(key for place in gazetteer.places.values() for key in place.koaza)}
        self._with_digits = tuple(key for key in keys if any("0" <= char <= "9" for char in key))
        self._known: dict[Form, Known | None] = {}

    def read(self, text: str) -> Match | None:
        """The match of a plain text whose beginning is remembered; None for every other text."""
        found = _PLAIN.fullmatch(text)
        if found is None:
            return None
        known = self._known.get(_form(found))
        return None if known is None else Match(Status.FOUND, text, (_filled(known, found),))

    def learn(self, text: str, match: Match) -> None:
        """Remember the beginning of a cleaned text just read in full, if it is plain and nothing of it is in doubt."""
        found = _PLAIN.fullmatch(text)
        if found is None or match.status is not Status.FOUND or not _is_plain(match, found):
            return
        form = _form(found)
        (reading,) = match.readings
        if form in self._known or not self._is_known_name(form[0], reading):
            return
        if len(self._known) >= MAX_KNOWN:
            self._known.clear()
        self._known[form] = self._same_for_all(form, reading, text[found.start(2) :])

    def _same_for_all(self, form: Form, reading: Reading, written: str) -> Known | None:
        """What is the same whatever the numbers are, of a text that ended in those `written`; None where the numbers matter."""
        begin, joint, second, end = form
        if joint in ("", "-") and not begin.endswith(_NUMBERED):
            return None
        if joint == "番地" and reading.place.chome and reading.level != "chome":
            return None  # whether it is a lot beside the 丁目 depends on the number
        if clean(begin) != begin or self._may_go_on(begin):
            return None
        *before, numbers = reading.parts
        lead = numbers.text.removesuffix(written)
        known = Known(replace(reading, block=None, house=None, parts=()), tuple(before), lead)
        for first, last in _PROBES:
            probe = f"{begin}{first}{joint}{last + end if second else ''}"
            parsed = _PLAIN.fullmatch(probe)
            if parsed is None or _form(parsed) != form:
                return None
            if self._match(probe) != Match(Status.FOUND, probe, (_filled(known, parsed),)):
                return None
        return known

    def _is_known_name(self, begin: str, reading: Reading) -> bool:
        """Whether a beginning is nothing but the city's name, or none, and the town's as the gazetteer has it."""
        return any(begin == head + name for name in _names(reading) for head in self._heads)

    def _may_go_on(self, begin: str) -> bool:
        """Whether a town's or a 小字's spelling could reach from the beginning into the number behind it."""
        folded = fold(f"{begin}1")
        end = len(folded.text) - 1
        if folded.text[:end].endswith("字") or any(at >= end for at in self._starts(folded)):
            return True
        ends = (folded.text[:end], folded.text[:end].replace("字", ""))
        return any(
            "0" <= char <= "9" and any(text.endswith(key[:at]) for text in ends)
            for key in self._with_digits
            for at, char in enumerate(key)
            if at
        )


def _form(found: re.Match[str]) -> Form:
    begin, _, joint, house, end = found.groups()
    return begin, joint, house is not None, end or ""


def _is_plain(match: Match, found: re.Match[str]) -> bool:
    """Whether a match says nothing but a town and the two numbers."""
    (reading,) = match.readings
    parts = reading.parts
    return (
        match == Match(Status.FOUND, found.string, match.readings)
        and (reading.block, reading.house) == (found[2], found[4])
        and not (reading.building or reading.unused or reading.doubt)
        and bool(parts)
        and parts[-1].use is Use.NUMBERS
        and all(part.use in (Use.REGION, Use.TOWN, Use.KOAZA) for part in parts[:-1])
        and reading.town is not None
        and (reading.koaza is None or reading.koaza_known)
    )


def _names(reading: Reading) -> Iterator[str]:
    """Ways to write the town, all of its own row of the gazetteer."""
    row, place, koaza = reading.row, reading.place.name, reading.koaza
    if reading.town is None or row is None:
        return
    official = (row.name, reading.town)
    if koaza:
        yield from (f"{name}{aza}{koaza}" for name in official for aza in ("", "字"))
        return
    yield from official
    if row.chome is not None:
        yield from (f"{place}{row.chome}{CHOME}", f"{place}{row.chome}-")
    if row.jiwari is not None:
        yield from (f"{place}{row.jiwari}{JIWARI}", f"{place}第{row.jiwari}{JIWARI}", f"{place}{row.jiwari}-")


def _filled(known: Known, found: re.Match[str]) -> Reading:
    """The reading with the numbers that stand in the text."""
    of = known.reading
    numbers = Part(Use.NUMBERS, known.lead + found.string[found.start(2) :])
    return Reading(
        of.place, of.fit, of.tier, of.town, of.row, of.level, of.koaza, of.koaza_known, of.literal, found[2], found[4],
        of.lot, None, None, of.options, of.notes, (*known.before, numbers), "", of.name_end, of.renamed, of.former,
    )  # fmt: skip
