"""Works spread over the years so that no year costs more than its ceiling, moved as little as possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kyodo_geo.errors import InputError
from kyodo_geo.siting.answer import Answer, Clock, Status, impossible, judged
from kyodo_geo.siting.control import Control
from kyodo_geo.siting.programme import minimise

TOLERANCE = 4e-6
"""HiGHS keeps a row of the model to 1e-6 of its unit."""


@dataclass(frozen=True, slots=True)
class Levelled:
    """`begins` (works): the first year of each, None without an answer; `answer` has status, objective, bound and gap."""

    begins: np.ndarray | None
    answer: Answer


def level(
    costs: Sequence[Sequence[float]],
    wanted: Sequence[int] | np.ndarray,
    earliest: Sequence[int] | np.ndarray,
    latest: Sequence[int] | np.ndarray,
    ceiling: float | Sequence[float],
    *,
    base: int,
    horizon: int = 40,
    control: Control | None = None,
) -> Levelled:
    """First years of works with instalments `costs`, each within earliest … latest, so that each year keeps its ceiling.

    Minimised is Σ cost × years moved from `wanted`. Instalments after the horizon count for no year. Infeasible is proven.
    Raises `InputError`.
    """
    clock, control = Clock(), control or Control()
    problem = _Problem.of(costs, wanted, earliest, latest, base, horizon)
    limits = np.broadcast_to(np.asarray(ceiling, dtype=float), (horizon,))
    if np.isnan(limits).any() or (limits < 0).any():
        raise InputError("費用と上限額は、0以上の数で指定してください。", field="costs")
    count = len(problem.totals)
    low = np.concatenate([np.ones(count), np.full(horizon, -np.inf)])
    high = np.concatenate([np.ones(count), limits])
    solved = minimise(problem.price, problem.table(), low, high, control)
    if solved.infeasible:
        return Levelled(None, impossible(clock, "どの年に割り振っても、上限額を超える年が残ります。"))
    if solved.x is None:
        return Levelled(None, Answer(Status.UNKNOWN, None, None, seconds=clock.seconds))
    chosen = np.flatnonzero(solved.x > 0.5)
    return Levelled(
        problem.year[chosen], judged(float(problem.price[chosen].sum()), max(solved.bound, 0.0), (), clock)
    )


def least_ceiling(
    costs: Sequence[Sequence[float]],
    wanted: Sequence[int] | np.ndarray,
    earliest: Sequence[int] | np.ndarray,
    latest: Sequence[int] | np.ndarray,
    *,
    base: int,
    horizon: int = 40,
    control: Control | None = None,
) -> Levelled:
    """The least amount that no year exceeds, whatever is moved within earliest … latest; `answer.objective` is that amount.

    Proven to `TOLERANCE` of the largest instalment. Raises `InputError`. Nothing to be done costs 0.
    """
    from scipy.sparse import csr_matrix, hstack, vstack

    clock, control = Clock(), control or Control()
    problem = _Problem.of(costs, wanted, earliest, latest, base, horizon)
    count, size = len(problem.totals), len(problem.year)
    if not count:
        return Levelled(problem.year, judged(0.0, 0.0, (), clock))
    # In units of the largest instalment, so that the solver's tolerances fit; the last variable is the ceiling.
    scale = max(float(problem.amount.max(initial=0.0)), 1.0)
    full = problem.table()
    spent = hstack([full[count:] / scale, csr_matrix(-np.ones((horizon, 1)))])
    rows = vstack([hstack([full[:count], csr_matrix((count, 1))]), spent])
    low = np.concatenate([np.ones(count), np.full(horizon, -np.inf)])
    high = np.concatenate([np.ones(count), np.zeros(horizon)])
    most = problem.totals.sum() / scale + 1.0
    solved = minimise(
        np.concatenate([np.zeros(size), [1.0]]), rows, low, high, control,
        whole=np.concatenate([np.ones(size), [0.0]]), upper=np.concatenate([np.ones(size), [most]]),
    )  # fmt: skip
    if solved.x is None:
        return Levelled(None, Answer(Status.UNKNOWN, None, None, seconds=clock.seconds))
    chosen = np.flatnonzero(solved.x[:-1] > 0.5)
    begins = problem.year[chosen]
    peak = float(by_year(costs, begins, base, horizon).max(initial=0.0))
    bound = min(max(solved.bound, 0.0) * scale, peak)
    if peak - bound <= TOLERANCE * scale:
        bound = peak
    return Levelled(begins, judged(peak, bound, (), clock))


def by_year(
    costs: Sequence[Sequence[float]], begins: Sequence[int] | np.ndarray, base: int, horizon: int
) -> np.ndarray:
    """What each year costs when the works begin in `begins`; instalments after the horizon count for no year."""
    spent = np.zeros(horizon)
    for part, first in zip(costs, np.asarray(begins, dtype=int).tolist(), strict=True):
        for step, amount in enumerate(part):
            if first - base + step < horizon:
                spent[first - base + step] += amount
    return spent


def pressing(
    costs: Sequence[Sequence[float]],
    earliest: Sequence[int] | np.ndarray,
    latest: Sequence[int] | np.ndarray,
    base: int,
    horizon: int,
) -> tuple[int, int, float] | None:
    """(first year, last year, yen) of the span whose years cost most on average whatever is moved; None without works.

    What must be paid in the span, divided by its years, is an amount that no ceiling can be below: a proof that a
    person can add up. It need not be the best one.
    """
    must = np.zeros((horizon, horizon))
    for part, first, last in zip(costs, earliest, latest, strict=True):
        paid = np.concatenate([[0.0], np.cumsum(np.asarray(part, dtype=float))])
        begins = np.arange(int(first), int(last) + 1) - base
        for start in range(horizon):
            # Paid before the span begins, by each beginning; then what falls between it and every end.
            before = paid[np.clip(start - begins, 0, len(part))]
            ends = np.arange(start, horizon)[:, None] + 1
            inside = paid[np.clip(ends - begins[None, :], 0, len(part))] - before[None, :]
            must[start, start:] += np.maximum(inside, 0.0).min(axis=1)
    length = np.arange(horizon)[None, :] - np.arange(horizon)[:, None] + 1
    mean = np.where(length > 0, must / np.maximum(length, 1), 0.0)
    if not must.any():
        return None
    at = np.unravel_index(int(mean.argmax()), mean.shape)
    return base + int(at[0]), base + int(at[1]), float(must[at])


@dataclass(frozen=True, slots=True)
class _Problem:
    """One variable per work and year in which it may begin: `work`, `year`, `price` (variables); `totals` (works).

    `amount`, `row`, `column` are the instalments: yen, year counted from the base, variable.
    """

    work: np.ndarray
    year: np.ndarray
    price: np.ndarray
    totals: np.ndarray
    amount: np.ndarray
    row: np.ndarray
    column: np.ndarray
    horizon: int

    @classmethod
    def of(
        cls,
        costs: Sequence[Sequence[float]],
        wanted: Sequence[int] | np.ndarray,
        earliest: Sequence[int] | np.ndarray,
        latest: Sequence[int] | np.ndarray,
        base: int,
        horizon: int,
    ) -> _Problem:
        """Raises `InputError`."""
        wanted, earliest, latest = (np.asarray(values, dtype=int) for values in (wanted, earliest, latest))
        if not len(costs) == len(wanted) == len(earliest) == len(latest) or (earliest > latest).any():
            raise InputError("工事ごとに、費用と希望年・最早年・最遅年を指定してください。", field="works")
        if any(not np.isfinite(part).all() or min(part, default=0) < 0 for part in map(np.asarray, costs)):
            raise InputError("費用と上限額は、0以上の数で指定してください。", field="costs")
        if (earliest < base).any() or (latest >= base + horizon).any():
            raise InputError("工事の年は、期間の中で指定してください。", field="works")
        spans = latest - earliest + 1
        work = np.repeat(np.arange(len(costs)), spans)
        year = (
            np.concatenate([np.arange(a, b + 1) for a, b in zip(earliest, latest, strict=True)])
            if len(costs)
            else work
        )
        totals = np.array([float(sum(part)) for part in costs])
        price = np.abs(year - wanted[work]) * totals[work] if len(costs) else np.zeros(0)
        amounts, rows, columns = [np.zeros(0)], [np.zeros(0, dtype=int)], [np.zeros(0, dtype=int)]
        first = np.concatenate([[0], np.cumsum(spans)])
        for number, part in enumerate(costs):
            mine = np.arange(first[number], first[number + 1])
            for step, amount in enumerate(part):
                at = year[mine] + step - base
                kept = at < horizon
                rows.append(at[kept])
                columns.append(mine[kept])
                amounts.append(np.full(int(kept.sum()), float(amount)))
        return cls(
            work, year, price, totals, np.concatenate(amounts), np.concatenate(rows), np.concatenate(columns), horizon
        )  # fmt: skip

    def table(self) -> Any:
        """Rows: each work begins once; then what each year costs. Sparse, works + horizon × variables."""
        from scipy.sparse import coo_matrix

        values = np.concatenate([np.ones(len(self.work)), self.amount])
        rows = np.concatenate([self.work, len(self.totals) + self.row])
        columns = np.concatenate([np.arange(len(self.work)), self.column])
        shape = (len(self.totals) + self.horizon, len(self.work))
        return coo_matrix((values, (rows, columns)), shape=shape).tocsr()
