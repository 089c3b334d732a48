"""Address rules from claims: whole towns, parts by 番 and 号, and what is taken out again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from geodata.sample.associations import Layout, sample_id
from geodata.sample.claims import HOUSES, Claims
from geodata.sample.facts import TownFact
from geodata.sample.streets import Streets

_MOSTLY = 0.65
"""Who has at least this share of a town's numbers is written as "all of it except …"."""

Rule = dict[str, Any]


def flat_id(layout: Layout, index: int) -> str:
    """Permanent id of the n-th (from 0) flats with an association of their own: after the others'."""
    return sample_id(len(layout.sketches) + 1 + index)


def build_rules(streets: Streets, layout: Layout, claims: Claims) -> list[Rule]:
    """Canonical rows of the kind association-rules, by association and rule number."""
    held: dict[int, dict[int, list[int]]] = {}
    for (town, number), owners in claims.numbers.items():
        for owner in owners:
            held.setdefault(owner, {}).setdefault(town, []).append(number)
    rows: list[Rule] = []
    for index, sketch in enumerate(layout.sketches):
        if index in claims.without_rules:
            continue
        rules = [
            rule
            for town, numbers in sorted(held.get(index, {}).items())
            for rule in _of_town(streets, claims, index, town, sorted(numbers))
        ]
        rules += [
            _rule(streets.towns[s.town].fact, "part", (s.number, s.number), (s.last_of_first + 1, None))
            for s in claims.splits
            if s.second == index
        ]
        rows += _numbered(sketch.association_id, rules)
    for n, flat in enumerate(claims.flats):
        fact = streets.towns[flat.town].fact
        houses = (flat.first_house, flat.last_house)
        rows += _numbered(flat_id(layout, n), [_rule(fact, "part", (flat.number, flat.number), houses)])
    return rows


def _of_town(streets: Streets, claims: Claims, index: int, town: int, mine: list[int]) -> list[Rule]:
    """Rules of one association in one town, what is taken out last."""
    laid = streets.towns[town]
    splits = [s for s in claims.splits if s.town == town and s.first == index]
    # An exception wins over a part, so who has only some houses of a block lists all that is theirs.
    listed = any(s.in_parts for s in splits) or any(
        s.town == town and s.second == index for s in claims.splits
    )
    missing = [n for n in range(1, laid.last + 1) if n not in set(mine)]
    rules: list[Rule] = []
    if not missing:
        rules.append(_rule(laid.fact, "whole"))
    elif not listed and len(mine) >= _MOSTLY * laid.last and len(spans(missing)) <= 2:
        rules.append(_rule(laid.fact, "whole"))
        rules += [_rule(laid.fact, "except", span) for span in spans(missing)]
    else:
        rules += [_rule(laid.fact, "part", span) for span in spans(mine)]
    for split in splits:
        blocks = (split.number, split.number)
        if split.in_parts:
            rules.append(_rule(laid.fact, "part", blocks, (1, split.last_of_first)))
        else:
            rules.append(_rule(laid.fact, "except", blocks, (split.last_of_first + 1, None)))
    rules += [
        _rule(laid.fact, "except", (flat.number, flat.number), (flat.first_house, flat.last_house))
        for flat in claims.flats
        if flat.town == town and flat.around == index and flat.excepted
    ]
    return rules


def spans(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Ascending numbers as unbroken ranges: 1, 2, 3, 7 → (1, 3), (7, 7)."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def _rule(
    town: TownFact,
    kind: str,
    blocks: tuple[int, int] | None = None,
    houses: tuple[int, int | None] | None = None,
) -> Rule:
    return {
        "kind": kind,
        "town": town.name,
        "koaza": town.koaza,
        "block_from": blocks[0] if blocks else None,
        "block_to": blocks[1] if blocks else None,
        "house_from": houses[0] if houses else None,
        "house_to": (houses[1] or HOUSES) if houses else None,
    }


def _numbered(association_id: str, rules: list[Rule]) -> list[Rule]:
    ordered = sorted(rules, key=lambda rule: rule["kind"] == "except")
    return [
        {"association_id": association_id, "rule_no": number, **rule}
        for number, rule in enumerate(ordered, start=1)
    ]
