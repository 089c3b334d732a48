"""Address rules: which addresses an association covers, written back in Japanese, and where two of them collide.

A rule names a town (みたけ三丁目, 下飯岡第8地割, 渋民 with 小字 鶴塚) as a whole, a part of it (番 and 号, both ends
included; for lots the main and the branch number), or takes either out again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from kyodo_geo.addresses.towns import TownName, koaza_key, spelling, split_town
from kyodo_geo.lookup_types import Rule

_NUMBER = re.compile(r"[0-9]{1,9}")


class Verdict(IntEnum):
    """Whether an address lies in a rule; `MAYBE` when the address does not say enough."""

    NO = 0
    MAYBE = 1
    YES = 2


@dataclass(frozen=True, slots=True)
class AddressAt:
    """What rules are compared with: comparable town and 小字, 番 and 号 as numbers (None when not given)."""

    town: TownName
    koaza: str = ""
    block: int | None = None
    house: int | None = None


def address_at(
    town: str, koaza: str | None = None, block: str | None = None, house: str | None = None
) -> AddressAt:
    """Comparable address from written parts; letters of a lot (甲114, 12A) are left out."""
    return AddressAt(split_town(town), koaza_key(koaza), as_number(block), as_number(house))


def covers(rule: Rule, address: AddressAt) -> Verdict:
    """Whether the addresses the rule speaks of (also an `except` rule) include this one."""
    return numbers_in(rule, _town_verdict(rule, address), address.block, address.house)


def numbers_in(rule: Rule, town: Verdict, block: int | None, house: int | None) -> Verdict:
    """The same for a rule whose verdict on the town is known."""
    first = rule.block_from
    if town is Verdict.NO or first is None:
        return town
    if block is None:
        found = min(town, Verdict.MAYBE)
    elif first <= block <= (first if rule.block_to is None else rule.block_to):
        found = town
    else:
        return Verdict.NO
    first = rule.house_from
    if first is None:
        return found
    if house is None:
        return min(found, Verdict.MAYBE)
    return found if first <= house <= (first if rule.house_to is None else rule.house_to) else Verdict.NO


def association_covers(rules: Iterable[Rule], address: AddressAt) -> Verdict:
    """Verdict of one association's rules together: covered by one of them and not taken out by another."""
    return _together([(rule, _town_verdict(rule, address)) for rule in rules], address)


def _together(rules: Iterable[tuple[Rule, Verdict]], address: AddressAt) -> Verdict:
    included = excluded = Verdict.NO
    for rule, town in rules:
        verdict = numbers_in(rule, town, address.block, address.house)
        if verdict is Verdict.NO:
            continue
        if rule.kind == "except":
            excluded = max(excluded, verdict)
        else:
            included = max(included, verdict)
    if excluded is Verdict.YES:
        return Verdict.NO
    return min(included, Verdict.MAYBE) if excluded is Verdict.MAYBE else included


def wholly_covered(rules: Iterable[Rule], towns: Iterable[str]) -> frozenset[str]:
    """Those of `towns` that one association covers as a whole and no other in part: no number changes the answer."""
    book = RuleBook(rules)
    found = set()
    for town in towns:
        certain, possible = book.find(AddressAt(split_town(town)))
        if len(certain) == 1 and not possible:
            found.add(town)
    return frozenset(found)


Spoken = tuple[tuple[Rule, Verdict], ...]
"""Rules of one association that may speak of a town, each with its verdict on the town alone; never NO."""

MAX_TOWNS = 4096
"""Towns whose rules are remembered, put together and compared."""


