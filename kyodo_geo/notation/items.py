"""One item of an area in words → rules: its town, its numbers, what stands in parentheses behind it."""

from __future__ import annotations

from collections.abc import Iterable

from kyodo_geo.addresses.towns import split_town
from kyodo_geo.lookup_types import Rule
from kyodo_geo.notation import ranges
from kyodo_geo.notation.bases import Bases
from kyodo_geo.notation.places import Doubt, Towns, Where
from kyodo_geo.notation.ranges import Box
from kyodo_geo.notation.recovery import NAMED, TAKING_OUT
from kyodo_geo.notation.result import Finding, FindingKind
from kyodo_geo.notation.scopes import Damage, Outcome, Said, read_sentences
from kyodo_geo.notation.source import SourceText
from kyodo_geo.notation.tokens import Tok
from kyodo_geo.notation.tree import Each, Group, Item

NOT_EXACT = (
    "住所の番号では正確に決まりません（道路・河川・旧番地・付近・一部など）。区域の図で確かめてください。"
)


class Items:
    """Reads items one after another and collects what has to be reported."""

    def __init__(
        self, source: SourceText, towns: Towns, association_id: str, findings: Iterable[Finding] = ()
    ) -> None:
        self.source, self.towns, self.association_id = source, towns, association_id
        self.findings = list(findings)
        self._bases = Bases(towns)

    def report(
        self, kind: FindingKind, message: str, start: int, end: int, suggestions: tuple[str, ...] = ()
    ) -> None:
        self.findings.append(self.source.finding(kind, message, start, end, suggestions=suggestions))

    def read(
        self, item: Item, said: Said, unit: str | None, damage: list[Damage], *, within: bool
    ) -> Outcome:
        """Rules of one item; `said` moves on to what it speaks of."""
        outcome = Outcome(item.start, item.end)
        if item.span is None:
            self._odd(item, said, outcome, damage)
            return outcome
        before = said.where
        try:
            wheres, boxes = self._bases.read(item.span, said, unit, within)
            outcome.where = wheres[-1]
            said.where, said.block, said.blind = wheres[-1], _spoken_of(boxes), False
            boxes = self._tails(item, boxes)
        except Doubt as doubt:
            self.report(doubt.kind, doubt.message, item.start, item.end, doubt.suggestions)
            outcome.bad = True
            if item.span.left.place is not None and said.where is before:
                said.where, said.block, said.blind = None, None, True
            outcome.rules = self._loose_groups(item, outcome, damage)
            return outcome
        rules = self._rules(wheres, boxes)
        self._groups(item, outcome, rules, wheres, boxes)
        outcome.heading = boxes is None and len(wheres) == 1 and not item.tails
        outcome.inherits = item.span.left.place is None
        if outcome.rules and item.has("UCHI"):
            outcome.base, outcome.rules = outcome.rules, []
        return outcome

    # -- what cannot be a rule

    def _odd(self, item: Item, said: Said, outcome: Outcome, damage: list[Damage]) -> None:
        assert item.odd is not None
        outcome.bad = True
        tok = item.odd
        named = NAMED in tok.text if tok.kind == "FAULT" else not tok.text[:1].isdigit()
        if tok.kind == "FAULT":
            if TAKING_OUT in tok.text:
                damage.append(Damage(None))
        else:
            self.report(FindingKind.UNCERTAIN, NOT_EXACT, item.start, item.end)
            outcome.where = None if named else said.where
            if "各一部" in tok.text:  # 5番及び6番の各一部: of what stands before, too
                damage.append(Damage(outcome.where))
        if named:
            said.where, said.blind = None, True
        said.block = None

    def _loose_groups(self, item: Item, outcome: Outcome, damage: list[Damage]) -> list[Rule]:
        """Parentheses behind something unknown may name their towns themselves: A地区（みたけ一丁目、二丁目）."""
        rules = []
        for group in item.groups:
            inner, spoilt = read_sentences(group.sentences, Said(blind=True), self, within=True)
            if spoilt or any(rule.kind == "except" for out in inner for rule in out.rules):
                damage.append(Damage(None))
                continue
            rules += [rule for out in inner for rule in out.rules]
        return rules

    # -- what follows

    def _tails(self, item: Item, boxes: list[Box] | None) -> list[Box] | None:
        for tail in item.tails:
            if isinstance(tail, Group):
                continue
            if isinstance(tail, Each):
                boxes = ranges.each(self._needed(boxes, "の各"), tail.span)
            elif tail.kind == "VAGUE":
                raise Doubt(FindingKind.UNCERTAIN, NOT_EXACT)
            elif tail.kind == "PART" and not item.groups:
                raise Doubt(FindingKind.UNCERTAIN, "「一部」がどこかが書かれていないため、規則にしません。")
            elif tail.kind in ("ONWARD", "UPTO"):
                boxes = ranges.open_ended(self._needed(boxes, tail.text), upward=tail.kind == "ONWARD")
            elif tail.kind == "PARITY":
                boxes = ranges.every_second(self._parity_of(boxes, tail), tail)
        return boxes

    def _needed(self, boxes: list[Box] | None, word: str) -> list[Box]:
        if boxes is None:
            raise Doubt(FindingKind.ERROR, f"「{word}」の前に番号がありません。")
        return boxes

    def _parity_of(self, boxes: list[Box] | None, tail: Tok) -> list[Box]:
        if boxes is None:
            text = f"{tail.text}がどこからどこまでか決まりません。番号の範囲を書いてください。"
            raise Doubt(FindingKind.UNCERTAIN, text)
        return boxes

    def _groups(
        self, item: Item, outcome: Outcome, rules: list[Rule], wheres: list[Where], boxes: list[Box] | None
    ) -> None:
        """Parentheses say which part of the item is meant, or what is taken out of it."""
        cuts: list[Rule] = []
        parts: list[Rule] = []
        unread = False
        for group in item.groups:
            one = wheres[0] if len(wheres) == 1 else None
            said = Said(one, _spoken_of(boxes), blind=one is None)
            inner, spoilt = read_sentences(group.sentences, said, self, within=True)
            if spoilt:
                self.report(
                    FindingKind.UNCERTAIN, "かっこの中で除く範囲が決まらないため、規則にしません。",
                    item.start, item.end,
                )  # fmt: skip
                outcome.bad = True
                return
            cuts += [rule for out in inner for rule in out.rules if rule.kind == "except"]
            parts += [rule for out in inner for rule in out.rules if rule.kind != "except"]
            unread = unread or any(out.bad for out in inner)
        outcome.bad = unread
        if unread and not parts:
            text = "かっこの中が住所の番号では決まらないため、規則にしません。"
            self.report(FindingKind.UNCERTAIN, text, item.start, item.end)
            return
        if item.has("PART") and not parts:
            self.report(
                FindingKind.UNCERTAIN,
                "「一部」がどこかが書かれていないため、規則にしません。",
                item.start,
                item.end,
            )
            outcome.bad = True
            return
        if parts and any(split_town(part.town).oaza != split_town(rules[0].town).oaza for part in parts):
            text = f"「{wheres[0].shown}」は見出しとして読み、かっこの中だけを規則にしました。"
            self.report(FindingKind.WARNING, text, item.start, item.end)
        outcome.rules = [*(parts or rules), *cuts]

    def _rules(self, wheres: list[Where], boxes: list[Box] | None) -> list[Rule]:
        key = self.association_id
        if boxes is None:
            towns = [town for where in wheres for town in self.towns.whole(where)]
            return [Rule(key, "whole", town.town, town.koaza) for town in towns]
        (where,) = wheres
        return [
            Rule(
                key,
                "part",
                where.town,
                where.koaza,
                box.block_from,
                box.block_to,
                box.house_from,
                box.house_to,
            )
            for box in boxes
        ]


def _spoken_of(boxes: list[Box] | None) -> int | None:
    """The 番 that a 号 without one would belong to."""
    if not boxes or boxes[-1].block_from != boxes[-1].block_to:
        return None
    return boxes[-1].block_from
