"""Whether what stands in the rest of an address is another address, or another municipality, or a building's name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kyodo_geo.addresses.gazetteer import ALIAS
from kyodo_geo.addresses.head import ORDINARY
from kyodo_geo.addresses.normalise import fold
from kyodo_geo.addresses.parts import first_part, rest_of
from kyodo_geo.addresses.reading import Reading, Use
from kyodo_geo.addresses.tail import SMALLEST_ROOM, looks_like_building

_ADDRESS = re.compile("[^ 0-9]{0,12}[0-9]+(?:-[0-9]|番(?!館|街)|丁目|地割)")
_OFFICE = re.compile("銀行|農協|組合|商店|支社|張所|営業所|会$|会館|機構|公社|県人")


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another municipality or prefecture as written; `known`: it is one for certain, not a word that ends in 市."""

    name: str
    known: bool


def is_address(reading: Reading, *, listed: bool, complete: bool) -> bool:
    """Whether a text within a rest is an address, not a building named after a town (本町通1丁目店, 青山305).

    `listed`: it stands in a list; `complete`: the address before it has its house number.
    """
    if reading.tier > ALIAS:
        return False
    rest = rest_of(reading.parts)
    numbers = first_part(reading.parts, Use.NUMBERS)
    if numbers is None:
        return rest is None and (listed or first_part(reading.parts, Use.REGION) is not None)
    alone = numbers.text.strip().isdecimal()
    if alone and complete and not listed:
        # 青山305 and 内丸12ビル are buildings; 内丸12 may be a lot.
        return int(numbers.text) < SMALLEST_ROOM and rest is None
    return reading.block is not None or rest is None


def is_elsewhere(text: str, other: Elsewhere) -> bool:
    """Whether another municipality's name begins an address, not a building's name (岩手県産業会館, 朝市マーケット)."""
    rest = fold(text.partition(other.name)[2]).text.strip()
    if not other.known or (rest and rest[0] in ORDINARY and rest[0] != "内"):
        return False
    if not rest or _ADDRESS.match(rest) is not None:
        return True
    return not (looks_like_building(rest) or _OFFICE.search(rest))
