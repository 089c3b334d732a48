"""Works spread over the years so that no year costs more than its ceiling, moved as little as possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kyodo_geo.errors import InputError
from kyodo_geo.siting.answer import Answer, Clock, Status, impossible, judged
from kyodo_geo.siting.control import Control
from kyodo_geo.siting.programme import minimise


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
    from scipy.sparse import coo_matrix

    clock, control = Clock(), control or Control()
    wanted, earliest, latest = (np.asarray(values, dtype=int) for values in (wanted, earliest, latest))
    limits = np.broadcast_to(np.asarray(ceiling, dtype=float), (horizon,))
    if not len(costs) == len(wanted) == len(earliest) == len(latest) or (earliest > latest).any():
        raise InputError("工事ごとに、費用と希望年・最早年・最遅年を指定してください。", field="works")
    if np.isnan(limits).any() or any(
        not np.isfinite(part).all() or min(part, default=0) < 0 for part in map(np.asarray, costs)
    ):
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
    rows, columns, values = [work], [np.arange(len(work))], [np.ones(len(work))]
    for number, part in enumerate(costs):
        mine = np.flatnonzero(work == number)
        for step, amount in enumerate(part):
            at = year[mine] + step - base
            kept = at < horizon
            rows.append(len(costs) + at[kept])
            columns.append(mine[kept])
            values.append(np.full(int(kept.sum()), float(amount)))
    shape = (len(costs) + horizon, len(work))
    table = coo_matrix(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=shape
    ).tocsr()
    low = np.concatenate([np.ones(len(costs)), np.full(horizon, -np.inf)])
    high = np.concatenate([np.ones(len(costs)), limits])
    solved = minimise(price, table, low, high, control)
    if solved.infeasible:
        return Levelled(None, impossible(clock, "どの年に割り振っても、上限額を超える年が残ります。"))
    if solved.x is None:
        return Levelled(None, Answer(Status.UNKNOWN, None, None, seconds=clock.seconds))
    chosen = np.flatnonzero(solved.x > 0.5)
    begins = year[chosen]
    return Levelled(begins, judged(float(price[chosen].sum()), max(solved.bound, 0.0), (), clock))
