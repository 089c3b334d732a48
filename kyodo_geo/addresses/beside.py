"""Numbers of an address beside those of another: what 、41号 leaves out is as in the one before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kyodo_geo.addresses.reading import Reading
from kyodo_geo.addresses.tail import BAN, BANCHI, CHOME, GO, JIWARI, Number

MAX_ADDRESSES = 25
"""A range of blocks or a list longer than this is no address."""

Chain = tuple[Number, ...]


def chains_beside(first: Chain, more: Chain, *, numbered: bool, lot: bool) -> list[Chain]:
    """Chains that the numbers `more` may stand for beside the chain `first`; or none.

    `numbered`: the first number of a chain is part of the town's name (丁目, 地割); `lot`: what follows it is a lot with
    its branch, so that a number alone may be a branch or another lot.
    """
    base = 1 if numbered else 0
    levels = {CHOME: 0, JIWARI: 0, BAN: base, BANCHI: base, GO: base + 1}
    k, unit = next(((k, number.unit) for k, number in enumerate(more) if number.unit), (0, None))
    if not more or (unit in (CHOME, JIWARI) and not numbered):
        return []
    if unit:
        starts = [levels[unit] - k]
    elif len(more) > 1:
        # 大通1-29、30-1: two numbers may begin with a 丁目 or, the 丁目 being the same, with a block; three are whole.
        starts = [0, base] if len(more) == 2 else [0]
    else:
        starts = [len(first) - 1, *([base] if lot else [])]
    return [(*first[:start], *more) for start in dict.fromkeys(starts) if 0 <= start <= len(first)]


def span(first: tuple[Number, ...], end: tuple[Number, ...]) -> list[tuple[Number, ...]]:
    """Chains from `first` (left out) to `end`; none when they differ in more than their last numbers."""
    if len(end) != len(first) or [n.value for n in end[:-1]] != [n.value for n in first[:-1]]:
        return []
    low, high = first[-1].value, end[-1].value
    numbers = range(low + 1, high + 1) if high - low <= MAX_ADDRESSES else ()
    return [(*end[:-1], replace(end[-1], value=value)) for value in numbers]


def most_exact(readings: Sequence[Reading]) -> list[Reading]:
    """Readings without repetitions, and without a town alone that another one completes."""
    places: dict[tuple[str | None, ...], Reading] = {}
    for item in readings:
        places.setdefault((item.town, item.koaza, item.block, item.house, item.unused), item)
    kept = list(places.values())

    def more_exact(other: Reading, item: Reading) -> bool:
        same_town = (other.town, other.koaza) == (item.town, item.koaza)
        return same_town and item.block is None and other.block is not None and item.unused is None

    return [item for item in kept if not any(more_exact(other, item) for other in kept)]
