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
| none | borders or several areas | several |
| none | nothing | none_here |
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kyodo_geo.lookup.answers import Basis, Outcome
from kyodo_geo.lookup.areas import Touch
from kyodo_geo.lookup_types import Association
from kyodo_geo.rules import AddressAt, RuleBook

MAX_CANDIDATES = 30
"""More are of no use to anybody; areas come nearest first, so the far ones are dropped."""

DISAGREE = "住所の範囲の登録と区域の図が一致していません。"
OVERLAP = "この住所を範囲とする登録が複数あります。"
TOO_LITTLE = "入力された住所だけでは、住所の範囲を絞り込めません。"
NEAR_BORDER = "区域の境界の近くです。"
ON_BORDER = "区域の境界の上、または区域が重なる場所です。"

FINE_LEVELS = frozenset({"house", "block", "lot"})
"""Levels whose point stands for the place itself; that of a town may lie anywhere in it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Outcome with association ids in the order to show; `reasons` in Japanese for `several`."""

    outcome: Outcome
    candidates: tuple[tuple[str, Basis], ...] = ()
    data_fault: bool = False
    reasons: tuple[str, ...] = ()


def decide_by_areas(associations: Sequence[Association], touches: Sequence[Touch]) -> Decision:
    """Decision for a point: only an area that holds it, away from its border and alone, is certain."""
    candidates = tuple((associations[touch.position].association_id, Basis.AREA) for touch in touches)
    if not candidates:
        return Decision(Outcome.NONE_HERE)
    if len(candidates) == 1 and touches[0].inside:
        return Decision(Outcome.ONE, candidates)
    return Decision(Outcome.SEVERAL, candidates, reasons=(ON_BORDER,))


def decide_by_rules(
    associations: Sequence[Association],
    rules: RuleBook,
    address: AddressAt,
    touches: Sequence[Touch] | None,
    center: Sequence[Touch] | None,
    level: str | None = None,
) -> Decision:
    """Decision for an address.

    `touches` are the areas that meet the circle in which the address lies, `center` those at its middle; both None
    when the address has no point. `level` says what the point is of: a house, a block, a town.
    """
    certain, possible = rules.find(address)
    in_circle = {associations[touch.position].association_id: touch.inside for touch in touches or ()}
    at_center = [associations[touch.position].association_id for touch in center or ()]
    by_id = {item.association_id: item for item in associations}
    certain = tuple(key for key in certain if key in by_id)
    possible = tuple(key for key in possible if key in by_id)
    if len(certain) == 1 and not possible:
        if touches is None:
            return Decision(Outcome.ONE, _both(certain, ()))
        middle = None
        if level in FINE_LEVELS:
            middle = {associations[touch.position].association_id: touch.inside for touch in center or ()}
            if level == "block" and address.house is not None:
                # The point of a block may lie under flats whose rules leave the other houses of it out.
                for key in [key for key in middle if by_id[key].kind == "building" and key != certain[0]]:
                    if rules.speaks_of(key, address):
                        del middle[key]
                        middle.setdefault(certain[0], certain[0] in in_circle)
        return _check(by_id[certain[0]], by_id, in_circle, middle)
    if certain or possible:
        overlap = len(certain) > 1
        fault = overlap and all(by_id[key].kind != "building" for key in certain)
        reasons = (OVERLAP,) if overlap else (TOO_LITTLE,)
        # Beside what the rules leave open, only the area at the middle of the circle is worth showing.
        return Decision(Outcome.SEVERAL, _both((*certain, *possible), at_center), fault, reasons)
    if not in_circle:
        return Decision(Outcome.NONE_HERE)
    candidates = _both((), in_circle)
    if len(in_circle) > 1 or not all(in_circle.values()):
        return Decision(Outcome.SEVERAL, candidates, reasons=(NEAR_BORDER,))
    if rules.speaks_of(next(iter(in_circle)), address):
        return Decision(Outcome.SEVERAL, candidates, data_fault=True, reasons=(DISAGREE,))
    return Decision(Outcome.ONE, candidates)


def _check(
    ruled: Association,
    by_id: dict[str, Association],
    in_circle: dict[str, bool],
    middle: dict[str, bool] | None,
) -> Decision:
    """One association by rule: do the areas agree?

    `middle`: areas at the point itself and whether it lies off their border; None when the point is only that of a
    town, which may lie on the other side of a border that runs through the town.
    """
    own = ruled.association_id
    holders = [key for key, inside in in_circle.items() if inside and key != own]
    holders += [key for key, inside in (middle or {}).items() if inside and key != own and key not in holders]
    if holders:
        # A building with its own association stands inside its neighbours' area; anything else is a fault.
        fault = ruled.kind != "building" and any(by_id[key].kind != "building" for key in holders)
        return Decision(Outcome.SEVERAL, _both((own,), holders), fault, (DISAGREE if fault else OVERLAP,))
    drawn = ruled.geom is not None and not ruled.geom.is_empty
    if drawn and own not in in_circle:
        return Decision(Outcome.SEVERAL, _both((own,), in_circle), True, (DISAGREE,))
    if middle is not None and not all(middle.values()):
        return Decision(Outcome.SEVERAL, _both((own,), middle), reasons=(ON_BORDER,))
    if middle is not None and drawn and own not in middle:
        return Decision(Outcome.SEVERAL, _both((own,), in_circle), reasons=(NEAR_BORDER,))
    return Decision(Outcome.ONE, _both((own,), ()))


def _both(by_rule: Iterable[str], by_area: Iterable[str]) -> tuple[tuple[str, Basis], ...]:
    """Candidates by rule, then those found by their area only."""
    found = dict.fromkeys(by_rule, Basis.RULE)
    for key in by_area:
        found.setdefault(key, Basis.AREA)
    return tuple(found.items())[:MAX_CANDIDATES]
