"""A case of a grant (取組9–12) from the first talk to the payment: its states, its steps, and what may follow what.

Steps are only ever added. One entered by mistake is taken back by another step, and counts no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

Figures = Mapping[str, int | Decimal]
"""Key of a figure that a case says (eligible_cost …) → its value; what is missing is unknown."""


class State(StrEnum):
    """Where a case stands."""

    CONSULTATION = "consultation"
    APPLIED = "applied"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REPORTED = "reported"
    SETTLED = "settled"
    PAID = "paid"
    PAID_BACK = "paid-back"

    @property
    def label(self) -> str:
        """Wording for people."""
        return _STATES[self]


class Deed(StrEnum):
    """What a step does. `yen` of each: asked for, decided (GRANT, CHANGE), settled, paid, paid back."""

    CONSULT = "consult"
    APPLY = "apply"
    GRANT = "grant"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    CHANGE = "change"
    REPORT = "report"
    SETTLE = "settle"
    PAY = "pay"
    PAY_BACK = "pay-back"
    UNDO = "undo"

    @property
    def label(self) -> str:
        """Wording for people."""
        return _DEEDS[self]


_STATES = {
    State.CONSULTATION: "相談中",
    State.APPLIED: "申請中",
    State.GRANTED: "交付決定",
    State.REFUSED: "不交付",
    State.WITHDRAWN: "取下げ・取消し",
    State.REPORTED: "実績報告",
    State.SETTLED: "額の確定",
    State.PAID: "支払済",
    State.PAID_BACK: "返還済",
}
_DEEDS = {
    Deed.CONSULT: "相談",
    Deed.APPLY: "申請",
    Deed.GRANT: "交付決定",
    Deed.REFUSE: "不交付の決定",
    Deed.WITHDRAW: "取下げ・取消し",
    Deed.CHANGE: "変更決定",
    Deed.REPORT: "実績報告",
    Deed.SETTLE: "額の確定",
    Deed.PAY: "支払",
    Deed.PAY_BACK: "返還",
    Deed.UNDO: "直前の手続きの取り消し",
}
ENDS = frozenset({State.REFUSED, State.WITHDRAWN, State.PAID, State.PAID_BACK})
"""Nothing is due any more."""
COUNTS = frozenset({State.GRANTED, State.REPORTED, State.SETTLED, State.PAID})
"""The city has granted it and has not had all of it back: it is on the maps, and takes its part of the budget."""
FAILED = ENDS - COUNTS
"""Nothing came of it: the same may be applied for again."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `due_on`: until when the next one is due; `words`: a reason; `paper_no`: number of the city's paper.

    `unknown_past`: entered from an old list, where a report or an amount asked for may be missing.
    """

    no: int
    deed: Deed
    day: date
    yen: int | None = None
    figures: Figures = field(default_factory=dict)
    participants: int | None = None
    due_on: date | None = None
    words: str | None = None
    paper_no: str | None = None
    unknown_past: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What the steps come to. Amounts in yen, None until there is one; `paid`: less what was paid back.

    `planned`: figures asked for or changed; `real`: those of the report. `steps`: those that were not taken back.
    """

    state: State
    steps: tuple[Step, ...]
    requested: int | None = None
    decided: int | None = None
    settled: int | None = None
    paid: int = 0
    planned: Figures = field(default_factory=dict)
    real: Figures = field(default_factory=dict)
    participants: int | None = None
    due_on: date | None = None

    @property
    def last(self) -> Step:
        return self.steps[-1]

    @property
    def counts(self) -> bool:
        """Whether the city grants it as far as is known."""
        return self.state in COUNTS

    @property
    def granted(self) -> int | None:
        """What the grant comes to by now: settled, else decided; None where there is none."""
        if not self.counts:
            return None
        return self.decided if self.settled is None else self.settled

    @property
    def to_pay(self) -> int:
        """What is still to be paid; below 0: to be paid back."""
        most = self.decided if self.settled is None else self.settled
        return (most or 0) - self.paid if self.counts else 0

    def overdue(self, today: date) -> bool:
        """Whether the next step is late."""
        return self.state not in ENDS and self.due_on is not None and self.due_on < today

    def day_of(self, deed: Deed) -> date | None:
        """Day of the newest step of that sort."""
        return next((step.day for step in reversed(self.steps) if step.deed is deed), None)


def effective(steps: Iterable[Step]) -> list[Step]:
    """Those that were not taken back, in order."""
    kept: list[Step] = []
    for step in steps:
        if step.deed is Deed.UNDO:
            kept.pop()
        else:
            kept.append(step)
    return kept


def standing(steps: Iterable[Step]) -> Standing:
    """What the steps come to; there is always a first one."""
    kept = effective(steps)
    now = Standing(State.CONSULTATION, ())
    for step in kept:
        now = _after(now, step)
    return now


def _after(now: Standing, step: Step) -> Standing:
    due = None if step.deed is Deed.PAY else step.due_on
    now = replace(now, steps=(*now.steps, step), due_on=due or _kept_due(now, step))
    match step.deed:
        case Deed.CONSULT:
            return replace(now, state=State.CONSULTATION)
        case Deed.APPLY:
            return replace(now, state=State.APPLIED, requested=step.yen, planned=step.figures)
        case Deed.GRANT:
            return replace(now, state=State.GRANTED, decided=step.yen)
        case Deed.CHANGE:
            return replace(now, decided=step.yen, planned={**now.planned, **step.figures})
        case Deed.REPORT:
            return replace(now, state=State.REPORTED, real=step.figures, participants=step.participants)
        case Deed.SETTLE:
            return _paid(replace(now, state=State.SETTLED, settled=step.yen))
        case Deed.PAY:
            return _paid(replace(now, paid=now.paid + (step.yen or 0)))
        case Deed.PAY_BACK:
            return _paid(replace(now, paid=now.paid - (step.yen or 0)), back=True)
        case _:
            state = State.REFUSED if step.deed is Deed.REFUSE else State.WITHDRAWN
            return replace(now, state=state)


def _kept_due(now: Standing, step: Step) -> date | None:
    """A payment in advance or a change leaves the deadline as it was."""
    return now.due_on if step.deed in (Deed.PAY, Deed.PAY_BACK, Deed.CHANGE) else None


def _paid(now: Standing, *, back: bool = False) -> Standing:
    if now.settled is not None and now.paid == now.settled:
        return replace(now, state=State.PAID, due_on=None)
    if back and now.paid == 0:
        return replace(now, state=State.PAID_BACK, due_on=None)
    return replace(now, state=State.SETTLED) if now.settled is not None else now


def allowed(now: Standing | None) -> tuple[Deed, ...]:
    """What may come next; None: the case is new."""
    if now is None:
        return (Deed.CONSULT, Deed.APPLY)
    found: list[Deed] = []
    match now.state:
        case State.CONSULTATION:
            found = [Deed.APPLY, Deed.WITHDRAW]
        case State.APPLIED:
            found = [Deed.GRANT, Deed.REFUSE, Deed.WITHDRAW]
        case State.GRANTED:
            found = [Deed.REPORT, Deed.CHANGE, Deed.PAY]
        case State.REPORTED:
            found = [Deed.SETTLE]
        case State.SETTLED:
            found = [Deed.PAY]
    if now.to_pay <= 0:
        found = [deed for deed in found if deed is not Deed.PAY]
    if now.paid > 0:
        found.append(Deed.PAY_BACK)
    elif now.state in (State.GRANTED, State.REPORTED, State.SETTLED):
        found.append(Deed.WITHDRAW)
    if len(now.steps) > 1:
        found.append(Deed.UNDO)
    return tuple(found)
