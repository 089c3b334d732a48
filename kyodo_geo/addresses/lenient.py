"""The 大字 alone, where what follows it is in no list: for taking addresses apart, never for deciding on associations.

A name that goes on is another name, says the strict reading, because the town might be another one. Here the 大字 is
given as such (`Fit.LOWER`), with a note on what of the text is not known.
"""

from __future__ import annotations

import re

from kyodo_geo.addresses.gazetteer import ALIAS, LOOSE, Entry, Place
from kyodo_geo.addresses.interpret import interpret, unknown_koaza
from kyodo_geo.addresses.normalise import Folded
from kyodo_geo.addresses.numerals import to_kanji
from kyodo_geo.addresses.parts import up_to_name
from kyodo_geo.addresses.reading import Fit, Part, Reading, Use
from kyodo_geo.addresses.tail import CHOME, read_tail
from kyodo_geo.addresses.town_reader import TownReader

_LONGEST_KOAZA = 4
_NUMBER_ALONE = re.compile("([0-9]{1,2})-(?=[0-9])")


def oaza_only(reader: TownReader, folded: Folded, at: int, postal_end: int) -> list[Reading]:
    """Reading of the longest 大字 without 丁目 that stands at `at`, or of a town named by a number; or none."""
    if (numbered := _town_named_by_number(reader, folded, at)) is not None:
        place, end = numbered
        reading = interpret(place, LOOSE, folded, end)
        if reading is not None:
            reading.fit = Fit.LOWER
            reading.notes = (
                f"「{folded.shown(at, end - 1)}」は{place.name}として読みました。",
                *reading.notes,
            )
            reading.parts = up_to_name(folded, postal_end, at, end - 1) + reading.parts
            return [reading]
    for end, entry in reader.gazetteer.prefixes(folded.text, at):
        reading = _reading(entry, folded, end)
        if reading is not None:
            reading.parts = up_to_name(folded, postal_end, at, end) + reading.parts
            reading.name_end = end
            return [reading]
    return []


def _town_named_by_number(reader: TownReader, folded: Folded, at: int) -> tuple[Place, int] | None:
    """和歌山市12-45 for 十二番丁45, with the place after the hyphen."""
    found = _NUMBER_ALONE.match(folded.text, at)
    place = found and reader.gazetteer.places.get(f"{to_kanji(int(found[1]))}番丁")
    return (place, found.end()) if found and place else None


def _reading(entry: Entry, folded: Folded, end: int) -> Reading | None:
    place = entry.place
    if entry.tier > ALIAS or entry.koaza is not None or place.plain is None or place.chome:
        return None
    tail = read_tail(folded.text, end)
    if tail.numbers:
        # 東成瀬3丁目1: the 丁目 is newer than the list, or a slip.
        if tail.numbers[0].unit != CHOME:
            return None
        reading = Reading(place, Fit.LOWER, entry.tier, place.name, place.plain, "oaza")
        reading.notes = (f"{place.name}に{tail.numbers[0].value}丁目はありません。",)
        reading.leave(folded.shown(end))
        reading.parts = (Part(Use.UNUSED, folded.shown(end)),)
        return reading
    if place.key.endswith(("町", "丁")):
        return None
    # 勝浦家六2094番地: a 小字 written without 字 that is not in the list.
    found = unknown_koaza(place, entry.tier, folded, end, end)
    if found is None or found.block is None or len(found.koaza or "") > _LONGEST_KOAZA:
        return None
    return found
