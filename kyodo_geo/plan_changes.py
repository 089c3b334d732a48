"""Changes to the dated states of a district's plan: which state may follow which, and how periods follow.

A state holds until the next one begins, so nobody enters an end. All functions take and give the whole history of one
district (`PlanRecord`s) and change nothing of what they are given.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from kyodo_geo.dates import date_label
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.plan_states import PlanRecord, PlanState, in_order

FOLLOWING: Mapping[PlanState, frozenset[PlanState]] = {
    PlanState.NONE: frozenset({PlanState.NONE, PlanState.IN_PREPARATION, PlanState.ADOPTED}),
    PlanState.IN_PREPARATION: frozenset({PlanState.NONE, PlanState.ADOPTED}),
    PlanState.ADOPTED: frozenset({PlanState.REVISED, PlanState.EXPIRED}),
    PlanState.REVISED: frozenset({PlanState.REVISED, PlanState.EXPIRED}),
    PlanState.EXPIRED: frozenset({PlanState.NONE, PlanState.IN_PREPARATION, PlanState.ADOPTED}),
}
"""State → states that may come next. A history may begin with any: what went before it may be unknown.

未策定 may follow itself, because what a district does instead changes. A plan that ran out is followed by a new one, not by
a revision of it; one in force ends before there is none.
"""


def may_follow(state: PlanState | None) -> list[PlanState]:
    """States that may come after `state` (None: no history yet), in the order of the workflow."""
    return [following for following in PlanState if state is None or following in FOLLOWING[state]]


def add(records: Iterable[PlanRecord], new: PlanRecord) -> list[PlanRecord]:
    """The history with one more state, under the next free number. Raises InputError with `field`."""
    old = list(records)
    number = max((record.record_no for record in old), default=0) + 1
    return _joined(old, [*old, replace(new, record_no=number, valid_to=None)], number)


def correct(records: Iterable[PlanRecord], record_no: int, new: PlanRecord) -> list[PlanRecord]:
    """The history with one state put right. Raises InputError with `field`, NotFoundError."""
    old = list(records)
    before = _find(old, record_no)
    changed = replace(new, record_no=record_no, valid_to=before.valid_to)
    return _joined(old, [changed if record is before else record for record in old], record_no)


def withdraw(records: Iterable[PlanRecord], record_no: int) -> list[PlanRecord]:
    """The history without a state entered by mistake; the one before it holds on. Raises InputError, NotFoundError."""
    old = list(records)
    gone = _find(old, record_no)
    return _joined(old, [record for record in old if record is not gone], None)


def _find(records: Sequence[PlanRecord], record_no: int) -> PlanRecord:
    found = next((record for record in records if record.record_no == record_no), None)
    if found is None:
        raise NotFoundError("この記録はありません。取り消されたかもしれません。", record_no=record_no)
    return found


def _joined(old: list[PlanRecord], new: list[PlanRecord], touched: int | None) -> list[PlanRecord]:
    """`new` in order with ends that meet the next beginning; ends that met none before stay where they were."""
    ordered = list(in_order(new))
    met = {record.valid_from for record in old if record.valid_from is not None}
    for before, after in itertools.pairwise(ordered):
        _check(before, after, touched)
    found = []
    for place, record in enumerate(ordered):
        own = record.valid_to if record.valid_to not in met else None
        following = ordered[place + 1].valid_from if place + 1 < len(ordered) else None
        ends = [day for day in (own, following) if day is not None]
        end = min(ends, default=None)
        if end is not None and record.valid_from is not None and end <= record.valid_from:
            raise InputError("始まりの日が、この記録の終わりの日より後になっています。", field="valid_from")
        found.append(replace(record, valid_to=end))
    return found


def _check(before: PlanRecord, after: PlanRecord, touched: int | None) -> None:
    if after.valid_from is None:
        raise InputError(
            "始まりの日が不明な記録は、地区に 1 件だけ、いちばん前に置けます。日付を入力してください。",
            field="valid_from",
        )
    if after.valid_from == before.valid_from:
        raise InputError(f"{_day(after.valid_from)}に始まる記録が、もうあります。", field="valid_from")
    if before.stated_on is not None and after.valid_from <= before.stated_on:
        raise InputError(
            f"{_day(before.stated_on)}の時点で「{before.state.label}」だったという記録があります。"
            "それより後の日付にしてください。",
            field="valid_from",
        )
    if after.state not in FOLLOWING[before.state]:
        allowed = "・".join(state.label for state in may_follow(before.state))
        place = "前の" if touched == after.record_no else "次の" if touched == before.record_no else "残る"
        raise InputError(
            f"「{before.state.label}」の次を「{after.state.label}」にはできません（{place}記録との順です）。"
            f"「{before.state.label}」の次にできるのは、{allowed}です。",
            field="state",
        )


def _day(day: date) -> str:
    return date_label(day).partition("(")[0]
