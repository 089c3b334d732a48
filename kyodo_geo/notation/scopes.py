"""What is taken out of what: ただし…を除く, （…を除く）, …のうち…を除く.

A rule that is too large is worse than none: where it is not certain what is taken out, the rules it would shrink
are withdrawn and reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from kyodo_geo.addresses.towns import koaza_key, split_town
from kyodo_geo.lookup_types import Rule
from kyodo_geo.notation.hints import units
from kyodo_geo.notation.places import Where
from kyodo_geo.notation.result import MAX_NUMBER, FindingKind
from kyodo_geo.notation.tree import Element

if TYPE_CHECKING:
    from kyodo_geo.notation.items import Items

MAX_COMPARED = 300
WITHDRAWN = "ここから除く範囲が決まらないため、規則にしませんでした。"


@dataclass(slots=True)
class Said:
    """What was said so far: the town, and the 番 if one is being spoken of. `blind`: a part before was not read."""

    where: Where | None = None
    block: int | None = None
    blind: bool = False


@dataclass(slots=True)
class Outcome:
    """What an item became. `bad`: it is no rule, or not all of it. `base`: rules held back by のうち.

    `heading`: a town's name alone. `inherits`: numbers that belong to the town said before.
    """

    start: int
    end: int
    rules: list[Rule] = field(default_factory=list)
    bad: bool = False
    base: list[Rule] | None = None
    where: Where | None = None
    heading: bool = False
    inherits: bool = False


@dataclass(frozen=True, slots=True)
class Damage:
    """Something is taken out that is not known exactly: of this town, or of any (None)."""

    where: Where | None


def read_sentences(
    sentences: Sequence[tuple[Element, ...]], said: Said, items: Items, *, within: bool
) -> tuple[list[Outcome], list[Damage]]:
    """Outcomes of the elements in their order, and what has to be withdrawn where that is left to the caller.

    `within` parentheses を除く means all that stands in them.
    """
    done: list[Outcome] = []
    damage: list[Damage] = []
    for elements in sentences:
        scope = len(done)
        proviso: Element | None = None
        base: Outcome | None = None
        for element, unit in zip(elements, units(elements), strict=True):
            if element.proviso:
                if base is not None:
                    _parts_only(base, done[scope:], items)
                proviso, base, scope = element, None, len(done)
            outcome = items.read(element.item, said, unit, damage, within=within)
            done.append(outcome)
            _qualified(done, items)
            if outcome.base is not None:
                if base is not None:
                    _parts_only(base, done[scope:-1], items)
                proviso, base, scope = None, outcome, len(done)
            if element.taken_out:
                outcome.end = element.end
                if proviso or base or within:
                    _take_out(done[scope:], items, damage)
                    if base is not None:
                        base.rules, base.base = base.base or [], None
                else:
                    _take_out_last(done, scope, element, items, damage)
                proviso, base, scope = None, None, len(done)
        if base is not None:
            _parts_only(base, done[scope:], items)
        if proviso is not None and proviso.proviso is not None:
            mark = proviso.proviso
            items.report(FindingKind.ERROR, "「ただし」に続く「を除く」がありません。", mark.start, mark.end)
            for outcome in done[scope:]:
                outcome.rules, outcome.bad = [], True
            damage.append(Damage(None))
        if not within:
            for one in damage:
                _withdraw(done, one, items)
            damage.clear()
    _headings(done, items)
    return done, damage


def _qualified(done: list[Outcome], items: Items) -> None:
    """A町 県営住宅: what stands behind a town without a separator and is not understood may narrow the town."""
    if len(done) < 2 or not done[-1].bad or not done[-2].rules:
        return
    town, after = done[-2], done[-1]
    between = items.source.plain[town.end : after.start]
    if between and not between.strip(" "):
        town.rules, town.bad = [], True
        text = "すぐあとの部分が読めないため、どこまでの範囲か決まりません。区切りの「、」を入れるか、直してください。"
        items.report(FindingKind.UNCERTAIN, text, town.start, town.end)


def _parts_only(base: Outcome, following: list[Outcome], items: Items) -> None:
    """A町のうち1番から5番: nothing is taken out, so only what follows is meant."""
    base.base = None
    if following and following[0].rules and following[0].inherits:
        following[0].start = base.start
        return
    base.bad = True
    items.report(
        FindingKind.UNCERTAIN, "「のうち」のどこかが決まらないため、規則にしません。", base.start, base.end
    )


def _headings(done: list[Outcome], items: Items) -> None:
    """A town alone, then numbers of it: みたけ三丁目⏎1番から5番. Not all of the town is meant then."""
    for outcome, following in pairwise(done):
        parts = following.rules and all(rule.kind == "part" for rule in following.rules)
        if outcome.heading and outcome.rules and following.inherits and parts:
            outcome.rules = []
            text = "町名だけで、すぐあとに番号があるので、全域とはせず、あとの番号だけを範囲としました。"
            items.report(FindingKind.WARNING, text, outcome.start, outcome.end)


def _take_out(outcomes: list[Outcome], items: Items, damage: list[Damage]) -> None:
    for outcome in outcomes:
        twice = any(rule.kind == "except" for rule in outcome.rules)
        if twice:
            items.report(
                FindingKind.UNCERTAIN, "除く範囲から、さらに除いています。", outcome.start, outcome.end
            )
        if outcome.bad or twice:
            damage.append(Damage(outcome.where))
            outcome.rules, outcome.bad = [], True
        outcome.rules = [replace(rule, kind="except") for rule in outcome.rules]


def _take_out_last(
    done: list[Outcome], scope: int, element: Element, items: Items, damage: list[Damage]
) -> None:
    """A list that ends in を除く: certain only when its last item alone lies in something said before."""
    last, before = done[-1], [rule for outcome in done[:-1] for rule in outcome.rules]
    inside = not last.bad and bool(last.rules) and all(_inside(rule, before) for rule in last.rules)
    neighbour = done[-2] if len(done) - scope > 1 else None
    earlier = [rule for outcome in done[:-2] for rule in outcome.rules]
    doubtful = neighbour is not None and any(_inside(rule, earlier) for rule in neighbour.rules)
    if inside and not doubtful:
        _take_out([last], items, damage)
        return
    if not last.bad:
        text = "どこからどこまでを、何から除くのかが決まりません。「ただし、…を除く。」か、かっこで書いてください。"
        items.report(FindingKind.UNCERTAIN, text, last.start, element.end)
    last.rules, last.bad = [], True
    damage.append(Damage(last.where if inside else None))


def _withdraw(done: list[Outcome], damage: Damage, items: Items) -> None:
    """Withdraw rules of the town (or all) that may be too large."""
    for outcome in done:
        hit = [rule for rule in outcome.rules if rule.kind != "except" and _of(rule, damage.where)]
        if hit:
            outcome.rules = [rule for rule in outcome.rules if not _of(rule, damage.where)]
            items.report(FindingKind.UNCERTAIN, WITHDRAWN, outcome.start, outcome.end)


def contradictions(done: list[Outcome], items: Items) -> None:
    """Warn of rules without effect: inside what is taken out, or taking out what was not in."""
    taken = [rule for outcome in done for rule in outcome.rules if rule.kind == "except"][:MAX_COMPARED]
    if not taken:
        return
    for outcome in done:
        if any(rule.kind != "except" and _inside(rule, taken) for rule in outcome.rules[:MAX_COMPARED]):
            text = "除いた範囲の中にあります。除く方が優先されます。"
            items.report(FindingKind.WARNING, text, outcome.start, outcome.end)
    given = [rule for outcome in done for rule in outcome.rules if rule.kind != "except"][:MAX_COMPARED]
    for outcome in done:
        cuts = [rule for rule in outcome.rules[:MAX_COMPARED] if rule.kind == "except"]
        if any(not any(_meets(cut, rule) for rule in given) for cut in cuts):
            text = "含まれる範囲にないものを除いています。"
            items.report(FindingKind.WARNING, text, outcome.start, outcome.end)


def _of(rule: Rule, where: Where | None) -> bool:
    return where is None or _split(rule.town).oaza == _split(where.town).oaza


def _inside(rule: Rule, others: list[Rule]) -> bool:
    """Whether one of the other rules contains this one."""
    return any(
        _around(other, rule)
        and _from(other) <= _from(rule)
        and _to(other) >= _to(rule)
        and (
            other.house_from is None or (rule.house_from is not None and other.house_from <= rule.house_from)
        )
        and (other.house_to is None or (rule.house_to is not None and other.house_to >= rule.house_to))
        for other in others[:MAX_COMPARED]
    )


def _meets(a: Rule, b: Rule) -> bool:
    if not (_around(a, b) or _around(b, a)) or _from(a) > _to(b) or _from(b) > _to(a):
        return False
    if a.house_from is None or b.house_from is None or a.house_to is None or b.house_to is None:
        return True
    return a.house_from <= b.house_to and b.house_from <= a.house_to


def _around(outer: Rule, inner: Rule) -> bool:
    """Whether the outer rule's town is the inner's, or the 大字 it belongs to."""
    a, b = _split(outer.town), _split(inner.town)
    if a == b:
        return outer.koaza is None or koaza_key(outer.koaza) == koaza_key(inner.koaza)
    return a.oaza == b.oaza and not a.numbered and b.chome is None and outer.koaza is None


def _from(rule: Rule) -> int:
    return 0 if rule.block_from is None else rule.block_from


def _to(rule: Rule) -> int:
    return MAX_NUMBER if rule.block_to is None else rule.block_to


_split = lru_cache(maxsize=4096)(split_town)
