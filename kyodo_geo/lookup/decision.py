"""The decision table of the lookup: what rules and areas say together.

| rules | areas at the place | answer |
|---|---|---|
| one association for certain | its own area is there, or it has none and no other claims the place | one |
| one for certain | its own area lies elsewhere, or another's holds the place | several, data fault |
| one for certain | the point of a house, block or lot lies on a border, or beside its own area | several |
| two or more for certain | – | several (a fault unless a building has its own) |
| some may, the address says too little | – | several: those, and areas at the point |
| none speaks of the address | exactly one area holds the place | one, by area |
| none | that area's own rules exclude the address | several, data fault |
| none | borders or several areas | several; where rules name the town, that they leave the number out |
| none | nothing | none_here |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from kyodo_geo.lookup.answers import Basis, Outcome
from kyodo_geo.lookup.areas import Touch
from kyodo_geo.lookup.confidence import area_kind, rule_kind
from kyodo_geo.lookup.grounds import NOT_DRAWN, NOT_LISTED, by_area, by_rule
from kyodo_geo.lookup_types import Association
from kyodo_geo.rules import AddressAt, RuleBook

MAX_CANDIDATES = 30
"""More are of no use to anybody; areas come nearest first, so the far ones are dropped."""

DISAGREE = "住所の範囲の登録と区域の図が一致していません。"
OVERLAP = "この住所を範囲とする登録が複数あります。"
TOO_LITTLE = "入力された住所だけでは、住所の範囲を絞り込めません。"
TOO_LITTLE_FOR_ONE = "入力された住所のうち、住所の範囲として登録されているのは一部だけです。"
NEAR_BORDER = "区域の境界の近くです。"
NOT_COVERED = "この町の住所の範囲の登録に、この番号を含むものはありません。"
AROUND_TOWN = "町のおおよその位置のまわりの区域を候補にしています。"
ON_BORDER = "区域の境界の上、または区域が重なる場所です。"

FINE_LEVELS = frozenset({"house", "block", "lot"})
"""Levels whose point stands for the place itself; that of a town may lie anywhere in it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Areas at an address that has a point, by association.

    `in_circle`: those that meet the circle of `accuracy_m` metres, nearest first, and whether they hold all of it;
    `middle`: those at the point itself, and whether it lies off their border. `level` says what the point is of.
    `depth_m` gives the metres from the point to an area's border, negative outside.
    """

    in_circle: Mapping[str, bool]
    middle: Mapping[str, bool]
    level: str
    accuracy_m: float
    depth_m: Callable[[str], float] | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An association that may be the one, by what, and why in Japanese; `evidence`: the kind its confidence is of."""

    association_id: str
    basis: Basis
    reason: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Outcome with candidates in the order to show; `reasons` in Japanese for `several` as a whole."""

    outcome: Outcome
    candidates: tuple[Candidate, ...] = ()
    data_fault: bool = False
    reasons: tuple[str, ...] = ()


def decide_by_areas(
    associations: Sequence[Association], touches: Sequence[Touch], radius_m: float = 0.0
) -> Decision:
    """Decision for a point, or a circle of `radius_m` metres: only an area that holds all of it, alone, is certain."""
    found = {associations[touch.position].association_id: touch.inside for touch in touches}
    candidates = _areas(found, radius_m)
    if not candidates:
        return Decision(Outcome.NONE_HERE)
    if len(candidates) == 1 and touches[0].inside:
        # What a device says of its own accuracy has not been measured: no confidence.
        return _one(candidates[0], "device" if radius_m else "point")
    return Decision(Outcome.SEVERAL, candidates, reasons=(NEAR_BORDER if radius_m else ON_BORDER,))


def decide_by_rules(
    associations: Mapping[str, Association], rules: RuleBook, address: AddressAt, place: Place | None
) -> Decision:
    """Decision for an address; `place` is None when it has no point."""
    certain, possible = (
        tuple(Candidate(key, Basis.RULE, by_rule(rules, key, address)) for key in keys if key in associations)
        for keys in rules.find(address)
    )
    if len(certain) == 1 and not possible:
        if place is None:
            return _one(certain[0], "no_point")
        return _check(certain[0], associations, rules, address, place)
    if certain or possible:
        overlap = len(certain) > 1
        fault = overlap and all(associations[found.association_id].kind != "building" for found in certain)
        # Beside what the rules leave open, only the area at the middle of the circle is worth showing.
        at_middle = () if place is None else _areas(place.middle, place.accuracy_m)
        ruled = (*certain, *possible)
        if not certain:
            kind = rule_kind(len(possible))
            ruled = tuple(Candidate(c.association_id, c.basis, c.reason, kind) for c in possible)
        candidates = _both(ruled, at_middle)
        too_little = TOO_LITTLE if len(candidates) > 1 else TOO_LITTLE_FOR_ONE
        return Decision(Outcome.SEVERAL, candidates, fault, (OVERLAP if overlap else too_little,))
    if place is None or not place.in_circle:
        return Decision(Outcome.NONE_HERE)
    candidates = _areas(place.in_circle, place.accuracy_m)
    if len(candidates) > 1 or not all(place.in_circle.values()):
        if place.depth_m is not None and place.level not in FINE_LEVELS:
            candidates = tuple(_measured(found, place, place.depth_m) for found in candidates)
        return Decision(Outcome.SEVERAL, candidates, reasons=_why_open(rules, address, place))
    if rules.speaks_of(candidates[0].association_id, address):
        unlisted = replace(candidates[0], reason=NOT_LISTED)
        return Decision(Outcome.SEVERAL, (unlisted,), data_fault=True, reasons=(DISAGREE,))
    return _one(candidates[0], "fine" if place.level in FINE_LEVELS else "town")


def _why_open(rules: RuleBook, address: AddressAt, place: Place) -> tuple[str, ...]:
    """Why areas alone do not decide: that the place of a town is not known better is no border."""
    where = NEAR_BORDER if place.level in FINE_LEVELS else AROUND_TOWN
    if address.block is None or not rules.name_town(address):
        return (where,)
    return NOT_COVERED, where


def _check(
    ruled: Candidate,
    associations: Mapping[str, Association],
    rules: RuleBook,
    address: AddressAt,
    place: Place,
) -> Decision:
    """One association by rule: do the areas agree?"""
    own = ruled.association_id
    fine = place.level in FINE_LEVELS
    if place.in_circle == {own: True} and (not fine or place.middle == place.in_circle):
        return _one(ruled, "fine" if fine else "town")
    middle = _without_flats(own, associations, rules, address, place) if fine else {}
    holders = {
        key: True
        for areas in (place.in_circle, middle)
        for key, inside in areas.items()
        if inside and key != own
    }
    drawn = associations[own].drawn
    absent = own not in (middle if fine else place.in_circle)
    beside = replace(ruled, reason=ruled.reason + NOT_DRAWN) if drawn and absent else ruled
    if holders:
        # A building with its own association stands inside its neighbours' area; anything else is a fault.
        ordinary = any(associations[key].kind != "building" for key in holders)
        fault = associations[own].kind != "building" and ordinary
        several = _both((beside,), _areas(holders, place.accuracy_m))
        return Decision(Outcome.SEVERAL, several, fault, (DISAGREE if fault else OVERLAP,))
    if drawn and own not in place.in_circle:
        several = _both((beside,), _areas(place.in_circle, place.accuracy_m))
        return Decision(Outcome.SEVERAL, several, True, (DISAGREE,))
    if fine and not all(middle.values()):
        several = _both((beside,), _areas(middle, 0.0))
        return Decision(Outcome.SEVERAL, several, reasons=(ON_BORDER,))
    if fine and drawn and own not in middle:
        several = _both((beside,), _areas(place.in_circle, place.accuracy_m))
        return Decision(Outcome.SEVERAL, several, reasons=(NEAR_BORDER,))
    return _one(ruled, "fine" if fine else "town")


def _one(found: Candidate, point: str) -> Decision:
    """One association. `point`: what the point is of, for the confidence."""
    kind = f"one/{found.basis.value}/{point}"
    return Decision(Outcome.ONE, (Candidate(found.association_id, found.basis, found.reason, kind),))


def _measured(found: Candidate, place: Place, depth_m: Callable[[str], float]) -> Candidate:
    kind = area_kind(depth_m(found.association_id), place.accuracy_m)
    return Candidate(found.association_id, found.basis, found.reason, kind)


def _without_flats(
    own: str, associations: Mapping[str, Association], rules: RuleBook, address: AddressAt, place: Place
) -> dict[str, bool]:
    """Areas at the point, without those of flats that only happen to lie under the point of a whole block.

    Flats whose own rules name other houses of the block have left this one out, and the point is not the house's:
    there the area around counts as present when the circle reaches it.
    """
    middle = dict(place.middle)
    if place.level != "block" or address.house is None:
        return middle
    flats = [key for key in middle if key != own and associations[key].kind == "building"]
    if not flats:
        return middle
    _, of_the_block = rules.find(replace(address, house=None))
    for key in flats:
        if key in of_the_block:
            del middle[key]
            if own in place.in_circle:
                middle.setdefault(own, True)
    return middle


def _areas(found: Mapping[str, bool], accuracy_m: float) -> tuple[Candidate, ...]:
    """Candidates by area, as many as are shown."""
    shown = list(found.items())[:MAX_CANDIDATES]
    return tuple(
        Candidate(key, Basis.AREA, by_area(inside=inside, accuracy_m=accuracy_m)) for key, inside in shown
    )


def _both(by_rule: Sequence[Candidate], by_area: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Candidates by rule, then those found by their area only."""
    found = {candidate.association_id: candidate for candidate in by_rule}
    for candidate in by_area:
        found.setdefault(candidate.association_id, candidate)
    return tuple(found.values())[:MAX_CANDIDATES]
