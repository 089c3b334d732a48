"""Which 番 and 号 are registered, and what to say of one that is not.

Blocks are listed completely where they are listed at all (they change by public notice only), so one that is not there
is a slip or quite new. House numbers are listed as far as houses stood when the list was made: a number in between says
little, one far beyond all others is a slip. Lots (番地) are never listed completely: nothing is said against them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from kyodo_geo.addresses import Reading
from kyodo_geo.lookup.locate import Locator
from kyodo_geo.rules import AddressAt, RuleBook

SPARE_HOUSES = 10
"""Beyond the highest registered 号 so many more are still likely, or half as many again where that is more.

House numbers run round the block, one for every 10 m or so of its rim; from the highest one in use to the corner where
the count began there may be a side of the block without a house, not several.
"""

LARGEST_HOUSE = 300
"""No block has a higher 号: its rim would be 3 km. What is higher is the number of a room."""

_SHOWN_SPANS = 6


class What(Enum):
    """What speaks against a number."""

    ZERO = auto()
    BLOCK = auto()
    """No such block in the town."""
    HOUSE = auto()
    """A house far beyond all of its block."""
    NEW_HOUSE = auto()
    """A house that is not listed but may well stand there."""
    LOT = auto()
    """番地 was written and it is no block: then it is a lot."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What speaks against a number of an address, and one or more Japanese sentences that say so."""

    what: What
    text: str


class Registered:
    """Numbers of one snapshot. Remembers lists of blocks by town, never what was asked for."""

    def __init__(self, locator: Locator, rules: RuleBook) -> None:
        self._locator = locator
        self._rules = rules
        self._known: dict[int, Mapping[int, bool]] = {}

    def doubt(self, reading: Reading, at: AddressAt, level: str | None, *, ruled: bool) -> Doubt | None:
        """What speaks against the numbers of a reading with one town, or None.

        `level` is that of the point found for it, `ruled` whether rules name somebody for it.
        """
        if at.block is None:
            return None
        if (zero := self.zero(reading, at)) is not None:
            return zero
        if level == "house":
            return None
        town = self._locator.block_towns.get((at.town, at.koaza))
        blocks = {} if town is None else self._blocks(town)
        if at.block not in blocks and _complete(blocks):
            return self._no_block(reading, at, tuple(blocks))
        if at.house is None or reading.lot or not (reading.house or "").isdecimal():
            return None
        if town is not None and blocks.get(at.block):
            return self._no_house(at.block, at.house, at, town)
        if not ruled and (ranges := self._rules.houses(at)):
            shown = "・".join(_span(*run) for run in ranges[:_SHOWN_SPANS]) + "号"
            text = (
                f"{at.block}番は号で分けて登録されています（{shown}）。{at.house}号はどれにも入っていません。"
            )
            far = at.house > _likely_up_to(last for _, last in ranges)
            return Doubt(What.HOUSE if far else What.NEW_HOUSE, text)
        if town is not None and at.house > LARGEST_HOUSE:
            text = f"{at.house}号は住居番号としては大きすぎます。部屋番号は、号の後に空白をあけて書いてください。"
            return Doubt(What.HOUSE, text)
        return None

    def _blocks(self, town: int) -> Mapping[int, bool]:
        """The blocks of a town, ascending, and whether their houses are listed."""
        known = self._known.get(town)
        if known is None:
            known = self._known[town] = self._locator.blocks.mains(town)
        return known

    def zero(self, reading: Reading, at: AddressAt) -> Doubt | None:
        """That a number of the reading is 0, with the blocks that exist where the town is known."""
        if at.block != 0 and at.house != 0:
            return None
        unit = "番地" if reading.lot else "番"
        branch = "" if reading.lot else "号"
        part = f"{reading.block}{unit}" if at.block == 0 else f"{reading.house}{branch}"
        town = self._locator.block_towns.get((at.town, at.koaza))
        blocks = {} if town is None or at.block != 0 or reading.lot else self._blocks(town)
        shown = in_words(tuple(blocks), "番")
        listed = f"{_name(reading)}に登録されているのは{shown}です。" if _complete(blocks) else ""
        return Doubt(What.ZERO, f"「{part}」を読み取れません。番号は1から始まります。{listed}")

    def _no_block(self, reading: Reading, at: AddressAt, blocks: Sequence[int]) -> Doubt | None:
        lots = self._locator.lot_towns.get((at.town, at.koaza))
        known_lot = lots is not None and bool(self._locator.lots.of_main(lots, str(at.block)))
        name, listed = _name(reading), in_words(blocks, "番")
        if reading.lot:
            text = f"{name}に{reading.block}番は登録されていません（登録されているのは{listed}）。地番として調べました。"
            return None if known_lot else Doubt(What.LOT, text)
        text = f"{name}に{reading.block}番は登録されていません。登録されているのは{listed}です。"
        if known_lot:
            text += f"地番のときは「{name}{reading.block}番地{reading.house or ''}」と入力してください。"
        return Doubt(What.BLOCK, text)

    def _no_house(self, block: int, house: int, at: AddressAt, town: int) -> Doubt | None:
        """A house of a block whose houses are listed."""
        houses = self._locator.blocks.branches(town, block)
        if houses is None or house in houses:
            return None
        top = _likely_up_to([*houses, *(last for _, last in self._rules.houses(at))])
        listed = f"{block}番の登録にある号は{in_words(houses, '号')}です。{house}号は登録にありません"
        if house > top:
            return Doubt(What.HOUSE, f"{listed}。")
        return Doubt(What.NEW_HOUSE, f"{listed}（新しい建物のこともあります）。")


def _complete(blocks: Mapping[int, bool]) -> bool:
    """Whether these can be all blocks of a town: they are counted from 1, so a list that lacks most is a part."""
    return bool(blocks) and 2 * len(blocks) >= max(blocks)


def _likely_up_to(houses: Iterable[int]) -> int:
    """The highest 号 that may still be a new house, beside those known."""
    top = max(houses)
    return top + max(SPARE_HOUSES, top // 2)


def in_words(numbers: Sequence[int], unit: str) -> str:
    """[1, 2, 3, 5], 番 → 1〜3・5番; many pieces are cut short. Numbers ascend."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    more = "など" if len(runs) > _SHOWN_SPANS else ""
    return "・".join(_span(*run) for run in runs[:_SHOWN_SPANS]) + unit + more


def _span(first: int, last: int) -> str:
    return f"{first}" if first == last else f"{first}〜{last}"


def _name(reading: Reading) -> str:
    koaza = f"字{reading.koaza}" if reading.koaza else ""
    return f"{reading.town or reading.place.name}{koaza}"
