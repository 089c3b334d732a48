"""What a decision becomes when a number of the address is not registered.

| not registered | rules and areas say | answer |
|---|---|---|
| number 0 | anything | not_understood |
| block | somebody | several, with the blocks that exist; no data fault: there is nothing to contradict |
| block | nobody | not_understood |
| house, far beyond those of its block | one | several |
| house that may be new; a lot where blocks are counted | one | one, with a note and its own kind of evidence |
"""

from __future__ import annotations

from dataclasses import replace

from kyodo_geo.lookup.answers import Basis, Outcome
from kyodo_geo.lookup.decision import AROUND_TOWN, DISAGREE, OVERLAP, TOO_LITTLE, Decision
from kyodo_geo.lookup.registered import Doubt, What

_KINDS = {
    What.BLOCK: "unlisted_block",
    What.HOUSE: "unlisted_house",
    What.NEW_HOUSE: "new_house",
    What.LOT: "unlisted_lot",
}


def doubted(decision: Decision, doubt: Doubt) -> Decision:
    """The decision in the light of a doubt; its sentence comes first among the reasons."""
    if doubt.what is What.ZERO:
        return Decision(Outcome.NOT_UNDERSTOOD, reasons=(doubt.text,))
    if doubt.what is What.BLOCK:
        return _without_block(decision, doubt)
    stays = doubt.what is not What.HOUSE
    if decision.outcome is Outcome.ONE:
        return _one(decision, doubt, Outcome.ONE if stays else Outcome.SEVERAL)
    reasons, fault = decision.reasons, decision.data_fault
    if not stays and all(found.basis is Basis.AREA for found in decision.candidates):
        # No rule covers a number that does not exist: that contradicts no area.
        reasons, fault = tuple(reason for reason in reasons if reason != DISAGREE), False
    return replace(decision, reasons=(doubt.text, *reasons), data_fault=fault)


def _without_block(decision: Decision, doubt: Doubt) -> Decision:
    if decision.outcome is Outcome.NONE_HERE:
        return Decision(Outcome.NOT_UNDERSTOOD, reasons=(doubt.text,))
    if decision.outcome is Outcome.ONE:
        return _one(decision, doubt, Outcome.SEVERAL)
    ruled = any(found.basis is Basis.RULE for found in decision.candidates)
    # The point is the town's, and the town has more than one block: borders near it say nothing.
    kept = tuple(reason for reason in decision.reasons if reason in (OVERLAP, TOO_LITTLE))
    candidates = tuple(replace(found, evidence="") for found in decision.candidates)
    reasons = (doubt.text, *kept) if ruled else (doubt.text, AROUND_TOWN)
    return Decision(Outcome.SEVERAL, candidates, reasons=reasons)


def _one(decision: Decision, doubt: Doubt, outcome: Outcome) -> Decision:
    (found,) = decision.candidates
    evidence = f"{outcome.value}/{found.basis.value}/{_KINDS[doubt.what]}"
    return Decision(outcome, (replace(found, evidence=evidence),), reasons=(doubt.text, *decision.reasons))
