"""Address rules: which addresses an association covers, written back in Japanese, and where two of them collide.

A rule names a town (みたけ三丁目, 下飯岡第8地割, 渋民 with 小字 鶴塚) as a whole, a part of it (番 and 号, both ends
included; for lots the main and the branch number), or takes either out again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
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
    town = _town_verdict(rule, address)
    if town is Verdict.NO or rule.block_from is None:
        return town
    block = _range_verdict(rule.block_from, rule.block_to, address.block)
    house = Verdict.YES
    if rule.house_from is not None and block is not Verdict.NO:
        house = _range_verdict(rule.house_from, rule.house_to, address.house)
    return min(town, block, house)


def association_covers(rules: Iterable[Rule], address: AddressAt) -> Verdict:
    """Verdict of one association's rules together: covered by one of them and not taken out by another."""
    included = excluded = Verdict.NO
    for rule in rules:
        verdict = covers(rule, address)
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


class RuleBook:
    """Rules of all associations, found by town. Read-only after construction."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._by_oaza: dict[str, dict[str, list[Rule]]] = {}
        self._by_town: dict[TownName, dict[str, list[Rule]]] = {}
        for rule in rules:
            town, koaza = split_town(rule.town), koaza_key(rule.koaza)
            # 上太田 with 小字 三枚橋 is also found as the town 上太田三枚橋.
            for key in {town.oaza, town.oaza + koaza}:
                self._by_oaza.setdefault(key, {}).setdefault(rule.association_id, []).append(rule)
                name = TownName(key, town.chome, town.jiwari)
                self._by_town.setdefault(name, {}).setdefault(rule.association_id, []).append(rule)

    def find(self, address: AddressAt) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Associations that cover the address for certain, and those that may; ids sorted."""
        certain, possible = [], []
        for association, rules in sorted(self._relevant(address).items()):
            verdict = association_covers(rules, address)
            if verdict is Verdict.YES:
                certain.append(association)
            elif verdict is Verdict.MAYBE:
                possible.append(association)
        return tuple(certain), tuple(possible)

    def _relevant(self, address: AddressAt) -> Mapping[str, Iterable[Rule]]:
        """Rules by association, without those of towns that the address cannot lie in (see `_town_verdict`)."""
        town = address.town
        keys = {town.oaza, town.oaza + address.koaza}
        if town.chome is not None:
            found = [self._by_town.get(TownName(key, town.chome, town.jiwari)) for key in keys]
        elif town.jiwari is not None:
            found = [self._by_town.get(TownName(key, None, n)) for key in keys for n in (town.jiwari, None)]
        else:
            found = [self._by_oaza.get(key) for key in keys]
        some = [rules for rules in found if rules]
        if len(some) < 2:
            return some[0] if some else {}
        merged: dict[str, dict[int, Rule]] = {}
        for rules in some:
            for association, its in rules.items():
                merged.setdefault(association, {}).update((id(rule), rule) for rule in its)
        return {association: its.values() for association, its in merged.items()}

    def speaks_of(self, association: str, address: AddressAt) -> bool:
        """Whether one of the association's rules names the town (and 小字) of the address, whatever the numbers."""
        rules = [
            rule
            for key in {address.town.oaza, address.town.oaza + address.koaza}
            for rule in self._by_oaza.get(key, {}).get(association, ())
        ]
        return any(_town_verdict(rule, address) is not Verdict.NO for rule in rules)

    def name_town(self, address: AddressAt) -> bool:
        """Whether anybody's rule names the town (and 小字) of the address for certain, whatever the numbers."""
        return any(
            _town_verdict(rule, address) is Verdict.YES
            for rules in self._relevant(address).values()
            for rule in rules
        )

    def houses(self, address: AddressAt) -> tuple[tuple[int, int], ...]:
        """Ranges of 号 into which rules divide the block of the address, ascending; none where it is never divided."""
        found = {
            (rule.house_from, rule.house_from if rule.house_to is None else rule.house_to)
            for rules in self._relevant(address).values()
            for rule in rules
            if rule.house_from is not None and covers(rule, replace(address, house=None)) is not Verdict.NO
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


def _range_verdict(first: int, last: int | None, value: int | None) -> Verdict:
    if value is None:
        return Verdict.MAYBE
    return Verdict.YES if first <= value <= (first if last is None else last) else Verdict.NO


def as_number(text: str | None) -> int | None:
    """The first number in a block, house or lot as written; None when there is none."""
    found = _NUMBER.search(text or "")
    return int(found[0]) if found else None


_rule_town = lru_cache(maxsize=8192)(split_town)
_rule_koaza = lru_cache(maxsize=8192)(koaza_key)