class RuleBook:
    """Rules of all associations, found by town. What it says never changes; safe for several threads."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._by_oaza: dict[str, dict[str, list[Rule]]] = {}
        koazas = {""}
        for rule in rules:
            town, koaza = split_town(rule.town), koaza_key(rule.koaza)
            koazas.add(koaza)
            # 上太田 with 小字 三枚橋 is also found as the town 上太田三枚橋.
            for key in {town.oaza, town.oaza + koaza}:
                self._by_oaza.setdefault(key, {}).setdefault(rule.association_id, []).append(rule)
        self._koazas = frozenset(koazas)
        self._spoken: dict[tuple[TownName, str], dict[str, Spoken]] = {}

    def find(self, address: AddressAt) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Associations that cover the address for certain, and those that may; ids sorted."""
        certain, possible = [], []
        for association, rules in self._of_town(address).items():
            verdict = _together(rules, address)
            if verdict is Verdict.YES:
                certain.append(association)
            elif verdict is Verdict.MAYBE:
                possible.append(association)
        return tuple(certain), tuple(possible)

    def of(self, association: str, address: AddressAt) -> Spoken:
        """Rules of the association that may speak of the town (and 小字) of the address, whatever the numbers."""
        return self._of_town(address).get(association, ())

    def _of_town(self, address: AddressAt) -> dict[str, Spoken]:
        """Rules by association, ids sorted, without those of towns that the address cannot lie in."""
        key = address.town, address.koaza
        known = self._spoken.get(key)
        if known is not None:
            return known
        found: dict[str, dict[int, Rule]] = {}
        for name in dict.fromkeys((address.town.oaza, address.town.oaza + address.koaza)):
            for association, rules in self._by_oaza.get(name, {}).items():
                found.setdefault(association, {}).update((id(rule), rule) for rule in rules)
        known = {}
        for association in sorted(found):
            judged = [(rule, _town_verdict(rule, address)) for rule in found[association].values()]
            if spoken := tuple(pair for pair in judged if pair[1] is not Verdict.NO):
                known[association] = spoken
        # A 小字 that no rule names may be what somebody typed: that is not remembered.
        if known and address.koaza in self._koazas:
            if len(self._spoken) >= MAX_TOWNS:
                self._spoken.clear()
            self._spoken[key] = known
        return known

    def speaks_of(self, association: str, address: AddressAt) -> bool:
        """Whether one of the association's rules names the town (and 小字) of the address, whatever the numbers."""
        return bool(self.of(association, address))

    def name_town(self, address: AddressAt) -> bool:
        """Whether anybody's rule names the town (and 小字) of the address for certain, whatever the numbers."""
        return any(
            verdict is Verdict.YES for rules in self._of_town(address).values() for _, verdict in rules
        )

    def houses(self, address: AddressAt) -> tuple[tuple[int, int], ...]:
        """Ranges of 号 into which rules divide the block of the address, ascending; none where it is never divided."""
        found = {
            (rule.house_from, rule.house_from if rule.house_to is None else rule.house_to)
            for rules in self._of_town(address).values()
            for rule, town in rules
            if rule.house_from is not None and numbers_in(rule, town, address.block, None) is not Verdict.NO
        }
        return tuple(sorted(found))

    def towns(self) -> Mapping[str, Mapping[str, list[Rule]]]:
        """Rules by comparable 大字 and association."""
        return self._by_oaza


def describe(rule: Rule) -> str:
    """A rule in words: みたけ三丁目 全域, みたけ三丁目 1番〜12番, 渋民 字鶴塚 全域, 青山一丁目 3番18号〜31号を除く."""
    parts = split_town(rule.town)
    koaza = (rule.koaza or "").removeprefix("字")
    place = spelling(rule.town) + (f" 字{koaza}" if koaza else "")
    suffix = "を除く" if rule.kind == "except" else ""
    if rule.block_from is None or rule.block_to is None:
        return f"{place}{suffix}" if suffix else f"{place} 全域"
    unit = "番地" if parts.jiwari is not None or koaza else "番"
    if rule.house_from is None or rule.house_to is None:
        return f"{place} {_span(rule.block_from, rule.block_to, unit)}{suffix}"
    branch = "号" if unit == "番" else ""
    joint = "" if unit == "番" else "の"
    if rule.block_from == rule.block_to:
        houses = _span(rule.house_from, rule.house_to, branch)
        return f"{place} {rule.block_from}{unit}{joint}{houses}{suffix}"
    blocks = _span(rule.block_from, rule.block_to, unit)
    return f"{place} {blocks}の各{_span(rule.house_from, rule.house_to, branch)}{suffix}"


def _span(first: int, last: int, unit: str) -> str:
    return f"{first}{unit}" if first == last else f"{first}{unit}〜{last}{unit}"


def _town_verdict(rule: Rule, address: AddressAt) -> Verdict:
    ruled, koaza = _rule_town(rule.town), _rule_koaza(rule.koaza)
    given = address.town
    numbers = (ruled.chome, ruled.jiwari) == (given.chome, given.jiwari)
    if numbers and ruled.oaza + koaza == given.oaza + address.koaza:
        return Verdict.YES
    if ruled.oaza != given.oaza:
        return Verdict.NO
    if numbers:
        # The rule's 小字 may be the one the address does not name.
        return Verdict.YES if not koaza else Verdict.NO if address.koaza else Verdict.MAYBE
    if ruled.chome is not None or given.chome is not None:
        return Verdict.NO
    if ruled.jiwari is None:
        return Verdict.YES if not koaza else Verdict.NO  # the whole 大字 with all its 地割
    return Verdict.MAYBE if given.jiwari is None and not address.koaza else Verdict.NO


def as_number(text: str | None) -> int | None:
    """The first number in a block, house or lot as written; None when there is none."""
    found = _NUMBER.search(text or "")
    return int(found[0]) if found else None


_rule_town = lru_cache(maxsize=8192)(split_town)
_rule_koaza = lru_cache(maxsize=8192)(koaza_key)
