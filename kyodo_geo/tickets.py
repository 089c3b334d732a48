"""Tickets: a question to the city (取次) and a wish to join an association (加入申込の取次).

States, what may follow what, and who may do it. Both kinds are numbered in one row, so that a number on paper means
one thing.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from kyodo_geo.errors import ConflictError, InputError
from kyodo_geo.roles import Role


class Kind(StrEnum):
    """What a ticket is."""

    REFERRAL = "referral"
    WISH = "wish"

    @property
    def label(self) -> str:
        return {Kind.REFERRAL: "質問の取次", Kind.WISH: "加入の取次"}[self]


class State(StrEnum):
    """Where a ticket stands; the values are those of the database."""

    RECEIVED = "received"
    PASSED_ON = "passed-on"
    ANSWERED = "answered"
    CLOSED = "closed"
    JOINED = "joined"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    State.RECEIVED: "受付",
    State.PASSED_ON: "確認中（つなぎ済み）",
    State.ANSWERED: "回答済み",
    State.CLOSED: "終了",
    State.JOINED: "加入",
    State.DECLINED: "加入に至らず",
    State.WITHDRAWN: "取り下げ",
}

TRANSITIONS: dict[Kind, dict[State, tuple[State, ...]]] = {
    Kind.REFERRAL: {
        State.RECEIVED: (State.PASSED_ON, State.ANSWERED, State.CLOSED),
        State.PASSED_ON: (State.ANSWERED, State.CLOSED),
        State.ANSWERED: (State.CLOSED,),
    },
    Kind.WISH: {
        State.RECEIVED: (State.PASSED_ON, State.WITHDRAWN),
        State.PASSED_ON: (State.JOINED, State.DECLINED, State.WITHDRAWN),
    },
}

WAITING = frozenset({State.RECEIVED, State.PASSED_ON})
"""The city still owes something: only these can be overdue."""

ENDS = frozenset({State.CLOSED, State.JOINED, State.DECLINED, State.WITHDRAWN})
"""Nothing follows; the time until erasing runs from here."""

HANDLERS = frozenset({Role.PLANNER, Role.CENTRE_STAFF, Role.ADMINISTRATOR})
"""Staff who work on tickets and so see what was entered with consent. Others of the staff have no need to."""

ERASERS = frozenset({Role.PLANNER, Role.ADMINISTRATOR})
"""Staff who may erase at once, on the person's request."""

COUNT_READERS = frozenset({Role.FEDERATION, *HANDLERS, Role.DISTRICT_OFFICER})
"""Who may read how many wished to join and joined, without any person."""

FIRST_YEAR = 2021
"""First year whose figures of lookups, leaflets and tickets are offered; there were none before."""

COUNTER = "counter"
"""Channel of what the city's counters enter."""

PURPOSE = "町内会・自治会への加入の相談を、市を通じて町内会・自治会につなぎ、結果を確かめるため"
"""What the personal fields of a wish may be used for: shown before the person agrees, and stored with the wish."""


def following(kind: Kind, state: State) -> tuple[State, ...]:
    """States that may come next, in the order they are offered."""
    return TRANSITIONS[kind].get(state, ())


def check_change(kind: Kind, state: State, to: State, *, answer: str | None) -> None:
    """Raise ConflictError when `to` may not follow `state`, InputError when an answer is missing or has no place."""
    if to not in following(kind, state):
        raise ConflictError(
            f"「{state.label}」から「{to.label}」には変えられません。画面を開き直して、今の状態を確かめてください。"
        )
    if to is State.ANSWERED and not answer:
        raise InputError("回答を書いてください。", field="answer")
    if answer and to not in (State.ANSWERED, State.CLOSED):
        raise InputError("回答は、「回答済み」か「終了」にするときだけ書けます。", field="answer")
    if answer and state is State.ANSWERED:
        raise InputError("回答は 1 回だけ書けます。続きは、新しい取次としてお願いします。", field="answer")
    if answer and kind is not Kind.REFERRAL:
        raise InputError("加入の取次には、回答の欄はありません。", field="answer")


def erased_on_request(
    closed_at: datetime | None,
    erased_at: datetime | None,
    keep_days: int,
    *,
    moved_at: datetime,
    open_days: int,
) -> bool:
    """Whether a ticket was erased before its time, which only somebody's wish does.

    Its time is `keep_days` after its end, or where it never ended `open_days` after `moved_at`, when it last moved.
    """
    if erased_at is None:
        return False
    since, days = (moved_at, open_days) if closed_at is None else (closed_at, keep_days)
    return erased_at - since < timedelta(days=days)


def channel(roles: Collection[Role], office_id: str | None) -> str:
    """Where a ticket comes from: `partner` for an office, `counter` for the city's counters, else `page`."""
    if office_id:
        return "partner"
    return COUNTER if not frozenset(roles).isdisjoint({Role.COUNTER, *HANDLERS}) else "page"
