"""Which houses together: the exact choice of k or within a budget (MCLP), at most one per association. Needs scipy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kyodo_geo.errors import InputError
from kyodo_geo.siting.answer import Answer, Status
from kyodo_geo.siting.control import Control
from kyodo_geo.siting.mclp import mclp
from kyodo_geo.siting.rules import Rules
from kyodo_geo.vacancy.near import Near


@dataclass(frozen=True, slots=True)
class Chosen:
    """One house of the choice. `adds`: weight it alone covers among the chosen. `instead`: houses that come in for it when
    it is left out (their numbers), `gap`: weight lost then; None where that was not proven."""

    house: int
    adds: float
    instead: tuple[int, ...]
    gap: float | None


@dataclass(frozen=True, slots=True)
class Selection:
    """`weight` newly covered by `chosen` together, `bound` what no choice can exceed; `status` claims no more than was proven."""

    status: Status
    weight: float | None
    bound: float | None
    chosen: tuple[Chosen, ...] = ()
    cells: np.ndarray | None = None
    reasons: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def gap(self) -> float | None:
        """(bound − weight) ÷ weight, None where one is missing."""
        if self.weight is None or self.bound is None:
            return None
        return 0.0 if self.weight == self.bound else (self.bound - self.weight) / max(self.weight, 1e-9)


def select(
    near: Near,
    radius: float,
    covered: np.ndarray,
    people: np.ndarray,
    weights: Sequence[float],
    allowed: Sequence[bool] | np.ndarray,
    groups: Sequence[int] | np.ndarray,
    *,
    count: int | None = None,
    budget: float | None = None,
    prices: Sequence[float] | np.ndarray | None = None,
    control: Control | None = None,
) -> Selection:
    """Of the `allowed` houses at most `count`, or such that their `prices` stay within `budget`.

    Cells that are `covered` count for nothing: the halls and facilities there are fixed. `groups`: at most one house of each
    (−1: of none). Houses that add nobody are left out of the answer. Raises `InputError` unless one of count and budget
    is given.
    """
    if (count is None) == (budget is None):
        raise InputError("選ぶ数と予算のどちらか一方を指定してください。", field="count")
    if count is not None and count < 1:
        raise InputError("選ぶ数は1以上の整数で指定してください。", field="count")
    covered = np.asarray(covered, dtype=bool)
    houses = np.flatnonzero(np.asarray(allowed, dtype=bool))
    own = np.asarray(groups, dtype=int)[houses]
    value = np.asarray(people, dtype=float) @ np.asarray(weights, dtype=float)
    if not len(houses):
        return Selection(Status.INFEASIBLE, None, None, reasons=("条件に合う空き家がありません。",))
    reach = [near.within(int(house), radius) for house in houses]
    cells = np.unique(np.concatenate(reach)) if reach else np.zeros(0, dtype=int)
    cells = cells[~covered[cells] & (value[cells] > 0)]
    if not len(cells):
        return Selection(
            Status.OPTIMAL, 0.0, 0.0, cells=np.zeros(0, dtype=int),
            reasons=("新しく届くようになる人のいる空き家がありません。",),
        )  # fmt: skip
    within = np.zeros((len(cells), len(houses)), dtype=bool)
    for place, found in enumerate(reach):
        within[np.searchsorted(cells, found[np.isin(found, cells)]), place] = True
    asked = _Asked(
        within,
        value[cells],
        own,
        count,
        budget,
        None if prices is None else np.asarray(prices, dtype=float)[houses],
        control,
    )
    answer = asked.solved()
    if answer.objective is None:
        return Selection(answer.status, None, answer.bound, reasons=answer.reasons, seconds=answer.seconds)
    chosen = _useful(within, value[cells], list(answer.open))
    return Selection(
        answer.status,
        answer.objective,
        answer.bound,
        tuple(_told(asked, chosen, place, answer.objective, houses) for place in chosen),
        cells[within[:, chosen].any(axis=1)] if chosen else cells[:0],
        answer.reasons,
        answer.seconds,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """Cells × houses with the weight of the cells, and what may be chosen."""

    within: np.ndarray
    value: np.ndarray
    groups: np.ndarray
    count: int | None
    budget: float | None
    prices: np.ndarray | None
    control: Control | None

    def solved(self, without: int | None = None) -> Answer:
        """The best choice, also without one of the houses."""
        free = np.ones(len(self.groups), dtype=bool)
        if without is not None:
            free[without] = False
        own = self.groups[free]
        most = len(np.unique(own[own >= 0])) + int((own < 0).sum())
        return mclp(
            np.where(self.within, 0.0, 1.0),
            0.5,
            self.value,
            Rules(
                p=None if self.count is None else min(self.count, most),
                budget=self.budget,
                prices=None if self.count is not None else self.prices,
                forbidden=() if without is None else (without,),
                groups=self.groups,
            ),
            self.control,
        )


def _useful(within: np.ndarray, value: np.ndarray, chosen: list[int]) -> list[int]:
    """Without the houses whose cells the others cover as well; of equal ones the last goes."""
    for place in sorted(chosen, reverse=True):
        rest = [other for other in chosen if other != place]
        alone = within[:, place] & ~within[:, rest].any(axis=1)
        if not value[alone].sum() > 0:
            chosen = rest
    return chosen


def _told(asked: _Asked, chosen: list[int], place: int, best: float, houses: np.ndarray) -> Chosen:
    rest = [other for other in chosen if other != place]
    adds = float(asked.value[asked.within[:, place] & ~asked.within[:, rest].any(axis=1)].sum())
    if len(asked.groups) == 1:
        return Chosen(int(houses[place]), adds, (), best)
    other = asked.solved(place)
    if other.objective is None or other.status is not Status.OPTIMAL:
        return Chosen(int(houses[place]), adds, (), None)
    new = [at for at in _useful(asked.within, asked.value, list(other.open)) if at not in chosen]
    return Chosen(int(houses[place]), adds, tuple(int(houses[at]) for at in new), best - other.objective)
