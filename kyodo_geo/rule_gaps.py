"""Blocks of the gazetteer that no association's rule covers, by town.

Not every place has an association: a gap may be right. It is listed so that somebody looks at it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kyodo_geo.addresses.towns import TownName, koaza_key, split_town
from kyodo_geo.lookup_types import Rule
from kyodo_geo.rules import AddressAt, RuleBook, Verdict, address_at, covers

Place = tuple[str, str | None]
"""Town and 小字."""
Key = tuple[TownName, str]


@dataclass(frozen=True, slots=True)
class RuleGap:
    """What of one town (and 小字) is not covered.

    `blocks`: ranges of 番, both ends included, that hold every known block between them; empty when the gazetteer
    knows no block here. `whole`: no rule speaks of the town at all. `partly`: blocks of which only some 号 are
    covered by a rule.
    """

    town: str
    koaza: str | None
    blocks: tuple[tuple[int, int], ...]
    whole: bool
    partly: tuple[int, ...] = ()

    @property
    def where(self) -> str:
        """In words: みたけ三丁目 5番〜8番、12番."""
        place = self.town + (f" 字{self.koaza}" if self.koaza else "")
        if self.whole:
            return f"{place} 全域"
        shown = [f"{first}番" if first == last else f"{first}番〜{last}番" for first, last in self.blocks]
        shown += [f"{block}番の一部の号" for block in self.partly]
        return f"{place} {'、'.join(shown)}"


def find_gaps(
    rules: Iterable[Rule], towns: Iterable[Place], blocks: Iterable[tuple[str, str | None, str]] = ()
) -> list[RuleGap]:
    """Gaps in the order of `towns`, then of towns that only `blocks` (town, 小字, 番) name.

    A 大字 that has 丁目 or 地割 of its own in `towns` is not listed for itself. Time: blocks × rules of their 大字.
    """
    ruled = tuple(rules)
    book = RuleBook(ruled)
    of_town = _by_oaza(ruled)
    known: dict[Key, Place] = {}
    numbers: dict[Key, set[int]] = {}
    for town, koaza in towns:
        known.setdefault((split_town(town), koaza_key(koaza)), (town, koaza))
    for town, koaza, block in blocks:
        address = address_at(town, koaza, block)
        key = (address.town, address.koaza)
        known.setdefault(key, (town, koaza))
        if address.block is not None:
            numbers.setdefault(key, set()).add(address.block)
    divided = {split_town(town).oaza for town, koaza in known.values() if split_town(town).numbered or koaza}
    found = []
    for key, (town, koaza) in known.items():
        here = AddressAt(split_town(town), koaza_key(koaza))
        if key not in numbers and not here.town.numbered and not here.koaza and here.town.oaza in divided:
            continue
        gap = _gap(book, of_town, here, town, koaza, sorted(numbers.get(key, ())))
        if gap is not None:
            found.append(gap)
    return found


def _gap(
    book: RuleBook,
    of_town: dict[str, list[Rule]],
    here: AddressAt,
    town: str,
    koaza: str | None,
    numbers: list[int],
) -> RuleGap | None:
    mine = [rule for key in {here.town.oaza, here.town.oaza + here.koaza} for rule in of_town.get(key, ())]
    if not any(covers(rule, here) is not Verdict.NO for rule in mine if rule.kind != "except"):
        return RuleGap(town, koaza, _runs(numbers, set(numbers)), whole=True)
    missing: set[int] = set()
    partly = []
    for number in numbers:
        certain, possible = book.find(AddressAt(here.town, here.koaza, number))
        if not certain and not possible:
            missing.add(number)
        elif not certain:
            partly.append(number)
    if not missing and not partly:
        return None
    return RuleGap(town, koaza, _runs(numbers, missing), whole=False, partly=tuple(partly))


def _by_oaza(rules: tuple[Rule, ...]) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        oaza, koaza = split_town(rule.town).oaza, koaza_key(rule.koaza)
        for key in {oaza, oaza + koaza}:
            found.setdefault(key, []).append(rule)
    return found


def _runs(numbers: list[int], missing: set[int]) -> tuple[tuple[int, int], ...]:
    """Missing numbers as ranges; a number that does not exist does not break a range."""
    runs: list[tuple[int, int]] = []
    open_run = False
    for number in numbers:
        if number in missing:
            runs = [*runs[:-1], (runs[-1][0], number)] if open_run else [*runs, (number, number)]
        open_run = number in missing
    return tuple(runs)
