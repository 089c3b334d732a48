"""Memory of buildings (物件台帳, 取組1): which association a building belongs to, confirmed once and found by its name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kyodo_geo.addresses import fold_name

MIN_KEY = 2
"""Shorter names would be found inside every other one."""
MAX_NAME = 100
MAX_ADDRESS = 200
MAX_FEE_WAY = 200


class JoinsAs(StrEnum):
    """How the people of a building join."""

    HOUSEHOLD = "household"
    WHOLE_BUILDING = "whole-building"
    OWN_ASSOCIATION = "own-association"
    NONE = "none"

    @property
    def label(self) -> str:
        """What people read."""
        return _LABELS[self]


_LABELS = {
    JoinsAs.HOUSEHOLD: "世帯ごとに加入する",
    JoinsAs.WHOLE_BUILDING: "建物全体で加入している",
    JoinsAs.OWN_ASSOCIATION: "建物だけの町内会・自治会がある",
    JoinsAs.NONE: "加入する町内会・自治会がない",
}

# Words that many names share and people leave out or add: they do not tell two buildings apart.
_DROPPED = ("・", "-", "'", "’", "ー", "ノ")


def building_key(name: str) -> str:
    """Key by which a building's name is compared: spaces, width, kana, dots and long marks do not matter."""
    key = fold_name(name)
    for char in _DROPPED:
        key = key.replace(char, "")
    return key


@dataclass(frozen=True, slots=True)
class Fact:
    """What a confirmation says of a building. `association_id` is None exactly when it joins none."""

    association_id: str | None
    joins_as: JoinsAs
    fee_way: str | None = None


@dataclass(frozen=True, slots=True)
class Remembered:
    """A building of the register as the lookup uses it. `conflict`: somebody contradicts the fact that stands here."""

    name: str
    address: str
    association_id: str | None
    joins_as: JoinsAs
    fee_way: str | None = None
    conflict: bool = False

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "name": self.name,
            "address": self.address,
            "association_id": self.association_id,
            "joins_as": self.joins_as.value,
            "joins_as_label": self.joins_as.label,
            "fee_way": self.fee_way,
            "conflict": self.conflict,
        }


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A fact with who said so: `office` is empty for the city. In the order they were given."""

    fact: Fact
    office: str


def standing(confirmations: Iterable[Confirmation]) -> tuple[Fact | None, bool]:
    """The fact that holds, and whether somebody contradicts it.

    The city's last word settles what came before. After it (or from the beginning) the first fact holds, and a
    later one with another association or another way of joining is a conflict for the staff; how the fee is paid
    is brought up to date without one.
    """
    held: Fact | None = None
    conflict = False
    for said in confirmations:
        if held is None or not said.office:
            held, conflict = said.fact, False
        elif (said.fact.association_id, said.fact.joins_as) != (held.association_id, held.joins_as):
            conflict = True
        else:
            held = Fact(held.association_id, held.joins_as, said.fact.fee_way or held.fee_way)
    return held, conflict
