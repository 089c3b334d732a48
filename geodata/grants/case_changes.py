"""Entering and changing cases of grants whole: the change itself, what it is weighed by, and what the maps read. `STAFF`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Any

from geodata.database import Connection
from geodata.edits.history import hold
from geodata.grants import cases
from geodata.grants.budgets import left, lock
from geodata.grants.case_rules import Weighed, weigh
from geodata.grants.cases import Beside, Case
from geodata.grants.feeding import feed, sum_up, take_back
from geodata.queries.generation import Ref
from kyodo_geo.errors import InputError
from kyodo_geo.grants.case_checks import DECIDES, checked, doubts, excess
from kyodo_geo.grants.case_fields import NOUN
from kyodo_geo.grants.cases import FAILED, Deed, Standing, Step
from kyodo_geo.records import Facts, Kind

WEIGHED = frozenset({Deed.APPLY, Deed.GRANT, Deed.CHANGE, Deed.REPORT, Deed.SETTLE})
"""Steps that keep what the rule says of them."""
TWIN = "取り消すと、同じ案件が 2 件になります（第{no}号）。先に、どちらかの名前か始まりの日を直して、区別してください。"


def enter(
    conn: Connection, ref: Ref, kind: Kind, facts: Facts, first: list[Step], *, today: date, actor: str
) -> int:  # fmt: skip
    """A new case with its first steps; returns its number. Of an old list, nothing is weighed."""
    kept = [
        (
            step,
            Beside()
            if step.unknown_past
            else beside_of(step.deed, weigh(conn, ref, kind.key, facts, step, [], None)),
        )
        for step in first
    ]
    no = cases.add(conn, ref.municipality_code, kind, facts, kept, today=today, actor=actor)
    feed(conn, ref.municipality_code, no, actor=actor)
    return no


def correct(conn: Connection, ref: Ref, no: int, new: Facts, *, version: str, actor: str) -> None:
    """Put a case's own facts right. Raises InputError, EditConflictError, NotFoundError."""
    code = ref.municipality_code
    case = cases.correct(conn, code, no, new, version=version, actor=actor)
    if new == case.facts:
        return
    if new.get("linked_id") != case.facts.get("linked_id"):
        take_back(conn, code, case, actor=actor)
    cases.write(conn, code, case, new, actor=actor)
    feed(conn, code, no, actor=actor)
    if case.scheme == "community" and new["district_no"] != case.facts["district_no"]:
        sum_up(conn, code, int(case.facts["district_no"]), case.year)


def take_step(
    conn: Connection, ref: Ref, no: int, step: Step, *, ticked: Collection[int] = (), answered: str | None = None,
    version: str, today: date, actor: str,
) -> Standing:  # fmt: skip
    """The next step of a case (its number is given here).

    Raises InputError (`answered` where doubts have no answer), ConflictError, EditConflictError, NotFoundError.
    """
    code = ref.municipality_code
    case = cases.held(conn, code, no, version)
    step = replace(step, no=len(case.kept) + 1)
    before = case.standing
    after = checked(case.steps, step, case.year, today)
    beside = Beside()
    if step.deed in WEIGHED:
        beside = _weighed(conn, ref, case, step, before, after, ticked, answered)
    elif step.deed is Deed.UNDO:
        beside = _undone(conn, ref, case, before, after, answered)
    now = cases.add_step(conn, code, case, step, beside, today=today, actor=actor)
    feed(conn, code, no, actor=actor)
    return now


def _weighed(
    conn: Connection, ref: Ref, case: Case, step: Step, before: Standing, after: Standing, ticked: Collection[int],
    answered: str | None,
) -> Beside:  # fmt: skip
    found = weigh(
        conn,
        ref,
        case.scheme,
        case.facts,
        step,
        case.steps,
        case.no,
        ticked=ticked,
        by=rule_of_decision(case),
    )
    over = _over(conn, ref, case, before, after) if step.deed in DECIDES else 0
    against = doubts(step, before, found.calculation.total, found.calculation.reasons, found.judged, over)
    _asked(against, answered)
    return beside_of(step.deed, found, against, answered)


def _undone(
    conn: Connection, ref: Ref, case: Case, before: Standing, after: Standing, answered: str | None
) -> Beside:
    """A step taken back may grant again: what else came meanwhile, and the budget, are looked at as for a decision."""
    code = ref.municipality_code
    if before.state in FAILED and after.state not in FAILED:
        hold(conn, code, f"{NOUN}s")
        no = cases.twin(conn, code, case.kind, case.facts, case.no)
        if no is not None:
            raise InputError(TWIN.format(no=no), field="words")
    if (after.granted or 0) <= (before.granted or 0):
        return Beside()
    against = excess(_over(conn, ref, case, before, after))
    _asked(against, answered)
    return Beside(doubts=list(against), answered=answered) if against else Beside()


def _asked(against: tuple[str, ...], answered: str | None) -> None:
    if against and not answered:
        raise InputError(
            f"{'。'.join(against)}。このまま進めるときは、理由を入力してください。",
            field="answered",
            shown=against,
        )


def rule_of_decision(case: Case) -> dict[str, Any] | None:
    """The rule that the decision went by: what was decided is settled by the same rule."""
    kept = case.weighed_at(Deed.GRANT)
    return None if kept is None else kept.rule


def _over(conn: Connection, ref: Ref, case: Case, before: Standing, after: Standing) -> int:
    """By how much the budget is exceeded once the step is taken, yen; 0 where none is entered. Locks the budget."""
    lock(conn, ref.municipality_code, case.scheme, case.year)
    rest = left(conn, ref.municipality_code, case.scheme, case.year)
    if rest is None:
        return 0
    return max(0, (after.granted or 0) - (before.granted or 0) - rest)


def beside_of(
    deed: Deed, found: Weighed, against: Collection[str] = (), answered: str | None = None
) -> Beside:
    """What is kept beside a step that was weighed; conditions are judged until the decision."""
    judged = found.conditions() if deed in (Deed.APPLY, *DECIDES) else None
    return Beside(found.rule, found.kept(), judged, list(against) or None, answered if against else None)
