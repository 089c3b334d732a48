"""Which building a text may name: the keys under which the register of buildings (物件台帳) is asked.

Keys only say what to look up; whether a building found so is the one meant is decided by its place (`memory`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kyodo_geo.addresses import clean
from kyodo_geo.building_names import without_number, without_room
from kyodo_geo.buildings import MIN_KEY, building_key
from kyodo_geo.lookup.answers import Answer, Outcome
from kyodo_geo.lookup.index import LookupIndex

_READ = (Outcome.ONE, Outcome.SEVERAL, Outcome.NONE_HERE)
_MOST_WORDS = 8
_BRACKETS = re.compile(r"[()\[\]{}<>「」『』〔〕【】\"]+")


def names_asked_for(index: LookupIndex, text: str, answer: Answer) -> frozenset[str]:
    """Keys under which the register may hold the building a text names; empty when it names none.

    The whole text may be a name, even where it reads as an address (内丸21). Of an address that was read, what stands
    behind its numbers or behind a space may be one, with a room or more words behind it.
    """
    if answer.outcome is Outcome.OUTSIDE_CITY:
        return frozenset()
    cleaned = clean(text)
    city = index.snapshot.municipality_name
    names = {cleaned}
    if answer.outcome in _READ:
        words = _words(cleaned)
        parts = [words[start:] for start in range(1, min(len(words), _MOST_WORDS))]
        parts.append(_words(index.behind_numbers(text)))
        for part in parts:
            names.update(" ".join(part[:end]) for end in range(1, min(len(part), _MOST_WORDS) + 1))
    return frozenset(key for name in names for key in whole_keys(name, city))


def whole_keys(text: str, city: str) -> Iterator[str]:
    """Keys of a cleaned text that is a name as a whole: with and without a room, brackets and the city in front."""
    name = " ".join(_words(text))
    names = [name, name.partition(city)[2].strip()] if city and city in name else [name]
    for one in names:
        for spelling in {one, without_room(one), without_number(one)}:
            if len(key := building_key(spelling)) >= MIN_KEY:
                yield key


def _words(text: str) -> list[str]:
    return _BRACKETS.sub(" ", text).split()
