"""京都市: addresses by streets (寺町通御池上る上本能寺前町488). The streets say how to get there; the town decides."""

from __future__ import annotations

import re

from kyodo_geo.addresses.head import SKIPPED, Start
from kyodo_geo.addresses.normalise import Folded
from kyodo_geo.addresses.reading import Fit, Reading
from kyodo_geo.addresses.tail import skip
from kyodo_geo.addresses.town_reader import TownReader

# 上ル, 下ル, 西入, 東入ル, with a 丁目 or 筋目 before the town: 東入二筋目.
_TURN = re.compile("(?:上ル|下ル|上|下|東入ル|西入ル|東入|西入|入ル)(?![町京賀鴨])")


def after_streets(reader: TownReader, folded: Folded, begin: int, postal_end: int) -> list[Reading]:
    """Readings of the town after the last turn of a street address; only towns that are read in full."""
    turns = list(_TURN.finditer(folded.text, begin))
    for turn in reversed(turns):
        start = Start(skip(folded.text, turn.end(), SKIPPED))
        found = [item for item in reader.readings(folded, (start,), postal_end) if item.fit is Fit.FULL]
        if found:
            street = folded.shown(begin, start.at)
            for reading in found:
                reading.notes = (f"通り名「{street}」は町を決めるのに使っていません。", *reading.notes)
            return found
    return []
