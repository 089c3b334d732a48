"""What to do next where an address leaves several open."""

from __future__ import annotations

from kyodo_geo.addresses import Reading
from kyodo_geo.lookup.replies import CHOOSE


def hint_for(reading: Reading, candidates: int) -> str:
    """What to add to the address; where nothing is missing, to choose."""
    lots = reading.lot and reading.level != "chome"
    whole = reading.level == "oaza" and not reading.koaza
    if whole and reading.place.koaza:
        part = "字" if reading.block else "字や番地"
    elif whole and reading.place.jiwari:
        part = "地割" if reading.block else "地割や番地"
    elif reading.house or (lots and reading.block):
        return CHOOSE
    else:
        part = "号" if reading.block and not reading.lot else "番地" if lots else "番・号"
    return f"{part}まで入力すると{'絞り込める' if candidates > 1 else '確かめられる'}ことがあります。"
