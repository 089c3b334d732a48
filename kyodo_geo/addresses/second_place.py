"""Whether what stands in the rest of an address is another address, or another municipality, or a building's name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kyodo_geo.addresses.gazetteer import ALIAS
from kyodo_geo.addresses.head import ORDINARY
from kyodo_geo.addresses.normalise import fold
from kyodo_geo.addresses.parts import first_part, rest_of
from kyodo_geo.addresses.reading import Reading, Use
from kyodo_geo.addresses.tail import looks_like_building

_ADDRESS_NUMBERS = re.compile("[0-9]+(?:-[0-9]|番|丁目|地割)")


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another municipality or prefecture as written; `known`: it is one for certain, not a word that ends in 市."""

    name: str
    known: bool


def is_address(reading: Reading, *, listed: bool) -> bool:
    """Whether a text within a rest is an address, not a building named after a town (本町通1丁目店)."""
    if reading.tier > ALIAS:
        return False
    rest = rest_of(reading.parts)
    if first_part(reading.parts, Use.NUMBERS) is None:
        return rest is None and (listed or first_part(reading.parts, Use.REGION) is not None)
    return reading.block is not None or rest is None


def is_elsewhere(text: str, other: Elsewhere) -> bool:
    """Whether another municipality's name begins an address, not a building's name (岩手県産業会館, 朝市マーケット)."""
    rest = fold(text.partition(other.name)[2]).text
    if _ADDRESS_NUMBERS.search(rest) is not None:
        return True
    return other.known and (not rest or not (rest[0] in ORDINARY or looks_like_building(rest)))
